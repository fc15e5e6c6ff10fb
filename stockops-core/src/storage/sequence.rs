//! `Sequence`: one value that changes step by step, so that no writer overwrites what he has not read.

use std::hash::{BuildHasher, RandomState};
use std::marker::PhantomData;
use std::path::PathBuf;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Key, Storage, json};
use crate::error::Result;

/// States that stay beside the newest, for readers that have listed and not yet read.
const KEPT: usize = 2;

/// Writers that a state remembers: more than can write between two steps of one call.
const WRITERS: usize = 64;

/// Digits of a number, so that the order of names is that of numbers.
const DIGITS: usize = 10;

/// A value that changes step by step. Its states are numbered objects, `0000000001.json` and so on, in a folder of their
/// own. They are only ever created; the newest is the value, and old ones are removed.
///
/// To change the value is to create the next number: of two writers who read the same state one succeeds, and the other
/// reads again. Each state names its last writers by words that no two calls share, so that a writer whose answer was lost
/// finds out that his change is in. No lock is taken, so none is missed where the storage is a bucket.
///
/// # Example
///
/// ```
/// use stockops_core::storage::{Key, MemoryStorage, Sequence};
///
/// let storage = MemoryStorage::new();
/// let count: Sequence<'_, u32> = Sequence::new(&storage, Key::new("visits")?);
/// for _ in 0..3 {
///     count.change(|now| Ok((Some(now.unwrap_or(0) + 1), ())))?;
/// }
/// assert_eq!(count.newest()?, Some(3));
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Sequence<'a, T> {
    storage: &'a dyn Storage,
    folder: Key,
    value: PhantomData<fn() -> T>,
}

/// One state, as it is stored.
#[derive(Debug, Serialize, Deserialize)]
struct State<T> {
    /// Who made this state and those before it, newest last.
    writers: Vec<String>,
    value: T,
}

/// How far a writer came.
enum Progress {
    /// His change is in.
    Done,
    /// Another was faster, or his number is one of those that were removed, which nobody reads.
    Overtaken,
    /// Nothing was written.
    None,
}

impl<'a, T: Serialize + DeserializeOwned> Sequence<'a, T> {
    /// The sequence in `folder`, which is to hold nothing else.
    pub fn new(storage: &'a dyn Storage, folder: Key) -> Self {
        Self { storage, folder, value: PhantomData }
    }

    /// The value; `None` before the first change.
    ///
    /// # Errors
    ///
    /// [`Error::File`](crate::Error::File) where the newest state is broken; those of the storage.
    pub fn newest(&self) -> Result<Option<T>> {
        Ok(self.read()?.1.map(|state| state.value))
    }

    /// Where the newest state is, for messages; before the first change where states will be.
    pub fn place(&self) -> Result<PathBuf> {
        Ok(match self.numbers()?.last() {
            Some(number) => self.storage.place(&self.key(*number)?),
            None => self.storage.place(&self.folder),
        })
    }

    /// Change the value. `edit` gets it and returns the next one, or `None` to leave it, and what the caller wants to know.
    ///
    /// `edit` is called again where another writer was faster. When the call succeeds, its change is in exactly once.
    ///
    /// # Errors
    ///
    /// Those of `edit`, and then nothing is written; those of [`newest`](Self::newest) and of the storage. A broken state
    /// is never followed by another.
    pub fn change<R>(&self, mut edit: impl FnMut(Option<T>) -> Result<(Option<T>, R)>) -> Result<R> {
        let writer = unique_word();
        loop {
            let (number, state) = self.read()?;
            let (mut writers, value) = state.map_or((Vec::new(), None), |state| (state.writers, Some(state.value)));
            let (next, result) = edit(value)?;
            let Some(value) = next else { return Ok(result) };
            writers.push(writer.clone());
            writers.drain(..writers.len().saturating_sub(WRITERS));
            let key = self.key(number + 1)?;
            let bytes = json::write(&self.storage.place(&key), &State { writers, value })?;
            let written = self.storage.create(&key, &bytes);
            match (self.progress(number + 1, &writer, matches!(written, Ok(true))), written) {
                (Ok(Progress::Done), _) => return Ok(result),
                (Ok(Progress::Overtaken), _) | (Ok(_), Ok(_)) => {}
                // Who cannot look believes the answer that he got.
                (Err(_), Ok(true)) => return Ok(result),
                (_, Err(error)) | (Err(error), _) => return Err(error),
            }
        }
    }

    /// How far `writer` came who tried to create `number`; old states are removed when he is done. `created` says that he
    /// was told so, which settles it where no later state is there.
    fn progress(&self, number: u64, writer: &String, created: bool) -> Result<Progress> {
        let numbers = self.numbers()?;
        let newest = numbers.last().copied().unwrap_or(0);
        let is_in = || Ok(self.read()?.1.is_some_and(|state| state.writers.contains(writer)));
        if !(created && newest == number || is_in()?) {
            return Ok(if newest < number { Progress::None } else { Progress::Overtaken });
        }
        for old in &numbers[..numbers.len().saturating_sub(KEPT + 1)] {
            // What is left over is removed after the next change.
            let _ = self.storage.remove(&self.key(*old)?);
        }
        Ok(Progress::Done)
    }

    /// The newest state and its number; 0 before the first change.
    fn read(&self) -> Result<(u64, Option<State<T>>)> {
        loop {
            let Some(number) = self.numbers()?.last().copied() else { return Ok((0, None)) };
            let key = self.key(number)?;
            // Where it is gone there are newer ones.
            if let Some(bytes) = self.storage.get(&key)? {
                return Ok((number, Some(json::read(&self.storage.place(&key), &bytes)?)));
            }
        }
    }

    /// The numbers of the states that are there, in order.
    fn numbers(&self) -> Result<Vec<u64>> {
        let number = |name: &String| name.strip_suffix(".json").filter(|word| word.len() == DIGITS)?.parse().ok();
        Ok(self.storage.list(&self.folder)?.iter().filter_map(number).collect())
    }

    fn key(&self, number: u64) -> Result<Key> {
        self.folder.join(format_args!("{number:0DIGITS$}.json"))
    }
}

/// A word that no other call has, in any process.
pub(crate) fn unique_word() -> String {
    // The keys of a `RandomState` are random in each thread, and differ from one to the next.
    let word = || RandomState::new().hash_one(std::process::id());
    format!("{:016x}{:016x}", word(), word())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    fn add(count: &Sequence<'_, u32>) -> Result<u32> {
        count.change(|now| Ok((Some(now.unwrap_or(0) + 1), now.unwrap_or(0) + 1)))
    }

    #[test]
    fn only_the_newest_states_stay() {
        let storage = MemoryStorage::new();
        let folder = Key::new("count").unwrap();
        let count = Sequence::new(&storage, folder.clone());
        assert_eq!((count.newest().unwrap(), count.place().unwrap()), (None, "memory:count".into()));
        for wanted in 1..=12 {
            assert_eq!(add(&count).unwrap(), wanted);
        }
        assert_eq!(storage.list(&folder).unwrap(), ["0000000010.json", "0000000011.json", "0000000012.json"]);
        assert_eq!(count.place().unwrap(), PathBuf::from("memory:count/0000000012.json"));
    }

    #[test]
    fn nothing_is_written_where_nothing_changes_or_the_edit_fails() {
        let storage = MemoryStorage::new();
        let folder = Key::new("count").unwrap();
        let count: Sequence<'_, u32> = Sequence::new(&storage, folder.clone());
        assert_eq!(count.change(|_| Ok((None, "left"))).unwrap(), "left");
        assert!(count.change(|_| Err::<(Option<u32>, ()), _>(crate::Error::Cancelled)).is_err());
        assert!(storage.list(&folder).unwrap().is_empty());
    }

    /// A writer that slept while others went on: his number was removed in the meantime, so it can be created again.
    #[test]
    fn a_writer_who_slept_through_many_changes_overwrites_none() {
        let storage = MemoryStorage::new();
        let count = Sequence::new(&storage, Key::new("count").unwrap());
        add(&count).unwrap();
        let mut slept = false;
        let seen = count.change(|now| {
            if !std::mem::replace(&mut slept, true) {
                assert_eq!((0..10).map(|_| add(&count).unwrap()).max(), Some(11));
            }
            Ok((now.map(|now| now + 1), now))
        });
        assert_eq!((seen.unwrap(), count.newest().unwrap()), (Some(11), Some(12)));
    }

    #[test]
    fn a_broken_state_is_named_and_never_followed() {
        let storage = MemoryStorage::new();
        let folder = Key::new("count").unwrap();
        let count = Sequence::new(&storage, folder.clone());
        add(&count).unwrap();
        storage.put(&folder.join("0000000002.json").unwrap(), b"{\n\"half\"").unwrap();
        let text = add(&count).unwrap_err().to_string();
        assert!(text.starts_with("memory:count/0000000002.json, line 2: it was not written by stockops ("), "{text}");
        assert_eq!(storage.list(&folder).unwrap().len(), 2);
    }

    #[test]
    fn words_differ() {
        let words: std::collections::BTreeSet<String> = (0..1_000).map(|_| unique_word()).collect();
        assert_eq!(words.len(), 1_000);
    }
}
