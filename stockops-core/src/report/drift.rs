//! A drift report for people: its tests as a table, in words for a terminal, and in Markdown.

use super::page::joined;
use super::{Table, escape};
use crate::drift::{DriftReport, LegacyDrift, TestReport};

/// Tests of a drift report, with what each says.
pub fn drift_table(report: &DriftReport) -> Table {
    let number = |value: Option<f64>, decimals: usize| value.map_or("-".into(), |value| format!("{value:.decimals$}"));
    let row = |test: &TestReport| {
        let alarm = if test.alarm { "ALARM" } else { "" };
        let (value, threshold, p) = (number(test.statistic, 2), number(test.threshold, 2), number(test.p, 3));
        vec![test.name.clone(), value, threshold, p, alarm.into(), test.words.clone()]
    };
    let mut table = Table::new(["test", "value", "alarm at", "p", "", "what it says"]);
    table.extend(report.tests.iter().map(row));
    table
}

/// The report in lines for a terminal.
pub fn drift_words(report: &DriftReport) -> String {
    let version = report.model_version.as_deref().unwrap_or("no version");
    let day = report.as_of.map(|day| format!(" on {day}")).unwrap_or_default();
    let head = format!("{}{day}, forecast by {version}: {}", report.ticker, health(report));
    let mut lines = vec![head, report.summary.clone()];
    lines.extend(report.tests.iter().map(|test| {
        let mark = if test.alarm { "ALARM" } else { "" };
        format!("  {mark:<5} {:<15} {}", test.name, test.words)
    }));
    lines.extend(report.legacy.as_ref().map(|rule| format!("the contract's rule: {} ({})", rule.health, scores(rule))));
    let word = if report.retrain.wanted { "retrain" } else { "no retraining" };
    lines.push(format!("{word}: {}", report.retrain.reason));
    lines.join("\n")
}

/// The report in Markdown.
pub fn drift_markdown(report: &DriftReport) -> String {
    let mut parts = vec![format!("# {}: {}", report.ticker, health(report)), escape(&report.summary)];
    if !report.tests.is_empty() {
        parts.extend(["## Tests".into(), drift_table(report).markdown()]);
    }
    parts.extend(["## Training".into(), escape(&report.retrain.reason)]);
    if let Some(source) = &report.reference {
        let (ticker, first, last) = (&source.ticker, source.first_day, source.last_day);
        parts.push(format!("What is usual was learned from {ticker}, {first} to {last}."));
    }
    if let Some(rule) = &report.legacy {
        let text = "It alarms on every trend of prices and decides nothing here.";
        parts.push("## The contract's rule".into());
        parts.push(format!("{}: {}. {text}", rule.health, scores(rule)));
    }
    joined(parts)
}

fn health(report: &DriftReport) -> String {
    report.health.map_or("skipped".to_string(), |health| health.to_string())
}

fn scores(rule: &LegacyDrift) -> String {
    format!("score {:.2}, volatility index {:.2}", rule.drift_score, rule.volatility_index)
}
