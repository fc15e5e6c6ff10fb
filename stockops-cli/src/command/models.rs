//! `stockops models`: versions in the registry.

use serde_json::json;
use stockops_core::registry::{Alias, Version};
use stockops_core::report::Table;
use stockops_core::service::{ListedVersion, Models as Listed};
use stockops_core::source::BuiltinSource;
use stockops_core::{Stockops, Ticker};

use super::print;
use crate::args::{Common, Models};
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, action: &Models) -> Result<(), Failure> {
    // No bars are read here.
    let stockops = settings.service(BuiltinSource)?;
    match action {
        Models::List { ticker } => list(common, &stockops, ticker.as_ref()),
        Models::Show { ticker, version } => {
            let found = stockops.model(ticker, *version)?;
            print(common.json, &found, || serde_json::to_string_pretty(&found).unwrap_or_default())
        }
        Models::Promote { ticker, version } => chosen(common, ticker, &stockops.promote(ticker, *version)?),
        Models::Rollback { ticker } => chosen(common, ticker, &stockops.rollback(ticker)?),
    }
}

fn list(common: &Common, stockops: &Stockops, ticker: Option<&Ticker>) -> Result<(), Failure> {
    let models = stockops.models(ticker)?;
    for broken in &models.unreadable {
        eprintln!("warning: {}", broken.problem);
    }
    print(common.json, &json!(models), || table(&models).to_string())
}

fn table(models: &Listed) -> Table {
    let mut table = Table::new(["version", "created", "strategy", "parent", "last seen day", "alias"]);
    table.extend(models.versions.iter().map(|ListedVersion { ticker, version }| {
        let parent = version.parent.clone().unwrap_or_else(|| "-".into());
        let id = format!("{ticker}@{}", version.version);
        let day = version.last_seen_day.to_string();
        vec![id, version.created.clone(), version.strategy.clone(), parent, day, marks(version)]
    }));
    table
}

fn chosen(common: &Common, ticker: &Ticker, version: &Version) -> Result<(), Failure> {
    print(common.json, version, || format!("{ticker}@{} is the champion", version.version))
}

fn marks(version: &Version) -> String {
    let alias = version.alias.iter().map(|alias| match alias {
        Alias::Champion => "champion",
        Alias::Challenger => "challenger",
    });
    alias.chain(version.unproven.then_some("unproven")).collect::<Vec<_>>().join(", ")
}
