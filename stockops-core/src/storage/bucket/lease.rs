//! A lock as a lease: a right that is written down with its holder and the time until which it holds.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::storage::{Key, Lock, Sequence, Storage, unique_word};

/// Who has the right, and until when. The clocks of those who ask for it must agree to within a part of the length.
#[derive(Debug, Serialize, Deserialize)]
struct Lease {
    holder: String,
    until: DateTime<Utc>,
}

/// Take `right` for `length`, and for as long again each quarter of it until the lock is dropped; `None` where someone else
/// has it. The right of a process that died is free when its time is over.
pub(super) fn take<S>(storage: &S, right: &Key, length: Duration) -> Result<Option<Lock>>
where
    S: Storage + Clone + 'static,
{
    let holder = unique_word();
    if !claim(storage, right, &holder, length)? {
        return Ok(None);
    }
    let (stop, stopped) = channel::<()>();
    let (storage, key) = (storage.clone(), right.clone());
    let place = storage.place(right);
    let keep = move || {
        while let Err(RecvTimeoutError::Timeout) = stopped.recv_timeout(length / 4) {
            // A try that the bucket does not answer may outlast the lease, which is lost then.
            if let Ok(false) = claim(&storage, &key, &holder, length) {
                return;
            }
        }
        // A right that cannot be given back is free when its time is over.
        let _ = give_back(&storage, &key, &holder);
    };
    let thread = std::thread::Builder::new().name("stockops-lease".into()).spawn(keep);
    let thread = thread.map_err(Error::storage("lock", &place))?;
    Ok(Some(Lock::holding(Held { stop: Some(stop), thread: Some(thread) })))
}

/// Write down that `holder` has the right from now on; `false` where another has it.
fn claim(storage: &dyn Storage, right: &Key, holder: &str, length: Duration) -> Result<bool> {
    Sequence::<Lease>::new(storage, right.clone()).change(|now| {
        Ok(match now {
            Some(lease) if lease.holder != holder && lease.until > time() => (None, false),
            _ => (Some(Lease { holder: holder.into(), until: time() + length }), true),
        })
    })
}

fn give_back(storage: &dyn Storage, right: &Key, holder: &str) -> Result<()> {
    Sequence::<Lease>::new(storage, right.clone()).change(|now| {
        let own = now.filter(|lease| lease.holder == holder);
        Ok((own.map(|lease| Lease { until: time(), ..lease }), ()))
    })
}

fn time() -> DateTime<Utc> {
    SystemTime::now().into()
}

/// A right that is kept by a thread, which gives it back when this is dropped.
struct Held {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::storage::MemoryStorage;

    const SHORT: Duration = Duration::from_millis(600);

    fn right() -> Key {
        Key::new("registry/GOOG/training.lock").unwrap()
    }

    #[test]
    fn a_right_is_kept_beyond_its_length_and_free_when_dropped() {
        let storage = MemoryStorage::new();
        let held = take(&storage, &right(), SHORT).unwrap();
        assert!(held.is_some());
        std::thread::sleep(2 * SHORT);
        assert!(take(&storage, &right(), SHORT).unwrap().is_none());
        drop(held);
        assert!(take(&storage, &right(), SHORT).unwrap().is_some());
    }

    #[test]
    fn the_right_of_a_process_that_died_is_free_when_its_time_is_over() {
        let storage = MemoryStorage::new();
        assert!(claim(&storage, &right(), "dead", SHORT).unwrap());
        assert!(take(&storage, &right(), SHORT).unwrap().is_none());
        std::thread::sleep(2 * SHORT);
        let held = take(&storage, &right(), SHORT).unwrap();
        assert!(held.is_some());
        assert!(!claim(&storage, &right(), "dead", SHORT).unwrap(), "who lost it does not get it back");
        assert!(give_back(&storage, &right(), "dead").is_ok() && take(&storage, &right(), SHORT).unwrap().is_none());
    }
}
