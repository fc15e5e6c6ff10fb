//! `stockops backtest`: a walk over the past, and what holds on it.

use std::path::Path;

use stockops_core::files::write_atomically;
use stockops_core::pipeline::{
    AblationConfig, Backtest, BacktestConfig, PARENT_TICKER, ParentChoice, backtest, find_parent,
};
use stockops_core::{BarSource, Bars, Error, Ticker};

use super::print;
use crate::args::{self, Common};
use crate::failure::Failure;
use crate::format::table;
use crate::judged::Judged;
use crate::progress::watch;
use crate::report::html;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, ticker: &Ticker, test: &args::Backtest) -> Result<(), Failure> {
    let source = settings.source(common, ticker)?;
    let used = |ticker: &Ticker| Ok::<_, Failure>(source.bars(ticker)?.bars.between(test.from, test.to));
    let sourced = source.bars(ticker)?;
    let bars = sourced.bars.between(test.from, test.to);
    let index = Ticker::new(PARENT_TICKER)?;
    let mut series: Vec<Bars> = Vec::new();
    if source.path(&index).is_some() {
        // The index first, as the parent is calibrated on it.
        let others = source.tickers().filter(|other| **other != index && *other != ticker);
        series = std::iter::once(&index).chain(others).map(used).collect::<Result<_, _>>()?;
    }
    let known = Some(find_parent(&settings.registry()?, settings.device)?);
    let config = BacktestConfig {
        strategy: test.strategy,
        folds: test.folds,
        refit: !test.no_refit,
        history: test.history,
        epochs: test.epochs,
        seed: settings.seed,
        seeds: test.seeds,
        ablation: test.ablation.then(AblationConfig::default),
        device: settings.device,
        ..BacktestConfig::default()
    };
    let choice = ParentChoice { known, series };
    let mut done = backtest(&bars, &choice, &config, &mut watch(common, format!("backtest {ticker}")))?;
    done.notes.extend(sourced.quality.findings.iter().map(|finding| format!("bars: {finding}")));
    let judged = Judged(&done);
    if let Some(out) = &test.out {
        write(out, &done, &judged)?;
    }
    print(common.json, &done, || {
        let mut parts = vec![judged.head(), table(&judged.rows())];
        parts.extend((!done.ablation.is_empty()).then(|| format!("\n{}", table(&judged.ablation_rows()))));
        parts.push(format!("\n{}", judged.verdict()));
        parts.extend(done.notes.iter().map(|note| format!("note: {note}")));
        parts.extend(
            test.out.as_ref().map(|out| format!("wrote backtest.json, backtest.html and charts to {}", out.display())),
        );
        parts.join("\n")
    })
}

fn write(out: &Path, done: &Backtest, judged: &Judged<'_>) -> Result<(), Failure> {
    std::fs::create_dir_all(out).map_err(|source| Error::Storage { action: "create", path: out.into(), source })?;
    let json = serde_json::to_string_pretty(done).map_err(|error| Failure::stdout(error.into()))?;
    let charts = done.charts();
    write_atomically(&out.join("backtest.json"), json.as_bytes())?;
    for (name, svg) in &charts {
        write_atomically(&out.join(name), svg.as_bytes())?;
    }
    let title = format!("{}: backtest", done.ticker);
    Ok(write_atomically(&out.join("backtest.html"), html(&title, &judged.markdown(), &charts).as_bytes())?)
}
