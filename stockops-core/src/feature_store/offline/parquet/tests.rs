//! Rows come back as they were written, whole and in part, and damage is an error.

use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::error::Error;
use crate::feature_store::offline::history::{History, Rows};
use crate::market::Ticker;
use crate::storage::{Key, MemoryStorage, Storage};

fn ticker(word: &str) -> Ticker {
    Ticker::new(word).unwrap()
}

fn names() -> Vec<String> {
    vec!["Close".into(), "RSI14".into()]
}

/// `count` rows of each ticker; the second column has a value in every other row.
fn rows(tickers: &[&str], count: usize) -> Rows {
    let history = |k: usize| {
        let mut history = History::of_width(2);
        for i in 0..count {
            let rsi = if i % 2 == 0 { f64::NAN } else { i as f64 / 3.0 };
            history.push(i as i64 * 86_400_000_000 + 7, 5, [0.1 + (k * count + i) as f64, rsi]);
        }
        history
    };
    tickers.iter().enumerate().map(|(k, word)| (ticker(word), history(k))).collect()
}

/// Ticker, times of events, times of creation, columns.
type Bits = (String, Vec<i64>, Vec<i64>, Vec<Vec<u64>>);

fn bits(rows: &Rows) -> Vec<Bits> {
    let bits = |column: &Vec<f64>| column.iter().map(|value| value.to_bits()).collect();
    let of = |(ticker, history): (&Ticker, &History)| {
        let columns = history.columns.iter().map(bits).collect();
        (ticker.to_string(), history.events.clone(), history.created.clone(), columns)
    };
    rows.iter().map(of).collect()
}

#[test]
fn rows_come_back_bit_for_bit() {
    let rows = rows(&["AMZN", "BRK-B", "^GSPC"], 300);
    let place = Path::new("x.parquet");
    let bytes = write(place, &names(), &rows).unwrap();
    assert_eq!(bits(&read(place, &names(), bytes.clone(), None).unwrap()), bits(&rows));
    let wanted = BTreeSet::from([ticker("BRK-B"), ticker("NONE")]);
    let found = read(place, &names(), bytes, Some(&wanted)).unwrap();
    assert_eq!(bits(&found), bits(&rows)[1..2]);
}

#[test]
fn a_ticker_is_found_without_reading_the_others() {
    let tickers: Vec<String> = (0..40).map(|i| format!("T{i:02}")).collect();
    let words: Vec<&str> = tickers.iter().map(String::as_str).collect();
    let rows = rows(&words, 4_000);
    let (storage, key) = (MemoryStorage::new(), Key::new("a").unwrap());
    let bytes = write(Path::new("a"), &names(), &rows).unwrap();
    let size = bytes.len();
    assert!(size > 2 * 65_536, "the tail is not the whole: {size}");
    // All but the metadata and one row group is broken.
    let wanted = BTreeSet::from([ticker("T20")]);
    storage.put(&key, &bytes).unwrap();
    let found = read_object(&storage, &key, &names(), &wanted).unwrap().unwrap();
    assert_eq!(bits(&found), bits(&rows)[20..21]);
    let broken = [vec![0xff; 60_000], bytes[60_000..].to_vec()].concat();
    storage.put(&key, &broken).unwrap();
    assert_eq!(bits(&read_object(&storage, &key, &names(), &wanted).unwrap().unwrap()), bits(&found));
    assert!(read_object(&storage, &key, &names(), &BTreeSet::from([ticker("T00")])).is_err());
    let none = BTreeSet::from([ticker("ZZZ")]);
    assert!(read_object(&storage, &key, &names(), &none).unwrap().unwrap().is_empty());
    storage.remove(&key).unwrap();
    assert!(read_object(&storage, &key, &names(), &wanted).unwrap().is_none());
}

#[test]
fn a_file_that_is_cut_or_of_others_is_named() {
    let place = Path::new("GOOG.parquet");
    let bytes = write(place, &names(), &rows(&["GOOG"], 50)).unwrap();
    for end in [0, 1, 10, bytes.len() / 2, bytes.len() - 1] {
        let error = read(place, &names(), bytes[..end].to_vec(), None).unwrap_err();
        assert!(matches!(error, Error::File { .. }), "{error}");
        assert!(error.to_string().starts_with("GOOG.parquet: it is not as stockops wrote it ("), "{error}");
    }
    let other = read(place, &["Open".to_owned()], bytes, None).unwrap_err().to_string();
    assert!(other.contains("(Parquet error: it has no column Open)"), "{other}");
}

/// Each byte in turn is altered: what is read is what was written, or an error.
#[test]
fn an_altered_bit_is_never_served() {
    let rows = rows(&["AMZN", "GOOG"], 40);
    let place = Path::new("GOOG.parquet");
    let bytes = write(place, &names(), &rows).unwrap();
    let (storage, key) = (MemoryStorage::new(), Key::new("a").unwrap());
    let wanted = BTreeSet::from([ticker("AMZN"), ticker("GOOG")]);
    let mut told = 0;
    for i in 0..bytes.len() {
        let mut other = bytes.clone();
        other[i] ^= 1 << (i % 8);
        storage.put(&key, &other).unwrap();
        let in_parts = read_object(&storage, &key, &names(), &wanted);
        for found in [read(place, &names(), other, None), in_parts.map(Option::unwrap)] {
            match found {
                Ok(found) => assert_eq!(bits(&found), bits(&rows), "byte {i} of {}", bytes.len()),
                Err(error) => told += usize::from(error.to_string().contains("altered after it was written")),
            }
        }
    }
    assert!(told > bytes.len(), "{told} of {}", 2 * bytes.len());
    let mut other = bytes;
    other[100] ^= 1;
    let text = read(place, &names(), other, None).unwrap_err().to_string();
    assert!(text.starts_with("GOOG.parquet: it is not as stockops wrote it (Parquet error: it was altered"), "{text}");
    assert!(text.ends_with("move it away: features are made anew of the bars that are kept when a view is applied, and bars when all of their history is ingested again"), "{text}");
}

/// Files of before have no checksums, and are read unchecked.
#[test]
fn a_file_of_before_is_read() {
    let rows = rows(&["GOOG"], 50);
    let mut old = write(Path::new("GOOG.parquet"), &names(), &rows).unwrap();
    let key = old.windows(8).rposition(|word| word == b"stockops").unwrap();
    old[key..key + 8].copy_from_slice(b"whatever");
    assert_eq!(bits(&read(Path::new("GOOG.parquet"), &names(), old, None).unwrap()), bits(&rows));
}
