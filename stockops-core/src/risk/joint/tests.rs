//! What a portfolio's risk promises: the normal value where errors are normal, sums, signs and scale.

use approx::assert_relative_eq;
use proptest::prelude::*;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::json;

use super::*;
use crate::risk::{Holding, Position, Risk};
use crate::testing::day;

fn horizon(sessions: usize) -> Horizon {
    Horizon::new(sessions).unwrap()
}

fn portfolio(holding: Holding, amounts: &[f64]) -> Portfolio {
    let position =
        |(place, amount): (usize, &f64)| Position { ticker: format!("T{place}").parse().unwrap(), amount: *amount };
    Portfolio::new(holding, amounts.iter().enumerate().map(position).collect()).unwrap()
}

/// A path of these log moves from `last` on.
fn path(last: f64, moves: &[f64]) -> Vec<Bar> {
    let mut close = last;
    let bar = |(i, moved): (usize, &f64)| {
        close *= moved.exp();
        Bar { date: day(i as u64), open: close, high: close, low: close, close, volume: 1.0 }
    };
    moves.iter().enumerate().map(bar).collect()
}

/// Normal, by Box and Muller.
fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (size, angle) = (1.0 - rng.random::<f64>(), rng.random::<f64>());
    (-2.0 * size.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

/// Paths of two positions whose moves have this correlation, each day of each path.
fn correlated(count: usize, correlation: f64, sigmas: [f64; 2], lasts: [f64; 2]) -> Vec<Vec<DatedPath>> {
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    let mut both = [Vec::new(), Vec::new()];
    for i in 0..count {
        let mut moves = [Vec::new(), Vec::new()];
        for _ in 0..3 {
            let (common, own) = (normal(&mut rng), normal(&mut rng));
            moves[0].push(sigmas[0] * common);
            moves[1].push(sigmas[1] * (correlation * common + (1.0 - correlation * correlation).sqrt() * own));
        }
        for place in 0..2 {
            both[place].push((Some(day(i as u64)), path(lasts[place], &moves[place])));
        }
    }
    both.into()
}

/// 99 % quantile of the normal distribution, and the mean beyond it over the standard deviation.
const Z99: f64 = 2.326_347_9;
const BEYOND_99: f64 = 2.665_214_2;

#[test]
fn with_normal_errors_it_is_the_normal_value_for_any_correlation_long_and_short() {
    // A day moves by a thousandth, so that shares of the price and logs differ by less than the tolerance.
    let sigmas = [0.001, 0.002];
    for correlation in [-0.5, 0.9] {
        let paths = correlated(20_000, correlation, sigmas, [100.0, 7.0]);
        for weights in [[0.5, 0.5], [0.8, -0.4]] {
            let risk = PortfolioRisk::of(&portfolio(Holding::Weight, &weights), &[100.0, 7.0], paths.clone()).unwrap();
            let [a, b] = [weights[0] * sigmas[0], weights[1] * sigmas[1]];
            let sigma = (a * a + b * b + 2.0 * correlation * a * b).sqrt();
            for ahead in [1, 3] {
                let until = sigma * f64::from(ahead).sqrt();
                let at = horizon(ahead as usize);
                // Of 20,000 draws the 99 % quantile has a standard error of 1.1 %, the mean beyond it one of 1.2 %.
                let (at_risk, shortfall) =
                    (risk.value_at_risk(0.99, at).unwrap(), risk.expected_shortfall(0.99, at).unwrap());
                assert_relative_eq!(at_risk, Z99 * until, max_relative = 0.033);
                assert_relative_eq!(shortfall, BEYOND_99 * until, max_relative = 0.036);
                // Euler's share of a normal portfolio: the covariance with the whole over its variance.
                let share = (a * a + correlation * a * b) / (sigma * sigma);
                let own = risk.contributions(0.99, at).unwrap()[0] / shortfall;
                // Given the loss of the whole, that of the first still varies; the mean of the 200 worst by this much.
                let left = (a * a - share * share * sigma * sigma).max(0.0).sqrt() / 200f64.sqrt();
                let error = 3.0 * left / (BEYOND_99 * sigma);
                assert!((own - share).abs() < error + 0.001, "{correlation} {weights:?}: {own} {share} {error}");
            }
        }
    }
}

#[test]
fn shares_of_stock_are_counted_in_money() {
    let paths = correlated(200, 0.3, [0.01, 0.02], [100.0, 50.0]);
    let lasts = [100.0, 50.0];
    let pieces = PortfolioRisk::of(&portfolio(Holding::Shares, &[3.0, -4.0]), &lasts, paths.clone()).unwrap();
    let weights = PortfolioRisk::of(&portfolio(Holding::Weight, &[300.0, -200.0]), &lasts, paths).unwrap();
    assert_eq!(pieces.values(), [300.0, -200.0]);
    assert_eq!(pieces, weights, "300 of the one long and 200 of the other short");
}

#[test]
fn a_portfolio_of_one_ticker_has_its_risk_dated_paths_or_not() {
    let mut paths = correlated(150, 0.0, [0.01, 0.02], [100.0, 50.0]).remove(0);
    paths.iter_mut().step_by(3).for_each(|(day, _)| *day = None);
    let own = Risk::of(100.0, paths.iter().map(|(_, path)| path.as_slice()));
    let whole = PortfolioRisk::of(&portfolio(Holding::Weight, &[1.0]), &[100.0], vec![paths]).unwrap();
    for at in [1, 3].map(horizon) {
        assert_eq!(whole.losses(at).unwrap(), own.losses(at).unwrap());
        // The same sum, divided before it is summed.
        let (whole, own) = (whole.contributions(0.99, at).unwrap()[0], own.expected_shortfall(0.99, at).unwrap());
        assert_relative_eq!(whole, own, max_relative = 1e-14);
    }
}

/// A forecast that says nothing, after `last`.
fn forecast_of(word: &str, last: NaiveDate) -> Forecast {
    let flat = json!({"date": last, "open": 1.0, "high": 1.0, "low": 1.0, "close": 1.0, "volume": 1.0});
    let forecast = json!({
        "ticker": word, "last_date": last, "last_price": 1.0, "future_window_days": 1, "next_business_days": [last],
        "predictions": {"next_day": flat, "next_week": {"high": 1.0, "low": 1.0}, "full_forecast": [flat]},
        "history": [], "intervals": {}, "skill": null, "model_version": null, "strategy": "freeze", "notes": [],
    });
    serde_json::from_value(forecast).unwrap()
}

#[test]
fn bars_that_end_years_apart_make_no_portfolio() {
    let forecasts = |apart: u64| [("T0", 0), ("T1", apart)].map(|(word, last)| forecast_of(word, day(last)));
    let whole = portfolio(Holding::Weight, &[0.5, 0.5]);
    let text = whole.risk(&forecasts(800)).unwrap_err().to_string();
    assert_eq!(
        text,
        "`portfolio` must be of bars that end within a month of each other, got bars that end 800 days apart: T0 on 2015-01-01 and T1 on 2017-03-11"
    );
    // Holidays: what is wrong with these is something else.
    assert!(!whole.risk(&forecasts(10)).unwrap_err().to_string().contains("within a month"));
}

#[test]
fn only_days_that_all_have_are_counted_whatever_their_order() {
    let on = |days: &[u64]| -> Vec<DatedPath> {
        days.iter().map(|i| (Some(day(*i)), path(100.0, &[0.01 * *i as f64]))).collect()
    };
    let whole = portfolio(Holding::Weight, &[1.0, -1.0]);
    let risk = PortfolioRisk::of(&whole, &[100.0; 2], vec![on(&[1, 2, 3, 5]), on(&[5, 4, 2, 1])]).unwrap();
    assert_eq!(risk.paths(), 3);
    // The same moves of both, one of them short: nothing can be lost.
    assert_eq!(risk.losses(horizon(1)).unwrap().sorted(), [0.0; 3]);
    let apart = PortfolioRisk::of(&whole, &[100.0; 2], vec![on(&[1]), on(&[2])]).unwrap();
    let text = apart.value_at_risk(0.5, horizon(1)).unwrap_err().to_string();
    assert_eq!(text, "no past day named of all positions; give longer histories, which overlap");
}

proptest! {
    #[test]
    fn contributions_add_up_and_risk_grows_with_what_is_held(
        amounts in [-2.0f64..2.0, -2.0f64..2.0], factor in 0.1f64..10.0, level in 0.5f64..0.99,
    ) {
        let paths = correlated(120, 0.4, [0.01, 0.03], [10.0, 20.0]);
        let of = |amounts: &[f64]| {
            PortfolioRisk::of(&portfolio(Holding::Shares, amounts), &[10.0, 20.0], paths.clone()).unwrap()
        };
        let (risk, scaled) = (of(&amounts), of(&amounts.map(|amount| factor * amount)));
        for at in [1, 3].map(horizon) {
            let shortfall = risk.expected_shortfall(level, at).unwrap();
            let sum: f64 = risk.contributions(level, at).unwrap().iter().sum();
            prop_assert!((sum - shortfall).abs() < 1e-9 * risk.values().iter().map(|value| value.abs()).sum::<f64>().max(1.0));
            prop_assert!(shortfall >= risk.value_at_risk(level, at).unwrap() - 1e-12);
            let (once, often) = (risk.value_at_risk(level, at).unwrap(), scaled.value_at_risk(level, at).unwrap());
            prop_assert!((often - factor * once).abs() < 1e-9 * (1.0 + often.abs()));
        }
    }
}
