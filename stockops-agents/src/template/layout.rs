//! The layout of a report: headings, tables and lists around the prose, whoever wrote it.

use std::collections::BTreeMap;

use stockops_core::report::{Table, escape, list};

use super::phrases::Phrases;
use super::sentences::Writer;
use crate::facts::{Facts, Origin};
use crate::graph::Author;
use crate::language::Language;
use crate::prose::Prose;
use crate::slots::fill;
use crate::verdict::Verdict;

/// What a report is laid out from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Parts<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) verdict: &'a Verdict,
    /// With its slots.
    pub(crate) prose: &'a Prose,
    pub(crate) author: &'a Author,
    pub(crate) question: Option<&'a str>,
    pub(crate) language: Language,
    pub(crate) warnings: &'a [String],
}

/// Stands for the question until the rest is checked: what a reader asks need not be true.
const QUESTION: char = '\u{fffc}';

/// `text` with the question in its place.
pub(crate) fn with_question(text: &str, question: Option<&str>) -> String {
    text.replace(QUESTION, &escape(&plain(question.unwrap_or_default())))
}

/// The report in Markdown: what is checked, with its slots, and what stands behind it: drift in its own words, headlines of
/// others, notes, sources and who wrote.
pub(crate) fn markdown(parts: &Parts<'_>) -> (String, String) {
    let writer = Writer::new(parts.facts, parts.verdict, parts.language);
    let layout = Layout { parts, writer };
    (layout.checked(), layout.behind())
}

struct Layout<'a> {
    parts: &'a Parts<'a>,
    writer: Writer<'a>,
}

impl Layout<'_> {
    fn checked(&self) -> String {
        let Parts { facts, verdict, prose, question, .. } = self.parts;
        let (words, head) = (self.writer.words, &self.writer.words.headings);
        let version = facts.model_version.as_deref().unwrap_or(words.no_version);
        let title = format!(
            "# {}: {}, {}, {} {}",
            facts.company.ticker,
            verdict.stance_word(),
            verdict.action,
            words.confidence,
            words.confidence(verdict.confidence)
        );
        let reasons = self.writer.reasons().into_iter().map(|reason| format!("- {reason}"));
        let asked = question.map(|_| format!("*{QUESTION}*\n\n{}", escape(&prose.answer)));
        joined([
            title,
            escape(&prose.summary),
            self.writer.say(words.made_from).map(|text| text.replace("{version}", version)).unwrap_or_default(),
            if facts.moment.replayed { words.replayed.into() } else { String::new() },
            section(head.question, asked.unwrap_or_default()),
            section(head.why, reasons.collect::<Vec<_>>().join("\n")),
            section(head.forecast, format!("{}\n\n{}", self.sessions().markdown(), escape(&prose.outlook))),
            section(head.moved, escape(&prose.moved)),
            section(head.risks, escape(&prose.risks)),
            section(head.record, self.writer.record()),
            section(head.since, self.writer.since()),
        ])
    }

    /// The sessions ahead as slots.
    fn sessions(&self) -> Table {
        let cells = [
            "day_h#n",
            "open_h#n",
            "high_h#n",
            "low_h#n",
            "close_h#n",
            "close_h#n_90_low",
            "close_h#n_90_high",
            "volume_h#n",
        ];
        let known = |cell: &str, ahead: usize| {
            let id = cell.replace("#n", &ahead.to_string());
            self.parts.facts.get(&id).map(|_| format!("{{{{{id}}}}}"))
        };
        let sessions = (1..).take_while(|ahead| known("close_h#n", *ahead).is_some()).count();
        // A column of which nothing is known has no head either.
        let columns: Vec<(&str, &str)> = std::iter::zip(self.writer.words.columns, cells)
            .filter(|(_, cell)| (1..=sessions).any(|ahead| known(cell, ahead).is_some()))
            .collect();
        let mut table = Table::new(columns.iter().map(|(head, _)| *head));
        for ahead in 1..=sessions {
            table.push(columns.iter().map(|(_, cell)| known(cell, ahead).unwrap_or_else(|| "-".into())));
        }
        table
    }

    fn behind(&self) -> String {
        let head = &self.writer.words.headings;
        let (health, alarms) = self.writer.drift();
        let health = fill(&health, self.parts.facts, self.parts.language).map(|filled| filled.text).unwrap_or_default();
        let (notes, all_told) = self.told(self.parts.facts.notes.iter().chain(self.parts.warnings));
        let said_once = if all_told { "" } else { self.writer.words.in_english };
        let notes = joined([said_once.to_owned(), list(notes)]);
        let (alarms, _) = self.told(&alarms);
        joined([
            section(head.drift, joined([health, list(alarms)])),
            section(head.news, self.headlines()),
            section(head.notes, notes),
            section(head.sources, list(self.sources())),
            escape(&self.written_by()),
            self.writer.words.no_advice.into(),
        ]) + "\n"
    }

    /// Notes in the language of the report, as they are where it does not know them, and whether it knows all.
    fn told<'n>(&self, notes: impl IntoIterator<Item = &'n String>) -> (Vec<String>, bool) {
        let mut all_told = true;
        let one = |note: &String| {
            Phrases::note(self.parts.language, note).unwrap_or_else(|| {
                all_told = false;
                note.clone()
            })
        };
        let notes = notes.into_iter().map(one).collect();
        (notes, all_told)
    }

    fn headlines(&self) -> String {
        match &self.parts.facts.headlines[..] {
            [] => self.writer.words.no_headlines.into(),
            headlines => list(headlines.iter().map(|one| {
                format!("{}, {}: {}", one.published.date_naive(), plain(&one.publisher), plain(&one.title))
            })),
        }
    }

    /// Each source once, with the days that it spans and when it was asked.
    fn sources(&self) -> Vec<String> {
        let mut sources: BTreeMap<&str, &Origin> = BTreeMap::new();
        for origin in self.parts.facts.facts.iter().map(|fact| &fact.origin) {
            let widest = sources.entry(&origin.source).or_insert(origin);
            let days = |origin: &Origin| origin.window.map(|[from, to]| to - from);
            if days(origin) > days(widest) {
                *widest = origin;
            }
        }
        let line = |(source, origin): (&str, &Origin)| {
            let to_word = self.writer.words.until;
            let window = origin.window.map(|[from, to]| format!(", {from} {to_word} {to}")).unwrap_or_default();
            let source = self.writer.words.source(source);
            format!("{source}{window} ({} UTC)", origin.fetched.format("%Y-%m-%d %H:%M"))
        };
        sources.into_iter().map(line).collect()
    }

    fn written_by(&self) -> String {
        match self.parts.author {
            Author::Template { why } => {
                let why = Phrases::note(self.parts.language, why).unwrap_or_else(|| why.clone());
                self.writer.words.by_template.replace("{why}", &why)
            }
            Author::Model { name } => self.writer.words.by_model.replace("{name}", name),
        }
    }
}

fn section(heading: &str, text: String) -> String {
    if text.is_empty() { text } else { format!("## {heading}\n\n{text}") }
}

fn joined(parts: impl IntoIterator<Item = String>) -> String {
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// Text of others on one line, without what would look like a slot.
fn plain(text: &str) -> String {
    text.replace("{{", "( ").replace("}}", " )").split_whitespace().collect::<Vec<_>>().join(" ")
}
