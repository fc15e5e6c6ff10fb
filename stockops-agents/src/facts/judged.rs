//! Facts of the evaluation: skill, coverage, direction, on held-out days.

use chrono::NaiveDate;
use stockops_core::forecast::{Field, Horizon, Score};

use super::gathered::Document;
use super::{Fact, Gathered, Quantity, Value};

/// What the version that forecasts did on held-out days.
pub(super) fn facts(gathered: &Gathered<'_>) -> Vec<Fact> {
    let judged = Judged { gathered };
    let cells = gathered
        .evaluation
        .fields
        .iter()
        .flat_map(|(field, rows)| rows.iter().map(move |(horizon, score)| (*field, *horizon, score)));
    judged
        .whole()
        .into_iter()
        .chain(cells.flat_map(|(field, horizon, score)| judged.cell(field, horizon, score)))
        .collect()
}

/// The quantity that `field` is.
pub(super) fn quantity(field: Field) -> Quantity {
    match field {
        Field::Open => Quantity::Open,
        Field::High => Quantity::High,
        Field::Low => Quantity::Low,
        Field::Close => Quantity::Close,
        Field::Volume => Quantity::Volume,
        Field::Range => Quantity::Range,
    }
}

struct Judged<'a> {
    gathered: &'a Gathered<'a>,
}

impl Judged<'_> {
    fn fact(&self, id: String, words: String, quantity: Quantity, value: Value, path: String) -> Fact {
        Fact::new(id, words, quantity, value, self.gathered.from_document(Document::Evaluation, path))
    }

    /// How many forecasts of which days were judged.
    fn whole(&self) -> Vec<Fact> {
        let evaluation = self.gathered.evaluation;
        let count = Value::Count(evaluation.forecasts as u64);
        let held_out = self.fact(
            "held_out".into(),
            "forecasts of held-out days".into(),
            Quantity::Count,
            count,
            "/forecasts".into(),
        );
        let day = |id: &str, words: &str, day: Option<NaiveDate>| {
            let fact = self.fact(id.into(), words.into(), Quantity::Day, Value::Day(day?), format!("/{id}"));
            Some(Fact { id: format!("held_out_{id}"), day, ..fact })
        };
        let first = day("first_day", "first held-out day", evaluation.first_day);
        std::iter::once(held_out)
            .chain(first)
            .chain(day("last_day", "last held-out day", evaluation.last_day))
            .collect()
    }

    fn cell(&self, field: Field, horizon: Horizon, score: &Score) -> Vec<Fact> {
        let at = |fact: Fact| Fact { of: Some(quantity(field)), horizon: Some(horizon.sessions()), ..fact };
        let path = format!("/fields/{field}/{horizon}");
        let ahead = sessions(horizon);
        let mut facts = self.skills(field, horizon, score, &path);
        let covered = [(80, score.coverage_80), (90, score.coverage_90), (95, score.coverage_95)];
        facts.extend(covered.into_iter().filter_map(|(level, share)| {
            let words = format!("share of outcomes inside of the {level} % interval of {field}, {ahead} ahead");
            let id = format!("coverage_{field}_{horizon}_{level}");
            let fact =
                self.fact(id, words, Quantity::Coverage, Value::Fraction(share?), format!("{path}/coverage_{level}"));
            Some(Fact { level: Some(level), ..fact })
        }));
        if let Some(direction) = score.direction {
            let fact = |id: &str, words: &str, share, name: &str| {
                let words = format!("{words}, {ahead} ahead");
                self.fact(
                    format!("{id}_{horizon}"),
                    words,
                    Quantity::Accuracy,
                    Value::Fraction(share),
                    format!("{path}/direction/{name}"),
                )
            };
            let majority = fact("majority", "share of the more frequent direction", direction.majority, "majority");
            facts.push(fact("direction", "share of right directions", direction.accuracy, "accuracy"));
            facts.push(Fact { against: Some("majority".into()), ..majority });
        }
        facts.into_iter().map(at).collect()
    }

    /// Skill over "tomorrow equals today", over the rule that was best before, and over the one that turned out to be.
    fn skills(&self, field: Field, horizon: Horizon, score: &Score, path: &str) -> Vec<Fact> {
        let ahead = sessions(horizon);
        let skill = |suffix: &str, rule: String, skill: Option<f64>, name: &str| {
            let words = format!("skill at {field} over {rule}, {ahead} ahead");
            let fact = self.fact(
                format!("skill_{field}_{horizon}{suffix}"),
                words,
                Quantity::Skill,
                Value::Fraction(skill?),
                format!("{path}/{name}"),
            );
            Some(Fact { against: Some(rule), ..fact })
        };
        let best = score.best_rule.map(|rule| rule.to_string());
        let rule = best.clone().map(|rule| {
            let words = format!("best simple rule for {field}, {ahead} ahead");
            self.fact(
                format!("rule_{field}_{horizon}"),
                words,
                Quantity::Word,
                Value::Word(rule),
                format!("{path}/best_rule"),
            )
        });
        let hardest = score.hardest_rule.map(|rule| rule.to_string());
        let over_best = best.and_then(|rule| skill("", rule, score.skill_vs_best_rule, "skill_vs_best_rule"));
        let over_persistence =
            skill("_persistence", "persistence".into(), score.skill_vs_persistence, "skill_vs_persistence");
        let over_hardest =
            hardest.and_then(|rule| skill("_hardest", rule, score.skill_vs_hardest_rule, "skill_vs_hardest_rule"));
        [rule, over_best, over_persistence, over_hardest].into_iter().flatten().collect()
    }
}

fn sessions(horizon: Horizon) -> String {
    match horizon.sessions() {
        1 => "1 session".into(),
        count => format!("{count} sessions"),
    }
}
