//! Tests of the linear rule.

use super::*;
use crate::testing::{day, random_bars};
use approx::assert_relative_eq;
use proptest::prelude::*;

proptest! {
    /// The fit has all bars at hand; what it regresses on must be of the day's past.
    #[test]
    fn bars_that_come_later_move_no_row(bars in random_bars(140..141), cut in 60usize..139) {
        let mut changed = bars.as_slice().to_vec();
        changed[cut..].iter_mut().for_each(|bar| {
            *bar = Bar { high: bar.high * 2.0, close: bar.close * 1.5, volume: bar.volume * 7.0, ..*bar };
        });
        for field in [Field::Range, Field::Volume] {
            let layout = Layout { field, width: 0, products: 0, index: false };
            let (own, other) = (Series::of(bars.as_slice(), None), Series::of(&changed, None));
            let (own, other) = (rows(&own, &layout, 3), rows(&other, &layout, 3));
            for (day, (own, other)) in (MONTH..cut).zip(own.zip(other)) {
                prop_assert_eq!(own.regressors, other.regressors, "{} of day {}", field, day);
                let come = (cut - day - 1).min(3);
                prop_assert_eq!(own.quarters, other.quarters);
                prop_assert_eq!(&own.ahead[..come], &other.ahead[..come]);
                prop_assert!(own.ahead[come..] != other.ahead[come..] || come == 3);
            }
        }
    }

    #[test]
    fn forecasts_follow_the_level(bars in random_bars(400..401), factor in 0.01f64..100.0) {
        let har = PooledHar::fit(&[Series::of(bars.as_slice(), None)], 1).unwrap();
        let scaled: Vec<Bar> = bars.iter().map(|bar| Bar { volume: bar.volume * factor, ..*bar }).collect();
        let of = |bars: &[Bar]| har.forecast(bars, None, &[day(500)], Field::Volume).unwrap()[0];
        // The level is added and taken off again: rounding alone.
        prop_assert!((of(&scaled) - of(bars.as_slice()) - factor.ln()).abs() < 1e-9);
    }
}

/// Volumes that half return to their month's mean each day: the first coefficient is one half.
#[test]
fn a_known_rule_is_found() {
    let mut bars: Vec<Bar> = Vec::new();
    for i in 0..600 {
        let noise = (i as f64 * 12.9898).sin() * 43758.5453;
        let noise = noise - noise.floor() - 0.5;
        let past: Vec<f64> = bars.iter().rev().take(MONTH).map(|bar: &Bar| bar.volume.ln()).collect();
        let month = if past.is_empty() { 10.0 } else { past.iter().sum::<f64>() / past.len() as f64 };
        let volume = (month + 0.5 * (past.first().unwrap_or(&10.0) - month) + noise).exp();
        let close = 10.0 + 0.1 * (i as f64).sin();
        bars.push(Bar {
            date: day(i),
            open: close,
            high: close * (1.01 + 0.005 * noise),
            low: close * 0.99,
            close,
            volume,
        });
    }
    let har = PooledHar::fit(&[Series::of(&bars, None)], 1).unwrap();
    // 578 rows: the error of a slope is about 0.04.
    assert_relative_eq!(har.volume[0][0], 0.5, epsilon = 0.15);
}

#[test]
fn prices_and_short_histories_have_no_answer() {
    let bars: Vec<Bar> =
        (0..13).map(|i| Bar { date: day(i), open: 1.0, high: 1.1, low: 0.9, close: 1.0, volume: 5.0 }).collect();
    assert!(PooledHar::fit(&[Series::of(&bars, None)], 5).is_none());
    let har = rule(&[0.0; 14], &[0.0; 7], 0);
    assert!(har.forecast(&bars, None, &[day(20)], Field::Range).is_none());
    let bars = [&bars[..], &[Bar { date: day(13), ..bars[0] }]].concat();
    let range = har.forecast(&bars, None, &[day(20)], Field::Range).unwrap();
    assert_relative_eq!(range[0], Field::Range.value(&bars[0], 1.0).unwrap(), epsilon = 1e-12);
    assert!(har.forecast(&bars, None, &[day(20)], Field::Close).is_none());
}

/// Calendar days from 2020 on with ten times the volume on each 91st day.
fn quarterly(count: u64) -> Vec<Bar> {
    random_walk(count, |i| if i % 91 == 90 { 1000.0 } else { 100.0 } + (i * 7919 % 10) as f64)
}

#[test]
fn a_peak_of_each_quarter_is_foreseen_and_the_day_after_it_is_not_taken_for_one() {
    let bars = quarterly(1900);
    let har = PooledHar::fit(&[Series::of(&bars[..1500], None)], 5).unwrap();
    // Day 1728 is a peak: 1728 = 18 * 91 + 90.
    for known in 1724..1732 {
        let days: Vec<NaiveDate> = (known as u64..known as u64 + 5).map(day).collect();
        let said = har.forecast(&bars[..known], None, &days, Field::Volume).unwrap();
        for (said, bar) in said.iter().zip(&bars[known..]) {
            assert!((said - bar.volume.ln()).abs() < 0.5, "{} from {known}: {said} {}", bar.date, bar.volume.ln());
        }
    }
    let plain = PooledHar { volume: har.volume.iter().map(|own| own[..5].to_vec()).collect(), ..har };
    let said = plain.forecast(&bars[..1728], None, &[day(1728)], Field::Volume).unwrap()[0];
    assert!(said < 200f64.ln(), "without the quarters nothing tells it: {said}");
}

#[test]
fn a_rule_of_an_older_bundle_has_no_quarters_and_still_forecasts() {
    let bars = quarterly(600);
    let rule_of = |range: usize, volume: usize| rule(&vec![0.1; range], &vec![0.1; volume], 0);
    let of = |rule: &PooledHar, field| rule.forecast(&bars, None, &[day(600)], field).unwrap()[0];
    let without = [vec![0.1; 12], vec![0.0; 2]].concat();
    let padded = rule(&without, &[vec![0.1; 5], vec![0.0; 2]].concat(), 0);
    for field in [Field::Range, Field::Volume] {
        assert_eq!(of(&rule_of(12, 5), field), of(&padded, field), "{field}");
    }
}

fn random_walk(count: u64, volume: impl Fn(u64) -> f64) -> Vec<Bar> {
    let noise = |i: u64| ((i as f64 * 12.9898).sin() * 43758.5453).fract();
    let bar = |i: u64| {
        let close = 10.0 + noise(i);
        Bar {
            date: day(i),
            open: close,
            high: close * (1.02 + 0.01 * noise(i + 5000)),
            low: close,
            close,
            volume: volume(i),
        }
    };
    (0..count).map(bar).collect()
}

#[test]
fn a_series_without_volume_has_the_rule_for_its_range() {
    let next: Vec<NaiveDate> = (400..405).map(day).collect();
    for volume in [0.0, 1.0] {
        let bars = random_walk(400, |_| volume);
        let har = PooledHar::fit(&[Series::of(&bars, None)], 5).unwrap();
        assert_eq!((har.range[0].len(), har.volume.len()), (RANGE_WIDTH_WITHOUT_VOLUME, 0));
        assert!(har.forecast(&bars, None, &next, Field::Range).unwrap().iter().all(|range| range.is_finite()));
        assert!(har.forecast(&bars, None, &next, Field::Volume).is_none() && !har.has(Field::Volume));
        assert!(PooledHar::fit(&[Series::of(&bars[..300], None)], 5).is_none(), "300 rows are needed");
    }
}

#[test]
fn among_others_a_series_without_volume_takes_part() {
    let (with, without) = (random_walk(400, |i| 100.0 + (i * 7919 % 100) as f64), random_walk(400, |_| 0.0));
    let har = PooledHar::fit(&[Series::of(&with, None), Series::of(&without, None)], 5).unwrap();
    assert_eq!((har.range[0].len(), har.volume[0].len()), (RANGE_WIDTH, VOLUME_WIDTH));
    let of = |field| har.forecast(&without, None, &[day(400)], field);
    assert!(of(Field::Range).is_some() && of(Field::Volume).is_none());
}

#[test]
fn a_child_keeps_what_only_its_parent_knows_and_adds_what_only_it_knows() {
    let (with, without) = (rule(&[1.0, 2.0], &[4.0], 1000), rule(&[3.0], &[], 1000));
    // Both have 1,000 rows, so the mean of both.
    assert_eq!(with.shrunk_towards(&without), rule(&[2.0, 2.0], &[4.0], 2000));
    assert_eq!(without.shrunk_towards(&with), rule(&[2.0, 1.0], &[4.0], 2000));
    assert_eq!(with.shrunk_towards(&with), PooledHar { rows: 2000, ..with.clone() });
    let of_two = PooledHar { series: 2, ..with };
    assert_relative_eq!(of_two.shrunk_towards(&without).range[0][0], 1.0 + 2.0 / 1.8, epsilon = 1e-12);
    let beside = |range: f64, index: f64| {
        let lists = |value: f64| vec![vec![value]];
        Some(Coefficients { range: lists(range), products: lists(0.5), index: lists(index), rows: 1000 })
    };
    let child = PooledHar { beside_index: beside(5.0, 1.0), ..without.clone() };
    let drawn = without.shrunk_towards(&child).beside_index;
    assert_eq!(
        drawn,
        Some(Coefficients { products: vec![vec![0.25]], ..beside(4.0, 0.5).unwrap() }),
        "half of the way"
    );
    assert_eq!(child.shrunk_towards(&without).beside_index, child.beside_index);
}

/// A rule of one horizon.
fn rule(range: &[f64], volume: &[f64], rows: usize) -> PooledHar {
    let lists = |list: &[f64]| if list.is_empty() { Vec::new() } else { vec![list.to_vec()] };
    PooledHar { range: lists(range), products: Vec::new(), beside_index: None, volume: lists(volume), rows, series: 0 }
}

/// A day of that log range, whose close and volume wander.
fn bar_of(i: u64, range: f64) -> Bar {
    let noise = |i: u64| ((i as f64 * 78.233).sin() * 43758.5453).fract();
    let (close, volume) = (10.0 * (0.02 * noise(i)).exp(), 100.0 + (i * 7919 % 100) as f64);
    Bar { date: day(i), open: close, high: close * range.exp(), low: close, close, volume }
}

/// Days that are wide after a rise on much volume and after a fall on little, and else narrow: no line tells it.
#[test]
fn products_find_what_no_line_tells() {
    let noise = |i: u64| ((i as f64 * 12.9898).sin() * 43758.5453).fract();
    let mut bars: Vec<Bar> = Vec::new();
    for i in 0..2500 {
        // The move of the day and the volume of the day against its month.
        let product = Regressors::of(Past::of(&bars), Field::Range).map_or(0.0, |r| r.past[5] * r.past[10]);
        let range = 0.02 * ((2.0 * product).clamp(-1.0, 1.0) + 0.1 * noise(i)).exp();
        bars.push(Bar { volume: 100.0 * noise(i + 300).exp(), ..bar_of(i, range) });
    }
    let series = [Series::of(&bars[..2000], None)];
    let har = PooledHar::fit(&series, 1).unwrap();
    let layout = Layout { field: Field::Range, width: RANGE_WIDTH, products: 0, index: false };
    let line = coefficients(&series, 1, &layout).unwrap();
    let line = PooledHar { range: line.range, products: Vec::new(), ..har.clone() };
    let error = |rule: &PooledHar| -> f64 {
        let of = |known: usize| rule.forecast(&bars[..known], None, &[day(known as u64)], Field::Range).unwrap()[0];
        (2000..2500).map(|known| (of(known) - Field::Range.value(&bars[known], 1.0).unwrap()).powi(2)).sum()
    };
    assert!(error(&har) < 0.6 * error(&line), "{} {}", error(&har), error(&line));
}

/// A stock whose range follows that of the index on the day before.
#[test]
fn a_rule_beside_the_index_is_better_where_the_index_is_known_and_asks_for_it() {
    let noise = |i: u64| ((i as f64 * 12.9898).sin() * 43758.5453).fract();
    let range = |i: u64| 0.02 * (0.8 * noise(i + 9000)).exp();
    let index: Vec<Bar> = (0..1500).map(|i| bar_of(i, range(i))).collect();
    let stock: Vec<Bar> =
        (0..1500u64).map(|i| bar_of(i, range(i.saturating_sub(1)) * (0.3 * noise(i)).exp())).collect();
    let index = Arc::new(Bars::new("^GSPC".parse().unwrap(), index).unwrap());
    let days = IndexDays::of(&index);
    let har = PooledHar::fit(&[Series::of(&stock[..1200], Some(&index))], 1).unwrap();
    assert!(har.wants_index() && !PooledHar::fit(&[Series::of(&stock, None)], 1).unwrap().wants_index());
    let error = |with: bool| -> f64 {
        let of = |known: usize| {
            let index = days.at(day(known as u64 - 1)).filter(|_| with);
            har.forecast(&stock[..known], index, &[day(known as u64)], Field::Range).unwrap()[0]
        };
        (1200..1500).map(|known| (of(known) - Field::Range.value(&stock[known], 1.0).unwrap()).powi(2)).sum()
    };
    assert!(error(true) < 0.5 * error(false), "{} {}", error(true), error(false));
    let volume = |index| har.forecast(&stock, index, &[day(1500)], Field::Volume);
    assert_eq!(volume(None), volume(days.at(day(1499))), "volume looks at no index");
}
