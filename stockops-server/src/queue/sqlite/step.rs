//! `Step`: what is written, in one transaction.

use std::time::Duration;

use serde_json::{Value as Json, json};
use sqlx::{Result, Sqlite, Transaction};
use tokio::sync::MutexGuard;

use super::super::config::millis;
use super::super::{Grip, Lane, NewTask, Outcome, Pushed, QueueConfig, STATE, Signal, State, Task};
use super::read;

/// One transaction that writes; dropped without a [`commit`](Self::commit) it has changed nothing.
pub(super) struct Step<'a> {
    db: Transaction<'static, Sqlite>,
    now: i64,
    config: &'a QueueConfig,
    _turn: MutexGuard<'a, ()>,
}

impl<'a> Step<'a> {
    pub(super) fn new(db: Transaction<'static, Sqlite>, turn: MutexGuard<'a, ()>, config: &'a QueueConfig) -> Self {
        Self { db, now: read::now(), config, _turn: turn }
    }

    pub(super) async fn commit(self) -> Result<()> {
        self.db.commit().await
    }

    pub(super) async fn task(&mut self, id: &str) -> Result<Option<Task>> {
        read::task(&mut *self.db, id).await
    }

    /// The task that `grip` holds.
    pub(super) async fn held(&mut self, grip: &Grip) -> Result<Option<Task>> {
        Ok(self.task(&grip.id).await?.filter(|task| task.state == State::Running && task.token == grip.token))
    }

    /// `None` where as many are queued as may be.
    pub(super) async fn push(&mut self, task: &NewTask) -> Result<Option<Pushed>> {
        let query = sqlx::query("SELECT * FROM tasks WHERE key = ? AND state IN ('queued', 'running')");
        if let Some(row) = query.bind(&task.key).fetch_optional(&mut *self.db).await? {
            return Ok(Some(Pushed { task: read::task_of(&row)?, is_new: false }));
        }
        let queued: i64 = sqlx::query_scalar("SELECT queued FROM lengths").fetch_one(&mut *self.db).await?;
        if queued >= self.config.most_queued as i64 {
            return Ok(None);
        }
        let task = self.insert(task).await?;
        self.write(&task, STATE, &json!({"state": State::Queued})).await?;
        Ok(Some(Pushed { task, is_new: true }))
    }

    async fn insert(&mut self, task: &NewTask) -> Result<Task> {
        let query = "INSERT INTO tasks (id, alias, key, lane, owner, work, state, created, due, behind, last_entry)
                     VALUES (?, ?, ?, ?, ?, ?, 'queued', ?, ?, ?, 1) RETURNING *";
        let query = sqlx::query(query)
            .bind(task.new_id())
            .bind(&task.alias)
            .bind(&task.key)
            .bind(task.lane.number())
            .bind(&task.owner)
            .bind(task.work.to_string())
            .bind(self.now)
            .bind(task.due.map_or(self.now, |due| due.timestamp_millis()))
            .bind(&task.behind);
        read::task_of(&query.fetch_one(&mut *self.db).await?)
    }

    /// Take the next one that is due.
    pub(super) async fn take(&mut self, worker: &str, lanes: &[Lane]) -> Result<Option<(Grip, Task)>> {
        for lane in lanes {
            let query = "UPDATE tasks SET state = 'running', attempts = attempts + 1, token = token + 1, worker = ?1,
                                taken = ?2, lease = ?3, last_entry = last_entry + 1
                         WHERE seq = (SELECT seq FROM free WHERE lane = ?4 AND due <= ?2 ORDER BY due, seq LIMIT 1)
                         RETURNING *";
            let query = sqlx::query(query).bind(worker).bind(self.now);
            let query = query.bind(self.now + millis(self.config.lease)).bind(lane.number());
            if let Some(row) = query.fetch_optional(&mut *self.db).await? {
                let task = read::task_of(&row)?;
                self.write(&task, STATE, &json!({"state": task.state, "attempt": task.attempts})).await?;
                return Ok(Some((Grip { id: task.id.clone(), token: task.token }, task)));
            }
        }
        Ok(None)
    }

    pub(super) async fn renew(&mut self, task: &Task) -> Result<Signal> {
        if task.taken.is_some_and(|taken| taken.timestamp_millis() + millis(self.config.longest) < self.now) {
            return Ok(Signal::TooLong);
        }
        let query = sqlx::query("UPDATE tasks SET lease = ? WHERE id = ?");
        query.bind(self.now + millis(self.config.lease)).bind(&task.id).execute(&mut *self.db).await?;
        Ok(if task.cancel { Signal::Cancel } else { Signal::GoOn })
    }

    /// Append an entry; its number.
    pub(super) async fn append(&mut self, task: &Task, kind: &str, body: &Json) -> Result<u64> {
        let query = sqlx::query("UPDATE tasks SET last_entry = last_entry + 1 WHERE id = ? RETURNING *");
        let task = read::task_of(&query.bind(&task.id).fetch_one(&mut *self.db).await?)?;
        self.write(&task, kind, body).await?;
        Ok(task.last_entry)
    }

    /// Write the last entry of a task that was changed, and forget the oldest one where there are too many.
    async fn write(&mut self, task: &Task, kind: &str, body: &Json) -> Result<()> {
        let number = task.last_entry.cast_signed();
        let query = sqlx::query("INSERT INTO entries VALUES (?, ?, ?, ?, ?)").bind(&task.id).bind(number);
        query.bind(self.now).bind(kind).bind(body.to_string()).execute(&mut *self.db).await?;
        let first = number - self.config.entries as i64;
        if first > 0 {
            let query = sqlx::query("DELETE FROM entries WHERE task = ? AND seq <= ?").bind(&task.id).bind(first);
            query.execute(&mut *self.db).await?;
        }
        Ok(())
    }

    pub(super) async fn end(&mut self, task: &Task, outcome: &Outcome) -> Result<Task> {
        match outcome {
            Outcome::Done(result) => self.close(task, State::Done, Some(result), None).await,
            Outcome::Cancelled => self.close(task, State::Cancelled, None, None).await,
            Outcome::Failed { error, again } if *again && task.attempts < self.config.attempts && !task.cancel => {
                let wait = millis(self.config.backoff).saturating_mul(1 << (task.attempts - 1).min(20));
                self.queue_again(task, self.now.saturating_add(wait), task.attempts, Some(error)).await
            }
            Outcome::Failed { error, .. } => self.close(task, State::Failed, None, Some(error)).await,
        }
    }

    pub(super) async fn release(&mut self, task: &Task, after: Duration) -> Result<Task> {
        if task.cancel {
            return self.close(task, State::Cancelled, None, None).await;
        }
        // One that may go on at once keeps its place.
        let due = task.due.timestamp_millis();
        let due = if after.is_zero() { due } else { self.now + millis(after) };
        self.queue_again(task, due, task.attempts.saturating_sub(1), None).await
    }

    pub(super) async fn cancel(&mut self, task: Task) -> Result<Task> {
        match task.state {
            State::Queued => self.close(&task, State::Cancelled, None, None).await,
            State::Running => {
                let query = sqlx::query("UPDATE tasks SET cancel = 1 WHERE id = ? RETURNING *").bind(&task.id);
                read::task_of(&query.fetch_one(&mut *self.db).await?)
            }
            _ => Ok(task),
        }
    }

    /// Look for leases that have ended.
    pub(super) async fn sweep(&mut self) -> Result<()> {
        let query = sqlx::query_scalar("SELECT id FROM tasks WHERE state = 'running' AND lease < ? ORDER BY lease");
        let orphans: Vec<String> = query.bind(self.now).fetch_all(&mut *self.db).await?;
        for id in orphans {
            if let Some(task) = self.task(&id).await? {
                self.orphaned(&task).await?;
            }
        }
        Ok(())
    }

    async fn orphaned(&mut self, task: &Task) -> Result<Task> {
        let longest = millis(self.config.longest);
        let is_too_long = task.taken.is_some_and(|taken| taken.timestamp_millis() + longest < self.now);
        let (orphaned, too_long) = (self.config.orphaned(), self.config.too_long());
        let is_last = task.attempts >= self.config.attempts;
        let (state, error) = match task.cancel {
            true => (State::Cancelled, None),
            false if is_too_long => (State::Failed, Some(&too_long)),
            false if is_last => (State::Failed, Some(&orphaned)),
            false => return self.queue_again(task, task.due.timestamp_millis(), task.attempts, Some(&orphaned)).await,
        };
        self.close(task, state, None, error.map(String::as_str)).await
    }

    async fn queue_again(&mut self, task: &Task, due: i64, attempts: u32, error: Option<&str>) -> Result<Task> {
        let query =
            "UPDATE tasks SET state = 'queued', due = ?, attempts = ?, error = coalesce(?, error), lease = NULL,
                            last_entry = last_entry + 1
                     WHERE id = ? RETURNING *";
        let query = sqlx::query(query).bind(due).bind(attempts).bind(error).bind(&task.id);
        let task = read::task_of(&query.fetch_one(&mut *self.db).await?)?;
        self.write(&task, STATE, &said(State::Queued, error)).await?;
        Ok(task)
    }

    async fn close(&mut self, task: &Task, state: State, result: Option<&Json>, error: Option<&str>) -> Result<Task> {
        let query = "UPDATE tasks SET state = ?, ended = ?, result = ?, error = coalesce(?, error), lease = NULL,
                            last_entry = last_entry + 1
                     WHERE id = ? RETURNING *";
        let query = sqlx::query(query).bind(state.word()).bind(self.now).bind(result.map(Json::to_string));
        let task = read::task_of(&query.bind(error).bind(&task.id).fetch_one(&mut *self.db).await?)?;
        self.write(&task, STATE, &said(state, error)).await?;
        Ok(task)
    }

    /// Remove what ended long enough ago.
    pub(super) async fn purge(&mut self) -> Result<u64> {
        let before = self.now - millis(self.config.keep_ended);
        let query = "DELETE FROM entries WHERE task IN (SELECT id FROM tasks WHERE ended < ?)";
        sqlx::query(query).bind(before).execute(&mut *self.db).await?;
        let query = sqlx::query("DELETE FROM tasks WHERE ended < ?").bind(before);
        Ok(query.execute(&mut *self.db).await?.rows_affected())
    }
}

/// What an entry says of a change of state.
fn said(state: State, error: Option<&str>) -> Json {
    match error {
        Some(error) => json!({"state": state, "error": error}),
        None => json!({"state": state}),
    }
}
