//! `QdrantAnswers`: answers in a collection of Qdrant.

mod client;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use serde_json::{Value, json};
use stockops_core::Ticker;

use super::{AnswerStore, CacheEntry, Purge, Wanted};
use crate::error::{Error, Result};
use client::Client;

/// The collection of the contract.
const COLLECTION: &str = "dataset_cache";

/// Points that are listed with one request.
const PAGE: usize = 100;

/// Answers as points of a collection in Qdrant: the cosine of its vectors, and the payload of the contract with the keys of
/// this house beside it. Points of others in the same collection stay and are never given as answers.
///
/// The collection is made with the first answer. Its vectors have one width, so an embedding model of another width needs
/// another collection.
#[derive(Debug)]
pub struct QdrantAnswers {
    client: Client,
    collection: String,
}

/// Key of the payload that says that a point is ours.
const OWN: &str = "of_stockops";

impl QdrantAnswers {
    /// The collection `dataset_cache` of the server at `url`, such as `http://127.0.0.1:6333`, which may want a key.
    ///
    /// # Errors
    ///
    /// [`Error::Store`] where `url` is none. Nothing is asked of the server yet.
    pub fn new(url: &str, key: Option<&str>) -> Result<Self> {
        Ok(Self { client: Client::new(url, key)?, collection: COLLECTION.into() })
    }

    /// Another collection; [`Error::Config`] for a name of other characters than letters, digits, `-` and `_`.
    pub fn in_collection(self, collection: &str) -> Result<Self> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if collection.is_empty() || !collection.chars().all(is_plain) {
            let rule = "letters, digits, - and _";
            return Err(Error::Config { field: "collection", rule, got: collection.into() });
        }
        Ok(Self { collection: collection.into(), ..self })
    }

    fn path(&self, rest: &str) -> String {
        format!("collections/{}{rest}", self.collection)
    }

    async fn upsert(&self, entry: &CacheEntry) -> Result<()> {
        let mut payload = serde_json::to_value(entry).map_err(|error| self.client.error(error))?;
        payload[OWN] = true.into();
        let points = json!({"points": [{"id": entry.id, "vector": entry.vector, "payload": payload}]});
        let path = self.path("/points?wait=true");
        if self.client.put(&path, &points).await?.is_none() {
            self.create(entry.vector.len()).await?;
            let written = self.client.put(&path, &points).await?;
            written
                .ok_or_else(|| self.client.error("the collection was removed while it was written to; try again"))?;
        }
        Ok(())
    }

    /// Make the collection for vectors of `width`. Where another process was faster, it is there.
    async fn create(&self, width: usize) -> Result<()> {
        let vectors = json!({"vectors": {"size": width, "distance": "Cosine"}});
        match self.client.put(&self.path(""), &vectors).await {
            Err(_) if self.client.get(&self.path("")).await?.is_some() => Ok(()),
            made => made.map(drop),
        }
    }

    async fn closest(&self, wanted: &Wanted) -> Result<Option<(CacheEntry, f32)>> {
        let query = json!({"query": wanted.vector, "filter": filter_of(wanted), "limit": 1, "with_payload": true,
            "params": {"exact": true}});
        let Some(result) = self.client.post(&self.path("/points/query"), &query).await? else { return Ok(None) };
        let Some(point) = result["points"].get(0) else { return Ok(None) };
        let entry = serde_json::from_value(point["payload"].clone()).map_err(|error| self.client.error(error))?;
        let score = point["score"].as_f64().ok_or_else(|| self.client.error("a point without a score"))?;
        Ok(Some((entry, score as f32)))
    }

    async fn delete_one(&self, id: &str) -> Result<bool> {
        let is_uuid = id.len() == 36 && id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        if !is_uuid {
            return Ok(false);
        }
        self.delete(&json!({"must": [{"has_id": [id]}]})).await.map(|removed| removed > 0)
    }

    /// Remove what `filter` matches, and count it.
    async fn delete(&self, filter: &Value) -> Result<u64> {
        let count = json!({"filter": filter, "exact": true});
        let Some(result) = self.client.post(&self.path("/points/count"), &count).await? else { return Ok(0) };
        let removed = result["count"].as_u64().ok_or_else(|| self.client.error("a count without a number"))?;
        if removed > 0 {
            self.client.post(&self.path("/points/delete?wait=true"), &json!({"filter": filter})).await?;
        }
        Ok(removed)
    }

    async fn listed(&self, ticker: Option<&Ticker>) -> Result<Vec<CacheEntry>> {
        let filter = ticker.map_or(json!({}), |ticker| json!({"must": [is("ticker", ticker.as_str())]}));
        let (mut entries, mut offset) = (Vec::new(), Value::Null);
        loop {
            let page = json!({"filter": filter, "limit": PAGE, "offset": offset, "with_payload": true});
            let Some(mut result) = self.client.post(&self.path("/points/scroll"), &page).await? else { break };
            let points = result["points"].as_array().cloned().unwrap_or_default();
            // What does not read as an entry is of somebody else.
            let payloads = points.into_iter().map(|mut point| point["payload"].take());
            entries.extend(payloads.filter_map(|payload| serde_json::from_value::<CacheEntry>(payload).ok()));
            offset = result["next_page_offset"].take();
            if offset.is_null() {
                break;
            }
        }
        entries.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        Ok(entries)
    }
}

/// The condition that a key has a value.
fn is(key: &str, value: &str) -> Value {
    json!({"key": key, "match": {"value": value}})
}

fn filter_of(wanted: &Wanted) -> Value {
    let [first, last] = wanted.created.map(|moment: DateTime<Utc>| moment.timestamp());
    json!({"must": [
        is("ticker", wanted.scope.ticker.as_str()),
        is("last_bar", &wanted.scope.last_bar.to_string()),
        is("model_version", &wanted.scope.model_version),
        is("prompt_version", &wanted.scope.prompt_version),
        is("embedder", &wanted.embedder),
        is("content_words", wanted.content_words.as_str()),
        {"key": "created_at_ts", "range": {"gte": first, "lte": last}},
    ]})
}

/// Points of others stay, whatever is purged.
fn filter_of_purge(purge: &Purge) -> Value {
    let own = json!({"key": OWN, "match": {"value": true}});
    match purge {
        Purge::Before(moment) => json!({"must": [own, {"key": "created_at_ts", "range": {"lt": moment.timestamp()}}]}),
        Purge::Superseded { ticker, current } => {
            json!({"must": [own, is("ticker", ticker.as_str())], "must_not": [is("model_version", current)]})
        }
        Purge::Version(version) => json!({"must": [own, is("model_version", version)]}),
        Purge::All => json!({"must": [own]}),
    }
}

impl AnswerStore for QdrantAnswers {
    fn place(&self) -> String {
        format!("{} of {}", self.collection, self.client.address())
    }

    fn put<'a>(&'a self, entry: &'a CacheEntry) -> BoxFuture<'a, Result<()>> {
        self.upsert(entry).boxed()
    }

    fn nearest<'a>(&'a self, wanted: &'a Wanted) -> BoxFuture<'a, Result<Option<(CacheEntry, f32)>>> {
        self.closest(wanted).boxed()
    }

    fn remove<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool>> {
        self.delete_one(id).boxed()
    }

    fn purge<'a>(&'a self, purge: &'a Purge) -> BoxFuture<'a, Result<u64>> {
        async { self.delete(&filter_of_purge(purge)).await }.boxed()
    }

    fn entries<'a>(&'a self, ticker: Option<&'a Ticker>) -> BoxFuture<'a, Result<Vec<CacheEntry>>> {
        self.listed(ticker).boxed()
    }
}

#[cfg(test)]
mod tests;
