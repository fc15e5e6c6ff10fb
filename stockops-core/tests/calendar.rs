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

/// Closures of New York from 2000 to 2009 that no rule foresees: the attacks of 2001, the mourning for Reagan and Ford.
const UNFORESEEN: [&str; 6] = ["2001-09-11", "2001-09-12", "2001-09-13", "2001-09-14", "2004-06-11", "2007-01-02"];

/// A half day after Christmas that New York gave once, by no rule.
const HALF_DAYS_BY_NO_RULE: [&str; 1] = ["2003-12-26"];

#[test]
fn what_is_known_of_a_day_in_new_york_is_what_exchange_calendars_has_but_for_surprises() {
    let golden: Value = serde_json::from_str(include_str!("golden/sessions.json")).unwrap();
    let golden = &golden["XNYS"];
    let first: NaiveDate = golden["first"].as_str().unwrap().parse().unwrap();
    let surprises = [&UNFORESEEN[..], &["2012-10-29", "2012-10-30", "2018-12-05", "2025-01-09"]].concat();
    let surprises: BTreeSet<NaiveDate> = surprises.iter().map(|day| day.parse().unwrap()).collect();
    let holidays: BTreeSet<NaiveDate> = &days(&golden["holidays"], first) - &surprises;
    let no_rule: BTreeSet<NaiveDate> = HALF_DAYS_BY_NO_RULE.iter().map(|day| day.parse().unwrap()).collect();
    let half_days: BTreeSet<NaiveDate> = &days(&golden["early_closes"], first) - &no_rule;
    let calendar = Calendar::of(&Ticker::new("GOOG").unwrap());
    let last: NaiveDate = golden["last"].as_str().unwrap().parse().unwrap();
    use chrono::Datelike;
    let is_session = |day: NaiveDate| day.weekday().num_days_from_monday() < 5 && !holidays.contains(&day);
    let sessions: Vec<NaiveDate> =
        first.iter_days().take_while(|day| *day <= last).filter(|day| is_session(*day)).collect();
    let closed_between = |from: NaiveDate, to: NaiveDate| holidays.range(from..to).next().is_some();
    for place in 2..sessions.len() - 2 {
        let (day, known) = (sessions[place], calendar.known_day(sessions[place]));
        assert_eq!(known.half_day, half_days.contains(&day), "{day}");
        assert_eq!(known.after_half_day, half_days.contains(&sessions[place - 1]), "{day}");
        assert_eq!(known.before_half_day, half_days.contains(&sessions[place + 1]), "{day}");
        let since = (1..=2).find(|n| closed_between(sessions[place - n], sessions[place - n + 1])).unwrap_or(0);
        let until = (1..=2).find(|n| closed_between(sessions[place + n - 1], sessions[place + n])).unwrap_or(0);
        assert_eq!((known.after_closure as usize, known.before_closure as usize), (since, until), "{day}");
        assert_eq!(known.month_end, sessions[place + 1].month() != day.month(), "{day}");
        assert_eq!(known.month_start, sessions[place - 1].month() != day.month(), "{day}");
    }
}

#[test]
fn days_of_expiry_are_those_that_the_exchanges_published() {
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let known = |ticker: &str, date: &str| Calendar::of(&Ticker::new(ticker).unwrap()).known_day(day(date));
    // Cboe's calendars; Good Friday moves April's to the Thursday before.
    for (date, quarterly) in [
        ("2008-03-20", true),
        ("2014-04-17", false),
        ("2019-04-18", false),
        ("2022-04-14", false),
        ("2024-06-21", true),
        ("2024-11-15", false),
        ("2025-12-19", true),
    ] {
        let known = known("^GSPC", date);
        assert!(known.expiry && known.quarterly_expiry == quarterly, "{date} {known:?}");
    }
    assert!(!known("^GSPC", "2014-04-16").expiry && !known("^GSPC", "2024-11-22").expiry);
    assert!(
        known("^GSPC", "2024-06-20").before_quarterly_expiry && known("^GSPC", "2024-06-24").after_quarterly_expiry
    );
    // FTSE Russell's announcements.
    for date in ["2016-06-24", "2019-06-28", "2020-06-26", "2023-06-23", "2024-06-28", "2025-06-27"] {
        assert!(known("GOOG", date).reconstitution, "{date}");
        assert!(!known("SHEL.L", date).reconstitution);
    }
    assert!(known("7203.T", "2024-03-08").quarterly_expiry && !known("7203.T", "2024-03-15").expiry);
    assert!(known("005930.KS", "2024-06-13").quarterly_expiry);
    assert!(known("SAP.DE", "2024-12-20").quarterly_expiry && !known("BTC-USD", "2024-12-20").expiry);
}

#[test]
fn what_is_known_of_a_day_ends_with_the_calendar_and_never_panics() {
    for ticker in ["GOOG", "BTC-USD", "7203.T", "2222.SR", "600519"] {
        let calendar = Calendar::of(&Ticker::new(ticker).unwrap());
        for day in [NaiveDate::MIN, NaiveDate::MAX, "1890-01-03".parse().unwrap(), "2400-02-29".parse().unwrap()] {
            assert_eq!(calendar.known_day(day).date, day);
        }
    }
    // A day before the closure that nobody knew of is a day like others.
    let before = Calendar::of(&Ticker::new("GOOG").unwrap()).known_day("2012-10-26".parse().unwrap());
    assert_eq!(before.before_closure, 0);
}
