//! The house as a desk whose clock stands at the evening of its last bar, and a newspaper.

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use stockops_agents::news::{Headline, NewsSource};
use stockops_agents::{AnalystReport, Desk, Result};
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::risk::{RiskQuestion, RiskStatement};
use stockops_core::source::Sourced;
use stockops_core::{Bars, Forecast, Ticker};

use super::House;

/// A desk of [`house`].
#[derive(Debug, Default)]
pub(crate) struct HouseDesk {
    /// Forecasts that were kept.
    pub(crate) kept: AtomicUsize,
    /// Seconds after the evening of the last bar.
    pub(crate) seconds: Arc<AtomicI64>,
    /// The version that forecasts, where it is another.
    pub(crate) version: Option<&'static str>,
    /// The unit of prices and volume, where it is another.
    pub(crate) unit: Option<&'static str>,
    /// The last bar that there is, where it is an earlier one.
    pub(crate) until: Option<NaiveDate>,
}

/// Read once for all tests.
pub(crate) fn house() -> &'static House {
    static HOUSE: OnceLock<House> = OnceLock::new();
    HOUSE.get_or_init(House::amzn)
}

impl Desk for HouseDesk {
    fn now(&self) -> DateTime<Utc> {
        let evening: DateTime<Utc> = "2020-07-31T21:00:00Z".parse().unwrap();
        evening + TimeDelta::seconds(self.seconds.load(Ordering::SeqCst))
    }

    fn bars(&self, _: &Ticker) -> Result<Sourced> {
        let mut bars = house().bars.clone();
        self.unit.iter().for_each(|unit| bars.understood.unit = (*unit).into());
        self.until.iter().for_each(|day| bars.bars = bars.bars.between(None, Some(*day)));
        Ok(bars)
    }

    fn forecast(&self, bars: &Bars) -> Result<Forecast> {
        self.kept.fetch_add(1, Ordering::SeqCst);
        self.preview(bars)
    }

    fn preview(&self, _: &Bars) -> Result<Forecast> {
        let forecast = house().forecast.clone();
        let model_version = self.version.map(String::from).or(forecast.model_version.clone());
        Ok(Forecast { model_version, ..forecast })
    }

    fn evaluation(&self, _: &Bars) -> Result<Evaluation> {
        Ok(house().evaluation.clone())
    }

    fn risk(&self, _: &Bars, _: &RiskQuestion) -> Result<RiskStatement> {
        Ok(house().risk.clone())
    }

    fn drift(&self, _: &Bars) -> Result<DriftReport> {
        Ok(house().drift.clone())
    }
}

/// Headlines that are there.
#[derive(Debug)]
pub(crate) struct Paper(pub(crate) Vec<Headline>);

impl NewsSource for Paper {
    fn name(&self) -> &str {
        "paper"
    }

    fn headlines<'a>(&'a self, _: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Vec<Headline>>> {
        let before = self.0.iter().filter(|one| one.published < until).cloned().collect();
        async move { Ok(before) }.boxed()
    }
}

/// Claim that `report` has all of its parts, and that each of its numbers is a fact.
pub(crate) fn is_complete(report: &AnalystReport) {
    for heading in [
        "# AMZN: NEUTRAL, Hold",
        "## Why",
        "## Forecast",
        "## What moved",
        "## Risks",
        "## The model's record",
        "## Drift",
    ] {
        assert!(report.final_report.contains(heading), "{heading} is missing in\n{}", report.final_report);
    }
    for session in &house().forecast.next_business_days {
        assert!(report.final_report.contains(&format!("| {session} |")), "{session}");
    }
    assert!(!report.final_report.contains("{{"), "{}", report.final_report);
    assert!(report.numbers.len() > 50, "{}", report.numbers.len());
    for number in &report.numbers {
        assert!(report.fact(&number.fact).is_some() || number.fact.contains(' '), "{number:?}");
    }
}
