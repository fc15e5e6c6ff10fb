//! Laws of the table, beside the golden values of `evaluation/golden.rs`.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::forecast::{Distribution, Score, Shape, Spread};
use crate::market::{Bar, Bars};
use crate::testing::random_bars;

const HORIZONS: usize = 2;

/// A forecast from each bar on, of which `predict` makes the bars that are said to come.
fn cases(bars: &[Bar], from: usize, predict: impl Fn(&[Bar], usize) -> Bar) -> Vec<Case<'_>> {
    let case = |origin: usize| {
        let (known, future) = bars.split_at(origin + 1);
        Case {
            known,
            actual: &future[..HORIZONS],
            predicted: (0..HORIZONS).map(|h| predict(known, h)).collect(),
            unit: 0.01 * (origin % 30) as f64,
            spreads: BTreeMap::new(),
        }
    };
    (from..bars.len() - HORIZONS).map(case).collect()
}

/// What persistence says, as a bar.
fn persisted(known: &[Bar], _: usize) -> Bar {
    let last = known[known.len() - 1];
    Bar { open: last.close, ..last }
}

fn cell(table: &FieldTable, field: Field) -> &Score {
    &table[&field]["h2"]
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

    #[test]
    fn days_after_the_judged_ones_move_nothing(bars in random_bars(140..141)) {
        let own = bars.as_slice();
        let mut other: Vec<Bar> = own[..110].to_vec();
        other.extend(own[110..].iter().map(|bar| Bar { high: bar.high * 2.0, volume: bar.volume * 7.0, ..*bar }));
        let other = Bars::new(bars.ticker().clone(), other).unwrap();
        let table = |bars: &[Bar]| judge(&[Fold { test: &cases(bars, 60, persisted)[..40], before: &[] }]);
        // The last of 40 forecasts from bar 60 on ends at bar 101.
        prop_assert_eq!(table(own), table(other.as_slice()));
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

#[test]
fn the_best_rule_is_chosen_on_days_before() {
    let bars = walk();
    let (test, before) = (cases(&bars, 100, persisted), cases(&bars, 40, persisted));
    let chosen = |before: &[Case<'_>]| cell(&judge(&[Fold { test: &test, before }]), Field::Volume).best_rule;
    // Days that overlap the judged ones are left out, so the last of `before` change nothing.
    assert_eq!(chosen(&before), chosen(&before[..before.len() - 20]));
}
