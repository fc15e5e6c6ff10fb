//! The record of the model, its health, and what changed since the last report.

use std::cmp::Ordering;

use stockops_core::market::price_text;

use super::sentences::Writer;
use crate::verdict::MIN_SKILL;

/// A loss of skill that is printed as one.
const LEAST_SHOWN: f64 = -0.0005;

impl Writer<'_> {
    /// What the version that forecasts did on held-out days, one session ahead and at the last, in plain words.
    pub(super) fn record(&self) -> String {
        if self.number("held_out").is_none_or(|forecasts| forecasts == 0.0) {
            return self.words.no_record.into();
        }
        let fields = [("close", self.words.close), ("range", self.words.range), ("volume", self.words.volume)];
        let mut horizons = vec![1, self.horizon];
        horizons.dedup();
        let skills: Vec<_> = horizons
            .iter()
            .flat_map(|ahead| fields.iter().flat_map(|(field, name)| self.skill(field, name, *ahead)))
            .collect();
        let none = skills.iter().all(Option::is_none).then(|| self.words.no_rule.into());
        let later = self.facts.has_later_record().then(|| self.say(self.words.later_record)).flatten();
        let coverage = horizons.iter().map(|ahead| self.say(&self.ahead(self.words.coverage, *ahead)));
        self.joined([self.say(self.words.judged), later].into_iter().chain(skills).chain([none]).chain(coverage))
    }

    /// Skill over the rule that was best before, and over the hardest where that is a loss and the other none.
    fn skill(&self, field: &str, name: &str, ahead: u64) -> [Option<String>; 2] {
        let id = format!("skill_{field}_h{ahead}");
        let Some(skill) = self.number(&id) else { return [None, None] };
        let text = match skill {
            better if better >= MIN_SKILL => self.words.better,
            worse if worse <= -MIN_SKILL => self.words.worse,
            _ => self.words.equal,
        };
        let say = |text: &str, rule: Option<String>| {
            let text = text.replace("{field}", name).replace("#f", field).replace("{rule}", &rule?);
            self.say(&self.ahead(&text, ahead))
        };
        let hardest = format!("{id}_hardest");
        let is_worse = skill > 0.0 && self.number(&hardest).is_some_and(|skill| skill <= LEAST_SHOWN);
        let over_hardest = is_worse.then(|| say(self.words.hardest, self.rule(&hardest))).flatten();
        [say(text, self.rule(&format!("rule_{field}_h{ahead}"))), over_hardest]
    }

    /// Health in a sentence, and each alarm as it says itself.
    pub(super) fn drift(&self) -> (String, Vec<String>) {
        let health = self
            .word("health")
            .and_then(|health| self.say(&self.words.health.replace("{health}", self.words.health(health))));
        let health = health.unwrap_or_else(|| self.words.untested.into());
        let alarms = self.facts.facts.iter().filter(|fact| fact.id.starts_with("alarm_"));
        (health, alarms.filter_map(|fact| self.word(&fact.id)).map(String::from).collect())
    }

    /// What changed since the last report; empty where there is none.
    pub(super) fn since(&self) -> String {
        let Some(stance) = self.word("before_stance") else { return String::new() };
        let day = |id: &str| self.facts.get(id).and_then(|fact| fact.day);
        if day("before_last_day") == day("last_day") {
            return self.joined([self.say(self.words.same_day), Some(self.stance_since(stance).into())]);
        }
        let close = self.number("last_close").zip(self.number("before_last_close"));
        let moved = close.map(|(now, before)| match now.total_cmp(&before) {
            // What reads the same when it is rounded has no direction.
            _ if price_text(now) == price_text(before) => self.words.stood_since,
            Ordering::Less => self.words.down_since,
            _ => self.words.up_since,
        });
        let health = self.word("health").zip(self.word("before_health")).filter(|(now, before)| now != before);
        self.joined([
            moved.and_then(|moved| self.say(moved)),
            self.say(self.words.came_to),
            Some(self.stance_since(stance).into()),
            health.map(|(now, before)| {
                let text = self.words.health_since.replace("{before}", self.words.health(before));
                text.replace("{health}", self.words.health(now))
            }),
        ])
    }

    fn stance_since(&self, before: &str) -> &'static str {
        let is_same = before == self.verdict.stance_word()
            && self.word("before_confidence") == Some(self.verdict.confidence.to_string().as_str());
        if is_same { self.words.same_verdict } else { self.words.other_verdict }
    }
}
