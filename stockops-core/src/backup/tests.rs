//! Copies that are taken while others write, and what comes back.

use std::collections::BTreeSet;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::NaiveDate;

use super::*;
use crate::Error;
use crate::market::Ticker;
use crate::record::{Decision, ForecastRecord, KeptForecast, MemoryRecord, Record, Verdict};
use crate::registry::{Artifact, MemoryRegistry, ModelRegistry, Registry, VersionId, VersionNote};
use crate::storage::{DirectoryStorage, Key, Log, MemoryStorage, Storage};
use crate::tracking::{Batch, Run, RunId, RunStatus, Runs, Tracker};

const NOW: &str = "2024-05-01T20:00:00Z";

fn config() -> BackupConfig {
    BackupConfig::new(NOW.parse().unwrap())
}

fn goog() -> Ticker {
    Ticker::new("GOOG").unwrap()
}

fn note(strategy: &str) -> VersionNote {
    VersionNote::new(strategy, NaiveDate::default())
}

fn forecast(day: u32) -> KeptForecast {
    let date = NaiveDate::from_yo_opt(2024, 1 + day).unwrap();
    let next = date.succ_opt().unwrap();
    let json = serde_json::json!({"ticker": "GOOG", "last_date": date, "last_price": 1.0, "version": "GOOG@1",
        "interval_90": [], "days": [{"date": next, "open": 1, "high": 1, "low": 1, "close": 1, "volume": 1}]});
    serde_json::from_value(json).unwrap()
}

/// A home with a version, a forecast, a decision and a sent file.
fn filled(storage: &MemoryStorage) {
    Registry::on(storage)
        .put(&goog(), b"weights", note("freeze"), &[Artifact::new("a.svg", *b"<svg/>").unwrap()])
        .unwrap();
    let record = Record::on(storage);
    record.keep(&forecast(1)).unwrap();
    record.decide(&Decision::new(goog(), NaiveDate::default(), Verdict::Keep, "nothing was lost")).unwrap();
    storage.put(&Key::new("bars/GOOG/upload.json").unwrap(), b"{}").unwrap();
    storage.put(&Key::new("bars/GOOG/0a").unwrap(), b"Date,Close").unwrap();
    storage.put(&Key::new("registry/GOOG/training.lock").unwrap(), b"").unwrap();
}

fn contents(storage: &dyn Storage) -> Vec<(String, Vec<u8>)> {
    let rooms = ["runs", "running", "record", "registry", "bars"];
    let keys = rooms.iter().flat_map(|room| storage.walk(&Key::new(room).unwrap()).unwrap());
    let keys = keys.filter(|key| !key.as_str().ends_with(".lock"));
    keys.map(|key| (key.to_string(), storage.get(&key).unwrap().unwrap())).collect()
}

#[test]
fn what_was_copied_comes_back_into_a_folder_and_into_a_storage() {
    let (folder, home) = (tempfile::tempdir().unwrap(), MemoryStorage::new());
    filled(&home);
    let copy = folder.path().join("copy");
    let taken = backup(&home, &copy, &config()).unwrap();
    assert_eq!(Backup::open(&copy).unwrap(), taken);
    assert_eq!(taken.bytes, contents(&home).iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
    assert_eq!(taken.home, "memory:");

    let restored = restore(&copy, &folder.path().join("home"), false, NOW.parse().unwrap()).unwrap();
    assert_eq!((restored.objects, restored.moved_aside), (taken.objects.len(), None));
    assert_eq!(contents(&DirectoryStorage::at(folder.path().join("home"))), contents(&home));
    let other = MemoryStorage::new();
    restore_into(&copy, &other).unwrap();
    assert_eq!(contents(&other), contents(&home));
    let text = restore_into(&copy, &other).unwrap_err().to_string();
    assert!(text.starts_with("`home` must be a storage without objects of stockops, got memory:"), "{text}");
}

#[test]
fn a_backup_is_not_written_over_another() {
    let (folder, home) = (tempfile::tempdir().unwrap(), MemoryStorage::new());
    backup(&home, folder.path(), &config()).unwrap();
    let text = backup(&home, folder.path(), &config()).unwrap_err().to_string();
    assert!(text.starts_with("`backup` must be a folder that is empty or not there yet, got "), "{text}");
}

#[test]
fn a_home_that_holds_something_is_moved_aside_only_where_that_is_wanted() {
    let (folder, memory) = (tempfile::tempdir().unwrap(), MemoryStorage::new());
    filled(&memory);
    let (copy, home) = (folder.path().join("copy"), folder.path().join("home"));
    backup(&memory, &copy, &config()).unwrap();
    for file in ["registry/META/1/bundle.safetensors", "logs/stockops.log"] {
        fs::create_dir_all(home.join(file).parent().unwrap()).unwrap();
        fs::write(home.join(file), "old").unwrap();
    }
    let text = restore(&copy, &home, false, NOW.parse().unwrap()).unwrap_err().to_string();
    assert!(text.starts_with("`home` must be a folder that is empty or not there yet, unless"), "{text}");
    assert_eq!(fs::read(home.join("logs/stockops.log")).unwrap(), b"old");

    let aside = home.join("replaced-20240501T200000");
    let restored = restore(&copy, &home, true, NOW.parse().unwrap()).unwrap();
    assert_eq!(restored.moved_aside.as_ref(), Some(&aside));
    assert_eq!(fs::read(aside.join("registry/META/1/bundle.safetensors")).unwrap(), b"old");
    assert!(aside.join("logs").is_dir() && !home.join("logs").exists() && !home.join("registry/META").exists());
    assert_eq!(contents(&DirectoryStorage::at(&home)), contents(&memory));
}

#[test]
fn a_torn_or_altered_backup_is_refused_and_names_the_object() {
    let (folder, memory) = (tempfile::tempdir().unwrap(), MemoryStorage::new());
    filled(&memory);
    let (copy, home) = (folder.path().join("copy"), folder.path().join("home"));
    backup(&memory, &copy, &config()).unwrap();
    let bundle = copy.join("home/registry/GOOG/1/bundle.safetensors");
    let refused = || {
        let text = restore(&copy, &home, false, NOW.parse().unwrap()).unwrap_err().to_string();
        assert!(!home.exists(), "{text}");
        text
    };
    for (bytes, problem) in [
        (b"weighty".as_slice(), "its sha256 is another than when it was copied"),
        (b"weight", "it has 6 bytes where 7 were copied"),
    ] {
        fs::write(&bundle, bytes).unwrap();
        assert!(refused().starts_with(&format!("{}: {problem}; nothing was restored", bundle.display())));
    }
    fs::remove_file(&bundle).unwrap();
    fs::remove_file(copy.join("home/bars/GOOG/0a")).unwrap();
    let text = refused();
    assert!(text.contains("it is missing, and 1 more objects are damaged"), "{text}");

    let list = copy.join("backup.json");
    let good = fs::read_to_string(&list).unwrap();
    fs::write(&list, good.replace("\"bytes\":7", "\"bytes\":8")).unwrap();
    assert_eq!(refused(), format!("{}: it was altered since it was written; take another backup", list.display()));
    fs::write(&list, good.replace("{\"schema\":1", "{\"schema\":2")).unwrap();
    assert!(refused().contains("a newer stockops wrote it: it is of schema 2"));
    fs::remove_file(&list).unwrap();
    assert!(refused().ends_with("there is no backup here, or it was stopped before its end; take another"));
}

#[test]
fn a_restore_that_was_stopped_in_its_last_step_is_refused_until_it_goes_on() {
    let (folder, memory) = (tempfile::tempdir().unwrap(), MemoryStorage::new());
    filled(&memory);
    let (copy, home) = (folder.path().join("copy"), folder.path().join("home"));
    backup(&memory, &copy, &config()).unwrap();
    restore(&copy, &home, false, NOW.parse().unwrap()).unwrap();
    check_finished(&home).unwrap();
    // As it is where two rooms have their names, one of the old home is moved, and then the power goes.
    let decided = home.join(".restored-0");
    fs::create_dir_all(decided.join("home")).unwrap();
    fs::create_dir_all(home.join("replaced-20240501T200000/registry")).unwrap();
    for room in ["record", "bars"] {
        fs::rename(home.join(room), decided.join("home").join(room)).unwrap();
    }
    let plan = |checksum: &str| {
        let names = r#""names":["registry","logs"],"aside":"replaced-20240501T200000""#;
        let told = r#""objects":5,"bytes":9,"made":"2024-05-01T20:00:00Z""#;
        let text = format!(r#"{{"schema":1,{names},"checksum":"{checksum}",{told}}}"#);
        fs::write(decided.join("plan.json"), text).unwrap();
    };
    plan("0123");
    fs::create_dir_all(home.join("logs")).unwrap();
    let text = check_finished(&home).unwrap_err().to_string();
    assert!(text.ends_with("a restore was stopped in its last step; call it again, and it goes on"), "{text}");
    let other = restore(&copy, &home, false, NOW.parse().unwrap()).unwrap_err().to_string();
    assert!(other.contains("a restore of another backup, made 2024-05-01 20:00:00,"), "{other}");
    plan(&Backup::open(&copy).unwrap().checksum);
    assert_eq!(restore(&copy, &home, false, NOW.parse().unwrap()).unwrap().objects, 5);
    check_finished(&home).unwrap();
    assert_eq!(contents(&DirectoryStorage::at(&home)), contents(&memory));
    assert!(home.join("replaced-20240501T200000/logs").is_dir() && !home.join("logs").exists());
}

#[test]
fn a_file_beside_the_storage_comes_first() {
    let (folder, memory) = (tempfile::tempdir().unwrap(), MemoryStorage::new());
    filled(&memory);
    let jobs = folder.path().join("a.sqlite");
    fs::write(&jobs, b"tables").unwrap();
    let beside = vec![Beside { key: Key::new("jobs.sqlite").unwrap(), copy: jobs }];
    let (copy, home) = (folder.path().join("copy"), folder.path().join("home"));
    let taken = backup(&memory, &copy, &BackupConfig { beside, ..config() }).unwrap();
    assert_eq!(taken.objects[0].key, "jobs.sqlite");
    restore(&copy, &home, false, NOW.parse().unwrap()).unwrap();
    assert_eq!(fs::read(home.join("jobs.sqlite")).unwrap(), b"tables");
}

/// Ends those who write when it is dropped, also where a claim did not hold.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What must hold of a copy, whenever it was taken.
fn is_consistent(copy: &MemoryStorage) {
    let (registry, record) = (MemoryRegistry::on(copy.clone()), MemoryRecord::on(copy.clone()));
    for ticker in registry.tickers().unwrap() {
        for version in registry.versions(&ticker).unwrap() {
            registry.get(&ticker, version.version).unwrap();
            registry.artifact(&ticker, version.version, "a.svg").unwrap();
        }
    }
    if let Some(VersionId { ticker, version }) = registry.parent().unwrap() {
        registry.get(&ticker, version).unwrap();
    }
    for decision in record.decisions(&goog()).unwrap() {
        let named: VersionId = decision.version.unwrap().parse().unwrap();
        registry.get(&named.ticker, named.version).unwrap();
    }
    let runs = Runs::on(copy.clone());
    runs.end_killed(NOW.parse().unwrap()).unwrap();
    for id in runs.ids().unwrap() {
        assert_ne!(runs.run(&id).unwrap().status, RunStatus::Running, "nobody will end it");
    }
}

/// Who trains, promotes, removes, forecasts, scores and decides while copies are taken one after the other.
#[test]
fn every_copy_is_consistent_while_others_write() {
    let (folder, done, kept) = (tempfile::tempdir().unwrap(), AtomicBool::new(false), AtomicUsize::new(0));
    let home = DirectoryStorage::at(folder.path().join("home"));
    let (registry, record, runs) = (Registry::on(&home), Record::on(&home), Runs::on(&home));
    let (index, artifact) = (Ticker::new("^GSPC").unwrap(), [Artifact::new("a.svg", *b"<svg/>").unwrap()]);
    let goes_on = || {
        std::thread::sleep(std::time::Duration::from_millis(10));
        !done.load(Ordering::Relaxed)
    };
    std::thread::scope(|scope| {
        let _end = Ends(&done);
        scope.spawn(|| {
            while goes_on() {
                let bundle = format!("weights of {:?}", std::time::Instant::now());
                let version = registry.put(&goog(), bundle.as_bytes(), note("freeze"), &artifact).unwrap().version;
                registry.promote(&goog(), version).unwrap();
                // Each third is named by a decision, and stays.
                if version % 3 == 0 {
                    let decided = Decision::new(goog(), NaiveDate::default(), Verdict::Swap, "better");
                    record.decide(&Decision { version: Some(format!("GOOG@{version}")), ..decided }).unwrap();
                }
                // Who removes all the time is never copied: a removal is seen, and copied around.
                if version % 20 == 0 {
                    let old: Vec<u32> = (1..version - 2).filter(|old| old % 3 != 0).collect();
                    registry.remove(&goog(), &old).unwrap();
                }
            }
        });
        scope.spawn(|| {
            for _ in 0..10 {
                let version = registry.put(&index, b"parent", note("parent"), &artifact).unwrap().version;
                registry.promote(&index, version).unwrap();
                registry.set_parent(&VersionId { ticker: index.clone(), version }).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(100));
                registry.remove(&index, &(1..version.saturating_sub(1)).collect::<Vec<_>>()).unwrap();
            }
        });
        scope.spawn(|| {
            for day in 0..360 {
                if !goes_on() {
                    break;
                }
                record.keep(&forecast(day)).unwrap();
                kept.fetch_add(1, Ordering::SeqCst);
                record.settle(&goog(), &mut |_| None).unwrap();
            }
        });
        scope.spawn(|| {
            while goes_on() {
                let now = std::time::SystemTime::now().into();
                let run = Run::begun(RunId::new(now), "a training", now);
                runs.begin(&run).unwrap();
                runs.log(&run.run_id, &Batch::default().param("seed", 1)).unwrap();
                runs.end(&run.run_id, RunStatus::Finished, now).unwrap();
            }
        });
        let mut seen = BTreeSet::new();
        // Five copies, and more where the machine is too busy for anybody to write meanwhile.
        for round in 0..100 {
            if round >= 5 && seen.len() > 1 {
                break;
            }
            let before = kept.load(Ordering::SeqCst);
            let copy = folder.path().join(round.to_string());
            backup(&home, &copy, &config()).unwrap();
            let restored = MemoryStorage::new();
            restore_into(&copy, &restored).unwrap();
            is_consistent(&restored);
            let forecasts = MemoryRecord::on(restored.clone()).forecasts(&goog()).unwrap().len();
            assert!(forecasts >= before, "{forecasts} of {before} that were kept before it began");
            seen.insert(forecasts);
        }
        assert!(seen.len() > 1, "nobody wrote meanwhile");
    });
}

/// The entries of a log that is bound again and again: none is missing, and none is as it was before it was bound.
#[test]
fn a_log_that_is_bound_meanwhile_loses_no_entry() {
    let (folder, home, done) = (tempfile::tempdir().unwrap(), MemoryStorage::new(), AtomicBool::new(false));
    let added = AtomicUsize::new(0);
    let log: Log<'_, String> = Log::new(&home, Key::new("record/GOOG/decisions").unwrap());
    std::thread::scope(|scope| {
        let _end = Ends(&done);
        scope.spawn(|| {
            for i in 0.. {
                if done.load(Ordering::Relaxed) {
                    break;
                }
                log.add(&format!("{i:06}"), &"single".into(), |_| Ok(true)).unwrap();
                added.store(i + 1, Ordering::SeqCst);
                if i % 8 == 7 {
                    let bound = log.unbound().unwrap().into_keys().map(|name| (name, "bound".into()));
                    log.bind(bound.collect(), &[]).unwrap();
                }
                std::thread::sleep(std::time::Duration::from_micros(500));
            }
        });
        for round in 0..10 {
            let (before, copy) = (added.load(Ordering::SeqCst), folder.path().join(round.to_string()));
            backup(&home, &copy, &config()).unwrap();
            let restored = MemoryStorage::new();
            restore_into(&copy, &restored).unwrap();
            let entries = Log::<String>::new(&restored, Key::new("record/GOOG/decisions").unwrap()).entries().unwrap();
            assert!(entries.len() >= before, "{} of {before}", entries.len());
            let whole = before - before % 8;
            assert!(entries.values().take(whole.saturating_sub(8)).all(|entry| entry == "bound"));
        }
    });
}

#[test]
fn a_disk_that_refuses_leaves_no_home() {
    let (folder, memory) = (tempfile::tempdir().unwrap(), MemoryStorage::new());
    filled(&memory);
    let (copy, home) = (folder.path().join("copy"), folder.path().join("home"));
    backup(&memory, &copy, &config()).unwrap();
    fs::write(&home, "a file, not a folder").unwrap();
    assert!(matches!(restore(&copy, &home, true, NOW.parse().unwrap()), Err(Error::Storage { .. })));
    assert_eq!(fs::read(&home).unwrap(), b"a file, not a folder");
}
