//! `stockops forecast`: the next five sessions.

use stockops_core::market::price_text;
use stockops_core::{BarSource, DirectoryRecord, Sourced, Ticker, pipeline};

use super::print;
use crate::args::Common;
use crate::failure::Failure;
use crate::format::{forecast_rows, outlook_words, skill_rows, table};
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, ticker: &Ticker) -> Result<(), Failure> {
    let Sourced { bars, quality, .. } = settings.source(common, ticker)?.bars(ticker)?;
    let record = DirectoryRecord::open(&settings.home);
    let mut forecast = pipeline::serve(&settings.registry()?, &record, &bars, settings.device)?;
    forecast.notes.extend(quality.findings.iter().map(|finding| format!("bars: {finding}")));
    print(common.json, &forecast, || {
        let version = forecast.model_version.as_deref().unwrap_or("no version");
        let mut parts = vec![
            format!("{ticker} after {} at {}, by {version}", forecast.last_date, price_text(forecast.last_price)),
            table(&forecast_rows(&forecast)),
        ];
        parts.extend(forecast.outlook.as_ref().map(outlook_words));
        parts.extend(
            forecast.skill.as_ref().map(|skill| format!("skill on held-out days:\n{}", table(&skill_rows(skill)))),
        );
        parts.extend(forecast.notes.iter().map(|note| format!("note: {note}")));
        parts.join("\n")
    })
}
