//! `Step`: any feature, one session at a time.

use super::{
    Atr, Bollinger, Ema, Feature, GarmanKlass, LogReturn, Macd, Overnight, Range, RogersSatchell, Rsi, Semivariance,
    Sma, YangZhang,
};
use crate::market::Bar;

/// A feature in progress, made by [`Feature::step`]: give it one bar after another.
///
/// A [`Frame`](super::Frame) is filled through the same `push`, so a service that keeps a `Step` per column has the
/// numbers of training, bit for bit.
#[derive(Debug, Clone)]
pub struct Step(Kind);

/// What each feature keeps between bars.
#[derive(Debug, Clone)]
enum Kind {
    Field(fn(&Bar) -> f64),
    Rsi(Rsi),
    Macd(Macd),
    Ema(Ema),
    Sma(Sma),
    Atr(Atr),
    BollingerUpper(Bollinger),
    BollingerLower(Bollinger),
    GarmanKlass(GarmanKlass),
    RogersSatchell(RogersSatchell),
    YangZhang(YangZhang),
    Semivariance(Semivariance),
    Overnight(Overnight),
    LogReturn(LogReturn),
    Range(Range),
}

impl Feature {
    /// The feature one session at a time.
    pub fn step(self) -> Step {
        Step::new(self)
    }

    /// Rows before its first value.
    pub fn lookback(self) -> usize {
        self.step().lookback()
    }
}

impl Step {
    /// `feature` before its first bar.
    fn new(feature: Feature) -> Self {
        Self(match feature {
            Feature::Open => Kind::Field(|bar| bar.open),
            Feature::High => Kind::Field(|bar| bar.high),
            Feature::Low => Kind::Field(|bar| bar.low),
            Feature::Close => Kind::Field(|bar| bar.close),
            Feature::Volume => Kind::Field(|bar| bar.volume),
            Feature::Rsi { period, kind } => Kind::Rsi(Rsi::new(period, kind)),
            Feature::Macd => Kind::Macd(Macd::new()),
            Feature::Ema(period) => Kind::Ema(Ema::new(period)),
            Feature::Sma(period) => Kind::Sma(Sma::new(period)),
            Feature::Atr(period) => Kind::Atr(Atr::new(period)),
            Feature::BollingerUpper(period) => Kind::BollingerUpper(Bollinger::new(period)),
            Feature::BollingerLower(period) => Kind::BollingerLower(Bollinger::new(period)),
            Feature::GarmanKlass(period) => Kind::GarmanKlass(GarmanKlass::new(period)),
            Feature::RogersSatchell(period) => Kind::RogersSatchell(RogersSatchell::new(period)),
            Feature::YangZhang(period) => Kind::YangZhang(YangZhang::new(period)),
            Feature::Semivariance { period, side } => Kind::Semivariance(Semivariance::new(period, side)),
            Feature::Overnight => Kind::Overnight(Overnight::new()),
            Feature::LogReturn => Kind::LogReturn(LogReturn::new()),
            Feature::Range => Kind::Range(Range),
        })
    }

    /// Rows before the first value.
    pub fn lookback(&self) -> usize {
        match &self.0 {
            Kind::Field(_) => 0,
            Kind::Rsi(rsi) => rsi.lookback(),
            Kind::Macd(macd) => macd.lookback(),
            Kind::Ema(ema) => ema.lookback(),
            Kind::Sma(sma) => sma.lookback(),
            Kind::Atr(atr) => atr.lookback(),
            Kind::BollingerUpper(bands) | Kind::BollingerLower(bands) => bands.lookback(),
            Kind::GarmanKlass(volatility) => volatility.lookback(),
            Kind::RogersSatchell(volatility) => volatility.lookback(),
            Kind::YangZhang(volatility) => volatility.lookback(),
            Kind::Semivariance(semivariance) => semivariance.lookback(),
            Kind::Overnight(overnight) => overnight.lookback(),
            Kind::LogReturn(log_return) => log_return.lookback(),
            Kind::Range(range) => range.lookback(),
        }
    }

    /// Take the next bar; the value of its row, `None` in the first `lookback` rows.
    pub fn push(&mut self, bar: &Bar) -> Option<f64> {
        match &mut self.0 {
            Kind::Field(field) => Some(field(bar)),
            Kind::Rsi(rsi) => rsi.push(bar.close),
            Kind::Macd(macd) => macd.push(bar.close),
            Kind::Ema(ema) => ema.push(bar.close),
            Kind::Sma(sma) => sma.push(bar.close),
            Kind::Atr(atr) => atr.push(bar),
            Kind::BollingerUpper(bands) => bands.push(bar.close).map(|bands| bands.upper),
            Kind::BollingerLower(bands) => bands.push(bar.close).map(|bands| bands.lower),
            Kind::GarmanKlass(volatility) => volatility.push(bar),
            Kind::RogersSatchell(volatility) => volatility.push(bar),
            Kind::YangZhang(volatility) => volatility.push(bar),
            Kind::Semivariance(semivariance) => semivariance.push(bar.close),
            Kind::Overnight(overnight) => overnight.push(bar),
            Kind::LogReturn(log_return) => log_return.push(bar.close),
            Kind::Range(range) => range.push(bar),
        }
    }
}
