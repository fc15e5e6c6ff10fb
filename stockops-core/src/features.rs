//! What the models see of the bars: indicators, and the frame that lines them up.
//!
//! Data goes [`Bars`](crate::Bars) → [`FeatureSet::frame`] → [`Frame`]. A [`Feature`] is one column and a
//! [`FeatureSet`] says which columns in which order.
//!
//! Each indicator is a small struct with `push`, one step a session, and a function over a slice that folds that same
//! `push`, so the two cannot differ. The functions return as many values as they were given, with NaN in the first
//! `lookback` rows. Inputs must be finite, as in [`Bars`](crate::Bars).
//!
//! | indicator | step | function | first value at row |
//! | --- | --- | --- | --- |
//! | simple mean | [`Sma`] | [`sma`] | period - 1 |
//! | exponential mean | [`Ema`] | [`ema`] | 0 |
//! | difference of two exponential means | [`Macd`] | [`macd`] | 0 |
//! | relative strength, three kinds | [`Rsi`] | [`rsi`] | period - 1, Wilder's period |
//! | average true range | [`Atr`] | [`atr`] | period |
//! | Bollinger bands | [`Bollinger`] | [`bollinger`] | period - 1 |
//! | volatility by Garman and Klass, Rogers and Satchell | [`GarmanKlass`], [`RogersSatchell`] | [`garman_klass`], [`rogers_satchell`] | period - 1 |
//! | volatility by Yang and Zhang | [`YangZhang`] | [`yang_zhang`] | period |
//! | semivariance of falls or rises | [`Semivariance`] | [`semivariance`] | period |
//! | gap of the night | [`Overnight`] | [`overnight`] | 1 |
//! | log return | [`LogReturn`] | [`log_return`] | 1 |
//! | log range of the day | [`Range`] | [`range`](fn@range) | 0 |
//!
//! A value never depends on a later bar. Means, bands, volatilities and Cutler's `Rsi` depend on the bars of their window
//! alone; `Ema`, `Macd` and Wilder's smoothing remember where the series began, with a weight that fades.

mod atr;
mod bollinger;
mod ema;
mod feature;
mod frame;
mod garman_klass;
mod log_return;
mod macd;
mod overnight;
mod period;
mod range;
mod rogers_satchell;
mod rsi;
mod semivariance;
mod set;
mod sma;
mod step;
mod wilder;
mod window;
mod yang_zhang;

#[cfg(test)]
mod laws;

pub use atr::{Atr, atr};
pub use bollinger::{Bands, Bollinger, bollinger};
pub use ema::{Ema, ema};
pub use feature::Feature;
pub use frame::Frame;
pub use garman_klass::{GarmanKlass, garman_klass};
pub use log_return::{LogReturn, log_return};
pub use macd::{Macd, macd};
pub use overnight::{Overnight, overnight};
pub use period::Period;
pub use range::{Range, range};
pub use rogers_satchell::{RogersSatchell, rogers_satchell};
pub use rsi::{Rsi, RsiKind, rsi};
pub use semivariance::{Semivariance, Side, semivariance};
pub use set::FeatureSet;
pub use sma::{Sma, sma};
pub use step::Step;
pub use yang_zhang::{YangZhang, yang_zhang};
