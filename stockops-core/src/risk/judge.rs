//! `judge_risk`: what forecasts said of risk, held against what came.

use std::collections::BTreeMap;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::exceedance::Exceedances;
use super::losses::Losses;
use super::paths::{Reached, reached};
use super::shortfall::{Shortfall, TailDay};
use super::touch::{TouchDay, TouchScore, walk_touches};
use super::{Event, LEVELS, Risk, Threshold, percent};
use crate::error::Result;
use crate::evaluation::walk_volatility;
use crate::forecast::{Case, Horizon, MIN_JUDGED, Sampler};

/// Scores of risk by horizon.
pub type RiskTable = BTreeMap<Horizon, RiskScore>;

/// Distances of the levels whose touch is judged, in standard deviations of a random walk until the horizon, on both sides.
const AWAY: [f64; 8] = [-2.0, -1.5, -1.0, -0.5, 0.5, 1.0, 1.5, 2.0];

/// How the risk until one horizon was forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RiskScore {
    /// Forecasts that were judged.
    pub n: usize,
    /// Value at risk and expected shortfall by level in percent, `95` and `99`.
    pub tail: BTreeMap<Threshold, TailScore>,
    /// Touches of levels near the last close; `None` where no volatility of the closes is known.
    pub touch: Option<TouchScore>,
}

/// How one level of value at risk and shortfall was kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TailScore {
    /// Share of all forecasts whose value at risk was exceeded; it is to be one less the level.
    pub exceeded: f64,
    /// Tests of that. Forecasts of h days overlap, so for these every h-th is taken.
    pub value_at_risk: Exceedances,
    /// Tests of the shortfall, on the same days.
    pub expected_shortfall: Shortfall,
}

/// What was said of the tail of one day, one a level of [`LEVELS`], and what came.
pub(super) type Tails = Vec<TailDay>;

/// What one forecast said of one horizon, and what came.
struct Judged {
    tails: Tails,
    touches: Vec<TouchDay>,
}

/// Judge forecasts of one ticker in order of time, one a day, each with what its possible paths are made of; those without
/// any are left out.
///
/// Empty where fewer than [`MIN_JUDGED`] are left, or where the paths are too few for the levels.
pub fn judge_risk(forecasts: &[(&Case<'_>, Sampler)]) -> RiskTable {
    let judged = forecasts.par_iter().filter_map(|(case, sampler)| judged(case, sampler).ok().flatten());
    let judged: Vec<Vec<Judged>> = judged.collect();
    let horizons = judged.iter().map(Vec::len).min().unwrap_or(0);
    if judged.len() < MIN_JUDGED {
        return RiskTable::new();
    }
    let score = |at: usize| {
        let days: Vec<&Judged> = judged.iter().map(|horizons| &horizons[at]).collect();
        Some((Horizon::at(at), RiskScore::of(&days, at + 1)?))
    };
    (0..horizons).filter_map(score).collect()
}

impl RiskScore {
    /// Of forecasts `ahead` days ahead.
    fn of(days: &[&Judged], ahead: usize) -> Option<Self> {
        let touches: Vec<TouchDay> = days.iter().flat_map(|day| day.touches.iter().copied()).collect();
        let tails: Vec<&Tails> = days.iter().map(|day| &day.tails).collect();
        Some(Self { n: days.len(), tail: tail_scores(&tails, ahead)?, touch: TouchScore::of(&touches) })
    }
}

/// What `losses` said of a tail, after `loss` came.
pub(super) fn tails(losses: &Losses, loss: f64) -> Result<Tails> {
    LEVELS.into_iter().map(|level| TailDay::of(losses, level, loss)).collect()
}

/// Scores by level of forecasts `ahead` days ahead, one a day.
pub(super) fn tail_scores(days: &[&Tails], ahead: usize) -> Option<BTreeMap<Threshold, TailScore>> {
    let score = |(place, level): (usize, f64)| {
        let tails: Vec<&TailDay> = days.iter().map(|tails| &tails[place]).collect();
        Some((percent(level), TailScore::of(&tails, level, ahead)?))
    };
    LEVELS.into_iter().enumerate().map(score).collect()
}

impl TailScore {
    fn of(days: &[&TailDay], level: f64, ahead: usize) -> Option<Self> {
        let exceeded = days.iter().filter(|day| day.exceeded()).count() as f64 / days.len() as f64;
        let apart: Vec<TailDay> = days.iter().step_by(ahead).map(|day| (*day).clone()).collect();
        let beyond: Vec<bool> = apart.iter().map(TailDay::exceeded).collect();
        let expected_shortfall = Shortfall::of(&apart, level)?;
        Some(Self { exceeded, value_at_risk: Exceedances::of(&beyond, level)?, expected_shortfall })
    }
}

/// One entry a horizon; `None` for a case without possible paths.
fn judged(case: &Case<'_>, sampler: &Sampler) -> Result<Option<Vec<Judged>>> {
    let Some(paths) = sampler.paths().transpose()? else { return Ok(None) };
    let risk = Risk::of(case.last_close(), paths.iter().map(|(_, path)| path.as_slice()));
    let came = reached(case.last_close(), case.actual);
    let judged = came.enumerate().map(|(at, came)| Judged::of(case, &risk, Horizon::at(at), &came));
    judged.collect::<Result<_>>().map(Some)
}

impl Judged {
    fn of(case: &Case<'_>, risk: &Risk, horizon: Horizon, came: &Reached) -> Result<Self> {
        let (last, losses) = (case.last_close(), risk.losses(horizon)?);
        let tails = tails(&losses, 1.0 - came.close / last)?;
        let days = horizon.sessions() as f64;
        let sigma = walk_volatility(case.history).filter(|sigma| *sigma > 0.0);
        let touch = |sigma: f64, away: f64| {
            let level = last * (away * sigma * days.sqrt()).exp();
            let forecast = risk.probability(Event::Touch(level), horizon)?;
            let walk = walk_touches(last, level, sigma, days);
            Ok(TouchDay { forecast, walk, touched: came.low <= level && level <= came.high })
        };
        let touches: Result<_> = sigma.iter().flat_map(|sigma| AWAY.map(|away| touch(*sigma, away))).collect();
        Ok(Self { tails, touches: touches? })
    }
}

#[cfg(test)]
mod tests;
