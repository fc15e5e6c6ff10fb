//! `stockops demo`: parent, child, skill, forecast and report, offline.

use std::path::Path;

use chrono::NaiveDate;
use serde_json::json;
use stockops_core::files::write_atomically;
use stockops_core::market::price_text;
use stockops_core::pipeline::Parent;
use stockops_core::report::{
    Report, charts, drift_svg, forecast_table, page, risk_svg, risk_words, skill_table, skill_words,
};
use stockops_core::risk::RiskQuestion;
use stockops_core::service::{TrainChild, TrainParent, Training};
use stockops_core::source::{MemorySource, parent_pool};
use stockops_core::{Forecast, Stockops, Ticker};

use super::{create_folder, print};
use crate::args::Common;
use crate::failure::Failure;
use crate::progress::watch;
use crate::settings::Settings;

/// The demo's child: its test days come after all that the shipped parent saw.
const CHILD: &str = "AMZN";

/// Last day that the demo's parent may see, as the shipped one.
const PARENT_TO: (i32, u32, u32) = (2016, 12, 31);

pub(super) fn run(common: &Common, settings: &Settings, out: &Path, full: bool) -> Result<(), Failure> {
    if !common.bars.is_empty() || common.source.is_some() {
        let text = "the demo has bars of its own; leave --bars and --source out, or use train-child and forecast";
        return Err(Failure::wrong("config", text.into()));
    }
    let stockops = if full { with_parent(common, settings)? } else { settings.in_memory().build()? };
    let ticker = Ticker::new(CHILD)?;
    let request = TrainChild { seed: Some(settings.seed), ..TrainChild::new(ticker.clone()) };
    let child = stockops.train_child(&request, &mut watch(common, format!("child {CHILD}")))?;
    let model_version = Some(format!("{CHILD}@{}", child.version));
    let forecast = Forecast { model_version, ..child.trained.forecaster.forecast(&child.trained.bars)? };
    let drift = stockops.drift(&ticker)?;
    let risk = stockops.risk(&ticker, &RiskQuestion::default())?;
    let parent = stockops.parent()?;
    let evaluation = &child.trained.forecaster.about().evaluation;
    let (id, saw) = (parent.id.to_string(), parent.forecaster.about().last_seen_day);
    let report = Report {
        forecast: &forecast,
        evaluation,
        parent: &id,
        parent_last_seen_day: saw,
        drift: &drift,
        risk: Some(&risk),
    }
    .markdown();
    let forecast_json = serde_json::to_string_pretty(&forecast).map_err(|error| Failure::stdout(error.into()))?;
    let mut charts = charts(&child.trained.forecaster, &child.trained.bars)?;
    charts.push(("risk.svg".into(), risk_svg(&risk)));
    charts.push(("drift.svg".into(), drift_svg(&drift)));
    create_folder(out)?;
    write_atomically(&out.join("forecast.json"), forecast_json.as_bytes())?;
    write_atomically(&out.join("report.md"), report.as_bytes())?;
    write_atomically(&out.join("report.html"), page(CHILD, &report, &charts).as_bytes())?;
    let document = json!({"ticker": CHILD, "forecast": forecast, "evaluation": evaluation, "drift": drift, "risk": risk, "report": report});
    print(common.json, &document, || {
        [
            head(&parent, &child),
            evaluation.skill.as_ref().map(|skill| skill_table(skill).to_string()).unwrap_or_default(),
            skill_words(evaluation),
            format!("\n{CHILD} after {} at {}:", forecast.last_date, price_text(forecast.last_price)),
            forecast_table(&forecast).to_string(),
            format!("\nrisk: {}", risk_words(&risk)),
            format!("\ndrift: {}", drift.summary),
            format!("\nwrote report.md, report.html and forecast.json to {}", out.display()),
        ]
        .join("\n")
    })
}

fn head(parent: &Parent, child: &Training) -> String {
    let saw = parent.forecaster.about().last_seen_day;
    format!("parent {} saw days up to {saw}; child {CHILD} by {}", parent.id, child.strategy)
}

/// A service whose parent is trained now, in the same way as the shipped one.
fn with_parent(common: &Common, settings: &Settings) -> Result<Stockops, Failure> {
    let pool = parent_pool()?;
    let tickers: Vec<Ticker> = pool.iter().map(|one| one.bars.ticker().clone()).collect();
    let mut source = MemorySource::default();
    for one in pool {
        source = source.with(&one.bars.ticker().clone(), one.bars.as_slice().to_vec())?;
    }
    let (year, month, day) = PARENT_TO;
    let to = NaiveDate::from_ymd_opt(year, month, day);
    let request = TrainParent { tickers, seed: Some(settings.seed), to, ..TrainParent::default() };
    let stockops = settings.in_memory().source(source).build()?;
    stockops.train_parent(&request, &mut watch(common, format!("parent {}", request.tickers[0])))?;
    Ok(stockops)
}
