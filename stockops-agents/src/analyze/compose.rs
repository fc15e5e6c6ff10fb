//! From the state of the graph to the report.

use chrono::{DateTime, Utc};

use super::documents::Documents;
use super::{Analyst, Request};
use crate::analysts::PROMPT_VERSION;
use crate::error::{Error, Result};
use crate::graph::{Author, Brief};
use crate::news::{Headline, Sentiment};
use crate::prose::Prose;
use crate::report::{AnalystReport, Cost, Said};
use crate::slots::Filled;
use crate::template::{self, Parts};
use crate::truth::Truth;

/// What a report is made of.
#[derive(Debug)]
pub(super) struct Made<'a> {
    pub(super) analyst: &'a Analyst,
    pub(super) request: &'a Request,
    pub(super) documents: &'a Documents,
    pub(super) brief: Brief,
    pub(super) run: String,
    pub(super) written: DateTime<Utc>,
}

/// The report, proved: where a model's prose does not stand, the template's does.
pub(super) fn compose(made: Made<'_>) -> Result<AnalystReport> {
    let Made { analyst, request, documents, mut brief, run, written } = made;
    let facts = brief.facts.take().ok_or_else(|| unwritten("facts"))?;
    let verdict = brief.verdict.take().ok_or_else(|| unwritten("verdict"))?;
    let prose = brief.prose.take().ok_or_else(|| unwritten("prose"))?;
    let mut author = brief.author.take().ok_or_else(|| unwritten("author"))?;
    let mut warnings: Vec<String> = documents.warnings.iter().chain(&brief.warnings).cloned().collect();
    if matches!(author, Author::Template { .. }) && !template::speaks(&request.language) {
        warnings.push(format!("the template speaks English and German, not {}", request.language.name()));
    }
    let mut truth = Truth { facts: &facts, verdict: &verdict, language: request.language.of_numbers() };
    // Numbers are read in the language that the prose is really written in.
    let template = template::written_in(&request.language);
    let lay = |prose: &Prose, author: &Author, warnings: &[String]| {
        let language = if matches!(author, Author::Template { .. }) { &template } else { &request.language };
        let question = request.asked();
        template::markdown(&Parts { facts: &facts, verdict: &verdict, prose, author, question, language, warnings })
    };
    let (mut checked, mut behind) = lay(&prose, &author, &warnings);
    let mut prose = prose;
    // The critic has had it checked; a report is proved all the same before it goes out.
    if let (Err(wrong), Author::Model { name }) = (truth.judge(&prose), &author) {
        author = Author::Template { why: format!("the prose of {name} is not true: {}", wrong.join("; ")) };
        prose = template::prose(&facts, &verdict, request.asked(), &request.language);
        (checked, behind) = lay(&prose, &author, &warnings);
    }
    if matches!(author, Author::Template { .. }) {
        truth.language = template.of_numbers();
    }
    let Filled { text, numbers } = match truth.prove(&checked) {
        Ok(filled) => filled,
        // The layout is made of slots alone, so this tells of a phrase that has to be mended, and of no untruth.
        Err(wrong) => {
            warnings.push(format!("the checker did not match all of the layout: {}", wrong.join("; ")));
            truth.unproved(&checked)
        }
    };
    let text = template::with_question(&text, request.asked());
    let filled = truth.filled(&prose);
    let mood = brief.mood.take();
    Ok(AnalystReport {
        messages: said(&brief, mood.as_ref().map(|mood| mood.summary.as_str()), &filled, &truth),
        ticker: request.ticker.clone(),
        predictions: documents.forecast.predictions.clone(),
        news_sentiment: mood.as_ref().map_or_else(|| counted(&documents.headlines), |mood| mood.summary.clone()),
        summary: filled.summary.clone(),
        final_report: format!("{text}\n\n{behind}"),
        recommendation: verdict.stance,
        confidence: verdict.confidence,
        last_price: documents.forecast.last_price,
        action: verdict.action,
        reasons: verdict.reasons.clone(),
        run,
        thread: request.thread.clone(),
        question: request.asked().map(String::from),
        answer: (!filled.answer.is_empty()).then(|| filled.answer.clone()),
        language: request.language.clone(),
        model_version: facts.model_version.clone(),
        as_of: facts.moment.last_bar,
        decided: facts.moment.decided,
        written,
        replayed: facts.moment.replayed,
        written_by: author,
        prompt_version: PROMPT_VERSION,
        signal: brief.reading.as_ref().map(|reading| reading.signal),
        sentiment: mood.map(|mood| mood.sentiment),
        rejected: brief.rejected,
        cost: Cost::of(&brief.spent, analyst.settings.prices),
        headlines: facts.headlines,
        facts: facts.facts,
        numbers,
        warnings,
    })
}

/// What each of the desk has said, in the order of the graph.
fn said(brief: &Brief, mood: Option<&str>, filled: &Prose, truth: &Truth<'_>) -> Vec<Said> {
    let of = |by: &str, text: &str| Said { by: by.into(), text: text.into() };
    let reading = brief.reading.as_ref().map(|reading| of("performance_analyst", &truth.shown(&reading.summary)));
    let mood = mood.map(|mood| of("market_expert", mood));
    let back = brief.rejected.iter().map(|rejection| of("critic", &rejection.reasons.join("; ")));
    let written = of("report_generator", &filled.summary);
    reading.into_iter().chain(mood).chain(back).chain([written]).collect()
}

/// The tone of headlines by a list of words, where no model has read them.
fn counted(headlines: &[Headline]) -> String {
    Sentiment::of(headlines).to_string()
}

fn unwritten(field: &str) -> Error {
    Error::Store { what: "the graph of the analysts".into(), problem: format!("it ended without `{field}`") }
}
