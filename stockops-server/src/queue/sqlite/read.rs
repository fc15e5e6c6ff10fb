//! What is read: rows as tasks and entries.

use chrono::{DateTime, Utc};
use serde_json::Value as Json;
use sqlx::sqlite::{SqliteExecutor, SqlitePool, SqliteRow};
use sqlx::{Error, Result, Row};

use super::super::{Depth, Entry, Lane, State, Task};

/// Now, in milliseconds.
pub(super) fn now() -> i64 {
    DateTime::<Utc>::from(std::time::SystemTime::now()).timestamp_millis()
}

/// Whether one of `lanes` has something that is due, or a lease has ended.
pub(super) async fn is_work(pool: &SqlitePool, lanes: &[Lane]) -> Result<bool> {
    let wanted = |lane: Lane| if lanes.contains(&lane) { lane.number() } else { -1 };
    let [first, second] = Lane::ALL.map(wanted);
    let query = "SELECT EXISTS (SELECT 1 FROM free WHERE lane IN (?1, ?2) AND due <= ?3)
                     OR EXISTS (SELECT 1 FROM tasks WHERE state = 'running' AND lease < ?3)";
    sqlx::query_scalar(query).bind(first).bind(second).bind(now()).fetch_one(pool).await
}

pub(super) async fn task(db: impl SqliteExecutor<'_>, id: &str) -> Result<Option<Task>> {
    let row = sqlx::query("SELECT * FROM tasks WHERE id = ?").bind(id).fetch_optional(db).await?;
    row.as_ref().map(task_of).transpose()
}

pub(super) async fn newest(pool: &SqlitePool, alias: &str) -> Result<Option<Task>> {
    let query = sqlx::query("SELECT * FROM tasks WHERE alias = ? ORDER BY seq DESC LIMIT 1").bind(alias);
    query.fetch_optional(pool).await?.as_ref().map(task_of).transpose()
}

pub(super) async fn tasks(pool: &SqlitePool, state: Option<State>, most: usize) -> Result<Vec<Task>> {
    let query = sqlx::query("SELECT * FROM tasks WHERE ?1 IS NULL OR state = ?1 ORDER BY seq DESC LIMIT ?2");
    let rows = query.bind(state.map(State::word)).bind(number(most)).fetch_all(pool).await?;
    rows.iter().map(task_of).collect()
}

pub(super) async fn entries(pool: &SqlitePool, id: &str, after: u64, most: usize) -> Result<Vec<Entry>> {
    let query = sqlx::query("SELECT * FROM entries WHERE task = ? AND seq > ? ORDER BY seq LIMIT ?");
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = query.bind(id).bind(after).bind(number(most)).fetch_all(pool).await?;
    rows.iter().map(entry_of).collect()
}

pub(super) async fn depth(pool: &SqlitePool) -> Result<Depth> {
    let query = "SELECT count(*) FILTER (WHERE state = 'queued' AND lane = 0) AS interactive,
                        count(*) FILTER (WHERE state = 'queued' AND lane = 1) AS nightly,
                        count(*) FILTER (WHERE state = 'running') AS running,
                        (SELECT min(due) FROM free WHERE due <= ?) AS oldest_due
                 FROM tasks WHERE state IN ('queued', 'running')";
    let row = sqlx::query(query).bind(now()).fetch_one(pool).await?;
    Ok(Depth {
        interactive: count(&row, "interactive")?,
        nightly: count(&row, "nightly")?,
        running: count(&row, "running")?,
        oldest_due: moment(&row, "oldest_due")?,
    })
}

/// A count as SQLite takes it.
fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn task_of(row: &SqliteRow) -> Result<Task> {
    Ok(Task {
        id: row.try_get("id")?,
        alias: row.try_get("alias")?,
        key: row.try_get("key")?,
        lane: known("lane", Lane::of_number(row.try_get("lane")?))?,
        owner: row.try_get("owner")?,
        work: json(row, "work")?.unwrap_or_default(),
        state: known("state", State::of_word(row.try_get("state")?))?,
        attempts: row.try_get("attempts")?,
        token: row.try_get::<i64, _>("token")?.cast_unsigned(),
        worker: row.try_get("worker")?,
        cancel: row.try_get("cancel")?,
        created: known("created", moment(row, "created")?)?,
        due: known("due", moment(row, "due")?)?,
        behind: row.try_get("behind")?,
        taken: moment(row, "taken")?,
        ended: moment(row, "ended")?,
        result: json(row, "result")?,
        error: row.try_get("error")?,
        last_entry: row.try_get::<i64, _>("last_entry")?.cast_unsigned(),
    })
}

fn entry_of(row: &SqliteRow) -> Result<Entry> {
    Ok(Entry {
        seq: row.try_get::<i64, _>("seq")?.cast_unsigned(),
        at: known("at", moment(row, "at")?)?,
        kind: row.try_get("kind")?,
        body: json(row, "body")?.unwrap_or_default(),
    })
}

fn count(row: &SqliteRow, column: &str) -> Result<usize> {
    Ok(usize::try_from(row.try_get::<i64, _>(column)?).unwrap_or_default())
}

fn moment(row: &SqliteRow, column: &str) -> Result<Option<DateTime<Utc>>> {
    Ok(row.try_get::<Option<i64>, _>(column)?.and_then(DateTime::from_timestamp_millis))
}

fn json(row: &SqliteRow, column: &str) -> Result<Option<Json>> {
    let text: Option<&str> = row.try_get(column)?;
    text.map(serde_json::from_str).transpose().map_err(|error| Error::Decode(error.into()))
}

fn known<V>(column: &str, value: Option<V>) -> Result<V> {
    value.ok_or_else(|| Error::Decode(format!("a task whose `{column}` is unknown to this program").into()))
}
