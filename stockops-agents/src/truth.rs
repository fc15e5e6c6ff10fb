//! Whether a draft is true: its slots are facts, and the checker finds a fact for all that it says.

use stockops_core::report::escape;

use crate::check::{Checked, Match, check_in};
use crate::facts::Facts;
use crate::language::Language;
use crate::prose::Prose;
use crate::slots::{Filled, Number, fill};
use crate::verdict::Verdict;

/// What drafts are held against, and the language that they are in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Truth<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) verdict: &'a Verdict,
    pub(crate) language: Language,
}

impl Truth<'_> {
    /// The draft with its slots filled, or all that is wrong with it.
    pub(crate) fn judge(&self, prose: &Prose) -> Result<Prose, Vec<String>> {
        let wrong: Vec<String> = prose
            .sections()
            .flat_map(|(name, text)| {
                let wrong = match has_structure(text) {
                    true => vec!["write plain sentences, without headings, lists and tables".to_owned()],
                    false => self.prove(&escape(text)).err().unwrap_or_default(),
                };
                wrong.into_iter().map(move |wrong| format!("{name}: {wrong}"))
            })
            .collect();
        if wrong.is_empty() { Ok(self.filled(prose)) } else { Err(wrong) }
    }

    /// `text` with its slots filled, and the fact of each number in it; or what no fact says.
    pub(crate) fn prove(&self, text: &str) -> Result<Filled, Vec<String>> {
        let (filled, checked) = self.look(text)?;
        if checked.passes() { Ok(filled) } else { Err(problems(&checked)) }
    }

    /// `text` with its slots filled, the fact of each number in it, and what the checker says; or the slots that are no facts.
    pub(crate) fn look(&self, text: &str) -> Result<(Filled, Checked), Vec<String>> {
        let mut filled = fill(text, self.facts, self.language)?;
        let checked = check_in(self.language, &filled.text, self.facts, self.verdict);
        // What was written out has no slot.
        let is_slot = |text: &str| filled.numbers.iter().any(|number| number.text == text);
        let written = checked.matches.iter().filter(|found| !is_slot(&found.text));
        let number = |found: &Match| Number { text: found.text.clone(), fact: found.fact.clone() };
        let written: Vec<Number> = written.map(number).collect();
        filled.numbers.extend(written);
        Ok((filled, checked))
    }

    /// `text` of a model as it may be shown beside the report; none where a fact is missing for what it says.
    pub(crate) fn told(&self, text: &str) -> Option<String> {
        if has_structure(text) { None } else { self.prove(&escape(text)).ok().map(|filled| filled.text) }
    }

    /// The prose with its slots filled where they are facts.
    pub(crate) fn filled(&self, prose: &Prose) -> Prose {
        let full = |text: &str| self.shown(text);
        let Prose { summary, moved, outlook, risks, answer } = prose;
        Prose {
            summary: full(summary),
            moved: full(moved),
            outlook: full(outlook),
            risks: full(risks),
            answer: full(answer),
        }
    }

    /// `text` with the slots that are facts filled, unchecked.
    pub(crate) fn unproved(&self, text: &str) -> Filled {
        fill(text, self.facts, self.language).unwrap_or_else(|_| Filled { text: text.to_owned(), numbers: Vec::new() })
    }

    /// `text` with its slots filled, or as it is where they are no facts.
    pub(crate) fn shown(&self, text: &str) -> String {
        self.unproved(text).text
    }
}

/// Each problem in a line.
pub(crate) fn problems(checked: &Checked) -> Vec<String> {
    checked.problems.iter().map(|problem| format!("`{}`: {}", problem.text, problem.why)).collect()
}

/// Whether Markdown would make a heading, a list, a quotation, a table or code of a line: the layout is not the writer's, and
/// the checker reads a heading less strictly than a sentence.
fn has_structure(text: &str) -> bool {
    let marked = |line: &str| {
        line.starts_with(['#', '>', '|', '`']) || ["- ", "* ", "+ "].iter().any(|mark| line.starts_with(mark))
    };
    text.lines().any(|line| marked(line.trim_start()))
}
