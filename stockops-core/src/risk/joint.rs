//! `PortfolioRisk`: what several positions may lose together.

use std::collections::HashMap;

use chrono::NaiveDate;

use super::Portfolio;
use super::losses::{Losses, beyond, weights};
use crate::error::{Error, Result, check};
use crate::forecast::{DatedPath, Forecast, Horizon};
use crate::market::Bar;

/// Days that the last bars of positions may be apart: holidays, not years.
const MOST_APART: i64 = 31;

/// The risk of a portfolio whose amounts do not change, counted over its positions' possible paths of the same past days.
///
/// A path of the whole has for each position the errors that its own forecast of the same past day had, each scaled to
/// today. So what moved together stays together, and what moves alone averages out. Losses are shares of the capital where
/// the portfolio has weights, and money where it has shares; above 0 something is lost.
#[derive(Debug, Clone, PartialEq)]
pub struct PortfolioRisk {
    /// What each position is worth at the last closes.
    values: Vec<f64>,
    /// For each session and path the loss of each position.
    sessions: Vec<Vec<Vec<f64>>>,
}

impl Portfolio {
    /// The risk of these positions, from a forecast of each in their order.
    ///
    /// Only past days count that all of them have. A portfolio of one ticker has the risk of its forecast, to the last
    /// digit.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where the forecasts are not those of the positions, reach differently far, or begin more than a month apart;
    /// those of [`Forecast::paths`].
    pub fn risk(&self, forecasts: &[Forecast]) -> Result<PortfolioRisk> {
        let tickers = forecasts.iter().map(|forecast| &forecast.ticker);
        let fits = tickers.clone().eq(self.positions().iter().map(|position| &position.ticker));
        let got = || tickers.map(ToString::to_string).collect::<Vec<_>>().join(", ");
        check(fits, "forecasts", "one of each position, in their order", got())?;
        check_ends(forecasts)?;
        let paths: Vec<Vec<DatedPath>> = forecasts.iter().map(Forecast::dated_paths).collect::<Result<_>>()?;
        PortfolioRisk::of(self, &forecasts.iter().map(|forecast| forecast.last_price).collect::<Vec<_>>(), paths)
    }
}

/// Prices of different years make no sum.
fn check_ends(forecasts: &[Forecast]) -> Result<()> {
    let by_end = |forecast: &&Forecast| forecast.last_date;
    let (first, last) = (forecasts.iter().min_by_key(by_end), forecasts.iter().max_by_key(by_end));
    let Some((first, last)) = first.zip(last) else { return Ok(()) };
    let apart = (last.last_date - first.last_date).num_days();
    let got = || {
        let end = |forecast: &Forecast| format!("{} on {}", forecast.ticker, forecast.last_date);
        format!("bars that end {apart} days apart: {} and {}", end(first), end(last))
    };
    check(apart <= MOST_APART, "portfolio", "of bars that end within a month of each other", got())
}

impl PortfolioRisk {
    /// Of the possible paths of each position and its last close.
    pub(crate) fn of(portfolio: &Portfolio, last_closes: &[f64], paths: Vec<Vec<DatedPath>>) -> Result<Self> {
        let values = portfolio.values(last_closes.iter().copied());
        let lengths: Vec<usize> = paths.iter().filter_map(|paths| Some(paths.first()?.1.len())).collect();
        let sessions = lengths.first().copied().unwrap_or(0);
        check(
            lengths.iter().all(|length| *length == sessions),
            "forecasts",
            "of the same sessions ahead",
            format!("{lengths:?}"),
        )?;
        let together = together(paths);
        let loss = |place: usize, path: &[Bar], at: usize| values[place] * (1.0 - path[at].close / last_closes[place]);
        let at = |at: usize| {
            let losses =
                |paths: &Vec<Vec<Bar>>| paths.iter().enumerate().map(|(place, path)| loss(place, path, at)).collect();
            together.iter().map(losses).collect()
        };
        Ok(Self { sessions: (0..sessions).map(at).collect(), values })
    }

    /// Past days that its paths have their errors from.
    pub fn paths(&self) -> usize {
        self.sessions.first().map_or(0, Vec::len)
    }

    /// Sessions that it reaches.
    pub fn sessions(&self) -> usize {
        self.sessions.len()
    }

    /// What each position is worth at the last closes: its weight, or money.
    pub fn values(&self) -> &[f64] {
        &self.values
    }

    /// All possible losses of the whole at the close of session `horizon`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for a horizon beyond the sessions that are forecast, and where no past day is common to all positions.
    pub fn losses(&self, horizon: Horizon) -> Result<Losses> {
        Losses::new(self.at(horizon)?.iter().map(|positions| positions.iter().sum()).collect())
    }

    /// The loss of the whole that is not exceeded with probability `level`, such as 0.99.
    ///
    /// # Errors
    ///
    /// Those of [`losses`](Self::losses) and [`Losses::value_at_risk`].
    pub fn value_at_risk(&self, level: f64, horizon: Horizon) -> Result<f64> {
        self.losses(horizon)?.value_at_risk(level)
    }

    /// The mean loss of the whole in the worst `1 - level` of cases.
    ///
    /// # Errors
    ///
    /// Those of [`value_at_risk`](Self::value_at_risk).
    pub fn expected_shortfall(&self, level: f64, horizon: Horizon) -> Result<f64> {
        self.losses(horizon)?.expected_shortfall(level)
    }

    /// What each position contributes to the [shortfall](Self::expected_shortfall): its own mean loss in the cases that are the
    /// worst of the whole. They add up to it (Euler's allocation, Tasche 1999), and one below 0 takes risk away.
    ///
    /// Value at risk is not split: it is the loss of a single path, and so would be the shares.
    ///
    /// # Errors
    ///
    /// Those of [`value_at_risk`](Self::value_at_risk).
    pub fn contributions(&self, level: f64, horizon: Horizon) -> Result<Vec<f64>> {
        let mut worst: Vec<(f64, &Vec<f64>)> =
            self.at(horizon)?.iter().map(|positions| (positions.iter().sum(), positions)).collect();
        let beyond = beyond(level, worst.len())?;
        worst.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut sums = vec![0.0; self.values.len()];
        for ((_, positions), weight) in worst.into_iter().zip(weights(beyond)) {
            sums.iter_mut().zip(positions).for_each(|(sum, loss)| *sum += weight * loss / beyond);
        }
        Ok(sums)
    }

    fn at(&self, horizon: Horizon) -> Result<&[Vec<f64>]> {
        let at = self.sessions.get(horizon.sessions() - 1).map(Vec::as_slice);
        check(at.is_some(), "horizon", "a session that is forecast", horizon.sessions())?;
        let paths = at.unwrap_or_default();
        if paths.is_empty() {
            let (kind, name) = ("past day", "of all positions".into());
            return Err(Error::NotFound { kind, name, hint: "give longer histories, which overlap".into() });
        }
        Ok(paths)
    }
}

/// For each past day that all positions have their paths, in the order of the first; of a single position all its paths.
fn together(mut paths: Vec<Vec<DatedPath>>) -> Vec<Vec<Vec<Bar>>> {
    if paths.len() == 1 {
        return paths.remove(0).into_iter().map(|(_, path)| vec![path]).collect();
    }
    let by_day = |paths: Vec<DatedPath>| -> HashMap<NaiveDate, Vec<Bar>> {
        paths.into_iter().filter_map(|(day, path)| Some((day?, path))).collect()
    };
    let days: Vec<NaiveDate> = paths.first().into_iter().flatten().filter_map(|(day, _)| *day).collect();
    let mut positions: Vec<HashMap<NaiveDate, Vec<Bar>>> = paths.into_iter().map(by_day).collect();
    let on = |day: &NaiveDate| positions.iter_mut().map(|paths| paths.remove(day)).collect::<Option<Vec<_>>>();
    days.iter().filter_map(on).collect()
}

#[cfg(test)]
mod tests;
