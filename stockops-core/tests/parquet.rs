//! Bars from Parquet: what pandas writes, every type of date and number, and damage.
#![cfg(feature = "parquet")]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::*;
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use stockops_core::market::FindingKind;
use stockops_core::source::table_bars;
use stockops_core::{ReadOptions, Result, Sourced, Ticker, read_bars};

fn read_as(ticker: &str, path: &Path) -> Result<Sourced> {
    read_bars(path, &Ticker::new(ticker).unwrap(), &ReadOptions::default())
}

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn days(sourced: &Sourced) -> Vec<String> {
    sourced.bars.iter().map(|bar| bar.date.to_string()).collect()
}

/// Write three rows with `columns` in place of the usual ones, and read them.
fn written(columns: Vec<(&str, ArrayRef)>) -> Result<Sourced> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.parquet");
    write(&path, columns);
    read_as("GOOG", &path)
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    let floats = |values: [f64; 3]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    let mut table: Vec<(&str, ArrayRef)> = vec![
        ("Date", Arc::new(Date32Array::from(vec![19905, 19906, 19908]))),
        ("Open", floats([10.0, 11.0, 12.0])),
        ("High", floats([11.5, 12.5, 13.5])),
        ("Low", floats([9.5, 10.5, 11.5])),
        ("Close", floats([11.0, 12.0, 13.0])),
        ("Volume", Arc::new(Int64Array::from(vec![1000, 2000, 3000]))),
    ];
    for (name, array) in columns {
        table.retain(|(old, _)| *old != name && !(*old == "Date" && name == "event_timestamp"));
        table.push((name, array));
    }
    let batch = RecordBatch::try_from_iter_with_nullable(table.into_iter().map(|(n, a)| (n, a, true))).unwrap();
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// The message without the path.
fn problem(columns: Vec<(&str, ArrayRef)>) -> String {
    let text = written(columns).unwrap_err().to_string();
    text.split_once("bars.parquet: ").unwrap().1.to_owned()
}

const DAYS: [&str; 3] = ["2024-07-01", "2024-07-02", "2024-07-04"];

#[test]
fn a_table_of_pandas_is_read() {
    let goog = read_as("GOOG", &golden("bars_pandas.parquet")).unwrap();
    assert_eq!(days(&goog), ["2024-07-02", "2024-07-03", "2024-07-05"]);
    assert_eq!(goog.bars.closes(), [11.0, 12.0, 13.0]);
    assert_eq!(goog.bars.as_slice()[2].volume, 3000.0);
    assert!(goog.quality.findings.is_empty());
}

#[test]
fn the_feature_table_is_a_file_of_bars_too() {
    let path = golden("features_pandas.parquet");
    let amzn = read_as("amzn", &path).unwrap();
    assert_eq!(days(&amzn), ["2024-07-02", "2024-07-03", "2024-07-05"]); // closes at 20:00, 17:00, 20:00 UTC
    assert_eq!(amzn.bars.closes(), [10.5, 11.5, 12.5]);
    let text = read_as("TSLA", &path).unwrap_err().to_string();
    assert!(text.ends_with("features_pandas.parquet: no row of TSLA; the file has AMZN, GOOG"), "{text}");
}

#[test]
fn every_way_to_write_a_day_means_the_same() {
    let day = 86_400_i64;
    let (midnights, closes) = ([19905 * day, 19906 * day, 19908 * day], [20 * 3600; 3]);
    let at_close: Vec<i64> = midnights.iter().zip(closes).map(|(a, b)| a + b).collect();
    let scaled = |values: &[i64], by: i64| values.iter().map(|v| v * by).collect::<Vec<_>>();
    let nanos = scaled(&at_close, 1_000_000_000);
    let dates: Vec<ArrayRef> = vec![
        Arc::new(Date32Array::from(vec![19905, 19906, 19908])),
        Arc::new(Date64Array::from(scaled(&midnights, 1000))),
        Arc::new(TimestampSecondArray::from(midnights.to_vec())),
        Arc::new(TimestampMillisecondArray::from(scaled(&midnights, 1000))),
        Arc::new(TimestampMicrosecondArray::from(scaled(&at_close, 1_000_000)).with_timezone("UTC")),
        Arc::new(TimestampNanosecondArray::from(nanos.clone()).with_timezone("America/New_York")),
        Arc::new(StringArray::from(DAYS.to_vec())),
        Arc::new(LargeStringArray::from(DAYS.to_vec())),
        Arc::new(DAYS.iter().copied().collect::<DictionaryArray<types::Int32Type>>()),
        Arc::new(StringArray::from(DAYS.map(|day| format!("{day}T20:00:00Z")).to_vec())),
    ];
    for array in dates {
        assert_eq!(days(&written(vec![("Date", array.clone())]).unwrap()), DAYS, "{:?}", array.data_type());
    }
    let utc = Arc::new(TimestampNanosecondArray::from(nanos));
    assert_eq!(days(&written(vec![("event_timestamp", utc)]).unwrap()), DAYS);
}

#[test]
fn every_type_of_number_is_read() {
    let numbers: Vec<ArrayRef> = vec![
        Arc::new(Float32Array::from(vec![11.0, 12.0, 13.0])),
        Arc::new(Int32Array::from(vec![11, 12, 13])),
        Arc::new(UInt8Array::from(vec![11, 12, 13])),
        Arc::new(StringArray::from(vec!["11", "12.0", "1.3e1"])),
        Arc::new(Decimal128Array::from(vec![1100, 1200, 1300]).with_precision_and_scale(10, 2).unwrap()),
    ];
    for array in numbers {
        let closes = written(vec![("Close", array.clone())]).unwrap().bars.closes();
        assert_eq!(closes, [11.0, 12.0, 13.0], "{:?}", array.data_type());
    }
}

#[test]
fn adj_close_scales_the_prices_here_too() {
    let adj = Arc::new(Float64Array::from(vec![5.5, 12.0, 13.0]));
    let goog = written(vec![("Adj Close", adj)]).unwrap();
    assert_eq!(goog.bars.as_slice()[0].high, 5.75);
    assert_eq!(goog.quality.find(FindingKind::Adjusted).unwrap().count, 1);
}

#[test]
fn a_bad_cell_is_named_by_its_row() {
    let closes = |values: Vec<Option<f64>>| Arc::new(Float64Array::from(values)) as ArrayRef;
    let end = "; correct or remove this row, or set `drop_bad_rows`";
    for (column, array, text) in [
        (
            "Close",
            closes(vec![Some(11.0), None, Some(13.0)]),
            format!("row 2: 2024-07-02: close is NaN, not a finite number{end}"),
        ),
        (
            "Close",
            closes(vec![Some(11.0), Some(f64::NAN), Some(13.0)]),
            format!("row 2: 2024-07-02: close is NaN, not a finite number{end}"),
        ),
        (
            "Close",
            closes(vec![Some(11.0), Some(12.0), Some(99.0)]),
            format!("row 3: 2024-07-04: high 13.5 is under max(open, close) = 99{end}"),
        ),
        (
            "Volume",
            Arc::new(StringArray::from(vec!["1", "2", "many"])),
            format!("row 3: Volume is `many`, not a number{end}"),
        ),
        (
            "Date",
            Arc::new(StringArray::from(vec!["2024-07-01", "soon", "2024-07-04"])),
            format!("row 2: the date is `soon`, which is no date in the form of the others; YYYY-MM-DD is sure{end}"),
        ),
        (
            "Date",
            Arc::new(Date32Array::from(vec![Some(19905), None, Some(19908)])),
            format!("row 2: the date is empty{end}"),
        ),
        (
            "Date",
            Arc::new(BooleanArray::from(vec![true, false, true])),
            "the date column has the type Boolean, and must be a date, a timestamp, a number or text".to_owned(),
        ),
        (
            "Date",
            Arc::new(Float64Array::from(vec![1.0, 2.0, 3.0])),
            format!("3 of 3 rows cannot be used: {}; correct or remove these rows, or set `drop_bad_rows`", no_dates()),
        ),
    ] {
        assert_eq!(problem(vec![(column, array)]), text);
    }
}

fn no_dates() -> String {
    let row = |i: usize| {
        format!("row {i}: the date is `{i}`, which is no date in the form of the others; YYYY-MM-DD is sure")
    };
    [row(1), row(2), row(3)].join("; ")
}

#[test]
fn epochs_serials_and_digits_are_days() {
    let day = 86_400.0;
    let scaled = |by: f64| {
        Arc::new(Float64Array::from(vec![19905.0 * day * by, 19906.0 * day * by, 19908.0 * day * by])) as ArrayRef
    };
    let digits = Arc::new(Int64Array::from(vec![20_240_701, 20_240_702, 20_240_704]));
    let serials = Arc::new(Int32Array::from(vec![45_474, 45_475, 45_477]));
    for array in [scaled(1.0), scaled(1e3), scaled(1e6), scaled(1e9), digits, serials] {
        assert_eq!(days(&written(vec![("Date", array.clone())]).unwrap()), DAYS, "{array:?}");
    }
}

#[test]
fn rows_without_prices_are_left_out_and_tuples_are_names() {
    let floats = |values: [f64; 3]| Arc::new(Float64Array::from(values.to_vec())) as ArrayRef;
    let none = f64::NAN;
    let columns = ["Open", "High", "Low", "Close", "Volume"].map(|name| (name, floats([10.0, none, 11.0])));
    let goog = written(columns.to_vec()).unwrap();
    assert_eq!(days(&goog), ["2024-07-01", "2024-07-04"]);
    assert_eq!(goog.quality.find(FindingKind::NoPrices).unwrap().count, 1);
    let names = ["('Close', 'GOOG')", "('High', 'GOOG')", "('Low', 'GOOG')", "('Open', 'GOOG')", "('Close', 'IBM')"];
    let own = names.map(|name| (name, floats([20.0, 21.0, 22.0])));
    assert_eq!(written(own.to_vec()).unwrap().bars.closes(), [20.0, 21.0, 22.0]);
}

#[test]
fn what_is_no_parquet_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.parquet");
    let problem = |bytes: &[u8]| {
        std::fs::write(&path, bytes).unwrap();
        read_as("GOOG", &path).unwrap_err().to_string().replace(path.to_str().unwrap(), "FILE")
    };
    let damaged = "FILE: the Parquet file is damaged or cut short; write, copy or download it again";
    let good = std::fs::read(golden("bars_pandas.parquet")).unwrap();
    assert_eq!(problem(&good[..good.len() - 20]), damaged);
    assert_eq!(problem(b"PAR1"), damaged);
    assert_eq!(
        problem(b"Date,Open\n"),
        "FILE: not a Parquet file, for it does not begin with PAR1; name a Parquet file, or call it .csv"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Damage gives an error or other bars, never a panic.
    #[test]
    fn damage_never_panics(at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut bytes = std::fs::read(golden("features_pandas.parquet")).unwrap();
        for (index, byte) in at {
            let place = index.index(bytes.len() - 4) + 4;
            bytes[place] = byte;
        }
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        let _ = read_as("GOOG", file.path());
    }
}

/// Its sessions would be counted for minutes.
#[test]
fn a_day_far_from_all_trading_is_refused() {
    let far = chrono::NaiveDate::from_ymd_opt(120_000, 1, 3).unwrap();
    let days = Date32Array::from(vec![Some(19_844), Some(far.to_epoch_days())]);
    let number = |value: f64| Arc::new(Float64Array::from(vec![value; 2])) as ArrayRef;
    let names = ["date", "open", "high", "low", "close", "volume"];
    let columns = [10.0, 11.0, 9.0, 10.5, 1000.0].map(number);
    let all = std::iter::once(Arc::new(days) as ArrayRef).chain(columns);
    let batch = RecordBatch::try_from_iter(names.into_iter().zip(all)).unwrap();
    let table = RecordBatchIterator::new([Ok(batch.clone())], batch.schema());
    let goog = Ticker::new("GOOG").unwrap();
    let text = table_bars("frame", table, &goog, &ReadOptions::default()).unwrap_err().to_string();
    assert!(text.starts_with("frame: row 2: the date is `+120000-01-03`"), "{text}");
}

#[test]
fn bytes_are_read_as_a_file_is_and_a_bomb_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.parquet");
    write(&path, vec![]);
    let (goog, bytes) = (Ticker::new("GOOG").unwrap(), std::fs::read(&path).unwrap());
    let read = |bytes, options| stockops_core::source::bytes_bars("sent", bytes, &goog, &options);
    assert_eq!(read(bytes, ReadOptions::default()).unwrap().bars, read_as("GOOG", &path).unwrap().bars);

    // A million equal rows take little in a file and much in memory.
    let same = |value: f64| Arc::new(Float64Array::from(vec![value; 1_000_000])) as ArrayRef;
    let days = Arc::new(Date32Array::from_iter_values(0..1_000_000)) as ArrayRef;
    let columns =
        [("Date", days), ("Open", same(10.0)), ("High", same(11.0)), ("Low", same(9.0)), ("Close", same(10.0))];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let mut bomb = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bomb, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let error = read(bomb, ReadOptions { max_bytes: Some(1 << 20), ..ReadOptions::default() }).unwrap_err();
    assert_eq!(error.to_string(), "sent: more than 1 MiB once it is unpacked; split it by ticker");
}
