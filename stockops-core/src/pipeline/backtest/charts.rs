//! Charts of a backtest: skill by horizon, coverage, and skill by history.

use super::{AblationRow, Backtest};
use crate::chart::{
    AblationChart, AblationLine, AblationPanel, CoverageChart, CoverageRow, SkillChart, SkillGroup, ablation_chart,
    coverage_chart, skill_chart,
};
use crate::evaluation::{Field, FieldTable, Score};
use crate::training::Strategy;

/// Fields that are drawn: for open, high and low the rules are weak.
const FIELDS: [Field; 3] = [Field::Close, Field::Volume, Field::Range];

impl Backtest {
    /// Charts as (file name, SVG): `skill.svg`, `coverage.svg` where intervals were calibrated, `ablation.svg` where
    /// there is one.
    pub fn charts(&self) -> Vec<(String, String)> {
        let days = format!("{} forecasts of {} to {}", self.forecasts, self.first_day, self.last_day);
        let mut charts = vec![("skill.svg".to_string(), skill(self, &days))];
        let coverage = coverage_rows(&self.fields);
        if !coverage.is_empty() {
            let title = format!("{}: outcomes inside of their intervals", self.ticker);
            let chart = CoverageChart { title, caption: days.clone(), rows: coverage };
            charts.push(("coverage.svg".into(), coverage_chart(&chart)));
        }
        if !self.ablation.is_empty() {
            charts.push(("ablation.svg".into(), ablation(self, &days)));
        }
        charts
    }
}

/// `1 day`, `5 days`, of the key `h5`.
fn days_ahead(key: &str) -> String {
    let days = key.trim_start_matches('h');
    format!("{days} day{}", if days == "1" { "" } else { "s" })
}

fn percent(skill: Option<f64>) -> f64 {
    skill.map_or(f64::NAN, |skill| skill * 100.0)
}

fn skill(backtest: &Backtest, days: &str) -> String {
    let group = |field: Field| {
        let row = |(key, score): (&String, &Score)| {
            let skills = vec![percent(score.skill_vs_persistence), percent(score.skill_vs_best_rule)];
            (days_ahead(key), skills)
        };
        let rows = backtest.fields.get(&field)?;
        Some(SkillGroup { name: field.to_string(), horizons: rows.iter().map(row).collect() })
    };
    skill_chart(&SkillChart {
        title: format!("{}: how much smaller errors are than those of a rule", backtest.ticker),
        caption: format!("{days}; below zero the rule is better"),
        against: vec!["persistence".into(), "the best rule".into()],
        groups: FIELDS.into_iter().filter_map(group).collect(),
    })
}

/// The first and the last horizon of each field.
fn coverage_rows(fields: &FieldTable) -> Vec<CoverageRow> {
    let row = |field: Field, key: &String, score: &Score| {
        let levels = [(80.0, score.coverage_80), (90.0, score.coverage_90), (95.0, score.coverage_95)];
        let levels: Vec<_> =
            levels.into_iter().filter_map(|(promised, held)| Some((promised, 100.0 * held?))).collect();
        let thirds = score.coverage_90_by_volatility.map(|thirds| thirds.map(|held| held * 100.0));
        (!levels.is_empty()).then(|| CoverageRow { name: format!("{field}, {}", days_ahead(key)), levels, thirds })
    };
    let of_field = |field: Field| {
        let rows: Vec<_> = fields.get(&field).into_iter().flatten().collect();
        let mut ends: Vec<_> = rows.first().into_iter().chain(rows.last()).copied().collect();
        ends.dedup_by_key(|(key, _)| key.as_str());
        ends.into_iter().filter_map(|(key, score)| row(field, key, score)).collect::<Vec<_>>()
    };
    FIELDS.into_iter().flat_map(of_field).collect()
}

fn ablation(backtest: &Backtest, days: &str) -> String {
    let mut histories: Vec<Option<usize>> = backtest.ablation.iter().map(|row| row.history).collect();
    // None, which is all bars, comes last.
    histories.sort_by_key(|history| history.unwrap_or(usize::MAX));
    histories.dedup();
    let mut strategies: Vec<Strategy> = backtest.ablation.iter().map(|row| row.strategy).collect();
    strategies.dedup();
    let panel = |field: Field, key: &str| {
        let line = |strategy: &Strategy| line(&backtest.ablation, *strategy, &histories, field, key);
        AblationPanel { name: format!("{field}, {}", days_ahead(key)), lines: strategies.iter().map(line).collect() }
    };
    let last = backtest.fields.values().next().and_then(|rows| rows.keys().last()).map_or("h1", String::as_str);
    let label = |history: &Option<usize>| history.map_or("all".into(), |history| history.to_string());
    ablation_chart(&AblationChart {
        title: format!("{}: skill over the best rule by bars of history", backtest.ticker),
        caption: format!("{days}, the same for all; zero-shot learns from no bar, so it is a level line"),
        histories: histories.iter().map(label).collect(),
        panels: [Field::Range, Field::Volume]
            .into_iter()
            .flat_map(|field| [panel(field, "h1"), panel(field, last)])
            .collect(),
    })
}

/// Skill of one strategy by history; the one number of zero-shot stands for every history.
fn line(
    rows: &[AblationRow],
    strategy: Strategy,
    histories: &[Option<usize>],
    field: Field,
    key: &str,
) -> AblationLine {
    let skill = |history: &Option<usize>| {
        let own = |row: &&AblationRow| {
            row.strategy == strategy && (row.history == *history || strategy == Strategy::ZeroShot)
        };
        let score = rows.iter().find(own)?.fields.get(&field)?.get(key)?;
        score.skill_vs_best_rule.map(|skill| skill * 100.0)
    };
    AblationLine { name: strategy.to_string(), skills: histories.iter().map(skill).collect() }
}
