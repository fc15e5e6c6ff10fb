//! What a log does beside being written to at once, which is a matter of the conformance suite.

use super::*;
use crate::storage::MemoryStorage;

type Numbers<'a> = Log<'a, u32>;

fn log(storage: &MemoryStorage) -> Numbers<'_> {
    Log::new(storage, Key::new("log").unwrap())
}

/// Add one entry a day.
fn fill(log: &Numbers<'_>, count: u32) {
    for i in 0..count {
        assert!(log.add(&day(i), &i, |_| Ok(true)).unwrap());
    }
}

fn day(i: u32) -> String {
    format!("2024-{:02}-{:02}", i / 28 + 1, i % 28 + 1)
}

fn files(storage: &MemoryStorage) -> Vec<String> {
    storage.list(&Key::new("log").unwrap()).unwrap()
}

#[test]
fn entries_are_numbered_under_their_stem_and_come_in_order() {
    let storage = MemoryStorage::new();
    let log = log(&storage);
    assert_eq!((log.last().unwrap(), log.entries().unwrap().len()), (None, 0));
    for (stem, entry) in [("2024-05-02", 3), ("2024-05-01", 1), ("2024-05-01", 2)] {
        assert!(log.add(stem, &entry, |_| Ok(true)).unwrap());
    }
    let stems: Vec<String> =
        files(&storage).iter().map(|name| name.split('-').take(3).collect::<Vec<_>>().join("-")).collect();
    assert_eq!(stems, ["2024-05-01.0001", "2024-05-01.0002", "2024-05-02.0001"]);
    assert_eq!(log.entries().unwrap().into_values().collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(log.last().unwrap(), Some(3));
    let only_others = |there: &BTreeMap<String, u32>| Ok(!there.values().any(|entry| *entry == 2));
    assert!(!log.add("2024-05-01", &2, only_others).unwrap());
    assert!(log.add("2024-05-01.x", &9, only_others).unwrap(), "a stem is no beginning of another");
}

#[test]
fn bound_entries_are_read_as_before_and_numbers_go_on() {
    let storage = MemoryStorage::new();
    let log = log(&storage);
    fill(&log, 10);
    let all = log.entries().unwrap();
    log.bind(log.unbound().unwrap(), &[]).unwrap();
    assert_eq!(log.entries().unwrap(), all);
    assert_eq!((log.count_unbound().unwrap(), files(&storage).len()), (0, 1));
    assert_eq!(log.last().unwrap(), Some(9));
    assert!(!log.add(&day(3), &3, |there| Ok(there.is_empty())).unwrap(), "what is bound is there");
    assert!(log.add(&day(3), &33, |_| Ok(true)).unwrap());
    assert!(files(&storage).iter().any(|name| name.starts_with(&format!("{}.0002-", day(3)))));
}

/// Small volumes are bound together, full ones stay: to bind one more entry never writes thousands.
#[test]
fn volumes_are_few_and_never_written_again_once_they_are_full() {
    let storage = MemoryStorage::new();
    let log: Log<'_, u32> = Log::new(&storage, Key::new("log").unwrap());
    for i in 0..2_000 {
        log.add(&format!("{i:05}"), &i, |_| Ok(true)).unwrap();
        if log.count_unbound().unwrap() >= 32 {
            log.bind(log.unbound().unwrap(), &[]).unwrap();
        }
    }
    let volumes = files(&storage).iter().filter(|name| name.ends_with(".jsonl")).count();
    assert!((2_000 / (FULL + 32)..=2_000 / FULL + 1).contains(&volumes), "{volumes}");
    assert_eq!(log.entries().unwrap().into_values().collect::<Vec<_>>(), (0..2_000).collect::<Vec<_>>());
}

#[test]
fn what_is_bound_again_takes_the_place_of_the_earlier() {
    let storage = MemoryStorage::new();
    let log = log(&storage);
    fill(&log, 4);
    log.add(&day(1), &11, |_| Ok(true)).unwrap();
    let mut bound = log.unbound().unwrap();
    let names: Vec<String> = bound.keys().cloned().collect();
    let name = |i: u32| names.iter().find(|name| name.starts_with(&format!("{}.0001-", day(i)))).unwrap().clone();
    bound.remove(&name(1));
    log.bind(bound, &[name(1)]).unwrap();
    assert_eq!(log.entries().unwrap().into_values().collect::<Vec<_>>(), [0, 11, 2, 3]);
    log.bind(BTreeMap::from([(name(2), 22)]), &[]).unwrap();
    assert_eq!(log.entries().unwrap().into_values().collect::<Vec<_>>(), [0, 11, 22, 3]);
    assert_eq!(files(&storage).len(), 1);
}

/// What a process leaves that dies after the volume is written and before all entries are removed.
#[test]
fn to_stop_while_binding_loses_nothing() {
    let storage = MemoryStorage::new();
    let log = log(&storage);
    fill(&log, 6);
    let single = Key::new("log").unwrap().join(&files(&storage)[2]).unwrap();
    let bytes = storage.get(&single).unwrap().unwrap();
    log.bind(log.unbound().unwrap(), &[]).unwrap();
    storage.put(&single, &bytes).unwrap();
    assert_eq!(log.entries().unwrap().into_values().collect::<Vec<_>>(), (0..6).collect::<Vec<_>>());
    log.bind(log.unbound().unwrap(), &[]).unwrap();
    assert_eq!(files(&storage).len(), 1, "the next one tidies up");
    assert_eq!(log.entries().unwrap().len(), 6);
}

/// A writer that slept between looking and writing: his number was given and bound in the meantime.
#[test]
fn a_writer_who_slept_while_others_bound_shadows_none() {
    let storage = MemoryStorage::new();
    let log = log(&storage);
    let mut slept = false;
    let wanted = |_: &BTreeMap<String, u32>| {
        if !std::mem::replace(&mut slept, true) {
            assert!(log.add("2024-05-01", &1, |_| Ok(true))?);
            log.bind(log.unbound()?, &[])?;
        }
        Ok(true)
    };
    assert!(log.add("2024-05-01", &2, wanted).unwrap());
    let mut all: Vec<u32> = log.entries().unwrap().into_values().collect();
    all.sort_unstable();
    assert_eq!(all, [1, 2]);
    log.bind(log.unbound().unwrap(), &[]).unwrap();
    assert_eq!(log.entries().unwrap().len(), 2);
}

#[test]
fn a_broken_entry_is_named() {
    let storage = MemoryStorage::new();
    let log = log(&storage);
    log.add("2024-05-01", &1, |_| Ok(true)).unwrap();
    log.bind(log.unbound().unwrap(), &[]).unwrap();
    let volume = Key::new("log").unwrap().join(&files(&storage)[0]).unwrap();
    storage.put(&volume, b"[\"2024-05-01.0001\",1]\n[\"2024-05-02").unwrap();
    let text = log.entries().unwrap_err().to_string();
    assert!(text.starts_with(&format!("memory:{volume}, line 2: it was not written by stockops (")), "{text}");
}
