//! The shapes of MLflow's JSON.

use std::collections::BTreeMap;

use chrono::DateTime;
use serde_json::{Value, json};

use super::super::{Number, Point, Run, RunId, RunStatus};

/// Characters of a parameter or a tag that MLflow takes.
const MOST_CHARACTERS: usize = 5000;

/// Words as their list of keys and values.
pub(super) fn words(words: &BTreeMap<String, String>) -> Vec<Value> {
    let short = |word: &str| word.chars().take(MOST_CHARACTERS).collect::<String>();
    words.iter().map(|(key, value)| json!({"key": key, "value": short(value)})).collect()
}

/// Words from their list of keys and values.
pub(super) fn read_words(list_of: &Value) -> BTreeMap<String, String> {
    let pair = |one: &Value| Some((one["key"].as_str()?.to_owned(), one["value"].as_str()?.to_owned()));
    list(list_of, pair).into_iter().collect()
}

/// What `read` makes of each entry of a list; an answer without the list has none.
pub(super) fn list<T>(list: &Value, read: impl FnMut(&Value) -> Option<T>) -> Vec<T> {
    list.as_array().map(Vec::as_slice).unwrap_or_default().iter().filter_map(read).collect()
}

pub(super) fn metric(point: &Point) -> Value {
    json!({"key": point.metric, "value": point.value, "timestamp": point.time, "step": point.step})
}

pub(super) fn point(metric: &Value) -> Option<Point> {
    let value: Number = serde_json::from_value(metric["value"].clone()).ok()?;
    Some(Point {
        metric: metric["key"].as_str()?.to_owned(),
        value: as_logged(value),
        step: whole(&metric["step"]).unwrap_or(0) as u64,
        time: whole(&metric["timestamp"])?,
    })
}

/// A database keeps infinities as the largest number that there is.
fn as_logged(value: Number) -> Number {
    if value.0.abs() == f64::MAX { Number(f64::INFINITY.copysign(value.0)) } else { value }
}

/// A whole number, which protobuf writes as one or as a text.
fn whole(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

pub(super) fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "RUNNING",
        RunStatus::Finished => "FINISHED",
        RunStatus::Failed => "FAILED",
        RunStatus::Killed => "KILLED",
    }
}

/// A run of theirs as one of ours, without its files; `own` is the tag that names it.
pub(super) fn run(id: &RunId, run: &Value, own: &str) -> Option<Run> {
    let (info, data) = (&run["info"], &run["data"]);
    let status = match info["status"].as_str()? {
        "FINISHED" => RunStatus::Finished,
        "FAILED" => RunStatus::Failed,
        "KILLED" => RunStatus::Killed,
        _ => RunStatus::Running,
    };
    let time = |value: &Value| DateTime::from_timestamp_millis(whole(value)?);
    let mut tags = read_words(&data["tags"]);
    tags.retain(|name, _| name != own && !name.starts_with("mlflow."));
    let metrics = list(&data["metrics"], point).into_iter().map(|point| (point.metric, point.value));
    Some(Run {
        run_id: id.clone(),
        name: info["run_name"].as_str().unwrap_or_default().to_owned(),
        status,
        started: time(&info["start_time"])?,
        ended: time(&info["end_time"]).filter(|_| status != RunStatus::Running),
        params: read_words(&data["params"]),
        tags,
        metrics: metrics.collect(),
        artifacts: Vec::new(),
    })
}
