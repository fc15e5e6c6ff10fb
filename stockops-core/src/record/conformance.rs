//! What every record promises.

use chrono::{Days, NaiveDate};

use super::{Decision, ForecastRecord, KeptForecast, Verdict};
use crate::drift::{DriftReport, Health, Outcome, Status, TrailDay};
use crate::forecast::Day;
use crate::market::Ticker;

/// Check every promise of [`ForecastRecord`] on an empty record; each implementation calls this from its own test.
///
/// # Panics
///
/// When a promise is broken, which is what a test wants.
pub fn conformance(record: &dyn ForecastRecord) {
    an_unknown_ticker_has_nothing(record);
    a_forecast_is_kept_once(record);
    a_later_forecast_of_a_day_replaces_the_earlier_until_something_is_settled(record);
    outcomes_come_as_their_days_do(record);
    decisions_keep_their_order(record);
    reports_are_latest_and_history(record);
    reports_of_the_latest_day_are_the_latest_however_they_come(record);
    years_of_forecasts_come_back(record);
    keeping_at_once_loses_nothing(record);
    every_ticker_is_named_once(record);
}

fn ticker(word: &str) -> Ticker {
    Ticker::new(word).unwrap()
}

fn day(place: u64) -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 5, 1).unwrap() + Days::new(place)
}

fn forecast(word: &str, last: u64, version: u32) -> KeptForecast {
    let of = |ahead: u64| Day {
        date: day(last + ahead),
        open: 1.0,
        high: 1.5,
        low: 0.1 + 0.2, // not a short decimal: it must come back to the last bit
        close: 1.2,
        volume: 3e9,
    };
    KeptForecast {
        ticker: ticker(word),
        last_date: day(last),
        last_price: 1.0,
        before: None,
        version: format!("{word}@{version}"),
        days: vec![of(1), of(2)],
        interval_90: Vec::new(),
        outcomes: Vec::new(),
    }
}

fn outcome(place: u64, horizon: usize) -> Outcome {
    Outcome { day: day(place), horizon, fields: Default::default(), replayed: false }
}

fn an_unknown_ticker_has_nothing(record: &dyn ForecastRecord) {
    let none = ticker("NONE");
    assert_eq!(record.forecasts(&none).unwrap(), []);
    assert_eq!(record.decisions(&none).unwrap(), []);
    assert_eq!(record.reports(&none).unwrap(), []);
    assert_eq!(record.latest_report(&none).unwrap(), None);
    assert_eq!(record.settle(&none, &mut |_| unreachable!()).unwrap(), 0);
}

fn a_forecast_is_kept_once(record: &dyn ForecastRecord) {
    let (late, early, other) = (forecast("ONCE", 9, 1), forecast("ONCE", 8, 2), forecast("ONCE", 9, 2));
    assert!(record.keep(&late).unwrap() && record.keep(&early).unwrap() && record.keep(&other).unwrap());
    assert!(!record.keep(&late).unwrap(), "it is kept already");
    assert_eq!(record.forecasts(&ticker("ONCE")).unwrap(), [early, late, other]);
}

/// A day that was not over when the first forecast was made has another last close when it is.
fn a_later_forecast_of_a_day_replaces_the_earlier_until_something_is_settled(record: &dyn ForecastRecord) {
    let own = ticker("LATER");
    let of = |last_price| KeptForecast { last_price, ..forecast("LATER", 1, 1) };
    for price in [1.0, 1.1, 1.2] {
        assert!(record.keep(&of(price)).unwrap());
        assert!(!record.keep(&of(price)).unwrap());
    }
    record.keep(&forecast("LATER", 0, 1)).unwrap();
    assert_eq!(record.forecasts(&own).unwrap(), [forecast("LATER", 0, 1), of(1.2)]);
    let mut offered = Vec::new();
    let first = |kept: &KeptForecast| (kept.last_date == day(1)).then(|| vec![outcome(2, 1)]);
    record
        .settle(&own, &mut |kept| {
            offered.push(kept.last_price);
            first(kept)
        })
        .unwrap();
    assert_eq!(offered, [1.0, 1.2], "what was replaced is not scored");
    assert!(!record.keep(&of(1.3)).unwrap(), "what is scored stays");
    assert_eq!(record.forecasts(&own).unwrap()[1], KeptForecast { outcomes: vec![outcome(2, 1)], ..of(1.2) });
}

fn outcomes_come_as_their_days_do(record: &dyn ForecastRecord) {
    let own = ticker("SETTLE");
    record.keep(&forecast("SETTLE", 1, 1)).unwrap();
    record.keep(&forecast("SETTLE", 2, 1)).unwrap();
    let first = |kept: &KeptForecast| (kept.last_date == day(1)).then(|| vec![outcome(2, 1)]);
    assert_eq!(record.settle(&own, &mut |kept| first(kept)).unwrap(), 1);
    assert_eq!(record.settle(&own, &mut |kept| first(kept)).unwrap(), 0, "nothing new");
    let mut offered = 0;
    let both = |kept: &KeptForecast| (kept.last_date == day(1)).then(|| vec![outcome(2, 1), outcome(3, 2)]);
    let settled = record.settle(&own, &mut |kept| {
        offered += 1;
        both(kept)
    });
    assert_eq!((settled.unwrap(), offered), (1, 2));
    record.settle(&own, &mut |kept| first(kept)).unwrap();
    let all = record.forecasts(&own).unwrap();
    assert_eq!((all[0].outcomes.len(), all[0].is_settled()), (2, true));
    record.settle(&own, &mut |kept| (kept.last_date == day(1)).then(Vec::new)).unwrap();
    assert_eq!(record.forecasts(&own).unwrap(), all, "what is settled is not offered again");
}

fn decisions_keep_their_order(record: &dyn ForecastRecord) {
    let of = |place, verdict, reason: &str| Decision::new(ticker("LOG"), day(place), verdict, reason);
    let [wait, keep, swap] = [of(2, Verdict::Wait, "w"), of(1, Verdict::Keep, "k"), of(2, Verdict::Swap, "s")];
    for decision in [&wait, &keep, &swap, &swap] {
        record.decide(decision).unwrap();
    }
    assert_eq!(record.decisions(&ticker("LOG")).unwrap(), [keep, wait, swap], "the same day twice is one decision");
}

fn reports_are_latest_and_history(record: &dyn ForecastRecord) {
    let own = ticker("REPORT");
    let trail = vec![TrailDay { day: day(1), health: Health::Degraded, data: 1.25, concept: None }];
    let of = |place, reason: &str| DriftReport {
        trail: trail.clone(),
        ..DriftReport::skipped(own.clone(), Some(day(place)), "2024-05-01T20:00:00Z".into(), reason.into())
    };
    for report in [of(2, "first"), of(1, "older"), of(2, "second")] {
        record.keep_report(&report).unwrap();
    }
    let latest = record.latest_report(&own).unwrap().unwrap();
    assert_eq!((latest.reason.as_deref(), latest.status), (Some("second"), Status::Skipped));
    assert_eq!(latest.trail, trail);
    let history = record.reports(&own).unwrap();
    assert_eq!(history.iter().map(|report| report.reason.as_deref().unwrap()).collect::<Vec<_>>(), ["older", "second"]);
    assert!(history.iter().all(|report| report.trail.is_empty()));
}

/// Two who report at once: whichever comes last, the latest report is that of the latest day, and the history has it.
fn reports_of_the_latest_day_are_the_latest_however_they_come(record: &dyn ForecastRecord) {
    let own = ticker("RACE");
    let of = |place| DriftReport::skipped(own.clone(), Some(day(place)), "2024-05-01T20:00:00Z".into(), "test".into());
    std::thread::scope(|scope| {
        for first in 0..2 {
            let of = &of;
            scope.spawn(move || (0..10).for_each(|i| record.keep_report(&of(first + 2 * i)).unwrap()));
        }
    });
    let days: Vec<NaiveDate> = record.reports(&own).unwrap().iter().filter_map(|report| report.as_of).collect();
    assert_eq!(days, (0..20).map(day).collect::<Vec<_>>());
    assert_eq!(record.latest_report(&own).unwrap(), Some(of(19)));
    record.keep_report(&of(3)).unwrap();
    assert_eq!(record.latest_report(&own).unwrap(), Some(of(19)), "an older one is not the latest");
}

/// A forecast a day for a year, each settled two days later, with a decision and a report.
fn years_of_forecasts_come_back(record: &dyn ForecastRecord) {
    let own = ticker("YEAR");
    let settled = |kept: &KeptForecast, today: u64| -> Vec<Outcome> {
        let of = |ahead: u64| outcome((kept.last_date - day(0)).num_days() as u64 + ahead, ahead as usize);
        (1..=2).map(of).filter(|one| one.day <= day(today)).collect()
    };
    for today in 0..250 {
        record.keep(&forecast("YEAR", today, 1)).unwrap();
        let changed = record.settle(&own, &mut |kept| Some(settled(kept, today))).unwrap();
        assert_eq!(changed as u64, today.min(2), "day {today}");
        record.decide(&Decision::new(own.clone(), day(today), Verdict::Keep, "nothing was lost")).unwrap();
    }
    let with_outcomes = |last: u64| {
        let made = forecast("YEAR", last, 1);
        KeptForecast { outcomes: settled(&made, 249), ..made }
    };
    assert_eq!(record.forecasts(&own).unwrap(), (0..250).map(with_outcomes).collect::<Vec<_>>());
    assert!(!record.keep(&forecast("YEAR", 7, 1)).unwrap(), "it is kept already");
    assert!(!record.keep(&KeptForecast { last_price: 2.0, ..forecast("YEAR", 7, 1) }).unwrap(), "it is settled");
    let decisions = record.decisions(&own).unwrap();
    assert_eq!(decisions.iter().map(|one| one.day).collect::<Vec<_>>(), (0..250).map(day).collect::<Vec<_>>());
}

fn keeping_at_once_loses_nothing(record: &dyn ForecastRecord) {
    std::thread::scope(|scope| {
        for version in 1..5 {
            scope.spawn(move || {
                for last in 0..5 {
                    assert!(record.keep(&forecast("CROWD", last, version)).unwrap());
                }
            });
        }
    });
    assert_eq!(record.forecasts(&ticker("CROWD")).unwrap().len(), 20);
}

fn every_ticker_is_named_once(record: &dyn ForecastRecord) {
    let known = record.tickers().unwrap();
    assert!(known.is_sorted_by(|one, other| one < other), "{known:?}");
    assert!(!known.contains(&ticker("NEW")));
    record.keep(&forecast("NEW", 1, 1)).unwrap();
    assert!(record.tickers().unwrap().contains(&ticker("NEW")));
}
