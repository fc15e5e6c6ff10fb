//! `Item`: one item of news as a feed or a file has it, in any of the usual layouts.

use serde_json::{Map, Value};

use super::Headline;
use super::clean::{PUBLISHER, SUMMARY, TITLE, address, line};
use super::stamp::Stamp;

/// One item, its texts cleaned.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) title: String,
    pub(super) summary: String,
    pub(super) publisher: String,
    pub(super) url: String,
    pub(super) stamp: Option<Stamp>,
    /// The companies that it says it is about, in upper case; none where it does not say it.
    pub(super) tickers: Option<Vec<String>>,
}

// Names of the usual layouts (Finnhub, Yahoo's search, yfinance, Alpha Vantage, NewsAPI, Polygon), in lower case and without marks.
const TITLES: &[&str] = &["title", "headline"];
const SUMMARIES: &[&str] = &["summary", "description", "snippet"];
const PUBLISHERS: &[&str] = &["publisher", "source", "provider", "publishername", "site"];
const ADDRESSES: &[&str] = &["url", "link", "canonicalurl", "clickthroughurl", "articleurl"];
const STAMPS: &[&str] = &[
    "providerpublishtime",
    "datetime",
    "published",
    "publishedat",
    "pubdate",
    "publishedutc",
    "timepublished",
    "publishedon",
    "timestamp",
    "publishtime",
    "displaytime",
    "date",
    "time",
];
const TICKERS: &[&str] = &["relatedtickers", "related", "tickers", "symbols", "ticker", "symbol", "tickersentiment"];
/// Names under which an object holds the text that stands for it.
const INNER: &[&str] = &["displayname", "name", "title", "url", "ticker", "symbol"];

impl Item {
    /// The item that `value` is; without a title where it is no object.
    pub(super) fn of(value: &Value) -> Self {
        let fields = Fields::of(value);
        let text = |names: &'static [&str]| fields.find(names).and_then(text).unwrap_or_default();
        Self {
            title: line(&text(TITLES), TITLE),
            summary: line(&text(SUMMARIES), SUMMARY),
            publisher: line(&text(PUBLISHERS), PUBLISHER),
            url: address(&text(ADDRESSES)),
            stamp: fields.all(STAMPS).find_map(Stamp::of),
            tickers: fields.find(TICKERS).map(tickers).filter(|tickers| !tickers.is_empty()),
        }
    }

    /// What a reader sees; none without a date.
    pub(super) fn headline(&self) -> Option<Headline> {
        let Self { title, summary, publisher, url, stamp, .. } = self.clone();
        Some(Headline { title, summary, publisher, url, published: stamp?.published })
    }
}

/// The fields of an item, those of `content` within it first.
struct Fields<'a>(Vec<&'a Map<String, Value>>);

impl<'a> Fields<'a> {
    fn of(value: &'a Value) -> Self {
        let inner = value.get("content").and_then(Value::as_object);
        Self(inner.into_iter().chain(value.as_object()).collect())
    }

    /// The values of `names`, in the order of the names.
    fn all(&self, names: &'static [&str]) -> impl Iterator<Item = &'a Value> {
        let maps = self.0.clone();
        names.iter().flat_map(move |name| {
            let of_map = |map: &'a Map<String, Value>| map.iter().find(|(key, _)| plain(key) == *name).map(|(_, v)| v);
            maps.iter().filter_map(|map| of_map(map)).collect::<Vec<_>>()
        })
    }

    /// The first of them that says something.
    fn find(&self, names: &'static [&str]) -> Option<&'a Value> {
        self.all(names).find(|value| !value.is_null() && value.as_str() != Some(""))
    }
}

/// A name in lower case without marks: `published_at`, `publishedAt` and `Published At` are one.
pub(super) fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A text, or the text within an object.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(map) => {
            let of = |name: &&str| map.iter().find(|(key, value)| plain(key) == **name && value.is_string());
            INNER.iter().find_map(of).and_then(|(_, value)| value.as_str()).map(str::to_owned)
        }
        _ => None,
    }
}

/// A list of names, or names with commas between.
fn tickers(value: &Value) -> Vec<String> {
    let words: Vec<String> = match value {
        Value::Array(list) => list.iter().filter_map(text).collect(),
        other => text(other).map(|words| words.split([',', ';', ' ']).map(str::to_owned).collect()).unwrap_or_default(),
    };
    words.iter().map(|word| word.trim().to_ascii_uppercase()).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_usual_layouts_are_read_alike() {
        let layouts = [
            json!({"category": "company", "datetime": 1_767_627_000, "headline": "Up", "id": 1, "image": "", "related": "GOOG",
                "source": "Reuters", "summary": "S", "url": "https://example.com/a"}),
            json!({"uuid": "x", "title": "Up", "publisher": "Reuters", "link": "https://example.com/a", "summary": "S",
                "providerPublishTime": 1_767_627_000, "type": "STORY", "relatedTickers": ["GOOG"]}),
            json!({"id": "x", "content": {"title": "Up", "summary": "S", "pubDate": "2026-01-05T15:30:00Z",
                "provider": {"displayName": "Reuters"}, "canonicalUrl": {"url": "https://example.com/a"}}, "tickers": "GOOG"}),
            json!({"title": "Up", "url": "https://example.com/a", "time_published": "2026-01-05T15:30:00Z", "summary": "S",
                "source": "Reuters", "ticker_sentiment": [{"ticker": "GOOG", "relevance_score": "1"}]}),
            json!({"source": {"id": null, "name": "Reuters"}, "title": "Up", "description": "S",
                "url": "https://example.com/a", "publishedAt": "2026-01-05T15:30:00Z", "symbol": "goog"}),
            json!({"Title": "Up", "Description": "S", "Publisher": "Reuters", "Link": "https://example.com/a",
                "Published At": "Mon, 05 Jan 2026 15:30:00 GMT", "Symbols": "GOOG, GOOGL"}),
        ];
        let wanted = Item::of(&layouts[0]);
        assert_eq!((wanted.title.as_str(), wanted.publisher.as_str(), wanted.summary.as_str()), ("Up", "Reuters", "S"));
        for layout in &layouts {
            let item = Item::of(layout);
            assert_eq!(item.headline().unwrap(), wanted.headline().unwrap(), "{layout}");
            assert_eq!(item.tickers.unwrap()[0], "GOOG", "{layout}");
        }
    }

    #[test]
    fn what_is_missing_is_missing_and_no_default() {
        for value in [json!(null), json!([1]), json!("Up"), json!({}), json!({"title": 7})] {
            let item = Item::of(&value);
            assert!(item.title.is_empty() && item.headline().is_none() && item.tickers.is_none(), "{value}");
        }
        let second = json!({"title": "Up", "datetime": null, "published": "soon", "date": "2026-01-05"});
        assert!(Item::of(&second).stamp.is_some(), "the first stamp that can be read");
    }
}
