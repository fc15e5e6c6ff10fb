//! `stockops train-parent` and `train-child`.

use std::path::Path;

use stockops_core::Ticker;
use stockops_core::pipeline::PARENT_TICKER;
use stockops_core::registry::Alias;
use stockops_core::report::{candles, charts, page, skill_table, skill_words, training_markdown, transfer_words};
use stockops_core::service::{TrainChild, TrainParent, Training};

use super::{print, write};
use crate::args::{Child, Common, Span};
use crate::failure::Failure;
use crate::progress::watch;
use crate::settings::Settings;

/// Past sessions that are drawn as candles.
const CANDLES: usize = 120;

/// Flags of `train-parent` alone: how its network is made.
pub(super) struct Network {
    pub(super) contract: bool,
    pub(super) horizon: Option<usize>,
    pub(super) context: Option<usize>,
}

pub(super) fn parent(
    common: &Common,
    settings: &Settings,
    tickers: &[Ticker],
    network: &Network,
    span: &Span,
) -> Result<(), Failure> {
    let tickers = if tickers.is_empty() { vec![Ticker::new(PARENT_TICKER)?] } else { tickers.to_vec() };
    let source = settings.source(common, Some(&tickers[0]))?;
    let label = format!("parent {}", tickers[0]);
    let Span { epochs, from, to, .. } = *span;
    let Network { contract, horizon, context } = *network;
    let request = TrainParent { tickers, contract, horizon, context, epochs, seed: Some(settings.seed), from, to };
    let training = settings.tracked_service(source)?.train_parent(&request, &mut watch(common, label))?;
    finish(common, &training, span.out.as_deref())
}

pub(super) fn child(
    common: &Common,
    settings: &Settings,
    ticker: &Ticker,
    flags: &Child,
    no_compare: bool,
    span: &Span,
) -> Result<(), Failure> {
    let request = TrainChild {
        ticker: ticker.clone(),
        strategy: flags.strategy,
        history: flags.history,
        allow_parent_leak: flags.allow_parent_leak,
        epochs: span.epochs,
        seed: Some(settings.seed),
        from: span.from,
        to: span.to,
        compare: !no_compare,
    };
    let stockops = settings.tracked_service(settings.source(common, Some(ticker))?)?;
    let training = stockops.train_child(&request, &mut watch(common, format!("child {ticker}")))?;
    finish(common, &training, span.out.as_deref())
}

/// Say what was trained and registered, and draw it where that is wanted.
fn finish(common: &Common, training: &Training, out: Option<&Path>) -> Result<(), Failure> {
    let document = serde_json::to_value(training).map_err(|error| Failure::stdout(error.into()))?;
    if let Some(folder) = out {
        let (forecaster, bars) = (&training.trained.forecaster, &training.trained.bars);
        let mut charts = charts(forecaster, bars)?;
        charts.push(("candles.svg".into(), candles(bars, CANDLES)));
        let title = format!("{}@{}: training", training.ticker, training.version);
        write(folder, "training", &document, &page(&title, &training_markdown(forecaster), &charts), &charts)?;
    }
    print(common.json, &document, || {
        let wrote = out.map(|out| format!("\nwrote training.json, training.html and charts to {}", out.display()));
        words(training) + &wrote.unwrap_or_default()
    })
}

fn words(training: &Training) -> String {
    let Training { ticker, version, .. } = training;
    let about = training.trained.forecaster.about();
    let mut lines = vec![format!(
        "{ticker}@{version} ({}), {} training windows, weights of epoch {}, saw days up to {}",
        about.role, about.training_windows, about.best_epoch, about.last_seen_day
    )];
    lines.extend(about.evaluation.skill.as_ref().map(|skill| skill_table(skill).to_string()));
    lines.push(skill_words(&about.evaluation));
    lines.extend(about.transfer.as_ref().map(transfer_words));
    let gate = training.gate().unwrap_or_default();
    lines.push(match training.champion_before {
        Some(old) if training.alias.contains(&Alias::Champion) => {
            format!("{ticker}@{version} forecasts now, in the place of {ticker}@{old}: {gate}")
        }
        Some(old) => format!("{ticker}@{old} goes on forecasting, this one is kept as challenger: {gate}"),
        None => format!("{ticker}@{version} forecasts now, the first of its ticker"),
    });
    let doubt = training.reason.as_ref().filter(|_| training.unproven);
    lines.extend(doubt.map(|reason| format!("unproven: {reason}")));
    lines.extend(training.run_id.as_ref().map(|run| format!("run {run}")));
    lines.extend(training.notes.iter().map(|note| format!("note: {note}")));
    for report in &training.quality {
        lines.extend(report.findings.iter().map(|finding| format!("bars of {}: {finding}", report.ticker)));
    }
    lines.join("\n")
}
