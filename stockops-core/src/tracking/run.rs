//! `Run`: one training, with what went in and what came out; `Batch`: a part of it, as it happens.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Number, RunId};

/// One training, with what went in and what came out. The history of its metrics is asked for by itself:
/// [`Tracker::points`](super::Tracker::points).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Run {
    /// Its name, which no other run has.
    pub run_id: RunId,
    /// A name for people, such as `GOOG freeze`.
    pub name: String,
    /// How it stands.
    pub status: RunStatus,
    /// When it began.
    pub started: DateTime<Utc>,
    /// When it ended; of one that was killed when that was found out.
    pub ended: Option<DateTime<Utc>>,
    /// What went in. A parameter never changes.
    pub params: BTreeMap<String, String>,
    /// What is said about it; the latest word counts.
    pub tags: BTreeMap<String, String>,
    /// The last value of each metric.
    pub metrics: BTreeMap<String, Number>,
    /// Names of the files that are kept with it.
    pub artifacts: Vec<String>,
}

/// How a run stands; the words are MLflow's, in small letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// It has begun and not ended.
    Running,
    /// It ended with a result.
    Finished,
    /// It ended with an error, or was stopped.
    Failed,
    /// Its process ended in the middle.
    Killed,
}

/// What happened in a run since the last batch. The same batch may be logged again, and says nothing twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Parameters. One that is known already keeps its first value.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, String>,
    /// Tags.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Values of metrics, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<Point>,
}

/// The value of a metric at a step. It is told apart by metric, step and time, so one that is sent again stays one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "MetricPoint"))]
pub struct Point {
    /// Which metric, such as `train_loss`.
    pub metric: String,
    /// Its value.
    pub value: Number,
    /// The epoch, from 1; 0 for what is said of the whole.
    pub step: u64,
    /// When it was measured, in milliseconds since 1970.
    pub time: i64,
}

impl Run {
    /// A run that begins `now`.
    pub fn begun(run_id: RunId, name: impl Into<String>, now: DateTime<Utc>) -> Self {
        Self {
            run_id,
            name: name.into(),
            status: RunStatus::Running,
            started: now,
            ended: None,
            params: BTreeMap::new(),
            tags: BTreeMap::new(),
            metrics: BTreeMap::new(),
            artifacts: Vec::new(),
        }
    }

    /// The run after `batch`.
    pub(super) fn take(&mut self, batch: &Batch) {
        for (name, value) in &batch.params {
            self.params.entry(name.clone()).or_insert_with(|| value.clone());
        }
        self.tags.extend(batch.tags.clone());
        self.metrics.extend(batch.points.iter().map(|point| (point.metric.clone(), point.value)));
    }
}

impl Batch {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.params.is_empty() && self.tags.is_empty() && self.points.is_empty()
    }

    /// The same with a tag.
    #[must_use]
    pub fn tag(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.tags.insert(name.to_owned(), value.to_string());
        self
    }

    /// The same with a parameter.
    #[must_use]
    pub fn param(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.params.insert(name.to_owned(), value.to_string());
        self
    }

    /// The same with the value of a metric.
    #[must_use]
    pub fn point(mut self, metric: &str, value: f64, step: u64, now: DateTime<Utc>) -> Self {
        let (value, time) = (Number(value), now.timestamp_millis());
        self.points.push(Point { metric: metric.to_owned(), value, step, time });
        self
    }

    /// This one and then `later`.
    pub(super) fn merge(&mut self, later: Self) {
        for (name, value) in later.params {
            self.params.entry(name).or_insert(value);
        }
        self.tags.extend(later.tags);
        self.points.extend(later.points);
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Killed => "killed",
        })
    }
}
