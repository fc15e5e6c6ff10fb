//! What the rules promise beside the golden values of `evaluation/golden.rs`.

use proptest::prelude::*;

use super::*;
use crate::market::Calendar;
use crate::testing::{day, random_bars};

fn all(rules: &Rules, history: &[Bar]) -> Vec<Option<f64>> {
    let of = |field| Rule::ALL.iter().flat_map(move |rule| (0..5).map(move |h| (*rule, field, h)));
    let cells = Field::ALL.into_iter().flat_map(of);
    cells.map(|(rule, field, horizon)| rules.forecast(rule, history, field, horizon)).collect()
}

proptest! {
    #[test]
    fn from_thirty_bars_on_all_but_har_forecast_what_the_table_says(bars in random_bars(30..31)) {
        let rules = Rules::fit(bars.as_slice(), Calendar::default(), 5);
        for field in Field::ALL {
            for horizon in 0..5 {
                let of = |rule| rules.forecast(rule, bars.as_slice(), field, horizon);
                prop_assert!(Rule::ALL.iter().all(|rule| of(*rule).is_none_or(f64::is_finite)));
                for rule in [Rule::Persistence, Rule::Drift, Rule::Mean20, Rule::SeasonalNaive] {
                    prop_assert!(of(rule).is_some(), "{} {} {}", rule, field, horizon);
                }
                prop_assert_eq!((of(Rule::Har), of(Rule::Ewma).is_some()), (None, !field.is_price()));
                prop_assert_eq!(of(Rule::HarCalendar), None);
                prop_assert_eq!(of(Rule::EwmaCalendar).is_some(), !field.is_price());
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
    let rules = Rules::fit(&bars, Calendar::default(), 5);
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
    let clean = all(&Rules::fit(&bars, Calendar::default(), 5), &bars);
    let last = *bars.last().unwrap();
    bars.push(Bar { date: day(100), volume: 0.0, ..last });
    let rules = Rules::fit(&bars[..100], Calendar::default(), 5);
    let volume = |rule| rules.forecast(rule, &bars, Field::Volume, 0);
    assert_eq!(volume(Rule::Persistence), Some(last.volume.ln()));
    for rule in [Rule::Mean20, Rule::Har] {
        assert_eq!(volume(rule), rules.forecast(rule, &bars[..100], Field::Volume, 0), "{rule}");
    }
    assert!(clean.iter().flatten().all(|forecast| forecast.is_finite()));
    bars.iter_mut().for_each(|bar| bar.volume = 0.0);
    let rules = Rules::fit(&bars, Calendar::default(), 5);
    assert!(Rule::ALL.iter().all(|rule| rules.forecast(*rule, &bars, Field::Volume, 0).is_none()));
}

#[test]
fn a_rule_says_the_same_for_one_horizon_as_for_all_of_them() {
    let bars: Vec<Bar> = (0..100).map(|i| Bar { volume: 100.0 + (i * i % 17) as f64, ..flat(i) }).collect();
    let rules = Rules::fit(&bars, Calendar::default(), 10);
    let days: Vec<NaiveDate> =
        Calendar::default().next_sessions(day(99), 10).iter().map(|session| session.date).collect();
    for field in Field::ALL {
        for (rule, forecasts) in rules.forecasts(Past::of(&bars), Past::of(&rules.ordinary(&bars)), &days, field) {
            let one_by_one: Vec<_> = (0..10).map(|horizon| rules.forecast(rule, &bars, field, horizon)).collect();
            assert_eq!(forecasts, one_by_one, "{rule} {field}");
        }
    }
}

/// On half days a half is traded; a rule that knows the calendar says so, one that does not says the mean.
#[test]
fn a_rule_that_knows_the_calendar_knows_a_half_day() {
    let calendar: Calendar = "XNYS".parse().unwrap();
    let sessions = calendar.next_sessions("2011-01-01".parse().unwrap(), 2500);
    let bar = |(i, session): (usize, &crate::market::Session)| {
        let volume = if session.early_close { 50.0 } else { 100.0 } + (i * i % 17) as f64 / 10.0;
        Bar { date: session.date, volume, ..flat(0) }
    };
    let bars: Vec<Bar> = sessions.iter().enumerate().map(bar).collect();
    let eve = (2000..2500).find(|place| sessions[*place].early_close).unwrap();
    let rules = Rules::fit(&bars[..eve], calendar, 2);
    let said = |rule| rules.forecast(rule, &bars[..eve], Field::Volume, 0).unwrap().exp();
    for (own, plain) in Rule::OF_CALENDAR {
        assert!(said(*plain) > 95.0, "{plain} {}", said(*plain));
        assert!((50.0..75.0).contains(&said(*own)), "{own} {}", said(*own));
    }
    assert_eq!(rules.forecast(Rule::HarCalendar, &bars, Field::Close, 0), None);
}
