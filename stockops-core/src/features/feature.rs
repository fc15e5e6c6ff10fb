//! `Feature`: one column of a frame, and its word.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Period, RsiKind, Side};
use crate::error::{Error, Result};

/// One column of a [`Frame`](super::Frame).
///
/// A feature has a word, which configs, files and reports use; printing and parsing undo each other.
///
/// | word | feature | unit |
/// | --- | --- | --- |
/// | `Open`, `High`, `Low`, `Close` | of the bar | price |
/// | `Volume` | of the bar | shares |
/// | `RSI14`, `RSI14_wilder`, `RSI14_ema` | [`Rsi`](super::Rsi) | percent, 0 to 100 |
/// | `MACD` | [`Macd`](super::Macd) | price |
/// | `EMA20`, `SMA20` | [`Ema`](super::Ema), [`Sma`](super::Sma) of the close | price |
/// | `ATR14` | [`Atr`](super::Atr) | price |
/// | `BB20_upper`, `BB20_lower` | [`Bollinger`](super::Bollinger); the middle is `SMA20` | price |
/// | `GK20`, `RS20` | [`GarmanKlass`](super::GarmanKlass), [`RogersSatchell`](super::RogersSatchell) | logarithm |
/// | `YZ20` | [`YangZhang`](super::YangZhang) | logarithm |
/// | `SV20_down`, `SV20_up` | [`Semivariance`](super::Semivariance) of the closes | squared logarithm |
/// | `Overnight` | [`Overnight`](super::Overnight) | logarithm |
/// | `LogReturn`, `Range` | [`LogReturn`](super::LogReturn), [`Range`](super::Range) | logarithm |
///
/// The numbers are periods, from 1 to 1000.
///
/// # Example
///
/// ```
/// use stockops_core::Feature;
/// use stockops_core::features::{Period, RsiKind};
///
/// let feature: Feature = "RSI14_wilder".parse()?;
/// assert_eq!(feature, Feature::Rsi { period: Period::new(14)?, kind: RsiKind::Wilder });
/// assert_eq!(feature.to_string(), "RSI14_wilder");
/// assert_eq!(feature.lookback(), 14);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Feature {
    /// First price of the day.
    Open,
    /// Highest price of the day.
    High,
    /// Lowest price of the day.
    Low,
    /// Last price of the day.
    Close,
    /// Shares traded.
    Volume,
    /// Relative strength of the closes.
    Rsi {
        /// Sessions that it looks over.
        period: Period,
        /// How gains and losses are averaged.
        kind: RsiKind,
    },
    /// Exponential mean of 12 sessions minus that of 26.
    Macd,
    /// Exponential mean of the closes.
    Ema(Period),
    /// Simple mean of the closes.
    Sma(Period),
    /// Average true range.
    Atr(Period),
    /// Mean of the closes plus two deviations.
    BollingerUpper(Period),
    /// Mean of the closes minus two deviations.
    BollingerLower(Period),
    /// Volatility from open, high, low and close.
    GarmanKlass(Period),
    /// Volatility from open, high, low and close, whatever the drift.
    RogersSatchell(Period),
    /// Volatility with the nights in it.
    YangZhang(Period),
    /// Mean square of the returns on one side of 0.
    Semivariance {
        /// Sessions that it looks over.
        period: Period,
        /// Which returns count.
        side: Side,
    },
    /// Logarithm of open over previous close.
    Overnight,
    /// Logarithm of close over previous close.
    LogReturn,
    /// Logarithm of high over low.
    Range,
}

impl Feature {
    /// Whether it is a column of the bars themselves: Open, High, Low, Close or Volume.
    pub fn is_ohlcv(self) -> bool {
        matches!(self, Self::Open | Self::High | Self::Low | Self::Close | Self::Volume)
    }

    /// The version of the formula that its values come from. Whoever changes what a feature says of the same bars raises its
    /// number here, so that a model that was trained on the former values is not served the new ones.
    pub fn formula(self) -> u32 {
        1
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open => f.write_str("Open"),
            Self::High => f.write_str("High"),
            Self::Low => f.write_str("Low"),
            Self::Close => f.write_str("Close"),
            Self::Volume => f.write_str("Volume"),
            Self::Rsi { period, kind: RsiKind::Cutler } => write!(f, "RSI{period}"),
            Self::Rsi { period, kind: RsiKind::Wilder } => write!(f, "RSI{period}_wilder"),
            Self::Rsi { period, kind: RsiKind::Ema } => write!(f, "RSI{period}_ema"),
            Self::Macd => f.write_str("MACD"),
            Self::Ema(period) => write!(f, "EMA{period}"),
            Self::Sma(period) => write!(f, "SMA{period}"),
            Self::Atr(period) => write!(f, "ATR{period}"),
            Self::BollingerUpper(period) => write!(f, "BB{period}_upper"),
            Self::BollingerLower(period) => write!(f, "BB{period}_lower"),
            Self::GarmanKlass(period) => write!(f, "GK{period}"),
            Self::RogersSatchell(period) => write!(f, "RS{period}"),
            Self::YangZhang(period) => write!(f, "YZ{period}"),
            Self::Semivariance { period, side: Side::Down } => write!(f, "SV{period}_down"),
            Self::Semivariance { period, side: Side::Up } => write!(f, "SV{period}_up"),
            Self::Overnight => f.write_str("Overnight"),
            Self::LogReturn => f.write_str("LogReturn"),
            Self::Range => f.write_str("Range"),
        }
    }
}

impl FromStr for Feature {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Ok(match word {
            "Open" => Self::Open,
            "High" => Self::High,
            "Low" => Self::Low,
            "Close" => Self::Close,
            "Volume" => Self::Volume,
            "MACD" => Self::Macd,
            "Overnight" => Self::Overnight,
            "LogReturn" => Self::LogReturn,
            "Range" => Self::Range,
            _ => return parse_with_period(word),
        })
    }
}

/// A word that holds a period, such as `RSI14_wilder`.
fn parse_with_period(word: &str) -> Result<Feature> {
    let start = word.find(|c: char| c.is_ascii_digit()).unwrap_or(word.len());
    let (name, rest) = word.split_at(start);
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (digits, suffix) = rest.split_at(end);
    let make: fn(Period) -> Feature = match (name, suffix) {
        ("RSI", "") => |period| Feature::Rsi { period, kind: RsiKind::Cutler },
        ("RSI", "_wilder") => |period| Feature::Rsi { period, kind: RsiKind::Wilder },
        ("RSI", "_ema") => |period| Feature::Rsi { period, kind: RsiKind::Ema },
        ("EMA", "") => Feature::Ema,
        ("SMA", "") => Feature::Sma,
        ("ATR", "") => Feature::Atr,
        ("BB", "_upper") => Feature::BollingerUpper,
        ("BB", "_lower") => Feature::BollingerLower,
        ("GK", "") => Feature::GarmanKlass,
        ("RS", "") => Feature::RogersSatchell,
        ("YZ", "") => Feature::YangZhang,
        ("SV", "_down") => |period| Feature::Semivariance { period, side: Side::Down },
        ("SV", "_up") => |period| Feature::Semivariance { period, side: Side::Up },
        _ => return Err(unknown(word)),
    };
    // `RSI014` would be a second word for `RSI14`.
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with('0')) {
        return Err(unknown(word));
    }
    // Digits that overflow are above every period.
    let sessions = digits.parse().unwrap_or(usize::MAX);
    Period::checked(sessions, shortened(word)).map(make)
}

fn unknown(word: &str) -> Error {
    let rule = "a word such as Open, High, Low, Close, Volume, RSI14, RSI14_wilder, RSI14_ema, MACD, EMA20, SMA20, \
                ATR14, BB20_upper, BB20_lower, GK20, RS20, YZ20, SV20_down, SV20_up, Overnight, LogReturn or Range";
    Error::Config { field: "feature", rule, got: shortened(word) }
}

/// `word` at a length that can be read.
fn shortened(word: &str) -> String {
    word.chars().take(40).collect()
}

impl TryFrom<String> for Feature {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Feature> for String {
    fn from(feature: Feature) -> Self {
        feature.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_comes_back() {
        let words = "Open High Low Close Volume RSI14 RSI2_wilder RSI1000_ema MACD EMA1 SMA200 ATR14 BB20_upper \
                     BB20_lower GK20 RS9 YZ250 SV20_down SV5_up Overnight LogReturn Range";
        for word in words.split_whitespace() {
            let feature: Feature = word.parse().unwrap();
            assert_eq!(feature.to_string(), word);
            let json = serde_json::to_string(&feature).unwrap();
            assert_eq!(json, format!("\"{word}\""));
            assert_eq!(serde_json::from_str::<Feature>(&json).unwrap(), feature);
        }
    }

    #[test]
    fn a_word_that_is_none_is_told_which_there_are() {
        let list = "a word such as Open, High, Low, Close, Volume, RSI14, RSI14_wilder, RSI14_ema, MACD, EMA20, \
                    SMA20, ATR14, BB20_upper, BB20_lower, GK20, RS20, YZ20, SV20_down, SV20_up, Overnight, LogReturn or \
                    Range";
        for word in
            ["", "open", "RSI", "RSI014", "RSI14_cutler", "EMA20_wilder", "BB20", "SV20", "14", "RSI+4", "VWAP9", "é1"]
        {
            let message = word.parse::<Feature>().unwrap_err().to_string();
            assert_eq!(message, format!("`feature` must be {list}, got {word}"));
        }
    }

    #[test]
    fn a_period_outside_its_range_is_named_with_its_word() {
        for word in ["RSI0", "SMA1001", "ATR99999999999999999999999"] {
            let message = word.parse::<Feature>().unwrap_err().to_string();
            assert_eq!(message, format!("`period` must be from 1 to 1000 sessions, got {word}"));
        }
        assert!(serde_json::from_str::<Feature>("\"SMA0\"").is_err());
    }
}
