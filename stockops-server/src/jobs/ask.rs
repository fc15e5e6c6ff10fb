//! `ask`: from what is wanted to a task, or to the one that does it already.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value as Json;
use sha2::{Digest, Sha256};
use stockops_core::pipeline::parent_id;
use stockops_core::service::TrainParent;
use stockops_core::{Error, Stockops, Ticker};

use super::work::PARENT;
use super::{JobsError, Result, Work};
use crate::hex::hex;
use crate::queue::{NewTask, Pushed, Queue, State, Task};

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asked {
    /// The job's own name.
    pub task_id: String,
    /// The name that it shares with those before and after it, such as `parent_training`.
    pub alias: String,
    /// What began with it.
    pub status: Began,
}

/// What began when work was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Began {
    /// A new job.
    Started,
    /// Nothing: the same is asked for already.
    Running,
    /// Nothing: the same was done, and what it made is there.
    Completed,
    /// A new job, behind the training of the parent that it needs.
    StartedParent,
}

pub(super) async fn ask(queue: &Arc<dyn Queue>, stockops: &Stockops, work: Work, owner: Option<&str>) -> Result<Asked> {
    let parent = parent_to_wait_for(queue, stockops, &work, owner).await?;
    let (key, had) = {
        let (work, behind, newest) = (work.clone(), parent.clone(), queue.newest(&work.alias()).await?);
        let owner = owner.map(str::to_owned);
        in_background(stockops, move |stockops| {
            let key = key(stockops, &work, behind.as_deref(), owner.as_deref())?;
            let newest = newest.filter(|task| task.key == key && is_there(stockops, &work, task));
            Ok((key, newest))
        })
        .await?
    };
    if let Some(task) = had {
        return Ok(Asked { task_id: task.id, alias: task.alias, status: Began::Completed });
    }
    let status = if parent.is_some() { Began::StartedParent } else { Began::Started };
    let Pushed { task, is_new } = queue.push(&new_task(&work, key, owner, parent)).await?;
    Ok(Asked { task_id: task.id, alias: task.alias, status: if is_new { status } else { Began::Running } })
}

/// The task of `work`.
pub(super) fn new_task(work: &Work, key: String, owner: Option<&str>, behind: Option<String>) -> NewTask {
    let json = traced(serde_json::to_value(work).unwrap_or_default());
    let owner = owner.map(str::to_owned);
    NewTask { lane: work.lane(), owner, behind, ..NewTask::new(work.alias(), key, json) }
}

/// The work of a task with the span of who asks, so that its trace goes on there.
#[cfg(feature = "otlp")]
fn traced(mut work: Json) -> Json {
    if let Some(trace) = crate::traces::current() {
        work[crate::queue::TRACE] = trace.into();
    }
    work
}

/// Nothing is traced.
#[cfg(not(feature = "otlp"))]
fn traced(work: Json) -> Json {
    work
}

/// The training of a parent that a child has to wait for: one that is under way, or a new one where no parent can be used.
async fn parent_to_wait_for(
    queue: &Arc<dyn Queue>,
    stockops: &Stockops,
    work: &Work,
    owner: Option<&str>,
) -> Result<Option<String>> {
    let Work::TrainChild(request) = work else { return Ok(None) };
    if !request.strategy.needs_parent() {
        return Ok(None);
    }
    let newest = queue.newest(PARENT).await?;
    if let Some(task) = newest.filter(|task| !task.state.is_end()) {
        return Ok(Some(task.id));
    }
    if in_background(stockops, has_parent).await? {
        return Ok(None);
    }
    let parent = Work::TrainParent(TrainParent::default());
    let key = {
        let parent = parent.clone();
        in_background(stockops, move |stockops| key(stockops, &parent, None, None)).await?
    };
    Ok(Some(queue.push(&new_task(&parent, key, owner, None)).await?.task.id))
}

/// Whether there is a parent that can be used; the one that ships with the crate is one.
pub(super) fn has_parent(stockops: &Stockops) -> stockops_core::Result<bool> {
    match stockops.parent() {
        Ok(_) => Ok(true),
        Err(Error::NotFound { .. } | Error::Bundle { .. } | Error::Skew { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What makes it the same work: what is asked, on which bars, and from which parent.
fn key(stockops: &Stockops, work: &Work, behind: Option<&str>, owner: Option<&str>) -> stockops_core::Result<String> {
    let mut hash = Sha256::new();
    hash.update(serde_json::to_string(work).unwrap_or_default());
    for ticker in tickers(work) {
        hash.update(stockops.bars(ticker)?.bars.sha256());
    }
    if let Work::TrainChild(request) = work
        && request.strategy.needs_parent()
    {
        let parent = match behind {
            Some(id) => id.to_owned(),
            None => parent_id(stockops.registry())?.to_string(),
        };
        hash.update(parent);
    }
    if work.is_private() {
        hash.update(format!("owner {owner:?}"));
    }
    let digest = hex(&hash.finalize()[..16]);
    Ok(format!("{}:{digest}", work.alias()))
}

fn tickers(work: &Work) -> Vec<&Ticker> {
    match work {
        Work::TrainParent(request) => request.tickers.iter().collect(),
        Work::Nightly { .. } => Vec::new(),
        work => work.ticker().into_iter().collect(),
    }
}

/// Whether `task` did this training, and its version is still there.
fn is_there(stockops: &Stockops, work: &Work, task: &Task) -> bool {
    let is_training = matches!(work, Work::TrainParent(_) | Work::TrainChild(_));
    let version = task.result.as_ref().and_then(|result| result["version"].as_u64());
    let known = work.ticker().and_then(|ticker| stockops.registry().versions(ticker).ok()).unwrap_or_default();
    let is_known = known.iter().any(|one| Some(u64::from(one.version)) == version);
    is_training && task.state == State::Done && is_known
}

/// Ask the service on a thread that may block.
async fn in_background<R: Send + 'static>(
    stockops: &Stockops,
    ask: impl FnOnce(&Stockops) -> stockops_core::Result<R> + Send + 'static,
) -> Result<R> {
    let stockops = stockops.clone();
    let asked = tokio::task::spawn_blocking(move || ask(&stockops)).await;
    Ok(asked.map_err(|_| JobsError::Ending)??)
}
