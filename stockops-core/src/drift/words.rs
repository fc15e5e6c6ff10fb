//! Tests and reports in plain words.

use super::monitor::FAULTS;
use super::report::{Kind, TestReport};
use super::{CURRENT_ROWS, FieldOutcome, Health, Promise, Test};
use crate::forecast::Field;

/// Scores that words about the record look back on.
const LOOK_BACK: usize = 63;

/// A test of the bars in a sentence; `median` is its usual value.
pub(super) fn of_data(test: Test, value: f64, median: f64, p: f64, alarm: bool) -> String {
    let factor = |factor: f64| match factor {
        factor if (0.95..1.05).contains(&factor) => "as in".to_string(),
        factor => format!("{factor:.1} times that of"),
    };
    let what = match test {
        Test::ReturnMean => {
            format!("the mean daily move is {:+.2} usual widths of a day", value / (CURRENT_ROWS as f64).sqrt())
        }
        Test::ReturnShape => format!("the distribution of returns is {value:.2} away from that of the long history"),
        Test::Variance => format!("volatility of returns is {} the 105 days before", factor((value / 2.0).exp())),
        Test::Range => format!("the width of a day is {} the 105 days before", factor(value.exp())),
        Test::Volume => format!("volume is {} the 105 days before", factor(value.exp())),
        Test::Tail => format!("large moves of the last 63 days weigh {:.1} times the usual", value / median.max(1e-9)),
    };
    let usual = if p < 0.01 { format!("{:.1} %", p * 100.0) } else { format!("{:.0} %", p * 100.0) };
    let verdict = if alarm { "unusual: " } else { "" };
    format!("{what} ({verdict}{usual} of usual days are as far out)")
}

/// A chart of the record in a sentence.
pub(super) fn of_concept(promise: Promise, field: Field, outcomes: &[FieldOutcome]) -> String {
    let recent = &outcomes[outcomes.len().saturating_sub(LOOK_BACK)..];
    match promise {
        Promise::Coverage => {
            let judged: Vec<bool> = recent.iter().filter_map(|outcome| outcome.covered).collect();
            let held = judged.iter().filter(|covered| **covered).count();
            let share = 100.0 * held as f64 / judged.len().max(1) as f64;
            format!("the 90 % interval of {field} held {held} of the last {} outcomes ({share:.0} %)", judged.len())
        }
        Promise::Skill => {
            let sum =
                |error: fn(&FieldOutcome) -> f64| recent.iter().map(|outcome| error(outcome).powi(2)).sum::<f64>();
            let ratio = (sum(|outcome| outcome.error) / sum(|outcome| outcome.rule_error)).sqrt();
            let days = recent.len();
            format!("errors for {field} are {ratio:.2} times those of the 20-day mean over the last {days} forecasts")
        }
    }
}

/// The whole report in a sentence or two.
pub(super) fn summary(health: Health, broken: bool, tests: &[TestReport], scored: usize) -> String {
    // A fault shows in how much things vary and in volume; what it does to the other tests says nothing more.
    let is_fault = |test: &TestReport| FAULTS.iter().any(|(fault, _)| fault.to_string() == test.name);
    let alarms = |kind: Kind| {
        let own = tests.iter().filter(|test| test.kind == kind && test.alarm);
        let told = own.filter(|test| !broken || kind == Kind::Concept || is_fault(test));
        told.map(|test| plain(&test.words)).collect::<Vec<_>>().join("; ")
    };
    let (data, concept) = (alarms(Kind::Data), alarms(Kind::Concept));
    let data = match (data.is_empty(), broken) {
        (_, true) => format!("The bars look broken, check them: {data}."),
        (false, false) => format!("The data are unusual: {data}."),
        (true, false) if health == Health::Degraded => "The data are on their way back to the usual.".into(),
        (true, false) => "The data are as usual.".into(),
    };
    let watched = |promise: Promise| {
        tests.iter().any(|test| test.statistic.is_some() && test.name.starts_with(&promise.to_string()))
    };
    let model = match (concept.is_empty(), watched(Promise::Coverage), watched(Promise::Skill)) {
        (false, ..) => format!("The model no longer keeps its promises: {concept}."),
        (true, false, false) => "Too few forecasts have been scored to know of the model.".into(),
        (true, true, false) => {
            format!("The model's intervals still cover; {scored} scored forecasts are too few to speak of its skill.")
        }
        (true, false, true) => format!("The model is no worse than a simple rule ({scored} scored)."),
        (true, true, true) => {
            format!("The model's intervals still cover, and it is no worse than a simple rule ({scored} scored).")
        }
    };
    format!("{data} {model}")
}

/// Words without what stands in brackets at their end.
fn plain(words: &str) -> &str {
    words.split(" (").next().unwrap_or(words)
}
