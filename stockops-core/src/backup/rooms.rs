//! What of a home is copied, in which order, and what changes together.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::Result;
use crate::storage::{Key, Storage};

/// A folder of the home whose folders are each copied as one.
pub(super) struct Room {
    /// Its name.
    pub(super) name: &'static str,
    /// Parts of the key of a folder that changes together; 0 for the one that an object is in.
    depth: usize,
    /// A folder that names things in all others, so that it must be the same before and after.
    pub(super) head: Option<&'static str>,
}

const fn room(name: &'static str, depth: usize) -> Room {
    Room { name, depth, head: None }
}

/// All rooms, in the order of copying: what names comes before what is named.
pub(super) const ROOMS: [Room; 12] = [
    room("runs", 2),
    room("reports", 2),
    room("evaluations", 2),
    room("analysts", 3),
    room("record", 2),
    room("drift", 2),
    room("threads", 2),
    room("mirror", 3),
    Room { name: "registry", depth: 2, head: Some("registry/_parent") },
    room("features", 1),
    // What tells this home from others.
    room("server", 1),
    // Sent files and, below the name of a source, what it gave.
    room("bars", 0),
];

/// What is not copied, and why.
pub(super) const LEFT_OUT: [(&str, &str); 4] = [
    ("answers.sqlite", "answers that were kept, which can be made again"),
    ("batch", "what batches have done, which is done again where it is asked for"),
    ("logs", "what happened, which no program reads back"),
    ("*.lock, lease", "rights of processes, which end with them"),
];

/// A folder that changes together, and the mark of a run that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unit {
    pub(super) folder: Key,
    mark: Option<Key>,
}

impl Unit {
    pub(super) fn of(folder: Key) -> Result<Self> {
        let run = folder.as_str().strip_prefix("runs/");
        let mark = run.map(|run| Key::new(&format!("running/{run}.json"))).transpose()?;
        Ok(Self { folder, mark })
    }
}

impl Room {
    /// Its folders, as they are now.
    pub(super) fn units(&self, storage: &dyn Storage) -> Result<Vec<Unit>> {
        let folder_of = |key: &Key| {
            let parts: Vec<&str> = key.parts().collect();
            let depth = if self.depth == 0 { parts.len() - 1 } else { self.depth.min(parts.len() - 1) };
            Key::new(&parts[..depth].join("/"))
        };
        let folders: Result<BTreeSet<Key>> = storage.walk(&Key::new(self.name)?)?.iter().map(folder_of).collect();
        folders?.into_iter().map(Unit::of).collect()
    }
}

/// What an object is to a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// A state of a sequence; the newest counts.
    State,
    /// JSON that is replaced as a whole, so that it is read twice.
    Note,
    /// An entry of a log that is in no volume, which may come and go.
    Entry,
    /// Written once under its name, or by itself.
    Fixed,
    /// A right, without content.
    Right,
}

impl Kind {
    /// Whether it names others, so that it is read before they are listed.
    pub(super) fn is_head(self) -> bool {
        matches!(self, Self::State | Self::Note)
    }
}

/// The kind of an object, by its name.
pub(super) fn kind(key: &Key) -> Kind {
    let name = key.parts().last().unwrap_or_default();
    // In a bucket a right is a folder of states.
    if key.parts().any(|part| part.ends_with(".lock") || part == "lease")
        || key.as_str().starts_with("analysts/leases/")
    {
        return Kind::Right;
    }
    let Some(stem) = name.strip_suffix(".json") else { return Kind::Fixed };
    let is_of = |word: &str, length: usize, is: fn(&u8) -> bool| word.len() == length && word.bytes().all(|c| is(&c));
    if is_of(stem, 10, u8::is_ascii_digit) {
        return Kind::State;
    }
    let end = stem.rsplit_once('.').and_then(|(_, end)| end.split_once('-'));
    let is_entry = end.is_some_and(|(number, hash)| {
        number.len() >= 4 && number.bytes().all(|c| c.is_ascii_digit()) && is_of(hash, 8, u8::is_ascii_hexdigit)
    });
    if is_entry { Kind::Entry } else { Kind::Note }
}

/// The objects of a unit that a copy wants, as they were listed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Survey(BTreeMap<Key, Kind>);

impl Survey {
    pub(super) fn of(storage: &dyn Storage, unit: &Unit) -> Result<Self> {
        let mut keys = storage.walk(&unit.folder)?;
        if let Some(mark) = &unit.mark
            && storage.size(mark)?.is_some()
        {
            keys.push(mark.clone());
        }
        let mut wanted = BTreeMap::new();
        let mut newest: BTreeMap<String, Key> = BTreeMap::new();
        for key in keys {
            match kind(&key) {
                Kind::Right => {}
                // In order of numbers, so that the last one stays.
                Kind::State => drop(newest.insert(folder(&key), key)),
                kind => drop(wanted.insert(key, kind)),
            }
        }
        wanted.extend(newest.into_values().map(|key| (key, Kind::State)));
        Ok(Self(wanted))
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = (&Key, Kind)> {
        self.0.iter().map(|(key, kind)| (key, *kind))
    }

    pub(super) fn has(&self, key: &Key) -> bool {
        self.0.contains_key(key)
    }

    /// Whether nothing of `other` is gone but states that are followed by newer ones, and entries that are bound or replaced.
    pub(super) fn holds_all_of(&self, other: &Self) -> bool {
        let mut lasting = other.objects().filter(|(_, kind)| matches!(kind, Kind::Note | Kind::Fixed));
        lasting.all(|(key, _)| self.has(key))
    }

    /// Whether it has the notes of `other` and no more.
    pub(super) fn has_notes_of(&self, other: &Self) -> bool {
        let notes = |survey: &Self| -> Vec<Key> {
            survey.objects().filter(|(_, kind)| *kind == Kind::Note).map(|(key, _)| key.clone()).collect()
        };
        notes(self) == notes(other)
    }
}

fn folder(key: &Key) -> String {
    key.as_str().rsplit_once('/').map_or("", |(folder, _)| folder).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_an_object_is() {
        for (word, wanted) in [
            ("registry/GOOG/manifest/0000000007.json", Kind::State),
            ("registry/GOOG/manifest.json", Kind::Note),
            ("registry/GOOG/1/bundle.safetensors", Kind::Fixed),
            ("registry/GOOG/training.lock", Kind::Right),
            ("registry/GOOG/training.lock/0000000001.json", Kind::Right),
            ("record/GOOG/forecasts/2024-05-01_^GSPC@0.0001-74770a6d.json", Kind::Entry),
            ("record/GOOG/forecasts/2024-03-28_GOOG@3.0001-09ab12cd_5f70bf18a086.jsonl", Kind::Fixed),
            ("record/7203.T/decisions/2024-05-01.12345-09ab12cd.json", Kind::Entry),
            ("record/GOOG/forecasts.jsonl", Kind::Fixed),
            ("runs/20240501-120000-3f9a1c2e07b1/run.json", Kind::Note),
            ("bars/yahoo/GOOG/2026-11-27T120501123-whole.0001-0123abcd.json", Kind::Entry),
            ("bars/GOOG/ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Kind::Fixed),
            ("reports/GOOG/GOOG-20261128T023749123-0123abcd.json", Kind::Note),
            ("analysts/leases/evening", Kind::Right),
            ("analysts/turns/evening.turn-1/lease", Kind::Right),
        ] {
            assert_eq!(kind(&Key::new(word).unwrap()), wanted, "{word}");
        }
    }
}
