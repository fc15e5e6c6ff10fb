//! `stockops risk`: what may be lost and reached, with one ticker or with a portfolio.

use std::path::Path;

use stockops_core::Ticker;
use stockops_core::forecast::Horizon;
use stockops_core::market::price_text;
use stockops_core::report::{
    level_table, page, portfolio_table, portfolio_words, position_table, risk_markdown, risk_svg, risk_table,
    risk_words,
};
use stockops_core::risk::{Portfolio, RiskQuestion};

use super::{print, write};
use crate::args::{self, Common};
use crate::failure::Failure;
use crate::settings::Settings;

pub(super) fn run(common: &Common, settings: &Settings, asked: &args::Risk) -> Result<(), Failure> {
    let horizon = asked.horizon.map(Horizon::new).transpose()?;
    match (&asked.ticker, &asked.portfolio) {
        (_, Some(file)) => portfolio(common, settings, file, horizon),
        (Some(ticker), None) => one(common, settings, ticker, asked, horizon),
        (None, None) => Err(Failure::wrong("call", "name a ticker, or a portfolio with --portfolio FILE".into())),
    }
}

fn one(
    common: &Common,
    settings: &Settings,
    ticker: &Ticker,
    asked: &args::Risk,
    horizon: Option<Horizon>,
) -> Result<(), Failure> {
    let default = RiskQuestion::default();
    let widths = if asked.wider.is_empty() { default.widths } else { asked.wider.clone() };
    let question = RiskQuestion { levels: asked.level.clone(), widths, horizon };
    let risk = settings.service(settings.source(common, Some(ticker))?)?.risk(ticker, &question)?;
    if let Some(out) = &asked.out {
        let charts = [("risk.svg".to_string(), risk_svg(&risk))];
        write(out, "risk", &risk, &page(&format!("{ticker}: risk"), &risk_markdown(&risk), &charts), &charts)?;
    }
    print(common.json, &risk, || {
        let version = risk.model_version.as_deref().unwrap_or("no version");
        let mut parts = vec![
            format!("{ticker} after {} at {}, by {version}", risk.last_date, price_text(risk.last_price)),
            risk_table(&risk).to_string(),
            format!("\n{}\n", level_table(&risk)),
            risk_words(&risk),
        ];
        parts.extend(risk.notes.iter().map(|note| format!("note: {note}")));
        parts.extend(
            asked.out.as_ref().map(|out| format!("wrote risk.json, risk.html and risk.svg to {}", out.display())),
        );
        parts.join("\n")
    })
}

fn portfolio(common: &Common, settings: &Settings, file: &Path, horizon: Option<Horizon>) -> Result<(), Failure> {
    let portfolio = Portfolio::read(file)?;
    let source = settings.source(common, None)?;
    let risk = settings.service(source)?.portfolio_risk(&portfolio, horizon)?;
    print(common.json, &risk, || {
        let mut parts = vec![
            format!("{} positions after {}", risk.positions.len(), risk.last_date),
            portfolio_table(&risk).to_string(),
            format!("\n{}\n", position_table(&risk)),
            portfolio_words(&risk),
        ];
        parts.extend(risk.notes.iter().map(|note| format!("note: {note}")));
        parts.join("\n")
    })
}
