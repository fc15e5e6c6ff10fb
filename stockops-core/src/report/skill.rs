//! Skill for people: a table of it, and what it means in words.

use std::collections::BTreeMap;

use super::Table;
use crate::evaluation::{Evaluation, Transfer};
use crate::forecast::{Field, SkillTable};

/// Skill by field at the first and the last session.
pub fn skill_table(skill: &SkillTable) -> Table {
    let sessions = skill.values().map(BTreeMap::len).max().unwrap_or(0);
    let last = format!("{sessions} days: persistence");
    let mut table = Table::new(["field", "1 day: persistence", "best rule", &last, "best rule"]);
    let percent = |skill: f64| format!("{:+.1} %", skill * 100.0);
    for (field, horizons) in skill {
        let mut row = vec![field.to_string()];
        for horizon in horizons.values().take(1).chain(horizons.values().last()) {
            row.push(percent(horizon.vs_persistence));
            row.push(format!("{} {}", percent(horizon.vs_best_rule), horizon.best_rule));
        }
        table.push(row);
    }
    table
}

/// Least skill that is put into words: below it nobody would notice, and it is within what chance gives.
const WORTH_SAYING: f64 = 0.01;

/// What the skill means, in words.
pub fn skill_words(evaluation: &Evaluation) -> String {
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

/// What the parent was worth.
pub fn transfer_words(transfer: &Transfer) -> String {
    let over = |skill: &BTreeMap<Field, f64>| {
        let of = |field| skill.get(&field).map(|skill| format!("{field} {:+.1} %", 100.0 * skill));
        [Field::Close, Field::Volume, Field::Range].into_iter().filter_map(of).collect::<Vec<_>>().join(", ")
    };
    let others = [(&transfer.vs_zero_shot, "its parent as it is"), (&transfer.vs_scratch, "a network of its own")];
    let parts = others.into_iter().filter(|(skill, _)| !skill.is_empty());
    let parts = parts.map(|(skill, other)| format!("over {other} {}", over(skill))).collect::<Vec<_>>();
    format!("At one day {}, on {} forecasts.", parts.join("; "), transfer.forecasts)
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
