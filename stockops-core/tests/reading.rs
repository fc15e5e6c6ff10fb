//! Good files in all the forms that people write.

use std::io::Write;

use chrono::NaiveDate;
use stockops_core::market::FindingKind;
use stockops_core::source::Adjust;
use stockops_core::{ReadOptions, Sourced, Ticker, read_bars};

const PLAIN: &str = "Date,Open,High,Low,Close,Volume\n2024-05-01,10,11,9,10.5,1000\n2024-05-02,10,11,9,10,2000\n";

fn read_with(bytes: &[u8], options: &ReadOptions) -> Sourced {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars");
    std::fs::write(&path, bytes).unwrap();
    read_bars(&path, &Ticker::new("GOOG").unwrap(), options).unwrap()
}

fn read(bytes: impl AsRef<[u8]>) -> Sourced {
    read_with(bytes.as_ref(), &ReadOptions::default())
}

#[test]
fn the_form_does_not_matter() {
    let plain = read(PLAIN);
    assert_eq!(plain.bars.len(), 2);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(PLAIN.as_bytes()).unwrap();
    let two_parts = {
        let part = |text: &str| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(text.as_bytes()).unwrap();
            encoder.finish().unwrap()
        };
        [part(&PLAIN[..40]), part(&PLAIN[40..])].concat()
    };
    for same in [
        gzip.finish().unwrap(),
        two_parts,
        format!("\u{feff}{PLAIN}").into_bytes(),
        PLAIN.replace('\n', "\r\n").into_bytes(),
        PLAIN.replace("10.5", "\"10.5\"").replace("2024-05-01", "\"2024-05-01\"").into_bytes(),
        PLAIN.trim_end().replace(',', " , ").into_bytes(),
        PLAIN.to_uppercase().into_bytes(),
        PLAIN.replace('\n', "\r").into_bytes(),
        zipped(&[("bars.csv", PLAIN.as_bytes())]),
        utf16(PLAIN, true),
        utf16(PLAIN, false),
        PLAIN.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        b"volume,note,close,low,high,open,timestamp\n1000,x,10.5,9,11,10,2024-05-01 00:00:00\n2000,,10,9,11,10,2024-05-02T00:00:00-04:00\n"
            .to_vec(),
        b"event_timestamp,ticker,Open,High,Low,Close,Volume,RSI14\n2024-05-01 20:00:00+00:00,GOOG,10,11,9,10.5,1000,\n\
          2024-05-01 20:00:00+00:00,AMZN,oops,,,,,\n2024-05-02 20:00:00+00:00,goog,10,11,9,10,2000,50\n"
            .to_vec(),
    ] {
        let read = read(&same);
        let what = String::from_utf8_lossy(&same);
        assert_eq!((read.bars, read.quality), (plain.bars.clone(), plain.quality.clone()), "{what:?}");
    }
}

fn utf16(text: &str, with_mark: bool) -> Vec<u8> {
    let mark = if with_mark { "\u{feff}" } else { "" };
    format!("{mark}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn latin_letters_of_windows_are_read() {
    let german = "Datum;Eröffnung;Hoch;Tief;Schluss\n14.05.2024;10,00;11,00;9,00;10,50 €\n";
    let latin: Vec<u8> = german.chars().map(|c| if c == '€' { 0x80 } else { c as u32 as u8 }).collect();
    let read = read(&latin);
    assert_eq!(read.bars.closes(), [10.5]);
    assert_eq!(read.understood.columns["open"], "Eröffnung");
}

#[test]
fn a_zip_of_several_files_and_a_spreadsheet_are_named() {
    let text = |bytes: Vec<u8>| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bars.csv");
        std::fs::write(&path, bytes).unwrap();
        let error = read_bars(&path, &Ticker::new("GOOG").unwrap(), &ReadOptions::default()).unwrap_err().to_string();
        error[error.find("bars.csv").unwrap()..].to_owned()
    };
    let two = zipped(&[("a.csv", b"x"), ("b.csv", b"y")]);
    assert_eq!(text(two), "bars.csv: a zip with 2 files (a.csv, b.csv); unpack the one to read");
    let book: &[u8] =
        b"<workbook><sheets><sheet name=\"Prices\" sheetId=\"1\"/><sheet name=\"Notes\"/></sheets></workbook>";
    let sheet = zipped(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", book)]);
    if cfg!(not(feature = "xlsx")) {
        let said = "bars.csv: a spreadsheet with the sheets `Prices`, `Notes`; save the one with the bars as CSV, or use a build \
                    with the feature `xlsx`, which reads it";
        assert_eq!(text(sheet), said);
    }
}

/// A workbook of two sheets: notes, and bars from row 3 on, with days as numbers in the style of a date and `last` as the last close.
#[cfg(feature = "xlsx")]
fn workbook(last: f64) -> Vec<u8> {
    let relation = |id: &str, kind: &str, target: &str| {
        format!(
            "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\"/>"
        )
    };
    let relations = |all: &[String]| {
        format!(
            "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{}</Relationships>",
            all.concat()
        )
    };
    let main = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
                xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
    let word = |word: &str| format!("<c t=\"inlineStr\"><is><t>{word}</t></is></c>");
    let row = |number: u32, cells: String| format!("<row r=\"{number}\">{cells}</row>");
    let sheet = |rows: String| format!("<worksheet {main}><sheetData>{rows}</sheetData></worksheet>");
    let header = ["Date", "Open", "High", "Low", "Close", "Volume"].map(word).concat();
    let bar = |serial: u32, values: [f64; 5]| {
        let cells = values.map(|value| format!("<c><v>{value}</v></c>")).concat();
        format!("<c s=\"1\"><v>{serial}</v></c>{cells}")
    };
    let bars = [
        row(3, header),
        row(4, bar(45413, [10.0, 11.0, 9.0, 10.5, 1000.0])),
        row(5, bar(45414, [10.0, 11.0, 9.0, last, 2000.0])),
    ];
    let book = format!(
        "<workbook {main}><sheets><sheet name=\"Notes\" sheetId=\"1\" r:id=\"rId1\"/>\
         <sheet name=\"Prices\" sheetId=\"2\" r:id=\"rId2\"/></sheets></workbook>"
    );
    let styles =
        format!("<styleSheet {main}><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/></cellXfs></styleSheet>");
    zipped(&[
        ("[Content_Types].xml", b"<Types/>"),
        ("_rels/.rels", relations(&[relation("rId1", "officeDocument", "xl/workbook.xml")]).as_bytes()),
        ("xl/workbook.xml", book.as_bytes()),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[
                relation("rId1", "worksheet", "worksheets/sheet1.xml"),
                relation("rId2", "worksheet", "worksheets/sheet2.xml"),
                relation("rId3", "styles", "styles.xml"),
            ])
            .as_bytes(),
        ),
        ("xl/styles.xml", styles.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet(row(1, word("bought in May"))).as_bytes()),
        ("xl/worksheets/sheet2.xml", sheet(bars.concat()).as_bytes()),
    ])
}

#[cfg(feature = "xlsx")]
#[test]
fn the_sheet_with_bars_is_read_and_a_bad_cell_is_found_in_its_row() {
    let plain = read(PLAIN);
    assert_eq!(read(workbook(10.0)).bars, plain.bars);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bars.xlsx");
    std::fs::write(&path, workbook(12.0)).unwrap();
    let error = read_bars(&path, &Ticker::new("GOOG").unwrap(), &ReadOptions::default()).unwrap_err().to_string();
    assert!(error.contains("bars.xlsx, line 5: 2024-05-02: high 11 is under max(open, close) = 12"), "{error}");
}

#[test]
fn adj_close_scales_prices_unless_told_not_to() {
    let text = "Date,Open,High,Low,Close,Adj Close,Volume\n\
                2024-05-01,100,110,90,100,49,1000\n2024-05-02,50,55,45,50,49,2100\n";
    let auto = read(text);
    let first = auto.bars.as_slice()[0];
    assert_eq!((first.open, first.high, first.low, first.close, first.volume), (50.0, 55.0, 45.0, 50.0, 2000.0));
    assert_eq!(auto.bars.as_slice()[1].close, 50.0);
    assert_eq!(
        auto.quality.to_string(),
        "GOOG: 2 of 2 rows kept, 2024-05-01 to 2024-05-02\n  prices of 1 row scaled by Adj Close, by 0.500000 at the \
         least, volume before splits counted in shares of today (2:1 on 2024-05-02) (2024-05-01)"
    );
    let none = read_with(text.as_bytes(), &ReadOptions { adjust: Adjust::None, ..ReadOptions::default() });
    assert_eq!(none.bars.closes(), [100.0, 50.0]);
    let split: Vec<NaiveDate> = none.quality.find(FindingKind::Split).unwrap().days.clone();
    assert_eq!(split, ["2024-05-02".parse().unwrap()]);
}

#[test]
fn options_are_read_from_words() {
    let options: ReadOptions = serde_json::from_str("{\"adjust\": \"none\", \"today\": \"2024-05-31\"}").unwrap();
    let today = "2024-05-31".parse().ok();
    assert_eq!(options, ReadOptions { adjust: Adjust::None, today, ..ReadOptions::default() });
    let words =
        "{\"calendar\": \"XTKS\", \"dates\": \"dmy\", \"decimal\": \"comma\", \"drop_bad_rows\": true, \"fold\": true}";
    let options: ReadOptions = serde_json::from_str(words).unwrap();
    assert_eq!(options.calendar, Some("XTKS".parse().unwrap()));
    assert_eq!(serde_json::from_str::<ReadOptions>(&serde_json::to_string(&options).unwrap()).unwrap(), options);
    assert_eq!(serde_json::from_str::<ReadOptions>("{}").unwrap(), ReadOptions::default());
}

/// Thirty rows whose volume has seven digits, and the last of them as `last`.
fn ending_in(last: &str) -> String {
    let days = "2024-05-01"
        .parse::<NaiveDate>()
        .unwrap()
        .iter_days()
        .filter(|day| !day.format("%a").to_string().starts_with('S'));
    let rows: Vec<String> =
        days.take(30).enumerate().map(|(i, day)| format!("{day},10,11,9,10.5,{}", 1_000_000 + i)).collect();
    format!("Date,Open,High,Low,Close,Volume\n{}\n{last}", rows.join("\n"))
}

#[test]
fn a_file_that_ends_within_its_last_number_is_told() {
    let cut = |last: &str| {
        let finding = read(ending_in(last)).quality.find(FindingKind::Cut).map(|finding| finding.text.clone());
        finding.inspect(|text| assert!(text.starts_with("the file ends within line 32, whose last number"), "{text}"))
    };
    assert!(cut("2024-06-12,10,11,9,10.5,1000").is_some());
    assert!(cut("2024-06-12,10,11,9,10.5,1000\n").is_none(), "with a line break nothing is cut");
    assert!(cut("2024-06-12,10,11,9,10.5,1000000").is_none(), "many files end without a line break");
    let few = "Date,Open,High,Low,Close\n2024-05-01,10,11,9,10.55\n2024-05-02,10,11,9,10";
    assert!(read(few).quality.find(FindingKind::Cut).is_none(), "two rows say nothing");
}

#[test]
fn a_file_that_ends_within_a_row_is_refused_or_the_row_is_dropped() {
    let cut = ending_in("2024-06-12,10,11,9,10");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.csv");
    std::fs::write(&path, &cut).unwrap();
    let goog = Ticker::new("GOOG").unwrap();
    let text = read_bars(&path, &goog, &ReadOptions::default()).unwrap_err().to_string();
    assert!(
        text.contains("cut.csv, line 32: the file ends within this row: 5 fields where all others have 6 or more; "),
        "{text}"
    );
    let dropped = read_with(cut.as_bytes(), &ReadOptions { drop_bad_rows: true, ..ReadOptions::default() });
    // The row of Memorial Day repeats the one before, and is left out.
    assert_eq!(dropped.bars.len(), 29);
    assert_eq!(read(format!("{cut}\n")).bars.len(), 30, "a row whose volume is not known yet");
    let short = "Date,Open,High,Low,Close,Volume\n2024-05-01,10,11,9,10.5\n2024-05-02,10,11,9,10";
    assert_eq!(read(short).bars.len(), 2, "all rows are short");
}

#[test]
fn the_series_is_named_as_the_file_names_it() {
    assert_eq!(read(PLAIN).understood.series, "");
    let text = "Date,Symbol,Open,High,Low,Close\n2024-05-01,AMZN,1,1,1,1\n2024-05-01,goog,10,11,9,10\n";
    assert_eq!(read(text).understood.series, "goog");
    let text = "Date,Close_GOOG,High_GOOG,Low_GOOG,Open_GOOG\n2024-05-01,10,11,9,10\n";
    assert_eq!(read(text).understood.series, "GOOG");
}

#[test]
fn a_bomb_is_refused_before_it_fills_the_memory() {
    let small = ReadOptions { max_bytes: Some(1 << 20), ..ReadOptions::default() };
    let ticker = Ticker::new("GOOG").unwrap();
    let header = b"Date,Open,High,Low,Close,Volume\n";
    let long = [&header[..], &b"2024-05-01,10,11,9,10.5,1000\n".repeat(40_000)].concat();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(&long).unwrap();
    let gzip = gzip.finish().unwrap();
    assert!(gzip.len() < 20_000);
    for bomb in [gzip, zipped(&[("bars.csv", &long)]), long] {
        let error = stockops_core::source::bytes_bars("bomb", bomb, &ticker, &small).unwrap_err();
        assert_eq!(error.to_string(), "bomb: more than 1 MiB once it is unpacked; split it by ticker");
    }
}
