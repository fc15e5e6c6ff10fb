//! Answers that are kept: a question that was asked before is answered by the report that answered it then.

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use stockops_core::report::escape;

use super::progress::Voice;
use super::{Analyst, Request};
use crate::analysts::PROMPT_VERSION;
use crate::cache::{CachedReport, Hit, Inquiry, Purge, SemanticCache};
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::graph::Author;
use crate::report::{AnalystReport, Cost, KeptAnswer};

/// Facts that say when somebody asked, and what others had written by then. An answer with others of these is as true; it
/// shows its own.
const OF_THE_MOMENT: [&str; 2] = ["decided", "headlines"];

/// The cache, and a question to it.
#[derive(Debug)]
pub(super) struct Answers<'a> {
    cache: &'a SemanticCache,
    inquiry: Inquiry,
    has_model: bool,
}

impl<'a> Answers<'a> {
    /// For a question about `facts`; none where nothing is kept, nothing is asked, the run is of a past day, or what was
    /// said before decides the answer.
    pub(super) fn of(analyst: &'a Analyst, request: &Request, facts: &Facts, goes_on: bool) -> Option<Self> {
        let cache = analyst.cache.as_ref()?;
        let question = request.asked().filter(|_| request.as_of.is_none() && !goes_on)?;
        let writer = analyst.model.as_ref().map_or("template", |model| model.name());
        let language = request.language.code();
        // A report that was kept without a judgement is no answer to who wants one.
        let judged = if analyst.settings.judge { "judged " } else { "" };
        let inquiry = Inquiry {
            question: question.into(),
            names: facts.company.name.iter().cloned().collect(),
            ticker: request.ticker.clone(),
            last_bar: facts.moment.last_bar,
            model_version: facts.model_version.clone().unwrap_or_default(),
            prompt_version: format!("{PROMPT_VERSION} {writer} {language} {judged}{}", hash(facts)),
            fresh: request.fresh,
        };
        Some(Self { cache, inquiry, has_model: analyst.model.is_some() })
    }

    /// The report that answered the question, streamed as if it were being written.
    pub(super) async fn find(&self, now: DateTime<Utc>, voice: &Voice) -> Result<Option<AnalystReport>> {
        let Some(hit) = self.cache.find(&self.inquiry, now).await? else { return Ok(None) };
        voice.say(Some("cache"), "started", json!({}));
        let report = marked(&hit)?;
        hit.stream(&|text| voice.say(Some("cache"), "token", json!({ "text": text }))).await;
        voice.say(Some("cache"), "finished", json!({ "value": report.kept_answer }));
        Ok(Some(report))
    }

    /// Keep `report` where it was proved and is by whom it was asked of: what the template wrote because a model failed is
    /// not what the next one wants. Answers of earlier versions of the model go.
    pub(super) async fn keep(&self, report: &AnalystReport, now: DateTime<Utc>) -> Result<()> {
        let is_by_model = matches!(report.written_by, Author::Model { .. });
        let is_true = report.agent_eval.as_ref().is_some_and(|eval| eval.trustworthiness == Some(1.0));
        if !is_true || is_by_model != self.has_model {
            return Ok(());
        }
        let Inquiry { ticker, model_version, .. } = &self.inquiry;
        self.cache.keep(&self.inquiry, cached(report)?, now).await?;
        let superseded = Purge::Superseded { ticker: ticker.clone(), current: model_version.clone() };
        self.cache.purge(&superseded).await.map(drop)
    }
}

/// The report of `hit`, with a line below its title that says what it is.
fn marked(hit: &Hit) -> Result<AnalystReport> {
    let entry = &hit.entry;
    let mut report: AnalystReport = serde_json::from_value(entry.report.report.clone()).map_err(broken)?;
    let (title, rest) = report.final_report.split_once('\n').unwrap_or((&report.final_report, ""));
    let words = hit.words().split_whitespace().collect::<Vec<_>>().join(" ");
    report.final_report = format!("{title}\n\n> {}\n{rest}", escape(&words));
    report.kept_answer = Some(KeptAnswer {
        id: entry.id.clone(),
        question: entry.question.clone(),
        similarity: hit.similarity,
        seconds_old: hit.age.as_secs(),
        run: report.run.clone(),
    });
    report.cost = Cost::default();
    Ok(report)
}

fn cached(report: &AnalystReport) -> Result<CachedReport> {
    Ok(CachedReport {
        summary: report.final_report.clone(),
        recommendation: report.recommendation,
        confidence: report.confidence,
        last_price: report.last_price,
        predictions: serde_json::to_value(&report.predictions).map_err(broken)?,
        report: serde_json::to_value(report).map_err(broken)?,
    })
}

fn broken(error: serde_json::Error) -> Error {
    Error::Store { what: "a kept answer".into(), problem: format!("it is no report ({error}); ask for a fresh one") }
}

/// A word for what is known of ticker, market and model: with other bars under the same last day an answer no longer holds.
fn hash(facts: &Facts) -> String {
    let lasting = facts.facts.iter().filter(|fact| !OF_THE_MOMENT.contains(&fact.id.as_str()));
    let values: Vec<_> = lasting.map(|fact| (&fact.id, &fact.value)).collect();
    let hash = Sha256::digest(json!([facts.company, values]).to_string().as_bytes());
    hash[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}
