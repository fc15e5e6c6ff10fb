//! The risk of one ticker and of a portfolio.

use std::collections::BTreeSet;

use super::Stockops;
use super::forecast::Serving;
use crate::error::{Result, check};
use crate::evaluation::Evaluation;
use crate::forecast::{Forecast, Horizon};
use crate::market::{Bars, Calendar, Ticker};
use crate::pipeline::{portfolio_skill, risk_skill};
use crate::risk::{Holding, Portfolio, PortfolioStatement, RiskQuestion, RiskStatement};
use crate::source::AS_QUOTED;
use crate::training::CancelFlag;

/// A forecast with what made it and what it was made from.
struct Made {
    forecast: Forecast,
    serving: Serving,
    bars: Bars,
    /// The unit of its prices, where the source says it.
    unit: Option<String>,
}

impl Stockops {
    /// What may be lost and reached with `ticker` in its next sessions, by who forecasts it, and how such statements were
    /// kept on held-out days.
    ///
    /// The forecast is made for this question and not kept in the record.
    ///
    /// # Errors
    ///
    /// Those of [`forecast`](Self::forecast) and of [`RiskStatement::of`].
    pub fn risk(&self, ticker: &Ticker, question: &RiskQuestion) -> Result<RiskStatement> {
        self.risk_by(self.made(ticker)?, question)
    }

    /// [`risk`](Self::risk) where the bars are at hand: no source is asked.
    ///
    /// # Errors
    ///
    /// Those of the registry and of [`RiskStatement::of`].
    pub fn risk_of(&self, bars: &Bars, question: &RiskQuestion) -> Result<RiskStatement> {
        self.risk_by(self.made_of(bars)?, question)
    }

    /// The forecast after `bars`, made to be looked at: the record does not get it, so it is never scored.
    ///
    /// # Errors
    ///
    /// Those of [`forecast_of`](Self::forecast_of).
    pub fn preview_of(&self, bars: &Bars) -> Result<Forecast> {
        Ok(self.made_of(bars)?.forecast)
    }

    /// What the version that forecasts the ticker of `bars` did on held-out days.
    ///
    /// # Errors
    ///
    /// Those of the registry; [`TooShort`](crate::Error::TooShort) below 73 bars.
    pub fn evaluation_of(&self, bars: &Bars) -> Result<Evaluation> {
        Ok(self.who_forecasts(bars)?.forecaster.about().evaluation.clone())
    }

    fn risk_by(&self, made: Made, question: &RiskQuestion) -> Result<RiskStatement> {
        let Made { forecast, serving, bars, .. } = made;
        // What is wrong with the question is told before the work.
        let stated = RiskStatement::of(&forecast, question, Default::default())?;
        let mut skill = risk_skill(&serving.forecaster, &bars, &CancelFlag::default())?;
        skill.retain(|horizon, _| question.horizon.is_none_or(|last| *horizon <= last));
        Ok(RiskStatement { skill, ..stated })
    }

    /// What the positions of `portfolio` may lose together in `horizon` sessions, or in all that are forecast, and what each
    /// contributes.
    ///
    /// Prices of several currencies make no sum, so pieces of such are an error. Weights have no unit: a note says that no exchange rate
    /// is looked at.
    ///
    /// # Errors
    ///
    /// Those of [`forecast`](Self::forecast) for each position, and of [`PortfolioStatement::of`]; [`Config`](crate::Error::Config) for pieces whose
    /// prices are in several currencies.
    pub fn portfolio_risk(&self, portfolio: &Portfolio, horizon: Option<Horizon>) -> Result<PortfolioStatement> {
        let made: Vec<Made> =
            portfolio.positions().iter().map(|position| self.made(&position.ticker)).collect::<Result<_>>()?;
        let forecasts: Vec<Forecast> = made.iter().map(|made| made.forecast.clone()).collect();
        let currencies = currencies(portfolio.holding(), &made)?;
        let mut stated = PortfolioStatement::of(portfolio, &forecasts, horizon, Default::default())?;
        stated.notes.splice(0..0, currencies);
        let positions: Vec<_> = made.iter().map(|made| (&*made.serving.forecaster, &made.bars)).collect();
        Ok(PortfolioStatement { skill: portfolio_skill(portfolio, &positions, &CancelFlag::default())?, ..stated })
    }

    fn made(&self, ticker: &Ticker) -> Result<Made> {
        let sourced = self.bars(ticker)?;
        let mut made = self.made_of(&sourced.bars)?;
        made.forecast.notes.extend(self.notes_of(&sourced));
        made.unit = Some(sourced.understood.prices().to_owned());
        Ok(made)
    }

    fn made_of(&self, bars: &Bars) -> Result<Made> {
        let serving = self.who_forecasts(bars)?;
        let forecast = self.forecast_by(&serving, bars)?;
        Ok(Made { forecast, serving, bars: bars.clone(), unit: None })
    }
}

/// What is to be said of the currencies of positions. Where a source names none, markets that differ are named.
fn currencies(holding: Holding, made: &[Made]) -> Result<Option<String>> {
    let distinct = |words: &mut dyn Iterator<Item = String>| words.collect::<BTreeSet<String>>();
    let listed = |words: &BTreeSet<String>| words.iter().cloned().collect::<Vec<_>>().join(", ");
    let is_said = |unit: &String| !unit.is_empty() && unit != AS_QUOTED;
    let units = distinct(&mut made.iter().filter_map(|made| made.unit.clone()).filter(is_said));
    if units.len() > 1 {
        let rule = "of weights where prices are in several currencies";
        check(holding == Holding::Weight, "portfolio", rule, format!("shares with {}", listed(&units)))?;
        return Ok(Some(format!("exchange rates are not looked at, and there are {}", listed(&units))));
    }
    let calendars = || made.iter().map(|made| made.bars.calendar()).filter(Calendar::is_known);
    let markets = distinct(&mut calendars().map(|calendar| calendar.name().to_owned()));
    let note = || format!("all prices are taken to be in one currency, and the markets are {}", listed(&markets));
    Ok((units.is_empty() && markets.len() > 1).then(note))
}
