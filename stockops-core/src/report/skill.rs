//! Skill for people: a table of it, and what it means in words.

use std::collections::BTreeMap;

use super::scores::days_ahead;
use super::{Table, percent};
use crate::evaluation::{Evaluation, Transfer};
use crate::forecast::{Field, Horizon, HorizonSkill, SkillTable};

/// Skill by field at the next session and at the last one, where there is more than one.
pub fn skill_table(skill: &SkillTable) -> Table {
    let last = skill.values().filter_map(|rows| rows.keys().last()).max().copied().unwrap_or(Horizon::NEXT);
    let mut ends = vec![Horizon::NEXT, last];
    ends.dedup();
    let mut head = vec!["field".to_string()];
    for horizon in &ends {
        head.extend([format!("{}: persistence", days_ahead(*horizon)), "best rule".into()]);
    }
    let cells = |skill: Option<&HorizonSkill>| match skill {
        Some(skill) => [
            percent::skill(skill.vs_persistence),
            format!("{} {}", percent::skill(skill.vs_best_rule), skill.best_rule),
        ],
        None => ["-".to_string(), "-".to_string()],
    };
    let mut table = Table::new(head);
    for (field, rows) in skill {
        let cells = ends.iter().flat_map(|horizon| cells(rows.get(horizon)));
        table.push(std::iter::once(field.to_string()).chain(cells));
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
    let skill = |field: &Field| evaluation.skill_over_every_rule(*field, Horizon::NEXT);
    let those = |is: fn(f64) -> bool| -> Vec<&Field> {
        Field::JUDGED.iter().filter(|field| skill(field).is_some_and(is)).collect()
    };
    let better = those(|skill| skill > WORTH_SAYING);
    let equal = those(|skill| (-WORTH_SAYING..=WORTH_SAYING).contains(&skill));
    let worse = those(|skill| skill < -WORTH_SAYING);
    let names = |fields: &[&Field]| fields.iter().map(|field| field.to_string()).collect::<Vec<_>>().join(" and ");
    let mut verdict = Vec::new();
    if !better.is_empty() {
        verdict.push(format!(
            "its errors for {} are more than 1 % smaller than those of every simple rule",
            names(&better)
        ));
    }
    if !equal.is_empty() {
        verdict.push(format!("for {} a simple rule is as good, within 1 %", names(&equal)));
    }
    if !worse.is_empty() {
        verdict.push(format!("for {} a simple rule is more than 1 % better", names(&worse)));
    }
    let held = evaluation.fields.get(&Field::Close).and_then(|rows| rows.get(&Horizon::NEXT)?.coverage_90);
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
    let score = evaluation.fields.get(&field)?.get(&Horizon::NEXT)?;
    let (rule, skill) = score.against_hardest()?;
    let is_less = score.skill_vs_best_rule? - skill > WORTH_SAYING;
    is_less.then(|| format!("{field} {} over {rule}", percent::skill(skill)))
}

/// What the parent was worth.
pub fn transfer_words(transfer: &Transfer) -> String {
    let over = |skill: &BTreeMap<Field, f64>| {
        let of = |field| skill.get(&field).map(|skill| format!("{field} {}", percent::skill(*skill)));
        Field::JUDGED.into_iter().filter_map(of).collect::<Vec<_>>().join(", ")
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

    #[test]
    fn a_table_of_skill_has_its_first_and_its_last_horizon() {
        let cell = |skill: f64| json!({"vs_persistence": skill, "vs_best_rule": skill, "best_rule": "mean_20"});
        let table = |horizons: &[usize]| {
            let cells: serde_json::Map<_, _> =
                horizons.iter().map(|days| (format!("h{days}"), cell(*days as f64 / 100.0))).collect();
            skill_table(&serde_json::from_value(json!({"range": cells})).unwrap()).markdown()
        };
        let text = table(&[1]);
        assert!(text.starts_with("| field | 1 day: persistence | best rule |\n"), "{text}");
        assert!(text.contains("\n| range | +1.0 % | +1.0 % mean"), "{text}");
        let text = table(&(1..=21).collect::<Vec<_>>());
        assert!(
            text.starts_with("| field | 1 day: persistence | best rule | 21 days: persistence | best rule |"),
            "{text}"
        );
        assert!(text.contains("| +21.0 % |"), "{text}");
        assert!(table(&(1..=10).collect::<Vec<_>>()).contains("| 10 days: persistence |"));
    }

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
            "At one day for close and range a simple rule is as good, within 1 %. Another \
             rule than the one chosen beforehand turned out harder: close +0.0 % over mean_20, range +0.0 % over mean_20. \
             Judged on 100 forecasts of 2024-01-02 to 2024-05-24: held out. The 90 % interval of the close held 91.2 % of \
             them."
        );
    }
}
