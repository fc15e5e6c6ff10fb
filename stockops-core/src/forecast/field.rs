//! `Field`: what is forecast and judged, on a log scale.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::dataset::{DayLogs, log_range};
use crate::market::Bar;

/// A quantity that is forecast, as errors measure it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// log(Open / last Close).
    Open,
    /// log(High / last Close).
    High,
    /// log(Low / last Close).
    Low,
    /// log(Close / last Close).
    Close,
    /// log(Volume); unknown where it is 0.
    Volume,
    /// log(log(High / Low)), of at least 0.0002.
    Range,
}

impl Field {
    /// All fields.
    pub const ALL: [Self; 6] = [Self::Open, Self::High, Self::Low, Self::Close, Self::Volume, Self::Range];

    /// The fields that a model is judged by, in the gate, in charts and in words: the move, the activity and the width of a
    /// day. Simple rules for open, high and low are weak, so skill over them says little.
    pub const JUDGED: [Self; 3] = [Self::Close, Self::Volume, Self::Range];

    /// Its value in `bar`, with prices against `last_close`; `None` for unknown volume.
    pub fn value(self, bar: &Bar, last_close: f64) -> Option<f64> {
        match self {
            Self::Open => Some((bar.open / last_close).ln()),
            Self::High => Some((bar.high / last_close).ln()),
            Self::Low => Some((bar.low / last_close).ln()),
            Self::Close => Some((bar.close / last_close).ln()),
            Self::Volume => (bar.volume > 0.0).then(|| bar.volume.ln()),
            Self::Range => Some(log_range(bar).ln()),
        }
    }

    /// Its value on a day with these logs; `None` for unknown volume, and for prices, which logs say nothing of.
    pub(crate) fn of_logs(self, logs: DayLogs) -> Option<f64> {
        match self {
            Self::Volume => logs.volume,
            Self::Range => Some(logs.range),
            Self::Open | Self::High | Self::Low | Self::Close => None,
        }
    }

    /// Whether it is a price, whose errors grow with volatility.
    pub fn is_price(self) -> bool {
        !matches!(self, Self::Volume | Self::Range)
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::day;

    #[test]
    fn words_are_those_of_json() {
        assert_eq!(Field::ALL.map(|field| field.to_string()).join(" "), "open high low close volume range");
    }

    #[test]
    fn values_stand_on_the_log_scale_and_unknown_volume_has_none() {
        let bar = Bar { date: day(0), open: 2.0, high: 8.0, low: 1.0, close: 4.0, volume: 16.0 };
        let log = |x: f64| Some(x.ln());
        let wanted = [log(1.0), log(4.0), log(0.5), log(2.0), log(16.0), log(8f64.ln())];
        assert_eq!(Field::ALL.map(|field| field.value(&bar, 2.0)), wanted);
        assert_eq!(Field::Volume.value(&Bar { volume: 0.0, ..bar }, 2.0), None);
        assert_eq!(Field::ALL.map(Field::is_price), [true, true, true, true, false, false]);
    }
}
