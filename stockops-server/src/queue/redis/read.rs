//! Answers of the script as tasks and entries.

use std::collections::BTreeMap;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::Value as Json;

use super::super::{Depth, Entry, Lane, State, Task};

/// What was read, or what is wrong with it.
pub(super) type Read<R> = Result<R, String>;

/// Fields by name, each as text.
struct Fields(BTreeMap<String, String>);

impl Fields {
    fn new(json: &str) -> Read<Self> {
        serde_json::from_str(json).map(Self).map_err(|error| format!("an answer cannot be read ({error})"))
    }

    fn text(&self, name: &str) -> Option<String> {
        self.0.get(name).cloned()
    }

    fn read<V>(&self, name: &str, read: impl Fn(&str) -> Option<V>) -> Read<Option<V>> {
        let unknown = || format!("`{name}` of a task is unknown to this program");
        self.0.get(name).map(|text| read(text).ok_or_else(unknown)).transpose()
    }

    fn known<V>(&self, name: &str, read: impl Fn(&str) -> Option<V>) -> Read<V> {
        self.read(name, read)?.ok_or_else(|| format!("`{name}` of a task is missing"))
    }
}

fn number<N: FromStr>(text: &str) -> Option<N> {
    text.parse().ok()
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis(number(text)?)
}

fn json(text: &str) -> Option<Json> {
    serde_json::from_str(text).ok()
}

pub(super) fn task(text: &str) -> Read<Task> {
    let fields = Fields::new(text)?;
    let word = |name: &str| fields.known(name, |text| Some(text.to_owned()));
    Ok(Task {
        id: word("id")?,
        alias: word("alias")?,
        key: word("key")?,
        lane: fields.known("lane", |text| Lane::of_number(number(text)?))?,
        owner: fields.text("owner"),
        work: fields.known("work", json)?,
        state: fields.known("state", State::of_word)?,
        attempts: fields.known("attempts", number)?,
        token: fields.known("token", number)?,
        worker: fields.text("worker"),
        cancel: fields.text("cancel").is_some_and(|cancel| cancel == "1"),
        created: fields.known("created", moment)?,
        due: fields.known("due", moment)?,
        behind: fields.text("behind"),
        taken: fields.read("taken", moment)?,
        ended: fields.read("ended", moment)?,
        result: fields.read("result", json)?,
        error: fields.text("error"),
        last_entry: fields.known("last_entry", number)?,
    })
}

pub(super) fn entry(text: &str) -> Read<Entry> {
    let fields = Fields::new(text)?;
    Ok(Entry {
        seq: fields.known("seq", number)?,
        at: fields.known("at", moment)?,
        kind: fields.text("kind").unwrap_or_default(),
        body: fields.known("body", json)?,
    })
}

/// Two lanes, what runs, and since when the oldest is due.
pub(super) fn depth(counts: &[String]) -> Read<Depth> {
    let [interactive, nightly, running, oldest] = counts else { return Err("four counts were wanted".into()) };
    let count = |text: &String| number(text).ok_or_else(|| format!("{text} is no count"));
    Ok(Depth {
        interactive: count(interactive)?,
        nightly: count(nightly)?,
        running: count(running)?,
        oldest_due: moment(oldest),
    })
}
