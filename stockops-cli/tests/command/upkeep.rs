//! `stockops backup`, `restore`, `gc` and homes of other versions.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::place::Place;

/// A home with a version, a forecast, a report of drift and features.
fn filled(place: &Place) -> String {
    let file = place.bars("MSFT", 300);
    place.json(&format!("train-child MSFT --bars {file} --strategy zero-shot"));
    place.json(&format!("forecast MSFT --bars {file}"));
    place.json(&format!("drift MSFT --bars {file}"));
    file
}

#[test]
fn a_home_comes_back_whole_and_forecasts_the_same() {
    let place = Place::new();
    let file = filled(&place);
    let forecast = |home: &str| place.json(&format!("forecast MSFT --bars {file} --home {home}"));
    let before = forecast("stockops-home");
    let taken = place.json("backup copies/monday");
    let keys: Vec<&str> = taken["objects"].as_array().unwrap().iter().map(|one| one["key"].as_str().unwrap()).collect();
    for room in ["runs/", "record/MSFT/", "drift/MSFT/", "registry/MSFT/manifest/", "registry/MSFT/1/bundle"] {
        assert!(keys.iter().any(|key| key.starts_with(room)), "{room} of {keys:?}");
    }
    let text = place.fails(2, "backup copies/monday");
    assert!(text.starts_with("`backup` must be a folder that is empty or not there yet"), "{text}");

    let restored = place.json("restore copies/monday --home other");
    assert_eq!(restored["objects"].as_u64().unwrap() as usize, keys.len());
    assert_eq!(forecast("other"), before);
    let text = place.fails(2, "restore copies/monday --home other");
    assert!(text.starts_with("`home` must be a folder that is empty or not there yet"), "{text}");
    let replaced = place.json("restore copies/monday --home other --replace");
    assert!(place.path().join(replaced["moved_aside"].as_str().unwrap()).join("registry/MSFT").is_dir());
    assert_eq!(forecast("other"), before);

    place.write("copies/monday/home/registry/MSFT/1/bundle.safetensors", b"torn");
    let text = place.fails(2, "restore copies/monday --home third");
    assert!(text.contains("bundle.safetensors: it has 4 bytes where"), "{text}");
    assert!(!place.path().join("third").exists());
}

#[test]
fn what_killed_processes_left_is_removed_once_it_is_old() {
    let place = Place::new();
    for (name, age) in [("record/GOOG/.tmp-old", "3 hours ago"), ("record/GOOG/.tmp-young", "10 minutes ago")] {
        std::fs::create_dir_all(place.path().join("stockops-home/record/GOOG")).unwrap();
        place.write(&format!("stockops-home/{name}"), b"half");
        let file = place.path().join("stockops-home").join(name);
        assert!(Command::new("touch").args(["-d", age]).arg(file).status().unwrap().success());
    }
    let left = |document: &Value| document["remains"].as_array().map_or(0, Vec::len);
    let dry = place.json("gc --dry-run");
    assert_eq!((left(&dry), &dry["bytes"]), (1, &4.into()));
    assert_eq!(left(&place.json("gc")), 1);
    assert_eq!(left(&place.json("gc")), 0);
    assert!(place.path().join("stockops-home/record/GOOG/.tmp-young").exists());
}

#[test]
fn kept_answers_that_are_too_old_are_removed() {
    let place = Place::new();
    assert_eq!(place.json("gc")["answers"], 0);
    let file = place.path().join("stockops-home/answers.sqlite");
    assert!(!file.exists(), "who removes makes nothing");
    let bars = place.bars("MSFT", 300);
    place.json(&format!("analyze MSFT --bars {bars} --question why?"));
    assert!(file.exists() && place.json("gc")["answers"] == 0, "it may be a day old");
    place.write("stockops.toml", b"[answers]\nseconds_to_live = 1\n");
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    let removed = ["gc --dry-run", "gc", "gc"].map(|words| place.json(words)["answers"].clone());
    assert_eq!(removed, [1, 1, 0]);
}

#[test]
fn versions_that_are_young_stay_where_days_are_said() {
    let place = Place::new();
    let file = place.bars("MSFT", 300);
    for _ in 0..3 {
        place.json(&format!("train-child MSFT --bars {file} --strategy zero-shot"));
    }
    let count =
        |words: &str| place.json(&format!("gc --keep 0 --dry-run {words}"))["removed"].as_array().unwrap().len();
    assert!(count("") > 0 && count("--days 1") == 0);
}

/// Every kind of object of a newer stockops is refused with a sentence, and nothing is changed.
#[test]
fn a_home_of_a_newer_stockops_is_refused() {
    let place = Place::new();
    let file = filled(&place);
    place.json("features apply");
    place.json(&format!("features materialize MSFT --bars {file}"));
    let newest = |folder: &str| {
        let names = std::fs::read_dir(place.path().join("stockops-home").join(folder)).unwrap();
        let mut names: Vec<_> = names.map(|name| name.unwrap().path()).filter(|path| path.is_file()).collect();
        names.sort();
        names.pop().unwrap()
    };
    let calls = [
        ("registry/MSFT/manifest", format!("forecast MSFT --bars {file}")),
        ("record/MSFT/forecasts", format!("drift MSFT --bars {file}")),
        ("drift/MSFT/reports", format!("monitor MSFT --bars {file}")),
        ("features/applied", "features get MSFT".into()),
    ];
    for (folder, call) in calls {
        let path = newest(folder);
        let good = std::fs::read_to_string(&path).unwrap();
        assert!(good.starts_with("{\"schema\":1,"), "{good}");
        std::fs::write(&path, good.replacen("{\"schema\":1,", "{\"schema\":2,", 1)).unwrap();
        let text = place.fails(2, &call);
        assert!(text.contains("a newer stockops wrote it: it is of schema 2, and stockops"), "{call}: {text}");
        assert!(text.ends_with("; upgrade stockops"), "{text}");
        std::fs::write(&path, good).unwrap();
    }
}

/// A home that stockops 0.1 wrote before its documents said their schema, of bars that were made up: `old_home.tar.gz` holds all
/// but the bundle, which the same training makes again.
#[test]
fn a_home_of_the_version_before_is_read_on() {
    let place = Place::new();
    unpack(&place);
    let bars = |name: &str| format!("--bars {name} --calendar weekdays");
    place.json(&format!("train-child MADE --strategy zero-shot --home again {}", bars("early.csv")));
    std::fs::copy(
        place.path().join("again/registry/MADE/1/bundle.safetensors"),
        place.path().join("stockops-home/registry/MADE/1/bundle.safetensors"),
    )
    .unwrap();
    let made = &place.json("models show MADE --home again");
    let path = place.path().join("stockops-home/registry/MADE/manifest/0000000001.json");
    let mut manifest: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let version = &mut manifest["value"]["versions"][0];
    (version["sha256"], version["bytes"]) = (made["sha256"].clone(), made["bytes"].clone());
    std::fs::write(&path, manifest.to_string()).unwrap();

    assert_eq!(place.json("models list MADE")["versions"][0]["version"], 1);
    let forecast = place.json(&format!("forecast MADE {}", bars("made-up.csv")));
    assert_eq!(forecast["model_version"], "MADE@1");
    let monitored = place.json(&format!("monitor MADE {}", bars("made-up.csv")));
    assert_eq!(monitored["drift"]["as_of"], "2024-10-04", "{monitored}");
    assert_eq!(place.json("features get MADE")["rows"].as_array().map(Vec::len), Some(1));
    assert_eq!(place.json("runs list MADE")["runs"].as_array().map(Vec::len), Some(1));
    // What is changed says its schema from now on, and what was there is there.
    place.json(&format!("train-child MADE --strategy zero-shot {}", bars("made-up.csv")));
    let newer = std::fs::read_to_string(path.with_file_name("0000000002.json")).unwrap();
    assert!(newer.starts_with("{\"schema\":1,"), "{newer}");
    assert_eq!(place.json("models list MADE")["versions"].as_array().map(Vec::len), Some(2));
    place.json("backup copy");
    place.json("restore copy --home other");
    assert_eq!(place.json("models list MADE --home other"), place.json("models list MADE"));
}

fn unpack(place: &Place) {
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/command/old_home.tar.gz");
    let unpacked = Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(place.path()).status().unwrap();
    assert!(unpacked.success());
}
