//! Whole files that cannot be used: each has a message of its own, with the path and the line.

use std::io::Write;
use std::path::Path;

use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;
use stockops_core::{Error, ReadOptions, Result, Sourced, Ticker, read_bars};

const HEADER: &str = "Date,Open,High,Low,Close,Volume\n";

/// Write `bytes` to a file and read it as GOOG on 2024-05-31.
fn read(bytes: &[u8]) -> Result<Sourced> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.csv");
    std::fs::write(&path, bytes).unwrap();
    read_at(&path)
}

fn read_at(path: &Path) -> Result<Sourced> {
    let options = ReadOptions { today: "2024-05-31".parse().ok(), ..ReadOptions::default() };
    read_bars(path, &Ticker::new("GOOG").unwrap(), &options)
}

/// The message of a bad file, from behind the folder on.
fn message(bytes: impl AsRef<[u8]>) -> String {
    let error = read(bytes.as_ref()).unwrap_err();
    assert_eq!((error.kind(), error.is_input()), ("file", true), "{error}");
    let text = error.to_string();
    text[text.find("bars.csv").unwrap()..].to_owned()
}

fn with_header(rows: &str) -> String {
    message(format!("{HEADER}{rows}"))
}

fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_file_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere.csv");
    assert_eq!(
        read_at(&nowhere).unwrap_err().to_string(),
        format!("{}: no such file; check the path", nowhere.display())
    );
    assert_eq!(
        read_at(folder.path()).unwrap_err().to_string(),
        format!("{}: a folder, not a file; name a CSV, CSV.gz or Parquet file in it", folder.path().display())
    );
}

#[test]
fn nothing_in_it() {
    let empty = "bars.csv: the file is empty; it needs a header and at least one row";
    assert_eq!(message(""), empty);
    assert_eq!(message("\n \n"), empty);
    assert_eq!(message("\u{feff}"), empty);
    assert_eq!(message(packed("")), empty);
    assert_eq!(message(HEADER), "bars.csv: there is a header but no row; it needs at least one");
}

#[test]
fn the_wrong_columns() {
    assert_eq!(
        message("Date,Open,High,Low,Price,Volume\n2024-05-01,1,1,1,1,1\n"),
        "bars.csv, line 1: no column `Close`; the columns are `Date`, `Open`, `High`, `Low`, `Price`, `Volume`"
    );
    assert_eq!(
        message("Date,Open,High,Low,Close,CLOSE,Volume\n2024-05-01,1,1,1,1,1,1\n"),
        "bars.csv, line 1: two columns are named alike: `Close` (column 5) and `CLOSE` (column 6); remove one"
    );
    assert_eq!(
        message("\n\nticker,Date,Open,High,Low,Close,Volume\nAMZN,2024-05-01,1,1,1,1,1\nIBM,2024-05-01,1,1,1,1,1\n"),
        "bars.csv: no row of GOOG; the file has AMZN, IBM"
    );
}

#[test]
fn a_cell_that_is_no_number() {
    let good = "2024-05-01,10,11,9,10,1000\n";
    let end = "; correct or remove this row";
    for (row, text) in [
        ("2024-05-02,10,11,9,ten,1000", "Close is `ten`, not a number".to_owned()),
        ("2024-05-02,10,11,9,\"1,000\",1000", "Close is `1,000`, not a number".to_owned()),
        ("2024-05-02,null,11,9,10,1000", "Open is `null`, not a number".to_owned()),
        ("2024-05-02,10,,9,10,1000", format!("High is empty{end}")),
        ("2024-05-02,10,11,NaN,10,1000", format!("Low is NaN, not a finite number{end}")),
        ("2024-05-02,10,inf,9,10,1000", format!("High is inf, not a finite number{end}")),
        ("2024-05-02,10,11,9,10,1e999", format!("Volume is inf, not a finite number{end}")),
        ("2024-05-02,10,11,9,10", format!("5 fields where the header has 6{end}")),
        ("2024-05-02,10,11,9,10,1,000", format!("7 fields where the header has 6{end}")),
        (
            "02/05/2024,10,11,9,10,1",
            "the date is `02/05/2024`, and must be YYYY-MM-DD, with or without a time".to_owned(),
        ),
        (",10,11,9,10,1", "the date is ``, and must be YYYY-MM-DD, with or without a time".to_owned()),
    ] {
        assert_eq!(with_header(&format!("{good}{row}\n")), format!("bars.csv, line 3: {text}"));
    }
}

#[test]
fn a_bar_that_cannot_be() {
    let end = "; correct or remove this row";
    for (rows, text) in [
        ("2024-05-01,-1,11,-2,10,1", "line 2: 2024-05-01: open is -1, and a price must be above 0"),
        ("2024-05-01,10,9,8,10,1", "line 2: 2024-05-01: high 9 is under max(open, close) = 10"),
        ("2024-05-01,10,11,9,10,-1", "line 2: 2024-05-01: volume is -1, and must be finite and at least 0"),
        (
            "2024-05-01,10,11,9,10,1\n2024-06-03,10,11,9,10,1",
            "line 3: 2024-06-03: it lies in the future, today is 2024-05-31",
        ),
        (
            "2024-05-01,10,11,9,10,1\n2024-05-02,10,11,9,10,1\n2024-05-01,10,11,9,10.5,1",
            "line 2: 2024-05-01: two different rows of one day: O 10 H 11 L 9 C 10 V 1 and O 10 H 11 L 9 C 10.5 V 1 (line 4)",
        ),
    ] {
        assert_eq!(with_header(rows), format!("bars.csv, {text}{end}"));
    }
    assert_eq!(
        message("Date,Open,High,Low,Close,Volume,Adj Close\n2024-05-01,10,11,9,10,1,0\n"),
        "bars.csv, line 2: Adj Close is 0, and a price must be above 0; correct the row, or read the file without adjustment"
    );
    assert_eq!(
        with_header("2024-05-04,10,11,9,10,1\n"),
        "bars.csv: no row is left of 1: GOOG: 0 of 1 rows kept\n  1 row on a weekend, dropped (2024-05-04)"
    );
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let bad = "2024-05-02,10,11,9,ten,1000";
    for (text, line) in [
        (format!("{HEADER}\n\n{bad}"), 4),
        (format!("{HEADER}2024-05-01,10,11,9,10,1000\n\n{bad}\n"), 4),
        (format!("\n{HEADER}{bad}\n"), 3),
        (format!("{HEADER}2024-05-01,10,11,9,10,1000\n\n{bad}\n").replace('\n', "\r\n"), 4),
        (format!("\u{feff}{HEADER}\"2024-05-01\",10,11,9,10,1000\n{bad}\n"), 3),
    ] {
        assert_eq!(message(&text), format!("bars.csv, line {line}: Close is `ten`, not a number"), "{text:?}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(HEADER.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert_eq!(message(&utf16), "bars.csv: text in UTF-16; save it as CSV in UTF-8");
    let binary =
        "bars.csv: not text, for it has zero bytes (binary, or UTF-16 without a mark); save it as CSV in UTF-8";
    assert_eq!(message(&utf16[2..]), binary);
    let latin = [HEADER.as_bytes(), b"2024-05-01,10,11,9,10,1 \xe9\n"].concat();
    assert_eq!(message(latin), "bars.csv, line 2: byte 0xe9 is not UTF-8; save the file as CSV in UTF-8");
}

#[test]
fn gzip_that_is_damaged() {
    let good = packed(&format!("{HEADER}2024-05-01,10,11,9,10,1\n"));
    let cut = "bars.csv: the gzip data ends early, so the file is cut short; copy or download it again";
    assert_eq!(message(&good[..good.len() - 6]), cut);
    assert_eq!(message(&good[..12]), cut);
    let mut wrong = good;
    let crc = wrong.len() - 8;
    wrong[crc] ^= 1;
    assert_eq!(message(wrong), "bars.csv: the gzip data is damaged; copy or download it again");
}

#[cfg(not(feature = "parquet"))]
#[test]
fn parquet_without_the_feature() {
    let wanted =
        "bars.csv: a Parquet file, and this build is without the feature `parquet`; build with it, or give CSV";
    assert_eq!(message("PAR1 and so on"), wanted);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[HEADER.as_bytes(), &bytes].concat());
        let _ = read(&[&[0x1f, 0x8b][..], &bytes].concat());
    }

    /// What comes through is good, whatever was done to the text.
    #[test]
    fn a_changed_file_gives_an_error_or_good_bars(
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[-0-9,.\"\n\r:TZa-e+]"), 1..6),
    ) {
        let mut text = format!("{HEADER}2024-05-01,10,11,9,10,1\n2024-05-02,10,11,9,10.5,2\n2024-05-03 16:00:00Z,10,11,9,10,1\n");
        for (index, with) in changes {
            let place = index.index(text.len());
            text.replace_range(place..=place, &with);
        }
        match read(text.as_bytes()) {
            Ok(sourced) => prop_assert!(sourced.bars.iter().all(|bar| bar.problem().is_none())),
            Err(error) => prop_assert!(matches!(error, Error::File { .. }), "{}", error),
        }
    }
}
