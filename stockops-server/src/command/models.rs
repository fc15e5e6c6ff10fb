//! `stockops models`: versions in the registry.

use serde_json::{Value, json};
use stockops_core::pipeline::{PARENT_TICKER, make_parent, parent_id, rollback, shipped_parent};
use stockops_core::registry::{Alias, Version, VersionId};
use stockops_core::{DirectoryRecord, Error, ModelRegistry, Ticker};

use super::print;
use crate::args::{Common, Models};
use crate::failure::Failure;
use crate::format::table;
use crate::settings::{Settings, now};

pub(super) fn run(common: &Common, settings: &Settings, action: &Models) -> Result<(), Failure> {
    let registry = settings.registry()?;
    match action {
        Models::List { ticker } => list(common, settings, &registry, ticker.as_ref()),
        Models::Show { ticker, version } => show(common, &registry, ticker, *version),
        Models::Promote { ticker, version, parent: true } => parent(common, &registry, ticker, *version),
        Models::Promote { ticker, version, .. } => chosen(common, ticker, &registry.promote(ticker, *version)?),
        Models::Rollback { ticker } => {
            let record = DirectoryRecord::open(&settings.home);
            chosen(common, ticker, &rollback(&registry, &record, ticker, now().date_naive())?)
        }
    }
}

fn list(
    common: &Common,
    settings: &Settings,
    registry: &dyn ModelRegistry,
    ticker: Option<&Ticker>,
) -> Result<(), Failure> {
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
    let parent = match parent_id(registry) {
        Ok(parent) => parent.to_string(),
        // That of a manifest that cannot be read, which is among the warnings.
        Err(_) if !unreadable.is_empty() => "unknown".into(),
        Err(error) => return Err(error.into()),
    };
    let id = |(ticker, version): &(Ticker, Version)| format!("{ticker}@{}", version.version);
    let entry = |one: &(Ticker, Version)| {
        let mut entry = json!(one.1);
        entry["ticker"] = json!(one.0);
        if let (true, Some(alias)) = (id(one) == parent, entry["alias"].as_array_mut()) {
            alias.push("parent".into());
        }
        entry
    };
    let shipped = shipped(settings)?;
    let mut document = json!({
        "versions": versions.iter().map(entry).collect::<Vec<_>>(),
        "parent": parent,
        "shipped": shipped,
    });
    if !unreadable.is_empty() {
        let broken = |(ticker, error): &(Ticker, Error)| json!({"ticker": ticker, "problem": error.to_string()});
        document["unreadable"] = unreadable.iter().map(broken).collect();
    }
    print(common.json, &document, || {
        let head = ["version", "created", "strategy", "parent", "last seen day", "alias"].map(String::from).to_vec();
        let mark = |id: &str, marks: Vec<&str>| {
            marks.into_iter().chain((id == parent).then_some("parent")).collect::<Vec<_>>().join(", ")
        };
        let row = |one: &(Ticker, Version)| {
            let (id, version) = (id(one), &one.1);
            let (own, day) = (version.parent.clone().unwrap_or_else(|| "-".into()), version.last_seen_day.to_string());
            let marks = mark(&id, marks(version));
            vec![id, version.created.clone(), version.strategy.clone(), own, day, marks]
        };
        let text = |key: &str| shipped[key].as_str().unwrap_or_default().to_string();
        let name = format!("{}@0", text("ticker"));
        let marks = mark(&name, vec!["shipped"]);
        let last = vec![name, "-".into(), text("strategy"), "-".into(), text("last_seen_day"), marks];
        table(&std::iter::once(head).chain(versions.iter().map(row)).chain([last]).collect::<Vec<_>>())
    })
}

/// What is known about the parent that ships with the program.
fn shipped(settings: &Settings) -> Result<Value, Failure> {
    let parent = shipped_parent(settings.device)?;
    let about = parent.about();
    Ok(json!({
        "ticker": PARENT_TICKER,
        "version": 0,
        "strategy": about.strategy,
        "last_seen_day": about.last_seen_day,
        "trained_on": about.trained_on,
    }))
}

fn parent(common: &Common, registry: &dyn ModelRegistry, ticker: &Ticker, version: u32) -> Result<(), Failure> {
    let id = VersionId { ticker: ticker.clone(), version };
    make_parent(registry, &id)?;
    print(common.json, &json!({"parent": id.to_string()}), || format!("{id} is the parent that children come from"))
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

fn marks(version: &Version) -> Vec<&'static str> {
    let alias = version.alias.iter().map(|alias| match alias {
        Alias::Champion => "champion",
        Alias::Challenger => "challenger",
    });
    alias.chain(version.unproven.then_some("unproven")).collect()
}

fn unknown(ticker: &Ticker) -> Error {
    let hint = format!("train one with `stockops train-child {ticker} --bars FILE`");
    Error::NotFound { kind: "model", name: ticker.to_string(), hint }
}
