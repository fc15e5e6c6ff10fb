//! What the store promises: corrections, one basis, both layouts, other processes and their deaths.

mod moves;
mod processes;

use chrono::{Days, NaiveDate};

use super::*;
use crate::feature_store::{EntityRow, Known};
use crate::features::FeatureSet;
use crate::market::Bar;

fn ticker(word: &str) -> Ticker {
    Ticker::new(word).unwrap()
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Every day from 2024-01-01 on, as coins trade.
fn bar(day: u64, close: f64) -> Bar {
    let date = NaiveDate::from_ymd_opt(2024, 1, 1).unwrap() + Days::new(day);
    Bar { date, open: close, high: close * 1.01, low: close * 0.99, close, volume: 1000.0 + day as f64 }
}

fn bars(word: &str, days: std::ops::Range<u64>, close: impl Fn(u64) -> f64) -> Bars {
    Bars::new(ticker(word), days.map(|day| bar(day, close(day))).collect()).unwrap()
}

fn store(layout: Layout) -> OfflineStore {
    let store = OfflineStore::in_memory();
    store.apply(&FeatureView::default(), Some(layout), at("2024-12-01T00:00:00Z")).unwrap();
    store
}

fn closes(rows: &[FeatureRow]) -> Vec<f64> {
    rows.iter().filter_map(|row| row.values[3]).collect()
}

const NOW: &str = "2024-12-01T12:00:00Z";
const BTC: &str = "BTC-USD";

#[test]
fn rows_are_the_frame_of_the_bars_and_warm_up_is_empty() {
    let (store, given) = (store(Layout::Tickers), bars(BTC, 0..40, |day| 50.0 + (day * 7 % 13) as f64));
    let written = store.ingest_one(&given, at(NOW)).unwrap();
    assert_eq!((written.bars, written.rows), (40, 40));
    let rows = store.history("stock_stats", &ticker(BTC), None).unwrap();
    let frame = FeatureSet::default().frame(&given).unwrap();
    for (i, row) in rows.iter().enumerate() {
        let wanted = i.checked_sub(frame.skipped()).map(|i| frame.values().row(i).to_vec());
        match wanted {
            Some(wanted) => assert_eq!(row.values, wanted.into_iter().map(Some).collect::<Vec<_>>()),
            None => assert!(row.values[5].is_none() && row.values[6].is_some()),
        }
        assert_eq!(row.event_timestamp, given.calendar().session_close(given.as_slice()[i].date));
        assert_eq!(row.created_timestamp, at(NOW));
    }
    assert_eq!(store.kept(&given).unwrap(), given);
    assert_eq!(store.ingest_one(&given, at("2025-01-01T00:00:00Z")).unwrap().rows, 0, "nothing is new");
}

#[test]
fn a_bar_whose_session_is_not_over_is_none() {
    let store = store(Layout::Tickers);
    let given = bars(BTC, 0..20, |_| 50.0);
    // The day of the last bar ends at 23:59:59, and twenty minutes later its bar stands.
    for (now, count) in [("2024-01-20T15:00:00Z", 19), ("2024-01-21T00:19:58Z", 19), ("2024-01-21T00:20:00Z", 20)] {
        store.ingest_one(&given, at(now)).unwrap();
        assert_eq!(store.history("stock_stats", &ticker(BTC), None).unwrap().len(), count, "{now}");
        assert_eq!(store.kept(&given).unwrap(), given, "what is not kept stays as it was given");
    }
}

#[test]
fn a_correction_wins_and_what_was_known_before_stays() {
    for layout in [Layout::Tickers, Layout::Buckets] {
        let store = store(layout);
        store.ingest_one(&bars(BTC, 0..20, |_| 50.0), at(NOW)).unwrap();
        let corrected = bars(BTC, 0..20, |day| if day == 19 { 51.0 } else { 50.0 });
        let later = at("2024-12-02T12:00:00Z");
        assert_eq!(store.ingest_one(&corrected, later).unwrap().bars, 1);
        let of = |known| closes(&store.history("stock_stats", &ticker(BTC), known).unwrap());
        assert_eq!((of(None)[18..].to_vec(), of(None).len()), (vec![50.0, 51.0], 20));
        assert_eq!(of(Some(at(NOW)))[18..], [50.0, 50.0]);
        assert!(of(Some(at("2024-11-30T00:00:00Z"))).is_empty());
        let newest = store.newest_of("stock_stats", &ticker(BTC)).unwrap().unwrap();
        assert_eq!((newest.created_timestamp, newest.values[3]), (later, Some(51.0)));
    }
}

/// A split of 2:1 after day 30: the source gives all prices anew.
#[test]
fn a_split_makes_all_rows_anew_and_two_bases_never_mix() {
    let store = store(Layout::Tickers);
    store.ingest_one(&bars(BTC, 0..30, |_| 100.0), at(NOW)).unwrap();
    let part = bars(BTC, 25..40, |_| 50.0);
    let error = store.ingest_one(&part, at("2024-12-02T12:00:00Z")).unwrap_err();
    assert!(matches!(error, Error::Series { .. }) && error.to_string().contains("on another basis"), "{error}");
    assert_eq!(closes(&store.history("stock_stats", &ticker(BTC), None).unwrap()), [100.0; 30], "nothing was written");

    let whole = bars(BTC, 0..40, |_| 50.0);
    let written = store.ingest_one(&whole, at("2024-12-02T12:00:00Z")).unwrap();
    assert_eq!((written.bars, written.rows), (40, 40));
    assert_eq!(closes(&store.history("stock_stats", &ticker(BTC), None).unwrap()), [50.0; 40]);
    let before = store.history("stock_stats", &ticker(BTC), Some(at(NOW))).unwrap();
    assert_eq!(closes(&before), [100.0; 30]);
}

#[test]
fn a_bar_that_its_source_took_back_is_withdrawn() {
    let store = store(Layout::Tickers);
    store.ingest_one(&bars(BTC, 0..20, |_| 50.0), at(NOW)).unwrap();
    let mut fewer: Vec<Bar> = bars(BTC, 0..20, |_| 50.0).as_slice().to_vec();
    fewer.remove(10);
    store.ingest_one(&Bars::new(ticker(BTC), fewer).unwrap(), at("2024-12-02T12:00:00Z")).unwrap();
    let rows = store.history("stock_stats", &ticker(BTC), None).unwrap();
    assert_eq!((rows.len(), closes(&rows).len()), (20, 19));
    assert!(rows[10].values.iter().all(Option::is_none), "{:?}", rows[10]);
}

#[test]
fn many_tickers_are_taken_at_once_and_one_failure_stands_alone() {
    for layout in [Layout::Tickers, Layout::Buckets] {
        let store = store(layout);
        let series: Vec<Bars> = (0..60).map(|i| bars(&format!("T{i}-USD"), 0..20, |_| 50.0 + i as f64)).collect();
        let first = store.ingest(&series, at(NOW)).unwrap();
        assert_eq!((first.written.len(), first.failed.len()), (60, 0));
        let mut next: Vec<Bars> = (0..60).map(|i| bars(&format!("T{i}-USD"), 19..25, |_| 50.0 + i as f64)).collect();
        next[7] = bars("T7-USD", 19..25, |_| 1.0);
        let second = store.ingest(&next, at("2024-12-02T12:00:00Z")).unwrap();
        assert_eq!((second.written.len(), second.failed.len()), (59, 1), "{:?}", second.failed);
        assert_eq!((second.failed[0].ticker.as_str(), second.failed[0].kind), ("T7-USD", "bar"));
        assert!(second.written.iter().all(|written| (written.bars, written.rows) == (5, 5)));
        let newest = store.newest("stock_stats").unwrap();
        assert_eq!(newest.len(), 60);
        assert!(newest.iter().all(|row| row.values[3].is_some()));
        for (i, rows) in [(3, 25), (7, 20)] {
            let name = ticker(&format!("T{i}-USD"));
            assert_eq!(closes(&store.history("stock_stats", &name, None).unwrap()), vec![50.0 + i as f64; rows]);
        }
    }
}

#[test]
fn a_ticker_that_is_given_twice_is_refused() {
    let store = store(Layout::Tickers);
    let twice = [bars(BTC, 0..20, |_| 50.0), bars("ETH-USD", 0..20, |_| 7.0), bars(BTC, 0..30, |_| 50.0)];
    let text = store.ingest(&twice, at(NOW)).unwrap_err().to_string();
    assert_eq!(text, "`series` must be of tickers that differ, got BTC-USD twice");
    assert!(store.newest("stock_stats").unwrap().is_empty(), "nothing was written");
}

#[test]
fn a_new_version_of_a_view_is_computed_from_the_kept_bars() {
    let store = store(Layout::Tickers);
    let given = bars(BTC, 0..40, |day| 50.0 + (day % 5) as f64);
    store.ingest_one(&given, at(NOW)).unwrap();
    let features = FeatureSet::new(vec!["Close".parse().unwrap(), "ATR14".parse().unwrap()]).unwrap();
    let second = FeatureView::new("stock_stats", 2, features.clone(), None).unwrap();
    store.apply(&second, None, at("2024-12-03T00:00:00Z")).unwrap();
    let rows = store.history("stock_stats", &ticker(BTC), None).unwrap();
    let frame = features.frame(&given).unwrap();
    assert_eq!(rows.len(), 40);
    assert_eq!(rows[39].values[1], Some(frame.values()[[frame.len() - 1, 1]]));
    store.ingest_one(&bars(BTC, 0..41, |day| 50.0 + (day % 5) as f64), at("2024-12-04T00:00:00Z")).unwrap();
    assert_eq!(store.history("stock_stats_v2", &ticker(BTC), None).unwrap().len(), 41);
    assert_eq!(store.applied().unwrap().unwrap().views.len(), 2);
}

#[test]
fn rows_move_to_another_layout_and_back() {
    let store = store(Layout::Tickers);
    let series: Vec<Bars> = (0..20).map(|i| bars(&format!("T{i}-USD"), 0..20, |day| 50.0 + (i + day) as f64)).collect();
    store.ingest(&series, at(NOW)).unwrap();
    let all = |store: &OfflineStore| -> Vec<Vec<FeatureRow>> {
        let of = |i| store.history("stock_stats", &ticker(&format!("T{i}-USD")), None).unwrap();
        (0..20).map(of).collect()
    };
    let before = all(&store);
    for layout in [Layout::Buckets, Layout::Tickers] {
        let applied = store.apply(&FeatureView::default(), Some(layout), at(NOW)).unwrap();
        assert_eq!(applied.layout, layout);
        assert_eq!(all(&store), before);
        let folder = Key::new("features/rows/stock_stats").unwrap();
        let names = store.storage.list(&folder).unwrap();
        assert_eq!(
            names.iter().filter(|name| name.starts_with('T')).count() == 20,
            layout == Layout::Tickers,
            "{names:?}"
        );
        assert_eq!(store.ingest(&series, at("2024-12-09T00:00:00Z")).unwrap().written[0].rows, 0);
    }
}

#[test]
fn without_a_view_there_is_no_store() {
    let store = OfflineStore::in_memory();
    assert!(store.applied().unwrap().is_none());
    let text = store.ingest_one(&bars(BTC, 0..3, |_| 1.0), at(NOW)).unwrap_err().to_string();
    assert_eq!(text, "no feature store named memory:features; apply a feature view first");
    let store = self::store(Layout::Tickers);
    let text = store.history("other", &ticker(BTC), None).unwrap_err().to_string();
    assert_eq!(text, "no feature view named other; there is stock_stats_v0");
    assert!(store.history("stock_stats", &ticker(BTC), None).unwrap().is_empty());
}

#[test]
fn joins_answer_each_row_in_its_place_within_the_time_to_live() {
    let store = store(Layout::Buckets);
    store
        .ingest(&[bars(BTC, 0..30, |day| 50.0 + day as f64), bars("ETH-USD", 5..20, |day| day as f64)], at(NOW))
        .unwrap();
    let entity = |word: &str, time: &str| EntityRow { ticker: ticker(word), event_timestamp: at(time) };
    let asked = [
        entity("ETH-USD", "2024-01-20T23:59:59Z"),
        entity(BTC, "2024-01-05T23:59:58.999999Z"),
        entity(BTC, "2024-01-05T23:59:59Z"),
        entity(BTC, "2024-01-05T23:59:59Z"),
        entity("ETH-USD", "2024-01-01T00:00:00Z"),
        entity("NONE", "2024-01-10T00:00:00Z"),
        // Fourteen days after the last event to the second, and one microsecond later.
        entity(BTC, "2024-02-13T23:59:59Z"),
        entity(BTC, "2024-02-13T23:59:59.000001Z"),
    ];
    let rows = store.historical("stock_stats", &asked, Known::Now).unwrap();
    let closes: Vec<Option<f64>> = rows.iter().map(|row| row.as_ref().and_then(|row| row.values[3])).collect();
    assert_eq!(closes, [Some(19.0), Some(53.0), Some(54.0), Some(54.0), None, None, Some(79.0), None]);
    assert!(store.historical("stock_stats", &asked, Known::Then).unwrap().iter().all(Option::is_none));
}
