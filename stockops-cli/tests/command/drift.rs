//! `stockops drift` and `monitor`.

use serde_json::Value;
use stockops_core::{DirectoryRecord, ForecastRecord};

use crate::place::Place;

#[test]
fn drift_reports_are_kept_and_few_rows_are_skipped() {
    let place = Place::new();
    let file = place.bars("MSFT", 900);
    let json = place.json(&format!("drift msft --bars {file} --out report"));
    for key in [
        "status",
        "health",
        "drift_score",
        "volatility_index",
        "feature_metrics",
        "timestamp",
        "ticker",
        "tests",
        "legacy",
        "retrain",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
    assert_eq!((&json["ticker"], &json["model_version"]), (&"MSFT".into(), &"^GSPC@0".into()));
    assert!(json["replayed"].as_u64() > Some(0), "nothing was kept yet, so the record is replayed");
    let read = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
    let record = DirectoryRecord::open(place.path().join("stockops-home"));
    let reports = || record.reports(&"MSFT".parse().unwrap()).unwrap();
    let kept = record.latest_report(&"MSFT".parse().unwrap()).unwrap();
    assert_eq!(serde_json::to_value(kept).unwrap(), json);
    assert_eq!(serde_json::from_str::<Value>(&read("report/drift.json")).unwrap(), json);
    let page = read("report/drift.html");
    assert!(page.contains("<svg") && page.contains(json["summary"].as_str().unwrap()) && !page.contains("<script"));
    assert_eq!(reports().len(), 1);

    let file = place.bars("MSFT", 120);
    let json = place.json(&format!("drift MSFT --bars {file}"));
    assert_eq!((&json["status"], &json["health"]), (&"skipped".into(), &Value::Null));
    assert_eq!(json["reason"], "drift of MSFT needs at least 146 bars, got 120");
    assert_eq!(reports().len(), 1, "one report a day");
}

#[test]
fn the_monitor_decides_and_says_why_and_forecasts_are_kept() {
    let place = Place::new();
    let file = place.bars("MSFT", 900);
    place.json(&format!("forecast MSFT --bars {file}"));
    place.json(&format!("forecast MSFT --bars {file}"));
    let record = DirectoryRecord::open(place.path().join("stockops-home"));
    let decisions = || -> Vec<Value> {
        let all = record.decisions(&"MSFT".parse().unwrap()).unwrap();
        all.iter().map(|decision| serde_json::to_value(decision).unwrap()).collect()
    };
    let kept = record.forecasts(&"MSFT".parse().unwrap()).unwrap();
    assert_eq!((kept.len(), &*kept[0].version), (1, "^GSPC@0"), "the same forecast is kept once");

    let json = place.json(&format!("monitor MSFT --bars {file}"));
    for key in ["ticker", "drift", "agent_eval", "action"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(json["agent_eval"], Value::Null);
    let reason = json["action"]["reason"].as_str().unwrap();
    assert_eq!(reason, json["drift"]["retrain"]["reason"]);
    assert_eq!(decisions()[0], json["action"]);

    place.json(&format!("train-child MSFT --bars {file} --epochs 1"));
    place.json(&format!("train-child MSFT --bars {file} --epochs 2"));
    place.json("models promote MSFT 2");
    place.json("models rollback MSFT");
    let decisions = decisions();
    let last = &decisions[decisions.len() - 1];
    assert_eq!((&last["verdict"], &last["version"]), (&"rollback".into(), &"MSFT@2".into()));
    assert_eq!(last["reason"], "MSFT@1 was made champion again by hand");
}
