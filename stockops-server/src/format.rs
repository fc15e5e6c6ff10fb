//! Tables for people.

use std::collections::BTreeMap;

use stockops_core::drift::TestReport;
use stockops_core::evaluation::{Evaluation, Field, SkillTable};
use stockops_core::forecast::{Outlook, Stance, Volatility};
use stockops_core::market::{price_text, volume_text};
use stockops_core::{DriftReport, Forecast};

/// Rows of words as columns, the first to the left and the others to the right.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or(0)).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_string()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The same rows as Markdown; the first is the head.
pub(crate) fn markdown(rows: &[Vec<String>]) -> String {
    let line = |row: &Vec<String>| format!("| {} |", row.join(" | "));
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    if let Some(head) = rows.first() {
        lines.insert(1, format!("| --- |{}", " ---: |".repeat(head.len() - 1)));
    }
    lines.join("\n")
}

/// What is said of direction and of volatility.
pub(crate) fn outlook_words(outlook: &Outlook) -> String {
    let Outlook { stance, reason, volatility, range, range_80: [low, high], usual_range } = outlook;
    let stance = match stance {
        Stance::Bullish => "bullish",
        Stance::Bearish => "bearish",
        Stance::Neutral => "neutral",
    };
    let volatility = match volatility {
        Volatility::Calmer => "calmer than usual",
        Volatility::Usual => "as usual",
        Volatility::Wilder => "wilder than usual",
    };
    let percent = |log: &f64| (log.exp() - 1.0) * 100.0;
    format!(
        "Direction: {stance}; {reason}. Volatility: {volatility}; the days are forecast {:.1} % wide from low to high \
         (80 %: {:.1} to {:.1} %), and half of the last 250 were wider than {:.1} %.",
        percent(range),
        percent(low),
        percent(high),
        percent(usual_range)
    )
}

/// The five sessions with the 90 % interval of the close.
pub(crate) fn forecast_rows(forecast: &Forecast) -> Vec<Vec<String>> {
    let head = ["session", "open", "high", "low", "close", "90 % from", "to", "volume"];
    let mut rows = vec![head.map(String::from).to_vec()];
    for (index, day) in forecast.predictions.full_forecast.iter().enumerate() {
        let mut row = vec![day.date.to_string()];
        row.extend([day.open, day.high, day.low, day.close].map(price_text));
        match forecast.intervals.get("90").and_then(|level| level.get(index)) {
            Some(interval) => row.extend(interval.close.map(price_text)),
            None => row.extend(["-", "-"].map(String::from)),
        }
        row.push(volume_text(day.volume));
        rows.push(row);
    }
    rows
}

/// Skill by field at the first and the last session.
pub(crate) fn skill_rows(skill: &SkillTable) -> Vec<Vec<String>> {
    let sessions = skill.values().map(BTreeMap::len).max().unwrap_or(0);
    let last = format!("{sessions} days: persistence");
    let head = ["field", "1 day: persistence", "best rule", &last, "best rule"];
    let mut rows = vec![head.map(String::from).to_vec()];
    let percent = |skill: f64| format!("{:+.1} %", skill * 100.0);
    for (field, horizons) in skill {
        let mut row = vec![field.to_string()];
        for horizon in horizons.values().take(1).chain(horizons.values().last()) {
            row.push(percent(horizon.vs_persistence));
            row.push(format!("{} {}", percent(horizon.vs_best_rule), horizon.best_rule));
        }
        rows.push(row);
    }
    rows
}

/// Tests of a drift report, with what each says.
pub(crate) fn drift_rows(report: &DriftReport) -> Vec<Vec<String>> {
    let head = ["test", "value", "alarm at", "p", "", "what it says"];
    let number = |value: Option<f64>, decimals: usize| value.map_or("-".into(), |value| format!("{value:.decimals$}"));
    let row = |test: &TestReport| {
        let alarm = if test.alarm { "ALARM" } else { "" };
        let (value, threshold, p) = (number(test.statistic, 2), number(test.threshold, 2), number(test.p, 3));
        vec![test.name.clone(), value, threshold, p, alarm.into(), test.words.clone()]
    };
    std::iter::once(head.map(String::from).to_vec()).chain(report.tests.iter().map(row)).collect()
}

/// Least skill that is put into words: below it nobody would notice, and it is within what chance gives.
const WORTH_SAYING: f64 = 0.01;

/// What the skill means, in words.
pub(crate) fn skill_words(evaluation: &Evaluation) -> String {
    if evaluation.skill.is_none() {
        return format!("No skill is claimed: {}.", evaluation.note);
    }
    let (Some(first), Some(last)) = (evaluation.first_day, evaluation.last_day) else { return String::new() };
    let better =
        |field: &&Field| evaluation.skill_over_every_rule(**field, "h1").is_some_and(|skill| skill > WORTH_SAYING);
    // Simple rules for open, high and low are weak, so skill over them says little.
    let judged = [Field::Close, Field::Volume, Field::Range];
    let (better, no_better): (Vec<&Field>, Vec<&Field>) = judged.iter().partition(better);
    let names = |fields: &[&Field]| fields.iter().map(|field| field.to_string()).collect::<Vec<_>>().join(" and ");
    let mut verdict = Vec::new();
    if !better.is_empty() {
        verdict.push(format!(
            "its errors for {} are more than 1 % smaller than those of every simple rule",
            names(&better)
        ));
    }
    if !no_better.is_empty() {
        verdict.push(format!("for {} it is less than 1 % better than a simple rule, or worse", names(&no_better)));
    }
    let held = evaluation.fields.get(&Field::Close).and_then(|rows| rows.get("h1")?.coverage_90);
    let held = held.map(|held| format!(" The 90 % interval of the close held {:.1} % of them.", 100.0 * held));
    let (forecasts, note) = (evaluation.forecasts, &evaluation.note);
    let harder: Vec<String> = Field::ALL.into_iter().filter_map(|field| harder_rule(evaluation, field)).collect();
    let harder = if harder.is_empty() {
        String::new()
    } else {
        format!(" Another rule than the one chosen beforehand turned out harder: {}.", harder.join(", "))
    };
    let verdict = verdict.join(", and ");
    let days = format!("Judged on {forecasts} forecasts of {first} to {last}: {note}.");
    format!("At one day {verdict}.{harder} {days}{}", held.unwrap_or_default())
}

/// The skill at one day over the rule that turned out hardest, where it is less by 1 % than what the table states.
fn harder_rule(evaluation: &Evaluation, field: Field) -> Option<String> {
    let score = evaluation.fields.get(&field)?.get("h1")?;
    let (rule, skill) = score.hardest_rule()?;
    let is_less = score.skill_vs_best_rule? - skill > WORTH_SAYING;
    is_less.then(|| format!("{field} {:+.1} % over {rule}", 100.0 * skill))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// The rule that was chosen beforehand did badly, and another one on a par with the model.
    #[test]
    fn a_harder_rule_than_the_chosen_one_is_told_and_nothing_is_claimed_over_the_weak_one() {
        let score = json!({
            "n": 100, "rmse": 0.9, "mae": 0.9, "mase": 1.0, "bias": 0.0, "skill_vs_persistence": 0.25,
            "skill_vs_best_rule": 0.25, "best_rule": "persistence", "dm_p": 0.01,
            "rules": {"persistence": 1.2, "mean_20": 0.9}, "coverage_80": 0.8, "coverage_90": 0.912, "coverage_95": 0.95,
            "coverage_90_by_volatility": null, "width_90": 1.0, "crps": 0.1, "pinball": null
        });
        let skill = json!({"vs_persistence": 0.25, "vs_best_rule": 0.25, "best_rule": "persistence"});
        let evaluation = json!({
            "skill": {"range": {"h1": skill}, "close": {"h1": skill}},
            "fields": {"range": {"h1": score}, "close": {"h1": score}},
            "forecasts": 100, "first_day": "2024-01-02", "last_day": "2024-05-24", "note": "held out", "legacy": null
        });
        let words = skill_words(&serde_json::from_value(evaluation).unwrap());
        assert_eq!(
            words,
            "At one day for close and volume and range it is less than 1 % better than a simple rule, or worse. Another \
             rule than the one chosen beforehand turned out harder: close +0.0 % over mean_20, range +0.0 % over mean_20. \
             Judged on 100 forecasts of 2024-01-02 to 2024-05-24: held out. The 90 % interval of the close held 91.2 % of \
             them."
        );
    }
}
