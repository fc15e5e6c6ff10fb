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
fn of_two_different_rows_of_one_day_the_last_is_kept() {
    let mut rows = series(20);
    rows.push(Bar { close: rows[19].close + 0.1, volume: 990.0, ..rows[19] });
    let (bars, found) = report("GOOG", rows.clone());
    assert_eq!(bars.as_slice()[19], rows[20]);
    let text = "1 day with two different rows, the last of them kept";
    assert_eq!(found.find(FindingKind::Revised).unwrap().text, text);
    // In a file that runs backwards the first row is the last in time.
    rows.reverse();
    assert_eq!(report("GOOG", rows.clone()).0.as_slice()[19], rows[0]);
}

#[test]
fn several_series_in_one_are_said() {
    let rows = || series(20).into_iter();
    let near = rows().map(|bar| Bar { close: bar.close + 0.01, ..bar });
    let text = "GOOG: 20 of 20 days have different rows, as where several series stand in one file; give one series, or a column \
                `ticker` that tells them apart";
    assert_eq!(message(rows().chain(near).collect(), None), text);
    let far = Bar { date: day("2024-01-02"), ..bar("2024-01-02", 7.0) };
    let text = message(rows().chain([far]).collect(), None);
    assert!(text.starts_with("GOOG: two rows of 2024-01-02 are far apart, O 99.5 "), "{text}");
}

#[test]
fn prices_that_are_not_there_are_repaired_or_left_out() {
    let mut rows = series(20);
    rows[3].open = 0.0;
    rows[5] = Bar { open: 0.0, high: 0.0, low: 0.0, ..rows[5] };
    let none = f64::NAN;
    rows[7] = Bar { open: none, high: none, low: none, close: none, volume: none, ..rows[7] };
    rows[9].volume = none;
    rows[11].high = rows[11].close * (1.0 - 2e-16);
    rows[11].low = rows[11].open * (1.0 + 2e-9);
    let close = rows[11].close;
    let (bars, found) = report("GOOG", rows.clone());
    let kept = bars.as_slice();
    assert_eq!(kept.len(), 19);
    assert_eq!(kept[3].open, rows[2].close.max(rows[3].low).min(rows[3].high));
    assert_eq!((kept[5].open, kept[5].high, kept[5].low), (rows[5].close, rows[5].close, rows[5].close));
    assert_eq!(kept[8].volume, 0.0);
    assert_eq!((kept[10].high, kept[10].low), (close, rows[11].open));
    for (kind, count) in [
        (FindingKind::OpenUnknown, 1),
        (FindingKind::RangeUnknown, 1),
        (FindingKind::NoPrices, 1),
        (FindingKind::Rounding, 1),
        (FindingKind::ZeroVolume, 1),
        (FindingKind::NoRange, 1),
    ] {
        assert_eq!(found.find(kind).map(|finding| finding.count), Some(count), "{kind:?}");
    }
}

#[test]
fn more_than_rounding_is_a_violation_and_all_are_counted() {
    let mut rows = series(20);
    rows[3].high = rows[3].close * (1.0 - 1e-6);
    rows[8].close = -1.0;
    let text = message(rows.clone(), None);
    assert!(text.contains("high 100.14101986693986 is under") && text.contains("(and 1 row more)"), "{text}");
    let known = Cleaning { drop_bad_rows: true, ..Cleaning::default() };
    let (bars, found) = clean_with(Ticker::new("GOOG").unwrap(), rows, &known).unwrap();
    assert_eq!((bars.len(), found.find(FindingKind::BadRows).unwrap().count), (18, 2));
}

#[test]
fn bars_that_are_not_daily_are_named() {
    let every = |days: usize| {
        let dates = day("2023-01-02").iter_days().step_by(days).take(12);
        dates.enumerate().map(|(i, date)| Bar { date, ..bar("2024-01-01", 100.0 + i as f64) }).collect::<Vec<_>>()
    };
    let text =
        |days: usize, name: &str| format!("GOOG: rows are {days} days apart: {name} bars; daily ones are needed");
    assert_eq!(message(every(7), None), text(7, "weekly"));
    assert_eq!(message(every(30), None), text(30, "monthly"));
    assert_eq!(message(every(91), None), text(91, "quarterly"));
    // A thin stock that trades now and then is no weekly one.
    let mut thin = series(60);
    thin.retain(|bar| [1, 5, 6, 11, 20, 22].contains(&(bar.date.to_epoch_days() % 23)));
    assert_eq!(report("GOOG", thin.clone()).0.len(), thin.len());
}

#[test]
fn a_calendar_that_cannot_be_right_is_said_with_its_cause() {
    let on = |week: &[u32]| {
        use chrono::Datelike;
        let days = day("2024-01-01")
            .iter_days()
            .take(120)
            .filter(|date| week.contains(&date.weekday().num_days_from_monday()));
        days.enumerate()
            .map(|(i, date)| Bar { date, ..bar("2024-01-01", 100.0 + (i as f64).sin()) })
            .collect::<Vec<_>>()
    };
    for (week, cause) in [
        (
            &[0, 1, 2, 3, 6][..],
            "each day is one early, as midnights of the exchange written in UTC are (the time zone was misread)",
        ),
        (&[0, 1, 2, 3, 4, 5, 6], "trades on weekends, as coins do (the ticker was misread): say `calendar` 24/7"),
        (
            &[0, 1, 2, 3, 4, 5],
            "its week is Monday to Friday, and the rows have Monday, Tuesday, Wednesday, Thursday, Friday, Saturday",
        ),
    ] {
        let text = message(on(week), None);
        assert!(text.contains("rows fall on days that XNYS is closed") && text.contains(cause), "{text}");
        // Nobody named a market: the rows show their week, and no row is lost.
        let (bars, found) = report("MY_FUND", on(week));
        assert_eq!(bars.len(), on(week).len());
        assert!(found.find(FindingKind::CalendarUnknown).is_some());
        // The next sessions fall on days of the week that were seen.
        let next = bars.calendar().next_sessions(bars.last_day().unwrap(), 7);
        use chrono::Datelike;
        assert!(next.iter().all(|session| week.contains(&session.date.weekday().num_days_from_monday())));
    }
    let known = Cleaning { calendar: Some("24/7".parse().unwrap()), ..Cleaning::default() };
    let coin = clean_with(Ticker::new("GOOG").unwrap(), on(&[0, 1, 2, 3, 4, 5, 6]), &known).unwrap().0;
    assert_eq!(coin.len(), 120);
    assert_eq!(coin.last(5).calendar(), "24/7".parse().unwrap());
}

#[test]
fn days_of_another_country_are_told_by_its_holidays() {
    // Sessions of Tokyo under a ticker of New York: only holidays differ.
    let sessions = Calendar::of(&Ticker::new("7203.T").unwrap()).next_sessions(day("2023-06-01"), 250);
    let rows: Vec<Bar> = sessions
        .iter()
        .enumerate()
        .map(|(i, s)| Bar { date: s.date, ..bar("2024-01-01", 100.0 + (i as f64).sin()) })
        .collect();
    let text = message(rows, None);
    assert!(text.contains("these are its holidays, so GOOG seems to trade elsewhere"), "{text}");
}

#[test]
fn a_last_row_in_another_unit_is_refused() {
    let mut rows = series(30);
    let last = &mut rows[29];
    for price in [&mut last.open, &mut last.high, &mut last.low, &mut last.close] {
        *price *= 100.0;
    }
    let text = message(rows.clone(), None);
    assert!(text.contains("about 100 times off, as where pence stand for pounds"), "{text}");
    let known = Cleaning { drop_bad_rows: true, ..Cleaning::default() };
    assert_eq!(clean_with(Ticker::new("GOOG").unwrap(), rows, &known).unwrap().0.len(), 29);
}

#[test]
fn a_jump_of_thirty_is_a_split_and_a_constant_series_is_one() {
    let mut rows = series(60);
    for bar in &mut rows[30..] {
        for price in [&mut bar.open, &mut bar.high, &mut bar.low, &mut bar.close] {
            *price /= 30.0;
        }
    }
    let text = report("GOOG", rows).1.find(FindingKind::Split).unwrap().text.clone();
    assert_eq!(text, "1 jump like an unadjusted split (30:1), kept; use a file with an Adj Close column");
    let flat: Vec<Bar> = series(20).iter().map(|bar| Bar { date: bar.date, ..self::bar("2024-01-01", 10.5) }).collect();
    let flat = flat.into_iter().enumerate().map(|(i, bar)| Bar { volume: 1.0 + i as f64, ..bar }).collect();
    let found = report("GOOG", flat).1;
    let text = "all 20 closes are 10.5: the series never moves, and there is nothing to forecast";
    assert_eq!(found.find(FindingKind::Constant).unwrap().text, text);
}

#[test]
fn today_in_auckland_is_not_the_future() {
    let nz = |today: &str| {
        let rows = vec![bar("2024-05-02", 10.0), bar("2024-05-03", 10.1)];
        clean_as_of(Ticker::new("FPH.NZ").unwrap(), rows, Some(day(today)))
    };
    assert_eq!(nz("2024-05-02").unwrap().0.len(), 2);
    assert!(nz("2024-05-01").unwrap_err().to_string().contains("it lies in the future, today is 2024-05-01"));
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
    let (bars, found) = report("EURUSD=X", week(()));
    assert_eq!(bars.len(), 14);
    assert_eq!(found.find(FindingKind::Holiday).unwrap().days, [day("2024-05-04"), day("2024-05-11")]);
    // Saturdays that only repeat the Friday are no days of trading.
    let mut filled = week(());
    for saturday in [3, 10] {
        filled[saturday] = Bar { date: filled[saturday].date, ..filled[saturday - 1] };
    }
    let (bars, found) = report("EURUSD=X", filled);
    assert_eq!((bars.len(), found.find(FindingKind::Weekend).unwrap().count), (12, 2));
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
