//! `Briefing`: what every analyst is told, in full or cut for models that read little.

use serde::{Deserialize, Serialize};

use super::fence;
use crate::facts::{Fact, Facts, Quantity};
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
    pub language: Language,
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
        self.said(role, [self.table(), self.conclusion(), self.talk_so_far(), beside.into(), asked])
    }

    /// The same without facts, for who reads what is `beside` alone.
    pub(super) fn ask_of(&self, role: &str, beside: &str) -> Vec<Message> {
        self.said(role, [beside.into()])
    }

    fn said<const N: usize>(&self, role: &str, parts: [String; N]) -> Vec<Message> {
        let text = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n\n");
        vec![Message::system(format!("{role}\n\n{}", self.rules())), Message::user(text)]
    }

    /// As many of `items` as the briefing has room for.
    pub(super) fn cut<'b, T>(&self, items: &'b [T]) -> &'b [T] {
        &items[..items.len().min(if self.is_short { 1 } else { MOST })]
    }

    fn rules(&self) -> String {
        format!(
            "Rules:\n- Write {} and nothing but the JSON that is asked for.\n- Never write a digit, a date or a percentage: write the id of \
             a fact of the table in double braces, such as {{{{last_close}}}}; a program puts the value in.\n- Say beside each number what \
             it is and of which day, in the words of the table. What no fact says is not said.\n- {}",
            self.language.name(),
            FENCE_RULE
        )
    }

    fn table(&self) -> String {
        let horizon = self.facts.facts.iter().filter_map(|fact| fact.horizon).max().unwrap_or(1);
        let lines = self.facts.facts.iter().filter(|fact| is_told(fact, horizon, self.is_short));
        let lines = lines.map(|fact| {
            let value = shown(&fact.id, self.facts, self.language).unwrap_or_default();
            format!("{}: {value}, {}", fact.id, fact.words)
        });
        format!(
            "Facts about {}, each with its id, value and words:\n{}",
            self.facts.company.ticker,
            lines.collect::<Vec<_>>().join("\n")
        )
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

/// Facts of a short briefing, without their horizon and level.
const SHORT: &[&str] = &[
    "ticker",
    "last_close",
    "last_day",
    "day",
    "close",
    "move",
    "return_1",
    "return_5",
    "return_21",
    "rsi_14",
    "health",
    "skill_close",
];
/// Facts that a full one has beside them: what the sentences of a note need. All there are is more than is read.
const LONG: &[&str] = &[
    "company",
    "sessions_ahead",
    "under_high_52w",
    "under_high_known",
    "sma_20",
    "volatility_20",
    "held_out",
    "var_99",
    "coverage_close",
];
/// Beginning of what the last report said.
const BEFORE: &str = "before_";
/// Where facts come from that an analyst has asked for: they are told whatever they are about.
const ASKED: &str = "tool ";

/// Whether a briefing has room for `fact`. Of the first session forecast and move are told; of the `last` all that is listed. Of
/// levels those are told that sentences use: 80 % of moves, 90 % of closes, 99 % of losses.
fn is_told(fact: &Fact, last: usize, is_short: bool) -> bool {
    if fact.origin.source.starts_with(ASKED) {
        return true;
    }
    let about =
        fact.horizon.and_then(|ahead| fact.id.split_once(&format!("_h{ahead}"))).map_or(&*fact.id, |(id, _)| id);
    let is_listed = SHORT.contains(&about) || !is_short && (LONG.contains(&about) || about.starts_with(BEFORE));
    let is_rule = fact.quantity == Quantity::Skill && fact.id.ends_with("_hardest");
    let is_of_last = match fact.horizon {
        Some(ahead) if ahead == last => true,
        Some(1) => !is_short && matches!(about, "day" | "close" | "move") && fact.level.is_none(),
        Some(_) => false,
        None => true,
    };
    let is_used = match (fact.level, about) {
        (Some(level), "move") => level == 80,
        (Some(level), "close" | "coverage_close") => level == 90 && !is_short,
        _ => true,
    };
    is_listed && is_of_last && is_used && !is_rule
}

/// A reason as the report's JSON has it.
fn word(reason: ReasonCode) -> String {
    serde_json::to_value(reason).ok().and_then(|word| word.as_str().map(String::from)).unwrap_or_default()
}
