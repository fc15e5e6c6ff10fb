//! Charts of a backtest: skill by horizon, coverage, and skill by history.

use crate::chart::{AblationChart, AblationLine, AblationPanel, ablation_chart};
use crate::forecast::{Field, Horizon, Strategy};
use crate::pipeline::{AblationRow, Backtest};
use crate::report::Charts;
use crate::report::scores::{days_ahead, score_charts};

impl Backtest {
    /// Charts as (file name, SVG): `skill.svg`, `coverage.svg` where intervals were calibrated, `ablation.svg` where
    /// there is one.
    pub fn charts(&self) -> Charts {
        let days = format!("{} forecasts of {} to {}", self.forecasts, self.first_day, self.last_day);
        let mut charts = score_charts(&self.ticker, &self.fields, &days);
        if !self.ablation.is_empty() {
            charts.push(("ablation.svg".into(), ablation(self, &days)));
        }
        charts
    }
}

fn ablation(backtest: &Backtest, days: &str) -> String {
    let mut histories: Vec<Option<usize>> = backtest.ablation.iter().map(|row| row.history).collect();
    // None, which is all bars, comes last.
    histories.sort_by_key(|history| history.unwrap_or(usize::MAX));
    histories.dedup();
    let mut strategies: Vec<Strategy> = backtest.ablation.iter().map(|row| row.strategy).collect();
    strategies.dedup();
    let panel = |field: Field, horizon: Horizon| {
        let line = |strategy: &Strategy| line(&backtest.ablation, *strategy, &histories, field, horizon);
        AblationPanel {
            name: format!("{field}, {}", days_ahead(horizon)),
            lines: strategies.iter().map(line).collect(),
        }
    };
    let last = backtest.fields.values().next().and_then(|rows| rows.keys().last()).copied();
    let mut ends = vec![Horizon::NEXT, last.unwrap_or(Horizon::NEXT)];
    ends.dedup();
    let label = |history: &Option<usize>| history.map_or("all".into(), |history| history.to_string());
    ablation_chart(&AblationChart {
        title: format!("{}: skill over the best rule by bars of history", backtest.ticker),
        caption: format!("{days}, the same for all; zero-shot learns from no bar, so it is a level line"),
        histories: histories.iter().map(label).collect(),
        panels: [Field::Range, Field::Volume]
            .into_iter()
            .flat_map(|field| ends.iter().map(move |horizon| (field, *horizon)))
            .map(|(field, horizon)| panel(field, horizon))
            .collect(),
    })
}

/// Skill of one strategy by history; the one number of zero-shot stands for every history.
fn line(
    rows: &[AblationRow],
    strategy: Strategy,
    histories: &[Option<usize>],
    field: Field,
    horizon: Horizon,
) -> AblationLine {
    let skill = |history: &Option<usize>| {
        let own = |row: &&AblationRow| row.strategy == strategy && (row.history == *history || !strategy.learns());
        let score = rows.iter().find(own)?.fields.get(&field)?.get(&horizon)?;
        score.skill_vs_best_rule.map(|skill| skill * 100.0)
    };
    AblationLine { name: strategy.to_string(), skills: histories.iter().map(skill).collect() }
}
