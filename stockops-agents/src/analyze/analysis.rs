//! `Analysis`: a run of the analysts while it goes: a stream of events, and a report at its end.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Waker, Poll};

use chrono::{DateTime, Utc};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt, Stream};
use serde_json::json;
use sha2::{Digest, Sha256};
use stockops_core::error::Fault;
use stockops_core::graph::{Launch, Outcome};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::compose::{Made, compose};
use super::documents::{Documents, decided};
use super::progress::{Event, Voice};
use super::thread::Thread;
use super::{Analyst, Request, since};
use crate::analysts::Exchange;
use crate::error::{Error, Result};
use crate::facts::Facts;
use crate::graph::{Brief, Crew, Settings, fault, graph};
use crate::reports::{Kept, run_name};

/// A run while it goes. It is a [`Stream`] of events, and goes as long as somebody asks it for the next one. To drop it
/// drops the calls that are under way.
pub struct Analysis {
    events: UnboundedReceiver<Event>,
    work: Option<BoxFuture<'static, Result<Kept>>>,
    done: Option<Result<Kept>>,
}

impl Analysis {
    pub(super) fn new(analyst: Analyst, request: Request) -> Self {
        let (sender, events) = unbounded_channel();
        let voice = Voice::new(sender);
        let work = Some(async move { work(&analyst, &request, &voice).await }.boxed());
        Self { events, work, done: None }
    }

    /// A run that was kept.
    pub(super) fn again(kept: Kept) -> Self {
        let (sender, events) = unbounded_channel();
        for event in &kept.events {
            // The receiver is here.
            let _ = sender.send(event.clone());
        }
        Self { events, work: None, done: Some(Ok(kept)) }
    }

    /// The next event; `None` when the run has ended.
    pub async fn next_event(&mut self) -> Option<Event> {
        std::future::poll_fn(|waker| Pin::new(&mut *self).poll_next(waker)).await
    }

    /// Go on to the end, events unheard, and give what came of it: the report, its events and its charts.
    ///
    /// # Errors
    ///
    /// Those of the desk, of a thread that another run has, and of the storage. A language model that fails is none: then the
    /// template writes.
    pub async fn finish(mut self) -> Result<Kept> {
        while self.next_event().await.is_some() {}
        let stopped = || Err(fault(Fault::Stopped));
        self.done.take().unwrap_or_else(stopped)
    }

    /// The same without async: on a runtime of its own, with each event told to `hear`.
    ///
    /// It must not be called within a runtime of tokio.
    ///
    /// # Errors
    ///
    /// Those of [`finish`](Self::finish); [`Error::Store`] where the machine gives no runtime.
    pub fn wait(mut self, mut hear: impl FnMut(&Event)) -> Result<Kept> {
        let none =
            |error: std::io::Error| Error::Store { what: "a runtime of tokio".into(), problem: error.to_string() };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(none)?;
        runtime.block_on(async {
            while let Some(event) = self.next_event().await {
                hear(&event);
            }
            self.finish().await
        })
    }
}

impl Stream for Analysis {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, waker: &mut Waker<'_>) -> Poll<Option<Event>> {
        loop {
            if let Poll::Ready(Some(event)) = self.events.poll_recv(waker) {
                return Poll::Ready(Some(event));
            }
            let Some(work) = &mut self.work else { return Poll::Ready(None) };
            match work.poll_unpin(waker) {
                Poll::Ready(done) => (self.work, self.done) = (None, Some(done)),
                Poll::Pending if self.events.is_empty() => return Poll::Pending,
                Poll::Pending => {}
            }
        }
    }
}

impl fmt::Debug for Analysis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analysis").field("is_over", &self.work.is_none()).finish_non_exhaustive()
    }
}

/// Facts, graph, report; kept where there is a storage.
async fn work(analyst: &Analyst, request: &Request, voice: &Voice) -> Result<Kept> {
    let thread = thread(analyst, request)?;
    voice.say(Some("facts"), "started", json!({}));
    let documents = documents(analyst, request).await?;
    let mut facts = documents.facts();
    let decided = documents.moment.decided;
    let before = analyst.reports().map(|reports| reports.latest(&request.ticker, decided)).transpose()?.flatten();
    before.iter().for_each(|before| since::add(&mut facts, before));
    voice.say(Some("facts"), "finished", json!({}));

    let brief = written(analyst, request, &facts, thread.as_ref(), voice).await?;
    let run = run_name(&request.ticker, now(), salt(&facts, request));
    let report = compose(Made { analyst, request, documents: &documents, brief, run, written: now() })?;
    voice.say(None, "done", json!({ "run": report.run }));
    let kept = Kept { charts: documents.charts(), events: voice.told(), report };
    keep(analyst, request, thread.as_ref(), &kept)?;
    Ok(kept)
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
    let (ticker, as_of) = (request.ticker.clone(), request.as_of);
    let until = decided(as_of, analyst.desk.now());
    let asked = tokio::task::spawn_blocking(move || Documents::ask(&*desk, &ticker, as_of, &from));
    let news = async {
        match &analyst.news {
            Some(news) => Some((news.name().to_owned(), news.gather(&request.ticker, until).await)),
            None => None,
        }
    };
    let (asked, news) = futures_util::future::join(asked, news).await;
    let panicked = |error: tokio::task::JoinError| fault(Fault::Panicked { message: error.to_string() });
    let mut documents = asked.map_err(panicked)??;
    match news {
        Some((name, Ok(gathered))) => {
            documents.warnings.extend(gathered.notes);
            if !gathered.left_out.is_empty() {
                documents.warnings.push(format!("headlines of {name}, {}", gathered.left_out));
            }
            documents.headlines = gathered.headlines;
        }
        Some((name, Err(error))) => documents.warnings.push(format!("no news of {name}: {error}")),
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
    let crew = Crew { model: analyst.model.clone(), language: request.language.clone(), asking: settings.asking };
    let digest = digest(facts);
    let bound = Settings {
        model: analyst.model.as_deref().map(|model| model.name()),
        language: request.language.code(),
        question: request.asked(),
        facts: &digest,
    };
    let graph = graph(&Arc::new(crew), &bound, settings.tokens, settings.timeout)?;
    let start = || Brief {
        facts: Some(facts.clone()),
        question: request.asked().map(String::from),
        talk: thread.map(Thread::talk).unwrap_or_default(),
        ..Brief::default()
    };
    let Some(thread) = thread else { return heard(graph.start(start()), voice).await };
    let (checkpoints, turn) = (thread.checkpoints()?, thread.turn());
    if checkpoints.look(&turn)?.is_some() {
        match heard(graph.resume(&turn).store(&checkpoints), voice).await {
            // What was begun was about other facts or another question.
            Err(Error::Core(stockops_core::Error::Graph { fault: Fault::Mismatch { .. }, .. })) => {
                checkpoints.forget(&turn)?;
            }
            outcome => return outcome,
        }
    }
    heard(graph.start(start()).thread(&turn).store(&checkpoints), voice).await
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
    }
    let Some(thread) = thread else { return Ok(()) };
    let report = &kept.report;
    let answer = report.answer.clone().unwrap_or_else(|| report.summary.clone());
    thread.close(&request.ticker, &Exchange { question: report.question.clone(), answer, run: report.run.clone() })
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
