//! The work of a run: facts, then a kept answer or a report of the graph, then what is kept of it.

use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};
use stockops_core::error::Fault;
use stockops_core::graph::{Launch, Outcome};
use stockops_core::{Bars, Ticker};

use super::answers::Answers;
use super::compose::{Made, compose};
use super::documents::Documents;
use super::judged::judged;
use super::progress::Voice;
use super::thread::Thread;
use super::{Analyst, Request, Settings as Rules, since};
use crate::analysts::{Exchange, Line};
use crate::error::{Error, Result};
use crate::evaluation::Calibration;
use crate::facts::{Facts, Masked};
use crate::graph::{Brief, Crew, Settings, Tools, fault, graph};
use crate::llm::Account;
use crate::report::AnalystReport;
use crate::reports::{Kept, run_name};
use crate::tools::Toolbox;

/// Facts, then a kept answer or a report of the graph; kept where there is a storage.
pub(super) async fn work(analyst: &Analyst, request: &Request, voice: &Voice) -> Result<Kept> {
    let begun = Instant::now();
    let thread = thread(analyst, request)?;
    voice.say(Some("facts"), "started", json!({}));
    let mut documents = documents(analyst, request).await?;
    let mut facts = documents.facts();
    let answers = Answers::of(analyst, request, &facts, thread.as_ref().is_some_and(Thread::goes_on));
    let decided = documents.moment.decided;
    let before = analyst.reports().map(|reports| reports.latest(&request.ticker, decided)).transpose()?.flatten();
    before.iter().for_each(|before| since::add(&mut facts, before));
    voice.say(Some("facts"), "finished", json!({}));

    let run = run_name(&request.ticker, now(), salt(&facts, request));
    let report = match found(answers.as_ref(), &mut documents, voice).await {
        Some(report) => {
            let (question, thread) = (request.asked().map(String::from), request.thread.clone());
            AnalystReport { run, question, thread, ..report }
        }
        None => {
            let brief = written(analyst, request, &facts, thread.as_ref(), voice).await?;
            let calibration = &calibration(analyst, &request.ticker, &documents.bars.bars)?;
            let documents = &documents;
            let made = Made { analyst, request, documents, brief, run, written: now(), calibration, begun };
            let mut report = compose(made)?;
            judged(analyst, request, &facts, &mut report).await;
            answered(answers.as_ref(), report, documents.fetched).await
        }
    };
    voice.say(None, "done", json!({ "run": report.run }));
    let mut kept =
        Kept { charts: documents.charts(), events: voice.told(), report, sources: Some(documents.sources()) };
    // What was written and paid for is not lost because a disk is full.
    if let Err(error) = keep(analyst, request, thread.as_ref(), &kept) {
        kept.report.warnings.push(format!("the report could not be kept: {}", error.without_path()));
    }
    Ok(kept)
}

/// The kept answer, where there is one; a cache that fails is a warning.
async fn found(answers: Option<&Answers<'_>>, documents: &mut Documents, voice: &Voice) -> Option<AnalystReport> {
    let found = answers?.find(documents.fetched, voice).await;
    found.unwrap_or_else(|error| {
        documents.warnings.push(format!("no answer was looked up: {}", error.without_path()));
        None
    })
}

/// The report, kept as an answer; a cache that fails is a warning.
async fn answered(answers: Option<&Answers<'_>>, mut report: AnalystReport, now: DateTime<Utc>) -> AnalystReport {
    let Some(answers) = answers else { return report };
    if let Err(error) = answers.keep(&report, now).await {
        report.warnings.push(format!("the answer was not kept: {}", error.without_path()));
    }
    report
}

fn thread(analyst: &Analyst, request: &Request) -> Result<Option<Thread>> {
    let Some(name) = &request.thread else { return Ok(None) };
    let missing = || Error::Config { field: "storage", rule: "where threads are kept", got: "none".into() };
    let storage = analyst.storage.as_ref().ok_or_else(missing)?;
    Thread::open(Arc::clone(storage), name, &request.ticker).map(Some)
}

/// What desk and news say. A source of news that fails is told, and does not end the run.
async fn documents(analyst: &Analyst, request: &Request) -> Result<Documents> {
    let (desk, from) = (Arc::clone(&analyst.desk), analyst.bars_from.clone());
    let (asked, (known, until)) = (request.clone(), tokio::sync::oneshot::channel());
    let asked = tokio::task::spawn_blocking(move || {
        // Who does not want news has gone.
        Documents::ask(&*desk, &asked, &from, |until| {
            let _ = known.send(until);
        })
    });
    let news = async {
        let news = analyst.news.as_ref()?;
        // Without bars there is no report, and nobody is asked.
        Some((news.name().to_owned(), news.gather(&request.ticker, until.await.ok()?).await))
    };
    let (asked, news) = futures_util::future::join(asked, news).await;
    let panicked = |error: tokio::task::JoinError| fault(Fault::Panicked { message: error.to_string() });
    let mut documents = asked.map_err(panicked)??;
    match news {
        Some((name, Ok(gathered))) => {
            documents.news_from = Some(gathered.source);
            documents.warnings.extend(gathered.notes);
            if !gathered.left_out.is_empty() {
                documents.warnings.push(format!("headlines of {name}, {}", gathered.left_out));
            }
            documents.take_news(gathered.headlines);
        }
        Some((name, Err(error))) => documents.warnings.push(format!("no news of {name}: {}", error.without_path())),
        None => {}
    }
    Ok(documents)
}

/// Let the graph write.
async fn written(
    analyst: &Analyst,
    request: &Request,
    facts: &Facts,
    thread: Option<&Thread>,
    voice: &Voice,
) -> Result<Brief> {
    let settings = &analyst.settings;
    let line = analyst.model.clone().map(|model| {
        let masked = request.masked.then(|| Masked::of(facts));
        Line::new(model, account(settings), masked)
    });
    let tools = tools(analyst, request, facts);
    let crew = Arc::new(Crew { line, language: request.language, asking: settings.asking, tools });
    let digest = digest(facts);
    let bound = Settings {
        model: analyst.model.as_deref().map(|model| model.name()),
        language: request.language.code(),
        question: request.asked(),
        facts: &digest,
    };
    let graph = graph(&crew, &bound, settings.tokens, settings.timeout)?;
    let start = || Brief {
        facts: Some(facts.clone()),
        question: request.asked().map(String::from),
        talk: thread.map(Thread::talk).unwrap_or_default(),
        ..Brief::default()
    };
    let Some(thread) = thread else { return heard(graph.start(start()), voice).await };
    let (checkpoints, turn) = (thread.checkpoints()?, thread.turn());
    if let Some(begun) = checkpoints.look(&turn)? {
        crew.resumes(Some(begun.tokens));
        match heard(graph.resume(&turn).store(&checkpoints), voice).await {
            // What was begun was about other facts or another question.
            Err(Error::Core(stockops_core::Error::Graph { fault: Fault::Mismatch { .. }, .. })) => {
                checkpoints.forget(&turn)?;
                crew.resumes(None);
            }
            outcome => return outcome,
        }
    }
    heard(graph.start(start()).thread(&turn).store(&checkpoints), voice).await
}

/// What the readers may ask: about this ticker, as of the moment of the facts.
fn tools(analyst: &Analyst, request: &Request, facts: &Facts) -> Option<Tools> {
    let toolbox = Toolbox::new(Arc::clone(&analyst.desk), analyst.news.clone()).about(request.ticker.clone());
    let toolbox = if request.as_of.is_some() { toolbox.as_of(facts.moment.decided) } else { toolbox };
    analyst.model.as_ref().map(|_| Tools::new(toolbox, analyst.settings.tools))
}

/// What a run may spend; tokens are counted by the run itself as well, which remembers them.
pub(super) fn account(settings: &Rules) -> Account {
    let mut account = Account::new(settings.tokens);
    if let Some(prices) = settings.prices {
        account = account.with_prices(prices);
    }
    if let Some(money) = settings.money {
        account = account.with_money((money * 1e6) as u64);
    }
    account
}

async fn heard(launch: Launch<Brief>, voice: &Voice) -> Result<Brief> {
    let mut run = launch.run();
    while let Some(event) = run.next_event().await {
        voice.hear(&event);
    }
    match run.finish().await? {
        Outcome::Done(brief) => Ok(brief),
        Outcome::Waiting(_) => Err(fault(Fault::Stopped)),
    }
}

fn keep(analyst: &Analyst, request: &Request, thread: Option<&Thread>, kept: &Kept) -> Result<()> {
    if let Some(reports) = analyst.reports() {
        reports.keep(kept)?;
        if request.as_of.is_none() && request.question.is_none() {
            reports.stand(&kept.report)?;
        }
    }
    // A run as of a past day says nothing of the reports of today, a kept answer was evaluated when it was written, and what belongs to
    // a conversation is for those who lead it.
    let is_of_today = request.as_of.is_none() && request.thread.is_none() && kept.report.kept_answer.is_none();
    if let (Some(evaluations), Some(eval), true) = (analyst.evaluations(), &kept.report.agent_eval, is_of_today) {
        evaluations.keep(eval)?;
    }
    let Some(thread) = thread else { return Ok(()) };
    let report = &kept.report;
    let answer = report.answer.clone().unwrap_or_else(|| report.summary.clone());
    thread.close(&request.ticker, &Exchange { question: report.question.clone(), answer, run: report.run.clone() })
}

/// What came of earlier reports; nothing is known where none is kept.
fn calibration(analyst: &Analyst, ticker: &Ticker, bars: &Bars) -> Result<Calibration> {
    let history = analyst.evaluations().map(|evaluations| evaluations.history(ticker)).transpose()?;
    Ok(Calibration::of(&history.unwrap_or_default(), bars))
}

/// The time of this machine: a run is written when it is, whatever the desk's clock says.
fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

/// A word for what is known, whenever it was fetched.
fn digest(facts: &Facts) -> String {
    let values: Vec<_> = facts.facts.iter().map(|fact| (&fact.id, &fact.value)).collect();
    let json = json!([facts.company, facts.moment.last_bar, facts.model_version, values, facts.headlines]);
    Sha256::digest(json.to_string().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Tells runs of one instant apart.
fn salt(facts: &Facts, request: &Request) -> u32 {
    let text = format!("{}{request:?}{}", digest(facts), std::process::id());
    let hash = Sha256::digest(text.as_bytes());
    u32::from_le_bytes([hash[0], hash[1], hash[2], hash[3]])
}
