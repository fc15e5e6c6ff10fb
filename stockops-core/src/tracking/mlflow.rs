//! `Mlflow`: runs at a server of MLflow, by its REST API.

mod address;
mod client;
mod models;
#[cfg(test)]
mod standin;
#[cfg(test)]
mod tests;
mod wire;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

pub use address::Login;

use super::stored::unknown;
use super::{Batch, ModelServer, Point, Run, RunId, RunStatus, Tracker};
use crate::error::{Error, Refusal, Result};
use crate::storage::Key;
use address::Address;
use client::{Body, Client};

const API: &str = "api/2.0/mlflow";
const ARTIFACTS: &str = "api/2.0/mlflow-artifacts/artifacts";
/// The tag that tells which of our runs one of theirs is.
const TAG: &str = "stockops.run_id";
/// Values of metrics, and parameters or tags, that one call may carry.
const MOST_POINTS: usize = 1000;
const MOST_WORDS: usize = 100;
/// Runs in one answer, and values of a metric.
const PAGE: usize = 1000;
/// How often a request is sent whose answer is lost.
const ATTEMPTS: usize = 3;
/// Time for a request.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Runs at a server of MLflow, in one experiment, by its REST API; tested with MLflow 3.17. DagsHub is one such server.
///
/// A run of ours is found there by its tag `stockops.run_id`, so a call whose answer was lost is made again and makes no second run,
/// and a value that is sent again has its first step and time, which MLflow counts as the same. Its id there is another: the server
/// chooses it. Artifacts go through the server (`--serve-artifacts`, which is its default); where it keeps them elsewhere that is a
/// [`Refusal::NoArtifacts`].
///
/// # Example
///
/// ```no_run
/// use stockops_core::tracking::{Login, Mlflow, Tracker};
///
/// let server = Mlflow::new("http://127.0.0.1:5000", "stockops", &Login::default())?;
/// for id in server.ids()? {
///     println!("{}", server.run(&id)?.name);
/// }
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Mlflow {
    client: Client,
    experiment: String,
    /// The id of the experiment, and their ids of our runs, once they are known.
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    experiment: Option<String>,
    runs: HashMap<RunId, String>,
}

impl Mlflow {
    /// The experiment of that name at `uri`; nothing is asked yet.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where `uri` is no address of HTTP.
    pub fn new(uri: &str, experiment: &str, login: &Login) -> Result<Self> {
        let client = Client::new(Address::new(uri, login)?, TIMEOUT);
        Ok(Self { client, experiment: experiment.to_owned(), known: Mutex::default() })
    }

    /// The same with another limit of time for each request; the default is 10 seconds.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        Self { client: self.client.with_timeout(timeout), ..self }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Value> {
        self.client.get(&format!("{API}/{path}"), query)
    }

    fn post(&self, path: &str, body: Value) -> Result<Value> {
        self.client.send(&format!("{API}/{path}"), Body::Json(&body))
    }

    /// [`post`](Self::post) what may be said twice: where the answer is lost it is sent again.
    fn say(&self, path: &str, body: Value) -> Result<()> {
        self.again(|| self.post(path, body.clone()).map(drop))
    }

    /// The same for what takes something away.
    fn unsay(&self, path: &str, body: &Value) -> Result<()> {
        self.again(|| match self.client.send(&format!("{API}/{path}"), Body::Delete(body)) {
            // It is gone, which is what was wanted.
            Err(Error::Tracker { refusal: Refusal::Gone { .. }, .. }) => Ok(()),
            answer => answer.map(drop),
        })
    }

    /// Do `work` again where its answer was lost.
    fn again(&self, work: impl Fn() -> Result<()>) -> Result<()> {
        for _ in 1..ATTEMPTS {
            match work() {
                Err(Error::Tracker { refusal: Refusal::Offline { .. }, .. }) => {}
                answer => return answer,
            }
        }
        work()
    }

    /// The id of the experiment, which is made where there is none.
    fn experiment(&self) -> Result<String> {
        if let Some(id) = &self.known().experiment {
            return Ok(id.clone());
        }
        let id = match self.experiment_there()? {
            Some(id) => id,
            None => match self.post("experiments/create", json!({"name": self.experiment})) {
                Ok(made) => self.word(&made["experiment_id"])?,
                // Somebody else was faster, or it was made and the answer was lost.
                Err(error) => self.experiment_there()?.ok_or(error)?,
            },
        };
        self.known().experiment = Some(id.clone());
        Ok(id)
    }

    fn experiment_there(&self) -> Result<Option<String>> {
        match self.get("experiments/get-by-name", &[("experiment_name", &self.experiment)]) {
            Ok(found) if found["experiment"]["lifecycle_stage"] == "deleted" => {
                let message = format!("the experiment `{}` was deleted", self.experiment);
                Err(self.client.refused(Refusal::Gone { message }))
            }
            Ok(found) => self.word(&found["experiment"]["experiment_id"]).map(Some),
            Err(Error::Tracker { refusal: Refusal::Gone { .. }, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Their id of a run, if it is there.
    fn find(&self, id: &RunId) -> Result<Option<String>> {
        if let Some(known) = self.known().runs.get(id) {
            return Ok(Some(known.clone()));
        }
        let Some(experiment) = self.experiment_there()? else { return Ok(None) };
        let filter = format!("tags.\"{TAG}\" = '{id}'");
        let order = ["attributes.start_time ASC"];
        let body = json!({"experiment_ids": [experiment], "filter": filter, "max_results": 1, "order_by": order});
        let found = self.post("runs/search", body)?;
        let Some(run) = found["runs"].get(0) else { return Ok(None) };
        let theirs = self.word(&run["info"]["run_id"])?;
        self.known().runs.insert(id.clone(), theirs.clone());
        Ok(Some(theirs))
    }

    /// Their id of a run that is there.
    fn theirs(&self, id: &RunId) -> Result<String> {
        self.find(id)?.ok_or_else(|| unknown("run", id.as_str()))
    }

    fn read(&self, theirs: &str) -> Result<Value> {
        let mut found = self.get("runs/get", &[("run_id", theirs)])?;
        Ok(found["run"].take())
    }

    fn word(&self, value: &Value) -> Result<String> {
        let missing =
            || self.client.refused(Refusal::NotJson { begins: "an answer without what was asked for".into() });
        value.as_str().map(str::to_owned).ok_or_else(missing)
    }

    /// The path of the artifacts of a run, below the server's own.
    fn artifacts_of(&self, run: &Value) -> Result<String> {
        let uri = self.word(&run["info"]["artifact_uri"])?;
        match uri.strip_prefix("mlflow-artifacts:") {
            Some(path) => Ok(path.trim_start_matches('/').to_owned()),
            None => Err(self.client.refused(Refusal::NoArtifacts { uri })),
        }
    }

    /// The names of the files of a run.
    fn names(&self, theirs: &str) -> Result<Vec<String>> {
        let found = self.get("artifacts/list", &[("run_id", theirs)])?;
        let mut names: Vec<String> = wire::list(&found["files"], |file| file["path"].as_str().map(str::to_owned));
        names.sort_unstable();
        Ok(names)
    }

    /// All values of one metric.
    fn history(&self, theirs: &str, metric: &str) -> Result<Vec<Point>> {
        let (mut points, mut token) = (Vec::new(), String::new());
        let page = PAGE.to_string();
        loop {
            let mut query = vec![("run_id", theirs), ("metric_key", metric), ("max_results", page.as_str())];
            query.extend((!token.is_empty()).then_some(("page_token", token.as_str())));
            let found = self.get("metrics/get-history", &query)?;
            points.extend(wire::list(&found["metrics"], wire::point));
            match found["next_page_token"].as_str() {
                Some(next) if !next.is_empty() => token = next.to_owned(),
                _ => return Ok(points),
            }
        }
    }
}

impl Tracker for Mlflow {
    fn place(&self) -> String {
        format!("{} ({})", self.client.place(), self.experiment)
    }

    fn begin(&self, run: &Run) -> Result<()> {
        let theirs = match self.find(&run.run_id)? {
            Some(theirs) => theirs,
            None => {
                let mut tags = run.tags.clone();
                tags.insert(TAG.into(), run.run_id.to_string());
                tags.insert("mlflow.source.name".into(), "stockops".into());
                let body = json!({
                    "experiment_id": self.experiment()?,
                    "run_name": run.name,
                    "start_time": run.started.timestamp_millis(),
                    "tags": wire::words(&tags),
                });
                match self.post("runs/create", body) {
                    Ok(made) => self.word(&made["run"]["info"]["run_id"])?,
                    // It may have been made, and must not be twice.
                    Err(error) => self.find(&run.run_id)?.ok_or(error)?,
                }
            }
        };
        self.known().runs.insert(run.run_id.clone(), theirs);
        let batch = Batch { params: run.params.clone(), ..Batch::default() };
        if batch.is_empty() { Ok(()) } else { self.log(&run.run_id, &batch) }
    }

    fn log(&self, id: &RunId, batch: &Batch) -> Result<()> {
        let theirs = self.theirs(id)?;
        let mut params = batch.params.clone();
        if !params.is_empty() {
            // MLflow refuses another value of a parameter.
            let known: BTreeMap<String, String> = wire::read_words(&self.read(&theirs)?["data"]["params"]);
            params.retain(|name, _| !known.contains_key(name));
        }
        for params in wire::words(&params).chunks(MOST_WORDS) {
            self.say("runs/log-batch", json!({"run_id": theirs, "params": params}))?;
        }
        for tags in wire::words(&batch.tags).chunks(MOST_WORDS) {
            self.say("runs/log-batch", json!({"run_id": theirs, "tags": tags}))?;
        }
        for points in batch.points.chunks(MOST_POINTS) {
            let metrics: Vec<Value> = points.iter().map(wire::metric).collect();
            self.say("runs/log-batch", json!({"run_id": theirs, "metrics": metrics}))?;
        }
        Ok(())
    }

    fn keep(&self, id: &RunId, name: &str, bytes: &[u8]) -> Result<()> {
        let theirs = self.theirs(id)?;
        let key = Key::new(name)?;
        let path = format!("{ARTIFACTS}/{}/{key}", self.artifacts_of(&self.read(&theirs)?)?);
        self.again(|| self.client.send(&path, Body::Bytes(bytes)).map(drop))
    }

    fn end(&self, id: &RunId, status: RunStatus, now: DateTime<Utc>) -> Result<()> {
        let theirs = self.theirs(id)?;
        let status = wire::status(status);
        self.say("runs/update", json!({"run_id": theirs, "status": status, "end_time": now.timestamp_millis()}))
    }

    fn run(&self, id: &RunId) -> Result<Run> {
        let theirs = self.theirs(id)?;
        let found = self.read(&theirs)?;
        let not_ours =
            || self.client.refused(Refusal::NotJson { begins: format!("a run that cannot be read: {theirs}") });
        let run = wire::run(id, &found, TAG).ok_or_else(not_ours)?;
        Ok(Run { artifacts: self.names(&theirs)?, ..run })
    }

    fn points(&self, id: &RunId) -> Result<Vec<Point>> {
        let theirs = self.theirs(id)?;
        let metrics = wire::list(&self.read(&theirs)?["data"]["metrics"], wire::point);
        let mut points = Vec::new();
        for metric in metrics {
            points.extend(self.history(&theirs, &metric.metric)?);
        }
        points.sort_by_key(|point| (point.step, point.time));
        Ok(points)
    }

    fn artifact(&self, id: &RunId, name: &str) -> Result<Vec<u8>> {
        let theirs = self.theirs(id)?;
        if !self.names(&theirs)?.iter().any(|known| known == name) {
            return Err(unknown("artifact", &format!("{id}/{name}")));
        }
        self.client.get_bytes(&format!("{ARTIFACTS}/{}/{name}", self.artifacts_of(&self.read(&theirs)?)?), &[])
    }

    fn ids(&self) -> Result<Vec<RunId>> {
        let Some(experiment) = self.experiment_there()? else { return Ok(Vec::new()) };
        let (mut ids, mut token) = (Vec::new(), String::new());
        loop {
            let body = json!({"experiment_ids": [experiment], "max_results": PAGE, "page_token": token});
            let found = self.post("runs/search", body)?;
            ids.extend(wire::list(&found["runs"], |run| {
                wire::read_words(&run["data"]["tags"]).get(TAG)?.parse::<RunId>().ok()
            }));
            match found["next_page_token"].as_str() {
                Some(next) if !next.is_empty() => token = next.to_owned(),
                _ => break,
            }
        }
        ids.sort_unstable_by(|one, other| other.cmp(one));
        Ok(ids)
    }

    fn end_killed(&self, _: DateTime<Utc>) -> Result<Vec<RunId>> {
        // A server does not know whose process lives. The runs at home do, and say so when they are sent.
        Ok(Vec::new())
    }

    fn models(&self) -> Option<&dyn ModelServer> {
        Some(self)
    }
}
