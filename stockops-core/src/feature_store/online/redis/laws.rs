//! Whatever is written in whatever order, by one or by two at once: Redis and memory end with the same rows, which are the newest.

use chrono::{DateTime, TimeDelta};
use proptest::prelude::*;

use super::tests::server::Server;
use super::*;
use crate::feature_store::MemoryOnline;

/// Rows of few tickers, events and versions, so that they meet often; the value tells ticker, event and version.
fn rows() -> impl Strategy<Value = Vec<FeatureRow>> {
    prop::collection::vec((0..3_i64, -2..3_i64, 0..3_i64), 1..40).prop_map(|parts| {
        let row = |(number, event, created): (i64, i64, i64)| FeatureRow {
            ticker: Ticker::new(["^GSPC", "GOOG", "BRK-B"][number as usize]).unwrap(),
            // Some before 1970, some that differ in microseconds alone.
            event_timestamp: DateTime::UNIX_EPOCH
                + TimeDelta::microseconds(event * if number == 0 { 1 } else { 86_400_000_000 }),
            created_timestamp: DateTime::UNIX_EPOCH + TimeDelta::microseconds(created - 1),
            values: vec![Some((100 * number + 10 * event + created) as f64); 7],
        };
        parts.into_iter().map(row).collect()
    })
}

fn newest(rows: &[FeatureRow], ticker: &Ticker) -> Option<f64> {
    let own = rows.iter().filter(|row| row.ticker == *ticker);
    own.max_by_key(|row| (row.event_timestamp, row.created_timestamp)).and_then(|row| row.values[0])
}

#[test]
#[ignore = "it needs redis-server, which tests/feast.sh installs"]
fn random_rows_of_two_writers_leave_the_newest_in_redis_and_in_memory() {
    let server = Server::start();
    let view = FeatureView::default();
    let tickers = ["^GSPC", "GOOG", "BRK-B"].map(|word| Ticker::new(word).unwrap());
    let projects = std::cell::Cell::new(0);
    let config = ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(one in rows(), other in rows())| {
        let project = projects.replace(projects.get() + 1);
        let store = RedisOnline::new(&RedisConfig { project: format!("law{project}"), ..server.config() }).unwrap();
        let memory = MemoryOnline::new();
        let both: [&dyn OnlineStore; 2] = [&store, &memory];
        for store in both {
            std::thread::scope(|scope| {
                for rows in [&one, &other] {
                    // A row at a time, and all of them once more: the same again changes nothing.
                    scope.spawn(|| rows.iter().map(|row| store.write(&view, std::slice::from_ref(row)).unwrap()).sum::<usize>());
                    scope.spawn(|| store.write(&view, rows).unwrap());
                }
            });
        }
        let all = [one, other].concat();
        let [redis, memory] = both.map(|store| store.read(&[&view], &tickers, DateTime::UNIX_EPOCH).unwrap().remove(0));
        prop_assert_eq!(&redis, &memory);
        for (ticker, found) in tickers.iter().zip(&redis) {
            prop_assert_eq!(found.values[0], newest(&all, ticker));
        }
    });
}
