//! `stockops backtest`: a walk over the past, and what holds on it.

use stockops_core::pipeline::PARENT_TICKER;
use stockops_core::report::{BacktestReport, page};
use stockops_core::service::BacktestRequest;
use stockops_core::{FileSource, Ticker};

use super::{print, write};
use crate::args::{self, Common};
use crate::failure::Failure;
use crate::progress::watch;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, ticker: &Ticker, test: &args::Backtest) -> Result<(), Failure> {
    let source = settings.source(common, ticker)?;
    let request = BacktestRequest {
        from: test.from,
        to: test.to,
        strategy: test.strategy,
        folds: Some(test.folds),
        no_refit: test.no_refit,
        history: test.history,
        epochs: test.epochs,
        seed: Some(settings.seed),
        seeds: Some(test.seeds),
        ablation: test.ablation,
        index: index(&source, ticker)?,
        ..BacktestRequest::new(ticker.clone())
    };
    let done = settings.service(source)?.backtest(&request, &mut watch(common, format!("backtest {ticker}")))?;
    let report = BacktestReport(&done);
    if let Some(out) = &test.out {
        let charts = done.charts();
        let page = page(&format!("{}: backtest", done.ticker), &report.markdown(), &charts);
        write(out, "backtest", &done, &page, &charts)?;
    }
    print(common.json, &done, || {
        let mut parts = vec![report.head(), report.table().to_string()];
        parts.extend((!done.risk.is_empty()).then(|| format!("\n{}", report.risk_table())));
        parts.extend((!done.ablation.is_empty()).then(|| format!("\n{}", report.ablation_table())));
        parts.push(format!("\n{}", report.verdict()));
        parts.extend(done.notes.iter().map(|note| format!("note: {note}")));
        parts.extend(
            test.out.as_ref().map(|out| format!("wrote backtest.json, backtest.html and charts to {}", out.display())),
        );
        parts.join("\n")
    })
}

/// What a parent may be trained on: the index first, as the parent is calibrated on it; nothing where it has no file.
fn index(source: &FileSource, ticker: &Ticker) -> Result<Vec<Ticker>, Failure> {
    let index = Ticker::new(PARENT_TICKER)?;
    if source.path(&index).is_none() {
        return Ok(Vec::new());
    }
    let others = source.tickers().filter(|other| **other != index && *other != ticker);
    Ok(std::iter::once(&index).chain(others).cloned().collect())
}
