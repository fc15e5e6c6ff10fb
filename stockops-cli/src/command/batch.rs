//! `stockops batch`: many tickers, some at a time.

use std::io::Write;

use serde_json::json;
use stockops_core::market::price_text;
use stockops_core::service::{
    BatchChild, BatchLine, BatchMonitor, BatchOutcome, BatchReport, BatchRequest, BatchResult, BatchWork,
};
use stockops_core::source::{ListedTicker, read_tickers};
use stockops_core::{FileSource, Ticker};

use super::heard;
use crate::args::{Batch, BatchList, Child, Common};
use crate::failure::Failure;
use crate::flags::as_flags;
use crate::progress::{Many, cancel_on_ctrl_c};
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, asked: &Batch) -> Result<(), Failure> {
    let (list, work) = match asked {
        Batch::Train { list, child, compare, epochs, from, to } => {
            let Child { strategy, history, allow_parent_leak } = *child;
            let (compare, epochs, from, to, seed) = (*compare, *epochs, *from, *to, Some(settings.seed));
            let child = BatchChild { strategy, history, allow_parent_leak, epochs, seed, from, to, compare };
            (list, BatchWork::Train(child))
        }
        Batch::Forecast { list } => (list, BatchWork::Forecast),
        Batch::Monitor { list, retrain } => (list, BatchWork::Monitor(BatchMonitor { retrain: *retrain })),
    };
    let listed = read_tickers(&list.tickers)?;
    let source = settings.source_with(common, files(common, settings, list, &listed)?)?;
    let tickers: Vec<Ticker> = listed.into_iter().map(|one| one.ticker).collect();
    let (shard, resume, threads) = (list.shard.unwrap_or_default(), list.resume, settings.threads);
    let request = BatchRequest { shard, resume, threads, ..BatchRequest::new(work, tickers) };
    let stockops = settings.tracked_service(source)?;
    let cancel = cancel_on_ctrl_c();
    let mut progress = Many::new(common, format!("batch {}", request.work.word()), request.wanted().len());
    let mut written = Ok(());
    let report = stockops.batch(&request, &cancel, &mut |line| {
        progress.tell(matches!(line.outcome, BatchOutcome::Skipped { .. }), failed(line).is_some());
        if written.is_ok() {
            let text = if common.json { json!(line).to_string() } else { words(line) };
            written = progress.suspend(|| heard(writeln!(std::io::stdout(), "{}", as_flags(&text))));
            // Whoever cannot be told anything any more does not want more of it.
            if written.is_err() {
                cancel.cancel();
            }
        }
    })?;
    progress.end();
    written?;
    finish(common, list, &report)
}

/// Files of bars: of the folder, in their place those that the list names, and in theirs those of `--bars`.
fn files(
    common: &Common,
    settings: &Settings,
    list: &BatchList,
    listed: &[ListedTicker],
) -> Result<FileSource, Failure> {
    let files = match &list.bars_dir {
        Some(folder) => FileSource::in_folder(folder, settings.read)?,
        None => FileSource::new(settings.read),
    };
    let named = listed.iter().filter_map(|one| Some((one.ticker.clone(), one.bars.clone()?)));
    let files = named.fold(files, |files, (ticker, path)| files.with(ticker, path));
    Ok(files.with_all(FileSource::parse(&common.bars, None, settings.read)?))
}

/// The last line, and the exit code.
fn finish(common: &Common, list: &BatchList, report: &BatchReport) -> Result<(), Failure> {
    let failure = undone(report);
    let text = if common.json {
        Failure::beside(failure.as_ref(), json!(report)).to_string()
    } else {
        let BatchReport { done, skipped, failed, left, seconds, .. } = report;
        let left = if *left > 0 { format!(", {left} left") } else { String::new() };
        format!("{} done, {} done before, {} failed{left}, in {seconds:.1} s", done.len(), skipped.len(), failed.len())
    };
    heard(writeln!(std::io::stdout(), "{}", as_flags(&text)))?;
    match failure {
        Some(failure) if list.keep_going && report.left == 0 => {
            eprintln!("warning: {}", failure.into_message());
            Ok(())
        }
        failure => failure.map_or(Ok(()), Err),
    }
}

/// What is not done.
fn undone(report: &BatchReport) -> Option<Failure> {
    let BatchReport { done, skipped, failed, left, .. } = report;
    let all = done.len() + skipped.len() + failed.len() + left;
    if *left > 0 {
        let text = format!("stopped: {left} of {all} tickers are left; the same call with --resume goes on");
        return Some(Failure::undone("cancelled", text));
    }
    let first = failed.first()?;
    let text = format!("{} of {all} tickers failed; the first: {}", failed.len(), as_flags(&first.message));
    Some(Failure::undone(first.kind, text).of_input(report.is_input()))
}

fn failed(line: &BatchLine) -> Option<&str> {
    if let BatchOutcome::Failed { message, .. } = &line.outcome { Some(message) } else { None }
}

/// A line for people.
fn words(line: &BatchLine) -> String {
    let BatchLine { ticker, outcome } = line;
    match outcome {
        BatchOutcome::Done { result, .. } => format!("{ticker}: {}", result_words(ticker, result)),
        BatchOutcome::Skipped { result } => format!("{ticker}: done before: {}", result_words(ticker, result)),
        BatchOutcome::Failed { message, .. } => format!("{ticker}: failed: {message}"),
    }
}

fn result_words(ticker: &Ticker, result: &BatchResult) -> String {
    match result {
        BatchResult::Train(made) => {
            let alias: Vec<String> =
                made.alias.iter().map(|alias| json!(alias).as_str().unwrap_or("").into()).collect();
            let doubt = if made.unproven { ", unproven" } else { "" };
            format!("{ticker}@{} {}{doubt}", made.version, alias.join(" and "))
        }
        BatchResult::Forecast(made) => {
            let day = made.dates.first().zip(made.close.first());
            let next = day.map(|(date, close)| format!("{date} closes at {}", price_text(*close)));
            let interval = made.close_90.first().map(|ends| ends.map(price_text));
            let interval = interval.map(|[low, high]| format!(", 90 % from {low} to {high}")).unwrap_or_default();
            let version = made.model_version.as_deref().unwrap_or("no version");
            format!("{}{interval}, by {version}", next.unwrap_or_default())
        }
        BatchResult::Monitor(made) => {
            let health = made.health.map_or_else(|| "too few bars".into(), |health| health.to_string());
            format!("{health}, {}: {}", json!(made.verdict).as_str().unwrap_or_default(), made.reason)
        }
    }
}
