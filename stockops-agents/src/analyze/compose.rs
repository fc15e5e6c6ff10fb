//! From the state of the graph to the report.

use std::time::Instant;

use chrono::{DateTime, Utc};
use stockops_core::forecast::Stance;

use super::documents::Documents;
use super::{Analyst, Request};
use crate::analysts::PROMPT_VERSION;
use crate::analysts::performance_analyst::Reading;
use crate::error::{Error, Result};
use crate::evaluation::{AgentEval, Calibration, Reviewed, Stated, sessions_missed};
use crate::graph::{Author, Brief};
use crate::news::{Headline, Sentiment};
use crate::prose::Prose;
use crate::report::{AnalystReport, Cost, Said};
use crate::slots::Filled;
use crate::template::{self, Parts};
use crate::truth::{Truth, problems};

/// What a report is made of.
#[derive(Debug)]
pub(super) struct Made<'a> {
    pub(super) analyst: &'a Analyst,
    pub(super) request: &'a Request,
    pub(super) documents: &'a Documents,
    pub(super) brief: Brief,
    pub(super) run: String,
    pub(super) written: DateTime<Utc>,
    /// What came of the reports before.
    pub(super) calibration: &'a Calibration,
    /// When the work began.
    pub(super) begun: Instant,
}

/// The report, proved: where a model's prose does not stand, the template's does.
pub(super) fn compose(made: Made<'_>) -> Result<AnalystReport> {
    let Made { analyst, request, documents, mut brief, run, written, calibration, begun } = made;
    let facts = brief.facts.take().ok_or_else(|| unwritten("facts"))?;
    let verdict = brief.verdict.take().ok_or_else(|| unwritten("verdict"))?;
    let prose = brief.prose.take().ok_or_else(|| unwritten("prose"))?;
    let mut author = brief.author.take().ok_or_else(|| unwritten("author"))?;
    let mut warnings: Vec<String> = documents.warnings.iter().chain(&brief.warnings).cloned().collect();
    warnings.extend(
        brief
            .silent
            .iter()
            .map(|name| format!("the {} gave no answer that can be used: a rule stood in", name.replace('_', " "))),
    );
    if matches!(author, Author::Template { .. }) && !template::speaks(request.language) {
        warnings.push(format!("the template speaks {}, not {}", template::spoken(), request.language.name()));
    }
    let mut truth = Truth { facts: &facts, verdict: &verdict, language: request.language };
    // Numbers are read in the language that the prose is really written in.
    let template = template::written_in(request.language);
    let lay = |prose: &Prose, author: &Author, warnings: &[String]| {
        let language = if matches!(author, Author::Template { .. }) { template } else { request.language };
        let question = request.asked();
        template::markdown(&Parts { facts: &facts, verdict: &verdict, prose, author, question, language, warnings })
    };
    let (mut laid, mut behind) = lay(&prose, &author, &warnings);
    let mut prose = prose;
    // The critic has had it checked; a report is proved all the same before it goes out, by sections and as a whole.
    let wrong = truth.judge(&prose).and_then(|_| truth.prove(&laid)).err();
    if let (Some(wrong), Author::Model { name }) = (wrong, &author) {
        author = Author::Template { why: format!("the prose of {name} is not true: {}", wrong.join("; ")) };
        prose = template::prose(&facts, &verdict, request.asked(), request.language);
        (laid, behind) = lay(&prose, &author, &warnings);
    }
    if matches!(author, Author::Template { .. }) {
        truth.language = template;
    }
    let (Filled { text, numbers }, checked) = match truth.look(&laid) {
        Ok((filled, checked)) => (filled, Ok(checked)),
        Err(wrong) => (truth.unproved(&laid), Err(wrong)),
    };
    let wrong = checked.as_ref().map_or_else(Clone::clone, problems);
    if !wrong.is_empty() {
        // The layout is made of slots alone, so this tells of a phrase that has to be mended, and of no untruth.
        warnings.push(format!("the checker did not match all of the layout: {}", wrong.join("; ")));
    }
    let text = template::with_question(&text, request.asked());
    let filled = truth.filled(&prose);
    let final_report = format!("{text}\n\n{behind}");
    let agent_eval = AgentEval::of(
        &Reviewed {
            text: &final_report,
            stated: Some(Stated { stance: verdict.stance, action: verdict.action, confidence: verdict.confidence }),
            facts: &facts,
            verdict: &verdict,
            checked: checked.as_ref().ok(),
            opinions: &opinions(&brief),
            sessions_missed: Some(sessions_missed(&documents.bars.bars.calendar(), &facts.moment)),
            duration: Some(begun.elapsed()),
        },
        calibration,
    );
    // What the model says of the news is shown where it passes; else what a list of words counts.
    let news =
        brief.mood.as_ref().and_then(|mood| truth.told(&mood.summary)).unwrap_or_else(|| counted(&documents.headlines));
    Ok(AnalystReport {
        messages: said(&brief, &news, &filled, &truth),
        ticker: request.ticker.clone(),
        predictions: documents.forecast.predictions.clone(),
        news_sentiment: news,
        summary: filled.summary.clone(),
        final_report,
        recommendation: verdict.stance,
        confidence: verdict.confidence,
        last_price: documents.forecast.last_price,
        action: verdict.action,
        reasons: verdict.reasons.clone(),
        run,
        thread: request.thread.clone(),
        question: request.asked().map(String::from),
        answer: (!filled.answer.is_empty()).then(|| filled.answer.clone()),
        language: request.language,
        model_version: facts.model_version.clone(),
        as_of: facts.moment.last_bar,
        decided: facts.moment.decided,
        written,
        replayed: facts.moment.replayed,
        written_by: author,
        prompt_version: PROMPT_VERSION,
        signal: reader(&brief).map(|reading| reading.signal),
        sentiment: brief.mood.as_ref().map(|mood| mood.sentiment),
        rejected: brief.rejected,
        cost: Cost::of(&brief.spent, analyst.settings.prices),
        headlines: facts.headlines,
        facts: facts.facts,
        numbers,
        warnings,
        agent_eval: Some(agent_eval),
        kept_answer: None,
    })
}

/// Which way each reader points whose model has answered.
fn opinions(brief: &Brief) -> Vec<Stance> {
    let mood = brief.mood.as_ref().filter(|_| spoke(brief, "market_expert"));
    let read = reader(brief).map(|reading| reading.signal.stance());
    read.into_iter().chain(mood.and_then(|mood| mood.sentiment.stance())).collect()
}

/// What each of the desk has said that is true, in the order of the graph. Who gave no answer says nothing.
fn said(brief: &Brief, news: &str, filled: &Prose, truth: &Truth<'_>) -> Vec<Said> {
    let of = |by: &str, text: &str| Said { by: by.into(), text: text.into() };
    let reading = reader(brief).and_then(|reading| truth.told(&reading.summary));
    let reading = reading.map(|text| of("performance_analyst", &text));
    let mood = (brief.mood.is_some() && spoke(brief, "market_expert")).then(|| of("market_expert", news));
    let back = brief.rejected.iter().map(|rejection| of("critic", &rejection.reasons.join("; ")));
    let written = of("report_generator", &filled.summary);
    reading.into_iter().chain(mood).chain(back).chain([written]).collect()
}

/// What the performance analyst has read; none where a rule stood in.
fn reader(brief: &Brief) -> Option<&Reading> {
    brief.reading.as_ref().filter(|_| spoke(brief, "performance_analyst"))
}

fn spoke(brief: &Brief, name: &str) -> bool {
    !brief.silent.iter().any(|silent| silent == name)
}

/// The tone of headlines by a list of words, where no model has read them.
fn counted(headlines: &[Headline]) -> String {
    Sentiment::of(headlines).to_string()
}

fn unwritten(field: &str) -> Error {
    Error::Store { what: "the graph of the analysts".into(), problem: format!("it ended without `{field}`") }
}
