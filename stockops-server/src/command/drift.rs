//! `stockops drift` and `stockops monitor`: what has changed, and what is done about it.

use std::path::Path;

use stockops_core::files::write_atomically;
use stockops_core::pipeline::{self, MonitorConfig, drift_svg};
use stockops_core::{BarSource, DirectoryRecord, DriftReport, Error, Sourced, Ticker};

use super::print;
use crate::args::Common;
use crate::failure::Failure;
use crate::progress::watch;
use crate::report::{drift_markdown, html};
use crate::settings::Settings;

pub(super) fn drift(common: &Common, settings: &Settings, ticker: &Ticker, out: Option<&Path>) -> Result<(), Failure> {
    let Sourced { bars, .. } = settings.source(common, ticker)?.bars(ticker)?;
    let record = DirectoryRecord::open(&settings.home);
    let report = pipeline::drift(&settings.registry()?, &record, &bars, &config(settings, false))?;
    if let Some(folder) = out {
        write(&report, folder)?;
    }
    print(common.json, &report, || words(&report))
}

pub(super) fn monitor(common: &Common, settings: &Settings, ticker: &Ticker, retrain: bool) -> Result<(), Failure> {
    let source = settings.source(common, ticker)?;
    let bars = source.bars(ticker)?.bars;
    let others = source.tickers().filter(|other| *other != ticker);
    let pool = others.map(|other| Ok(source.bars(other)?.bars)).collect::<Result<_, Error>>()?;
    let config = MonitorConfig { pool, ..config(settings, retrain) };
    let record = DirectoryRecord::open(&settings.home);
    let watch = &mut watch(common, format!("challenger {ticker}"));
    let report = pipeline::monitor(&settings.registry()?, &record, &bars, &config, watch)?;
    print(common.json, &report, || {
        let verdict = serde_json::to_value(report.action.verdict).unwrap_or_default();
        let action = format!("{}: {}", verdict.as_str().unwrap_or_default(), report.action.reason);
        format!("{}\n\n{action}", words(&report.drift))
    })
}

/// Settings of a monitor.
pub(super) fn config(settings: &Settings, retrain: bool) -> MonitorConfig {
    MonitorConfig { retrain, device: settings.device, ..MonitorConfig::default() }
}

/// `drift.json` and `drift.html` in `folder`.
fn write(report: &DriftReport, folder: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(folder).map_err(|source| Error::Storage {
        action: "create",
        path: folder.into(),
        source,
    })?;
    let json = serde_json::to_string_pretty(report).map_err(|error| Failure::stdout(error.into()))?;
    write_atomically(&folder.join("drift.json"), json.as_bytes())?;
    let charts = [("drift.svg".to_string(), drift_svg(report))];
    let page = html(&format!("{} drift", report.ticker), &drift_markdown(report), &charts);
    Ok(write_atomically(&folder.join("drift.html"), page.as_bytes())?)
}

fn words(report: &DriftReport) -> String {
    let health = report.health.map_or("skipped".to_string(), |health| health.to_string());
    let version = report.model_version.as_deref().unwrap_or("no version");
    let day = report.as_of.map(|day| format!(" on {day}")).unwrap_or_default();
    let mut lines = vec![format!("{}{day}, forecast by {version}: {health}", report.ticker), report.summary.clone()];
    lines.extend(report.tests.iter().map(|test| {
        let mark = if test.alarm { "ALARM" } else { "" };
        format!("  {mark:<5} {:<15} {}", test.name, test.words)
    }));
    lines.extend(report.legacy.as_ref().map(|rule| {
        let (score, index) = (rule.drift_score, rule.volatility_index);
        format!("the contract's rule: {} (score {score:.2}, volatility index {index:.2})", rule.health)
    }));
    let word = if report.retrain.wanted { "retrain" } else { "no retraining" };
    lines.push(format!("{word}: {}", report.retrain.reason));
    lines.join("\n")
}
