//! Facts of the drift: health, scores, alarms.

use stockops_core::drift::TestReport;

use super::gathered::Document;
use super::{Fact, Gathered, Quantity, Value};

/// Whether market and model are as they were.
pub(super) fn facts(gathered: &Gathered<'_>) -> Vec<Fact> {
    let drift = gathered.drift;
    let fact = |id: &str, words: &str, quantity, value, path: &str| {
        let fact = Fact::new(id, words, quantity, value, gathered.from_document(Document::Drift, path));
        Fact { day: drift.as_of, ..fact }
    };
    let number = |id: &str, words: &str, value: Option<f64>| {
        Some(fact(id, words, Quantity::Drift, Value::Number(value?), &format!("/{id}")))
    };
    let health = drift.health.map(|health| {
        fact("health", "health of market and model", Quantity::Word, Value::Word(health.to_string()), "/health")
    });
    let alarms = drift.tests.iter().filter(|test| test.alarm);
    let mut facts: Vec<Fact> = health
        .into_iter()
        .chain(number("drift_score", "the contract's drift score", drift.drift_score))
        .chain(number("volatility_index", "the contract's index of volatility", drift.volatility_index))
        .collect();
    let count = Value::Count(alarms.clone().count() as u64);
    facts.push(fact("alarms", "tests that alarm", Quantity::Count, count, ""));
    facts.push(fact("tests", "tests of drift", Quantity::Count, Value::Count(drift.tests.len() as u64), ""));
    facts.push(fact(
        "scored",
        "forecasts that were scored",
        Quantity::Count,
        Value::Count(drift.scored as u64),
        "/scored",
    ));
    facts.extend(
        alarms
            .filter_map(alarm_words)
            .map(|(name, words)| fact(&format!("alarm_{name}"), "what alarms", Quantity::Word, Value::Word(words), "")),
    );
    facts
}

/// Name and words of a test that alarms.
fn alarm_words(test: &TestReport) -> Option<(&str, String)> {
    (!test.words.is_empty()).then(|| (test.name.as_str(), test.words.clone()))
}
