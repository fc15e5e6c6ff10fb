//! `Writer`: the sentences of the four sections.

use stockops_core::forecast::Stance;

use super::phrases::Phrases;
use crate::facts::{Facts, Value};
use crate::language::Language;
use crate::slots::ids;
use crate::verdict::{ReasonCode, Verdict};

/// Writes sentences about facts.
pub(super) struct Writer<'a> {
    pub(super) facts: &'a Facts,
    pub(super) verdict: &'a Verdict,
    pub(super) words: &'static Phrases,
    /// Sessions that are forecast.
    horizon: u64,
}

impl<'a> Writer<'a> {
    pub(super) fn new(facts: &'a Facts, verdict: &'a Verdict, language: &Language) -> Self {
        let horizon = match facts.get("sessions_ahead").map(|fact| &fact.value) {
            Some(Value::Count(count)) => *count,
            _ => 1,
        };
        Self { facts, verdict, words: Phrases::of(language), horizon }
    }

    pub(super) fn summary(&self) -> String {
        self.joined([self.say(self.words.closed), self.say(self.words.expects), Some(self.conclusion())])
    }

    /// What the verdict is and what it rests on.
    pub(super) fn conclusion(&self) -> String {
        let because = self.verdict.reasons.iter().find_map(|reason| match reason {
            ReasonCode::IntervalHoldsZero => Some(self.words.holds_zero),
            ReasonCode::IntervalAboveZero => Some(self.words.above_zero),
            ReasonCode::IntervalBelowZero => Some(self.words.below_zero),
            _ => None,
        });
        let Verdict { action, confidence, .. } = self.verdict;
        let conclusion = self
            .words
            .concludes
            .replace("{stance}", self.verdict.stance_word())
            .replace("{action}", &action.to_string())
            .replace("{confidence}", &confidence.to_string());
        format!("{} {conclusion}", because.unwrap_or(self.words.no_interval))
    }

    pub(super) fn moved(&self) -> String {
        let spans = [1, 5, 21].map(|span| self.moved_over(span));
        let under = self.number("under_high_52w").filter(|under| *under < -0.0005);
        self.joined(spans.into_iter().chain([
            self.averages(),
            under.and_then(|_| self.say(self.words.under_high)),
            self.say(self.words.session),
            self.say(self.words.busy),
            self.say(self.words.indicators),
            self.say(self.words.volatile),
        ]))
    }

    fn moved_over(&self, span: usize) -> Option<String> {
        let moved = self.number(&format!("return_{span}"))?;
        // What rounds to nothing has no direction.
        let text = match moved {
            up if up >= 0.00005 => self.words.rose,
            down if down <= -0.00005 => self.words.fell,
            _ => self.words.stood,
        };
        let over = if span == 1 { self.words.last_session.into() } else { self.words.over.replace("#s", &span.to_string()) };
        self.say(&text.replace("{over}", &over).replace("#s", &span.to_string()))
    }

    fn averages(&self) -> Option<String> {
        let close = self.number("last_close")?;
        let side = |id: &str| Some(if close >= self.number(id)? { self.words.above } else { self.words.below });
        let (month, year) = (side("sma_20")?, side("sma_200")?);
        self.say(&self.words.averages.replace("{month}", month).replace("{year}", year))
    }

    pub(super) fn outlook(&self) -> String {
        let volatility = self.word("volatility").map(|word| match word {
            "calmer" => self.words.calmer,
            "wilder" => self.words.wilder,
            _ => self.words.usual,
        });
        self.joined([
            self.say(self.words.next).or_else(|| self.say(self.words.next_alone)),
            (self.horizon > 1).then(|| self.say(self.words.last)).flatten(),
            self.say(self.words.week),
            volatility.and_then(|volatility| self.say(&self.words.volatility.replace("{volatility}", volatility))),
        ])
    }

    pub(super) fn risks(&self) -> String {
        let alarms = self.number("alarms").filter(|alarms| *alarms > 0.0);
        self.joined([
            self.say(self.words.loss),
            self.say(self.words.wide),
            self.say(self.words.touch),
            alarms.and_then(|_| self.say(self.words.drifts)),
            Some(self.words.prices_alone.into()),
        ])
    }

    /// `text` with `#n` as the last session that is forecast; none where a fact of its slots is not known.
    pub(super) fn say(&self, text: &str) -> Option<String> {
        let text = text.replace("#n", &self.horizon.to_string());
        let is_known = ids(&text).all(|id| self.facts.get(id).is_some());
        is_known.then_some(text)
    }

    pub(super) fn joined(&self, sentences: impl IntoIterator<Item = Option<String>>) -> String {
        sentences.into_iter().flatten().collect::<Vec<_>>().join(" ")
    }

    pub(super) fn number(&self, id: &str) -> Option<f64> {
        self.facts.get(id)?.number()
    }

    pub(super) fn word(&self, id: &str) -> Option<&str> {
        match &self.facts.get(id)?.value {
            Value::Word(word) => Some(word),
            _ => None,
        }
    }

    /// Whether a direction is named.
    pub(super) fn has_direction(&self) -> bool {
        self.verdict.stance != Stance::Neutral
    }
}
