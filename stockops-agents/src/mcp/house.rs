//! `House`: the library behind the tools; each question is answered by one call.

use std::path::PathBuf;

use stockops_core::evaluation::Evaluation;
use stockops_core::forecast::Horizon;
use stockops_core::risk::{RiskQuestion, RiskStatement};
use stockops_core::service::{BacktestRequest, TrainChild};
use stockops_core::training::Watch;
use stockops_core::{DriftReport, Error, Forecast, ReadOptions, Sourced, Stockops, Strategy, Ticker, read_bars};

use super::answer::{
    Answer, BacktestAnswer, BarsAnswer, DriftAnswer, ForecastAnswer, ModelsAnswer, ReportAnswer, RiskAnswer,
    TrainingAnswer,
};
use super::arguments;
use super::files::allowed;
use super::progress::Work;
use super::resources::chart_of;
use super::settings::Settings;
use super::tool::Quick;
use crate::{Analyst, Request, analyze};

/// Why there is no answer, in a sentence that says what to do next.
pub(super) type Problem = String;

/// The library with what a server may do.
#[derive(Debug)]
pub(super) struct House {
    pub(super) stockops: Stockops,
    pub(super) settings: Settings,
}

/// The next sessions of a ticker, and what its model did on held-out days.
pub(super) struct Look {
    pub(super) sourced: Sourced,
    pub(super) forecast: Forecast,
    pub(super) evaluation: Evaluation,
}

impl House {
    /// Answer a question that takes seconds.
    pub(super) fn answer(&self, asked: &Quick, work: &Work) -> Result<Answer, Problem> {
        match asked {
            Quick::CheckBars(asked) => self.check(asked),
            Quick::Forecast(asked) => {
                let look = self.look(&asked.ticker, work)?;
                Ok(ForecastAnswer::answer(&look.forecast, &look.evaluation))
            }
            Quick::Risk(asked) => self.risk(asked, work),
            Quick::Drift(asked) => {
                let look = self.look(&asked.ticker, work)?;
                Ok(DriftAnswer::answer(&self.drift(&look, work)?, &look.evaluation))
            }
            Quick::Report(asked) => {
                let look = self.look(&asked.ticker, work)?;
                let chart = chart_of(&look.forecast.ticker);
                Ok(ReportAnswer::answer(self.report(&look, work)?, &look.forecast, &look.evaluation, chart))
            }
            Quick::Models(asked) => {
                let ticker = asked.ticker.as_deref().map(|word| self.ticker(word)).transpose()?;
                Ok(ModelsAnswer::answer(&self.said(self.stockops.models(ticker.as_ref()))?))
            }
        }
    }

    /// A walk over the past.
    pub(super) fn backtest(
        &self,
        ticker: Ticker,
        asked: &arguments::Long,
        watch: &mut Watch<'_>,
    ) -> Result<Answer, Problem> {
        let request = BacktestRequest {
            strategy: strategy(asked),
            history: asked.history,
            epochs: asked.epochs,
            ..BacktestRequest::new(ticker)
        };
        Ok(BacktestAnswer::answer(&self.said(self.stockops.backtest(&request, watch))?))
    }

    /// A child, registered.
    pub(super) fn train(
        &self,
        ticker: Ticker,
        asked: &arguments::Long,
        watch: &mut Watch<'_>,
    ) -> Result<Answer, Problem> {
        let request = TrainChild {
            strategy: strategy(asked),
            history: asked.history,
            epochs: asked.epochs,
            ..TrainChild::new(ticker)
        };
        Ok(TrainingAnswer::answer(&self.said(self.stockops.train_child(&request, watch))?))
    }

    /// Bars, forecast and evaluation of a ticker. The forecast is not kept: a question is no
    /// promise that has to be scored.
    pub(super) fn look(&self, word: &str, work: &Work) -> Result<Look, Problem> {
        let ticker = self.ticker(word)?;
        self.said(work.step("bars"))?;
        let sourced = self.said(self.stockops.bars(&ticker))?;
        self.said(work.step("forecast"))?;
        let mut forecast = self.said(self.stockops.preview_of(&sourced.bars))?;
        forecast.notes.extend(sourced.quality.findings.iter().map(|finding| format!("bars: {finding}")));
        let evaluation = self.said(self.stockops.evaluation_of(&sourced.bars))?;
        Ok(Look { sourced, forecast, evaluation })
    }

    /// Risk of what was looked at.
    pub(super) fn risk_of(&self, look: &Look, question: &RiskQuestion, work: &Work) -> Result<RiskStatement, Problem> {
        self.said(work.step("risk"))?;
        let mut risk = self.said(self.stockops.risk_of(&look.sourced.bars, question))?;
        risk.notes.clone_from(&look.forecast.notes);
        Ok(risk)
    }

    /// Drift of what was looked at.
    pub(super) fn drift(&self, look: &Look, work: &Work) -> Result<DriftReport, Problem> {
        self.said(work.step("drift"))?;
        self.said(self.stockops.drift_of(&look.sourced.bars))
    }

    /// The analysts' report in Markdown, written by the model of the settings or by the template.
    ///
    /// It must not be called on a thread that drives a runtime of tokio.
    pub(super) fn report(&self, look: &Look, work: &Work) -> Result<String, Problem> {
        self.said(work.step("report"))?;
        let rules = analyze::Settings { prices: self.settings.prices, ..analyze::Settings::default() };
        let builder = Analyst::builder(self.stockops.clone()).bars_from("the server").settings(rules);
        let model = self.settings.model.clone();
        let analyst = model.into_iter().fold(builder, |builder, model| builder.model(model)).build();
        let asked = Request::new(look.forecast.ticker.clone());
        let kept = analyst.and_then(|analyst| analyst.analyze(asked).wait(|_| {}));
        let kept = kept.map_err(|error| match error {
            crate::Error::Core(error) => (self.settings.explain)(error),
            other => other.to_string(),
        })?;
        Ok(kept.report.final_report)
    }

    pub(super) fn ticker(&self, word: &str) -> Result<Ticker, Problem> {
        self.said(Ticker::new(word))
    }

    /// The result with an error in the words of who started the server.
    pub(super) fn said<T>(&self, result: Result<T, Error>) -> Result<T, Problem> {
        result.map_err(self.settings.explain)
    }

    fn risk(&self, asked: &arguments::Risk, work: &Work) -> Result<Answer, Problem> {
        let horizon = self.said(asked.horizon.map(Horizon::new).transpose())?;
        let levels = asked.levels.clone().unwrap_or_default();
        let look = self.look(&asked.ticker, work)?;
        let risk = self.risk_of(&look, &RiskQuestion { levels, horizon, ..RiskQuestion::default() }, work)?;
        Ok(RiskAnswer::answer(&risk, &look.evaluation))
    }

    fn check(&self, asked: &arguments::CheckBars) -> Result<Answer, Problem> {
        let ticker = asked.ticker.as_deref().map(|word| self.ticker(word)).transpose()?;
        let Sourced { quality, understood, .. } = match (&asked.file, ticker) {
            (Some(word), ticker) => self.read(allowed(&self.settings.roots, word)?, ticker)?,
            (None, Some(ticker)) => self.said(self.stockops.bars(&ticker))?,
            (None, None) => return Err("nothing to check: name a `file`, or a `ticker` of the server's source".into()),
        };
        Ok(BarsAnswer::answer(&quality, &understood))
    }

    fn read(&self, file: PathBuf, ticker: Option<Ticker>) -> Result<Sourced, Problem> {
        let (ticker, read) = match ticker {
            Some(ticker) => (ticker, self.settings.read),
            None => (self.ticker("SERIES")?, ReadOptions { any_series: true, ..self.settings.read }),
        };
        self.said(read_bars(file, &ticker, &read))
    }
}

fn strategy(asked: &arguments::Long) -> Strategy {
    asked.strategy.unwrap_or_default().into()
}
