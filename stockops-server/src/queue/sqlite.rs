//! `SqliteQueue`: tasks in one file of SQLite, for the processes of one machine.

mod read;
mod step;

use std::path::{Path, PathBuf};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use serde_json::Value as Json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::Mutex;

use super::{
    Depth, Entry, Grip, Lane, NewTask, Outcome, Pushed, Queue, QueueConfig, QueueError, Result, Signal, State, Task,
};
use step::Step;

/// The version of the tables, in `PRAGMA user_version`.
const SCHEMA: i64 = 1;

/// How long a process waits for another to finish writing.
const PATIENCE: Duration = Duration::from_secs(10);

const TABLES: &str = include_str!("sqlite/tables.sql");

/// Tasks in a file of SQLite with a write-ahead log, on a disk of this machine and not on a share of the network. What a call
/// has written is on the disk when it returns. Times are those of the machine's clock.
///
/// A process that is stopped (not killed) in the few milliseconds of a write holds the file until it goes on or is killed, and
/// the calls of others fail after 10 seconds. No other process can take that lock from it.
#[derive(Debug)]
pub struct SqliteQueue {
    path: PathBuf,
    pool: SqlitePool,
    config: QueueConfig,
    /// Those who write in this process wait here in their order; SQLite would have them ask again and again.
    writer: Mutex<()>,
}

impl SqliteQueue {
    /// The queue in the file `path`, which is made where there is none.
    ///
    /// # Errors
    ///
    /// [`QueueError::Config`] for a setting outside its range; [`QueueError::Store`] where the file cannot be used: no right
    /// to it, no database, or one of a newer version.
    pub async fn open(path: impl AsRef<Path>, config: QueueConfig) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .busy_timeout(PATIENCE)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .disable_statement_logging();
        // A connection to a file of this machine does not go stale.
        let pool = SqlitePoolOptions::new().max_connections(4).test_before_acquire(false).connect_lazy_with(options);
        let queue = Self { path, pool, config: config.checked()?, writer: Mutex::default() };
        let version = queue.prepared().await?;
        if version == SCHEMA {
            return Ok(queue);
        }
        let problem = format!(
            "it is of version {version} and this program reads version {SCHEMA}; update stockops, or move the file away"
        );
        Err(queue.error(problem))
    }

    /// Copy the tasks in the file `path` to the file `to`, which is not there or empty, as they are at one moment, while others
    /// write.
    ///
    /// # Errors
    ///
    /// [`QueueError::Store`] where the file cannot be read, or `to` holds something.
    pub async fn copy(path: &Path, to: &Path) -> Result<()> {
        let options = SqliteConnectOptions::new().filename(path).busy_timeout(PATIENCE).disable_statement_logging();
        let copied = async {
            let mut connection = options.connect().await?;
            sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy()).execute(&mut connection).await?;
            connection.close().await
        };
        let error = |error: sqlx::Error| QueueError::Store {
            place: path.display().to_string(),
            problem: format!("it could not be copied to {}: {error}", to.display()),
        };
        copied.await.map_err(error)
    }

    /// Make the tables in a new file; the version of the file.
    async fn prepared(&self) -> Result<i64> {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            match self.try_prepared().await {
                // Two processes that switch a new file to its log at once do not wait for each other.
                Err(error) if is_locked(&error) && tokio::time::Instant::now() < deadline => {
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                prepared => return prepared.map_err(|error| self.error(error)),
            }
        }
    }

    async fn try_prepared(&self) -> sqlx::Result<i64> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&mut *transaction).await?;
        if version != 0 {
            return Ok(version);
        }
        sqlx::raw_sql(TABLES).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(SCHEMA)
    }

    /// Begin to write.
    async fn step(&self) -> sqlx::Result<Step<'_>> {
        let turn = self.writer.lock().await;
        Ok(Step::new(self.pool.begin_with("BEGIN IMMEDIATE").await?, turn, &self.config))
    }

    async fn pushed(&self, task: &NewTask) -> sqlx::Result<Option<Pushed>> {
        let mut step = self.step().await?;
        let pushed = step.push(task).await?;
        step.commit().await?;
        Ok(pushed)
    }

    async fn taken(&self, worker: &str, lanes: &[Lane]) -> sqlx::Result<Option<(Grip, Task)>> {
        // Most of the time nothing is due, and then nobody has to wait for this one.
        if !read::is_work(&self.pool, lanes).await? {
            return Ok(None);
        }
        let mut step = self.step().await?;
        step.sweep().await?;
        let taken = step.take(worker, lanes).await?;
        step.commit().await?;
        Ok(taken)
    }

    async fn renewed(&self, grip: &Grip) -> sqlx::Result<Option<Signal>> {
        let mut step = self.step().await?;
        let Some(task) = step.held(grip).await? else { return Ok(None) };
        let signal = step.renew(&task).await?;
        step.commit().await?;
        Ok(Some(signal))
    }

    async fn told(&self, grip: &Grip, kind: &str, body: &Json) -> sqlx::Result<Option<u64>> {
        let mut step = self.step().await?;
        let Some(task) = step.held(grip).await? else { return Ok(None) };
        let number = step.append(&task, kind, body).await?;
        step.commit().await?;
        Ok(Some(number))
    }

    async fn ended(&self, grip: &Grip, outcome: &Outcome) -> sqlx::Result<Option<Task>> {
        let mut step = self.step().await?;
        let Some(task) = step.held(grip).await? else {
            let task = step.task(&grip.id).await?;
            return Ok(task.filter(|task| task.token == grip.token && task.state.is_end()));
        };
        let task = step.end(&task, outcome).await?;
        step.commit().await?;
        Ok(Some(task))
    }

    async fn released(&self, grip: &Grip, after: Duration) -> sqlx::Result<Option<Task>> {
        let mut step = self.step().await?;
        let Some(task) = step.held(grip).await? else { return Ok(None) };
        let task = step.release(&task, after).await?;
        step.commit().await?;
        Ok(Some(task))
    }

    async fn cancelled(&self, id: &str) -> sqlx::Result<Option<Task>> {
        let mut step = self.step().await?;
        let Some(task) = step.task(id).await? else { return Ok(None) };
        let task = step.cancel(task).await?;
        step.commit().await?;
        Ok(Some(task))
    }

    async fn purged(&self) -> sqlx::Result<u64> {
        let mut step = self.step().await?;
        step.sweep().await?;
        let gone = step.purge().await?;
        step.commit().await?;
        Ok(gone)
    }

    fn error(&self, problem: impl std::fmt::Display) -> QueueError {
        let problem = format!("{problem}; check that the file and its folder can be written and the disk has room");
        QueueError::Store { place: self.path.display().to_string(), problem }
    }

    fn sorted<R>(&self, result: sqlx::Result<R>) -> Result<R> {
        result.map_err(|error| self.error(error))
    }

    fn held<R>(&self, grip: &Grip, result: sqlx::Result<Option<R>>) -> Result<R> {
        self.sorted(result)?.ok_or_else(|| QueueError::Lost { task: grip.id.clone() })
    }
}

/// Whether another process has the file at this moment: SQLITE_BUSY and SQLITE_LOCKED in their lower byte.
fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

impl Queue for SqliteQueue {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn config(&self) -> &QueueConfig {
        &self.config
    }

    fn push<'a>(&'a self, task: &'a NewTask) -> BoxFuture<'a, Result<Pushed>> {
        let full = || QueueError::Full { most: self.config.most_queued };
        async move { self.sorted(self.pushed(task).await)?.ok_or_else(full) }.boxed()
    }

    fn take<'a>(&'a self, worker: &'a str, lanes: &'a [Lane]) -> BoxFuture<'a, Result<Option<(Grip, Task)>>> {
        async move { self.sorted(self.taken(worker, lanes).await) }.boxed()
    }

    fn renew<'a>(&'a self, grip: &'a Grip) -> BoxFuture<'a, Result<Signal>> {
        async move { self.held(grip, self.renewed(grip).await) }.boxed()
    }

    fn tell<'a>(&'a self, grip: &'a Grip, kind: &'a str, body: &'a Json) -> BoxFuture<'a, Result<u64>> {
        async move { self.held(grip, self.told(grip, kind, body).await) }.boxed()
    }

    fn end<'a>(&'a self, grip: &'a Grip, outcome: &'a Outcome) -> BoxFuture<'a, Result<Task>> {
        async move { self.held(grip, self.ended(grip, outcome).await) }.boxed()
    }

    fn release<'a>(&'a self, grip: &'a Grip, after: Duration) -> BoxFuture<'a, Result<Task>> {
        async move { self.held(grip, self.released(grip, after).await) }.boxed()
    }

    fn cancel<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Task>>> {
        async move { self.sorted(self.cancelled(id).await) }.boxed()
    }

    fn task<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Task>>> {
        async move { self.sorted(read::task(&self.pool, id).await) }.boxed()
    }

    fn newest<'a>(&'a self, alias: &'a str) -> BoxFuture<'a, Result<Option<Task>>> {
        async move { self.sorted(read::newest(&self.pool, alias).await) }.boxed()
    }

    fn tasks(&self, state: Option<State>, most: usize) -> BoxFuture<'_, Result<Vec<Task>>> {
        async move { self.sorted(read::tasks(&self.pool, state, most).await) }.boxed()
    }

    fn entries<'a>(&'a self, id: &'a str, after: u64, most: usize) -> BoxFuture<'a, Result<Vec<Entry>>> {
        async move { self.sorted(read::entries(&self.pool, id, after, most).await) }.boxed()
    }

    fn depth(&self) -> BoxFuture<'_, Result<Depth>> {
        async move { self.sorted(read::depth(&self.pool).await) }.boxed()
    }

    fn purge(&self) -> BoxFuture<'_, Result<u64>> {
        async move { self.sorted(self.purged().await) }.boxed()
    }
}

#[cfg(test)]
mod tests;
