//! Bytes against Feast's own, promises against the real server, and what is said when a server fails.

pub(super) mod server;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use serde_json::Value as Json;

use super::super::conformance;
use super::*;
use crate::Error;
use crate::feature_store::FieldStatus;
use crate::testing::golden_json;
use server::Server;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &Json) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|place| u8::from_str_radix(&hex[place..place + 2], 16).unwrap()).collect()
}

fn list(golden: &Json) -> &[Json] {
    let list = golden.as_array().unwrap();
    assert!(!list.is_empty());
    list
}

fn noon() -> DateTime<Utc> {
    "2026-01-02T12:00:00Z".parse().unwrap()
}

fn row(word: &str, event: i64, created: i64, value: f64) -> FeatureRow {
    FeatureRow {
        ticker: Ticker::new(word).unwrap(),
        event_timestamp: noon() + TimeDelta::seconds(event),
        created_timestamp: noon() + TimeDelta::seconds(created),
        values: vec![Some(value); 7],
    }
}

#[test]
fn keys_and_fields_are_feasts() {
    let golden = golden_json("feast_bytes.json");
    for case in list(&golden["keys"]) {
        let key = key::entity_key(case[0].as_str().unwrap(), ENTITY, case[1].as_str().unwrap());
        assert_eq!(hex(&key), case[2].as_str().unwrap(), "{case}");
    }
    for case in list(&golden["fields"]) {
        let field = key::feature_field(case[0].as_str().unwrap(), case[1].as_str().unwrap());
        assert_eq!(hex(&field), case[2].as_str().unwrap(), "{case}");
    }
}

#[test]
fn times_and_values_are_feasts() {
    let golden = golden_json("feast_bytes.json");
    for case in list(&golden["times"]) {
        let time = DateTime::from_timestamp_micros(case[0].as_i64().unwrap()).unwrap();
        assert_eq!(hex(&timestamp::encode(time)), case[1].as_str().unwrap(), "{case}");
        assert_eq!(timestamp::decode(&bytes(&case[1])), Some(time), "{case}");
    }
    for case in list(&golden["doubles"]) {
        assert_eq!(hex(&value::encode(case[0].as_f64())), case[1].as_str().unwrap(), "{case}");
    }
    for case in list(&golden["read"]) {
        assert_eq!(value::decode(&bytes(&case[1])), Ok(case[0].as_f64()), "{case}");
    }
    for case in list(&golden["no_numbers"]) {
        assert_eq!(value::decode(&bytes(case)), Err(value::NoNumber), "{case}");
    }
}

#[test]
#[ignore = "it needs redis-server, which tests/feast.sh installs"]
fn the_real_server_keeps_every_promise() {
    let server = Server::start();
    conformance(&server.store());
    // Another client, with a database of its own.
    let config = RedisConfig { url: format!("{}/3", server.config().url), ..server.config() };
    conformance(&RedisOnline::new(&config).unwrap());
}

#[test]
#[ignore = "it needs redis-server, which tests/feast.sh installs"]
fn many_tickers_and_views_are_one_round_trip() {
    let server = Server::start();
    let (store, view) = (server.store(), FeatureView::default());
    let second = FeatureView::new("stock_stats", 2, Default::default(), None).unwrap();
    let rows: Vec<FeatureRow> = (0..300).map(|i| row(&format!("T{i}"), 0, 0, f64::from(i))).collect();
    store.write(&view, &rows).unwrap();
    let tickers: Vec<Ticker> = rows.iter().map(|row| row.ticker.clone()).collect();
    let mut connection = server.connection();
    let mut count = |what: &str| -> u64 {
        let stats: String = redis::cmd("INFO").arg("all").query(&mut connection).unwrap();
        stats.lines().find_map(|line| line.strip_prefix(what)).unwrap().parse().unwrap()
    };
    let (commands, reads) = (count("total_commands_processed:"), count("total_reads_processed:"));
    store.read(&[&view, &second], &tickers, noon()).unwrap();
    // The command that counts is one itself. 30 kilobytes come in the two reads of a server's buffer, or three.
    assert_eq!(count("total_commands_processed:") - commands - 2, 300, "one HMGET for each ticker, whatever the views");
    assert!(count("total_reads_processed:") - reads <= 10, "they are not sent one by one");
}

#[test]
#[ignore = "it needs redis-server, which tests/feast.sh installs"]
fn what_feast_wrote_is_corrected_by_any_row_of_its_event() {
    let server = Server::start();
    let (store, view) = (server.store(), FeatureView::default());
    let names = Names::of(&view);
    // As Feast writes: without a time of creation, and in its 32 bits.
    let feast = |event: i64| {
        let mut call = redis::cmd("HSET");
        call.arg(store.key(&Ticker::new("GOOG").unwrap()))
            .arg(&names.event)
            .arg(timestamp::encode(row("GOOG", event, 0, 0.0).event_timestamp));
        for field in &names.features {
            call.arg(field).arg(bytes(&"35f6a89d43".into()));
        }
        call.exec(&mut server.connection()).unwrap();
    };
    let now = || store.read(&[&view], &[Ticker::new("GOOG").unwrap()], noon()).unwrap().remove(0).remove(0);
    feast(0);
    assert_eq!((now().values[3], now().created_timestamp), (Some(315.320_007_324_218_75), None));
    assert_eq!(store.write(&view, &[row("GOOG", -1, 9, 1.0)]).unwrap(), 0, "an older event stays out");
    assert_eq!(store.write(&view, &[row("GOOG", 0, 5, 2.0)]).unwrap(), 1);
    assert_eq!(store.write(&view, &[row("GOOG", 0, 4, 3.0)]).unwrap(), 0);
    // Feast writes the next event: what was kept of the creation is that of another event.
    feast(60);
    assert_eq!((now().values[0], now().created_timestamp), (Some(315.320_007_324_218_75), None));
    assert_eq!(store.write(&view, &[row("GOOG", 60, 4, 4.0)]).unwrap(), 1);
    assert_eq!((now().values[0], now().created_timestamp), (Some(4.0), Some(noon() + TimeDelta::seconds(4))));
}

#[test]
#[ignore = "it needs redis-server, which tests/feast.sh installs"]
fn a_server_that_is_killed_and_comes_back_has_all_rows_after_the_next_write() {
    let mut server = Server::start();
    let (store, view) = (server.store(), FeatureView::default());
    let rows: Vec<FeatureRow> = (0..500).map(|i| row(&format!("T{i}"), i, i, i as f64)).collect();
    let tickers: Vec<Ticker> = rows.iter().map(|row| row.ticker.clone()).collect();
    let errors: Vec<Error> = std::thread::scope(|scope| {
        let killer = scope.spawn(|| {
            for _ in 0..3 {
                std::thread::sleep(Duration::from_millis(150));
                server.kill();
                std::thread::sleep(Duration::from_millis(50));
                server.start_again();
            }
        });
        let mut errors = Vec::new();
        while !killer.is_finished() {
            errors.extend(store.write(&view, &rows).err());
            errors.extend(store.read(&[&view], &tickers, noon()).err());
        }
        errors
    });
    assert!(!errors.is_empty(), "a server was away and nobody saw it");
    for error in &errors {
        let text = error.to_string();
        assert!(matches!(error.kind(), "offline" | "not_now") && !error.is_input(), "{text}");
        assert!(text.contains("the offline store has every row: materialise again"), "{text}");
    }
    // The same store, whose connections are broken.
    server.kill();
    server.start_again();
    let found = |status| {
        let rows = store.read(&[&view], &tickers, noon()).unwrap();
        rows[0].iter().filter(|row| row.statuses == [status; 7]).count()
    };
    assert_eq!(found(FieldStatus::NotFound), 500, "it kept nothing");
    assert_eq!(store.write(&view, &rows).unwrap(), 500);
    assert_eq!(found(FieldStatus::Present), 500);
}

#[test]
#[ignore = "it needs redis-server, which tests/feast.sh installs"]
fn a_late_answer_is_not_taken_for_that_of_another_question() {
    let (server, view) = (Server::start(), FeatureView::default());
    let store = RedisOnline::new(&RedisConfig { timeout: Duration::from_millis(200), ..server.config() }).unwrap();
    let rows = [row("GOOG", 0, 0, 1.0), row("AMZN", 0, 0, 2.0)];
    store.write(&view, &rows).unwrap();
    redis::cmd("CLIENT").arg("PAUSE").arg(600).arg("ALL").exec(&mut server.connection()).unwrap();
    let read = |row: &FeatureRow| store.read(&[&view], std::slice::from_ref(&row.ticker), noon());
    assert_eq!(read(&rows[0]).unwrap_err().kind(), "slow");
    // The answer about GOOG has come to the connection that was given up.
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(read(&rows[1]).unwrap()[0][0].values[0], Some(2.0));
}

#[test]
#[ignore = "it needs redis-server, which tests/feast.sh installs"]
fn the_words_of_the_real_server_are_sorted() {
    let view = FeatureView::default();
    let one = [row("GOOG", 0, 0, 1.0)];
    let locked = Server::with(&["--requirepass", "open sesame"]);
    let error = locked.store().write(&view, &one).unwrap_err();
    assert_eq!(error.kind(), "forbidden", "{error}");
    let with = |password: &str| {
        let url = locked.config().url.replace("redis://", &format!("redis://:{password}@"));
        RedisOnline::new(&RedisConfig { url, ..locked.config() }).unwrap()
    };
    let error = with("wrong%20word").write(&view, &one).unwrap_err();
    assert_eq!(error.kind(), "forbidden", "{error}");
    assert!(!error.to_string().contains("wrong"), "{error}");
    assert_eq!(with("open%20sesame").write(&view, &one).unwrap(), 1);

    let small = Server::with(&["--maxmemory", "1"]);
    let error = small.store().write(&view, &one).unwrap_err();
    assert_eq!(error.kind(), "full", "{error}");
    let replica = Server::with(&["--replicaof", "127.0.0.1 1"]);
    let error = replica.store().write(&view, &one).unwrap_err();
    assert_eq!(error.kind(), "not_now", "{error}");

    let other = Server::start();
    let key = other.store().key(&one[0].ticker);
    redis::cmd("SET").arg(key).arg("a text").exec(&mut other.connection()).unwrap();
    for error in [
        other.store().write(&view, &one).unwrap_err(),
        other.store().read(&[&view], &[one[0].ticker.clone()], noon()).unwrap_err(),
    ] {
        assert_eq!(error.kind(), "rejected", "{error}");
        assert!(error.to_string().contains("WRONGTYPE"), "{error}");
    }
}

/// A server that says `answer` to whatever comes, or nothing.
fn played(answer: &'static [u8]) -> RedisOnline {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://ann:secret@{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            // The login is let through.
            let _ = stream.write_all(b"+OK\r\n");
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(answer);
            // An answer that ends is followed by the end of the connection.
            if answer.is_empty() {
                std::thread::sleep(Duration::from_secs(5));
            }
        }
    });
    RedisOnline::new(&RedisConfig { url, timeout: Duration::from_millis(300), ..RedisConfig::default() }).unwrap()
}

#[test]
fn what_a_server_refuses_is_told_apart() {
    let fails = |answer: &'static [u8]| {
        let store = played(answer);
        let error = store.read(&[&FeatureView::default()], &[Ticker::new("GOOG").unwrap()], noon()).unwrap_err();
        let text = error.to_string();
        assert!(text.starts_with("redis://127.0.0.1:") && !text.contains("secret") && !error.is_input(), "{text}");
        (error.kind(), text)
    };
    for (answer, kind, words) in [
        (&b"-LOADING Redis is loading the dataset in memory\r\n"[..], "not_now", "it does not serve now"),
        (b"-NOAUTH Authentication required.\r\n", "forbidden", "check user, password and what the user may do"),
        (b"-OOM command not allowed when used memory > 'maxmemory'.\r\n", "full", "it has no room"),
        (b"-ERR unknown command 'HMGET'\r\n", "rejected", "it refused: "),
        (b"*3\r\n$2\r\n08", "offline", "it could not be reached"),
        (b"", "slow", "it did not answer in 0.3 s; the offline store has every row: materialise again later"),
        (b"+OK\r\n", "rejected", "it refused: "),
    ] {
        let (found, text) = fails(answer);
        assert!(found == kind && text.contains(words), "{found}: {text}");
    }
    // The time and a field of a row, which are none.
    let (kind, text) = fails(b"*9\r\n$1\r\n\x08\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n");
    assert_eq!(kind, "unreadable");
    assert!(text.ends_with("the time of GOOG in stock_stats of project stockops is not as wanted; look at who else writes there, or choose another project or database"), "{text}");
    let (kind, text) = fails(b"*9\r\n$0\r\n\r\n$-1\r\n$-1\r\n$-1\r\n$-1\r\n$3\r\n\x12\x01a\r\n$-1\r\n$-1\r\n$-1\r\n");
    assert!(kind == "unreadable" && text.contains("Close of GOOG in stock_stats"), "{kind}: {text}");
}

#[test]
fn nobody_there_is_offline() {
    let config = RedisConfig { url: "redis://127.0.0.1:1".into(), ..RedisConfig::default() };
    let store = RedisOnline::new(&config).unwrap();
    let error = store.write(&FeatureView::default(), &[row("GOOG", 0, 0, 1.0)]).unwrap_err();
    assert_eq!(error.kind(), "offline", "{error}");
    assert!(error.to_string().starts_with("redis://127.0.0.1:1: it could not be reached ("), "{error}");
    assert_eq!(store.place(), "redis://127.0.0.1:1 (stockops)");
}
