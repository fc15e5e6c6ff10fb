//! What the last report said, as facts of this one.

use crate::facts::{Fact, Facts, Origin, Quantity, Value};
use crate::report::AnalystReport;

/// Facts of the last report that the new one may hold itself against.
const TAKEN: [&str; 3] = ["last_close", "last_day", "health"];

/// Put what `before` said into `facts`, each with `before_` in its id.
pub(super) fn add(facts: &mut Facts, before: &AnalystReport) {
    let of = format!("the report of {}", before.as_of);
    let origin = || Origin {
        source: format!("report {}", before.run),
        window: None,
        fetched: before.written,
        path: String::new(),
    };
    let taken = TAKEN.iter().filter_map(|id| before.fact(id));
    let due = before.facts.iter().filter(|fact| is_due(fact, facts));
    let copied = taken.map(|fact| (fact, fact.id.clone())).chain(due.map(|fact| (fact, "close_due".to_owned())));
    let mut said: Vec<Fact> = copied
        .map(|(fact, id)| Fact {
            id: format!("before_{id}"),
            words: format!("{} in {of}", fact.words),
            origin: origin(),
            ..fact.clone()
        })
        .collect();
    let words = [
        ("before_stance", "stance", stance(before)),
        ("before_confidence", "confidence", before.confidence.to_string()),
    ];
    said.extend(words.map(|(id, what, word)| {
        Fact::new(id, format!("{what} in {of}"), Quantity::Word, Value::Word(word), origin())
    }));
    facts.facts.extend(said);
}

/// Whether it is the close that was forecast for the day of the last bar.
fn is_due(fact: &Fact, facts: &Facts) -> bool {
    fact.quantity == Quantity::Close
        && fact.horizon.is_some()
        && fact.level.is_none()
        && fact.day == Some(facts.moment.last_bar)
}

fn stance(report: &AnalystReport) -> String {
    let word = serde_json::to_value(report.recommendation).ok();
    word.and_then(|word| word.as_str().map(String::from)).unwrap_or_default()
}
