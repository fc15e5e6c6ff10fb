//! The calendar against exchange_calendars, in the years that it claims to know.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;
use stockops_core::{Ticker, market::Calendar};

/// Weekday holidays and early closes of `first..=last` as the calendar sees them.
fn ours(ticker: &str, first: NaiveDate, last: NaiveDate) -> (BTreeSet<NaiveDate>, BTreeSet<NaiveDate>) {
    use chrono::Datelike;
    let calendar = Calendar::of(&Ticker::new(ticker).unwrap());
    let weekdays =
        first.iter_days().take_while(|day| *day <= last).filter(|day| day.weekday().num_days_from_monday() < 5);
    let known: Vec<NaiveDate> = weekdays.filter(|day| calendar.is_session(*day).is_some()).collect();
    assert!(known.len() > 500, "{ticker} knows {} days only", known.len());
    let early = |day: &&NaiveDate| calendar.session(**day).is_some_and(|session| session.early_close);
    let closed = known.iter().filter(|day| calendar.is_session(**day) == Some(false)).copied().collect();
    (closed, known.iter().filter(early).copied().collect())
}

fn days(value: &Value, from: NaiveDate) -> BTreeSet<NaiveDate> {
    let all = value.as_array().unwrap().iter().map(|day| day.as_str().unwrap().parse::<NaiveDate>().unwrap());
    all.filter(|day| *day >= from).collect()
}

/// Early closes that only exchange_calendars knows; ours calls these days full ones, so their close is late, never early.
const UNKNOWN_TO_US: [(&str, &[&str]); 1] = [("XETR", &["2024-12-30", "2025-12-30"])];

#[test]
fn holidays_and_early_closes_agree_with_exchange_calendars() {
    let golden: Value = serde_json::from_str(include_str!("golden/sessions.json")).unwrap();
    let floor = "2010-01-01".parse().unwrap();
    for (name, ticker) in [("XNYS", "^GSPC"), ("XLON", "SHEL.L"), ("XTKS", "7203.T"), ("XETR", "SAP.DE")] {
        let golden = &golden[name];
        let first = golden["first"].as_str().unwrap().parse::<NaiveDate>().unwrap().max(floor);
        let last = golden["last"].as_str().unwrap().parse().unwrap();
        let (closed, mut early) = ours(ticker, first, last);
        let unknown = UNKNOWN_TO_US.iter().filter(|(venue, _)| *venue == name).flat_map(|(_, days)| *days);
        early.extend(unknown.map(|day| day.parse::<NaiveDate>().unwrap()));
        assert_eq!(closed, days(&golden["holidays"], first), "holidays of {name}");
        assert_eq!(early, days(&golden["early_closes"], first), "early closes of {name}");
    }
}
