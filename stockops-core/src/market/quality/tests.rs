use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn bar(date: &str, close: f64) -> Bar {
    Bar { date: day(date), open: close - 0.5, high: close + 1.0, low: close - 1.0, close, volume: 1000.0 }
}

/// A wavy series of `count` sessions of New York from 2024 on.
fn series(count: usize) -> Vec<Bar> {
    let sessions = Calendar::of(&Ticker::new("GOOG").unwrap()).next_sessions(day("2024-01-01"), count);
    let close = |i: usize| 100.0 + (i as f64).sin();
    sessions.iter().enumerate().map(|(i, s)| Bar { date: s.date, ..bar("2024-01-01", close(i)) }).collect()
}

fn report(ticker: &str, rows: Vec<Bar>) -> (Bars, QualityReport) {
    clean(Ticker::new(ticker).unwrap(), rows).unwrap()
}

fn message(rows: Vec<Bar>, today: Option<NaiveDate>) -> String {
    clean_as_of(Ticker::new("GOOG").unwrap(), rows, today).unwrap_err().to_string()
}

#[test]
fn a_good_series_has_nothing_to_report() {
    let (bars, report) = report("GOOG", series(60));
    assert_eq!((bars.len(), report.rows_kept, &report.findings), (60, 60, &Vec::new()));
    assert_eq!(report.to_string(), "GOOG: 60 of 60 rows kept, 2024-01-02 to 2024-03-27; nothing to report");
}

#[test]
fn unsorted_rows_and_doubles_are_put_right_and_said() {
    let mut rows = series(20);
    rows.swap(3, 4);
    rows.push(rows[19]);
    let (bars, report) = report("GOOG", rows);
    assert_eq!(bars.as_slice(), series(20));
    assert_eq!(
        report.to_string(),
        "GOOG: 20 of 21 rows kept, 2024-01-02 to 2024-01-30\
         \n  1 row out of order, sorted by day (2024-01-05)\
         \n  1 row there twice, one of each dropped (2024-01-30)"
    );
}

#[test]
fn a_file_with_the_newest_row_first_is_one_finding() {
    let rows: Vec<Bar> = series(20).into_iter().rev().collect();
    let (bars, report) = report("GOOG", rows);
    assert_eq!(bars.as_slice(), series(20));
    assert_eq!(report.findings.len(), 1);
    assert_eq!(report.findings[0].text, "rows ran from the newest to the oldest, and were turned round");
}

#[test]
fn two_different_rows_of_one_day_are_refused_with_both() {
    let text = message(vec![bar("2024-05-02", 10.0), bar("2024-05-02", 11.0)], None);
    assert_eq!(
        text,
        "GOOG 2024-05-02: two different rows of one day: O 9.5 H 11 L 9 C 10 V 1000 and O 10.5 H 12 L 10 C 11 V 1000; \
         correct or remove this row"
    );
}

#[test]
fn a_row_of_the_future_is_refused_when_today_is_known() {
    let text = message(vec![bar("2024-05-03", 10.0)], Some(day("2024-05-02")));
    assert_eq!(text, "GOOG 2024-05-03: it lies in the future, today is 2024-05-02; correct or remove this row");
}

#[test]
fn weekends_and_filled_holidays_are_dropped_from_equities() {
    let mut rows = series(60);
    let last = rows[59]; // 2024-03-27, then Thursday, Good Friday, a weekend
    let filled =
        ["2024-03-29", "2024-03-30", "2024-03-31"].map(|date| Bar { date: day(date), ..bar("2024-03-28", 101.0) });
    rows.push(bar("2024-03-28", 101.0));
    rows.extend(filled);
    let (bars, report) = report("GOOG", rows);
    assert_eq!((bars.len(), bars.last_day()), (61, Some(day("2024-03-28"))));
    assert_eq!(report.find(FindingKind::Weekend).unwrap().days, [day("2024-03-30"), day("2024-03-31")]);
    assert_eq!(report.find(FindingKind::Filled).unwrap().days, [day("2024-03-29")]);
    assert_eq!(last.date, day("2024-03-27"));
}

#[test]
fn what_may_be_true_is_kept() {
    let mut rows = series(60);
    rows.push(bar("2024-03-28", 101.0));
    rows.push(bar("2024-03-29", 102.0)); // Good Friday, with numbers of its own
    let halted = Bar { open: 102.0, high: 102.0, low: 102.0, volume: 0.0, ..bar("2024-04-01", 102.0) };
    rows.extend([halted, Bar { date: day("2024-04-02"), ..halted }]);
    let (bars, report) = report("GOOG", rows);
    assert_eq!(bars.len(), 64);
    assert_eq!(report.find(FindingKind::Holiday).unwrap().days, [day("2024-03-29")]);
    assert_eq!(report.find(FindingKind::Repeated).unwrap().days, [day("2024-04-02")]);
    assert_eq!(report.find(FindingKind::ZeroVolume).unwrap().count, 2);
}

#[test]
fn crypto_keeps_every_day_and_currencies_keep_sundays() {
    let week = |_| {
        let days = day("2024-05-01").iter_days().take(14);
        days.enumerate().map(|(i, date)| Bar { date, ..bar("2024-05-01", 100.0 + (i % 3) as f64) }).collect::<Vec<_>>()
    };
    assert_eq!(report("BTC-USD", week(())).0.len(), 14);
    let (bars, report) = report("EURUSD=X", week(()));
    assert_eq!(bars.len(), 12);
    assert_eq!(report.find(FindingKind::Weekend).unwrap().days, [day("2024-05-04"), day("2024-05-11")]);
}

#[test]
fn missing_sessions_are_counted_by_the_calendar_or_by_the_week() {
    let mut rows = series(60);
    rows.drain(10..13);
    let gap = |ticker: &str, rows: &[Bar]| report(ticker, rows.to_vec()).1.find(FindingKind::Gap).cloned();
    assert_eq!(gap("GOOG", &rows).unwrap().count, 3);
    // Futures: the calendar does not know, and three weekdays are no news; nor is Good Friday.
    assert_eq!(gap("ES=F", &rows), None);
    rows.drain(20..26);
    assert_eq!(gap("ES=F", &rows).unwrap().count, 6);
}

#[test]
fn splits_and_outliers_are_told_apart() {
    let mut rows = series(120);
    let scale = |bar: &mut Bar, by: f64| {
        for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
            *price *= by;
        }
    };
    rows[60..].iter_mut().for_each(|bar| scale(bar, 0.5));
    scale(&mut rows[100], 1.8); // a wrong price for one day
    let report = report("GOOG", rows.clone()).1;
    let split = report.find(FindingKind::Split).unwrap();
    assert_eq!(split.days, [rows[60].date]);
    assert_eq!(split.text, "1 jump like an unadjusted split (2:1), kept; use a file with an Adj Close column");
    assert_eq!(report.find(FindingKind::Outlier).unwrap().days, [rows[100].date, rows[101].date]);
}

#[test]
fn a_stale_or_old_end_is_reported() {
    let mut rows = series(60);
    for (i, bar) in rows[54..].iter_mut().enumerate() {
        *bar = Bar { volume: 1000.0 + i as f64, date: bar.date, ..self::bar("2024-01-01", 50.0) };
    }
    let ticker = || Ticker::new("GOOG").unwrap();
    let report = clean_as_of(ticker(), rows.clone(), Some(day("2024-05-02"))).unwrap().1;
    assert_eq!(
        report.find(FindingKind::StaleTail).unwrap().text,
        "the last 6 closes are all 50, kept; the source may have stopped"
    );
    let old = "the last row is 36 days before today, 2024-05-02";
    assert_eq!(report.find(FindingKind::OutOfDate).unwrap().text, old);
    let today = clean_as_of(ticker(), rows, Some(day("2024-03-27"))).unwrap().1;
    assert_eq!(today.find(FindingKind::Today).unwrap().count, 1);
}

#[test]
fn the_report_is_readable_by_programs() {
    let mut rows = series(20);
    rows[7].volume = 0.0;
    let report = report("GOOG", rows).1;
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(
        json["findings"][0],
        serde_json::json!({
            "kind": "zero_volume", "count": 1, "days": ["2024-01-11"], "action": "kept",
            "text": "1 row of zero volume, kept, with the volume taken as unknown",
        })
    );
    assert_eq!(serde_json::from_value::<QualityReport>(json).unwrap(), report);
}

#[test]
fn no_rows_give_empty_bars() {
    let (bars, report) = report("GOOG", Vec::new());
    assert!(bars.is_empty() && report.findings.is_empty());
    assert_eq!(report.to_string(), "GOOG: 0 of 0 rows kept; nothing to report");
}
