//! `PortfolioStatement`: the risk of a portfolio in numbers, as faces show it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::statement::{ByHorizon, Stated};
use super::{Holding, LEVELS, Portfolio, PortfolioRisk, PortfolioTable, Threshold, percent};
use crate::error::Result;
use crate::forecast::{Forecast, Horizon};
use crate::market::Ticker;

/// The risk of a portfolio in numbers: shares of the capital where it has weights, money where it has shares.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PortfolioStatement {
    /// What the amounts count.
    pub holding: Holding,
    /// Last day of the bars that the forecasts were made from; the latest where they differ, see `notes`.
    pub last_date: NaiveDate,
    /// What the positions are worth together, those sold short below 0.
    pub value: f64,
    /// Past days that were counted, each as likely as the others.
    pub paths: usize,
    /// The loss of the whole that is not exceeded, by level in percent, `95` and `99`.
    pub value_at_risk: BTreeMap<Threshold, ByHorizon>,
    /// The mean loss of the whole in the cases beyond.
    pub expected_shortfall: BTreeMap<Threshold, ByHorizon>,
    /// The positions, and what each contributes.
    pub positions: Vec<PositionRisk>,
    /// How such statements were kept on days that nothing was learned from; empty where too few are held out.
    pub skill: PortfolioTable,
    /// What a reader has to know.
    pub notes: Vec<String>,
}

/// What one position contributes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PositionRisk {
    /// Which.
    pub ticker: Ticker,
    /// Weight or pieces.
    pub amount: f64,
    /// Last close.
    pub last_price: f64,
    /// Its weight, or what its pieces are worth.
    pub value: f64,
    /// Its part of the shortfall of the whole: over all positions they add up to that. Below 0 it takes risk away.
    pub expected_shortfall: BTreeMap<Threshold, ByHorizon>,
    /// That part over the whole, together 1; left out where nothing is lost.
    pub share: BTreeMap<Threshold, ByHorizon>,
    /// Version that forecast.
    pub model_version: Option<String>,
}

impl PortfolioStatement {
    /// Of `portfolio`, from a forecast of each position in their order; `horizon` sessions, or all that are forecast.
    ///
    /// # Errors
    ///
    /// Those of [`Portfolio::risk`] and of its measures.
    pub fn of(
        portfolio: &Portfolio,
        forecasts: &[Forecast],
        horizon: Option<Horizon>,
        skill: PortfolioTable,
    ) -> Result<Self> {
        let risk = portfolio.risk(forecasts)?;
        let stated = Stated(horizon.map_or(risk.sessions(), Horizon::sessions));
        let expected_shortfall = stated.levels(|level, horizon| risk.expected_shortfall(level, horizon))?;
        let position = |place: usize| {
            let (position, forecast) = (&portfolio.positions()[place], &forecasts[place]);
            PositionRisk::of(&risk, place, &stated, position.amount, forecast, &expected_shortfall)
        };
        Ok(Self {
            holding: portfolio.holding(),
            last_date: forecasts.iter().map(|forecast| forecast.last_date).max().unwrap_or_default(),
            value: risk.values().iter().sum(),
            paths: risk.paths(),
            value_at_risk: stated.levels(|level, horizon| risk.value_at_risk(level, horizon))?,
            positions: (0..forecasts.len()).map(position).collect::<Result<_>>()?,
            expected_shortfall,
            skill,
            notes: notes(forecasts),
        })
    }
}

impl PositionRisk {
    fn of(
        risk: &PortfolioRisk,
        place: usize,
        stated: &Stated,
        amount: f64,
        forecast: &Forecast,
        whole: &BTreeMap<Threshold, ByHorizon>,
    ) -> Result<Self> {
        let expected_shortfall = stated.levels(|level, horizon| Ok(risk.contributions(level, horizon)?[place]))?;
        let share = |level: f64| {
            let (own, whole) = (&expected_shortfall[&percent(level)], &whole[&percent(level)]);
            let shares = own.iter().filter(|(horizon, _)| whole[horizon] > 0.0);
            (percent(level), shares.map(|(horizon, own)| (*horizon, own / whole[horizon])).collect())
        };
        Ok(Self {
            ticker: forecast.ticker.clone(),
            amount,
            last_price: forecast.last_price,
            value: risk.values()[place],
            share: LEVELS.into_iter().map(share).collect(),
            expected_shortfall,
            model_version: forecast.model_version.clone(),
        })
    }
}

fn notes(forecasts: &[Forecast]) -> Vec<String> {
    let days = forecasts.iter().map(|forecast| format!("{} on {}", forecast.ticker, forecast.last_date));
    let same = forecasts.windows(2).all(|pair| pair[0].last_date == pair[1].last_date);
    let days = (!same).then(|| format!("the bars end on different days: {}", days.collect::<Vec<_>>().join(", ")));
    let own =
        forecasts.iter().flat_map(|forecast| forecast.notes.iter().map(|note| format!("{}: {note}", forecast.ticker)));
    days.into_iter().chain(own).collect()
}
