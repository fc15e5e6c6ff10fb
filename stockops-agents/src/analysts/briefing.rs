//! `Briefing`: what every analyst is told, in full or cut for models that read little.

use serde::{Deserialize, Serialize};

use super::fence;
use crate::facts::{Fact, Facts};
use crate::language::Language;
use crate::llm::{FENCE_RULE, Message};
use crate::slots::shown;
use crate::verdict::{ReasonCode, Verdict};

/// A question of a conversation with its answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// What was asked; none where a report was asked for.
    pub question: Option<String>,
    /// What was answered.
    pub answer: String,
    /// The run that answered.
    pub run: String,
}

/// What every analyst is told.
#[derive(Debug, Clone, Copy)]
pub struct Briefing<'a> {
    /// All that is known.
    pub facts: &'a Facts,
    /// What code concluded.
    pub verdict: &'a Verdict,
    /// What is asked beyond a report.
    pub question: Option<&'a str>,
    /// What was said before in this conversation, oldest first.
    pub talk: &'a [Exchange],
    /// The language to write in.
    pub language: &'a Language,
    /// Whether the model reads little: fewer facts, one headline, one turn of the conversation.
    pub is_short: bool,
}

/// Turns and headlines of a full briefing.
const MOST: usize = 6;

impl Briefing<'_> {
    /// A conversation that asks `role` for an answer: rules, facts, verdict, what is `beside`, and the question last.
    pub(super) fn ask(&self, role: &str, beside: &str) -> Vec<Message> {
        let asked = match self.question {
            Some(question) => format!("The reader asks:\n{}", fence::fenced("question", [question])),
            None => "The reader asks for a report and nothing else: leave the answer empty.".into(),
        };
        let parts = [self.table(), self.conclusion(), self.talk_so_far(), beside.into(), asked];
        let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
        vec![Message::system(format!("{role}\n\n{}", self.rules())), Message::user(text)]
    }

    /// As many of `items` as the briefing has room for.
    pub(super) fn cut<'b, T>(&self, items: &'b [T]) -> &'b [T] {
        &items[..items.len().min(if self.is_short { 1 } else { MOST })]
    }

    fn rules(&self) -> String {
        format!(
            "Rules:\n- Write {} and nothing but the JSON that is asked for.\n- Never write a digit, a date or a percentage. \
             Where a number or a day belongs, write the id of a fact in double braces, such as {{{{last_close}}}}; a program \
             puts the value in.\n- Say beside each number what it is, in the words of the table, and of which day.\n- Use only ids of the table. What no fact says is not said.\n- {}",
            self.language.name(),
            FENCE_RULE
        )
    }

    fn table(&self) -> String {
        let horizon = self.facts.facts.iter().filter_map(|fact| fact.horizon).max().unwrap_or(1);
        let lines = self.facts.facts.iter().filter(|fact| is_told(fact, horizon, self.is_short));
        let language = self.language.of_numbers();
        let lines = lines.map(|fact| {
            let value = shown(&fact.id, self.facts, language).unwrap_or_default();
            format!("{{{{{}}}}} = {value} ({})", fact.id, fact.words)
        });
        format!("Facts about {}:\n{}", self.facts.company.ticker, lines.collect::<Vec<_>>().join("\n"))
    }

    fn conclusion(&self) -> String {
        let Verdict { action, confidence, reasons, .. } = self.verdict;
        let reasons: Vec<String> = reasons.iter().map(|reason| word(*reason)).collect();
        format!(
            "The verdict, set by a program and not to be changed: stance {}, action {action}, confidence {confidence}, \
             because: {}.",
            self.verdict.stance_word(),
            reasons.join("; ")
        )
    }

    fn talk_so_far(&self) -> String {
        let from = self.talk.len() - self.cut(self.talk).len();
        let lines = self.talk[from..].iter().flat_map(|Exchange { question, answer, .. }| {
            [format!("reader: {}", question.as_deref().unwrap_or("a report")), format!("desk: {answer}")]
        });
        let lines: Vec<String> = lines.collect();
        if lines.is_empty() { String::new() } else { format!("Said before:\n{}", fence::fenced("conversation", lines)) }
    }
}

/// Beginnings of the ids that a briefing is about, a short one first: all of them are more than a small model reads.
const SHORT: &[&str] =
    &["ticker", "last_close", "last_day", "day_h", "close_h", "move_h", "return_", "rsi_14", "health", "skill_close_h"];
const LONG: &[&str] = &[
    "company",
    "exchange",
    "currency",
    "model_version",
    "sessions_ahead",
    "last_high",
    "last_low",
    "last_volume",
    "last_range",
    "high_52w",
    "low_52w",
    "under_high_52w",
    "high_known",
    "low_known",
    "under_high_known",
    "sma_",
    "macd",
    "volatility",
    "volume_ratio",
    "week_",
    "range_",
    "var_99",
    "es_99",
    "width_",
    "any_wider_2",
    "held_out",
    "rule_",
    "skill_",
    "coverage_close",
    "alarms",
    "tests",
    "headlines",
    "before_",
];

/// Whether a briefing has room for `fact`: of sessions the first and the last, of levels the two that sentences use.
fn is_told(fact: &Fact, horizon: usize, is_short: bool) -> bool {
    let begins = |ids: &[&str]| ids.iter().any(|id| fact.id.starts_with(id));
    let is_about = begins(SHORT) || !is_short && begins(LONG);
    let is_side = fact.against.is_some() && fact.id.ends_with("_persistence");
    is_about
        && !is_side
        && fact.horizon.is_none_or(|ahead| ahead == 1 || ahead == horizon)
        && fact
            .level
            .is_none_or(|level| matches!(level, 80 | 90 | 99) && (level != 80 || fact.id.starts_with("move_h")))
        && (fact.level != Some(90) || !fact.id.starts_with("move_h"))
}

/// A reason as the report's JSON has it.
fn word(reason: ReasonCode) -> String {
    serde_json::to_value(reason).ok().and_then(|word| word.as_str().map(String::from)).unwrap_or_default()
}
