//! Promises that only a disk and other processes can break.

use std::error::Error as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::SystemTime;

use tempfile::TempDir;

use super::*;
use crate::storage::{Log, Sequence, conformance};

fn storage() -> (TempDir, DirectoryStorage) {
    let home = tempfile::tempdir().unwrap();
    let storage = DirectoryStorage::open(home.path()).unwrap();
    (home, storage)
}

fn key(word: &str) -> Key {
    Key::new(word).unwrap()
}

#[test]
fn disk_keeps_every_promise() {
    let home = tempfile::tempdir().unwrap();
    conformance(&DirectoryStorage::open(home.path().join("not/yet")).unwrap());
}

#[test]
fn another_open_sees_the_same() {
    let (home, storage) = storage();
    storage.put(&key("a/b"), b"one").unwrap();
    assert_eq!(DirectoryStorage::at(home.path()).get(&key("a/b")).unwrap().unwrap(), b"one");
    assert_eq!(std::fs::read(storage.place(&key("a/b"))).unwrap(), b"one");
}

#[test]
fn asking_makes_nothing() {
    let (home, storage) = storage();
    storage.get(&key("a/b")).unwrap();
    storage.list(&key("a")).unwrap();
    storage.remove(&key("a/b")).unwrap();
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

/// Tests may run as root, whom permissions do not bind; a file in place of a folder binds everybody.
#[test]
fn what_cannot_be_written_is_a_storage_error_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    fs::write(&home, b"a file").unwrap();
    let refused = |error: Error, action: &str, path: &Path| {
        let cure = "check that the folder exists, is writable and has room";
        assert_eq!(error.to_string(), format!("could not {action} {}; {cure}", path.display()));
        assert!(matches!(error, Error::Storage { .. }) && error.source().is_some() && !error.is_input());
    };
    refused(DirectoryStorage::open(&home).unwrap_err(), "open", &home);
    refused(DirectoryStorage::open(home.join("below")).unwrap_err(), "open", &home.join("below"));
    let storage = DirectoryStorage::at(&home);
    refused(storage.lock(&key("a.lock")).unwrap_err(), "create", &home);
    refused(storage.put(&key("a/b"), b"one").unwrap_err(), "create", &home);
    refused(storage.create(&key("a/b"), b"one").unwrap_err(), "create", &home);
    refused(storage.get(&key("a/b")).unwrap_err(), "read", &home.join("a/b"));
    refused(storage.list(&key("a")).unwrap_err(), "read", &home.join("a"));
    assert_eq!(fs::read(&home).unwrap(), b"a file");
}

#[test]
fn what_dead_processes_left_is_swept_and_what_living_ones_write_is_not() {
    let (home, storage) = storage();
    let folder = home.path().join("record/GOOG");
    fs::create_dir_all(&folder).unwrap();
    let [old, dead, living, fresh] = ["old", "dead", "living", "fresh"].map(|word| folder.join(format!(".tmp-{word}")));
    let written = |path: &Path, age: Duration| {
        fs::write(path, b"{").unwrap();
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        file
    };
    let _locked = [(&old, DEAD), (&living, UNLOCKED)].map(|(path, age)| {
        let file = written(path, age + Duration::from_secs(60));
        file.try_lock().unwrap();
        file
    });
    written(&dead, UNLOCKED + Duration::from_secs(60));
    written(&fresh, Duration::ZERO);
    assert!(storage.list(&key("record/GOOG")).unwrap().is_empty(), "they are no objects");
    assert!(old.exists(), "reading removes nothing");
    storage.create(&key("record/GOOG/a"), b"x").unwrap();
    assert_eq!([&old, &dead, &living, &fresh].map(|path| path.exists()), [false, false, true, true]);
}

// Other processes: this test binary runs itself with a job in its environment.

const HOME: &str = "STOCKOPS_TEST_STORAGE";
const JOB: &str = "STOCKOPS_TEST_STORAGE_JOB";

fn spawn(job: &str, home: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "storage::directory::tests::job_of_a_child_process", "--nocapture"]);
    command.env(HOME, home).env(JOB, job).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Wait for the child to say `word`.
fn wait_for(child: &mut Child, word: &str) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains(word)), "the child ended without `{word}`");
}

const SIZE: usize = 400_000;

/// Does nothing in an ordinary run.
#[test]
fn job_of_a_child_process() {
    let (Ok(home), Ok(job)) = (std::env::var(HOME), std::env::var(JOB)) else { return };
    let storage = DirectoryStorage::open(home).unwrap();
    if job == "hold" {
        let _lock = storage.lock(&key("a.lock")).unwrap().unwrap();
        println!("held");
        std::io::stdin().read_line(&mut String::new()).unwrap();
    } else if job == "write" {
        write_for_ever(&storage);
    } else {
        for round in 0..20 {
            count(&storage);
            log(&storage).add("2024-05-01", &format!("{job} {round}"), |_| Ok(true)).unwrap();
        }
    }
}

fn count(storage: &DirectoryStorage) -> u64 {
    let count: Sequence<'_, u64> = Sequence::new(storage, key("count"));
    count.change(|now| Ok((Some(now.unwrap_or(0) + 1), now.unwrap_or(0) + 1))).unwrap()
}

fn log(storage: &DirectoryStorage) -> Log<'_, String> {
    Log::new(storage, key("log"))
}

/// Replaces an object, creates others and changes a sequence, until it is killed.
fn write_for_ever(storage: &DirectoryStorage) {
    println!("writing");
    loop {
        let round = count(storage);
        storage.put(&key("whole/replaced"), &vec![round as u8; SIZE]).unwrap();
        storage.create(&key(&format!("whole/{round}")), &vec![round as u8; SIZE]).unwrap();
        storage.remove(&key(&format!("whole/{}", round.saturating_sub(5)))).unwrap();
    }
}

#[test]
fn processes_that_write_at_once_lose_nothing() {
    let (home, storage) = storage();
    for mut child in ["a", "b", "c"].map(|job| spawn(job, home.path())) {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(count(&storage), 61);
    let mut entries: Vec<String> = log(&storage).entries().unwrap().into_values().collect();
    entries.sort();
    let mut wanted: Vec<String> =
        ["a", "b", "c"].iter().flat_map(|j| (0..20).map(move |i| format!("{j} {i}"))).collect();
    wanted.sort();
    assert_eq!(entries, wanted);
}

/// Killed at some moment of its writing, a process leaves whole objects, a sequence that goes on, and nothing but
/// temporary files beside them.
#[test]
fn a_process_that_is_killed_while_it_writes_leaves_whole_objects() {
    let (home, storage) = storage();
    let mut before = 0;
    for round in 0..12 {
        let mut child = spawn("write", home.path());
        wait_for(&mut child, "writing");
        std::thread::sleep(Duration::from_micros(3_000 + 2_700 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        for name in storage.list(&key("whole")).unwrap() {
            let bytes = storage.get(&key(&format!("whole/{name}"))).unwrap().unwrap();
            assert!(bytes.len() == SIZE && bytes.iter().all(|byte| *byte == bytes[0]), "{name} is not whole");
        }
        let now = count(&storage);
        assert!(now > before, "{now} after {before}");
        before = now;
    }
    assert!(before > 12, "the processes wrote: {before}");
    let leftovers =
        || names_in(&home.path().join("whole")).unwrap().iter().filter(|n| n.starts_with(TEMPORARY)).count();
    let long_ago = SystemTime::now() - UNLOCKED - Duration::from_secs(60);
    for name in names_in(&home.path().join("whole")).unwrap().iter().filter(|name| name.starts_with(TEMPORARY)) {
        let file = fs::File::options().write(true).open(home.path().join("whole").join(name)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
    DirectoryStorage::at(home.path()).put(&key("whole/next"), b"x").unwrap();
    assert_eq!(leftovers(), 0);
}

#[test]
fn a_right_is_free_again_when_its_process_is_killed() {
    let (home, storage) = storage();
    let mut child = spawn("hold", home.path());
    wait_for(&mut child, "held");
    assert!(storage.lock(&key("a.lock")).unwrap().is_none());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(storage.lock(&key("a.lock")).unwrap().is_some());
}
