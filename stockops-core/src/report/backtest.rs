//! A backtest for people: tables, and one sentence on what holds.

mod charts;

use std::collections::BTreeMap;

use crate::Strategy;
use crate::forecast::{Field, FieldTable, Horizon, Score};
use crate::pipeline::Backtest;

use super::page::joined;
use super::{Table, escape, list, percent};

/// Least skill that is put into words, and the largest p-value.
const WORTH_SAYING: f64 = 0.01;
const SURE: f64 = 0.05;

/// How much less the skill over the rule that turned out best must be to be worth saying.
const HINDSIGHT: f64 = 0.002;

/// How a backtest is told.
#[derive(Debug, Clone, Copy)]
pub struct BacktestReport<'a>(pub &'a Backtest);

impl BacktestReport<'_> {
    /// What was done.
    pub fn head(&self) -> String {
        let Backtest { ticker, strategy, folds, forecasts, first_day, last_day, .. } = self.0;
        let parents: Vec<&str> = folds.iter().filter_map(|fold| fold.parent.as_deref()).collect();
        let parent = parents.first().map(|parent| format!(" of {parent}")).unwrap_or_default();
        let seeds = match self.0.seeds.len() {
            0 => String::new(),
            count => format!("; skill over the best rule is the mean of {count} seeds (least to most)"),
        };
        format!(
            "{ticker}: {forecasts} forecasts of {first_day} to {last_day} in {} folds, {strategy}{parent}{seeds}",
            folds.len()
        )
    }

    /// Each field at the first and the last horizon; the head first.
    pub fn table(&self) -> Table {
        let mut head: Vec<&str> = vec!["", "RMSE", "persistence", "best rule", "", "p", "MASE"];
        let ends = self.ends();
        let spread = ends.iter().any(|(.., score)| score.coverage_90.is_some());
        if spread {
            head.extend(["in 90 %", "calm/mid/wild", "CRPS"]);
        }
        let mut table = Table::new(head);
        table.extend(ends.into_iter().map(|(field, horizon, score)| self.row(field, horizon, score, spread)));
        table
    }

    fn row(&self, field: Field, horizon: Horizon, score: &Score, spread: bool) -> Vec<String> {
        let name = format!("{field} {horizon}");
        let mut row = vec![name, format!("{:.4}", score.rmse), skill(score.skill_vs_persistence)];
        row.push(self.over_seeds(field, horizon).unwrap_or_else(|| skill(score.skill_vs_best_rule)));
        row.push(score.best_rule.map_or("-".into(), |rule| rule.to_string()));
        row.push(number(score.dm_p, 3));
        row.push(number(score.mase, 2));
        if spread {
            row.push(share(score.coverage_90));
            let thirds = score.coverage_90_by_volatility;
            row.push(thirds.map_or("-".into(), |thirds| thirds.map(|held| format!("{:.0}", 100.0 * held)).join("/")));
            row.push(number(score.crps, 4));
        }
        row
    }

    /// Mean skill against the best rule over seeds, with its least and its most; `None` for one seed.
    fn over_seeds(&self, field: Field, horizon: Horizon) -> Option<String> {
        let skill = |fields: &FieldTable| {
            let score = fields.get(&field)?.get(&horizon)?;
            score.skill_vs_best_rule.map(|skill| 100.0 * skill)
        };
        let skills: Vec<f64> = self.0.seeds.iter().filter_map(|row| skill(&row.fields)).collect();
        let least = skills.iter().copied().reduce(f64::min)?;
        let most = skills.iter().copied().reduce(f64::max)?;
        let mean = skills.iter().sum::<f64>() / skills.len() as f64;
        Some(format!("{mean:+.1} % ({least:+.1} to {most:+.1})"))
    }

    /// Scores of each field at its first and its last horizon.
    fn ends(&self) -> Vec<(Field, Horizon, &Score)> {
        let of_field = |field: Field| {
            let rows: Vec<_> = self.0.fields.get(&field).into_iter().flatten().collect();
            let mut ends: Vec<_> = rows.first().into_iter().chain(rows.last()).copied().collect();
            ends.dedup_by_key(|(horizon, _)| **horizon);
            ends.into_iter().map(move |(horizon, score)| (field, *horizon, score)).collect::<Vec<_>>()
        };
        [Field::Close, Field::High, Field::Low, Field::Volume, Field::Range].into_iter().flat_map(of_field).collect()
    }

    /// The first and the last horizon of the table; one where they are the same.
    fn end_horizons(&self) -> Vec<Horizon> {
        let last = self.0.fields.values().filter_map(|rows| rows.keys().last()).max();
        let mut ends: Vec<Horizon> = [Horizon::NEXT].into_iter().chain(last.copied()).collect();
        ends.dedup();
        ends
    }

    /// How risk was kept at the first and the last horizon; the head first, and nothing else where it was not judged.
    pub fn risk_table(&self) -> Table {
        let mut table =
            Table::new(["risk", "loss beyond", "Kupiec", "indep.", "Z2", "p", "touch: Brier", "walk's", "skill"]);
        let mut ends: Vec<_> = self.0.risk.iter().next().into_iter().chain(self.0.risk.last_key_value()).collect();
        ends.dedup_by_key(|(horizon, _)| **horizon);
        for (horizon, score) in ends {
            let touch = score.touch.as_ref();
            for (level, tail) in &score.tail {
                let (test, shortfall) = (&tail.value_at_risk, &tail.expected_shortfall);
                let mut row = vec![format!("{level} % {horizon}"), format!("{:.1} %", 100.0 * tail.exceeded)];
                row.extend([test.kupiec_p, test.independence_p].map(|p| number(Some(p), 3)));
                row.extend([number(Some(shortfall.z2), 2), number(Some(shortfall.z2_p), 3)]);
                row.extend(
                    [touch.map(|touch| touch.brier), touch.map(|touch| touch.brier_walk)].map(|brier| number(brier, 4)),
                );
                row.push(skill(touch.and_then(|touch| touch.skill)));
                table.push(row);
            }
        }
        table
    }

    /// Skill over the best rule by strategy and history; the head first.
    pub fn ablation_table(&self) -> Table {
        let ends = self.end_horizons();
        let cells = [Field::Range, Field::Volume, Field::Close].into_iter();
        let cells = cells.flat_map(|field| ends.iter().map(move |horizon| (field, *horizon)));
        let mut head = vec!["skill over the best rule".to_string(), "bars".into()];
        head.extend(cells.clone().map(|(field, horizon)| format!("{field} {horizon}")));
        let mut table = Table::new(head);
        for arm in &self.0.ablation {
            let history = arm.history.map_or("all".into(), |history| history.to_string());
            let mut row = vec![arm.strategy.to_string(), history];
            let score =
                |(field, horizon)| arm.fields.get(&field).and_then(|rows: &BTreeMap<_, Score>| rows.get(&horizon));
            row.extend(cells.clone().map(|cell| skill(score(cell).and_then(|score| score.skill_vs_best_rule))));
            table.push(row);
        }
        table
    }

    /// One sentence on what holds and what does not, and one on the intervals.
    pub fn verdict(&self) -> String {
        let first = |field: Field| self.0.fields.get(&field).and_then(|rows| rows.get(&Horizon::NEXT));
        let mut parts = Vec::new();
        for field in Field::JUDGED {
            let Some(score) = first(field) else { continue };
            let (Some(skill), Some(rule)) = (score.skill_vs_best_rule, score.best_rule) else { continue };
            let size = percent::size(skill);
            let doubt = if score.dm_p.is_some_and(|p| p < SURE) { "" } else { ", which chance may explain" };
            let harder = score.against_hardest().filter(|(_, over)| skill - over > HINDSIGHT);
            let hindsight = harder.map_or(String::new(), |(hardest, over)| {
                format!(" ({} against {hardest}, which turned out to be the best rule)", percent::skill(over))
            });
            parts.push(match skill {
                skill if skill > WORTH_SAYING => {
                    format!("{field} errors are {size} smaller than those of {rule}{doubt}{hindsight}")
                }
                skill if skill < -WORTH_SAYING => {
                    format!("{field} errors are {size} larger than those of {rule}{doubt}{hindsight}")
                }
                _ => format!("{field} is forecast as well as {rule} does it{hindsight}"),
            });
        }
        let mut text = format!("At one day {}.", parts.join("; "));
        if let Some(direction) = first(Field::Close).and_then(|score| score.direction) {
            let [low, high] = direction.interval.map(|share| 100.0 * share);
            let (right, majority) = (100.0 * direction.accuracy, 100.0 * direction.majority);
            let verdict = match () {
                () if low > majority => "which beats",
                () if high < majority => "which is worse than",
                () => "which is no proof against",
            };
            text += &format!(
                " The direction of the close was right on {right:.1} % of days ({low:.1} to {high:.1}), {verdict} always \
                 saying the more frequent one ({majority:.1} %)."
            );
        }
        if let Some(score) = first(Field::Close).filter(|score| score.coverage_90.is_some()) {
            text += &format!(" The 90 % interval of the close held {}.", share(score.coverage_90));
            if let (Some(own), Some(walk)) = (score.crps, score.crps_ewma) {
                let word = match 1.0 - own / walk {
                    gain if gain > WORTH_SAYING => "better than",
                    gain if gain < -WORTH_SAYING => "worse than",
                    _ => "about as good as",
                };
                text += &format!(
                    " Its distribution is {word} a random walk with EWMA volatility (CRPS {own:.5} against {walk:.5})."
                );
            }
        }
        text + &self.transfer()
    }

    /// Whether a parent helped: range at one day by the shortest history and by all bars, from the parent and without one.
    fn transfer(&self) -> String {
        let arms = &self.0.ablation;
        let skill_of = |strategy: Strategy, history: Option<usize>| {
            let arm = arms.iter().find(|arm| (arm.strategy, arm.history) == (strategy, history))?;
            arm.fields.get(&Field::Range)?.get(&Horizon::NEXT)?.skill_vs_best_rule
        };
        let said = |history: Option<usize>| {
            let (with, without) = (skill_of(Strategy::Freeze, history)?, skill_of(Strategy::Scratch, history)?);
            let bars = history.map_or("all bars".into(), |history| format!("{history} bars"));
            Some(format!("with {bars} {} frozen and {} from scratch", skill(Some(with)), skill(Some(without))))
        };
        let shortest = arms.iter().filter_map(|arm| arm.history).min();
        let parts: Vec<String> = shortest.map(Some).into_iter().chain([None]).filter_map(said).collect();
        if parts.is_empty() {
            return String::new();
        }
        format!(" Transfer, as skill over the best rule for range at one day: {}.", parts.join("; "))
    }

    /// All of it in Markdown.
    pub fn markdown(&self) -> String {
        let mut parts = vec![
            format!("# {}: backtest", self.0.ticker),
            escape(&format!("{}.", self.head())),
            escape(&self.verdict()),
            self.table().markdown(),
            "Skill is 1 - RMSE / RMSE of the rule: above 0 the model is better, below 0 the rule is. Errors are of \
             log(price / last close), log(volume) and log(log(high / low)), as many days ahead as the number after `h` \
             says. p is of the Diebold-Mariano test against the best rule."
                .into(),
        ];
        if !self.0.risk.is_empty() {
            parts.extend([
                "## Risk".into(),
                self.risk_table().markdown(),
                "`loss beyond` is how often more was lost than the value at risk; it is to be 5 and 1 %. The p-values are of \
                 Kupiec's test (too often or too seldom) and Christoffersen's (in clusters), and of Acerbi and Szekely's Z2 \
                 for the shortfall: below 0 losses were larger. The Brier score of touches stands beside that of a random \
                 walk with EWMA volatility."
                    .into(),
            ]);
        }
        if !self.0.ablation.is_empty() {
            parts.extend(["## Did transfer help?".into(), self.ablation_table().markdown()]);
        }
        parts.extend(["## Folds".into(), self.fold_table().markdown(), list(&self.0.notes)]);
        joined(parts)
    }

    fn fold_table(&self) -> Table {
        let mut table = Table::new(["from", "to", "forecasts", "training windows", "parent"]);
        table.extend(self.0.folds.iter().map(|fold| {
            let parent = fold.parent.clone().unwrap_or("none".into());
            let counts = [fold.forecasts, fold.training_windows].map(|count| count.to_string());
            [vec![fold.from.to_string(), fold.to.to_string()], counts.to_vec(), vec![parent]].concat()
        }));
        table
    }
}

fn skill(skill: Option<f64>) -> String {
    skill.map_or("-".into(), percent::skill)
}

fn share(share: Option<f64>) -> String {
    share.map_or("-".into(), |share| format!("{:.1} %", 100.0 * share))
}

fn number(value: Option<f64>, decimals: usize) -> String {
    value.map_or("-".into(), |value| format!("{value:.decimals$}"))
}
