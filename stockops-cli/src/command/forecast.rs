//! `stockops forecast`: the next sessions.

use stockops_core::Ticker;
use stockops_core::market::price_text;
use stockops_core::report::{forecast_table, outlook_words, skill_table};

use super::print;
use crate::args::Common;
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, ticker: &Ticker) -> Result<(), Failure> {
    let forecast = settings.service(settings.source(common, Some(ticker))?)?.forecast(ticker)?;
    print(common.json, &forecast, || {
        let version = forecast.model_version.as_deref().unwrap_or("no version");
        let mut parts = vec![
            format!("{ticker} after {} at {}, by {version}", forecast.last_date, price_text(forecast.last_price)),
            forecast_table(&forecast).to_string(),
        ];
        parts.extend(forecast.outlook.as_ref().map(outlook_words));
        let skill = forecast.skill.as_ref();
        parts.extend(skill.map(|skill| format!("skill on held-out days:\n{}", skill_table(skill))));
        parts.extend(forecast.notes.iter().map(|note| format!("note: {note}")));
        parts.join("\n")
    })
}
