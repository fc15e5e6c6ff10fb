//! The gate on forecasts that are made by hand: no network is needed to see who wins.

use super::*;
use crate::market::Bar;
use crate::testing::day;

/// A walk whose moves and ranges look like chance.
fn walk(count: u64) -> Vec<Bar> {
    let noise = |i: u64| ((i as f64 * 12.9898).sin() * 43758.5453).fract();
    let mut close = 100.0;
    let bar = |i: u64| {
        close *= (0.01 * noise(i)).exp();
        let width = 1.01 + 0.005 * noise(i + 7000).abs();
        Bar { date: day(i), open: close, high: close * width, low: close / width, close, volume: 1e6 }
    };
    (0..count).map(bar).collect()
}

/// Forecasts of `horizon` sessions from bar 30 on, each of a bar that came, with the close and the volume off by
/// `off(day)` on the log scale.
fn cases(bars: &[Bar], horizon: usize, off: impl Fn(u64) -> f64) -> Vec<Case<'_>> {
    let case = |origin: usize| {
        let (history, future) = bars.split_at(origin + 1);
        let missed = |(ahead, bar): (usize, &Bar)| {
            let factor = off((origin + 1 + ahead) as u64).exp();
            Bar { high: bar.high * 2.0, close: bar.close * factor, volume: bar.volume * factor, ..*bar }
        };
        let predicted = future[..horizon].iter().enumerate().map(missed).collect();
        Case { history, actual: &future[..horizon], predicted, ..Case::default() }
    };
    (30..bars.len() - horizon).map(case).collect()
}

/// Large on every third day and small on the others.
fn uneven(day: u64) -> f64 {
    if day.is_multiple_of(3) { 0.08 } else { 0.01 + 0.001 * (day % 7) as f64 }
}

#[test]
fn versions_of_different_horizons_are_compared_day_by_day() {
    let bars = walk(200);
    // Both miss each day by the same, so there is nothing to choose, at whatever horizon.
    let (five, one) = (cases(&bars, 5, uneven), cases(&bars, 1, uneven));
    let pairs = same_days(&five, &one);
    assert_eq!(pairs.len(), five.len(), "the four last forecasts of one session have no partner");
    assert!(pairs.iter().all(|(a, b)| a.history.len() == b.history.len()));
    for (old, new) in [(&five, &one), (&one, &five)] {
        assert_eq!(
            verdict(old, new, false),
            Verdict::Replace("both forecast the same on 165 days that neither saw".into())
        );
    }
}

#[test]
fn days_that_one_of_them_has_not_are_left_out() {
    let bars = walk(200);
    let (all, mut some) = (cases(&bars, 1, uneven), cases(&bars, 1, uneven));
    some.remove(50);
    assert_eq!(same_days(&all, &some).len(), all.len() - 1);
    let few = verdict(&all, &some[..59], false);
    assert_eq!(few, Verdict::Keep("only 59 days that neither version saw: 60 are needed to compare".into()));
    assert!(matches!(verdict(&all, &some[..60], false), Verdict::Replace(_)));
}

#[test]
fn where_the_test_has_no_answer_the_champion_stays() {
    let bars = walk(160);
    let forecasts = |size: f64| cases(&bars, 64, move |day| size + 0.001 * (day % 5) as f64)[..64].to_vec();
    let (good, bad) = (forecasts(0.01), forecasts(0.1));
    // 64 forecasts of 64 sessions overlap so far that they are hardly more than one trial.
    for (old, new) in [(&good, &bad), (&bad, &good)] {
        let verdict = verdict(old, new, false);
        assert!(
            matches!(&verdict, Verdict::Keep(why) if why.starts_with("forecasts of 64 sessions cannot be told apart on 64 days")),
            "{verdict:?}"
        );
    }
    assert!(matches!(verdict(&bad, &bad, false), Verdict::Replace(_)), "the same forecasts are told by themselves");
}

#[test]
fn a_worse_challenger_is_kept_out_and_a_better_one_let_in() {
    let bars = walk(200);
    let off = |size: f64| move |day: u64| size * uneven(day * 31 % 17);
    let (good, bad) = (cases(&bars, 5, off(0.5)), cases(&bars, 5, off(1.5)));
    let kept = verdict(&good, &bad, false);
    assert!(matches!(&kept, Verdict::Keep(why) if why.contains("worse by more than a standard error")), "{kept:?}");
    assert!(matches!(verdict(&bad, &good, true), Verdict::Replace(_)), "better, though it ends earlier");
    let same = verdict(&good, &good, true);
    assert!(matches!(&same, Verdict::Keep(why) if why.ends_with(ENDS_EARLIER)), "{same:?}");
}
