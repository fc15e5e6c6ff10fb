//! `stockops runs`: trainings, what went in and what came out.

use std::collections::BTreeSet;

use serde_json::json;
use stockops_core::report::Table;
use stockops_core::service::RunDetail;
use stockops_core::source::BuiltinSource;
use stockops_core::tracking::{Mirrored, Run, Synced};

use super::print;
use crate::args::{Common, Runs};
use crate::failure::Failure;
use crate::settings::Settings;

/// Metrics in the list.
const SHOWN: [&str; 3] = ["val_loss", "val_rmse", "train_time"];

pub(super) fn run(common: &Common, settings: &Settings, action: &Runs) -> Result<(), Failure> {
    // No bars are read here.
    let stockops = settings.service(BuiltinSource)?;
    match action {
        Runs::List { ticker, most } => {
            let of_ticker =
                |run: &Run| ticker.as_ref().is_none_or(|ticker| run.tags.get("ticker") == Some(&ticker.to_string()));
            let mut runs = stockops.runs(if ticker.is_some() { usize::MAX } else { *most })?;
            runs.retain(of_ticker);
            runs.truncate(*most);
            print(common.json, &json!({"runs": runs}), || list(&runs).to_string())
        }
        Runs::Show { run } => {
            let found = stockops.run(run)?;
            print(common.json, &found, || detail(&found))
        }
        Runs::Compare { runs } => {
            let found = runs.iter().map(|run| Ok(stockops.run(run)?.run)).collect::<Result<Vec<Run>, Failure>>()?;
            print(common.json, &json!({"runs": found}), || compared(&found).to_string())
        }
        Runs::Sync => {
            let synced = settings.tracked_service(BuiltinSource)?.sync_runs()?;
            let failure = undone(&synced);
            let document = Failure::beside(failure.as_ref(), json!(synced));
            print(common.json, &document, || sent(&synced))?;
            failure.map_or(Ok(()), Err)
        }
    }
}

/// What was not sent.
fn undone(synced: &Synced) -> Option<Failure> {
    if let Some(first) = synced.failed.first() {
        return Some(unsent(synced, &first.message));
    }
    // A server without a registry has all that it takes.
    let refused = synced.models.as_ref()?.refused.as_ref().filter(|refused| refused.kind != "no_api")?;
    Some(Failure::undone("tracker", format!("versions could not be shown: {}", refused.message)))
}

fn list(runs: &[Run]) -> Table {
    let mut table = Table::new(["run", "name", "status", "version"].into_iter().chain(SHOWN));
    table.extend(runs.iter().map(|run| {
        let metric = |name: &&str| run.metrics.get(*name).map_or("-".into(), ToString::to_string);
        let version = run.tags.get("version").cloned().unwrap_or_else(|| "-".into());
        let words = [run.run_id.to_string(), run.name.clone(), run.status.to_string(), version];
        words.into_iter().chain(SHOWN.iter().map(metric)).collect::<Vec<_>>()
    }));
    table
}

fn detail(found: &RunDetail) -> String {
    let run = &found.run;
    let ended = run.ended.map_or("not yet".into(), |ended| ended.to_rfc3339());
    let mut lines = vec![
        format!("{} {}: {}, began {}, ended {ended}", run.run_id, run.name, run.status, run.started.to_rfc3339()),
        "went in".into(),
    ];
    lines.extend(run.params.iter().map(|(name, value)| format!("  {name} = {value}")));
    lines.push("came out".into());
    lines.extend(run.metrics.iter().map(|(name, value)| format!("  {name} = {value}")));
    lines.extend(run.tags.iter().map(|(name, value)| format!("  {name}: {value}")));
    if !run.artifacts.is_empty() {
        lines.push(format!("  files: {}", run.artifacts.join(", ")));
    }
    let epochs: BTreeSet<u64> = found.points.iter().map(|point| point.step).filter(|step| *step > 0).collect();
    if !epochs.is_empty() {
        lines.push(by_epoch(found, &epochs).to_string());
    }
    lines.join("\n")
}

/// The metrics of each epoch, side by side.
fn by_epoch(found: &RunDetail, epochs: &BTreeSet<u64>) -> Table {
    let of_epochs = found.points.iter().filter(|point| point.step > 0);
    let metrics: BTreeSet<&str> = of_epochs.map(|point| point.metric.as_str()).collect();
    let mut table = Table::new(std::iter::once("epoch").chain(metrics.iter().copied()));
    table.extend(epochs.iter().map(|epoch| {
        let value = |metric: &&str| {
            let last = found.points.iter().rfind(|point| point.step == *epoch && point.metric == *metric);
            last.map_or("-".to_owned(), |point| point.value.to_string())
        };
        std::iter::once(epoch.to_string()).chain(metrics.iter().map(value)).collect::<Vec<_>>()
    }));
    table
}

/// Parameters and metrics that differ, a column a run.
fn compared(runs: &[Run]) -> Table {
    let mut table = Table::new(std::iter::once("").chain(runs.iter().map(|run| run.run_id.as_str())));
    let mut row = |name: &str, value: &dyn Fn(&Run) -> Option<String>, is_always: bool| {
        let cells: Vec<Option<String>> = runs.iter().map(value).collect();
        if is_always || cells.iter().any(|cell| *cell != cells[0]) {
            let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "-".into()));
            table.push(std::iter::once(name.to_owned()).chain(cells));
        }
    };
    row("name", &|run| Some(run.name.clone()), true);
    row("status", &|run| Some(run.status.to_string()), true);
    let names = |of: fn(&Run) -> Vec<&String>| runs.iter().flat_map(of).cloned().collect::<BTreeSet<String>>();
    for name in names(|run| run.params.keys().collect()) {
        row(&name, &|run| run.params.get(&name).cloned(), false);
    }
    for name in names(|run| run.metrics.keys().collect()) {
        row(&name, &|run| run.metrics.get(&name).map(ToString::to_string), false);
    }
    table
}

fn sent(synced: &Synced) -> String {
    let Synced { server, sent, unchanged, failed, left, models } = synced;
    let mut lines = vec![format!("{} sent to {server}, {unchanged} there already", runs(sent.len()))];
    lines.extend(failed.iter().map(|unsent| format!("{}: {}", unsent.run_id, unsent.message)));
    lines.extend((*left > 0).then(|| format!("{} not tried", runs(*left))));
    lines.extend(models.iter().map(shown));
    lines.join("\n")
}

/// Versions at the server's registry.
fn shown(models: &Mirrored) -> String {
    let Mirrored { shown, names, hidden, waiting, refused } = models;
    let changes = format!("versions: {} shown, {names} names changed, {hidden} taken away", shown.len());
    let waits = (*waiting > 0).then(|| format!("{waiting} wait for a run"));
    let refused = refused.as_ref().map(|refused| refused.message.clone());
    std::iter::once(changes).chain(waits).chain(refused).collect::<Vec<_>>().join("; ")
}

fn unsent(synced: &Synced, first: &str) -> Failure {
    let count = synced.failed.len() + synced.left;
    Failure::undone("tracker", format!("{} could not be sent; the first: {first}", runs(count)))
}

fn runs(count: usize) -> String {
    format!("{count} run{}", if count == 1 { "" } else { "s" })
}
