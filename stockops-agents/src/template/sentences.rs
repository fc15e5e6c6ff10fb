//! `Writer`: the sentences of the four sections.

use stockops_core::market::price_text;

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
    pub(super) horizon: u64,
    language: Language,
}

impl<'a> Writer<'a> {
    pub(super) fn new(facts: &'a Facts, verdict: &'a Verdict, language: Language) -> Self {
        let horizon = match facts.get("sessions_ahead").map(|fact| &fact.value) {
            Some(Value::Count(count)) => *count,
            _ => 1,
        };
        Self { facts, verdict, words: Phrases::of(language), horizon, language }
    }

    pub(super) fn summary(&self) -> String {
        self.joined([self.say(self.words.closed), self.say(self.words.expects), Some(self.conclusion())])
    }

    /// What the verdict is, and that no interval was calibrated where none was.
    pub(super) fn conclusion(&self) -> String {
        let Verdict { action, confidence, .. } = self.verdict;
        let conclusion = self
            .words
            .concludes
            .replace("{stance}", self.verdict.stance_word())
            .replace("{action}", &action.to_string())
            .replace("{confidence}", self.words.confidence(*confidence));
        let has_none = self.verdict.reasons.first() == Some(&ReasonCode::NoData);
        self.joined([has_none.then(|| self.words.no_interval.into()), Some(conclusion)])
    }

    /// Each reason as a sentence, which names the sessions that it looks ahead.
    pub(super) fn reasons(&self) -> Vec<String> {
        let was_judged = self.number("held_out").is_some_and(|forecasts| forecasts > 0.0);
        let sentence = |reason: &ReasonCode| match reason {
            ReasonCode::NoData if was_judged => self.words.unjudged,
            other => self.words.reason(*other),
        };
        self.verdict.reasons.iter().map(|reason| self.ahead(sentence(reason), self.horizon)).collect()
    }

    /// `text` with `sessions` in words where it has `{Ahead}`, and as a number where it has `#h`.
    pub(super) fn ahead(&self, text: &str, sessions: u64) -> String {
        let ahead = if sessions == 1 { self.words.one_ahead } else { self.words.ahead };
        text.replace("{Ahead}", ahead).replace("#h", &sessions.to_string())
    }

    pub(super) fn moved(&self) -> String {
        let spans = [1, 5, 21].map(|span| self.moved_over(span));
        let below = |id| self.number(id).filter(|under| *under < -0.0005);
        let (under, under_known) = (below("under_high_52w"), below("under_high_known"));
        self.joined(spans.into_iter().chain([
            self.averages(),
            under.and_then(|_| self.say(self.words.under_high)),
            under_known.and_then(|_| self.say(self.words.under_known)),
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
            0.0 => self.words.stood,
            _ => self.words.hardly,
        };
        let over =
            if span == 1 { self.words.last_session.into() } else { self.words.over.replace("#s", &span.to_string()) };
        self.say(&text.replace("{over}", &over).replace("#s", &span.to_string()))
    }

    /// Where the close stands to its means, as far as a reader sees it.
    pub(super) fn averages(&self) -> Option<String> {
        let close = self.number("last_close")?;
        let side = |id: &str| {
            let mean = self.number(id)?;
            Some(match close {
                _ if price_text(close) == price_text(mean) => self.words.at,
                close if close > mean => self.words.above,
                _ => self.words.below,
            })
        };
        let month = side("sma_20")?;
        let (text, year) = match side("sma_200") {
            Some(year) => (self.words.averages, year),
            None => (self.words.averages_month, ""),
        };
        self.say(&text.replace("{month}", month).replace("{year}", year))
    }

    pub(super) fn outlook(&self) -> String {
        self.joined([
            self.say(self.words.next).or_else(|| self.say(self.words.next_alone)),
            (self.horizon > 1).then(|| self.say(self.words.last)).flatten(),
            self.say(self.words.reach).or_else(|| self.say(self.words.week)),
            self.volatility(),
        ])
    }

    /// How wild the sessions ahead are against those that are known.
    pub(super) fn volatility(&self) -> Option<String> {
        let volatility = match self.word("volatility")? {
            "calmer" => self.words.calmer,
            "wilder" => self.words.wilder,
            _ => self.words.usual,
        };
        let say = |text: &str| self.say(&text.replace("{volatility}", volatility));
        say(self.words.volatility).or_else(|| say(self.words.volatility_known))
    }

    pub(super) fn risks(&self) -> String {
        let alarms = self.number("alarms").filter(|alarms| *alarms > 0.0);
        self.joined([
            self.say(self.words.loss),
            self.say(self.words.wide),
            self.say(self.words.touch),
            alarms.and_then(|_| self.say(self.words.drifts)),
            Some(if self.has_volume() { self.words.prices_alone } else { self.words.prices_only }.into()),
        ])
    }

    /// `text` with `#n` as the last session that is forecast; none where a fact of its slots is not known, or the language has no such sentence.
    pub(super) fn say(&self, text: &str) -> Option<String> {
        let text = text.replace("#n", &self.horizon.to_string());
        let is_known = ids(&text).all(|id| self.facts.get(id).is_some());
        (is_known && !text.is_empty()).then_some(text)
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

    /// Whether a volume is known.
    pub(super) fn has_volume(&self) -> bool {
        self.facts.get("last_volume").is_some()
    }

    /// The rule that the fact `id` names or is held against, in plain words.
    pub(super) fn rule(&self, id: &str) -> Option<String> {
        let name = self.word(id).map(String::from).or_else(|| self.facts.get(id)?.against.clone())?;
        Some(Phrases::rule(self.language, &name))
    }
}
