//! `Forecast`: the contract's JSON, with intervals, skill and where it comes from beside it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Field, Outlook, Role, Sampler, SkillTable};
use crate::market::{Bar, Ticker};

/// The next sessions of a ticker.
///
/// Serialised, it has the fields and names of the original system's forecast and more. Prices are in the currency of the
/// bars, and each day has `low <= min(open, close)`, `high >= max(open, close)` and `volume >= 0`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Forecast {
    /// Whose forecast.
    pub ticker: Ticker,
    /// Last day of the bars that it was made from.
    pub last_date: NaiveDate,
    /// Close of that day.
    pub last_price: f64,
    /// Sessions that are forecast.
    pub future_window_days: usize,
    /// The next sessions by the calendar of the exchange.
    pub next_business_days: Vec<NaiveDate>,
    /// The forecast itself.
    pub predictions: Predictions,
    /// The last 30 closes.
    pub history: Vec<PastClose>,
    /// Intervals by level in percent (`80`, `90`, `95`), one entry a session; empty where nothing could be calibrated.
    pub intervals: BTreeMap<String, Vec<IntervalDay>>,
    /// What is said of direction and volatility in words.
    #[serde(default)]
    pub outlook: Option<Outlook>,
    /// Skill against simple rules on held-out days; `None` where nothing could be held out, see `notes`.
    pub skill: Option<SkillTable>,
    /// Version that forecast, such as `GOOG@3`; `None` for a forecaster that is in no registry.
    pub model_version: Option<String>,
    /// How the model was made: `parent`, `freeze`, `fine_tune`, `zero_shot` or `scratch`.
    pub strategy: Role,
    /// What a reader has to know: zero-shot, leaked, unproven, assumed holidays.
    pub notes: Vec<String>,
    /// What [`sample`](Self::sample) draws from.
    #[serde(skip)]
    pub sampler: Sampler,
}

/// The forecast in the three cuts of the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Predictions {
    /// The next session.
    pub next_day: Day,
    /// Highest high and lowest low of all sessions.
    pub next_week: NextWeek,
    /// All sessions.
    pub full_forecast: Vec<Day>,
}

/// One session that is forecast.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "ForecastDay"))]
pub struct Day {
    /// Day of the session.
    pub date: NaiveDate,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Shares; 0 where no volume of the ticker is known, as for currencies, and a note says so.
    pub volume: f64,
}

/// Bounds of all sessions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextWeek {
    /// Highest high.
    pub high: f64,
    /// Lowest low.
    pub low: f64,
}

/// A close that is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PastClose {
    /// Day of the session.
    pub date: NaiveDate,
    /// Last price.
    pub close: f64,
}

/// Intervals of one session, each [low end, high end].
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct IntervalDay {
    /// Day of the session.
    pub date: NaiveDate,
    /// First price.
    pub open: [f64; 2],
    /// Highest price.
    pub high: [f64; 2],
    /// Lowest price.
    pub low: [f64; 2],
    /// Last price.
    pub close: [f64; 2],
    /// Shares; [0, 0] where no volume of the ticker is known.
    pub volume: [f64; 2],
    /// log(High / Low).
    pub range: [f64; 2],
    /// Last price, wide enough that all days together stay inside.
    #[serde(default)]
    pub path: [f64; 2],
}

impl IntervalDay {
    /// The ends of the interval of `field`: prices, shares, or log(High / Low).
    ///
    /// ```
    /// use stockops_core::forecast::{Field, IntervalDay};
    ///
    /// let [open, high, low, close] = [[9.0, 11.0], [10.0, 12.0], [8.0, 10.0], [9.0, 12.0]];
    /// let date = "2024-06-28".parse().unwrap();
    /// let day = IntervalDay { date, open, high, low, close, volume: [0.0; 2], range: [0.1, 0.3], path: [8.0, 13.0] };
    /// assert_eq!(day.ends(Field::Close), [9.0, 12.0]);
    /// ```
    pub fn ends(&self, field: Field) -> [f64; 2] {
        match field {
            Field::Open => self.open,
            Field::High => self.high,
            Field::Low => self.low,
            Field::Close => self.close,
            Field::Volume => self.volume,
            Field::Range => self.range,
        }
    }
}

impl Predictions {
    /// The three cuts of `bars`, of which there is at least one.
    pub(crate) fn of(bars: &[Bar]) -> Self {
        let full_forecast: Vec<Day> = bars.iter().map(Day::from).collect();
        let high = bars.iter().map(|bar| bar.high).fold(f64::MIN, f64::max);
        let low = bars.iter().map(|bar| bar.low).fold(f64::MAX, f64::min);
        Self { next_day: full_forecast[0], next_week: NextWeek { high, low }, full_forecast }
    }
}

impl From<&Bar> for Day {
    fn from(bar: &Bar) -> Self {
        let Bar { date, open, high, low, close, volume } = *bar;
        Self { date, open, high, low, close, volume }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;

    #[test]
    fn the_three_cuts_are_of_the_same_bars() {
        let bar = |i: u64, high: f64, low: f64| Bar { date: day(i), open: 5.0, high, low, close: 5.0, volume: 7.0 };
        let cuts = Predictions::of(&[bar(0, 6.0, 4.0), bar(1, 9.0, 3.0), bar(2, 7.0, 2.0)]);
        assert_eq!((cuts.next_week.high, cuts.next_week.low), (9.0, 2.0));
        assert_eq!((cuts.next_day.date, cuts.next_day.high, cuts.full_forecast.len()), (day(0), 6.0, 3));
    }
}
