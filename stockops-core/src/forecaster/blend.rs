//! `Blend`: the network's bars and the pooled linear rule, weighed by what was right on validation days.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::PooledHar;
use crate::dataset::{IndexDay, Past, bar_within, position};
use crate::forecast::{Case, Field};
use crate::least_squares::LeastSquares;
use crate::market::Bar;

/// Shares of the network and of the linear rule before anything is known of them.
const EVEN: [f64; 2] = [0.5, 0.5];

/// Shares where there is no linear rule.
const NETWORK_ALONE: [f64; 2] = [1.0, 0.0];

/// Share of the network's move of the close that is kept before anything is known of it: the close stays.
const NO_MOVE: f64 = 0.0;

/// Largest share of the network's move of the close: direction has little skill, and half of a move costs a quarter of
/// what all of it would where it is wrong.
const MOST_OF_THE_CLOSE: f64 = 0.5;

/// Validation forecasts that the prior counts for.
const PRIOR_FORECASTS: f64 = 1000.0;

/// Fewest validation forecasts that say anything.
const MIN_FORECASTS: usize = 60;

/// How the network's bars become the forecast.
///
/// Range and volume are `m + a (network - m) + b (rule - m)` on the log scale, with `m` the mean of 20 days and one pair
/// (a, b) a horizon, each from 0 and together at most 1; the move of the close is the network's times a share of at most
/// one half. Shares are least squares on validation forecasts, drawn towards a prior worth 1,000 forecasts: even shares and a close that stays
/// for a parent, the parent's shares for a child (a combination of forecasts: Bates and Granger 1969). So where the
/// network has no skill the forecast falls back to the rule, and the close to "tomorrow equals today".
///
/// History, network and what is learned from are bars of [ordinary](crate::dataset::DayEffects::ordinary) days.
///
/// A child keeps its parent's share of the close: a few hundred days cannot tell a drift from luck.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blend {
    har: Option<PooledHar>,
    range: Vec<[f64; 2]>,
    volume: Vec<[f64; 2]>,
    close: Vec<f64>,
    /// Validation forecasts that the shares were learned from; 0 where they are the prior.
    forecasts: usize,
}

impl Blend {
    /// The network as it is.
    pub fn network_alone(horizons: usize) -> Self {
        let whole = vec![NETWORK_ALONE; horizons];
        Self { har: None, range: whole.clone(), volume: whole, close: vec![1.0; horizons], forecasts: 0 }
    }

    /// The prior of a parent: even shares of network and rule for what there is a rule for, and a close that stays.
    pub(crate) fn even(har: Option<PooledHar>, horizons: usize) -> Self {
        let shares = |field| if har.as_ref().is_some_and(|har| har.has(field)) { EVEN } else { NETWORK_ALONE };
        let [range, volume] = [Field::Range, Field::Volume].map(|field| vec![shares(field); horizons]);
        Self { har, range, volume, close: vec![NO_MOVE; horizons], forecasts: 0 }
    }

    /// The prior of a child: this blend, with the linear rule drawn towards `own` by the days that it was fitted on.
    pub(crate) fn for_child(&self, own: Option<PooledHar>) -> Self {
        let har = match (&self.har, own) {
            (Some(parent), Some(own)) => Some(parent.shrunk_towards(&own)),
            (None, _) | (_, None) => self.har.clone(),
        };
        Self { har, ..self.clone() }
    }

    /// These shares, with the linear rule of `other`.
    pub(crate) fn with_rule_of(&self, other: &Self) -> Self {
        Self { har: other.har.clone(), ..self.clone() }
    }

    /// Learn the shares from `cases` of validation days, whose bars are the network's own, with this blend as the prior;
    /// that of the close only where `close` says so.
    #[must_use]
    pub(crate) fn fitted(&self, cases: &[Case<'_>], close: bool) -> Self {
        let Some(har) = self.har.as_ref().filter(|_| cases.len() >= MIN_FORECASTS) else { return self.clone() };
        let horizons = self.close.len();
        let mut fits = [Field::Range, Field::Volume].map(|field| (field, vec![LeastSquares::new(2); horizons]));
        let mut closes = vec![LeastSquares::new(1); horizons];
        for case in cases {
            for (field, fits) in &mut fits {
                let rule = har.forecast(case.history, case.index.as_ref(), &dates(case.actual), *field);
                let Some((level, rule)) = level(Past::of(case.history), *field).zip(rule) else { continue };
                for (horizon, fit) in fits.iter_mut().enumerate() {
                    let pair = case.predicted(*field, horizon).zip(case.actual(*field, horizon));
                    if let Some((network, actual)) = pair {
                        fit.add(&[network - level, rule[horizon] - level], actual - level);
                    }
                }
            }
            for (horizon, fit) in closes.iter_mut().enumerate() {
                let pair = case.predicted(Field::Close, horizon).zip(case.actual(Field::Close, horizon));
                if let Some((network, actual)) = pair {
                    fit.add(&[network / case.unit], actual / case.unit);
                }
            }
        }
        let pairs = |fits: &[LeastSquares], prior: &[[f64; 2]]| {
            fits.iter().zip(prior).map(|(fit, prior)| at_most_one(shrunk_towards(fit, *prior))).collect()
        };
        let of_close = |(fit, prior): (&LeastSquares, &f64)| shrunk_towards(fit, [*prior])[0].min(MOST_OF_THE_CLOSE);
        Self {
            har: self.har.clone(),
            range: pairs(&fits[0].1, &self.range),
            volume: pairs(&fits[1].1, &self.volume),
            close: if close { closes.iter().zip(&self.close).map(of_close).collect() } else { self.close.clone() },
            forecasts: cases.len(),
        }
    }

    /// Whether it forecasts the range better where the index's bars are known.
    pub(crate) fn wants_index(&self) -> bool {
        self.har.as_ref().is_some_and(PooledHar::wants_index)
    }

    /// Whether it has shares, and its rule coefficients, for exactly `horizons` sessions.
    pub(super) fn has_horizons(&self, horizons: usize) -> bool {
        let shares = [self.range.len(), self.volume.len(), self.close.len()];
        shares == [horizons; 3] && self.har.as_ref().is_none_or(|har| har.has_horizons(horizons))
    }

    /// The forecast after `history`, and after `index` where it is known, where the network says the bars `network`.
    pub(super) fn apply(&self, history: Past<'_>, index: Option<&IndexDay>, network: &[Bar]) -> Vec<Bar> {
        let alone = self.har.is_none() && self.close.iter().all(|share| *share == 1.0);
        let Some(last) = history.bars().last().filter(|_| !alone) else { return network.to_vec() };
        let mixed = |field, shares| self.mixed(history, index, network, field, shares);
        let ranges = mixed(Field::Range, &self.range);
        let volumes = mixed(Field::Volume, &self.volume);
        let of = |(horizon, bar): (usize, &Bar)| {
            let log_close = last.close.ln() + self.close[horizon] * (bar.close / last.close).ln();
            let places = [position(bar, bar.open), position(bar, bar.close)];
            let volume = volumes[horizon].map_or(bar.volume, f64::exp);
            let range = ranges[horizon].map_or(0.0, f64::exp);
            bar_within(bar.date, log_close, range, places, volume)
        };
        network.iter().enumerate().map(of).collect()
    }

    fn mixed(
        &self,
        history: Past<'_>,
        index: Option<&IndexDay>,
        network: &[Bar],
        field: Field,
        shares: &[[f64; 2]],
    ) -> Vec<Option<f64>> {
        let rule = self.har.as_ref().and_then(|har| har.forecast_after(history, index, &dates(network), field));
        let level = level(history, field);
        let of = |(horizon, bar): (usize, &Bar)| {
            let (network, [own, rules]) = (field.value(bar, 1.0)?, shares[horizon]);
            let level = level?;
            let rule = rule.as_ref().map_or(network, |rule| rule[horizon]);
            Some(level + own * (network - level) + rules * (rule - level))
        };
        network.iter().enumerate().map(of).collect()
    }
}

fn dates(bars: &[Bar]) -> Vec<NaiveDate> {
    bars.iter().map(|bar| bar.date).collect()
}

/// The mean of 20 days, on the log scale.
fn level(history: Past<'_>, field: Field) -> Option<f64> {
    let usual = history.usual();
    if field == Field::Range { Some(usual.range.ln()) } else { usual.log_volume }
}

/// The coefficients of `fit` and the prior, weighed by their forecasts, each from 0 to 1.
fn shrunk_towards<const N: usize>(fit: &LeastSquares, prior: [f64; N]) -> [f64; N] {
    let Some(own) = fit.solve().filter(|_| fit.rows() >= MIN_FORECASTS) else { return prior };
    let weight = fit.rows() as f64 / (fit.rows() as f64 + PRIOR_FORECASTS);
    std::array::from_fn(|i| (weight * own[i] + (1.0 - weight) * prior[i]).clamp(0.0, 1.0))
}

/// Shares that together are more than 1 would widen what both say.
fn at_most_one(shares: [f64; 2]) -> [f64; 2] {
    let sum = (shares[0] + shares[1]).max(1.0);
    shares.map(|share| share / sum)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{day, random_bars};
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    fn bars(count: u64, close: f64) -> Vec<Bar> {
        let bar = |i| Bar { date: day(i), open: close, high: close * 1.02, low: close * 0.99, close, volume: 100.0 };
        (0..count).map(bar).collect()
    }

    /// A blend whose rule always says the mean of 22 days.
    fn with_shares(shares: [f64; 2], close: f64) -> Blend {
        let har = serde_json::from_value(serde_json::json!({
            "range": [vec![0.0; 12]], "volume": [vec![0.0; 5]], "rows": 0
        }));
        Blend { har: har.unwrap(), range: vec![shares], volume: vec![shares], close: vec![close], forecasts: 0 }
    }

    fn applied(blend: &Blend, known: &[Bar], network: &[Bar]) -> Vec<Bar> {
        blend.apply(Past::of(known), None, network)
    }

    proptest! {
        #[test]
        fn whatever_the_network_says_the_bars_are_possible(known in random_bars(40..41), network in random_bars(5..6), share in 0.0f64..1.0) {
            let blend = Blend { range: vec![[share, 1.0 - share]; 5], volume: vec![[share, 0.0]; 5], close: vec![share; 5], ..with_shares(EVEN, 0.0) };
            let blend = Blend { har: None, ..blend };
            for bar in applied(&blend, known.as_slice(), network.as_slice()) {
                prop_assert_eq!(bar.problem(), None);
            }
        }
    }

    #[test]
    fn the_network_alone_is_left_as_it_is() {
        let (known, network) = (bars(30, 10.0), bars(1, 11.0));
        assert_eq!(applied(&Blend::network_alone(1), &known, &network), network);
    }

    #[test]
    fn a_share_of_0_keeps_the_close_and_the_mean_range() {
        let network = Bar { high: 14.0, volume: 900.0, ..bars(1, 11.0)[0] };
        let blended = applied(&with_shares([0.0, 0.0], 0.0), &bars(30, 10.0), &[network])[0];
        assert_relative_eq!(blended.close, 10.0, epsilon = 1e-9);
        assert_relative_eq!(blended.volume, 100.0, epsilon = 1e-9);
        assert_relative_eq!(blended.high / blended.low, 1.02 / 0.99, epsilon = 1e-9);
        let half = applied(&with_shares([0.5, 0.0], 0.5), &bars(30, 10.0), &[network])[0];
        assert_relative_eq!(half.close, (10.0f64 * 11.0).sqrt(), epsilon = 1e-9);
        assert_relative_eq!(half.volume, (100.0f64 * 900.0).sqrt(), epsilon = 1e-6);
    }

    /// The network is twice as far from the mean as what comes: its share is a half, drawn towards the prior.
    #[test]
    fn shares_are_least_squares_shrunk_towards_the_prior() {
        let known = bars(30, 10.0);
        let log = |i: usize| (i as f64 * 0.7).sin() * 0.3;
        let with = |log: f64| Bar { volume: 100.0 * log.exp(), ..known[0] };
        let actual: Vec<[Bar; 1]> = (0..2000).map(|i| [with(log(i))]).collect();
        let case = |i: usize| Case {
            history: &known,
            actual: &actual[i],
            predicted: vec![with(2.0 * log(i))],
            unit: 0.02,
            ..Case::default()
        };
        let cases: Vec<_> = (0..2000).map(case).collect();
        // The rule says the mean throughout, so nothing tells what its share should be, and the prior stays.
        assert_eq!(with_shares(EVEN, 0.2).fitted(&cases, true).volume, [EVEN]);
        assert_eq!(with_shares(EVEN, 0.2).fitted(&cases[..59], true), with_shares(EVEN, 0.2));
        let mut fit = LeastSquares::new(1);
        (0..2000).for_each(|i| fit.add(&[2.0 * log(i)], log(i)));
        assert_relative_eq!(shrunk_towards(&fit, [0.2])[0], (2000.0 * 0.5 + 1000.0 * 0.2) / 3000.0, epsilon = 1e-9);
        assert_eq!(at_most_one([0.75, 0.5]), [0.6, 0.4]);
        assert_eq!(at_most_one([0.25, 0.5]), [0.25, 0.5]);
    }
}
