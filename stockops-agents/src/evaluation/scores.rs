//! How the scores of a report come about.

use stockops_core::forecast::Stance;

use super::{AgentEval, Calibration, Reviewed, Status};
use crate::check::Checked;
use crate::facts::Moment;

/// Above it a report is trustworthy; the contract's.
const TRUSTED: f64 = 0.6;

/// Most characters of the preview.
const PREVIEW: usize = 200;

impl AgentEval {
    /// The scores of `report`; `calibration` is of the reports before it.
    pub fn of(report: &Reviewed<'_>, calibration: &Calibration) -> Self {
        let mut scorer = Scorer { report, findings: Vec::new() };
        let (relevance, trustworthiness) = (scorer.relevance(), scorer.trustworthiness());
        let recommendation = Some(scorer.recommendation());
        let (coherence, accuracy, recency) = (scorer.coherence(), scorer.accuracy(), scorer.recency());
        let calibration = scorer.noted(calibration.score, &calibration.to_string());
        let all = [relevance, trustworthiness, recommendation, coherence, accuracy, recency, calibration];
        let overall_score = harmonic_mean(&all);
        let is_scored = relevance.is_some() && trustworthiness.is_some();
        let is_trusted = is_scored && overall_score.is_some_and(|score| score > TRUSTED);
        let Moment { last_bar, decided, replayed } = report.facts.moment;
        Self {
            ticker: report.facts.company.ticker.clone(),
            timestamp: decided,
            last_bar,
            replayed,
            relevance,
            trustworthiness,
            has_recommendation: scorer.states_its_stance(),
            recommendation,
            coherence,
            accuracy,
            recency,
            calibration,
            overall_score,
            status: if is_trusted { Status::Trustworthy } else { Status::Questionable },
            duration: report.duration.map(|duration| duration.as_millis() as f64 / 1000.0),
            preview: report.text.chars().take(PREVIEW).collect(),
            findings: scorer.findings,
            said: report.said(),
            judge: None,
        }
    }
}

/// The number of scores over the sum of their inverses; `None` of none.
fn harmonic_mean(scores: &[Option<f64>]) -> Option<f64> {
    let (count, sum) = scores.iter().flatten().fold((0.0, 0.0), |(count, sum), score| (count + 1.0, sum + 1.0 / score));
    (count > 0.0).then(|| count / sum)
}

/// What a report has to speak of, and how the ids of such facts are known.
type Topic = (&'static str, fn(&str) -> bool);

const TOPICS: [Topic; 4] = [
    ("the last close", |id| id == "last_close"),
    ("a forecast of the close", |id| id.starts_with("close_h") || id.starts_with("move_h")),
    ("an interval", |id| ["_80_", "_90_", "_95_"].iter().any(|level| id.contains(level))),
    ("the record of the model", |id| id.starts_with("skill_") || id.starts_with("coverage_")),
];

struct Scorer<'a> {
    report: &'a Reviewed<'a>,
    findings: Vec<String>,
}

impl Scorer<'_> {
    /// `score`, and a finding where it is less than 1.
    fn noted(&mut self, score: Option<f64>, finding: &str) -> Option<f64> {
        if score.is_some_and(|score| score < 1.0) {
            self.findings.push(finding.to_owned());
        }
        score
    }

    fn relevance(&mut self) -> Option<f64> {
        let ticker = self.report.facts.company.ticker.as_str();
        if !has_word(self.report.text, ticker) {
            return self.noted(Some(0.0), &format!("{ticker} is not named"));
        }
        let checked = self.report.checked?;
        let is_missing = |topic: &&Topic| !speaks_of(checked, topic.1);
        let missing: Vec<&str> = TOPICS.iter().filter(is_missing).map(|topic| topic.0).collect();
        let share = 1.0 - missing.len() as f64 / TOPICS.len() as f64;
        self.noted(Some(share), &format!("nothing is said of {}", missing.join(", ")))
    }

    fn trustworthiness(&mut self) -> Option<f64> {
        let checked = self.report.checked?;
        if checked.passes() {
            let score = if checked.matches.is_empty() { 0.0 } else { 1.0 };
            return self.noted(Some(score), "nothing in it can be checked");
        }
        let lines = checked
            .problems
            .iter()
            .map(|problem| format!("line {}: `{}`: {}", problem.line, problem.text, problem.why));
        self.findings.extend(lines);
        Some(0.0)
    }

    fn states_its_stance(&self) -> bool {
        self.report.stated.is_some_and(|stated| has_word(self.report.text, word(stated.stance)))
    }

    fn recommendation(&mut self) -> f64 {
        let verdict = self.report.verdict;
        let Some(stated) = self.report.stated.filter(|_| self.states_its_stance()) else {
            self.findings.push("no stance is stated".into());
            return 0.0;
        };
        if stated.stance != verdict.stance {
            self.findings.push(format!("it says {}, the facts {}", word(stated.stance), word(verdict.stance)));
            return 0.0;
        }
        let (action, confidence) = (stated.action == verdict.action, stated.confidence == verdict.confidence);
        let differs = [(!action).then_some("the action"), (!confidence).then_some("the confidence")];
        let differs: Vec<String> =
            differs.iter().flatten().map(|what| format!("{what} is not that of the facts")).collect();
        self.findings.extend(differs);
        (f64::from(u8::from(action)) + f64::from(u8::from(confidence))) / 2.0
    }

    fn coherence(&mut self) -> Option<f64> {
        let (stated, opinions) = (self.report.stated?, self.report.opinions);
        let sum: f64 = opinions.iter().map(|opinion| agreement(*opinion, stated.stance)).sum();
        let mean = (!opinions.is_empty()).then(|| sum / opinions.len() as f64);
        self.noted(mean, "the analysts do not agree with the report")
    }

    fn accuracy(&mut self) -> Option<f64> {
        let (stated, (_, [low, high])) = (self.report.stated?, self.report.move_80()?);
        let forecast = match (low > 0.0, high < 0.0) {
            (true, _) => Stance::Bullish,
            (_, true) => Stance::Bearish,
            _ => Stance::Neutral,
        };
        let score = if stated.stance == forecast { 1.0 } else { 0.0 };
        self.noted(Some(score), &format!("it says {}, the forecast {}", word(stated.stance), word(forecast)))
    }

    fn recency(&mut self) -> Option<f64> {
        let missed = self.report.sessions_missed?;
        let plural = if missed == 1 { " that was over is" } else { "s that were over are" };
        self.noted(Some(1.0 / (1 + missed) as f64), &format!("{missed} session{plural} not in it"))
    }
}

/// Whether a fact of a topic, or a figure that comes of one, was found.
fn speaks_of(checked: &Checked, is_topic: fn(&str) -> bool) -> bool {
    checked.matches.iter().flat_map(|found| found.fact.split(' ')).any(is_topic)
}

/// 1 for the same, 0 for the opposite, a half where one of the two is neutral.
fn agreement(one: Stance, other: Stance) -> f64 {
    match (one, other) {
        _ if one == other => 1.0,
        (Stance::Neutral, _) | (_, Stance::Neutral) => 0.5,
        _ => 0.0,
    }
}

fn word(stance: Stance) -> &'static str {
    match stance {
        Stance::Bullish => "BULLISH",
        Stance::Bearish => "BEARISH",
        Stance::Neutral => "NEUTRAL",
    }
}

/// Whether `text` has `word` as a whole word: GOOG is not in GOOGL, nor BTC in BTC-USD.
fn has_word(text: &str, word: &str) -> bool {
    let continues = |c: Option<char>, next: Option<char>| match c {
        // A sign within a longer name, and not the end of a sentence.
        Some('-' | '.' | '=' | '^') => next.is_some_and(char::is_alphanumeric),
        Some(c) => c.is_alphanumeric(),
        None => false,
    };
    text.match_indices(word).any(|(at, _)| {
        let (mut before, mut after) = (text[..at].chars().rev(), text[at + word.len()..].chars());
        !continues(before.next(), before.next()) && !continues(after.next(), after.next())
    })
}

#[cfg(test)]
mod tests;
