//! `stockops backtest`: a walk over the past, and what holds on it.

use std::path::Path;

use stockops_core::Ticker;
use stockops_core::evaluation::DayError;
use stockops_core::files::write_atomically;
use stockops_core::forecast::Rule;
use stockops_core::pipeline::PARENT_TICKER;
use stockops_core::report::{BacktestReport, page};
use stockops_core::service::BacktestRequest;

use super::{create_folder, print, write};
use crate::args::{self, Common};
use crate::failure::Failure;
use crate::progress::watch;
use crate::settings::Settings;
use crate::source::Source;

pub(super) fn run(common: &Common, settings: &Settings, ticker: &Ticker, test: &args::Backtest) -> Result<(), Failure> {
    let source = settings.source(common, Some(ticker))?;
    // An hour of work is not to end at a folder that is not there.
    if let Some(folder) = test.errors.as_deref().and_then(Path::parent).filter(|folder| !folder.as_os_str().is_empty())
    {
        create_folder(folder)?;
    }
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
        errors: test.errors.is_some(),
        index: index(&source, ticker)?,
        ..BacktestRequest::new(ticker.clone())
    };
    let mut done =
        settings.tracked_service(source)?.backtest(&request, &mut watch(common, format!("backtest {ticker}")))?;
    if let Some(file) = &test.errors {
        write_atomically(file, errors_csv(&std::mem::take(&mut done.errors)).as_bytes())?;
    }
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
        parts
            .extend(test.errors.as_ref().map(|file| format!("wrote the error of each forecast to {}", file.display())));
        parts.join("\n")
    })
}

/// One line a forecast: what came and what was wrong, on the log scale, for the model and for each rule; empty where a rule
/// has nothing to say.
fn errors_csv(errors: &[DayError]) -> String {
    let rules: Vec<String> = Rule::ALL.iter().map(|rule| format!("error_{rule}")).collect();
    let mut lines = vec![format!("made,day,field,horizon,actual,error,{}", rules.join(","))];
    lines.extend(errors.iter().map(|row| {
        let of = |rule: &Rule| row.rules.get(rule).map(f64::to_string).unwrap_or_default();
        let rules: Vec<String> = Rule::ALL.iter().map(of).collect();
        let (DayError { made, day, field, horizon, actual, error, .. }, rules) = (row, rules.join(","));
        format!("{made},{day},{field},{horizon},{actual},{error},{rules}")
    }));
    lines.join("\n") + "\n"
}

/// What a parent may be trained on: the index first, as the parent is calibrated on it; nothing where it has no file.
fn index(source: &Source, ticker: &Ticker) -> Result<Vec<Ticker>, Failure> {
    let index = Ticker::new(PARENT_TICKER)?;
    if !source.has_file(&index) {
        return Ok(Vec::new());
    }
    let others = source.tickers().filter(|other| **other != index && *other != ticker);
    Ok(std::iter::once(&index).chain(others).cloned().collect())
}
