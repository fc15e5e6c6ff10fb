//! The subcommands: each resolves its settings, calls the library once, and prints.

mod analyze;
mod backtest;
mod batch;
mod check;
mod demo;
mod drift;
mod exchange;
mod features;
mod forecast;
mod health;
mod mcp;
mod models;
mod risk;
mod runs;
mod serve;
mod train;
mod upkeep;

use std::path::Path;

use chrono::TimeDelta;
use serde::Serialize;
use stockops_core::Error;
use stockops_core::files::write_atomically;
use stockops_core::forecaster::ExportFormat;
use stockops_core::pipeline::GcConfig;
use stockops_core::service::ImportRequest;

use crate::args::{Args, Command};
use crate::failure::Failure;
use crate::flags::as_flags;
use crate::settings::{self, Settings};

/// Run the call.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let settings = Settings::new(&args.common)?;
    let common = &args.common;
    match &args.command {
        Command::Demo { out, full } => demo::run(common, &settings, out, *full),
        Command::TrainParent { ticker, contract, horizon, context, span } => {
            let network = train::Network { contract: *contract, horizon: *horizon, context: *context };
            train::parent(common, &settings, ticker, &network, span)
        }
        Command::TrainChild { ticker, child, no_compare, span } => {
            train::child(common, &settings, ticker, child, *no_compare, span)
        }
        Command::Forecast { ticker } => forecast::run(common, &settings, ticker),
        Command::Risk(asked) => risk::run(common, &settings, asked),
        Command::Analyze(asked) => analyze::run(common, &settings, asked),
        Command::Drift { ticker, out } => drift::drift(common, &settings, ticker, out.as_deref()),
        Command::Monitor { ticker, retrain } => drift::monitor(common, &settings, ticker, *retrain),
        Command::Backtest { ticker, test } => backtest::run(common, &settings, ticker, test),
        Command::Batch { work } => batch::run(common, &settings, work),
        Command::Check { file, ticker } => check::run(common, &settings, file, ticker.as_ref()),
        Command::Models { action } => models::run(common, &settings, action),
        Command::Export { ticker, version, format, part, out } => {
            let format = ExportFormat::new(format, *part)?;
            exchange::export(common, &settings, ticker, *version, format, out)
        }
        Command::Import { file, scaler, ticker, last_day, context, parent } => {
            let request = ImportRequest {
                ticker: ticker.clone(),
                weights: file.clone(),
                scaler: scaler.clone(),
                last_seen_day: *last_day,
                context: *context,
                parent: *parent,
                judge: !common.bars.is_empty() || settings.source.is_some(),
            };
            exchange::import(common, &settings, &request)
        }
        Command::Gc { keep, days, dry_run } => {
            let since = days.map(|days| settings::now() - TimeDelta::days(days.into()));
            upkeep::gc(common, &settings, &GcConfig { keep: *keep, since, dry_run: *dry_run })
        }
        Command::Backup { folder } => upkeep::backup(common, &settings, folder),
        Command::Restore { folder, replace } => upkeep::restore(common, &settings, folder, *replace),
        Command::Features { action } => features::run(common, &settings, action),
        Command::Mcp(asked) => mcp::run(common, &settings, asked),
        Command::Serve(asked) => serve::run(common, &settings, asked),
        Command::Health { address } => health::run(common, *address),
        Command::Runs { action } => runs::run(common, &settings, action),
    }
}

/// One JSON document, or text for people, on stdout; options of the library are called by their flags in both.
fn print<T: Serialize>(as_json: bool, json: &T, text: impl FnOnce() -> String) -> Result<(), Failure> {
    use std::io::Write;
    let output = if as_json {
        serde_json::to_string_pretty(json).map_err(|error| Failure::stdout(error.into()))?
    } else {
        text()
    };
    heard(writeln!(std::io::stdout(), "{}", as_flags(output.trim_end())))
}

/// `NAME.json`, `NAME.html` and charts in `folder`.
fn write<T: Serialize>(
    folder: &Path,
    name: &str,
    json: &T,
    page: &str,
    charts: &[(String, String)],
) -> Result<(), Failure> {
    create_folder(folder)?;
    let json = serde_json::to_string_pretty(json).map_err(|error| Failure::stdout(error.into()))?;
    write_atomically(&folder.join(format!("{name}.json")), as_flags(&json).as_bytes())?;
    for (name, svg) in charts {
        write_atomically(&folder.join(name), svg.as_bytes())?;
    }
    Ok(write_atomically(&folder.join(format!("{name}.html")), as_flags(page).as_bytes())?)
}

fn create_folder(folder: &Path) -> Result<(), Failure> {
    let made = std::fs::create_dir_all(folder);
    Ok(made.map_err(|source| Error::Storage { action: "create", path: folder.into(), source })?)
}

/// What came of writing to stdout; whoever stops reading has seen enough, as `head` does.
pub(crate) fn heard(written: std::io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Failure::stdout),
    }
}
