//! Laws of the table, beside the golden values of `evaluation/golden.rs`.

use std::sync::Arc;

use approx::assert_relative_eq;
use proptest::prelude::*;

use super::*;
use crate::forecast::{Distribution, PathCoverage, Score, Shape, Spread};
use crate::market::Bar;
use crate::testing::random_bars;

const HORIZONS: usize = 2;

/// A forecast from each bar on, of which `predict` makes the bars that are said to come.
fn cases(bars: &[Bar], from: usize, predict: impl Fn(&[Bar], usize) -> Bar) -> Vec<Case<'_>> {
    let case = |origin: usize| {
        let (history, future) = bars.split_at(origin + 1);
        Case {
            history,
            actual: &future[..HORIZONS],
            predicted: (0..HORIZONS).map(|h| predict(history, h)).collect(),
            unit: 0.01 * (origin % 30) as f64,
            ..Case::default()
        }
    };
    (from..bars.len() - HORIZONS).map(case).collect()
}

/// What persistence says, as a bar.
fn persisted(history: &[Bar], _: usize) -> Bar {
    let last = history[history.len() - 1];
    Bar { open: last.close, ..last }
}

fn cell(table: &FieldTable, field: Field) -> &Score {
    &table[&field][&Horizon::at(1)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_rule_has_no_skill_against_itself(bars in random_bars(120..130)) {
        let test = cases(bars.as_slice(), 60, persisted);
        let table = judge(&[Fold { test: &test, before: &[] }]);
        for field in Field::ALL {
            let score = cell(&table, field);
            // Logs are taken of ratios that were rounded once.
            prop_assert!(score.skill_vs_persistence.unwrap().abs() < 1e-9, "{field}");
            prop_assert!(score.skill_vs_best_rule.unwrap() < 1e-9);
            if score.best_rule == Some(Rule::Persistence) && field == Field::Close {
                prop_assert_eq!(score.dm_p, None);
            }
        }
    }

    /// All forecasts are judged together, so the later bars are at hand where a rule is fitted and asked for early days.
    #[test]
    fn bars_that_come_later_move_no_forecast_of_a_rule(bars in random_bars(140..141), cut in 70usize..138) {
        let changed = bars.iter().enumerate().map(|(i, bar)| match i {
            i if i < cut => *bar,
            _ => Bar { high: bar.high * 2.0, close: bar.close * 1.5, volume: bar.volume * 7.0, ..*bar },
        });
        let changed = changed.collect::<Vec<_>>();
        let early = |bars: &[Bar], field: Field| {
            let cases = cases(bars, 60, persisted);
            let samples = Prepared::of(&cases).unwrap().samples(field);
            // A forecast from bar 60 + i on has come in full by bar 60 + i + HORIZONS.
            let early = |samples: &Vec<Sample<'_>>| {
                samples[..cut - 60 - HORIZONS].iter().map(|s| (s.actual, s.rules.clone(), s.scale)).collect::<Vec<_>>()
            };
            samples.iter().map(early).collect::<Vec<_>>()
        };
        for field in Field::ALL {
            prop_assert_eq!(early(bars.as_slice(), field), early(&changed, field), "{}", field);
        }
    }
}

/// Sixty judged days of a walk whose every tenth day is large.
fn walk() -> Vec<Bar> {
    let mut close = 100.0;
    let bar = |i: u64| {
        close *= if i.is_multiple_of(10) { 1.05 } else { 1.0 - 0.004 * (i % 3) as f64 };
        let volume = 1e6 + (i * 7919 % 1000) as f64;
        Bar { date: crate::testing::day(i), open: close, high: close * 1.01, low: close * 0.99, close, volume }
    };
    (0..122).map(bar).collect()
}

#[test]
fn thirds_are_told_apart_by_volatility_and_not_from_a_few_days() {
    let bars = walk();
    let mut test = cases(&bars, 60, persisted);
    let shape = Arc::new(Shape::new(vec![-1.0, 1.0]).unwrap());
    for case in &mut test {
        // Wide on calm days and none at all on wild ones.
        let width = if case.unit < 0.1 { 9.0 } else { 0.0 };
        let distribution = Distribution { location: 0.0, scale: 1.0, shape: Arc::clone(&shape) };
        let spread = Spread { distribution, intervals: [[-width, width]; 3] };
        case.spreads.insert(Field::Range, vec![spread; HORIZONS]);
    }
    let score = |test: &[Case<'_>]| cell(&judge(&[Fold { test, before: &[] }]), Field::Range).clone();
    let all = score(&test);
    assert_eq!((all.n, all.coverage_90_by_volatility), (60, Some([1.0, 0.0, 0.0])));
    assert_eq!((all.coverage_80, all.width_90), (Some(1.0 / 3.0), Some(6.0)));
    assert_eq!((all.crps_ewma, all.direction), (None, None), "of close alone");
    assert_eq!(score(&test[1..]).coverage_90_by_volatility, None, "a third has 19 days");
    assert_eq!(score(&test[..20]).coverage_90, Some(0.5));
    test.iter_mut().skip(19).for_each(|case| case.spreads.clear());
    assert_eq!((score(&test).coverage_90, score(&test).crps), (None, None), "19 are too few");
}

#[test]
fn folds_are_judged_together_and_rules_fitted_for_each() {
    let bars = walk();
    let all = cases(&bars, 60, persisted);
    let (early, late) = all.split_at(30);
    let fold = |test| Fold { test, before: &[] };
    let (whole, both) = (judge(&[fold(&all)]), judge(&[fold(early), fold(late)]));
    let (whole, both) = (cell(&whole, Field::Range), cell(&both, Field::Range));
    assert_eq!((whole.n, whole.rmse, whole.rules[&Rule::Ewma]), (both.n, both.rmse, both.rules[&Rule::Ewma]));
    let volume = |folds: &[Fold<'_>]| cell(&judge(folds), Field::Volume).rules[&Rule::Har];
    assert_ne!(volume(&[fold(&all)]), volume(&[fold(early), fold(late)]));
    assert!(judge(&[fold(&all[..MIN_JUDGED - 1])]).is_empty());
    assert!(judge(&[]).is_empty());
}

/// Up to bar 100 volumes waver around a mean, from there on they rise without end: the mean is best before, persistence
/// after.
#[test]
fn the_best_rule_is_chosen_on_days_that_end_before_the_judged_ones() {
    let wavering = |i: usize| if i.is_multiple_of(3) { 13.0 } else { 15.0 };
    let log_volume = |i: usize| if i <= 100 { wavering(i) } else { 14.0 + 0.5 * (i - 100) as f64 };
    let bars: Vec<Bar> =
        walk().into_iter().enumerate().map(|(i, bar)| Bar { volume: f64::exp(log_volume(i)), ..bar }).collect();
    let (test, before) = (cases(&bars, 100, persisted), cases(&bars, 40, persisted));
    let chosen = |before: &[Case<'_>]| cell(&judge(&[Fold { test: &test, before }]), Field::Volume).best_rule;
    assert_eq!(chosen(&[]), Some(Rule::Persistence), "on the judged days");
    assert_eq!(chosen(&before), chosen(&before[..59]), "those that overlap the judged days are left out");
    assert_ne!(chosen(&before), Some(Rule::Persistence));
    let folds = [Fold { test: &test, before: &before }];
    // The first judged day is bar 101, so the last forecast that may be looked at is of bar 98.
    assert_eq!(super::before(&folds, &Prepared::of(&test).unwrap()).len(), 59);
}

/// A close that rises by one percent a day, so that "tomorrow equals today" misses by one percent for each session ahead.
#[test]
fn each_horizon_is_judged_by_its_own_day_whatever_their_number() {
    let rising = |i: u64| {
        let close = 100.0 * 1.01f64.powi(i as i32);
        Bar { date: crate::testing::day(i), open: close, high: close, low: close, close, volume: 1.0 }
    };
    let bars: Vec<Bar> = (0..122).map(rising).collect();
    for horizons in [1, 10, 21] {
        let case = |origin: usize| {
            let (history, future) = bars.split_at(origin + 1);
            let predicted = vec![persisted(history, 0); horizons];
            Case { history, actual: &future[..horizons], predicted, ..Case::default() }
        };
        let test: Vec<_> = (60..bars.len() - horizons).map(case).collect();
        let table = judge(&[Fold { test: &test, before: &[] }]);
        let close = &table[&Field::Close];
        assert_eq!(
            close.keys().map(|horizon| horizon.sessions()).collect::<Vec<_>>(),
            (1..=horizons).collect::<Vec<_>>()
        );
        for (horizon, score) in close {
            assert_relative_eq!(score.rmse, 1.01f64.ln() * horizon.sessions() as f64, epsilon = 1e-9);
        }
    }
}

#[test]
fn a_path_is_held_where_every_close_of_it_is() {
    let bars = walk();
    let mut test = cases(&bars, 60, persisted);
    for (i, case) in test.iter_mut().enumerate() {
        // Of each six forecasts the first misses one session alone at every level, the second at 80 and 90 %.
        let [miss, hit] = [[0.5, 0.6], [-0.5, 0.5]];
        let levels = match i % 6 {
            0 => [miss; 3],
            1 => [miss, miss, hit],
            _ => [hit; 3],
        };
        case.path = if i % 4 == 0 { vec![levels, [hit; 3]] } else { vec![[hit; 3], levels] };
    }
    let table = judge(&[Fold { test: &test, before: &[] }]);
    let close = &table[&Field::Close];
    let [coverage_80, coverage_90, coverage_95] = [40.0 / 60.0, 40.0 / 60.0, 50.0 / 60.0];
    assert_eq!(close[&Horizon::at(1)].path, Some(PathCoverage { coverage_80, coverage_90, coverage_95, n: 60 }));
    assert_eq!(close[&Horizon::NEXT].path, None, "a path is judged whole");
    assert_eq!(table[&Field::Range][&Horizon::at(1)].path, None);
    test.iter_mut().skip(20).for_each(|case| case.path.clear());
    let twenty = judge(&[Fold { test: &test, before: &[] }]);
    assert_eq!(cell(&twenty, Field::Close).path.map(|path| path.n), Some(20));
    test[19].path.clear();
    assert_eq!(cell(&judge(&[Fold { test: &test, before: &[] }]), Field::Close).path, None, "19 are too few");
}
