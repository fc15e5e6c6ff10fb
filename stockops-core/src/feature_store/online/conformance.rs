//! What every online store promises.

use chrono::{DateTime, TimeDelta, Utc};

use super::{FieldStatus, OnlineRow, OnlineStore};
use crate::feature_store::{FeatureRow, FeatureView};
use crate::features::FeatureSet;
use crate::market::Ticker;

/// Check every promise of [`OnlineStore`] on an empty store; each implementation calls this from its own test.
///
/// Views of the names `stock_stats`, `prices` and `momentum` are written to.
///
/// # Panics
///
/// When a promise is broken, which is what a test wants.
pub fn conformance(store: &dyn OnlineStore) {
    what_was_never_written_is_not_found(store);
    rows_come_back(store);
    many_tickers_and_views_come_back_in_order(store);
    the_newest_event_and_its_last_correction_stay(store);
    racing_writers_leave_the_newest(store);
    versions_of_a_view_are_apart(store);
    age_is_judged_to_the_microsecond(store);
    a_field_that_came_later_is_not_found_until_it_is_written(store);
    a_withdrawn_bar_has_no_values(store);
    thousands_of_rows_are_taken(store);
    a_row_of_another_width_is_refused(store);
}

const WRITERS: i64 = 4;

fn noon() -> DateTime<Utc> {
    "2026-01-02T12:00:00.123456Z".parse().unwrap()
}

fn after(micros: i64) -> DateTime<Utc> {
    noon() + TimeDelta::microseconds(micros)
}

fn view(name: &str, features: &str) -> FeatureView {
    FeatureView::new(name, 0, set(features), None).unwrap()
}

/// Features by their words, with commas between them.
fn set(words: &str) -> FeatureSet {
    FeatureSet::new(words.split(',').map(|word| word.parse().unwrap()).collect()).unwrap()
}

fn prices() -> FeatureView {
    view("prices", "Open,Close")
}

fn ticker(word: &str) -> Ticker {
    Ticker::new(word).unwrap()
}

fn row(word: &str, event: i64, created: i64, values: &[f64]) -> FeatureRow {
    let values = values.iter().copied().map(Some).collect();
    FeatureRow { ticker: ticker(word), event_timestamp: after(event), created_timestamp: after(created), values }
}

fn read(store: &dyn OnlineStore, view: &FeatureView, word: &str) -> OnlineRow {
    store.read(&[view], &[ticker(word)], noon()).unwrap().remove(0).remove(0)
}

fn close_of(store: &dyn OnlineStore, word: &str) -> Option<f64> {
    read(store, &prices(), word).values[1]
}

fn what_was_never_written_is_not_found(store: &dyn OnlineStore) {
    let found = read(store, &prices(), "NOBODY");
    assert_eq!((found.event_timestamp, found.created_timestamp), (None, None));
    assert_eq!((found.values, found.statuses), (vec![None; 2], vec![FieldStatus::NotFound; 2]));
    assert_eq!(store.write(&prices(), &[]).unwrap(), 0);
    assert_eq!(store.read(&[&prices()], &[], noon()).unwrap(), [[]]);
    assert!(store.read(&[], &[ticker("NOBODY")], noon()).unwrap().is_empty());
}

fn rows_come_back(store: &dyn OnlineStore) {
    let view = FeatureView::new("stock_stats", 0, FeatureSet::default(), None).unwrap();
    // Not short decimals, a volume that 32 bits cannot hold, the smallest number, and a time before 1970.
    let mut first =
        row("^GSPC", -2_000_000_000_000_000, -1, &[0.1 + 0.2, -0.0, 5e-324, f64::MAX, 4_184_120_001.0, 0.0, -1.5]);
    first.values[5] = None;
    assert_eq!(store.write(&view, std::slice::from_ref(&first)).unwrap(), 1);
    let found = read(store, &view, "^GSPC");
    assert_eq!(found.ticker, first.ticker);
    assert_eq!(found.event_timestamp, Some(first.event_timestamp));
    assert_eq!(found.created_timestamp, Some(first.created_timestamp));
    let bits = |values: &[Option<f64>]| values.iter().map(|value| value.map(f64::to_bits)).collect::<Vec<_>>();
    assert_eq!(bits(&found.values), bits(&first.values));
    let mut statuses = [FieldStatus::Present; 7];
    statuses[5] = FieldStatus::NullValue;
    assert_eq!(found.statuses, statuses);
}

fn many_tickers_and_views_come_back_in_order(store: &dyn OnlineStore) {
    let (prices, momentum) = (prices(), view("momentum", "RSI14"));
    let words = ["GOOG", "BRK-B", "7203.T", "M&M.NS", "EURUSD=X"];
    let rows = |unit: f64, width: usize| -> Vec<FeatureRow> {
        words.iter().enumerate().map(|(i, word)| row(word, 0, 0, &vec![unit * i as f64; width])).collect()
    };
    assert_eq!(store.write(&prices, &rows(1.0, 2)).unwrap(), 5);
    assert_eq!(store.write(&momentum, &rows(10.0, 1)[..4]).unwrap(), 4);
    let asked: Vec<Ticker> = ["EURUSD=X", "NOBODY", "GOOG", "BRK-B", "GOOG"].map(ticker).to_vec();
    let found = store.read(&[&momentum, &prices], &asked, noon()).unwrap();
    let firsts = |rows: &[OnlineRow]| rows.iter().map(|row| row.values[0]).collect::<Vec<_>>();
    assert_eq!(firsts(&found[0]), [None, None, Some(0.0), Some(10.0), Some(0.0)]);
    assert_eq!(firsts(&found[1]), [Some(4.0), None, Some(0.0), Some(1.0), Some(0.0)]);
    assert!(found.iter().all(|rows| rows.iter().map(|row| &row.ticker).eq(&asked)));
}

fn the_newest_event_and_its_last_correction_stay(store: &dyn OnlineStore) {
    let write = |event: i64, created: i64, close: f64| {
        store.write(&prices(), &[row("NEW", event, created, &[0.0, close])]).unwrap()
    };
    assert_eq!((write(10, 50, 1.0), close_of(store, "NEW")), (1, Some(1.0)));
    assert_eq!(
        (write(9, 99, 2.0), close_of(store, "NEW")),
        (0, Some(1.0)),
        "an older event, though it was created later"
    );
    assert_eq!((write(10, 49, 3.0), close_of(store, "NEW")), (0, Some(1.0)), "an older version of the same event");
    assert_eq!((write(10, 51, 4.0), close_of(store, "NEW")), (1, Some(4.0)), "a correction of the same event");
    assert_eq!((write(10, 51, 4.0), close_of(store, "NEW")), (1, Some(4.0)), "the same again");
    assert_eq!(
        (write(11, 0, 5.0), close_of(store, "NEW")),
        (1, Some(5.0)),
        "a newer event, though it was created earlier"
    );
    assert_eq!((write(11, -1, 6.0), close_of(store, "NEW")), (0, Some(5.0)));
    // All in one call, the newest in the middle.
    let rows = [(1, 1, 1.0), (3, 1, 2.0), (3, 2, 3.0), (3, 0, 4.0), (2, 9, 5.0)];
    let rows = rows.map(|(event, created, close)| row("ONE", event, created, &[0.0, close]));
    assert_eq!((store.write(&prices(), &rows).unwrap(), close_of(store, "ONE")), (3, Some(3.0)));
}

fn racing_writers_leave_the_newest(store: &dyn OnlineStore) {
    const ROWS: i64 = 60;
    let value = |event: i64, created: i64| (event * 100 + created) as f64;
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for i in 0..ROWS {
                    // Each writer has its own order over the same events and versions.
                    let place = (i * 7 + writer * 13) % ROWS;
                    let (event, created) = (place / 6, place % 6 * WRITERS + writer);
                    let rows = ["RACE", "RICE"].map(|word| row(word, event, created, &[0.0, value(event, created)]));
                    store.write(&prices(), &rows).unwrap();
                }
            });
        }
    });
    let newest = value(ROWS / 6 - 1, 6 * WRITERS - 1);
    assert_eq!((close_of(store, "RACE"), close_of(store, "RICE")), (Some(newest), Some(newest)));
}

fn versions_of_a_view_are_apart(store: &dyn OnlineStore) {
    let version = |number| FeatureView::new("prices", number, set("Close"), None).unwrap();
    for number in [1, 12] {
        store.write(&version(number), &[row("VERSIONS", 0, 0, &[f64::from(number)])]).unwrap();
    }
    let found = |number| read(store, &version(number), "VERSIONS").values[0];
    assert_eq!((found(0), found(1), found(2), found(12)), (None, Some(1.0), None, Some(12.0)));
}

fn age_is_judged_to_the_microsecond(store: &dyn OnlineStore) {
    let a_day = TimeDelta::days(1);
    let lasts_a_day = FeatureView::new("prices", 0, set("Open,Close"), Some(a_day)).unwrap();
    let mut aged = row("AGED", 0, 0, &[1.0, 2.0]);
    aged.values[0] = None;
    store.write(&lasts_a_day, &[aged]).unwrap();
    let at = |now: DateTime<Utc>| store.read(&[&lasts_a_day], &[ticker("AGED")], now).unwrap().remove(0).remove(0);
    assert_eq!(at(noon() + a_day).statuses, [FieldStatus::NullValue, FieldStatus::Present]);
    let late = at(after(1) + a_day);
    assert_eq!(late.statuses, [FieldStatus::OutsideMaxAge; 2]);
    assert_eq!(
        (late.values, late.event_timestamp),
        (vec![None, Some(2.0)], Some(noon())),
        "the values are given all the same"
    );
    let nobody = store.read(&[&lasts_a_day], &[ticker("NOBODY")], noon()).unwrap();
    assert_eq!(nobody[0][0].statuses, [FieldStatus::NotFound; 2]);
    assert_eq!(read(store, &prices(), "AGED").statuses[1], FieldStatus::Present, "without a limit nothing is too old");
}

fn a_field_that_came_later_is_not_found_until_it_is_written(store: &dyn OnlineStore) {
    let wider = view("prices", "Open,Close,Volume");
    store.write(&prices(), &[row("WIDER", 0, 0, &[1.0, 2.0])]).unwrap();
    let statuses = || read(store, &wider, "WIDER").statuses;
    assert_eq!(statuses(), [FieldStatus::Present, FieldStatus::Present, FieldStatus::NotFound]);
    store.write(&wider, &[row("WIDER", 0, 0, &[1.0, 2.0, 3.0])]).unwrap();
    assert_eq!(statuses(), [FieldStatus::Present; 3]);
}

fn a_withdrawn_bar_has_no_values(store: &dyn OnlineStore) {
    store.write(&prices(), &[row("GONE", 0, 0, &[1.0, 2.0])]).unwrap();
    let withdrawn = FeatureRow { values: vec![None; 2], ..row("GONE", 0, 1, &[]) };
    assert_eq!(store.write(&prices(), &[withdrawn]).unwrap(), 1);
    let found = read(store, &prices(), "GONE");
    assert_eq!((found.values, found.statuses), (vec![None; 2], vec![FieldStatus::NullValue; 2]));
}

fn thousands_of_rows_are_taken(store: &dyn OnlineStore) {
    let words: Vec<String> = (0..2_500).map(|i| format!("T{i}")).collect();
    let rows: Vec<FeatureRow> = words.iter().zip(0..).map(|(word, i)| row(word, i, 0, &[0.5, i as f64])).collect();
    assert_eq!(store.write(&prices(), &rows).unwrap(), rows.len());
    let tickers: Vec<Ticker> = rows.iter().map(|row| row.ticker.clone()).collect();
    let found = store.read(&[&prices()], &tickers, noon()).unwrap();
    assert!(found[0].iter().zip(&rows).all(|(found, row)| found.values == row.values));
}

fn a_row_of_another_width_is_refused(store: &dyn OnlineStore) {
    let rows = [row("WIDTH", 0, 0, &[1.0, 2.0]), row("WIDTH", 1, 0, &[1.0])];
    let text = store.write(&prices(), &rows).unwrap_err().to_string();
    assert_eq!(text, "prices of WIDTH: expected shape [2], got [1]");
    assert_eq!(close_of(store, "WIDTH"), None, "nothing of it was written");
}
