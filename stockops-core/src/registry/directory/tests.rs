//! Promises that only a disk and other processes can break.

use std::error::Error as _;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use chrono::NaiveDate;
use tempfile::TempDir;

use super::*;
use crate::registry::{Alias, conformance};

/// A registry in a folder of its own, with GOOG@1 = `one`.
fn registry() -> (TempDir, DirectoryRegistry, Ticker) {
    let home = tempfile::tempdir().unwrap();
    let registry = DirectoryRegistry::open(home.path()).unwrap();
    let goog = Ticker::new("GOOG").unwrap();
    registry.put(&goog, b"one", note(), &[]).unwrap();
    (home, registry, goog)
}

fn note() -> VersionNote {
    VersionNote::new("freeze", NaiveDate::default())
}

fn numbers(registry: &DirectoryRegistry, ticker: &Ticker) -> Vec<u32> {
    registry.versions(ticker).unwrap().iter().map(|version| version.version).collect()
}

/// Names in the folder of `ticker`, sorted.
fn shelf_names(registry: &DirectoryRegistry, ticker: &Ticker) -> Vec<String> {
    let mut names = names_in(&registry.shelf(ticker)).unwrap();
    names.sort();
    names
}

#[test]
fn disk_keeps_every_promise() {
    let home = tempfile::tempdir().unwrap();
    conformance(&DirectoryRegistry::open(home.path()).unwrap());
}

#[test]
fn another_open_sees_the_same() {
    let (home, registry, goog) = registry();
    let again = DirectoryRegistry::open(home.path()).unwrap();
    assert_eq!(again, registry);
    assert_eq!(again.versions(&goog).unwrap(), registry.versions(&goog).unwrap());
    let artifact = Artifact::new("forecast.svg", *b"<svg/>").unwrap();
    assert_eq!(again.put(&goog, b"two", note(), &[artifact]).unwrap().version, 2);
    assert_eq!(registry.get(&goog, 2).unwrap(), b"two");
    let folder = registry.folder(&"GOOG@2".parse().unwrap());
    assert_eq!(folder, home.path().join("registry/GOOG/2"));
    let mut files = names_in(&folder).unwrap();
    files.sort();
    assert_eq!(files, ["bundle.safetensors", "forecast.svg"]);
    assert_eq!(shelf_names(&registry, &goog), ["1", "2", "manifest.json", "manifest.lock"]);
}

#[test]
fn reading_an_empty_home_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let registry = DirectoryRegistry::open(&home).unwrap();
    let goog = Ticker::new("GOOG").unwrap();
    assert!(registry.champion(&goog).unwrap().is_none());
    assert!(registry.promote(&goog, 1).is_err());
    assert!(registry.rollback(&goog).is_err());
    assert!(!home.exists());
}

#[test]
fn a_damaged_bundle_is_refused_and_says_how() {
    let (_home, registry, goog) = registry();
    let path = registry.folder(&"GOOG@1".parse().unwrap()).join(BUNDLE);
    let refused = || {
        let error = registry.get(&goog, 1).unwrap_err();
        assert!(matches!(error, Error::Bundle { .. }), "{error:?}");
        error.to_string()
    };
    let end = "train it again or choose another version";
    fs::write(&path, b"on").unwrap();
    assert_eq!(refused(), format!("bundle GOOG@1: it has 2 bytes where 3 were written; {end}"));
    fs::write(&path, b"One").unwrap();
    assert_eq!(refused(), format!("bundle GOOG@1: its sha256 differs from that in the manifest; {end}"));
    fs::remove_file(&path).unwrap();
    assert_eq!(refused(), format!("bundle GOOG@1: its file {} is missing; {end}", path.display()));
}

/// What a process leaves that dies after its version's folder is in place and before the manifest names it.
#[test]
fn an_orphan_is_ignored_and_its_number_skipped() {
    let (_home, registry, goog) = registry();
    let orphan = registry.shelf(&goog).join("2");
    fs::create_dir(&orphan).unwrap();
    fs::write(orphan.join(BUNDLE), b"orphan").unwrap();
    assert_eq!(numbers(&registry, &goog), [1]);
    assert!(matches!(registry.get(&goog, 2), Err(Error::NotFound { .. })));
    assert_eq!(registry.put(&goog, b"three", note(), &[]).unwrap().version, 3);
    assert_eq!(numbers(&registry, &goog), [1, 3]);
    assert_eq!(fs::read(orphan.join(BUNDLE)).unwrap(), b"orphan", "nobody's bytes are replaced");
    assert_eq!(registry.get(&goog, 2).unwrap_err().to_string(), "no version named GOOG@2; GOOG has 1, 3");
}

/// What a process leaves that dies in the middle of writing.
#[test]
fn half_written_remains_are_swept_by_the_next_put() {
    let (_home, registry, goog) = registry();
    let shelf = registry.shelf(&goog);
    fs::create_dir(shelf.join(".new-2")).unwrap();
    fs::write(shelf.join(".new-2").join(BUNDLE), b"ha").unwrap();
    fs::write(shelf.join(".tmp-x1"), b"{").unwrap();
    assert_eq!(numbers(&registry, &goog), [1]);
    assert_eq!(registry.put(&goog, b"two", note(), &[]).unwrap().version, 2);
    assert_eq!(registry.get(&goog, 2).unwrap(), b"two");
    assert_eq!(shelf_names(&registry, &goog), ["1", "2", "manifest.json", "manifest.lock"]);
}

#[test]
fn a_broken_manifest_is_named_and_never_overwritten() {
    let (_home, registry, goog) = registry();
    let path = registry.shelf(&goog).join("manifest.json");
    let good = fs::read_to_string(&path).unwrap();
    let cure = "restore this manifest from a copy, or move its folder away and train again";
    for (bad, place, problem) in [
        (String::new(), ", line 1", "not a manifest of versions (EOF while parsing a value at line 1 column 0)"),
        ("{\n\"schema\": 1".into(), ", line 2", "not a manifest of versions (EOF while parsing an object at line 2"),
        (good.replace("\"schema\": 1", "\"schema\": 9"), "", "its schema is 9, and this program reads 1"),
        (good.replace("\"GOOG\"", "\"META\""), "", "it belongs to META, not to GOOG"),
        (good.replace("\"version\": 1", "\"version\": 7"), "", "its versions do not ascend from 1 to below `next`"),
        (good.replace("\"challenger\": null", "\"challenger\": 5"), "", "it names version 5 champion or challenger"),
        (good.replace("    1\n", ""), "", "its champions do not fit its versions"),
    ] {
        assert_ne!(bad, good);
        fs::write(&path, &bad).unwrap();
        let text = registry.versions(&goog).unwrap_err().to_string();
        assert!(text.starts_with(&format!("{}{place}: {problem}", path.display())), "{text}");
        assert!(text.ends_with(cure), "{text}");
        assert_eq!(registry.put(&goog, b"two", note(), &[]).unwrap_err().to_string(), text);
        assert_eq!(registry.promote(&goog, 1).unwrap_err().to_string(), text);
        assert_eq!(fs::read_to_string(&path).unwrap(), bad);
    }
}

#[test]
fn a_manifest_cannot_name_files_elsewhere() {
    let (_home, registry, goog) = registry();
    let path = registry.shelf(&goog).join("manifest.json");
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("\"artifacts\": []", "\"artifacts\": [\"../manifest.json\"]")).unwrap();
    assert!(matches!(registry.artifact(&goog, 1, "../manifest.json"), Err(Error::NotFound { .. })));
}

/// Tests may run as root, whom permissions do not bind; a file in place of a folder binds everybody.
#[test]
fn an_unwritable_home_is_a_storage_error_with_its_cause() {
    let folder = tempfile::tempdir().unwrap();
    let goog = Ticker::new("GOOG").unwrap();
    let home = folder.path().join("home");
    let registry = DirectoryRegistry::open(&home).unwrap();
    fs::write(&home, b"a file").unwrap();
    let cure = "check that the folder exists, is writable and has room";
    let refused = |error: Error, action: &str, path: &Path| {
        assert_eq!(error.to_string(), format!("could not {action} {}; {cure}", path.display()));
        assert!(matches!(error, Error::Storage { .. }) && error.source().is_some() && !error.is_input());
    };
    refused(DirectoryRegistry::open(&home).unwrap_err(), "open", &home);
    refused(DirectoryRegistry::open(home.join("below")).unwrap_err(), "open", &home.join("below"));
    refused(registry.training_lock(&goog).unwrap_err(), "create", &home);
    refused(registry.put(&goog, b"one", note(), &[]).unwrap_err(), "create", &home);
    refused(registry.versions(&goog).unwrap_err(), "read", &home.join("registry/GOOG/manifest.json"));
    assert_eq!(fs::read(&home).unwrap(), b"a file");
}

#[test]
fn a_put_that_fails_leaves_no_version() {
    let (_home, registry, goog) = registry();
    let in_the_way = registry.shelf(&goog).join(".new-2");
    fs::write(&in_the_way, b"a file").unwrap();
    let error = registry.put(&goog, b"two", note(), &[]).unwrap_err();
    assert!(matches!(&error, Error::Storage { path, .. } if *path == in_the_way), "{error:?}");
    assert_eq!(numbers(&registry, &goog), [1]);
    fs::remove_file(&in_the_way).unwrap();
    assert_eq!(registry.put(&goog, b"two", note(), &[]).unwrap().version, 2);
}

// Other processes: this test binary runs itself with a job in its environment.

const HOME: &str = "STOCKOPS_TEST_HOME";
const JOB: &str = "STOCKOPS_TEST_JOB";

fn spawn(job: &str, home: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "registry::directory::tests::job_of_a_child_process", "--nocapture"]);
    command.env(HOME, home).env(JOB, job).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap()
}

/// Wait for the child to say that it has the lock.
fn wait_until_held(child: &mut Child) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().contains("held")), "the child ended without the lock");
}

/// Does nothing in an ordinary run.
#[test]
fn job_of_a_child_process() {
    let (Ok(home), Ok(job)) = (std::env::var(HOME), std::env::var(JOB)) else { return };
    let registry = DirectoryRegistry::open(home).unwrap();
    let goog = Ticker::new("GOOG").unwrap();
    if job == "train" {
        let _lock = registry.training_lock(&goog).unwrap();
        println!("held");
        std::io::stdin().read_line(&mut String::new()).unwrap();
        return;
    }
    for round in 0..10 {
        registry.put(&goog, format!("{job} {round}").as_bytes(), note(), &[]).unwrap();
    }
}

#[test]
fn processes_that_put_at_once_lose_nothing() {
    let (home, registry, goog) = registry();
    let children: Vec<Child> = ["a", "b", "c"].map(|job| spawn(job, home.path())).into();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(numbers(&registry, &goog), (1..=31).collect::<Vec<_>>());
    let mut bundles: Vec<Vec<u8>> = (2..=31).map(|version| registry.get(&goog, version).unwrap()).collect();
    bundles.sort();
    let jobs = ["a", "b", "c"].into_iter().flat_map(|job| (0..10).map(move |i| format!("{job} {i}").into_bytes()));
    assert_eq!(bundles, jobs.collect::<Vec<_>>());
    assert!(registry.champion(&goog).unwrap().unwrap().is(Alias::Champion));
}

#[test]
fn a_second_process_is_told_that_training_is_busy_until_the_first_dies() {
    let (home, registry, goog) = registry();
    let mut child = spawn("train", home.path());
    wait_until_held(&mut child);
    let path = registry.shelf(&goog).join("training.lock");
    let text = registry.training_lock(&goog).unwrap_err().to_string();
    let held = format!("another process holds {}", path.display());
    assert_eq!(text, format!("training of GOOG is busy: {held}; wait for it to end and try again"));
    assert_eq!(registry.put(&goog, b"two", note(), &[]).unwrap().version, 2, "others may still put and read");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(registry.training_lock(&goog).unwrap());
}
