//! `stockops demo`: parent, child, skill, forecast and report, offline.

use std::path::Path;

use serde_json::json;
use stockops_core::files::write_atomically;
use stockops_core::market::price_text;
use stockops_core::pipeline::{
    self, ChildConfig, PARENT_TICKER, Parent, ParentConfig, drift_svg, find_parent, publish, train_child, train_parent,
};
use stockops_core::registry::MemoryRegistry;
use stockops_core::source::{builtin_bars, parent_pool};
use stockops_core::{Error, Forecast, MemoryRecord, ModelRegistry, Ticker};

use super::drift::config as monitor_config;
use super::print;
use crate::args::Common;
use crate::failure::Failure;
use crate::format::{forecast_rows, skill_rows, skill_words, table};
use crate::progress::watch;
use crate::report::{Report, html};
use crate::settings::Settings;

/// The demo's child: its test days come after all that the shipped parent saw.
const CHILD: &str = "AMZN";

/// Last day that the demo's parent may see, as the shipped one.
const PARENT_TO: (i32, u32, u32) = (2016, 12, 31);

pub(super) fn run(common: &Common, settings: &Settings, out: &Path, full: bool) -> Result<(), Failure> {
    if !common.bars.is_empty() {
        let text = "the demo has bars of its own; leave --bars out, or use train-child and forecast";
        return Err(Failure::wrong("config", text.into()));
    }
    let registry = MemoryRegistry::new();
    let parent = parent(common, settings, &registry, full)?;
    let bars = builtin_bars(&Ticker::new(CHILD)?)?.bars;
    let config = ChildConfig { device: settings.device, seed: Some(settings.seed), ..ChildConfig::default() };
    let trained = train_child(&bars, Some(&parent), &config, &mut watch(common, format!("child {CHILD}")))?;
    let version = publish(&registry, &trained)?;
    let forecast =
        Forecast { model_version: Some(format!("{CHILD}@{}", version.version)), ..trained.forecaster.forecast(&bars)? };
    let about = trained.forecaster.about();
    let drift = pipeline::drift(&registry, &MemoryRecord::new(), &bars, &monitor_config(settings, false))?;
    let report = Report { forecast: &forecast, evaluation: &about.evaluation, parent: &parent, drift: &drift };
    let markdown = report.markdown();
    std::fs::create_dir_all(out).map_err(|source| Error::Storage { action: "create", path: out.into(), source })?;
    let forecast_json = serde_json::to_string_pretty(&forecast).map_err(|error| Failure::stdout(error.into()))?;
    write_atomically(&out.join("forecast.json"), forecast_json.as_bytes())?;
    write_atomically(&out.join("report.md"), markdown.as_bytes())?;
    let mut charts = trained.charts.clone();
    charts.push(("drift.svg".into(), drift_svg(&drift)));
    write_atomically(&out.join("report.html"), html(CHILD, &markdown, &charts).as_bytes())?;
    let document = json!({
        "ticker": CHILD,
        "forecast": forecast,
        "evaluation": about.evaluation,
        "drift": drift,
        "report": markdown,
    });
    print(common.json, &document, || {
        let saw = parent.forecaster.about().last_seen_day;
        [
            format!("parent {} saw days up to {saw}; child {CHILD} by {}", parent.id, about.strategy),
            about.evaluation.skill.as_ref().map(|skill| table(&skill_rows(skill))).unwrap_or_default(),
            skill_words(&about.evaluation),
            format!("\n{CHILD} after {} at {}:", forecast.last_date, price_text(forecast.last_price)),
            table(&forecast_rows(&forecast)),
            format!("\ndrift: {}", drift.summary),
            format!("\nwrote report.md, report.html and forecast.json to {}", out.display()),
        ]
        .join("\n")
    })
}

/// The shipped parent, or one trained now in the same way.
fn parent(common: &Common, settings: &Settings, registry: &dyn ModelRegistry, full: bool) -> Result<Parent, Failure> {
    if full {
        let series: Vec<_> = parent_pool()?.into_iter().map(|one| one.bars).collect();
        let mut config = ParentConfig { device: settings.device, ..ParentConfig::default() };
        let (year, month, day) = PARENT_TO;
        config.dataset.split.to = chrono::NaiveDate::from_ymd_opt(year, month, day);
        config.train.seed = settings.seed;
        let watch = &mut watch(common, format!("parent {PARENT_TICKER}"));
        publish(registry, &train_parent(&series, &config, watch)?)?;
    }
    Ok(find_parent(registry, settings.device)?)
}
