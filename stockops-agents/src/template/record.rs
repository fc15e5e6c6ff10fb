//! The record of the model, its health, and what changed since the last report.

use std::cmp::Ordering;

use stockops_core::market::price_text;

use super::sentences::Writer;

/// Skill that nobody would notice.
const WORTH_SAYING: f64 = 0.01;

impl Writer<'_> {
    /// What the version that forecasts did on held-out days, in plain words.
    pub(super) fn record(&self) -> String {
        let fields = [("close", self.words.close), ("range", self.words.range), ("volume", self.words.volume)];
        let skills: Vec<_> = fields.into_iter().map(|(field, name)| self.skill(field, name)).collect();
        if skills.iter().all(Option::is_none) {
            return self.words.no_record.into();
        }
        let judged = self.say(self.words.judged);
        self.joined(std::iter::once(judged).chain(skills).chain([self.say(self.words.coverage)]))
    }

    fn skill(&self, field: &str, name: &str) -> Option<String> {
        let skill = self.number(&format!("skill_{field}_h1"))?;
        let text = match skill {
            better if better > WORTH_SAYING => self.words.better,
            worse if worse < -WORTH_SAYING => self.words.worse,
            _ => self.words.equal,
        };
        self.say(&text.replace("{field}", name).replace("#f", field))
    }

    /// Health in a sentence, and each alarm as it says itself.
    pub(super) fn drift(&self) -> (String, Vec<String>) {
        let health = self.say(self.words.health).unwrap_or_else(|| self.words.untested.into());
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
            health.and_then(|_| self.say(self.words.health_since)),
        ])
    }

    fn stance_since(&self, before: &str) -> &'static str {
        let is_same = before == self.verdict.stance_word()
            && self.word("before_confidence") == Some(self.verdict.confidence.to_string().as_str());
        if is_same { self.words.same_verdict } else { self.words.other_verdict }
    }
}
