//! What every storage promises, and what a sequence and a log make of it.

use std::collections::BTreeSet;

use super::{ForgetfulStorage, Key, Log, Sequence, Storage};

/// Check every promise of [`Storage`] on an empty storage; each implementation calls this from its own test.
///
/// The folders `objects`, `races`, `sequence`, `log` and `forgotten` are written to.
///
/// # Panics
///
/// When a promise is broken, which is what a test wants.
pub fn conformance(storage: &dyn Storage) {
    objects_come_back_as_they_were_written(storage);
    parts_are_those_of_the_whole(storage);
    names_are_those_directly_below(storage);
    a_walk_finds_every_object_below(storage);
    a_right_has_one_holder(storage);
    one_of_many_creates(storage);
    an_object_is_seen_whole(storage);
    changes_at_once_are_all_in(storage, "sequence");
    entries_at_once_are_all_in(storage, "log");
    let forgetful = ForgetfulStorage::new(storage);
    changes_at_once_are_all_in(&forgetful, "forgotten/sequence");
    entries_at_once_are_all_in(&forgetful, "forgotten/log");
}

const WRITERS: usize = 4;
const ROUNDS: usize = 12;

fn key(word: &str) -> Key {
    Key::new(word).unwrap()
}

/// Run `work` in several threads at once, each with its number.
fn at_once<R: Send>(work: impl Fn(usize) -> R + Sync) -> Vec<R> {
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..WRITERS)
            .map(|writer| {
                scope.spawn({
                    let work = &work;
                    move || work(writer)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn objects_come_back_as_they_were_written(storage: &dyn Storage) {
    let (one, other) = (key("objects/a"), key("objects/^GSPC/BRK-B@3_x=y.json"));
    assert_eq!(storage.get(&one).unwrap(), None);
    storage.put(&one, b"first").unwrap();
    storage.put(&other, b"").unwrap();
    assert_eq!(storage.get(&one).unwrap().unwrap(), b"first");
    assert_eq!(storage.get(&other).unwrap().unwrap(), b"", "an object may be empty");
    assert!(!storage.create(&one, b"second").unwrap());
    assert_eq!(storage.get(&one).unwrap().unwrap(), b"first", "create replaces nothing");
    let large: Vec<u8> = (0..3_000_000u32).map(|i| (i.wrapping_mul(i) >> 7) as u8).collect();
    storage.put(&one, &large).unwrap();
    assert!(storage.get(&one).unwrap().unwrap() == large);
    storage.remove(&other).unwrap();
    storage.remove(&other).unwrap();
    assert_eq!(storage.get(&other).unwrap(), None);
    assert!(storage.create(&other, b"again").unwrap(), "what was removed can be created");
    assert_eq!(storage.get(&other).unwrap().unwrap(), b"again");
}

fn parts_are_those_of_the_whole(storage: &dyn Storage) {
    let key = key("objects/parts");
    assert_eq!((storage.size(&key).unwrap(), storage.part(&key, 0..3).unwrap()), (None, None));
    storage.put(&key, b"0123456789").unwrap();
    assert_eq!(storage.size(&key).unwrap(), Some(10));
    for (places, wanted) in
        [(0..10, "0123456789"), (2..5, "234"), (8..99, "89"), (10..12, ""), (50..60, ""), (4..4, "")]
    {
        assert_eq!(storage.part(&key, places.clone()).unwrap().unwrap(), wanted.as_bytes(), "{places:?}");
    }
}

fn names_are_those_directly_below(storage: &dyn Storage) {
    let folder = key("objects/names");
    assert!(storage.list(&folder).unwrap().is_empty());
    for name in ["b", "b-c/1", "a", "b.d", "c/1/2", "c/3", "^G/1"] {
        storage.put(&folder.join(name).unwrap(), b"x").unwrap();
    }
    assert_eq!(storage.list(&folder).unwrap(), ["^G", "a", "b", "b-c", "b.d", "c"]);
    assert_eq!(storage.list(&key("objects/names/c")).unwrap(), ["1", "3"]);
    assert!(storage.list(&key("objects/name")).unwrap().is_empty(), "a name is no beginning of another");
    storage.remove(&key("objects/names/b")).unwrap();
    assert_eq!(storage.list(&folder).unwrap(), ["^G", "a", "b-c", "b.d", "c"]);
}

fn a_walk_finds_every_object_below(storage: &dyn Storage) {
    let words = ["objects/walk-1/a.json", "objects/walk/1/b.json", "objects/walk/a.json", "objects/walk/b/c/d"];
    words.iter().for_each(|word| storage.put(&key(word), b"x").unwrap());
    storage.put(&key("objects/walk/e/gone"), b"x").unwrap();
    storage.remove(&key("objects/walk/e/gone")).unwrap();
    let walked = storage.walk(&key("objects/walk")).unwrap();
    assert_eq!(walked.iter().map(Key::as_str).collect::<Vec<_>>(), words[1..]);
    assert!(storage.walk(&key("objects/none")).unwrap().is_empty());
}

fn a_right_has_one_holder(storage: &dyn Storage) {
    let right = key("objects/a.lock");
    let held = storage.lock(&right).unwrap();
    assert!(held.is_some() && storage.lock(&right).unwrap().is_none());
    assert!(storage.lock(&key("objects/b.lock")).unwrap().is_some(), "other rights are free");
    drop(held);
    assert!(storage.lock(&right).unwrap().is_some());
}

fn one_of_many_creates(storage: &dyn Storage) {
    for round in 0..ROUNDS {
        let key = key(&format!("races/{round}"));
        let content = |writer: usize| vec![writer as u8; 100_000];
        let created = at_once(|writer| storage.create(&key, &content(writer)).unwrap());
        let winners: Vec<usize> = (0..WRITERS).filter(|writer| created[*writer]).collect();
        assert_eq!(winners.len(), 1, "{created:?}");
        assert!(storage.get(&key).unwrap().unwrap() == content(winners[0]), "the content is the winner's");
    }
}

fn an_object_is_seen_whole(storage: &dyn Storage) {
    let key = key("races/whole");
    storage.put(&key, &[0; 100_000]).unwrap();
    at_once(|writer| {
        for round in 0..ROUNDS {
            storage.put(&key, &vec![(writer * ROUNDS + round) as u8; 100_000 + writer]).unwrap();
            let seen = storage.get(&key).unwrap().expect("an object that is replaced is never away");
            let place = usize::from(seen[0]) / ROUNDS;
            assert!(seen.iter().all(|byte| *byte == seen[0]) && seen.len() == 100_000 + place, "a mixture was seen");
        }
    });
}

fn changes_at_once_are_all_in(storage: &dyn Storage, folder: &str) {
    let folder = key(folder);
    at_once(|writer| {
        let sequence: Sequence<'_, Vec<(usize, usize)>> = Sequence::new(storage, folder.clone());
        for round in 0..ROUNDS {
            let push = |all: Option<Vec<_>>| Ok((Some([all.unwrap_or_default(), vec![(writer, round)]].concat()), ()));
            sequence.change(push).unwrap();
        }
    });
    let all: Vec<(usize, usize)> = Sequence::new(storage, folder).newest().unwrap().unwrap();
    assert_eq!(all.len(), WRITERS * ROUNDS, "each change is in once: {all:?}");
    for writer in 0..WRITERS {
        let own: Vec<usize> = all.iter().filter(|(by, _)| *by == writer).map(|(_, round)| *round).collect();
        assert_eq!(own, (0..ROUNDS).collect::<Vec<_>>(), "the changes of one writer are in their order");
    }
}

/// Some add, and two bind what there is, all at the same time.
fn entries_at_once_are_all_in(storage: &dyn Storage, folder: &str) {
    let folder = key(folder);
    at_once(|writer| {
        let log: Log<'_, (usize, usize)> = Log::new(storage, folder.clone());
        for round in 0..ROUNDS {
            let stem = format!("2024-05-{:02}", round / 2 + 1);
            log.add(&stem, &(writer, round), |there| Ok(!there.values().any(|entry| *entry == (writer, round))))
                .unwrap();
            if writer < 2 && round % 5 == 4 {
                log.bind(log.unbound().unwrap(), &[]).unwrap();
            }
        }
    });
    let log: Log<'_, (usize, usize)> = Log::new(storage, folder);
    let all: Vec<(usize, usize)> = log.entries().unwrap().into_values().collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), WRITERS * ROUNDS, "{all:?}");
    assert_eq!(all.len(), WRITERS * ROUNDS, "each entry is in once");
}
