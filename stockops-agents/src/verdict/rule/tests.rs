//! The rule, cell by cell.

use chrono::{DateTime, Utc};
use stockops_core::Ticker;

use super::*;
use crate::facts::{Company, Fact, Moment, Origin, Quantity};

/// A table with these numbers, and with this health.
fn facts(numbers: &[(&str, f64)], health: &str) -> Facts {
    let decided: DateTime<Utc> = "2026-01-02T21:00:00Z".parse().unwrap();
    let origin = Origin { source: "a test".into(), window: None, fetched: decided, path: String::new() };
    let number = |(id, value): &(&str, f64)| {
        let fact = Fact::new(*id, *id, Quantity::Return, Value::Number(*value), origin.clone());
        Fact { horizon: Some(5), ..fact }
    };
    let mut all: Vec<Fact> = numbers.iter().map(number).collect();
    all.push(Fact::new("health", "health", Quantity::Word, Value::Word(health.into()), origin.clone()));
    Facts {
        company: Company { ticker: Ticker::new("GOOG").unwrap(), name: None, exchange: "XNYS".into(), currency: None },
        moment: Moment::of(decided.date_naive(), decided, decided),
        model_version: None,
        facts: all,
        headlines: Vec::new(),
        notes: Vec::new(),
    }
}

/// An interval of the move, skill over the best rule and over every rule, coverage, health.
fn verdict(interval: [f64; 2], skill: [f64; 2], coverage: f64, health: &str) -> Verdict {
    let numbers = [
        ("close_h5", 100.0),
        ("move_h5_80_low", interval[0]),
        ("move_h5_80_high", interval[1]),
        ("skill_close_h5", skill[0]),
        ("skill_close_h5_hardest", skill[1]),
        ("coverage_close_h5_90", coverage),
        ("held_out", 500.0),
    ];
    Verdict::of(&facts(&numbers, health))
}

#[test]
fn the_stance_is_where_the_80_percent_interval_lies() {
    let of = |interval| {
        let verdict = verdict(interval, [0.0; 2], 0.9, "Healthy");
        (verdict.stance, verdict.action, verdict.reasons[0])
    };
    assert_eq!(of([0.01, 0.02]), (Stance::Bullish, Action::Buy, ReasonCode::IntervalAboveZero));
    assert_eq!(of([-0.02, -0.01]), (Stance::Bearish, Action::Sell, ReasonCode::IntervalBelowZero));
    for holds in [[-0.01, 0.02], [0.0, 0.02], [-0.02, 0.0]] {
        assert_eq!(of(holds), (Stance::Neutral, Action::Hold, ReasonCode::IntervalHoldsZero), "{holds:?}");
    }
}

#[test]
fn confidence_needs_skill_intervals_that_held_and_no_drift() {
    use ReasonCode::{CoverageOff, Drifted, IntervalHoldsZero, NoSkill, Skill};
    let of = |skill, coverage, health| {
        let verdict = verdict([-0.1, 0.1], skill, coverage, health);
        assert_eq!(verdict.reasons[0], IntervalHoldsZero);
        (verdict.confidence, verdict.reasons[1..].to_vec())
    };
    assert_eq!(of([0.02, 0.01], 0.9, "Healthy"), (Confidence::High, vec![Skill]));
    assert_eq!(of([0.02, 0.009], 0.9, "Healthy"), (Confidence::Medium, vec![Skill]));
    assert_eq!(of([0.02, 0.02], 0.9, "Degraded"), (Confidence::Medium, vec![Skill, Drifted]));
    assert_eq!(of([0.02, 0.02], 0.9, "Critical"), (Confidence::Low, vec![Skill, Drifted]));
    assert_eq!(of([0.009, 0.02], 0.9, "Healthy"), (Confidence::Low, vec![NoSkill]));
    // 500 forecasts of five sessions are 100 trials: 0.83 of them is more than chance away from 0.9, 0.86 is not.
    assert_eq!(of([0.02, 0.02], 0.83, "Healthy"), (Confidence::Low, vec![Skill, CoverageOff]));
    assert_eq!(of([0.02, 0.02], 0.86, "Healthy"), (Confidence::High, vec![Skill]));
}

#[test]
fn without_intervals_or_skill_nothing_is_claimed() {
    let bare = Verdict::of(&facts(&[("close_h5", 100.0)], "Healthy"));
    assert_eq!((bare.stance, bare.action, bare.confidence), (Stance::Neutral, Action::Hold, Confidence::Low));
    assert_eq!(bare.reasons, [ReasonCode::NoData]);
    let unjudged =
        Verdict::of(&facts(&[("close_h5", 100.0), ("move_h5_80_low", 0.01), ("move_h5_80_high", 0.02)], "Healthy"));
    assert_eq!((unjudged.stance, unjudged.confidence), (Stance::Bullish, Confidence::Low));
    assert_eq!(unjudged.reasons, [ReasonCode::IntervalAboveZero, ReasonCode::NoData]);
    assert_eq!(Verdict::of(&facts(&[], "")).reasons, [ReasonCode::NoData]);
}
