//! `RedisOnline`: rows in Redis, byte for byte as Feast 0.67 keeps them.

mod client;
mod config;
mod key;
mod murmur;
mod timestamp;
mod value;
mod wire;

#[cfg(test)]
mod laws;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use redis::{Cmd, Pipeline, Script, Value, from_redis_value};

pub use config::RedisConfig;

use super::row::Held;
use super::{OnlineRow, OnlineStore, check_rows};
use crate::error::{Outage, Result};
use crate::feature_store::{ENTITY, FeatureRow, FeatureView};
use crate::market::Ticker;
use client::Client;

/// Checks and writes one row.
const WRITE: &str = include_str!("redis/write.lua");
/// Rows that are sent in one go.
const ROWS: usize = 1000;

/// Rows in Redis, byte for byte as Feast 0.67 keeps them (entity keys of serialisation version 3), tested with Redis 7.0.
///
/// What is written here Feast's `get_online_features` and its feature server read, and what Feast materialised is read here. One
/// hash for each ticker and project holds all of its views. A view of version N above 0 is that of a Feast repository with
/// `enable_online_feature_view_versioning`, which names it `view_vN`.
///
/// Feast looks at the stored time first and writes afterwards, and never takes a correction of the same session. Here a script
/// does both in Redis at once, and compares `created_timestamp` too. It stands in a field that Feast does not know, together with
/// the event that it belongs to; where Feast wrote the row it is unknown, and every row of the same event takes its place.
///
/// One server is spoken to, no cluster. Connections are kept, and a broken one is replaced: the call after a restart of the server
/// succeeds.
///
/// # Example
///
/// ```no_run
/// use stockops_core::Ticker;
/// use stockops_core::feature_store::{FeatureView, OnlineStore, RedisConfig, RedisOnline};
///
/// let store = RedisOnline::new(&RedisConfig { url: "redis://127.0.0.1:6379".into(), ..RedisConfig::default() })?;
/// let rows = store.read(&[&FeatureView::default()], &[Ticker::new("GOOG")?], chrono::Utc::now())?;
/// println!("{:?}", rows[0][0].values);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct RedisOnline {
    client: Client,
    project: String,
    script: Script,
}

impl RedisOnline {
    /// The store of a project; nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`](crate::Error::Config) names the setting that breaks its rule.
    pub fn new(config: &RedisConfig) -> Result<Self> {
        Ok(Self {
            client: Client::new(config)?,
            project: config.checked_project()?.to_owned(),
            script: Script::new(WRITE),
        })
    }

    fn key(&self, ticker: &Ticker) -> Vec<u8> {
        key::entity_key(&self.project, ENTITY, ticker.as_str())
    }

    /// The call of the script that writes one row.
    fn write_one(&self, names: &Names, row: &FeatureRow) -> Cmd {
        let (event, created) = (row.event_timestamp, row.created_timestamp);
        let mut call = redis::cmd("EVALSHA");
        call.arg(self.script.get_hash()).arg(1).arg(self.key(&row.ticker)).arg(&names.event).arg(&names.created);
        for time in [event, created] {
            call.arg(time.timestamp()).arg(time.timestamp_subsec_nanos());
        }
        call.arg(&names.event).arg(timestamp::encode(event));
        call.arg(&names.created).arg(timestamp::encode_created(event, created));
        for (field, value) in names.features.iter().zip(&row.values) {
            call.arg(field).arg(value::encode(*value));
        }
        call
    }

    /// The row of a view in the contents of its fields; `None` where there is none.
    fn row(&self, view: &FeatureView, ticker: &Ticker, contents: &[Option<Vec<u8>>]) -> Result<Option<Held>> {
        let unreadable = |name: &str| {
            let what =
                format!("{name} of {ticker} in {} of project {} is not as wanted", view.versioned_name(), self.project);
            self.client.failed(Outage::Unreadable { what })
        };
        let [Some(event), created, fields @ ..] = contents else { return Ok(None) };
        let event = timestamp::decode(event).ok_or_else(|| unreadable("the time"))?;
        let created = created.as_ref().and_then(|bytes| timestamp::decode_created(bytes, event));
        let number = |(name, field): (&String, &Option<Vec<u8>>)| {
            field.as_deref().map(value::decode).transpose().map_err(|_| unreadable(name))
        };
        let fields = view.names().iter().zip(fields).map(number).collect::<Result<_>>()?;
        Ok(Some(Held { event, created, fields }))
    }
}

impl OnlineStore for RedisOnline {
    fn place(&self) -> String {
        format!("{} ({})", self.client.place(), self.project)
    }

    fn write(&self, view: &FeatureView, rows: &[FeatureRow]) -> Result<usize> {
        check_rows(view, rows)?;
        let names = Names::of(view);
        let mut written = 0;
        for rows in rows.chunks(ROWS) {
            let mut calls = Pipeline::new();
            calls.add_command(redis::cmd("SCRIPT").arg("LOAD").arg(WRITE).clone());
            for row in rows {
                calls.add_command(self.write_one(&names, row));
            }
            let answers = self.client.ask(&calls)?;
            written += answers.iter().filter(|answer| **answer == Value::Int(1)).count();
        }
        Ok(written)
    }

    fn read(&self, views: &[&FeatureView], tickers: &[Ticker], now: DateTime<Utc>) -> Result<Vec<Vec<OnlineRow>>> {
        let fields: Vec<Vec<Vec<u8>>> = views.iter().map(|view| Names::of(view).all()).collect();
        if fields.is_empty() || tickers.is_empty() {
            return Ok(vec![Vec::new(); views.len()]);
        }
        // A ticker has one key for all of its views.
        let mut calls = Pipeline::new();
        for ticker in tickers {
            calls.add_command(redis::cmd("HMGET").arg(self.key(ticker)).arg(fields.concat()).clone());
        }
        let mut found = vec![Vec::with_capacity(tickers.len()); views.len()];
        for (ticker, answer) in tickers.iter().zip(self.client.ask(&calls)?) {
            let contents: Vec<Option<Vec<u8>>> = from_redis_value(answer)
                .map_err(|error| self.client.failed(Outage::Rejected { message: error.to_string() }))?;
            let mut rest = &contents[..];
            for ((view, fields), found) in views.iter().zip(&fields).zip(&mut found) {
                let (own, others) = rest.split_at(fields.len());
                rest = others;
                found.push(OnlineRow::new(view, ticker, self.row(view, ticker, own)?, now));
            }
        }
        Ok(found)
    }
}

/// The fields of a view in Redis.
struct Names {
    event: Vec<u8>,
    created: Vec<u8>,
    features: Vec<Vec<u8>>,
}

impl Names {
    fn of(view: &FeatureView) -> Self {
        let name = view.versioned_name();
        let features = view.names().iter().map(|feature| key::feature_field(&name, feature)).collect();
        Self { event: key::event_field(&name), created: key::created_field(&name), features }
    }

    /// All of them, the two times first.
    fn all(self) -> Vec<Vec<u8>> {
        [vec![self.event, self.created], self.features].concat()
    }
}
