//! The items of a text in JSON, JSON lines or CSV.

use serde_json::{Map, Value};
use stockops_core::Ticker;

use super::item::{Item, plain};

/// Names under which an answer holds its list.
const LISTS: [&str; 8] = ["news", "articles", "headlines", "items", "feed", "results", "data", "stream"];

/// The items of `text` that may be about `ticker`; what is wrong with it as the error.
pub(super) fn items(text: &str, ticker: &Ticker) -> Result<Vec<Item>, String> {
    let begin = text.trim_start();
    if begin.is_empty() {
        return Err("it is empty; give a file with headlines".into());
    }
    let values = if begin.starts_with(['[', '{']) { json(text, ticker)? } else { csv(text)? };
    Ok(values.iter().map(Item::of).collect())
}

/// The list of an answer in JSON, or its lines.
fn json(text: &str, ticker: &Ticker) -> Result<Vec<Value>, String> {
    match serde_json::from_str(text) {
        Ok(whole) => list(&whole, ticker)
            .ok_or_else(|| format!("it holds no list of items; give a list, or one under {}", LISTS.join(", "))),
        // A second object in the text: there is one a line.
        Err(error) if text.trim_start().starts_with('{') && error.line() > 1 => lines(text),
        Err(error) => Err(format!("it is no JSON ({error}); correct the file")),
    }
}

fn lines(text: &str) -> Result<Vec<Value>, String> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = |(place, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|_| format!("line {} is no JSON; correct or remove it", place + 1))
    };
    lines.map(read).collect()
}

/// The items within `value`: a list, a list under a known name or under the ticker, or one item alone.
pub(super) fn list(value: &Value, ticker: &Ticker) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items.clone()),
        Value::Object(map) => {
            let named = |name: &str| map.iter().find(|(key, _)| plain(key) == name).map(|(_, inner)| inner);
            let own = map.iter().find(|(key, _)| key.eq_ignore_ascii_case(ticker.as_str())).map(|(_, inner)| inner);
            let inner = own.into_iter().chain(LISTS.iter().filter_map(|name| named(name)));
            let found =
                inner.filter(|inner| inner.is_array() || inner.is_object()).find_map(|inner| list(inner, ticker));
            let is_item = named("title").or(named("headline")).or(named("content")).is_some();
            let is_by_ticker = || !map.is_empty() && map.values().all(Value::is_array);
            found.or_else(|| is_item.then(|| vec![value.clone()])).or_else(|| is_by_ticker().then(Vec::new))
        }
        _ => None,
    }
}

/// The rows of a table; a name such as `provider.displayName` makes an object within.
fn csv(text: &str) -> Result<Vec<Value>, String> {
    let first = text.lines().next().unwrap_or_default();
    let count = |mark: char| first.matches(mark).count();
    let delimiter = [b'\t', b';', b','].into_iter().max_by_key(|mark| count(char::from(*mark))).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(false).from_reader(text.as_bytes());
    let head = reader.headers().map_err(|error| format!("its head cannot be read ({error})"))?.clone();
    if !head.iter().any(|name| ["title", "headline"].contains(&plain(name.rsplit('.').next().unwrap_or(name)).as_str()))
    {
        return Err(format!(
            "it has no column `title` or `headline`, but {}; name one so",
            head.iter().collect::<Vec<_>>().join(", ")
        ));
    }
    let row = |(place, row): (usize, csv::Result<csv::StringRecord>)| {
        let row = row.map_err(|error| format!("row {} cannot be read ({error}); correct or remove it", place + 2))?;
        let mut object = Map::new();
        head.iter().zip(row.iter()).for_each(|(name, cell)| put(&mut object, name.trim(), cell));
        Ok(Value::Object(object))
    };
    reader.records().enumerate().map(row).collect()
}

/// `cell` under `name`, whose dots lead into objects.
fn put(object: &mut Map<String, Value>, name: &str, cell: &str) {
    match name.split_once('.') {
        Some((outer, inner)) => {
            let nested = object.entry(outer).or_insert_with(|| Value::Object(Map::new()));
            if let Some(nested) = nested.as_object_mut() {
                put(nested, inner, cell);
            }
        }
        None => {
            object.insert(name.to_owned(), Value::String(cell.to_owned()));
        }
    }
}
