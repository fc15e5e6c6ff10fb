//! The pages and what they load. They are whole without scripts: the address says which ticker.

use aide::axum::ApiRouter;
use aide::axum::routing::get_with;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use schemars::JsonSchema;
use serde::Deserialize;
use stockops_core::Ticker;
use stockops_core::risk::RiskQuestion;

use super::risk::stated;
use super::{analyze, monitor, outputs, train};
use crate::app::App;
use crate::guard::Caller;
use crate::kept::Kind;
use crate::openapi::{Access, Topic, about, answers};
use crate::pages::{self, CacheRate, IndexView, JobRow, MonitorView, OutputRow};
use crate::reply::is_known;
use crate::{Fault, Path, Query};

pub(super) fn routes() -> ApiRouter<App> {
    let of = |id: &'static str, summary: &'static str| about(Access::Open, Topic::Pages, id, summary);
    ApiRouter::new()
        .api_route(
            "/app",
            get_with(index, |o| {
                answers(of("page", "The page of a ticker: forecast, chart, risk, drift, report")(o), 200, HTML, PAGE)
            }),
        )
        .api_route(
            "/app/monitor",
            get_with(monitored, |o| {
                answers(of("monitor_page", "The page of models, drift, jobs and outputs")(o), 200, HTML, PAGE)
            }),
        )
        .api_route(
            "/assets/{name}",
            get_with(asset, |o| {
                let asset = of("asset", "A script, a style or a picture of the pages")(o);
                let kinds = ["text/css", "text/javascript", "image/svg+xml"];
                kinds.into_iter().fold(asset, |asset, kind| answers(asset, 200, kind, "The file."))
            }),
        )
}

const HTML: &str = "text/html";
const PAGE: &str = "The page. Where something cannot be shown, or wants a key that was not sent, it says so in words.";

/// What stands in the address of a page.
#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Asked {
    /// The ticker.
    ticker: Option<String>,
    /// Any value: the chart is drawn as candles with volume.
    candles: Option<String>,
}

/// The first page for who names no ticker.
pub(super) async fn first(app: &App) -> Response {
    html(pages::index(&IndexView { cache: Some(rate(app)), ..IndexView::default() }))
}

fn html(page: String) -> Response {
    Html(page).into_response()
}

fn rate(app: &App) -> CacheRate {
    let (hits, misses) = app.kept().counts(Kind::Prediction);
    CacheRate { hits, misses }
}

/// Who may see answers on a page: what the routes of answers ask for.
fn may_see(app: &App, caller: &Caller) -> bool {
    app.config().guard.keys.is_empty() || caller.key_id.is_some()
}

async fn index(State(app): State<App>, caller: Caller, Query(asked): Query<Asked>) -> Response {
    let word = asked.ticker.unwrap_or_default();
    if word.trim().is_empty() || !may_see(&app, &caller) {
        let ticker = word.trim().to_owned();
        return html(pages::index(&IndexView { ticker, cache: Some(rate(&app)), ..IndexView::default() }));
    }
    let candles = asked.candles.is_some();
    let view = match Ticker::new(&word) {
        Ok(ticker) => seen(&app, ticker, candles).await.unwrap_or_else(|fault| notice(&word, fault)),
        Err(error) => notice(&word, error.into()),
    };
    html(pages::index(&IndexView { cache: Some(rate(&app)), ..view }))
}

fn notice(word: &str, fault: Fault) -> IndexView {
    IndexView { ticker: word.trim().to_owned(), notice: Some(fault.detail), ..IndexView::default() }
}

/// All that is known of `ticker`. What cannot be computed beside the forecast is left out.
async fn seen(app: &App, ticker: Ticker, candles: bool) -> Result<IndexView, Fault> {
    let forecast = super::forecast::kept(app, &ticker).await?;
    // Counting paths takes longer than all else on the page, so it is kept as the forecast is.
    let risk = stated(app, &ticker, RiskQuestion::default()).await.ok();
    let looked = app.run(move |app| -> Result<IndexView, Fault> {
        Ok(IndexView {
            bars: app.bars(&ticker).ok().map(|sourced| sourced.bars),
            drift: app.stockops().record().latest_report(&ticker)?,
            report: analyze::latest_of(app, &ticker)?,
            ticker: ticker.to_string(),
            candles,
            ..IndexView::default()
        })
    });
    let risk = risk.and_then(|answer| serde_json::from_slice(&answer.body).ok());
    Ok(IndexView { forecast: Some(forecast), risk, ..looked.await? })
}

async fn monitored(State(app): State<App>, caller: Caller, Query(asked): Query<Asked>) -> Response {
    let word = asked.ticker.unwrap_or_default().trim().to_owned();
    if !may_see(&app, &caller) {
        return html(pages::monitor(&MonitorView { ticker: word, ..MonitorView::default() }));
    }
    let view = match overview(&app, &caller, &word).await {
        Ok(view) => view,
        Err(fault) => MonitorView { ticker: word, notice: Some(fault.detail), ..MonitorView::default() },
    };
    html(pages::monitor(&view))
}

async fn overview(app: &App, caller: &Caller, word: &str) -> Result<MonitorView, Fault> {
    let jobs = train::visible_jobs(app, caller, 20).await?.iter().map(JobRow::of).collect();
    let ticker = (!word.is_empty()).then(|| Ticker::new(word)).transpose()?;
    let view = app.run(move |app| -> Result<MonitorView, Fault> {
        let outputs = outputs::list(app.config(), ticker.as_ref()).into_iter().take(20).map(OutputRow::from).collect();
        let Some(ticker) = ticker else { return Ok(MonitorView { outputs, ..MonitorView::default() }) };
        Ok(MonitorView {
            versions: app.stockops().registry().versions(&ticker)?,
            drift: app.stockops().record().latest_report(&ticker)?,
            eval: monitor::latest_eval(app, &ticker)?,
            ticker: ticker.to_string(),
            outputs,
            ..MonitorView::default()
        })
    });
    Ok(MonitorView { jobs, ..view.await? })
}

impl JobRow {
    fn of(job: &crate::jobs::Job) -> Self {
        let (kind, ticker) = job.work.as_ref().map_or(("unknown", None), |work| (work.kind(), work.ticker()));
        let state = if job.state == crate::queue::State::Done { "completed" } else { job.state.word() };
        Self {
            id: job.id.clone(),
            work: ticker.map_or_else(|| kind.to_owned(), |ticker| format!("{} {ticker}", kind.replace('_', " "))),
            state: state.to_owned(),
            detail: job.error.clone().unwrap_or_default(),
            since: Some(job.created),
            open: !job.state.is_end(),
        }
    }
}

impl From<outputs::Output> for OutputRow {
    fn from(output: outputs::Output) -> Self {
        let outputs::Output { name, size_kb, modified, category } = output;
        Self { name, kilobytes: size_kb, modified, category: category.to_owned() }
    }
}

/// Which file.
#[derive(Debug, Deserialize, JsonSchema)]
struct Named {
    /// Its name, as the pages have it.
    name: String,
}

async fn asset(headers: HeaderMap, Path(Named { name }): Path<Named>) -> Result<Response, Fault> {
    let asset = pages::asset(&name).ok_or_else(|| Fault::not_found("no such file"))?;
    if is_known(&headers, &asset.etag) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, asset.etag)]).into_response());
    }
    let head = [
        (CONTENT_TYPE, asset.content_type.to_owned()),
        (ETAG, asset.etag),
        (CACHE_CONTROL, asset.cache_control.to_owned()),
    ];
    Ok((head, asset.bytes).into_response())
}
