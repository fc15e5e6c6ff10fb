//! Trainings, and the tasks of all long work: asked for, looked at, followed, cancelled.

use std::convert::Infallible;
use std::time::Duration;

use aide::axum::ApiRouter;
use aide::axum::routing::{delete_with, get_with, post_with};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::service::{TrainChild, TrainParent};

use super::OfTicker;
use crate::app::App;
use crate::guard::Caller;
use crate::jobs::{Asked, Began, Job, Status, Work};
use crate::openapi::{Access, Topic, about, answers};
use crate::queue::Entry;
use crate::{Fault, Json, Path, Query};

/// How often a stream says that it is still there.
const ALIVE: Duration = Duration::from_secs(15);

/// Tasks that are looked at in one call.
const MOST: usize = 1000;

pub(super) fn routes() -> ApiRouter<App> {
    let of = |id: &'static str, summary: &'static str| about(Access::Key, Topic::Training, id, summary);
    ApiRouter::new()
        .api_route("/train-parent", post_with(train_parent, of("train_parent", "Train the index")))
        .api_route("/train-child", post_with(train_child, of("train_child", "Train a ticker, from the parent")))
        .api_route("/status/{task_id}", get_with(status, of("status", "How a task is going")))
        .api_route(
            "/events/{task_id}",
            get_with(events, |o| {
                let events = of("events", "What happens in a task, as a stream that ends with it")(o);
                answers(events, 200, "text/event-stream", "The events.")
            }),
        )
        .api_route("/jobs", get_with(jobs, of("jobs", "Tasks, newest first")))
        .api_route("/jobs/{task_id}", delete_with(cancel, of("cancel", "Cancel a task")))
}

/// What began with a training.
#[derive(Debug, Serialize, JsonSchema)]
struct Started {
    /// `started`, `started_parent` where the parent is trained first, `running` or `already running` where the same is under way,
    /// `completed` where it was done.
    status: &'static str,
    /// The task, for `/status/{task_id}` and `/events/{task_id}`.
    task_id: String,
}

async fn train_parent(State(app): State<App>, caller: Caller) -> Result<Json<Started>, Fault> {
    let request = TrainParent::default();
    let asked = ask(&app, &caller, Work::TrainParent(request)).await?;
    // The contract's name, which means the newest training of the parent.
    Ok(Json(Started { status: word(asked.status, "already running"), task_id: asked.alias }))
}

async fn train_child(
    State(app): State<App>,
    caller: Caller,
    Json(OfTicker { ticker }): Json<OfTicker>,
) -> Result<Json<Started>, Fault> {
    let asked = ask(&app, &caller, Work::TrainChild(TrainChild::new(ticker))).await?;
    Ok(Json(Started { status: word(asked.status, "running"), task_id: asked.task_id }))
}

/// The contract's word.
fn word(began: Began, running: &'static str) -> &'static str {
    match began {
        Began::Started => "started",
        Began::StartedParent => "started_parent",
        Began::Running => running,
        Began::Completed => "completed",
    }
}

/// Ask for a training within its limit. What is under way or done already costs nothing.
pub(super) async fn ask(app: &App, caller: &Caller, work: Work) -> Result<Asked, Fault> {
    let ticker = work.ticker().cloned();
    let asked = app.jobs().ask(work, owner(caller)).await?;
    if let (Some(ticker), Began::Started | Began::StartedParent) = (ticker, asked.status)
        && let Err(refusal) = app.limits().training(&ticker).await
    {
        app.jobs().cancel(&asked.task_id).await?;
        return Err(refusal);
    }
    Ok(asked)
}

/// Who a task belongs to: a key, or nobody.
pub(super) fn owner(caller: &Caller) -> Option<&str> {
    caller.key_id.as_deref()
}

/// A task by its name.
#[derive(Debug, Deserialize, JsonSchema)]
struct OfTask {
    /// Its id; `parent` or `parent_training`, a ticker, or `TICKER_training` mean the newest of these.
    task_id: String,
}

/// The task, where `caller` may see it; to others it is not there.
async fn visible(app: &App, caller: &Caller, name: &str) -> Result<Job, Fault> {
    let job = app.jobs().job(name).await?;
    let job = job.filter(|job| caller.is_admin || job.is_open_to(owner(caller)));
    job.ok_or_else(|| {
        Fault::not_found(format!("no task named `{}`; POST /train-child begins one", crate::json::cut(name)))
    })
}

async fn status(
    State(app): State<App>,
    caller: Caller,
    Path(OfTask { task_id }): Path<OfTask>,
) -> Result<Json<Status>, Fault> {
    let job = visible(&app, &caller, &task_id).await?;
    let is_report = matches!(job.work, Some(Work::Analyze(_)));
    let mut status = job.status();
    // Within the server a thread has another name; who asked knows its own.
    if let (true, Status::Completed { result, .. }) = (is_report, &mut status) {
        result["thread"] = serde_json::Value::Null;
    }
    Ok(Json(status))
}

/// Where a stream begins.
#[derive(Debug, Deserialize, JsonSchema)]
struct After {
    /// The number of the last event that is known; `Last-Event-ID` says the same.
    after: Option<u64>,
}

async fn events(
    State(app): State<App>,
    caller: Caller,
    headers: HeaderMap,
    Path(OfTask { task_id }): Path<OfTask>,
    Query(asked): Query<After>,
) -> Result<Response, Fault> {
    let job = visible(&app, &caller, &task_id).await?;
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| id.trim().parse().ok());
    // A number that no event has yet is of another task or another home: all events are told.
    let after = last.or(asked.after).filter(|after| *after <= job.last_event).unwrap_or_default();
    let stream = told(app.jobs().events(&job.id, after));
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(ALIVE)).into_response())
}

/// Entries as events with their numbers; an error ends the stream with an event that has none.
fn told(
    entries: impl Stream<Item = crate::queue::Result<Entry>> + Send,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    entries.map(|entry| {
        Ok(match entry {
            Ok(entry) => {
                let data = serde_json::json!({ "at": entry.at, "kind": entry.kind, "body": entry.body });
                Event::default().id(entry.seq.to_string()).event(&entry.kind).data(data.to_string())
            }
            Err(error) => {
                let fault = Fault::from(error);
                Event::default().event("error").data(serde_json::json!({ "detail": fault.detail }).to_string())
            }
        })
    })
}

/// How many tasks.
#[derive(Debug, Deserialize, JsonSchema)]
struct Most {
    /// At most so many, 100 where nothing is said, 1,000 at most.
    most: Option<usize>,
}

/// Tasks, newest first.
#[derive(Debug, Serialize, JsonSchema)]
struct Listed {
    /// Those that the caller may see.
    jobs: Vec<Job>,
}

async fn jobs(State(app): State<App>, caller: Caller, Query(asked): Query<Most>) -> Result<Json<Listed>, Fault> {
    let jobs = visible_jobs(&app, &caller, asked.most.unwrap_or(100).min(MOST)).await?;
    Ok(Json(Listed { jobs }))
}

/// At most `most` tasks that `caller` may see, newest first.
pub(super) async fn visible_jobs(app: &App, caller: &Caller, most: usize) -> Result<Vec<Job>, Fault> {
    // Tasks of others are not counted, so more of them are looked at than are wanted.
    let looked_at = if caller.is_admin { most } else { MOST };
    let mut jobs = app.jobs().list(None, looked_at).await?;
    jobs.retain(|job| caller.is_admin || job.is_open_to(owner(caller)));
    jobs.truncate(most);
    Ok(jobs)
}

async fn cancel(
    State(app): State<App>,
    caller: Caller,
    Path(OfTask { task_id }): Path<OfTask>,
) -> Result<Json<Job>, Fault> {
    let before = visible(&app, &caller, &task_id).await?;
    let gone = || Fault::not_found("the task is gone");
    let job = app.jobs().cancel(&before.id).await?.ok_or_else(gone)?;
    if !before.state.is_end() && before.began.is_none() && job.state.is_end() {
        // A report that never began has taken no tokens.
        app.settle(&job, Some(0)).await;
    }
    Ok(Json(job))
}
