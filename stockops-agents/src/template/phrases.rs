//! `Phrases`: the words of the template in each language that it speaks.
//!
//! `{{id}}` is a slot of a fact, `#n` the last session that is forecast, `#h` another one, `#k` a level, `#s` a span and `#f` a field, and `{word}` is put in by the writer.

mod english;
mod german;
mod notes;
mod rules;

use crate::language::Language;
use crate::verdict::{Confidence, ReasonCode};

/// A sentence or heading each; the names say which.
#[derive(Debug)]
#[rustfmt::skip]
pub(crate) struct Phrases {
    pub(super) closed: &'static str, pub(super) expects: &'static str, pub(super) concludes: &'static str,
    
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
    pub(super) hardly: &'static str, pub(super) at: &'static str, pub(super) averages_month: &'static str,
    pub(super) under_known: &'static str, pub(super) reach: &'static str, pub(super) volatility_known: &'static str,
    pub(super) prices_only: &'static str, pub(super) hardest: &'static str, pub(super) one_ahead: &'static str,
    pub(super) ahead: &'static str, pub(super) no_rule: &'static str, pub(super) later_record: &'static str,
    pub(super) would_trust_hardest: &'static str, pub(super) would_cover: &'static str,
    pub(super) would_settle: &'static str, pub(super) would_know: &'static str, pub(super) advises_nothing: &'static str,
    pub(super) session_close: &'static str, pub(super) session_volume: &'static str, pub(super) no_volume: &'static str,
    pub(super) nearest_level: &'static str, pub(super) touches: &'static str, pub(super) closes_above: &'static str,
    pub(super) closes_below: &'static str, pub(super) in_english: &'static str, pub(super) until: &'static str,
    pub(super) last_was: &'static str, pub(super) previous_was: &'static str,
    pub(super) busy_alone: &'static str,
    /// How names of sources begin, in English and in this language.
    pub(super) sources: &'static [(&'static str, &'static str)],
    /// In the order of [`ReasonCode`].
    pub(super) reasons: [&'static str; 9],
    /// Nothing to say of the last session, though days were held out.
    pub(super) unjudged: &'static str,
    /// Low, Medium, High.
    pub(super) confidences: [&'static str; 3],
    /// Healthy, Degraded, Critical.
    pub(super) healths: [&'static str; 3],
    pub(super) headings: Headings,
    pub(super) columns: [&'static str; 8],
    pub(super) confidence: &'static str, pub(super) made_from: &'static str, pub(super) no_version: &'static str, pub(super) replayed: &'static str,
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

/// The languages that the template speaks.
const SPOKEN: [(Language, &Phrases); 2] =
    [(Language::ENGLISH, &english::PHRASES), (Language::GERMAN, &german::PHRASES)];

impl Phrases {
    /// The phrases of `language`, or English.
    pub(crate) fn of(language: Language) -> &'static Self {
        SPOKEN.iter().find(|(spoken, _)| *spoken == language).map_or(&english::PHRASES, |(_, phrases)| phrases)
    }

    /// The simple rule that a fact names, in plain words.
    pub(super) fn rule(language: Language, name: &str) -> String {
        rules::words(language == Language::GERMAN, name)
    }

    pub(super) fn spoken() -> String {
        SPOKEN.each_ref().map(|(language, _)| language.name()).join(" and ")
    }

    pub(super) fn speaks(language: Language) -> bool {
        SPOKEN.iter().any(|(spoken, _)| *spoken == language)
    }

    /// A confidence in a word.
    pub(super) fn confidence(&self, confidence: Confidence) -> &'static str {
        self.confidences[confidence as usize]
    }

    /// A health as drift reports name it, in a word of the language.
    pub(super) fn health<'a>(&self, health: &'a str) -> &'a str {
        let place = ["Healthy", "Degraded", "Critical"].iter().position(|word| *word == health);
        place.map_or(health, |place| self.healths[place])
    }

    /// The name of a source in the language; as it is where nobody knows how it begins.
    pub(super) fn source(&self, name: &str) -> String {
        let told = |(from, to): &(&str, &str)| Some(format!("{to}{}", name.strip_prefix(from)?));
        self.sources.iter().find_map(told).unwrap_or_else(|| name.to_owned())
    }

    /// A note or warning in `language`; none where it is not known in it.
    pub(super) fn note(language: Language, note: &str) -> Option<String> {
        if language == Language::GERMAN { notes::german(note) } else { Some(note.to_owned()) }
    }

    /// A reason as a sentence; `{Ahead}` is the last session.
    pub(super) fn reason(&self, reason: ReasonCode) -> &'static str {
        self.reasons[reason as usize]
    }
}
