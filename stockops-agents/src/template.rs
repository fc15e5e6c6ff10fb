//! The template: prose and layout of a report in code, for when no language model writes or none may.
//!
//! A sentence whose facts are not all known is left out, so the template writes of any history and says nothing that it
//! does not know. The layout around the prose is the same whoever wrote the prose.

mod answer;
mod layout;
mod phrases;
mod record;
mod sentences;

pub(crate) use layout::{Parts, markdown, with_question};
pub(crate) use phrases::Phrases;

use crate::facts::Facts;
use crate::language::Language;
use crate::prose::Prose;
use crate::verdict::Verdict;
use sentences::Writer;

/// The prose of the report with its slots; English where the template does not speak `language`.
pub fn prose(facts: &Facts, verdict: &Verdict, question: Option<&str>, language: Language) -> Prose {
    let writer = Writer::new(facts, verdict, language);
    Prose {
        summary: writer.summary(),
        moved: writer.moved(),
        outlook: writer.outlook(),
        risks: writer.risks(),
        answer: question.map(|question| writer.answer(question)).unwrap_or_default(),
    }
}

/// What is said of news that nobody has read.
pub(crate) fn no_news(language: Language) -> &'static str {
    Phrases::of(language).news_unread
}

/// The language that the template writes in for a report in `language`: English where it does not speak that.
pub(crate) fn written_in(language: Language) -> Language {
    if Phrases::speaks(language) { language } else { Language::ENGLISH }
}

/// The languages that the template speaks, in a sentence.
pub(crate) fn spoken() -> String {
    Phrases::spoken()
}

/// Whether the template speaks `language`.
pub(crate) fn speaks(language: Language) -> bool {
    Phrases::speaks(language)
}

#[cfg(test)]
mod tests;
