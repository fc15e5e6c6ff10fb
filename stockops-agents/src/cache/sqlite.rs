//! `SqliteAnswers`: answers in one file of SQLite, for several processes at once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqliteConnection};
use stockops_core::Ticker;

use super::store::closest;
use super::{AnswerStore, CacheEntry, Purge, Wanted};
use crate::error::{Error, Result};

/// The version of the tables below, in `PRAGMA user_version`.
const SCHEMA: i64 = 1;

/// How long a process waits for another to finish writing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Columns are what is searched by; everything else is in `payload`.
const TABLES: &str = "
CREATE TABLE answers (
    id             TEXT PRIMARY KEY,
    ticker         TEXT NOT NULL,
    last_bar       TEXT NOT NULL,
    model_version  TEXT NOT NULL,
    prompt_version TEXT NOT NULL,
    embedder       TEXT NOT NULL,
    content_words  TEXT NOT NULL,
    created        INTEGER NOT NULL,
    vector         BLOB NOT NULL,
    payload        TEXT NOT NULL
) STRICT;
CREATE INDEX answers_by_ticker ON answers (ticker, content_words);
CREATE INDEX answers_by_age ON answers (created);
PRAGMA user_version = 1;";

/// Answers in a file of SQLite with a write-ahead log. The cosine is computed exactly, over the few entries that are as
/// wanted. A process that is killed in the middle leaves what was there before its last call.
#[derive(Debug)]
pub struct SqliteAnswers {
    path: PathBuf,
    pool: SqlitePool,
}

impl SqliteAnswers {
    /// The store in the file `path`, which is made where there is none.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where the file cannot be used: no right to it, no database, or one of a newer version.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref().to_owned();
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .busy_timeout(PATIENCE)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal);
        let pool = SqlitePoolOptions::new().max_connections(4).connect_lazy_with(options);
        let store = Self { path, pool };
        let version = store.prepared().await?;
        if version == SCHEMA {
            return Ok(store);
        }
        let problem = format!(
            "it is of version {version} and this program reads version {SCHEMA}; update stockops, or move the file away"
        );
        Err(store.error(problem))
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
        let version = version_of(&mut transaction).await?;
        if version == 0 {
            sqlx::raw_sql(TABLES).execute(&mut *transaction).await?;
        }
        let version = version_of(&mut transaction).await?;
        transaction.commit().await?;
        Ok(version)
    }

    async fn insert(&self, entry: &CacheEntry) -> Result<()> {
        let payload = serde_json::to_string(entry).map_err(|error| self.error(error))?;
        let vector: Vec<u8> = entry.vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        sqlx::query("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(&entry.id)
            .bind(entry.scope.ticker.as_str())
            .bind(entry.scope.last_bar.to_string())
            .bind(&entry.scope.model_version)
            .bind(&entry.scope.prompt_version)
            .bind(&entry.embedder)
            .bind(entry.content_words.as_str())
            .bind(entry.created.timestamp())
            .bind(vector)
            .bind(payload)
            .execute(&self.pool)
            .await
            .map_err(|error| self.error(error))?;
        Ok(())
    }

    async fn as_wanted(&self, wanted: &Wanted) -> Result<Vec<CacheEntry>> {
        let [first, last] = wanted.created.map(|moment: DateTime<Utc>| moment.timestamp());
        let rows = sqlx::query(
            "SELECT payload, vector FROM answers WHERE ticker = ? AND content_words = ? AND last_bar = ?
             AND model_version = ? AND prompt_version = ? AND embedder = ? AND created BETWEEN ? AND ?",
        )
        .bind(wanted.scope.ticker.as_str())
        .bind(wanted.content_words.as_str())
        .bind(wanted.scope.last_bar.to_string())
        .bind(&wanted.scope.model_version)
        .bind(&wanted.scope.prompt_version)
        .bind(&wanted.embedder)
        .bind(first)
        .bind(last)
        .fetch_all(&self.pool)
        .await
        .map_err(|error| self.error(error))?;
        rows.iter().map(|row| Ok(CacheEntry { vector: self.vector_of(row)?, ..self.entry_of(row)? })).collect()
    }

    async fn listed(&self, ticker: Option<&Ticker>) -> Result<Vec<CacheEntry>> {
        let rows = sqlx::query("SELECT payload FROM answers WHERE ?1 IS NULL OR ticker = ?1 ORDER BY created DESC, id")
            .bind(ticker.map(Ticker::as_str))
            .fetch_all(&self.pool)
            .await
            .map_err(|error| self.error(error))?;
        rows.iter().map(|row| self.entry_of(row)).collect()
    }

    async fn delete(&self, purge: &Purge) -> Result<u64> {
        let query = match purge {
            Purge::Before(moment) => sqlx::query("DELETE FROM answers WHERE created < ?").bind(moment.timestamp()),
            Purge::Superseded { ticker, current } => {
                let query = sqlx::query("DELETE FROM answers WHERE ticker = ? AND model_version <> ?");
                query.bind(ticker.as_str()).bind(current)
            }
            Purge::Version(version) => sqlx::query("DELETE FROM answers WHERE model_version = ?").bind(version),
            Purge::All => sqlx::query("DELETE FROM answers"),
        };
        Ok(query.execute(&self.pool).await.map_err(|error| self.error(error))?.rows_affected())
    }

    async fn delete_one(&self, id: &str) -> Result<bool> {
        let query = sqlx::query("DELETE FROM answers WHERE id = ?").bind(id);
        Ok(query.execute(&self.pool).await.map_err(|error| self.error(error))?.rows_affected() > 0)
    }

    fn entry_of(&self, row: &SqliteRow) -> Result<CacheEntry> {
        let payload: &str = row.try_get("payload").map_err(|error| self.error(error))?;
        serde_json::from_str(payload).map_err(|error| self.error(format!("an entry cannot be read ({error})")))
    }

    fn vector_of(&self, row: &SqliteRow) -> Result<Vec<f32>> {
        let bytes: &[u8] = row.try_get("vector").map_err(|error| self.error(error))?;
        Ok(bytes.as_chunks().0.iter().map(|four| f32::from_le_bytes(*four)).collect())
    }

    fn error(&self, problem: impl std::fmt::Display) -> Error {
        let what = format!("the cache of answers in {}", self.path.display());
        Error::Store {
            what,
            problem: format!("{problem}; it holds nothing that cannot be made again, so it may be removed"),
        }
    }
}

async fn version_of(connection: &mut SqliteConnection) -> sqlx::Result<i64> {
    sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await
}

/// Whether another process has the file at this moment: SQLITE_BUSY and SQLITE_LOCKED in their lower byte.
fn is_locked(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(|error| error.code()).and_then(|code| code.parse::<u32>().ok());
    code.is_some_and(|code| matches!(code & 0xff, 5 | 6))
}

impl AnswerStore for SqliteAnswers {
    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn put<'a>(&'a self, entry: &'a CacheEntry) -> BoxFuture<'a, Result<()>> {
        self.insert(entry).boxed()
    }

    fn nearest<'a>(&'a self, wanted: &'a Wanted) -> BoxFuture<'a, Result<Option<(CacheEntry, f32)>>> {
        async { Ok(closest(self.as_wanted(wanted).await?, &wanted.vector)) }.boxed()
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.delete_one(id).boxed()
    }

    fn purge<'a>(&'a self, purge: &'a Purge) -> BoxFuture<'a, Result<u64>> {
        self.delete(purge).boxed()
    }

    fn entries<'a>(&'a self, ticker: Option<&'a Ticker>) -> BoxFuture<'a, Result<Vec<CacheEntry>>> {
        self.listed(ticker).boxed()
    }
}

#[cfg(test)]
mod tests;
