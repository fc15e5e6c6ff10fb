//! What the rules promise beside the golden values of `evaluation/golden.rs`.

use proptest::prelude::*;

use super::*;
use crate::testing::{day, random_bars};

fn all(rules: &Rules, history: &[Bar]) -> Vec<Option<f64>> {
    let of = |field| Rule::ALL.iter().flat_map(move |rule| (0..5).map(move |h| (*rule, field, h)));
    let cells = Field::ALL.into_iter().flat_map(of);
    cells.map(|(rule, field, horizon)| rules.forecast(rule, history, field, horizon)).collect()
}

proptest! {
    #[test]
    fn from_thirty_bars_on_all_but_har_forecast_what_the_table_says(bars in random_bars(30..31)) {
        let rules = Rules::fit(bars.as_slice(), 5);
        for field in Field::ALL {
            for horizon in 0..5 {
                let of = |rule| rules.forecast(rule, bars.as_slice(), field, horizon);
                prop_assert!(Rule::ALL.iter().all(|rule| of(*rule).is_none_or(f64::is_finite)));
                for rule in [Rule::Persistence, Rule::Drift, Rule::Mean20, Rule::SeasonalNaive] {
                    prop_assert!(of(rule).is_some(), "{} {} {}", rule, field, horizon);
                }
                prop_assert_eq!((of(Rule::Har), of(Rule::Ewma).is_some()), (None, !field.is_price()));
            }
        }
    }
}

/// A day like all others.
fn flat(i: u64) -> Bar {
    Bar { date: day(i), open: 10.0, high: 11.0, low: 9.0, close: 10.0, volume: 100.0 }
}

#[test]
fn a_constant_series_has_no_regression_and_no_scale() {
    let bars: Vec<Bar> = (0..200).map(flat).collect();
    let rules = Rules::fit(&bars, 5);
    assert_eq!(rules.forecast(Rule::Har, &bars, Field::Range, 0), None);
    assert_eq!(rules.scale(Field::Range, 0), None);
    let persisted = rules.forecast(Rule::Persistence, &bars, Field::Volume, 0).unwrap();
    let mean = rules.forecast(Rule::Ewma, &bars, Field::Volume, 0).unwrap();
    // A weighted mean of one value, with rounding.
    assert!((persisted - mean).abs() < 1e-12);
}

#[test]
fn days_of_unknown_volume_count_as_not_there() {
    let mut bars: Vec<Bar> = (0..100).map(|i| Bar { volume: 100.0 + (i * i % 17) as f64, ..flat(i) }).collect();
    let clean = all(&Rules::fit(&bars, 5), &bars);
    let last = *bars.last().unwrap();
    bars.push(Bar { date: day(100), volume: 0.0, ..last });
    let rules = Rules::fit(&bars[..100], 5);
    let volume = |rule| rules.forecast(rule, &bars, Field::Volume, 0);
    assert_eq!(volume(Rule::Persistence), Some(last.volume.ln()));
    for rule in [Rule::Mean20, Rule::Har] {
        assert_eq!(volume(rule), rules.forecast(rule, &bars[..100], Field::Volume, 0), "{rule}");
    }
    assert!(clean.iter().flatten().all(|forecast| forecast.is_finite()));
    bars.iter_mut().for_each(|bar| bar.volume = 0.0);
    let rules = Rules::fit(&bars, 5);
    assert!(Rule::ALL.iter().all(|rule| rules.forecast(*rule, &bars, Field::Volume, 0).is_none()));
}

#[test]
fn a_rule_says_the_same_for_one_horizon_as_for_all_of_them() {
    let bars: Vec<Bar> = (0..100).map(|i| Bar { volume: 100.0 + (i * i % 17) as f64, ..flat(i) }).collect();
    let rules = Rules::fit(&bars, 10);
    for field in Field::ALL {
        for (rule, forecasts) in rules.forecasts(&bars, field, 10) {
            let one_by_one: Vec<_> = (0..10).map(|horizon| rules.forecast(rule, &bars, field, horizon)).collect();
            assert_eq!(forecasts, one_by_one, "{rule} {field}");
        }
    }
}
