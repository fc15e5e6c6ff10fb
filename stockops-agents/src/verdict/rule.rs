//! The rule: from facts to a verdict.

use stockops_core::evaluation::wilson;
use stockops_core::forecast::Stance;

use super::{Action, Confidence, ReasonCode, Verdict};
use crate::facts::{Facts, Value};

/// Least skill that is one: 1 % less error than a rule.
pub const MIN_SKILL: f64 = 0.01;

impl Verdict {
    /// What `facts` allow to conclude.
    ///
    /// The stance is that of the forecast's outlook: the 80 % interval of the close of the last session lies above the last
    /// close (bullish), below it (bearish), or holds it (neutral). The action follows from the stance alone.
    ///
    /// The confidence is how far to trust the close that is forecast for that session:
    ///
    /// | confidence | skill of the close at the last session | 90 % interval of it | drift |
    /// | --- | --- | --- | --- |
    /// | High | at least [`MIN_SKILL`] over every simple rule | held | Healthy |
    /// | Medium | at least [`MIN_SKILL`] over the rule that was best before the test | held | not Critical |
    /// | Low | else | | |
    ///
    /// An interval held where Wilson's 95 % interval of its coverage holds 90 %; forecasts of h sessions overlap, so n / h of
    /// them are counted. Where no interval or no skill is known, the confidence is Low and [`ReasonCode::NoData`] says why.
    /// A record of days after the last bar was not known on that day: the confidence is Low by [`ReasonCode::LaterRecord`].
    pub fn of(facts: &Facts) -> Self {
        let known = Known { facts, last: last_session(facts) };
        let (stance, why) = known.stance();
        let mut reasons = vec![why];
        let confidence = known.confidence(&mut reasons);
        reasons.dedup();
        Self { stance, action: Action::from(stance), confidence, reasons }
    }
}

/// The furthest session that has a forecast of the close; 0 where there is none.
fn last_session(facts: &Facts) -> usize {
    let closes = facts.facts.iter().filter(|fact| fact.id == format!("close_h{}", fact.horizon.unwrap_or(0)));
    closes.filter_map(|fact| fact.horizon).max().unwrap_or(0)
}

struct Known<'a> {
    facts: &'a Facts,
    last: usize,
}

impl Known<'_> {
    fn number(&self, id: &str) -> Option<f64> {
        self.facts.get(id)?.number()
    }

    fn stance(&self) -> (Stance, ReasonCode) {
        let end = |end: &str| self.number(&format!("move_h{}_80_{end}", self.last));
        match (end("low"), end("high")) {
            (Some(low), Some(_)) if low > 0.0 => (Stance::Bullish, ReasonCode::IntervalAboveZero),
            (Some(_), Some(high)) if high < 0.0 => (Stance::Bearish, ReasonCode::IntervalBelowZero),
            (Some(_), Some(_)) => (Stance::Neutral, ReasonCode::IntervalHoldsZero),
            _ => (Stance::Neutral, ReasonCode::NoData),
        }
    }

    fn confidence(&self, reasons: &mut Vec<ReasonCode>) -> Confidence {
        if self.facts.has_later_record() {
            reasons.push(ReasonCode::LaterRecord);
            return Confidence::Low;
        }
        let skill = |suffix: &str| self.number(&format!("skill_close_h{}{suffix}", self.last));
        let (Some(skill_over_best), Some(held)) = (skill(""), self.interval_held()) else {
            reasons.push(ReasonCode::NoData);
            return Confidence::Low;
        };
        let has_skill = skill_over_best >= MIN_SKILL;
        reasons.push(if has_skill { ReasonCode::Skill } else { ReasonCode::NoSkill });
        reasons.extend((!held).then_some(ReasonCode::CoverageOff));
        let health = self.health();
        reasons.extend((health != "Healthy" && !health.is_empty()).then_some(ReasonCode::Drifted));
        let over_every_rule = skill("_hardest").is_some_and(|skill| skill >= MIN_SKILL);
        match (has_skill && held, health) {
            (true, "Healthy") if over_every_rule => Confidence::High,
            (true, "Healthy" | "Degraded" | "") => Confidence::Medium,
            _ => Confidence::Low,
        }
    }

    /// Whether the 90 % interval of the last close held as many outcomes as it should.
    fn interval_held(&self) -> Option<bool> {
        let share = self.number(&format!("coverage_close_h{}_90", self.last))?;
        let trials = self.number("held_out")? / self.last.max(1) as f64;
        let [low, high] = wilson(share * trials, trials);
        Some((low..=high).contains(&0.9))
    }

    /// The health in a word; empty where drift was not tested.
    fn health(&self) -> &str {
        match self.facts.get("health").map(|fact| &fact.value) {
            Some(Value::Word(word)) => word,
            _ => "",
        }
    }
}

#[cfg(test)]
mod tests;
