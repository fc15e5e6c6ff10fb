//! The judge on a made-up world: who says the truth passes, who says too little is found out.

use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::*;
use crate::dataset::Past;
use crate::forecast::{Dated, DayErrors, ENOUGH, OwnErrors, Units};
use crate::market::Bar;
use crate::testing::day;

const SESSIONS: usize = 2;
const DAYS: usize = 400;

fn flat(i: u64) -> Bar {
    Bar { date: day(i), open: 100.0, high: 101.0, low: 99.0, close: 100.0, volume: 1.0 }
}

/// A history whose closes move by about one percent.
fn history(rng: &mut ChaCha8Rng) -> Vec<Bar> {
    let mut close = 100.0;
    let bar = |i: u64| {
        close *= (0.02 * (rng.random::<f64>() - 0.5)).exp();
        Bar { open: close, high: close * 1.01, low: close * 0.99, close, ..flat(i) }
    };
    (0..40).map(bar).collect()
}

/// Errors of as many past forecasts as are enough.
fn errors(rng: &mut ChaCha8Rng) -> Arc<[Dated]> {
    let mut day_errors = || {
        let mut uniform = || rng.random::<f32>() - 0.5;
        DayErrors(2.0 * uniform() * uniform(), uniform(), 0.0, uniform(), uniform())
    };
    (0..ENOUGH).map(|i| (day(i as u64), (0..SESSIONS).map(|_| day_errors()).collect())).collect()
}

/// Judge forecasts whose outcomes are drawn from their own paths, with all log moves this many times as large.
fn judged_with(factor: f64) -> RiskTable {
    let mut rng = ChaCha8Rng::seed_from_u64(3);
    let (history, own) = (history(&mut rng), errors(&mut rng));
    let last = history[history.len() - 1].close;
    let predicted: Vec<Bar> = (0..SESSIONS as u64)
        .map(|i| Bar { open: last, high: last * 1.01, low: last * 0.99, close: last, ..flat(40 + i) })
        .collect();
    let pool = Arc::from([own[0].1.clone()]);
    let units = Units::of(Past::of(&history), &predicted);
    let known = OwnErrors::Known(own, 0..ENOUGH);
    let sampler = Sampler::of(&history, &predicted, units, &pool, vec![[1.0; 3]; SESSIONS], known);
    let paths = sampler.paths().unwrap().unwrap();
    assert_eq!(paths.len(), ENOUGH, "own errors are enough");
    let mut came = || -> Vec<Bar> {
        let wider = |price: f64| last * (price / last).powf(factor);
        let path = &paths[rng.random_range(0..paths.len())].1;
        path.iter()
            .map(|bar| Bar { high: wider(bar.high), low: wider(bar.low), close: wider(bar.close), ..*bar })
            .collect()
    };
    let futures: Vec<Vec<Bar>> = (0..DAYS).map(|_| came()).collect();
    let blank = Case { history: &history, predicted, ..Case::default() };
    let cases: Vec<Case<'_>> = futures.iter().map(|actual| Case { actual, ..blank.clone() }).collect();
    judge_risk(&cases.iter().map(|case| (case, sampler.clone())).collect::<Vec<_>>())
}

#[test]
fn a_true_forecast_passes_every_test() {
    let table = judged_with(1.0);
    assert_eq!(table.len(), SESSIONS);
    for (horizon, score) in &table {
        assert_eq!(score.n, DAYS);
        for (level, tail) in &score.tail {
            let (test, shortfall) = (&tail.value_at_risk, &tail.expected_shortfall);
            assert_eq!(test.n, DAYS.div_ceil(horizon.sessions()), "every h-th day");
            // Of 16 p-values one lies below 0.05 by chance; below 0.01 one in seven such worlds has one.
            for p in [test.kupiec_p, test.conditional_p, shortfall.z2_p, shortfall.z1_p.unwrap_or(1.0)] {
                assert!(p > 0.01, "{horizon} {level}: {tail:?}");
            }
        }
        for class in &score.touch.as_ref().unwrap().reliability {
            // The levels of a day are touched together, so a class of n counts as n / 8 days.
            let error = 4.0 * (class.said * (1.0 - class.said) * 8.0 / class.n as f64).sqrt();
            assert!((class.said - class.came).abs() < error + 0.01, "{horizon}: {class:?}");
        }
    }
}

#[test]
fn a_forecast_that_says_too_little_or_too_much_is_found_out() {
    for (factor, too_little) in [(1.5, true), (0.5, false)] {
        let score = &judged_with(factor)[&Horizon::NEXT];
        for (level, tail) in &score.tail {
            assert!(tail.value_at_risk.kupiec_p < 0.01, "{factor} {level}: {tail:?}");
            assert_eq!(tail.expected_shortfall.z2_p < 0.01, too_little, "{factor} {level}: {tail:?}");
            assert_eq!(tail.expected_shortfall.z2 < 0.0, too_little);
        }
        let touch = score.touch.as_ref().unwrap();
        let wrong =
            |class: &&super::super::Reliability| (class.came - class.said) * if too_little { 1.0 } else { -1.0 } > 0.05;
        assert!(touch.reliability.iter().any(|class| wrong(&class)), "{factor}: {touch:?}");
    }
}

#[test]
fn from_a_few_days_nothing_is_said() {
    assert!(judge_risk(&[]).is_empty());
}
