//! What a record makes of its storage: files on disk, homes of stockops 0.1, crashes, lost answers.

use chrono::NaiveDate;
use std::fs;

use super::*;
use crate::record::{Verdict, conformance};
use crate::storage::ForgetfulStorage;

fn goog() -> Ticker {
    Ticker::new("GOOG").unwrap()
}

fn day(word: &str) -> NaiveDate {
    word.parse().unwrap()
}

/// All files below `folder`, as paths relative to it.
fn files(folder: &Path) -> Vec<String> {
    fn below(root: &Path, folder: &Path, found: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                below(root, &path, found);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_string());
            }
        }
    }
    let mut found = Vec::new();
    below(folder, folder, &mut found);
    found.sort();
    found
}

#[test]
fn memory_keeps_every_promise() {
    conformance(&MemoryRecord::new());
}

#[test]
fn disk_keeps_every_promise() {
    let home = tempfile::tempdir().unwrap();
    conformance(&DirectoryRecord::open(home.path().join("not/yet")));
}

#[test]
fn a_storage_that_loses_answers_keeps_every_promise_but_who_was_first() {
    let record = Record::on(ForgetfulStorage::new(MemoryStorage::new()));
    for i in 0..40 {
        let forecast =
            KeptForecast { last_date: day("2024-01-01") + chrono::Days::new(i), ..old_forecast("GOOG@1", 0) };
        // Whether an answer was lost is not known, so `keep` may say that it was there already.
        record.keep(&forecast).unwrap();
        record.decide(&Decision::new(goog(), forecast.last_date, Verdict::Keep, "nothing was lost")).unwrap();
        record.settle(&goog(), &mut |kept| Some(outcomes(kept))).unwrap();
    }
    let all = record.forecasts(&goog()).unwrap();
    assert_eq!((all.len(), record.decisions(&goog()).unwrap().len()), (40, 40));
    assert!(all.iter().all(|kept| kept.is_settled()));
}

fn outcomes(kept: &KeptForecast) -> Vec<Outcome> {
    let of = |(i, day): (usize, &crate::forecast::Day)| Outcome {
        day: day.date,
        horizon: i + 1,
        fields: BTreeMap::new(),
        replayed: false,
    };
    kept.days.iter().enumerate().map(of).collect()
}

#[test]
fn asking_makes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let record = DirectoryRecord::open(home.path());
    assert_eq!(record.settle(&goog(), &mut |_| None).unwrap(), 0);
    assert!(record.forecasts(&goog()).unwrap().is_empty() && record.reports(&goog()).unwrap().is_empty());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn what_is_kept_is_one_small_file() {
    let home = tempfile::tempdir().unwrap();
    let record = DirectoryRecord::open(home.path());
    record.keep(&old_forecast("GOOG@3", 0)).unwrap();
    record.keep(&KeptForecast { version: "a path/../or worse".into(), ..old_forecast("GOOG@3", 0) }).unwrap();
    record.decide(&Decision::new(goog(), day("2024-05-01"), Verdict::Keep, "")).unwrap();
    record.keep_report(&report("2024-05-01")).unwrap();
    let hash = &sha256_hex(b"a path/../or worse")[..16];
    let wanted = [
        "drift/GOOG/reports/2024-05-01.0001-",
        "record/GOOG/decisions/2024-05-01.0001-",
        "record/GOOG/forecasts/2024-05-01_GOOG@3.0001-",
        &format!("record/GOOG/forecasts/2024-05-01_{hash}.0001-"),
    ];
    let made = files(home.path());
    assert_eq!(made.len(), wanted.len(), "{made:?}");
    assert!(wanted.iter().all(|begin| made.iter().any(|name| name.starts_with(begin))), "{made:?}");
    assert_eq!(record.forecasts(&goog()).unwrap().len(), 2);
}

#[test]
fn a_broken_entry_is_named_and_nothing_is_lost() {
    let home = tempfile::tempdir().unwrap();
    let record = DirectoryRecord::open(home.path());
    let decision = Decision::new(goog(), day("2024-05-01"), Verdict::Keep, "");
    record.decide(&decision).unwrap();
    let path = home.path().join(&files(home.path())[0]);
    fs::write(&path, "{\"half\": ").unwrap();
    let text = record.decisions(&goog()).unwrap_err().to_string();
    assert!(text.starts_with(&format!("{}, line 1: it was not written by stockops (", path.display())), "{text}");
    assert!(record.decide(&decision).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"half\": ");
}

/// What a process leaves that dies in the middle of writing is swept, an hour later.
#[test]
fn leftovers_of_crashes_are_swept() {
    let home = tempfile::tempdir().unwrap();
    let folders = ["record/GOOG/forecasts", "record/GOOG/decisions", "drift/GOOG/reports"];
    for folder in folders {
        let folder = home.path().join(folder);
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(".tmp-x1"), b"{").unwrap();
        let file = fs::File::options().write(true).open(folder.join(".tmp-x1")).unwrap();
        file.set_modified(std::time::SystemTime::now() - std::time::Duration::from_secs(7200)).unwrap();
    }
    let record = DirectoryRecord::open(home.path());
    assert!(record.forecasts(&goog()).unwrap().is_empty());
    record.keep(&old_forecast("GOOG@3", 0)).unwrap();
    record.decide(&Decision::new(goog(), day("2024-05-01"), Verdict::Keep, "")).unwrap();
    record.keep_report(&report("2024-05-01")).unwrap();
    assert!(files(home.path()).iter().all(|name| !name.contains(".tmp-")), "{:?}", files(home.path()));
}

/// A report is one object: a crash leaves both the history and the latest with it, or neither.
#[test]
fn the_latest_report_is_that_of_the_history() {
    let home = tempfile::tempdir().unwrap();
    let record = DirectoryRecord::open(home.path());
    for place in 1..=28 {
        let made = report(&format!("2024-05-{place:02}"));
        // Several a day, and each time one more object beside the others until they are bound.
        record.keep_report(&DriftReport { reason: Some("earlier".into()), ..made.clone() }).unwrap();
        record.keep_report(&made).unwrap();
        assert_eq!(record.latest_report(&goog()).unwrap(), Some(made.clone()));
        assert_eq!(record.reports(&goog()).unwrap().last(), Some(&without_trail(made)));
        assert_eq!(record.reports(&goog()).unwrap().len(), place);
    }
    assert!(files(home.path()).len() < BOUND_REPORTS + 2, "{:?}", files(home.path()));
}

fn report(as_of: &str) -> DriftReport {
    let trail = vec![crate::drift::TrailDay {
        day: day(as_of),
        health: crate::drift::Health::Degraded,
        data: 1.25,
        concept: None,
    }];
    DriftReport { trail, ..DriftReport::skipped(goog(), Some(day(as_of)), "2024-05-01T20:00:00Z".into(), "few".into()) }
}

// A home as stockops 0.1 wrote it.

/// The line of a forecast of 2024-05-01 with two days, of which `settled` have come.
fn old_line(version: &str, settled: usize) -> String {
    let one = |ahead: usize| {
        format!(
            r#"{{"date":"2024-05-0{}","open":1.0,"high":1.5,"low":0.30000000000000004,"close":1.2,"volume":3000000000.0}}"#,
            1 + ahead
        )
    };
    let outcome = |ahead: usize| {
        format!(
            r#"{{"day":"2024-05-0{}","horizon":{ahead},"fields":{{"close":{{"error":0.1,"rule_error":-0.2,"covered":true}}}},"replayed":false}}"#,
            1 + ahead
        )
    };
    let outcomes = (1..=settled).map(outcome).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"ticker":"GOOG","last_date":"2024-05-01","last_price":1.0,"version":"{version}","days":[{},{}],"interval_90":[],"outcomes":[{outcomes}]}}"#,
        one(1),
        one(2)
    )
}

fn old_forecast(version: &str, settled: usize) -> KeptForecast {
    serde_json::from_str(&old_line(version, settled)).unwrap()
}

const OLD_DECISIONS: &str = r#"{"ticker":"GOOG","day":"2024-04-30","verdict":"keep","reason":"nothing was lost","version":"GOOG@1","challenger":null}
{"ticker":"GOOG","day":"2024-05-01","verdict":"wait","reason":"the cool-down is not over","version":"GOOG@1","challenger":null}
{"ticker":"GOOG","day":"2024-05-01","verdict":"swap","reason":"lost; GOOG@2 forecasts now","version":"GOOG@1","challenger":"GOOG@2"}
"#;

fn old_report(as_of: &str, trail: &str) -> String {
    format!(
        r#"{{"ticker":"GOOG","status":"skipped","reason":"few","timestamp":"2024-05-01T20:00:00Z","as_of":"{as_of}","health":null,"summary":"Not tested: few.","drift_score":null,"volatility_index":null,"feature_metrics":{{}},"tests":[],"legacy":null,"retrain":{{"wanted":false,"reason":"nothing was tested"}},"reference":null,"scored":0,"replayed":0,"model_version":null,"trail":[{trail}]}}"#
    )
}

const OLD_TRAIL: &str = r#"{"day":"2024-05-01","health":"Degraded","data":1.25,"concept":null}"#;

fn old_home() -> (tempfile::TempDir, DirectoryRecord) {
    let home = tempfile::tempdir().unwrap();
    let (record, drift) = (home.path().join("record/GOOG"), home.path().join("drift/GOOG"));
    fs::create_dir_all(&record).unwrap();
    fs::create_dir_all(&drift).unwrap();
    let forecasts = [("GOOG@1", 2), ("GOOG@2", 1), ("^GSPC@0", 0)].map(|(version, settled)| old_line(version, settled));
    fs::write(record.join("forecasts.jsonl"), forecasts.join("\n") + "\n").unwrap();
    fs::write(record.join("decisions.jsonl"), OLD_DECISIONS).unwrap();
    fs::write(record.join("record.lock"), "").unwrap();
    let history = [old_report("2024-04-30", ""), old_report("2024-05-01", "")].join("\n") + "\n";
    fs::write(drift.join("history.jsonl"), history).unwrap();
    fs::write(drift.join("latest.json"), old_report("2024-05-01", OLD_TRAIL)).unwrap();
    let record = DirectoryRecord::open(home.path());
    (home, record)
}

/// Everything that an old home holds, as its record tells it.
fn all_of(record: &DirectoryRecord) -> (Vec<KeptForecast>, Vec<Decision>, Option<DriftReport>, Vec<DriftReport>) {
    let own = goog();
    (
        record.forecasts(&own).unwrap(),
        record.decisions(&own).unwrap(),
        record.latest_report(&own).unwrap(),
        record.reports(&own).unwrap(),
    )
}

#[test]
fn a_home_of_stockops_0_1_is_read_as_it_is() {
    let (home, record) = old_home();
    let before = files(home.path());
    let (forecasts, decisions, latest, reports) = all_of(&record);
    assert_eq!(forecasts, [old_forecast("GOOG@1", 2), old_forecast("GOOG@2", 1), old_forecast("^GSPC@0", 0)]);
    assert_eq!(
        decisions.iter().map(|one| one.verdict).collect::<Vec<_>>(),
        [Verdict::Keep, Verdict::Wait, Verdict::Swap]
    );
    assert_eq!(latest.unwrap(), report("2024-05-01"));
    assert_eq!(reports, [without_trail(report("2024-04-30")), without_trail(report("2024-05-01"))]);
    assert_eq!(files(home.path()), before, "reading writes nothing");
}

#[test]
fn the_first_change_of_each_kind_carries_that_kind_over() {
    let (forecasts, decisions) = (["forecasts.jsonl"].as_slice(), ["decisions.jsonl"].as_slice());
    for (first, gone) in [forecasts, forecasts, decisions, &["history.jsonl", "latest.json"]].into_iter().enumerate() {
        let (home, record) = old_home();
        let before = all_of(&record);
        match first {
            0 => assert!(!record.keep(&old_forecast("^GSPC@0", 0)).unwrap(), "it is kept already"),
            1 => assert_eq!(record.settle(&goog(), &mut |_| None).unwrap(), 0),
            2 => record.decide(&before.1[2]).unwrap(),
            _ => record.keep_report(&report("2024-05-01")).unwrap(),
        }
        assert_eq!(all_of(&record), before, "change {first}");
        let left = files(home.path());
        for old in ["forecasts.jsonl", "decisions.jsonl", "history.jsonl", "latest.json"] {
            let is_left = left.iter().any(|name| name.ends_with(&format!("GOOG/{old}")));
            assert_eq!(is_left, !gone.contains(&old), "{old} after change {first}: {left:?}");
        }
    }
}

#[test]
fn what_was_not_settled_in_an_old_home_is_settled_and_replaced_as_any() {
    let (_home, record) = old_home();
    let finished = KeptForecast { last_price: 1.1, ..old_forecast("^GSPC@0", 0) };
    assert!(record.keep(&finished).unwrap(), "nothing of it was settled");
    assert!(!record.keep(&KeptForecast { last_price: 1.1, ..old_forecast("GOOG@2", 0) }).unwrap(), "one day was");
    let mut offered = Vec::new();
    let changed = record.settle(&goog(), &mut |kept| {
        offered.push((kept.version.clone(), kept.outcomes.len()));
        Some(outcomes(kept))
    });
    assert_eq!(changed.unwrap(), 2);
    assert_eq!(offered, [("GOOG@2".into(), 1), ("^GSPC@0".into(), 0)]);
    let forecasts = record.forecasts(&goog()).unwrap();
    assert!(forecasts.iter().all(KeptForecast::is_settled));
    assert_eq!(forecasts[2].last_price, 1.1);
}

/// What a process leaves that dies while it carries an old home over.
#[test]
fn to_stop_while_carrying_over_loses_nothing() {
    let (home, record) = old_home();
    let old: Vec<(String, Vec<u8>)> =
        files(home.path()).into_iter().map(|name| (name.clone(), fs::read(home.path().join(name)).unwrap())).collect();
    let before = all_of(&record);
    record.keep(&old_forecast("^GSPC@0", 0)).unwrap();
    for (name, bytes) in &old {
        fs::write(home.path().join(name), bytes).unwrap();
    }
    assert_eq!(all_of(&record), before);
    record.keep(&old_forecast("GOOG@9", 0)).unwrap();
    assert_eq!(record.forecasts(&goog()).unwrap().len(), 4);
    assert_eq!(record.decisions(&goog()).unwrap(), before.1);
}

#[test]
fn a_broken_line_of_an_old_home_is_named_and_stays() {
    let (home, record) = old_home();
    let path = home.path().join("record/GOOG/decisions.jsonl");
    fs::write(&path, "\n{\"half\": ").unwrap();
    let text = record.decisions(&goog()).unwrap_err().to_string();
    assert!(text.starts_with(&format!("{}, line 2: it was not written by stockops (", path.display())), "{text}");
    assert!(record.decide(&Decision::new(goog(), day("2024-05-01"), Verdict::Keep, "")).is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "\n{\"half\": ");
    assert!(record.keep(&old_forecast("GOOG@9", 0)).unwrap(), "other kinds go on");
}
