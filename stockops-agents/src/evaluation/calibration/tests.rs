use chrono::{Days, NaiveDate};
use stockops_core::Bar;
use stockops_core::forecast::Stance;

use super::*;
use crate::evaluation::tests::evaluation;

fn day(i: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(i)
}

/// Closes of consecutive days.
fn bars(closes: impl IntoIterator<Item = f64>) -> Bars {
    let bar = |(i, close): (usize, f64)| Bar {
        date: day(i as u64),
        open: close,
        high: close,
        low: close,
        close,
        volume: 1.0,
    };
    Bars::new("BTC-USD".parse().unwrap(), closes.into_iter().enumerate().map(bar).collect()).unwrap()
}

/// A report on day `i` about the next two sessions.
fn report(i: u64, confidence: Confidence, move_80: [f64; 2]) -> AgentEval {
    let said = Said { stance: Stance::Neutral, confidence, sessions: 2, move_80 };
    AgentEval { last_bar: day(i), said: Some(said), replayed: false, ..evaluation() }
}

fn levels(calibration: &Calibration) -> Vec<(Confidence, usize, usize)> {
    calibration.levels.iter().map(|(name, level)| (*name, level.reports, level.came_true)).collect()
}

/// Every two sessions the close moves by 1 %: 8 of 10 intervals hold that.
#[test]
fn eighty_of_a_hundred_is_what_was_stated() {
    let bars = bars((0..21).map(|i| 100.0 * 1.01_f64.powi(i / 2)));
    let history = |held: u64| -> Vec<AgentEval> {
        let interval = |i| if i < held { [0.0, 0.02] } else { [0.02, 0.03] };
        (0..10)
            .map(|i| report(2 * i, if i % 2 == 0 { Confidence::High } else { Confidence::Medium }, interval(i)))
            .collect()
    };
    for (held, score) in [(8, 1.0), (4, 0.5), (0, 0.0), (10, 0.75)] {
        let calibration = Calibration::of(&history(held), &bars);
        // Shares of ten in binary fractions.
        assert!((calibration.score.unwrap() - score).abs() < 1e-12, "{held} held: {calibration:?}");
    }
    assert_eq!(levels(&Calibration::of(&history(8), &bars)), [(Confidence::Medium, 5, 4), (Confidence::High, 5, 4)]);
    assert_eq!(Calibration::of(&history(8)[..9], &bars).score, None, "nine are too few");
}

#[test]
fn what_has_not_come_is_not_counted() {
    let bars = bars([100.0, 101.0, 102.0]);
    let interval = [0.0, 0.05];
    let history = [report(0, Confidence::High, interval), report(2, Confidence::High, interval)];
    assert_eq!(levels(&Calibration::of(&history, &bars)), [(Confidence::High, 1, 1)]);
    assert!(Calibration::of(&[report(9, Confidence::High, interval)], &bars).levels.is_empty(), "a day without a bar");
}

#[test]
fn low_confidence_states_nothing() {
    let bars = bars((0..41).map(|i| 100.0 + f64::from(i)));
    let history: Vec<AgentEval> = (0..20).map(|i| report(2 * i, Confidence::Low, [-0.5, -0.4])).collect();
    let calibration = Calibration::of(&history, &bars);
    assert_eq!((levels(&calibration), calibration.score), (vec![(Confidence::Low, 20, 0)], None));
    assert_eq!(calibration.to_string(), "of earlier reports came true: 0 of 20 with Low confidence");
}

#[test]
fn a_replayed_run_stays_out() {
    let replayed = AgentEval { replayed: true, ..report(0, Confidence::High, [0.0, 0.5]) };
    assert!(Calibration::of(&[replayed], &bars([100.0, 101.0, 102.0])).levels.is_empty());
}

/// Reports of every day about two sessions have ten outcomes in twenty days; of two on one bar the last one counts.
#[test]
fn an_outcome_counts_once() {
    let bars = bars((0..21).map(|i| 100.0 + f64::from(i)));
    let mut history: Vec<AgentEval> = (0..20).map(|i| report(i, Confidence::High, [0.0, 0.5])).collect();
    assert_eq!(levels(&Calibration::of(&history, &bars)), [(Confidence::High, 10, 10)]);
    history.insert(1, report(0, Confidence::High, [-0.5, -0.4]));
    assert_eq!(levels(&Calibration::of(&history, &bars)), [(Confidence::High, 10, 9)]);
}
