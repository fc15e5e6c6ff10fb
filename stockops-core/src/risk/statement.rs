//! `RiskStatement`: the risk of a forecast in numbers, as faces and pages show it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Event, LEVELS, RiskTable, Threshold, percent};
use crate::error::Result;
use crate::forecast::{Forecast, Horizon};
use crate::market::{Ticker, price_decimals};

/// Moves from the last close to the levels that are asked about where none is named.
const MOVES: [f64; 4] = [-0.05, -0.02, 0.02, 0.05];

/// What to state of a risk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct RiskQuestion {
    /// Prices that may be touched or closed beyond, each above 0; 2 and 5 % on either side of the last close where there are
    /// none.
    pub levels: Vec<f64>,
    /// Widths of a day, high over low less 1. Default 0.02, 0.03 and 0.05.
    pub widths: Vec<f64>,
    /// Sessions that are stated; all that are forecast where none is named.
    pub horizon: Option<Horizon>,
}

impl Default for RiskQuestion {
    fn default() -> Self {
        Self { levels: Vec::new(), widths: vec![0.02, 0.03, 0.05], horizon: None }
    }
}

/// Numbers by horizon, `{h1: .., h5: ..}`.
pub type ByHorizon = BTreeMap<Horizon, f64>;

/// The risk of a forecast in numbers; losses are shares of the last close, above 0 where something is lost.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RiskStatement {
    /// Whose.
    pub ticker: Ticker,
    /// Last day of the bars that the forecast was made from.
    pub last_date: NaiveDate,
    /// Close of that day.
    pub last_price: f64,
    /// The sessions that are stated.
    pub sessions: Vec<NaiveDate>,
    /// Possible paths that were counted, each as likely as the others.
    pub paths: usize,
    /// The loss that is not exceeded, by level in percent, `95` and `99`.
    pub value_at_risk: BTreeMap<Threshold, ByHorizon>,
    /// The mean loss of the cases beyond.
    pub expected_shortfall: BTreeMap<Threshold, ByHorizon>,
    /// How likely levels and widths are reached.
    pub probability: Probabilities,
    /// Mean of the highest price until then.
    pub expected_high: ByHorizon,
    /// Mean of the lowest price until then.
    pub expected_low: ByHorizon,
    /// How such statements were kept on days that nothing was learned from; empty where too few are held out.
    pub skill: RiskTable,
    /// Version that forecast; `None` for a forecaster that is in no registry.
    pub model_version: Option<String>,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

/// Probabilities from 0 to 1, by price (or width of a day) and horizon.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Probabilities {
    /// That the session closes above the price.
    pub close_above: BTreeMap<Threshold, ByHorizon>,
    /// That it closes below.
    pub close_below: BTreeMap<Threshold, ByHorizon>,
    /// That the price is traded at until then.
    pub touch: BTreeMap<Threshold, ByHorizon>,
    /// That the session is wider, from low to high.
    pub wider: BTreeMap<Threshold, ByHorizon>,
    /// That some session until then is.
    pub any_wider: BTreeMap<Threshold, ByHorizon>,
}

impl RiskStatement {
    /// The risk of `forecast`, with the `skill` of who made it.
    ///
    /// # Errors
    ///
    /// Those of [`Forecast::risk`], and of [`Risk`](super::Risk) for what the question asks.
    pub fn of(forecast: &Forecast, question: &RiskQuestion, skill: RiskTable) -> Result<Self> {
        let risk = forecast.risk()?;
        // A horizon that is too far is an error with its own number, not with that of the first day too far.
        question.horizon.map(|last| risk.expected_high(last)).transpose()?;
        let count = question.horizon.map_or(risk.sessions(), Horizon::sessions);
        let stated = Stated(count);
        let levels = question.prices(forecast.last_price);
        let chance = |values: &[f64], event: fn(f64) -> Event| {
            stated.each(values, |value, horizon| risk.probability(event(value), horizon))
        };
        Ok(Self {
            ticker: forecast.ticker.clone(),
            last_date: forecast.last_date,
            last_price: forecast.last_price,
            value_at_risk: stated.levels(|level, horizon| risk.value_at_risk(level, horizon))?,
            expected_shortfall: stated.levels(|level, horizon| risk.expected_shortfall(level, horizon))?,
            probability: Probabilities {
                close_above: chance(&levels, Event::CloseAbove)?,
                close_below: chance(&levels, Event::CloseBelow)?,
                touch: chance(&levels, Event::Touch)?,
                wider: chance(&question.widths, Event::Wider)?,
                any_wider: chance(&question.widths, Event::AnyWider)?,
            },
            expected_high: stated.by_horizon(|horizon| risk.expected_high(horizon))?,
            expected_low: stated.by_horizon(|horizon| risk.expected_low(horizon))?,
            sessions: forecast.next_business_days.iter().copied().take(count).collect(),
            paths: risk.paths(),
            skill,
            model_version: forecast.model_version.clone(),
            notes: forecast.notes.clone(),
        })
    }
}

impl RiskQuestion {
    /// The prices that are asked about.
    fn prices(&self, last_price: f64) -> Vec<f64> {
        if self.levels.is_empty() {
            MOVES.map(|moved| quoted(last_price * (1.0 + moved))).to_vec()
        } else {
            self.levels.clone()
        }
    }
}

/// A price with the decimals of its size: a level of our own choice needs no more.
fn quoted(price: f64) -> f64 {
    let decimals = price_decimals(price);
    format!("{price:.decimals$}").parse().unwrap_or(price)
}

/// How many sessions are stated.
pub(super) struct Stated(pub(super) usize);

impl Stated {
    /// A number for each session.
    pub(super) fn by_horizon(&self, value: impl Fn(Horizon) -> Result<f64>) -> Result<ByHorizon> {
        (0..self.0).map(Horizon::at).map(|horizon| Ok((horizon, value(horizon)?))).collect()
    }

    /// A number for each level of [`LEVELS`] and session.
    pub(super) fn levels(&self, value: impl Fn(f64, Horizon) -> Result<f64>) -> Result<BTreeMap<Threshold, ByHorizon>> {
        let of = |level| Ok((percent(level), self.by_horizon(|horizon| value(level, horizon))?));
        LEVELS.into_iter().map(of).collect()
    }

    /// A number for each of `keys` and session.
    fn each(
        &self,
        keys: &[f64],
        value: impl Fn(f64, Horizon) -> Result<f64>,
    ) -> Result<BTreeMap<Threshold, ByHorizon>> {
        keys.iter().map(|key| Ok((Threshold(*key), self.by_horizon(|horizon| value(*key, horizon))?))).collect()
    }
}
