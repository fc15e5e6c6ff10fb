//! `stockops drift` and `stockops monitor`: what has changed, and what is done about it.

use std::path::Path;

use serde_json::json;
use stockops_agents::evaluation::Evaluations;
use stockops_core::report::{drift_markdown, drift_svg, drift_words, page};
use stockops_core::service::MonitorRequest;
use stockops_core::{DriftReport, Ticker};

use super::{print, write};
use crate::args::Common;
use crate::failure::Failure;
use crate::progress::watch;
use crate::settings::Settings;

pub(super) fn drift(common: &Common, settings: &Settings, ticker: &Ticker, out: Option<&Path>) -> Result<(), Failure> {
    let report = settings.tracked_service(settings.source(common, Some(ticker))?)?.drift(ticker)?;
    if let Some(folder) = out {
        write(folder, "drift", &report, &drawn(&report), &[])?;
    }
    print(common.json, &report, || drift_words(&report))
}

pub(super) fn monitor(common: &Common, settings: &Settings, ticker: &Ticker, retrain: bool) -> Result<(), Failure> {
    let source = settings.source(common, Some(ticker))?;
    let pool = source.tickers().filter(|other| *other != ticker).cloned().collect();
    let eval = evaluations(settings)?.latest(ticker)?;
    let request = MonitorRequest { ticker: ticker.clone(), retrain, pool };
    let mut report =
        settings.tracked_service(source)?.monitor(&request, &mut watch(common, format!("challenger {ticker}")))?;
    report.agent_eval = eval.as_ref().map(|eval| json!(eval));
    print(common.json, &report, || {
        let verdict = serde_json::to_value(report.action.verdict).unwrap_or_default();
        let action = format!("{}: {}", verdict.as_str().unwrap_or_default(), report.action.reason);
        let written = eval.as_ref().map(|eval| format!("\n\nlast report, of {}: {eval}", eval.last_bar));
        format!("{}{}\n\n{action}", drift_words(&report.drift), written.unwrap_or_default())
    })
}

/// Evaluations of the analysts' reports.
fn evaluations(settings: &Settings) -> Result<Evaluations, Failure> {
    Ok(Evaluations::new(settings.storage()?))
}

/// The report as a page.
fn drawn(report: &DriftReport) -> String {
    let charts = [("drift.svg".to_string(), drift_svg(report))];
    page(&format!("{} drift", report.ticker), &drift_markdown(report), &charts)
}
