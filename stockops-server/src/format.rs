//! Tables for people.

use stockops_core::Forecast;
use stockops_core::evaluation::{Evaluation, Field, SkillTable};

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

/// The five sessions with the 90 % interval of the close.
pub(crate) fn forecast_rows(forecast: &Forecast) -> Vec<Vec<String>> {
    let head = ["session", "open", "high", "low", "close", "90 % from", "to", "volume"];
    let mut rows = vec![head.map(String::from).to_vec()];
    for (day, interval) in forecast.predictions.full_forecast.iter().zip(&forecast.intervals["90"]) {
        let prices = [day.open, day.high, day.low, day.close, interval.close[0], interval.close[1]];
        let mut row = vec![day.date.to_string()];
        row.extend(prices.map(|price| format!("{price:.2}")));
        row.push(format!("{:.0}", day.volume));
        rows.push(row);
    }
    rows
}

/// Skill by field at one and at all horizons' ends.
pub(crate) fn skill_rows(skill: &SkillTable) -> Vec<Vec<String>> {
    let head =
        ["field", "1 day vs persistence", "vs best rule", "last day vs persistence", "vs best rule", "best rule"];
    let mut rows = vec![head.map(String::from).to_vec()];
    let percent = |skill: f64| format!("{:+.1} %", skill * 100.0);
    for (field, horizons) in skill {
        let (Some(first), Some(last)) = (horizons.values().next(), horizons.values().last()) else { continue };
        let mut row = vec![field.to_string()];
        row.extend([first.vs_persistence, first.vs_best_rule, last.vs_persistence, last.vs_best_rule].map(percent));
        row.push(last.best_rule.to_string());
        rows.push(row);
    }
    rows
}

/// What the skill means, in words.
pub(crate) fn skill_words(evaluation: &Evaluation) -> String {
    let Some(skill) = &evaluation.skill else { return format!("No skill is claimed: {}.", evaluation.note) };
    let (Some(first), Some(last)) = (evaluation.first_day, evaluation.last_day) else { return String::new() };
    let beaten = |field: &Field| skill.get(field).and_then(|rows| rows.get("h1")).is_some_and(|h| h.vs_best_rule > 0.0);
    let better: Vec<String> = Field::ALL.iter().filter(|field| beaten(field)).map(Field::to_string).collect();
    let verdict = match better.as_slice() {
        [] => "At one day it beats the best simple rule in nothing".to_string(),
        fields => format!("At one day it beats the best simple rule in {}", fields.join(", ")),
    };
    format!("{verdict}; judged on {} forecasts from {first} to {last} ({}).", evaluation.forecasts, evaluation.note)
}
