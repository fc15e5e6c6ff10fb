//! How forecasters kept what they said of risk, on days that nothing was learned from.

use crate::error::Result;
use crate::forecast::{Case, Sampler};
use crate::forecaster::Forecaster;
use crate::market::Bars;
use crate::risk::{Portfolio, PortfolioTable, RiskTable, judge_portfolio, judge_risk};
use crate::training::CancelFlag;

/// How `forecaster` stated risk on the days of `bars` after all that it and its parent saw; empty where there are too few.
///
/// Its forecasts are made again, each from what was known on its day, so it takes a second or two.
///
/// # Errors
///
/// Those of [`Forecaster::past`].
pub fn risk_skill(forecaster: &Forecaster, bars: &Bars, cancel: &CancelFlag) -> Result<RiskTable> {
    let cases = unseen(forecaster, bars, cancel)?;
    Ok(judge_risk(&with_samplers(forecaster, bars, &cases, cancel)?))
}

/// How the forecasters of the positions of `portfolio`, in their order and each with its bars, stated its risk, on the days
/// that none of them saw.
///
/// # Errors
///
/// Those of [`Forecaster::past`].
pub fn portfolio_skill(
    portfolio: &Portfolio,
    positions: &[(&Forecaster, &Bars)],
    cancel: &CancelFlag,
) -> Result<PortfolioTable> {
    let cases: Vec<Vec<Case<'_>>> =
        positions.iter().map(|(forecaster, bars)| unseen(forecaster, bars, cancel)).collect::<Result<_>>()?;
    let each = positions.iter().zip(&cases);
    let judged = each.map(|((forecaster, bars), cases)| with_samplers(forecaster, bars, cases, cancel));
    Ok(judge_portfolio(portfolio, &judged.collect::<Result<Vec<_>>>()?))
}

fn unseen<'a>(forecaster: &Forecaster, bars: &'a Bars, cancel: &CancelFlag) -> Result<Vec<Case<'a>>> {
    forecaster.past_while(bars, Some(forecaster.about().last_seen_day), usize::MAX, cancel)
}

fn with_samplers<'a>(
    forecaster: &Forecaster,
    bars: &Bars,
    cases: &'a [Case<'a>],
    cancel: &CancelFlag,
) -> Result<Vec<(&'a Case<'a>, Sampler)>> {
    Ok(cases.iter().zip(forecaster.samplers(bars, cases, cancel)?).collect())
}
