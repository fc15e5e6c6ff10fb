//! `stockops models`: versions in the registry.

use serde_json::json;
use stockops_core::pipeline::rollback;
use stockops_core::registry::{Alias, Version};
use stockops_core::{DirectoryRecord, Error, ModelRegistry, Ticker};

use super::print;
use crate::args::{Common, Models};
use crate::failure::Failure;
use crate::settings::{Settings, now};
use stockops_core::report::table;

pub(super) fn run(common: &Common, settings: &Settings, action: &Models) -> Result<(), Failure> {
    let registry = settings.registry()?;
    match action {
        Models::List { ticker } => list(common, &registry, ticker.as_ref()),
        Models::Show { ticker, version } => show(common, &registry, ticker, *version),
        Models::Promote { ticker, version } => chosen(common, ticker, &registry.promote(ticker, *version)?),
        Models::Rollback { ticker } => {
            let record = DirectoryRecord::open(&settings.home);
            chosen(common, ticker, &rollback(&registry, &record, ticker, now().date_naive())?)
        }
    }
}

fn list(common: &Common, registry: &dyn ModelRegistry, ticker: Option<&Ticker>) -> Result<(), Failure> {
    let tickers = match ticker {
        Some(ticker) => vec![ticker.clone()],
        None => registry.tickers()?,
    };
    let (mut versions, mut unreadable) = (Vec::new(), Vec::new());
    for one in tickers {
        match registry.versions(&one) {
            Ok(own) => versions.extend(own.into_iter().map(|version| (one.clone(), version))),
            // The others can still be listed.
            Err(error) if ticker.is_none() => unreadable.push((one, error)),
            Err(error) => return Err(error.into()),
        }
    }
    for (_, error) in &unreadable {
        eprintln!("warning: {error}");
    }
    if let (Some(ticker), true) = (ticker, versions.is_empty()) {
        return Err(unknown(ticker).into());
    }
    let entry = |(ticker, version): &(Ticker, Version)| {
        let mut entry = json!(version);
        entry["ticker"] = json!(ticker);
        entry
    };
    let mut document = json!({"versions": versions.iter().map(entry).collect::<Vec<_>>()});
    if !unreadable.is_empty() {
        let broken = |(ticker, error): &(Ticker, Error)| json!({"ticker": ticker, "problem": error.to_string()});
        document["unreadable"] = unreadable.iter().map(broken).collect();
    }
    print(common.json, &document, || {
        let head = ["version", "created", "strategy", "parent", "last seen day", "alias"].map(String::from).to_vec();
        let row = |(ticker, version): &(Ticker, Version)| {
            let parent = version.parent.clone().unwrap_or_else(|| "-".into());
            let id = format!("{ticker}@{}", version.version);
            let day = version.last_seen_day.to_string();
            vec![id, version.created.clone(), version.strategy.clone(), parent, day, marks(version)]
        };
        table(&std::iter::once(head).chain(versions.iter().map(row)).collect::<Vec<_>>())
    })
}

fn show(common: &Common, registry: &dyn ModelRegistry, ticker: &Ticker, version: Option<u32>) -> Result<(), Failure> {
    let number = match version {
        Some(number) => number,
        None => registry.champion(ticker)?.ok_or_else(|| unknown(ticker))?.version,
    };
    // Reading the bundle checks its hash, and names the versions there are where there is none of that number.
    registry.get(ticker, number)?;
    let versions = registry.versions(ticker)?;
    let found = versions.iter().find(|version| version.version == number).ok_or_else(|| unknown(ticker))?;
    print(common.json, found, || serde_json::to_string_pretty(found).unwrap_or_default())
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

fn unknown(ticker: &Ticker) -> Error {
    let hint = format!("train one with `stockops train-child {ticker} --bars FILE`");
    Error::NotFound { kind: "model", name: ticker.to_string(), hint }
}
