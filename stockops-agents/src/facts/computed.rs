//! `Computed`: what is computed of bars, as a word that can be followed.

use std::fmt;
use std::str::FromStr;

use stockops_core::features::{Period, RsiKind, ema, macd, rsi, sma, yang_zhang};
use stockops_core::market::Bar;

/// Sessions of a year.
const YEAR: f64 = 250.0;

/// A number of a stretch of bars, of its last day where it is of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Computed {
    Open,
    High,
    Low,
    Close,
    Volume,
    /// High over low less 1.
    Range,
    /// Last close over the first less 1.
    Return,
    /// Highest high.
    Highest,
    /// Lowest low.
    Lowest,
    /// The last close over the highest high less 1.
    UnderHighest,
    Count,
    Rsi(Period),
    Macd,
    Sma(Period),
    Ema(Period),
    /// By Yang and Zhang, a year.
    Volatility(Period),
    /// Volume of the last day over the mean of the days before it.
    VolumeRatio,
    /// Mean volume.
    MeanVolume,
}

impl Computed {
    /// Its value over `bars`; none where they are too few or a volume is unknown.
    pub(super) fn over(self, bars: &[Bar]) -> Option<f64> {
        let (first, last) = (bars.first()?, bars.last()?);
        let closes = || bars.iter().map(|bar| bar.close).collect::<Vec<_>>();
        let value = match self {
            Self::Open => last.open,
            Self::High => last.high,
            Self::Low => last.low,
            Self::Close => last.close,
            Self::Volume => known(last.volume)?,
            Self::Range => last.high / last.low - 1.0,
            Self::Return => last.close / first.close - 1.0,
            Self::Highest => highest(bars),
            Self::Lowest => bars.iter().map(|bar| bar.low).fold(f64::MAX, f64::min),
            Self::UnderHighest => last.close / highest(bars) - 1.0,
            Self::Count => bars.len() as f64,
            Self::Rsi(period) => *rsi(&closes(), period, RsiKind::Cutler).last()?,
            Self::Macd => *macd(&closes()).last()?,
            Self::Sma(period) => *sma(&closes(), period).last()?,
            Self::Ema(period) => *ema(&closes(), period).last()?,
            Self::Volatility(period) => yang_zhang(bars, period).last()? * YEAR.sqrt(),
            Self::VolumeRatio => known(last.volume)? / mean_volume(&bars[..bars.len() - 1])?,
            Self::MeanVolume => mean_volume(bars)?,
        };
        value.is_finite().then_some(value)
    }
}

fn highest(bars: &[Bar]) -> f64 {
    bars.iter().map(|bar| bar.high).fold(f64::MIN, f64::max)
}

fn known(volume: f64) -> Option<f64> {
    (volume > 0.0).then_some(volume)
}

fn mean_volume(bars: &[Bar]) -> Option<f64> {
    let known: Vec<f64> = bars.iter().map(|bar| bar.volume).filter(|volume| *volume > 0.0).collect();
    (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
}

impl fmt::Display for Computed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Open => "Open",
            Self::High => "High",
            Self::Low => "Low",
            Self::Close => "Close",
            Self::Volume => "Volume",
            Self::Range => "range",
            Self::Return => "return",
            Self::Highest => "highest high",
            Self::Lowest => "lowest low",
            Self::UnderHighest => "close against the highest high",
            Self::Count => "count",
            Self::Rsi(period) => return write!(f, "RSI{period}"),
            Self::Macd => "MACD",
            Self::Sma(period) => return write!(f, "SMA{period}"),
            Self::Ema(period) => return write!(f, "EMA{period}"),
            Self::Volatility(period) => return write!(f, "YZ{period} a year"),
            Self::VolumeRatio => "volume against the mean before",
            Self::MeanVolume => "mean volume",
        })
    }
}

impl FromStr for Computed {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let fixed = [
            Self::Open,
            Self::High,
            Self::Low,
            Self::Close,
            Self::Volume,
            Self::Range,
            Self::Return,
            Self::Highest,
            Self::Lowest,
            Self::UnderHighest,
            Self::Count,
            Self::Macd,
            Self::VolumeRatio,
            Self::MeanVolume,
        ];
        let period = || word.chars().filter(char::is_ascii_digit).collect::<String>().parse().ok();
        let with_period: Option<fn(Period) -> Self> = match word.get(..3) {
            Some("RSI") => Some(Self::Rsi),
            Some("SMA") => Some(Self::Sma),
            Some("EMA") => Some(Self::Ema),
            Some("YZ2") => Some(Self::Volatility),
            _ => None,
        };
        match with_period {
            Some(make) => period().and_then(|sessions| Period::new(sessions).ok()).map(make).ok_or(()),
            None => fixed.into_iter().find(|computed| computed.to_string() == word).ok_or(()),
        }
    }
}
