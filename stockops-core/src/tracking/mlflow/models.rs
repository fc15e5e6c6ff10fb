//! Versions in the registry of MLflow: a registered model for each ticker, with names (aliases) and not stages.

use serde_json::{Value, json};

use super::{Mlflow, wire};
use crate::error::{Error, Refusal, Result};
use crate::market::Ticker;
use crate::tracking::models::{ALIASES, ModelServer, ShownVersion};

/// The tags that tell which version of ours one of theirs is. Two homes may count the same numbers, so the run is named too.
const VERSION: &str = "stockops.version";
const RUN: &str = "stockops.run_id";

impl Mlflow {
    /// The registered model of a ticker: the experiment and the ticker, joined by a point, with `-` for each `/`, `:` and `'`.
    pub fn model_name(&self, ticker: &Ticker) -> String {
        // MLflow takes neither of the first two in the name of a model, and no quote in a filter.
        format!("{}.{ticker}", self.experiment.replace(['/', ':', '\''], "-"))
    }

    /// Make the registered model where there is none.
    fn make_model(&self, name: &str) -> Result<()> {
        let there = || self.get("registered-models/get", &[("name", name)]).map(drop);
        match there() {
            Err(Error::Tracker { refusal: Refusal::Gone { .. }, .. }) => {}
            answer => return answer,
        }
        let made = self.post("registered-models/create", json!({"name": name}));
        // Somebody else was faster, or it was made and the answer was lost.
        made.map(drop).or_else(|error| there().map_err(|_| error))
    }

    /// Their number of a version that is there.
    fn number_of(&self, name: &str, version: &ShownVersion) -> Result<Option<String>> {
        let filter = format!("name='{name}' and tags.\"{VERSION}\" = '{}'", version.id);
        let found = self.get("model-versions/search", &[("filter", &filter), ("max_results", "1000")])?;
        let is_ours =
            |one: &&Value| wire::read_words(&one["tags"]).get(RUN).is_some_and(|run| run == version.run.as_str());
        let ours = found["model_versions"].as_array().into_iter().flatten().find(is_ours);
        ours.map(|one| self.word(&one["version"])).transpose()
    }
}

impl ModelServer for Mlflow {
    fn show(&self, version: &ShownVersion) -> Result<String> {
        let name = self.model_name(&version.id.ticker);
        self.make_model(&name)?;
        if let Some(number) = self.number_of(&name, version)? {
            return Ok(number);
        }
        let run = self.theirs(&version.run)?;
        // MLflow's clients download a source as a folder: that of the run, which holds the bundle.
        let source = self.word(&self.read(&run)?["info"]["artifact_uri"])?;
        let own = [(VERSION, version.id.to_string()), (RUN, version.run.to_string())];
        let tags: Vec<Value> =
            own.iter().chain(&version.tags).map(|(key, value)| json!({"key": key, "value": value})).collect();
        let body = json!({"name": name, "source": source, "run_id": run, "tags": tags});
        match self.post("model-versions/create", body) {
            Ok(made) => self.word(&made["model_version"]["version"]),
            // It may have been made, and must not be twice.
            Err(error) => self.number_of(&name, version)?.ok_or(error),
        }
    }

    fn named(&self, ticker: &Ticker, alias: &str) -> Result<Option<String>> {
        let name = self.model_name(ticker);
        match self.get("registered-models/alias", &[("name", &name), ("alias", alias)]) {
            Ok(found) => self.word(&found["model_version"]["version"]).map(Some),
            // A name that nothing has, or whose version is gone.
            Err(Error::Tracker { refusal: Refusal::Gone { .. }, .. }) => Ok(None),
            Err(Error::Tracker { refusal: Refusal::Rejected { message, .. }, .. }) if message.contains("not found") => {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn name(&self, ticker: &Ticker, alias: &str, number: &str) -> Result<()> {
        let name = self.model_name(ticker);
        self.say("registered-models/alias", json!({"name": name, "alias": alias, "version": number}))
    }

    fn unname(&self, ticker: &Ticker, alias: &str) -> Result<()> {
        if self.named(ticker, alias)?.is_none() {
            return Ok(());
        }
        self.unsay("registered-models/alias", &json!({"name": self.model_name(ticker), "alias": alias}))
    }

    fn hide(&self, ticker: &Ticker, number: &str) -> Result<bool> {
        let name = self.model_name(ticker);
        let found = match self.get("model-versions/get", &[("name", &name), ("version", number)]) {
            Err(Error::Tracker { refusal: Refusal::Gone { .. }, .. }) => return Ok(true),
            found => found?,
        };
        let aliases = wire::list(&found["model_version"]["aliases"], |alias| alias.as_str().map(str::to_owned));
        if aliases.iter().any(|alias| !ALIASES.contains(&alias.as_str())) {
            return Ok(false);
        }
        // Some servers leave names out of that answer, and a name would outlive its version.
        for alias in ALIASES {
            if self.named(ticker, alias)?.as_deref() == Some(number) {
                self.unname(ticker, alias)?;
            }
        }
        self.unsay("model-versions/delete", &json!({"name": name, "version": number})).map(|()| true)
    }
}
