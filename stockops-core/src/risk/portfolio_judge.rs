//! `judge_portfolio`: what was said of the losses of a portfolio, held against what came.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;
use rayon::prelude::*;

use super::judge::{Tails, tail_scores, tails};
use super::{Portfolio, PortfolioRisk, TailScore, Threshold};
use crate::error::Result;
use crate::forecast::{Case, Horizon, MIN_JUDGED, Sampler};

/// Scores of value at risk and shortfall by horizon and level in percent.
pub type PortfolioTable = BTreeMap<Horizon, BTreeMap<Threshold, TailScore>>;

/// A forecast of the past, with what its possible paths are made of.
type Judged<'a> = (&'a Case<'a>, Sampler);

/// Judge forecasts of the positions, each in order of time, on the days that all have; as [`judge_risk`](super::judge_risk()).
///
/// A portfolio of weights has the same weights each day, one of shares the same pieces.
pub(crate) fn judge_portfolio(portfolio: &Portfolio, positions: &[Vec<Judged<'_>>]) -> PortfolioTable {
    let days = together(positions);
    let judged = days.par_iter().filter_map(|day| judged(portfolio, day).ok().flatten());
    let judged: Vec<Vec<Tails>> = judged.collect();
    let horizons = judged.iter().map(Vec::len).min().unwrap_or(0);
    if judged.len() < MIN_JUDGED {
        return PortfolioTable::new();
    }
    let score = |at: usize| {
        let days: Vec<&Tails> = judged.iter().map(|horizons| &horizons[at]).collect();
        Some((Horizon::at(at), tail_scores(&days, at + 1)?))
    };
    (0..horizons).filter_map(score).collect()
}

/// The forecasts of each day that all positions have, in order of time.
fn together<'a>(positions: &'a [Vec<Judged<'a>>]) -> Vec<Vec<&'a Judged<'a>>> {
    let made = |(case, _): &Judged<'_>| case.history.last().map(|bar| bar.date);
    let by_day = |cases: &'a Vec<Judged<'a>>| -> HashMap<Option<NaiveDate>, &'a Judged<'a>> {
        cases.iter().map(|case| (made(case), case)).collect()
    };
    let by_day: Vec<_> = positions.iter().map(by_day).collect();
    let days = positions.first().into_iter().flatten().map(made);
    days.filter_map(|day| by_day.iter().map(|cases| cases.get(&day).copied()).collect()).collect()
}

/// One entry a horizon; `None` where a position has no possible paths.
fn judged(portfolio: &Portfolio, day: &[&Judged<'_>]) -> Result<Option<Vec<Tails>>> {
    let paths: Option<Result<Vec<_>>> = day.iter().map(|(_, sampler)| sampler.paths()).collect();
    let Some(paths) = paths.transpose()? else { return Ok(None) };
    let lasts: Vec<f64> = day.iter().map(|(case, _)| case.last_close()).collect();
    let risk = PortfolioRisk::of(portfolio, &lasts, paths)?;
    let loss = |at: usize| -> f64 {
        let of = |(value, (case, _)): (&f64, &&Judged<'_>)| value * (1.0 - case.actual[at].close / case.last_close());
        risk.values().iter().zip(day).map(of).sum()
    };
    let at = |at: usize| tails(&risk.losses(Horizon::at(at))?, loss(at));
    (0..risk.sessions()).map(at).collect::<Result<_>>().map(Some)
}
