//! The risk of one ticker and of a portfolio.

use super::Stockops;
use super::forecast::Serving;
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::forecast::{Forecast, Horizon};
use crate::market::{Bars, Ticker};
use crate::pipeline::{forecast_by, portfolio_skill, risk_skill};
use crate::risk::{Portfolio, PortfolioStatement, RiskQuestion, RiskStatement};
use crate::training::CancelFlag;

/// A forecast with what made it and what it was made from.
struct Made {
    forecast: Forecast,
    serving: Serving,
    bars: Bars,
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
        let Made { forecast, serving, bars } = made;
        // What is wrong with the question is told before the work.
        let stated = RiskStatement::of(&forecast, question, Default::default())?;
        let mut skill = risk_skill(&serving.forecaster, &bars, &CancelFlag::default())?;
        skill.retain(|horizon, _| question.horizon.is_none_or(|last| *horizon <= last));
        Ok(RiskStatement { skill, ..stated })
    }

    /// What the positions of `portfolio` may lose together in `horizon` sessions, or in all that are forecast, and what each
    /// contributes.
    ///
    /// # Errors
    ///
    /// Those of [`forecast`](Self::forecast) for each position, and of [`PortfolioStatement::of`].
    pub fn portfolio_risk(&self, portfolio: &Portfolio, horizon: Option<Horizon>) -> Result<PortfolioStatement> {
        let made: Vec<Made> =
            portfolio.positions().iter().map(|position| self.made(&position.ticker)).collect::<Result<_>>()?;
        let forecasts: Vec<Forecast> = made.iter().map(|made| made.forecast.clone()).collect();
        let stated = PortfolioStatement::of(portfolio, &forecasts, horizon, Default::default())?;
        let positions: Vec<_> = made.iter().map(|made| (&*made.serving.forecaster, &made.bars)).collect();
        Ok(PortfolioStatement { skill: portfolio_skill(portfolio, &positions, &CancelFlag::default())?, ..stated })
    }

    fn made(&self, ticker: &Ticker) -> Result<Made> {
        let sourced = self.bars(ticker)?;
        let mut made = self.made_of(&sourced.bars)?;
        made.forecast.notes.extend(sourced.quality.findings.iter().map(|finding| format!("bars: {finding}")));
        Ok(made)
    }

    fn made_of(&self, bars: &Bars) -> Result<Made> {
        let serving = self.who_forecasts(bars)?;
        let forecast = forecast_by(&serving.forecaster, &serving.id, serving.doubt.clone(), bars)?;
        Ok(Made { forecast, serving, bars: bars.clone() })
    }
}
