//! `stockops train-parent` and `train-child`.

use std::collections::BTreeMap;

use serde_json::json;
use stockops_core::evaluation::Transfer;
use stockops_core::forecast::Field;
use stockops_core::pipeline::{
    ChildConfig, PARENT_TICKER, ParentConfig, Trained, find_parent, publish, train_child, train_parent,
};
use stockops_core::registry::{Alias, Version};
use stockops_core::training::TrainConfig;
use stockops_core::{BarSource, Bars, ModelRegistry, QualityReport, Sourced, Strategy, Ticker};

use super::print;
use crate::args::{Common, Span};
use crate::failure::Failure;
use crate::format::{skill_rows, skill_words, table};
use crate::progress::watch;
use crate::settings::Settings;

/// Flags of `train-child` alone.
pub(super) struct Child {
    pub(super) strategy: Strategy,
    pub(super) history: Option<usize>,
    pub(super) allow_parent_leak: bool,
}

pub(super) fn parent(
    common: &Common,
    settings: &Settings,
    tickers: &[Ticker],
    contract: bool,
    span: &Span,
) -> Result<(), Failure> {
    let tickers = if tickers.is_empty() { vec![Ticker::new(PARENT_TICKER)?] } else { tickers.to_vec() };
    let source = settings.source(common, &tickers[0])?;
    let used = tickers.iter().map(|ticker| used(&source, ticker, span)).collect::<Result<Vec<_>, _>>()?;
    let (series, quality): (Vec<Bars>, Vec<QualityReport>) =
        used.into_iter().map(|one| (one.bars, one.quality)).unzip();
    let registry = settings.registry()?;
    let _lock = registry.training_lock(&tickers[0])?;
    let recipe = if contract { ParentConfig::contract() } else { ParentConfig::default() };
    let mut config = ParentConfig { device: settings.device, ..recipe };
    config.dataset.split.to = span.to;
    config.train = with_span(config.train, settings, span);
    let trained = train_parent(&series, &config, &mut watch(common, format!("parent {}", tickers[0])))?;
    finish(common, &registry, &trained, &quality)
}

pub(super) fn child(
    common: &Common,
    settings: &Settings,
    ticker: &Ticker,
    flags: &Child,
    span: &Span,
) -> Result<(), Failure> {
    let Sourced { bars, quality } = used(&settings.source(common, ticker)?, ticker, span)?;
    let registry = settings.registry()?;
    let _lock = registry.training_lock(ticker)?;
    let parent = find_parent(&registry, settings.device)?;
    let config = ChildConfig {
        strategy: flags.strategy,
        epochs: span.epochs,
        seed: Some(settings.seed),
        train: None,
        to: span.to,
        history: flags.history,
        allow_parent_leak: flags.allow_parent_leak,
        no_comparison: false,
        device: settings.device,
        ..ChildConfig::default()
    };
    let trained = train_child(&bars, Some(&parent), &config, &mut watch(common, format!("child {ticker}")))?;
    finish(common, &registry, &trained, &[quality])
}

fn used(source: &dyn BarSource, ticker: &Ticker, span: &Span) -> Result<Sourced, Failure> {
    let Sourced { bars, quality } = source.bars(ticker)?;
    Ok(Sourced { bars: bars.between(span.from, None), quality })
}

fn with_span(config: TrainConfig, settings: &Settings, span: &Span) -> TrainConfig {
    TrainConfig { seed: settings.seed, epochs: span.epochs.unwrap_or(config.epochs), ..config }
}

/// Register what was trained and say so.
fn finish(
    common: &Common,
    registry: &dyn ModelRegistry,
    trained: &Trained,
    quality: &[QualityReport],
) -> Result<(), Failure> {
    let about = trained.forecaster.about();
    let before = registry.champion(&about.ticker)?.map(|champion| champion.version);
    let version = publish(registry, trained)?;
    let document = json!({
        "ticker": about.ticker,
        "version": version.version,
        // Until runs are tracked, a run is named by what it made.
        "run_id": version.sha256[..12],
        "parent_version": version.parent,
        "strategy": version.strategy,
        "alias": version.alias,
        "unproven": version.unproven,
        "reason": version.reason,
        "metrics": version.metrics,
        "epochs": trained.history.epochs,
        "quality": quality,
    });
    print(common.json, &document, || words(trained, &version, before, quality))
}

/// What the parent was worth.
fn transfer_words(transfer: &Transfer) -> String {
    let over = |skill: &BTreeMap<Field, f64>| {
        let of = |field| skill.get(&field).map(|skill| format!("{field} {:+.1} %", 100.0 * skill));
        Field::JUDGED.into_iter().filter_map(of).collect::<Vec<_>>().join(", ")
    };
    let others = [(&transfer.vs_zero_shot, "its parent as it is"), (&transfer.vs_scratch, "a network of its own")];
    let parts = others.into_iter().filter(|(skill, _)| !skill.is_empty());
    let parts = parts.map(|(skill, other)| format!("over {other} {}", over(skill))).collect::<Vec<_>>();
    format!("At one day {}, on {} forecasts.", parts.join("; "), transfer.forecasts)
}

fn words(trained: &Trained, version: &Version, before: Option<u32>, quality: &[QualityReport]) -> String {
    let about = trained.forecaster.about();
    let mut lines = vec![format!(
        "{}@{} ({}), {} training windows, weights of epoch {}, saw days up to {}",
        about.ticker, version.version, about.role, about.training_windows, about.best_epoch, about.last_seen_day
    )];
    lines.extend(about.evaluation.skill.as_ref().map(|skill| table(&skill_rows(skill))));
    lines.push(skill_words(&about.evaluation));
    lines.extend(about.transfer.as_ref().map(transfer_words));
    let (ticker, gate) = (&about.ticker, version.metrics["gate"].as_str().unwrap_or_default());
    lines.push(match before {
        Some(old) if version.is(Alias::Champion) => {
            format!("{ticker}@{} forecasts now, in the place of {ticker}@{old}: {gate}", version.version)
        }
        Some(old) => format!("{ticker}@{old} goes on forecasting, this one is kept as challenger: {gate}"),
        None => format!("{ticker}@{} forecasts now, the first of its ticker", version.version),
    });
    let doubt = version.reason.as_ref().filter(|_| version.unproven);
    lines.extend(doubt.map(|reason| format!("unproven: {reason}")));
    for report in quality {
        lines.extend(report.findings.iter().map(|finding| format!("bars of {}: {finding}", report.ticker)));
    }
    lines.join("\n")
}
