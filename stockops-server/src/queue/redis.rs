//! `RedisQueue`: tasks in a server of Redis, for the processes of many machines.

mod client;
mod read;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Value as Json, json};

use super::config::millis;
use super::{
    Depth, Entry, Grip, Lane, NewTask, Outcome, Pushed, Queue, QueueConfig, QueueError, Result, Signal, State, Task,
};
use crate::shared::Shared;
use crate::shared::connections::{Connections, RULE, shown};
use client::Client;

/// Tasks in Redis, version 5 or later. Each step is one script, so it is done whole or not at all. Times are those of the
/// server's clock.
///
/// What Redis has acknowledged is as safe as its own settings make it: `appendonly yes` keeps it over a restart, and
/// `maxmemory-policy noeviction` keeps it from being thrown away.
pub struct RedisQueue {
    client: Arc<Client>,
    config: QueueConfig,
    /// The settings as the script takes them.
    settings: String,
}

impl RedisQueue {
    /// The queue in the server at `url`, `redis://user:password@host:port/database` or `rediss://`, below keys that begin with
    /// `{name}:jobs:`. Connecting, and each answer, may take `timeout`.
    ///
    /// # Errors
    ///
    /// [`QueueError::Config`] for a setting outside its range or an address that is none; [`QueueError::Store`] where the
    /// server does not answer.
    pub async fn open(url: &str, name: &str, timeout: Duration, config: QueueConfig) -> Result<Self> {
        let wrong = || QueueError::Config { field: "redis", rule: RULE, got: shown(url) };
        let connections = Arc::new(Connections::new(url).ok_or_else(wrong)?);
        Self::over(connections, name, timeout, config).await
    }

    /// The queue in the server that `shared` asks, on the same connections; the rest is as in [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open).
    pub async fn beside(shared: &Shared, name: &str, timeout: Duration, config: QueueConfig) -> Result<Self> {
        Self::over(Arc::clone(shared.connections()), name, timeout, config).await
    }

    async fn over(connections: Arc<Connections>, name: &str, timeout: Duration, config: QueueConfig) -> Result<Self> {
        let config = config.checked()?;
        let settings = json!({
            "lease": millis(config.lease),
            "attempts": config.attempts,
            "backoff": millis(config.backoff),
            "most_queued": config.most_queued,
            "entries": config.entries,
            "keep_ended": millis(config.keep_ended),
            "longest": millis(config.longest),
            "orphaned": config.orphaned(),
            "too_long": config.too_long(),
        });
        let client = Arc::new(Client::new(connections, name, timeout));
        let queue = Self { client, config, settings: settings.to_string() };
        queue.depth().await?;
        Ok(queue)
    }

    /// Ask the script: the word that it answers with, and what belongs to it.
    async fn ask(&self, verb: &str, arguments: &[&str]) -> Result<(String, Vec<String>)> {
        let all: Vec<String> =
            [&[self.settings.as_str(), verb], arguments].concat().into_iter().map(Into::into).collect();
        let client = Arc::clone(&self.client);
        let asked = tokio::task::spawn_blocking(move || client.ask(&all)).await;
        let mut answer = asked.map_err(|error| self.client.error(error))??.into_iter();
        Ok((answer.next().unwrap_or_default(), answer.collect()))
    }

    /// [`ask`](Self::ask) for what only the holder of a task may do.
    async fn ask_held(&self, grip: &Grip, verb: &str, arguments: &[&str]) -> Result<(String, Vec<String>)> {
        let token = grip.token.to_string();
        let answer = self.ask(verb, &[&[grip.id.as_str(), &token], arguments].concat()).await?;
        if answer.0 == "lost" { Err(QueueError::Lost { task: grip.id.clone() }) } else { Ok(answer) }
    }

    fn found(&self, answer: &[String]) -> Result<Option<Task>> {
        let json = answer.first().filter(|json| !json.is_empty());
        json.map(|json| read::task(json)).transpose().map_err(|problem| self.client.error(problem))
    }

    fn task_in(&self, answer: &[String]) -> Result<Task> {
        self.found(answer)?.ok_or_else(|| self.client.error("a task is missing in an answer"))
    }

    async fn pushed(&self, task: &NewTask) -> Result<Pushed> {
        let (id, lane, work) = (task.new_id(), task.lane.number().to_string(), task.work.to_string());
        let due = task.due.map(|due| due.timestamp_millis().to_string()).unwrap_or_default();
        // An owner with an empty name is one as well.
        let owner = task.owner.as_ref().map(|owner| format!("={owner}")).unwrap_or_default();
        let behind = task.behind.clone().unwrap_or_default();
        let arguments = [&id, &task.alias, &task.key, &lane, &owner, &work, &due, &behind].map(String::as_str);
        let (word, answer) = self.ask("push", &arguments).await?;
        match word.as_str() {
            "full" => Err(QueueError::Full { most: self.config.most_queued }),
            word => Ok(Pushed { task: self.task_in(&answer)?, is_new: word == "new" }),
        }
    }

    async fn taken(&self, worker: &str, lanes: &[Lane]) -> Result<Option<(Grip, Task)>> {
        let lanes: Vec<String> = lanes.iter().map(|lane| lane.number().to_string()).collect();
        let arguments: Vec<&str> = std::iter::once(worker).chain(lanes.iter().map(String::as_str)).collect();
        let task = self.found(&self.ask("take", &arguments).await?.1)?;
        Ok(task.map(|task| (Grip { id: task.id.clone(), token: task.token }, task)))
    }

    async fn renewed(&self, grip: &Grip) -> Result<Signal> {
        Ok(match self.ask_held(grip, "renew", &[]).await?.0.as_str() {
            "too_long" => Signal::TooLong,
            "cancel" => Signal::Cancel,
            _ => Signal::GoOn,
        })
    }

    async fn ended(&self, grip: &Grip, outcome: &Outcome) -> Result<Task> {
        let (word, text) = match outcome {
            Outcome::Done(result) => ("done", result.to_string()),
            Outcome::Failed { error, again } => (if *again { "again" } else { "failed" }, error.clone()),
            Outcome::Cancelled => ("cancelled", String::new()),
        };
        self.task_in(&self.ask_held(grip, "finish", &[word, &text]).await?.1)
    }

    fn read<R>(&self, answer: &[String], as_what: fn(&str) -> read::Read<R>) -> Result<Vec<R>> {
        let read: read::Read<Vec<R>> = answer.iter().map(|json| as_what(json)).collect();
        read.map_err(|problem| self.client.error(problem))
    }
}

impl fmt::Debug for RedisQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisQueue").field("place", &self.place()).field("config", &self.config).finish()
    }
}

impl Queue for RedisQueue {
    fn place(&self) -> String {
        self.client.place().to_owned()
    }

    fn config(&self) -> &QueueConfig {
        &self.config
    }

    fn push<'a>(&'a self, task: &'a NewTask) -> BoxFuture<'a, Result<Pushed>> {
        self.pushed(task).boxed()
    }

    fn take<'a>(&'a self, worker: &'a str, lanes: &'a [Lane]) -> BoxFuture<'a, Result<Option<(Grip, Task)>>> {
        self.taken(worker, lanes).boxed()
    }

    fn renew<'a>(&'a self, grip: &'a Grip) -> BoxFuture<'a, Result<Signal>> {
        self.renewed(grip).boxed()
    }

    fn tell<'a>(&'a self, grip: &'a Grip, kind: &'a str, body: &'a Json) -> BoxFuture<'a, Result<u64>> {
        async move {
            let (_, answer) = self.ask_held(grip, "tell", &[kind, &body.to_string()]).await?;
            answer.first().and_then(|number| number.parse().ok()).ok_or_else(|| self.client.error("no number came"))
        }
        .boxed()
    }

    fn end<'a>(&'a self, grip: &'a Grip, outcome: &'a Outcome) -> BoxFuture<'a, Result<Task>> {
        self.ended(grip, outcome).boxed()
    }

    fn release<'a>(&'a self, grip: &'a Grip, after: Duration) -> BoxFuture<'a, Result<Task>> {
        async move { self.task_in(&self.ask_held(grip, "release", &[&millis(after).to_string()]).await?.1) }.boxed()
    }

    fn cancel<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Task>>> {
        async move { self.found(&self.ask("cancel", &[id]).await?.1) }.boxed()
    }

    fn task<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Task>>> {
        async move { self.found(&self.ask("task", &[id]).await?.1) }.boxed()
    }

    fn newest<'a>(&'a self, alias: &'a str) -> BoxFuture<'a, Result<Option<Task>>> {
        async move { self.found(&self.ask("newest", &[alias]).await?.1) }.boxed()
    }

    fn tasks(&self, state: Option<State>, most: usize) -> BoxFuture<'_, Result<Vec<Task>>> {
        let state = state.map(State::word).unwrap_or_default();
        async move { self.read(&self.ask("tasks", &[state, &most.to_string()]).await?.1, read::task) }.boxed()
    }

    fn entries<'a>(&'a self, id: &'a str, after: u64, most: usize) -> BoxFuture<'a, Result<Vec<Entry>>> {
        // Lua counts in floating point.
        let after = after.min(1 << 52).to_string();
        async move { self.read(&self.ask("entries", &[id, &after, &most.to_string()]).await?.1, read::entry) }.boxed()
    }

    fn depth(&self) -> BoxFuture<'_, Result<Depth>> {
        async move {
            let (_, counts) = self.ask("depth", &[]).await?;
            read::depth(&counts).map_err(|problem| self.client.error(problem))
        }
        .boxed()
    }

    fn purge(&self) -> BoxFuture<'_, Result<u64>> {
        async move {
            let (_, answer) = self.ask("purge", &[]).await?;
            Ok(answer.first().and_then(|count| count.parse().ok()).unwrap_or_default())
        }
        .boxed()
    }
}

#[cfg(test)]
pub(crate) mod server;
#[cfg(test)]
mod tests;
