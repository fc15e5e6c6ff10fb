//! Reports of the analysts, and questions to them.

use aide::axum::ApiRouter;
use aide::axum::routing::{get_with, post_with};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use stockops_agents::{AnalystReport, Kept, Language, Request};
use stockops_core::Ticker;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::OfTicker;
use super::forecast::{body, training_first};
use crate::app::App;
use crate::guard::Caller;
use crate::hex::hex;
use crate::kept::{Answer, Kind};
use crate::openapi::{Access, Topic, listed};
use crate::reply::{InTraining, Ready, Reply};
use crate::{Fault, Json, Path};

/// Characters of a question.
pub(super) const LONGEST: usize = 2000;

pub(super) fn routes() -> ApiRouter<App> {
    ApiRouter::new()
        .api_route(
            "/analyze",
            post_with(analyze, |o| {
                listed(o, Access::Key, Topic::Reports, "analyze", "Report on a ticker, or answer a question about it")
            }),
        )
        .api_route(
            "/reports/{ticker}",
            get_with(latest, |o| listed(o, Access::Key, Topic::Reports, "last_report", "The last report on a ticker")),
        )
}

/// What is asked of the analysts.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("examples" = [{"ticker": "AMZN", "question": "what would change your mind?", "as_task": true}]))]
pub(crate) struct Asked {
    /// Whose report.
    #[schemars(with = "Ticker")]
    ticker: String,
    /// Not used; clients of the original send it.
    #[serde(default)]
    #[allow(dead_code)]
    use_fmi: bool,
    /// A conversation that goes on: letters, digits, `-` and `_`, at most 64. It is the caller's own.
    #[serde(default)]
    thread_id: Option<String>,
    /// A question beyond the report, at most 2,000 characters.
    #[serde(default)]
    question: Option<String>,
    /// The language of the report: two or three letters, such as `de`.
    #[serde(default)]
    language: Option<Language>,
    /// Report as of a past day.
    #[serde(default)]
    as_of: Option<NaiveDate>,
    /// Whether kept answers are passed by.
    #[serde(default)]
    fresh: bool,
    /// Whether the answer is a task at once, whose events tell how the analysts get on.
    #[serde(default)]
    as_task: bool,
}

impl Asked {
    /// The request of `caller`, whose threads are its own. The contract answers 400 for a ticker that is none.
    fn request(&self, caller: &Caller) -> Result<Request, Fault> {
        let ticker = Ticker::new(&self.ticker)?;
        let wrong = |detail: String| Err(Fault::new(StatusCode::UNPROCESSABLE_ENTITY, detail));
        if let Some(question) = self.question.as_ref().filter(|question| question.chars().count() > LONGEST) {
            return wrong(format!(
                "`question` must have at most {LONGEST} characters, got {}",
                question.chars().count()
            ));
        }
        let is_plain = |id: &String| {
            (1..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
        };
        if let Some(id) = self.thread_id.as_ref().filter(|id| !is_plain(id)) {
            return wrong(format!(
                "`thread_id` must be 1 to 64 letters, digits, - and _, got `{}`",
                crate::json::cut(id)
            ));
        }
        Ok(Request {
            question: self.question.clone().filter(|question| !question.trim().is_empty()),
            thread: self.thread_id.as_ref().map(|id| owned(caller, id)),
            language: self.language.unwrap_or_default(),
            as_of: self.as_of,
            fresh: self.fresh,
            ..Request::new(ticker)
        })
    }
}

/// The thread `id` of `caller`: two callers with the same word have two threads.
fn owned(caller: &Caller, id: &str) -> String {
    let owner = caller.key_id.as_deref().unwrap_or("nobody");
    let hash = Sha256::digest(format!("{owner}\n{id}"));
    hex(&hash[..12])
}

async fn analyze(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Json(asked): Json<Asked>,
) -> Result<Reply<Ready<AnalystReport>>, Fault> {
    let request = asked.request(&caller)?;
    if let Some(task) = training_first(&app, &caller, &request.ticker).await? {
        return Ok(Reply::Training(task));
    }
    if asked.as_task {
        app.limits().prediction(&request.ticker).await?;
        let ticker = request.ticker.to_string();
        let task_id = app.ask_analysts(request, super::train::owner(&caller)).await?.task_id;
        let detail = format!("the analysts are at work on {ticker}");
        return Ok(Reply::Training(InTraining { status: "running", detail, ticker, task_id }));
    }
    let answer = report(&app, request, asked.thread_id.clone()).await?;
    Ok(Reply::Ready(Ready::new(answer, &headers)))
}

/// The report that was asked for: a kept one where the same was asked of the same bars and model, and no conversation goes on.
async fn report(app: &App, request: Request, thread: Option<String>) -> Result<Answer, Fault> {
    if request.thread.is_some() || request.question.is_some() || request.as_of.is_some() || request.fresh {
        return written(app, request, thread).await.map(Answer::new);
    }
    let key = app.key(Kind::Analysis, &request.ticker, request.language.to_string()).await?;
    let asked = app.clone();
    app.kept().get_or(&key, move || async move { written(&asked, request, thread).await }).await
}

async fn written(app: &App, request: Request, thread: Option<String>) -> Result<bytes::Bytes, Fault> {
    let mut report = reported(app, request).await?;
    report.thread = thread;
    body(&report)
}

/// A new report, within the limits. Whoever leaves stops it, and what it has taken of the day's tokens by then counts whole.
pub(super) async fn reported(app: &App, request: Request) -> Result<AnalystReport, Fault> {
    app.limits().prediction(&request.ticker).await?;
    let reserved = app.reserve().await?;
    let gone = CancellationToken::new();
    let (_leaves, left, runtime) = (gone.clone().drop_guard(), gone, Handle::current());
    // Facts, template and checker compute, so they have a thread of their own.
    let finished = app.read(move |app| {
        let analysis = app.analyst().analyze(request);
        let stopped = || Fault::new(StatusCode::SERVICE_UNAVAILABLE, "nobody waits for the report any more");
        runtime.block_on(left.run_until_cancelled(analysis.finish())).ok_or_else(stopped)?.map_err(Fault::from)
    });
    let finished: Result<Kept, Fault> = finished.await;
    if let Some(reserved) = reserved {
        let used = finished.as_ref().map_or(app.config().analysts.tokens, |kept| {
            let tokens = kept.report.cost.tokens;
            tokens.prompt + tokens.answer
        });
        reserved.settle(used).await;
    }
    Ok(finished?.report)
}

async fn latest(
    State(app): State<App>,
    Path(OfTicker { ticker }): Path<OfTicker>,
) -> Result<Json<AnalystReport>, Fault> {
    let of = ticker.clone();
    let report = app.run(move |app| latest_of(app, &of)).await?;
    report.map(Json).ok_or_else(|| Fault::not_found(format!("no report on {ticker} yet; POST /analyze writes one")))
}

/// The newest report that answers nobody's question and is no part of a conversation.
pub(super) fn latest_of(app: &App, ticker: &Ticker) -> Result<Option<AnalystReport>, Fault> {
    let Some(reports) = app.analyst().reports() else { return Ok(None) };
    Ok(reports.standing(ticker)?)
}
