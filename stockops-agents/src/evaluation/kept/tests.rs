use chrono::TimeDelta;
use serde_json::Value;
use stockops_core::storage::{DirectoryStorage, MemoryStorage};

use super::*;
use crate::evaluation::tests::evaluation;

/// An evaluation so many hours later.
fn later(hours: i64) -> AgentEval {
    let first = evaluation();
    AgentEval { timestamp: first.timestamp + TimeDelta::hours(hours), ..first }
}

fn of(evaluation: &AgentEval) -> &Ticker {
    &evaluation.ticker
}

#[test]
fn the_latest_and_the_history_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let open = || Evaluations::new(Arc::new(DirectoryStorage::open(folder.path()).unwrap()));
    let (first, second) = (evaluation(), later(2));
    open().keep(&second).unwrap();
    open().keep(&first).unwrap();
    open().keep(&first).unwrap();
    assert_eq!(open().latest(of(&first)).unwrap(), Some(second.clone()), "an older one takes no place");
    assert_eq!(open().history(of(&first)).unwrap(), [first, second]);
    assert!(folder.path().join("evaluations/GOOG/latest.json").is_file());
    assert!(open().latest(&"TSLA".parse().unwrap()).unwrap().is_none());
}

#[test]
fn a_long_history_is_bound_and_stays_in_order() {
    let storage = Arc::new(MemoryStorage::new());
    let evaluations = Evaluations::new(Arc::clone(&storage) as Arc<dyn Storage>);
    let all: Vec<AgentEval> = (0..150).map(later).collect();
    all.iter().for_each(|evaluation| evaluations.keep(evaluation).unwrap());
    assert_eq!(evaluations.history(of(&all[0])).unwrap(), all);
    let files = storage.list(&Key::new("evaluations/GOOG/history").unwrap()).unwrap();
    assert!(files.len() < 70, "{}", files.len());
}

/// The contract's names; what is not known is `null`.
#[test]
fn the_json_has_the_names_of_the_contract() {
    let json: Value = serde_json::to_value(evaluation()).unwrap();
    for name in ["relevance", "trustworthiness", "has_recommendation", "overall_score", "status", "duration", "preview"]
    {
        assert!(!json[name].is_null(), "{name}");
    }
    assert_eq!((&json["status"], &json["coherence"]), (&Value::from("Trustworthy"), &Value::Null));
    assert!(json.as_object().unwrap().contains_key("coherence") && json.get("judge").is_none());
}

#[test]
fn a_broken_file_is_named() {
    let storage = Arc::new(MemoryStorage::new());
    storage.put(&Key::new("evaluations/GOOG/latest.json").unwrap(), b"{\"half\"").unwrap();
    let text = Evaluations::new(storage).latest(&"GOOG".parse().unwrap()).unwrap_err().to_string();
    assert!(
        text.starts_with("memory:evaluations/GOOG/latest.json, line 1: it was not written by stockops ("),
        "{text}"
    );
}
