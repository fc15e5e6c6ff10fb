//! What the rules promise beside the golden values of `evaluation/golden.rs`.

use proptest::prelude::*;

use super::*;
use crate::forecast::{Field, Rule};
use crate::market::Bar;
use crate::testing::{day, random_bars};

fn all(rules: &Rules, known: &[Bar]) -> Vec<Option<f64>> {
    let of = |field| Rule::ALL.iter().flat_map(move |rule| (0..5).map(move |h| (*rule, field, h)));
    let cells = Field::ALL.into_iter().flat_map(of);
    cells.map(|(rule, field, horizon)| rules.forecast(rule, known, field, horizon)).collect()
}

proptest! {
    #[test]
    fn the_future_moves_no_forecast(bars in random_bars(90..100), other in random_bars(90..100), cut in 30usize..90) {
        let (known, later) = bars.as_slice().split_at(cut);
        let changed: Vec<Bar> = known.iter().chain(&other.as_slice()[cut.min(other.len())..]).copied().collect();
        let whole: Vec<Bar> = known.iter().chain(later).copied().collect();
        let rules = Rules::fit(&whole[..cut], 5);
        prop_assert_eq!(&rules, &Rules::fit(&changed[..cut], 5));
        prop_assert_eq!(all(&rules, &whole[..cut]), all(&rules, &changed[..cut]));
    }

    #[test]
    fn all_but_har_forecast_from_thirty_bars_on(bars in random_bars(30..31)) {
        let rules = Rules::fit(bars.as_slice(), 5);
        for (rule, field) in Rule::ALL.into_iter().flat_map(|rule| Field::ALL.map(|field| (rule, field))) {
            for horizon in 0..5 {
                let forecast = rules.forecast(rule, bars.as_slice(), field, horizon);
                let silent = rule == Rule::Har || (rule == Rule::Ewma && field.is_price());
                prop_assert_eq!(forecast.is_none(), silent, "{} {} {}", rule, field, horizon);
                prop_assert!(forecast.is_none_or(f64::is_finite));
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
fn words_are_those_of_the_tables() {
    for rule in Rule::ALL {
        assert_eq!(serde_json::to_string(&rule).unwrap(), format!("\"{rule}\""));
    }
    assert_eq!(Rule::ALL.map(|rule| rule.to_string()).join(" "), "persistence drift mean_20 seasonal_naive har ewma");
}
