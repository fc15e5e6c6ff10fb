//! `Stated` and `SessionAnswer`: numbers that are forecast, each beside its interval and its skill.

use chrono::NaiveDate;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use stockops_core::Forecast;
use stockops_core::forecast::{Day, Field, Horizon};

use super::number::{price, share};

/// A number that is forecast, with its interval and its skill; quote it only with both.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stated {
    /// Middle of the forecast.
    pub value: f64,
    /// Holds 80 % of outcomes where it is right, [low, high]; left out where nothing could be calibrated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval_80: Option<[f64; 2]>,
    /// Holds 90 % of outcomes where it is right, [low, high]; null where nothing could be calibrated.
    pub interval_90: Option<[f64; 2]>,
    /// 1 less the error over that of the best simple rule on held-out days: below 0.01 there is no skill; null where nothing
    /// could be held out.
    pub skill: Option<f64>,
    /// The simple rule that the skill is over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub best_rule: Option<String>,
}

/// One session that is forecast.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SessionAnswer {
    /// Its day.
    pub date: NaiveDate,
    /// 1 for the next session.
    pub sessions_ahead: usize,
    /// First price.
    pub open: Stated,
    /// Highest price.
    pub high: Stated,
    /// Lowest price.
    pub low: Stated,
    /// Last price.
    pub close: Stated,
    /// Shares; 0 where no volume is known.
    pub volume: Stated,
}

impl SessionAnswer {
    /// All sessions of `forecast`.
    pub(crate) fn all(forecast: &Forecast) -> Vec<Self> {
        let days = forecast.predictions.full_forecast.iter().enumerate();
        days.map(|(place, day)| Self::of(forecast, place, day)).collect()
    }

    fn of(forecast: &Forecast, place: usize, day: &Day) -> Self {
        let stated = |field, value| Stated::of(forecast, field, place, value);
        Self {
            date: day.date,
            sessions_ahead: place + 1,
            open: stated(Field::Open, day.open),
            high: stated(Field::High, day.high),
            low: stated(Field::Low, day.low),
            close: stated(Field::Close, day.close),
            volume: stated(Field::Volume, day.volume),
        }
    }

    /// The same with the 90 % intervals alone, for a model whose context is small.
    pub(super) fn brief(mut self) -> Self {
        for stated in [&mut self.open, &mut self.high, &mut self.low, &mut self.close, &mut self.volume] {
            (stated.interval_80, stated.best_rule) = (None, None);
        }
        self
    }
}

impl Stated {
    /// `value` of `field`, `place` sessions after the next one.
    fn of(forecast: &Forecast, field: Field, place: usize, value: f64) -> Self {
        let round = if field == Field::Volume { f64::round } else { price };
        let interval = |level: &str| Some(forecast.intervals.get(level)?.get(place)?.ends(field).map(round));
        let skill = forecast.skill.as_ref().and_then(|skill| skill.get(&field)?.get(&Horizon::at(place)));
        Self {
            value: round(value),
            interval_80: interval("80"),
            interval_90: interval("90"),
            skill: skill.map(|skill| share(skill.vs_best_rule)),
            best_rule: skill.map(|skill| skill.best_rule.to_string()),
        }
    }
}
