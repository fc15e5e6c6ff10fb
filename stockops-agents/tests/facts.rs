//! The table of facts: each number leads back to where it comes from, and is there again.

mod common;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use common::House;
use stockops_agents::Verdict;
use stockops_agents::facts::{Facts, Gathered, Moment, Quantity, Value};
use stockops_agents::verdict::{Confidence, ReasonCode};
use stockops_core::forecast::Stance;

#[test]
fn each_number_is_found_again_where_its_origin_leads() {
    let house = House::amzn();
    let (gathered, facts) = (house.gathered(), house.facts());
    let mut followed = 0;
    for fact in &facts.facts {
        let Some(value) = fact.number() else { continue };
        if fact.origin.path.is_empty() {
            continue;
        }
        assert_eq!(gathered.follow(fact), Some(value), "{} of {:?}", fact.id, fact.origin);
        followed += 1;
    }
    let without = facts.facts.iter().filter(|fact| fact.number().is_some() && fact.origin.path.is_empty());
    let without: BTreeSet<&str> = without.map(|fact| fact.id.trim_end_matches(char::is_numeric)).collect();
    // Counted of lists, or asked about: nothing to read.
    assert_eq!(without, BTreeSet::from(["alarms", "headlines", "level_", "tests", "width_"]));
    assert!(followed > 500, "{followed}");
}

/// Recomputed by hand from the bars of the shipped file, without the crate's indicators.
#[test]
fn numbers_of_the_bars_are_those_of_the_bars() {
    let house = House::amzn();
    let facts = house.facts();
    let number = |id: &str| facts.get(id).unwrap().number().unwrap();
    let bars = house.bars.bars.as_slice();
    let n = bars.len();
    let close = |back: usize| bars[n - 1 - back].close;
    assert_eq!([number("last_close"), number("previous_close")], [close(0), close(1)]);
    for back in [1, 5, 21, 63, 250] {
        assert_eq!(number(&format!("return_{back}")), close(0) / close(back) - 1.0, "{back}");
    }
    let year = &bars[n - 250..];
    let high = year.iter().max_by(|a, b| a.high.total_cmp(&b.high)).unwrap();
    assert_eq!((number("high_52w"), facts.get("high_52w").unwrap().day), (high.high, Some(high.date)));
    let low = year.iter().min_by(|a, b| a.low.total_cmp(&b.low)).unwrap();
    assert_eq!((number("low_52w"), facts.get("low_52w").unwrap().day), (low.low, Some(low.date)));
    let mean = |count: usize| (0..count).map(close).sum::<f64>() / count as f64;
    for count in [20, 50, 200] {
        assert!((number(&format!("sma_{count}")) - mean(count)).abs() < 1e-9 * mean(count));
    }
    let changes: Vec<f64> = (0..14).map(|back| close(back) - close(back + 1)).collect();
    let gains: f64 = changes.iter().filter(|change| **change > 0.0).sum();
    let moved: f64 = changes.iter().map(|change| change.abs()).sum();
    assert!((number("rsi_14") - 100.0 * gains / moved).abs() < 1e-9);
    let volumes: f64 = bars[n - 21..n - 1].iter().map(|bar| bar.volume).sum();
    assert!((number("volume_ratio_20") - bars[n - 1].volume / (volumes / 20.0)).abs() < 1e-12);
}

#[test]
fn ids_are_unique_and_forecasts_have_day_horizon_and_level() {
    let house = House::amzn();
    let facts = house.facts();
    let ids: BTreeSet<&str> = facts.facts.iter().map(|fact| fact.id.as_str()).collect();
    assert_eq!(ids.len(), facts.facts.len());
    let fact = facts.get("close_h5_90_low").unwrap();
    assert_eq!((fact.horizon, fact.level, fact.end.as_deref()), (Some(5), Some(90), Some("low")));
    assert_eq!(fact.value, Value::Price(house.forecast.intervals["90"][4].close[0]));
    assert_eq!(fact.day, Some(house.forecast.next_business_days[4]));
    let skill = facts.get("skill_volume_h1").unwrap();
    assert_eq!((skill.of, skill.against.as_deref()), (Some(Quantity::Volume), Some("har")));
    for id in ["company", "ticker", "exchange", "currency", "unit", "health", "var_95_h5", "above_1_h5", "direction_h5"]
    {
        assert!(ids.contains(id), "{id}");
    }
}

#[test]
fn what_is_not_known_has_no_fact() {
    let mut house = House::amzn();
    house.bars.bars = house.bars.bars.last(30);
    house.forecast.intervals.clear();
    house.forecast.outlook = None;
    house.evaluation = stockops_core::evaluation::Evaluation::none("too short".into());
    let facts = Facts::of(&Gathered { risk: None, ..house.gathered() });
    for id in ["return_63", "return_250", "sma_50", "close_h5_90_low", "skill_close_h5", "var_95_h5", "volatility"] {
        assert_eq!(facts.get(id), None, "{id}");
    }
    for id in ["high_52w", "low_52w", "under_high_52w"] {
        assert_eq!(facts.get(id), None, "{id}");
    }
    assert_eq!(facts.get("high_known").unwrap().words, "highest price of the 30 sessions known");
    assert_eq!(facts.get("low_known").unwrap().span, Some(30));
    assert!(facts.get("return_21").is_some() && facts.get("close_h5").is_some());
    assert_eq!(Verdict::of(&facts).reasons, [ReasonCode::NoData]);
}

#[test]
fn the_verdict_is_that_of_the_forecast_and_of_its_skill() {
    let house = House::amzn();
    let verdict = Verdict::of(&house.facts());
    assert_eq!(verdict.stance, house.forecast.outlook.as_ref().unwrap().stance);
    assert_eq!((verdict.stance, verdict.confidence), (Stance::Neutral, Confidence::Low));
    // The close has 0.4 % less error than persistence at five sessions: less than counts.
    assert_eq!(verdict.reasons, [ReasonCode::IntervalHoldsZero, ReasonCode::NoSkill]);
}

/// On the first bar before the last held-out day nobody knew of that day.
#[test]
fn a_record_of_later_days_was_not_known_and_raises_nothing() {
    let mut house = House::amzn();
    house.evaluation.last_day = house.bars.bars.last_day().and_then(|day| day.succ_opt());
    let verdict = Verdict::of(&house.facts());
    assert_eq!((verdict.confidence, verdict.reasons[1]), (Confidence::Low, ReasonCode::LaterRecord));
    assert_eq!(verdict.reasons.len(), 2);
}

#[test]
fn a_run_of_a_past_day_and_one_on_old_bars_are_replayed() {
    let day = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    let (bar, evening) = ("2026-01-02".parse().unwrap(), day("2026-01-02T22:00:00Z"));
    assert!(!Moment::of(bar, evening, evening).replayed);
    assert!(!Moment::of(bar, day("2026-01-05T12:00:00Z"), day("2026-01-05T12:00:00Z")).replayed);
    assert!(Moment::of(bar, evening, day("2026-01-03T12:00:00Z")).replayed);
    assert!(Moment::of(bar, day("2026-01-10T12:00:00Z"), day("2026-01-10T12:00:00Z")).replayed);
}
