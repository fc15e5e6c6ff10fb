//! Charts of scores on held-out days: skill by horizon, and coverage.

use super::Charts;
use crate::chart::{CoverageChart, CoverageRow, SkillChart, SkillGroup, coverage_chart, skill_chart};
use crate::forecast::{Field, FieldTable, Horizon, Score};
use crate::market::Ticker;

/// `skill.svg`, and `coverage.svg` where intervals were calibrated; `days` says what was judged.
pub(super) fn score_charts(ticker: &Ticker, fields: &FieldTable, days: &str) -> Charts {
    let mut charts = vec![("skill.svg".to_string(), skill(ticker, fields, days))];
    let rows = coverage_rows(fields);
    if !rows.is_empty() {
        let title = format!("{ticker}: outcomes inside of their intervals");
        charts.push(("coverage.svg".into(), coverage_chart(&CoverageChart { title, caption: days.into(), rows })));
    }
    charts
}

/// `1 day`, `5 days`.
pub(super) fn days_ahead(horizon: Horizon) -> String {
    let days = horizon.sessions();
    format!("{days} day{}", if days == 1 { "" } else { "s" })
}

fn percent(skill: Option<f64>) -> f64 {
    skill.map_or(f64::NAN, |skill| skill * 100.0)
}

fn skill(ticker: &Ticker, fields: &FieldTable, days: &str) -> String {
    let group = |field: Field| {
        let row = |(horizon, score): (&Horizon, &Score)| {
            let skills = vec![percent(score.skill_vs_persistence), percent(score.skill_vs_best_rule)];
            (days_ahead(*horizon), skills)
        };
        let rows = fields.get(&field)?;
        Some(SkillGroup { name: field.to_string(), horizons: rows.iter().map(row).collect() })
    };
    skill_chart(&SkillChart {
        title: format!("{ticker}: how much smaller errors are than those of a rule"),
        caption: format!("{days}; below zero the rule is better"),
        against: vec!["persistence".into(), "the best rule".into()],
        groups: Field::JUDGED.into_iter().filter_map(group).collect(),
    })
}

/// The first and the last horizon of each field.
fn coverage_rows(fields: &FieldTable) -> Vec<CoverageRow> {
    let row = |field: Field, horizon: Horizon, score: &Score| {
        let levels = [(80.0, score.coverage_80), (90.0, score.coverage_90), (95.0, score.coverage_95)];
        let levels: Vec<_> =
            levels.into_iter().filter_map(|(promised, held)| Some((promised, 100.0 * held?))).collect();
        let thirds = score.coverage_90_by_volatility.map(|thirds| thirds.map(|held| held * 100.0));
        (!levels.is_empty()).then(|| CoverageRow { name: format!("{field}, {}", days_ahead(horizon)), levels, thirds })
    };
    let of_field = |field: Field| {
        let rows: Vec<_> = fields.get(&field).into_iter().flatten().collect();
        let mut ends: Vec<_> = rows.first().into_iter().chain(rows.last()).copied().collect();
        ends.dedup_by_key(|(horizon, _)| **horizon);
        ends.into_iter().filter_map(|(horizon, score)| row(field, *horizon, score)).collect::<Vec<_>>()
    };
    Field::JUDGED.into_iter().flat_map(of_field).collect()
}
