//! `Phrases`: the words of the template in each language that it speaks.
//!
//! `{{id}}` is a slot of a fact, `#n` the last session that is forecast, `#s` a span and `#f` a field, and `{word}` is put in by the writer.

mod english;
mod german;

use crate::language::Language;
use crate::verdict::ReasonCode;

/// A sentence or heading each; the names say which.
#[derive(Debug)]
#[rustfmt::skip]
pub(crate) struct Phrases {
    pub(super) closed: &'static str, pub(super) expects: &'static str, pub(super) concludes: &'static str,
    pub(super) holds_zero: &'static str, pub(super) above_zero: &'static str, pub(super) below_zero: &'static str,
    pub(super) no_interval: &'static str,
    pub(super) rose: &'static str, pub(super) fell: &'static str, pub(super) stood: &'static str,
    pub(super) last_session: &'static str, pub(super) over: &'static str,
    pub(super) averages: &'static str, pub(super) above: &'static str, pub(super) below: &'static str,
    pub(super) under_high: &'static str, pub(super) session: &'static str, pub(super) busy: &'static str,
    pub(super) indicators: &'static str, pub(super) volatile: &'static str,
    pub(super) next: &'static str, pub(super) next_alone: &'static str, pub(super) last: &'static str,
    pub(super) week: &'static str, pub(super) volatility: &'static str,
    pub(super) calmer: &'static str, pub(super) usual: &'static str, pub(super) wilder: &'static str,
    pub(super) loss: &'static str, pub(super) wide: &'static str, pub(super) touch: &'static str,
    pub(super) drifts: &'static str, pub(super) prices_alone: &'static str,
    pub(super) judged: &'static str, pub(super) better: &'static str, pub(super) equal: &'static str,
    pub(super) worse: &'static str, pub(super) coverage: &'static str, pub(super) no_record: &'static str,
    pub(super) close: &'static str, pub(super) range: &'static str, pub(super) volume: &'static str,
    pub(super) health: &'static str, pub(super) untested: &'static str,
    pub(super) same_day: &'static str, pub(super) up_since: &'static str, pub(super) down_since: &'static str, pub(super) stood_since: &'static str,
    pub(super) came_to: &'static str, pub(super) same_verdict: &'static str, pub(super) other_verdict: &'static str,
    pub(super) health_since: &'static str,
    pub(super) would_turn: &'static str, pub(super) would_fall_back: &'static str, pub(super) would_trust: &'static str,
    pub(super) would_trust_any: &'static str, pub(super) would_doubt: &'static str, pub(super) needs_a_model: &'static str,
    pub(super) news_unread: &'static str, pub(super) no_headlines: &'static str,
    pub(super) reasons: [&'static str; 8],
    pub(super) headings: Headings,
    pub(super) columns: [&'static str; 8],
    pub(super) confidence: &'static str, pub(super) made_from: &'static str, pub(super) replayed: &'static str,
    pub(super) by_template: &'static str, pub(super) by_model: &'static str, pub(super) no_advice: &'static str,
}

/// Headings of the sections.
#[derive(Debug)]
#[rustfmt::skip]
pub(super) struct Headings {
    pub(super) question: &'static str, pub(super) why: &'static str, pub(super) forecast: &'static str,
    pub(super) moved: &'static str, pub(super) risks: &'static str, pub(super) record: &'static str,
    pub(super) drift: &'static str, pub(super) news: &'static str, pub(super) since: &'static str,
    pub(super) sources: &'static str, pub(super) notes: &'static str,
}

/// Codes of the languages that the template speaks.
const SPOKEN: [(&str, &Phrases); 2] = [("en", &english::PHRASES), ("de", &german::PHRASES)];

impl Phrases {
    /// The phrases of `language`, or English.
    pub(crate) fn of(language: &Language) -> &'static Self {
        SPOKEN.iter().find(|(code, _)| *code == language.code()).map_or(&english::PHRASES, |(_, phrases)| phrases)
    }

    pub(super) fn speaks(language: &Language) -> bool {
        SPOKEN.iter().any(|(code, _)| *code == language.code())
    }

    /// A reason as a sentence.
    pub(super) fn reason(&self, reason: ReasonCode) -> &'static str {
        let place = match reason {
            ReasonCode::IntervalHoldsZero => 0,
            ReasonCode::IntervalAboveZero => 1,
            ReasonCode::IntervalBelowZero => 2,
            ReasonCode::NoSkill => 3,
            ReasonCode::Skill => 4,
            ReasonCode::CoverageOff => 5,
            ReasonCode::Drifted => 6,
            ReasonCode::NoData => 7,
        };
        self.reasons[place]
    }
}
