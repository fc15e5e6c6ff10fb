//! `stockops models`: versions in the registry.

use serde_json::{Value, json};
use stockops_core::registry::{Alias, Version, VersionId};
use stockops_core::report::Table;
use stockops_core::service::{ListedVersion, Models as Listed};
use stockops_core::source::BuiltinSource;
use stockops_core::{Stockops, Ticker};

use super::print;
use crate::args::{Common, Models};
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, action: &Models) -> Result<(), Failure> {
    // No bars are read here. A server of runs shows who is champion, so it hears of it.
    let stockops = match action {
        Models::List { .. } | Models::Show { .. } => settings.service(BuiltinSource)?,
        Models::Promote { .. } | Models::Rollback { .. } => settings.tracked_service(BuiltinSource)?,
    };
    match action {
        Models::List { ticker } => list(common, &stockops, ticker.as_ref()),
        Models::Show { ticker, version } => {
            let found = stockops.model(ticker, *version)?;
            print(common.json, &found, || serde_json::to_string_pretty(&found).unwrap_or_default())
        }
        Models::Promote { ticker, version, parent: true } => {
            let id = VersionId { ticker: ticker.clone(), version: *version };
            stockops.make_parent(&id)?;
            print(common.json, &json!({"parent": id}), || format!("{id} is the parent that children come from"))
        }
        Models::Promote { ticker, version, .. } => chosen(common, ticker, &stockops.promote(ticker, *version)?),
        Models::Rollback { ticker } => chosen(common, ticker, &stockops.rollback(ticker)?),
    }
}

fn list(common: &Common, stockops: &Stockops, ticker: Option<&Ticker>) -> Result<(), Failure> {
    let models = stockops.models(ticker)?;
    for broken in &models.unreadable {
        eprintln!("warning: {}", broken.problem);
    }
    print(common.json, &document(&models), || table(&models).to_string())
}

/// The versions, with `parent` among the names of the one that children come from.
fn document(models: &Listed) -> Value {
    let mut document = json!(models);
    for (entry, ListedVersion { ticker, version }) in
        document["versions"].as_array_mut().into_iter().flatten().zip(&models.versions)
    {
        let id = VersionId { ticker: ticker.clone(), version: version.version };
        if let (true, Some(alias)) = (models.parent == Some(id), entry["alias"].as_array_mut()) {
            alias.push("parent".into());
        }
    }
    document
}

/// All versions, and the shipped parent last.
fn table(models: &Listed) -> Table {
    let mut table = Table::new(["version", "created", "strategy", "parent", "last seen day", "alias"]);
    let named = |id: &VersionId, marks: Vec<&str>| {
        marks.into_iter().chain((models.parent.as_ref() == Some(id)).then_some("parent")).collect::<Vec<_>>().join(", ")
    };
    table.extend(models.versions.iter().map(|ListedVersion { ticker, version }| {
        let id = VersionId { ticker: ticker.clone(), version: version.version };
        let parent = version.parent.clone().unwrap_or_else(|| "-".into());
        let is_damaged = models
            .unreadable
            .iter()
            .any(|broken| broken.ticker == *ticker && broken.version.is_none_or(|number| number == version.version));
        let marks = marks(version).into_iter().chain(is_damaged.then_some("unreadable")).collect();
        let (day, marks) = (version.last_seen_day.to_string(), named(&id, marks));
        vec![id.to_string(), version.created.clone(), version.strategy.clone(), parent, day, marks]
    }));
    let shipped = &models.shipped;
    let id = VersionId { ticker: shipped.ticker.clone(), version: shipped.version };
    let (day, marks) = (shipped.last_seen_day.to_string(), named(&id, vec!["shipped"]));
    table.push([id.to_string(), "-".into(), shipped.strategy.to_string(), "-".into(), day, marks]);
    table
}

fn chosen(common: &Common, ticker: &Ticker, version: &Version) -> Result<(), Failure> {
    print(common.json, version, || format!("{ticker}@{} is the champion", version.version))
}

fn marks(version: &Version) -> Vec<&'static str> {
    let alias = version.alias.iter().map(|alias| match alias {
        Alias::Champion => "champion",
        Alias::Challenger => "challenger",
    });
    alias.chain(version.unproven.then_some("unproven")).collect()
}
