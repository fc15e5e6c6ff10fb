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
    assert_eq!(with_header(",,,,,\n"), "bars.csv: there is a header but no row; it needs at least one");
}

#[test]
fn the_wrong_columns() {
    assert_eq!(
        message("\nDate,Open,High,Low,Value,Volume\n2024-05-01,1,1,1,1,1\n"),
        "bars.csv, line 2: no column `Close`; the columns are `Date`, `Open`, `High`, `Low`, `Value`, `Volume`"
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
    let end = "; correct or remove this row, or set `drop_bad_rows`";
    for (row, text) in [
        ("2024-05-02,10,11,9,ten,1000", "Close is `ten`, not a number"),
        ("2024-05-02,10,,9,10,1000", "2024-05-02: high is NaN, not a finite number"),
        ("2024-05-02,10,11,NaN,10,1000", "2024-05-02: low is NaN, not a finite number"),
        ("2024-05-02,10,inf,9,10,1000", "High is `inf`, not a number"),
        ("2024-05-02,10,11,9,10,1e999", "2024-05-02: volume is inf, and must be finite and at least 0"),
        ("2024-05-02,10,11,9", "4 fields where the header has 6"),
        ("2024-05-02,10,11,9,10,1,000", "7 fields where the header has 6"),
        (
            "some day,10,11,9,10,1",
            "the date is `some day`, which is no date in the form of the others; YYYY-MM-DD is sure",
        ),
        (",10,11,9,10,1", "the date is empty"),
    ] {
        assert_eq!(with_header(&format!("{good}{row}\n")), format!("bars.csv, line 3: {text}{end}"));
    }
}

#[test]
fn a_bar_that_cannot_be() {
    let end = "; correct or remove this row, or set `drop_bad_rows`";
    for (rows, text) in [
        ("2024-05-01,-1,11,-2,10,1", "line 2: 2024-05-01: open is -1, and a price must be above 0"),
        ("2024-05-01,10,9,8,10,1", "line 2: 2024-05-01: high 9 is under max(open, close) = 10"),
        ("2024-05-01,10,11,9,10,-1", "line 2: 2024-05-01: volume is -1, and must be finite and at least 0"),
        (
            "2024-05-01,10,11,9,10,1\n2024-06-03,10,11,9,10,1",
            "line 3: 2024-06-03: it lies in the future, today is 2024-05-31",
        ),
    ] {
        assert_eq!(with_header(rows), format!("bars.csv, {text}{end}"));
    }
    assert_eq!(
        message("Date,Open,High,Low,Close,Volume,Adj Close\n2024-05-01,10,11,9,10,1,0\n"),
        format!(
            "bars.csv, line 2: 2024-05-01: Adj Close is 0, which is no price, and the rows before and after it share no factor; \
             `adjust` none reads the file without it{end}"
        )
    );
    assert_eq!(
        with_header("2024-05-01,null,null,null,null,1\n"),
        "bars.csv: no row is left of 1: GOOG: 0 of 1 rows kept\n  1 row without prices, left out (2024-05-01)"
    );
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let bad = "2024-05-02,10,11,9,ten,1000";
    let end = "; correct or remove this row, or set `drop_bad_rows`";
    for (text, line) in [
        (format!("{HEADER}\n\n{bad}"), 4),
        (format!("{HEADER}2024-05-01,10,11,9,10,1000\n\n{bad}\n"), 4),
        (format!("\n{HEADER}{bad}\n"), 3),
        (format!("{HEADER}2024-05-01,10,11,9,10,1000\n\n{bad}\n").replace('\n', "\r\n"), 4),
        (format!("\u{feff}{HEADER}\"2024-05-01\",10,11,9,10,1000\n{bad}\n"), 3),
    ] {
        assert_eq!(message(&text), format!("bars.csv, line {line}: Close is `ten`, not a number{end}"), "{text:?}");
    }
}

#[test]
fn bytes_that_are_no_text() {
    let neither = "bars.csv: neither text nor a kind of file that is known (it begins with 0b 02 80 03): packed by brotli perhaps, \
                   which has no mark, or damaged; give CSV in UTF-8, CSV.gz, zip, xlsx or Parquet";
    assert_eq!(message([0x0b, 0x02, 0x80, 0x03, 0xff]), neither);
    let zstd = "bars.csv: packed as zstd, which is not read; unpack it to CSV first";
    assert_eq!(message([0x28, 0xb5, 0x2f, 0xfd, 0x00]), zstd);
    assert!(message(b"PK\x03\x04 and so on").starts_with("bars.csv: the zip data is damaged or cut short"));
    assert_eq!(message(b"%PDF-1.7"), "bars.csv: a PDF, not a table; save the table as CSV");
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

/// Files of many kinds that the changes below begin from.
const SEEDS: [&str; 6] = [
    "Date,Open,High,Low,Close,Volume\n2024-05-01,10,11,9,10,1\n2024-05-02,10,11,9,10.5,2\n2024-05-03 16:00:00Z,10,11,9,10,1\n",
    "Datum;Eröffn.;Hoch;Tief;Zuletzt;Vol.\n14.05.2024;1.010,00;1.011,00;1.009,00;1.010,50;1,25M\n15.05.2024;10;11;9;10;-\n",
    "Price,Close,High,Low,Open,Volume\nTicker,GOOG,GOOG,GOOG,GOOG,GOOG\nDate,,,,,\n2024-05-01,10.5,11,9,10,1000\n",
    "2024.05.01,00:00,10,11,9,10.5,1000\n2024.05.02,00:00,10.5,11,10,10.8,1100\n",
    "1714521600000,10,11,9,10.5,1000,1714607999999\n1714608000000000,10.5,11,10,10.8,1100,1714694399999999\n",
    "sep=;\n\"Date\";\"Price\";\"Open\";\"High\";\"Low\"\nMay 02, 2024;$10.80;10.50;11.00;10.00\n03-May-24;10;10;10;10\n",
];

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
        let _ = read(&[HEADER.as_bytes(), &bytes].concat());
        for magic in [&[0x1f, 0x8b][..], b"PK\x03\x04", &[0xff, 0xfe], &[0xd0, 0xcf, 0x11, 0xe0], b"PAR1", b"sep=;\n", b"{"] {
            let _ = read(&[magic, &bytes].concat());
        }
    }

    /// What comes through is good, whatever was done to the text.
    #[test]
    fn a_changed_file_gives_an_error_or_good_bars(
        seed in 0..SEEDS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[-0-9,.;\"\n\r:/TZa-eK%$ +\t]{0,2}"), 1..6),
        drop_bad_rows: bool,
    ) {
        let mut text: Vec<char> = SEEDS[seed].chars().collect();
        for (index, with) in changes {
            let place = index.index(text.len());
            text.splice(place..=place, with.chars());
        }
        let text: String = text.into_iter().collect();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bars.csv");
        std::fs::write(&path, &text).unwrap();
        let options = ReadOptions { drop_bad_rows, fold: true, ..ReadOptions::default() };
        match read_bars(&path, &Ticker::new("GOOG").unwrap(), &options) {
            Ok(sourced) => prop_assert!(sourced.bars.iter().all(|bar| bar.problem().is_none())),
            Err(error) => prop_assert!(matches!(error, Error::File { .. }), "{}", error),
        }
    }

    /// Words that only look like cells: no date or number of any length is a trap.
    #[test]
    fn strange_cells_never_panic(day in "\\PC{0,30}", number in "[-+0-9.,eE $€KMB()'\u{a0}]{0,30}") {
        let _ = read(format!("Date;Open;High;Low;Close;Volume\n{day};{number};{number};{number};{number};{number}\n").as_bytes());
        let _ = read(format!("{number},10,11,9,10,1\n{number},10,11,9,10,1\n").as_bytes());
    }
}

/// Much of the same, in forms that are slow to read where something is quadratic.
#[test]
fn long_files_of_nonsense_end_soon() {
    for part in [
        "x",
        "\n",
        ",",
        "\"",
        "2024-05-01,",
        "1,1,1,1,1\n",
        ";;;;\n",
        "\u{feff}",
        "Date Open High Low Close\n",
        "01/02/2024 ",
    ] {
        let _ = read(part.repeat(50_000).as_bytes());
        let _ = read(format!("{HEADER}{}", part.repeat(50_000)).as_bytes());
    }
}
