//! Answers to questions of a kind that facts can answer.

mod about;
mod words;

use about::{About, about};
use stockops_core::forecast::Stance;

use super::sentences::Writer;
use crate::facts::{Facts, Value};
use crate::verdict::{Confidence, ReasonCode};
use words::Question;

impl Writer<'_> {
    /// The answer to `question`, or that a language model would be needed for one.
    pub(super) fn answer(&self, question: &str) -> String {
        let question = Question::read(question);
        let answer = about(&question).map(|kind| self.answered(kind, &question));
        answer.filter(|answer| !answer.is_empty()).unwrap_or_else(|| self.words.needs_a_model.into())
    }

    /// Empty where the facts do not know it.
    fn answered(&self, kind: About, question: &Question) -> String {
        // A question about a day that the facts do not know is answered by none of another.
        let Some(session) = self.session(question) else { return String::new() };
        match kind {
            About::ChangeOfMind => self.change_of_mind(),
            About::Advice => self.joined([Some(self.conclusion()), Some(self.words.advises_nothing.into())]),
            About::Indicators => self.joined([self.say(self.words.indicators), self.averages()]),
            About::Volume => self.joined([
                self.at(self.words.session_volume, session.unwrap_or(1)),
                self.say(self.words.busy_alone).or_else(|| Some(self.words.no_volume.into())),
            ]),
            About::Chance => self.chance(question, session.unwrap_or(self.horizon)),
            About::Volatility => {
                self.joined([self.volatility(), self.say(self.words.volatile), self.say(self.words.wide)])
            }
            About::Record => self.joined([Some(self.record()), self.say(self.words.came_to)]),
            About::Risk => self.risks(),
            About::Certainty => format!("{} {}", self.conclusion(), self.record()),
            About::Reason => self.joined(self.reasons().into_iter().map(Some)),
            About::PastClose => self.past_close(question),
            About::Forecast => match session {
                Some(session) => self.at(self.words.session_close, session).unwrap_or_default(),
                None => self.outlook(),
            },
        }
    }

    /// What would turn the stance, and what would move the confidence: each by the reasons that hold now.
    fn change_of_mind(&self) -> String {
        let turn = if self.has_direction() { self.words.would_fall_back } else { self.words.would_turn };
        let moved = self.verdict.reasons.iter().map(|reason| self.would_rise(*reason));
        let is_healthy = !self.verdict.reasons.contains(&ReasonCode::Drifted);
        let falls = is_healthy && self.verdict.confidence != Confidence::Low;
        let doubt = falls.then(|| self.words.would_doubt.into());
        self.joined([self.say(turn)].into_iter().chain(moved).chain([doubt]))
    }

    /// What would raise the confidence where `reason` holds it down.
    fn would_rise(&self, reason: ReasonCode) -> Option<String> {
        let id = format!("close_h{}", self.horizon);
        let against = |text: &str, rule: &str| self.say(&text.replace("{rule}", &self.rule(rule)?));
        match reason {
            ReasonCode::NoSkill => against(self.words.would_trust, &format!("rule_{id}")),
            ReasonCode::Skill if self.verdict.confidence == Confidence::Medium => {
                let hardest = format!("skill_{id}_hardest");
                let is_short = self.number(&hardest).is_some_and(|skill| skill < crate::verdict::MIN_SKILL);
                is_short.then(|| against(self.words.would_trust_hardest, &hardest)).flatten()
            }
            ReasonCode::CoverageOff => self.say(self.words.would_cover),
            ReasonCode::Drifted => Some(self.words.would_settle.into()),
            ReasonCode::LaterRecord => self.say(self.words.would_know),
            ReasonCode::NoData => Some(self.words.would_trust_any.into()),
            _ => None,
        }
    }

    /// The session ahead that the question names: none inside where it names none, none where the facts do not know its day.
    fn session(&self, question: &Question) -> Option<Option<u64>> {
        if question.is_of_past || !question.names_a_day() {
            return Some(None);
        }
        let days: Vec<_> =
            (1..=self.horizon).filter_map(|ahead| Some((ahead, self.day(&format!("day_h{ahead}"))?))).collect();
        days.into_iter().find(|(ahead, day)| question.means(*ahead, *day)).map(|(ahead, _)| Some(ahead))
    }

    fn day(&self, id: &str) -> Option<chrono::NaiveDate> {
        self.facts.get(id)?.day
    }

    fn at(&self, text: &str, session: u64) -> Option<String> {
        self.say(&self.ahead(text, session))
    }

    /// Chances of the level of the facts that is nearest to the price that is asked about, or to the last close.
    fn chance(&self, question: &Question, session: u64) -> String {
        let Some(wanted) = question.price.or_else(|| self.number("last_close")) else { return String::new() };
        let Some(level) = nearest_level(self.facts, wanted) else { return String::new() };
        let of = |text: &str| {
            let text = text.replace("#k", &level.to_string()).replace("#n", &session.to_string());
            self.say(&text)
        };
        let chances = if question.is_of_touching() {
            [of(self.words.touches), None]
        } else {
            [of(self.words.closes_above), of(self.words.closes_below)]
        };
        if chances.iter().all(Option::is_none) {
            return String::new();
        }
        self.joined([Some(self.words.nearest_level.into())].into_iter().chain(chances))
    }

    /// The close of the last session or of that before; empty for any other day.
    fn past_close(&self, question: &Question) -> String {
        let [last, before] = ["last_close", "previous_close"].map(|id| self.day(id));
        let means = |day: Option<chrono::NaiveDate>| day.is_some_and(|day| question.means(0, day));
        let text = match question.names_a_day() {
            true if means(before) => self.words.previous_was,
            true if !means(last) => return String::new(),
            _ => self.words.last_was,
        };
        self.say(text).unwrap_or_default()
    }

    /// Whether a direction is named.
    fn has_direction(&self) -> bool {
        self.verdict.stance != Stance::Neutral
    }
}

/// The number of the level of the facts that lies nearest to `price`.
fn nearest_level(facts: &Facts, price: f64) -> Option<usize> {
    let level = |at: &usize| match facts.get(&format!("level_{at}")).map(|fact| &fact.value) {
        Some(Value::Price(level)) => Some(*level),
        _ => None,
    };
    let all = (1..).map_while(|at| Some((at, level(&at)?)));
    all.min_by(|one, other| (one.1 - price).abs().total_cmp(&(other.1 - price).abs())).map(|(at, _)| at)
}
