//! What a registry makes of its storage: files on disk, homes of stockops 0.1, damage, and other processes.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use chrono::NaiveDate;
use tempfile::TempDir;

use super::*;
use crate::registry::{Alias, conformance};
use crate::storage::ForgetfulStorage;

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

fn numbers(registry: &dyn ModelRegistry, ticker: &Ticker) -> Vec<u32> {
    registry.versions(ticker).unwrap().iter().map(|version| version.version).collect()
}

/// Names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn memory_keeps_every_promise() {
    conformance(&MemoryRegistry::new());
}

#[test]
fn disk_keeps_every_promise() {
    let home = tempfile::tempdir().unwrap();
    conformance(&DirectoryRegistry::open(home.path()).unwrap());
}

#[test]
fn clones_in_memory_share_one_content() {
    let (registry, ticker) = (MemoryRegistry::new(), Ticker::new("GOOG").unwrap());
    let clone = registry.clone();
    registry.put(&ticker, b"one", note(), &[]).unwrap();
    assert_eq!(clone.get(&ticker, 1).unwrap(), b"one");
}

/// Half of all answers are lost: each version is there once, and each swap has happened once.
#[test]
fn lost_answers_lose_and_double_nothing() {
    let registry = Registry::on(ForgetfulStorage::new(MemoryStorage::new()));
    let goog = Ticker::new("GOOG").unwrap();
    let mut champion = None;
    for round in 0..12u8 {
        let version = registry.put_over(&goog, &[round], note(), &[], champion).unwrap();
        assert!(version.is(Alias::Champion));
        assert_eq!(registry.get(&goog, version.version).unwrap(), [round]);
        champion = Some(version.version);
    }
    assert_eq!(registry.versions(&goog).unwrap().len(), 12);
    for left in (1..12).rev() {
        let before = registry.rollback(&goog).unwrap();
        assert_eq!(registry.get(&goog, before.version).unwrap(), [left - 1]);
    }
}

#[test]
fn another_open_sees_the_same() {
    let (home, registry, goog) = registry();
    let again = DirectoryRegistry::open(home.path()).unwrap();
    assert_eq!(again.versions(&goog).unwrap(), registry.versions(&goog).unwrap());
    let artifact = Artifact::new("forecast.svg", *b"<svg/>").unwrap();
    assert_eq!(again.put(&goog, b"two", note(), &[artifact]).unwrap().version, 2);
    assert_eq!(registry.get(&goog, 2).unwrap(), b"two");
    let folder = registry.folder(&"GOOG@2".parse().unwrap());
    assert_eq!(folder, home.path().join("registry/GOOG/2"));
    assert_eq!(names(&folder), ["bundle.safetensors", "forecast.svg"]);
    assert_eq!(names(&home.path().join("registry/GOOG")), ["1", "2", "manifest"]);
}

#[test]
fn reading_an_empty_home_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("home");
    let registry = DirectoryRegistry::open(&home).unwrap();
    let goog = Ticker::new("GOOG").unwrap();
    assert!(registry.champion(&goog).unwrap().is_none() && registry.parent().unwrap().is_none());
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

/// What a process leaves that dies after its bundle is in place and before the manifest names it.
#[test]
fn an_orphan_is_ignored_and_its_number_skipped() {
    let (home, registry, goog) = registry();
    let orphan = home.path().join("registry/GOOG/2");
    fs::create_dir(&orphan).unwrap();
    fs::write(orphan.join(BUNDLE), b"orphan").unwrap();
    assert_eq!(numbers(&registry, &goog), [1]);
    assert!(matches!(registry.get(&goog, 2), Err(Error::NotFound { .. })));
    assert_eq!(registry.put(&goog, b"three", note(), &[]).unwrap().version, 3);
    assert_eq!(numbers(&registry, &goog), [1, 3]);
    assert_eq!(fs::read(orphan.join(BUNDLE)).unwrap(), b"orphan", "nobody's bytes are replaced");
    assert_eq!(registry.get(&goog, 2).unwrap_err().to_string(), "no version named GOOG@2; GOOG has 1, 3");
}

/// The path of the newest manifest of GOOG.
fn newest_manifest(home: &TempDir) -> PathBuf {
    let folder = home.path().join("registry/GOOG/manifest");
    folder.join(names(&folder).pop().unwrap())
}

#[test]
fn a_broken_manifest_is_named_and_never_followed() {
    let (home, registry, goog) = registry();
    let path = newest_manifest(&home);
    let good = fs::read_to_string(&path).unwrap();
    let cure = "restore this manifest from a copy, or move its folder away and train again";
    let foreign = "restore it from a copy, or move it away";
    let newer = format!("a newer stockops wrote it: it is of schema 9, and stockops {}", env!("CARGO_PKG_VERSION"));
    for (bad, place, problem, cure) in [
        (String::new(), ", line 1", "it was not written by stockops (EOF while parsing a value at line 1", foreign),
        (good.replacen("\"schema\":1", "\"schema\":9", 1), "", &newer, "; upgrade stockops"),
        (good.replace("\"value\":{\"schema\":1", "\"value\":{\"schema\":9"), "", &newer, "; upgrade stockops"),
        (good.replace("\"GOOG\"", "\"META\""), "", "it belongs to META, not to GOOG", cure),
        (good.replace("\"version\":1", "\"version\":7"), "", "its versions do not ascend from 1 to below `next`", cure),
        (
            good.replace("\"challenger\":null", "\"challenger\":5"),
            "",
            "it names version 5 champion or challenger",
            cure,
        ),
        (good.replace("\"champions\":[1]", "\"champions\":[]"), "", "its champions do not fit its versions", cure),
    ] {
        assert_ne!(bad, good);
        fs::write(&path, &bad).unwrap();
        let text = registry.versions(&goog).unwrap_err().to_string();
        assert!(text.starts_with(&format!("{}{place}: {problem}", path.display())), "{text}");
        assert!(text.ends_with(cure), "{text}");
        assert_eq!(registry.put(&goog, b"two", note(), &[]).unwrap_err().to_string(), text);
        assert_eq!(registry.promote(&goog, 1).unwrap_err().to_string(), text);
        assert_eq!(newest_manifest(&home), path);
        assert_eq!(fs::read_to_string(&path).unwrap(), bad);
    }
    assert_eq!(names(&home.path().join("registry/GOOG")), ["1", "manifest"], "what is refused leaves no orphan");
}

#[test]
fn a_manifest_cannot_name_files_elsewhere() {
    let (home, registry, goog) = registry();
    let path = newest_manifest(&home);
    let good = fs::read_to_string(&path).unwrap();
    fs::write(&path, good.replace("\"artifacts\":[]", "\"artifacts\":[\"../manifest.json\"]")).unwrap();
    assert!(matches!(registry.artifact(&goog, 1, "../manifest.json"), Err(Error::NotFound { .. })));
}

#[test]
fn a_put_that_fails_leaves_no_version() {
    let (home, registry, goog) = registry();
    let in_the_way = home.path().join("registry/GOOG/2");
    let file = Artifact::new("a.svg", *b"<svg/>").unwrap();
    // A file where the folder of the version should be; its number is taken all the same.
    fs::write(&in_the_way, b"a file").unwrap();
    fs::write(home.path().join("registry/GOOG/3"), b"a file").unwrap();
    fs::write(home.path().join("registry/GOOG/4"), b"a file").unwrap();
    assert_eq!(registry.put(&goog, b"five", note(), &[file]).unwrap().version, 5);
    assert_eq!(numbers(&registry, &goog), [1, 5]);
    fs::remove_dir_all(home.path().join("registry/GOOG/manifest")).unwrap();
    fs::write(home.path().join("registry/GOOG/manifest"), b"a file").unwrap();
    assert!(matches!(registry.put(&goog, b"six", note(), &[]).unwrap_err(), Error::Storage { .. }));
}

/// A shelf as stockops 0.1 wrote it: two versions, the second one promoted.
fn old_home() -> (TempDir, DirectoryRegistry, Ticker) {
    let home = tempfile::tempdir().unwrap();
    let version = |number: u32, alias: &str, bytes: &[u8]| {
        let folder = home.path().join(format!("registry/GOOG/{number}"));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(BUNDLE), bytes).unwrap();
        fs::write(folder.join("forecast.svg"), b"<svg/>").unwrap();
        format!(
            r#"    {{
      "version": {number},
      "created": "2026-01-0{number}T20:00:00Z",
      "strategy": "freeze",
      "parent": "^GSPC@0",
      "alias": [{alias}],
      "metrics": {{ "gate": null }},
      "last_seen_day": "2016-12-30",
      "sha256": "{}",
      "bytes": {},
      "unproven": true,
      "reason": "no skill yet",
      "artifacts": ["forecast.svg"]
    }}"#,
            crate::files::sha256_hex(bytes),
            bytes.len()
        )
    };
    let (one, two) = (version(1, "", b"one"), version(2, "\"champion\"", b"two"));
    let head = "{\n  \"schema\": 1,\n  \"ticker\": \"GOOG\",\n  \"next\": 3,\n  \"champions\": [\n    1,\n    2\n  ],";
    let manifest = format!("{head}\n  \"challenger\": null,\n  \"versions\": [\n{one},\n{two}\n  ]\n}}\n");
    fs::write(home.path().join("registry/GOOG/manifest.json"), manifest).unwrap();
    fs::write(home.path().join("registry/GOOG/manifest.lock"), b"").unwrap();
    fs::write(home.path().join("registry/GOOG/training.lock"), b"").unwrap();
    let registry = DirectoryRegistry::open(home.path()).unwrap();
    (home, registry, Ticker::new("GOOG").unwrap())
}

#[test]
fn a_home_of_stockops_0_1_is_read_as_it_is() {
    let (home, registry, goog) = old_home();
    let before = names(&home.path().join("registry/GOOG"));
    assert_eq!(registry.tickers().unwrap(), std::slice::from_ref(&goog));
    assert_eq!(numbers(&registry, &goog), [1, 2]);
    assert_eq!(registry.champion(&goog).unwrap().unwrap().version, 2);
    assert_eq!(registry.get(&goog, 1).unwrap(), b"one");
    assert_eq!(registry.artifact(&goog, 2, "forecast.svg").unwrap(), b"<svg/>");
    assert_eq!(names(&home.path().join("registry/GOOG")), before, "reading writes nothing");
}

#[test]
fn the_first_change_of_an_old_home_carries_it_over_and_marks_it() {
    let (home, registry, goog) = old_home();
    let old = home.path().join("registry/GOOG/manifest.json");
    let versions = registry.versions(&goog).unwrap();
    assert_eq!(registry.rollback(&goog).unwrap().version, 1, "the champions before came along");
    assert_eq!(registry.get(&goog, 2).unwrap(), b"two");
    assert_eq!(registry.put(&goog, b"three", note(), &[]).unwrap().version, 3);
    assert_eq!(registry.versions(&goog).unwrap()[0].created, versions[0].created);
    // A program that knows only this file sees that it is not the last word.
    let marked: serde_json::Value = serde_json::from_slice(&fs::read(&old).unwrap()).unwrap();
    assert_eq!((&marked["schema"], &marked["champions"]), (&2.into(), &serde_json::json!([1, 2])));
}

/// What a process leaves that dies after it marked the old manifest and before the sequence begins.
#[test]
fn an_old_home_that_is_marked_and_not_followed_is_read_as_before() {
    let (home, registry, goog) = old_home();
    let old = home.path().join("registry/GOOG/manifest.json");
    fs::write(&old, fs::read_to_string(&old).unwrap().replace("\"schema\": 1", "\"schema\": 2")).unwrap();
    assert_eq!(numbers(&registry, &goog), [1, 2]);
    assert_eq!(registry.promote(&goog, 1).unwrap().version, 1);
    assert_eq!(registry.rollback(&goog).unwrap().version, 2);
}

#[test]
fn a_broken_manifest_of_stockops_0_1_is_named_and_stays() {
    let (home, registry, goog) = old_home();
    let old = home.path().join("registry/GOOG/manifest.json");
    fs::write(&old, b"{\n\"schema\": 1").unwrap();
    let text = registry.promote(&goog, 1).unwrap_err().to_string();
    assert!(text.starts_with(&format!("{}, line 2: not a manifest of versions (EOF", old.display())), "{text}");
    assert_eq!(registry.put(&goog, b"x", note(), &[]).unwrap_err().to_string(), text);
    assert_eq!(fs::read(&old).unwrap(), b"{\n\"schema\": 1");
}

// Other processes: this test binary runs itself with a job in its environment.

const HOME: &str = "STOCKOPS_TEST_HOME";
const JOB: &str = "STOCKOPS_TEST_JOB";

fn spawn(job: &str, home: &Path) -> Child {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "registry::stored::tests::job_of_a_child_process", "--nocapture"]);
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
    if job == "promote" {
        for version in 1..=30 {
            // What is removed already cannot be promoted any more.
            let _ = registry.promote(&goog, version);
        }
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
fn what_another_process_promotes_is_never_removed() {
    let (home, registry, goog) = registry();
    (2..=30).for_each(|_| drop(registry.put(&goog, b"weights", note(), &[]).unwrap()));
    let all: Vec<u32> = (1..=30).collect();
    let mut child = spawn("promote", home.path());
    while child.try_wait().unwrap().is_none() {
        registry.remove(&goog, &all).unwrap();
        let champion = registry.champion(&goog).unwrap().unwrap();
        registry.get(&goog, champion.version).unwrap();
    }
    registry.remove(&goog, &all).unwrap();
    let manifest = registry.manifest(&goog).unwrap();
    assert!(manifest.versions().iter().all(|version| manifest.is_named(version.version)));
    for version in manifest.versions() {
        registry.get(&goog, version.version).unwrap();
    }
    let folders = names(&home.path().join("registry/GOOG")).into_iter().filter(|name| number_of(name).is_some());
    let full = folders.filter(|name| !names(&home.path().join("registry/GOOG").join(name)).is_empty());
    assert_eq!(full.count(), manifest.versions().len(), "the files of all others are gone");
}

/// A removal that stops once the manifest is written: the next one removes the files.
#[test]
fn what_a_removal_was_stopped_at_is_finished_by_the_next() {
    let (_home, registry, goog) = registry();
    for _ in 0..2 {
        registry.put(&goog, b"more", note(), &[]).unwrap();
    }
    registry.change(&goog, |manifest| Ok(manifest.remove(2))).unwrap().unwrap();
    let bundle = registry.folder(&"GOOG@2".parse().unwrap()).join(BUNDLE);
    assert!(bundle.exists() && registry.get(&goog, 2).is_err());
    assert!(registry.remove(&goog, &[]).unwrap().is_empty());
    assert!(!bundle.exists());
}

#[test]
fn a_second_process_is_told_that_training_is_busy_until_the_first_dies() {
    let (home, registry, goog) = registry();
    let mut child = spawn("train", home.path());
    wait_until_held(&mut child);
    let path = home.path().join("registry/GOOG/training.lock");
    let text = registry.training_lock(&goog).unwrap_err().to_string();
    let held = format!("another process holds {}", path.display());
    assert_eq!(text, format!("training of GOOG is busy: {held}; wait for it to end and try again"));
    assert_eq!(registry.put(&goog, b"two", note(), &[]).unwrap().version, 2, "others may still put and read");
    child.kill().unwrap();
    child.wait().unwrap();
    drop(registry.training_lock(&goog).unwrap());
}
