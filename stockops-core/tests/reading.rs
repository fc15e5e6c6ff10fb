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
        b"volume,note,close,low,high,open,timestamp\n1000,x,10.5,9,11,10,2024-05-01 00:00:00\n2000,,10,9,11,10,2024-05-02T00:00:00-04:00\n"
            .to_vec(),
        b"event_timestamp,ticker,Open,High,Low,Close,Volume,RSI14\n2024-05-01 20:00:00+00:00,GOOG,10,11,9,10.5,1000,\n\
          2024-05-01 20:00:00+00:00,AMZN,oops,,,,,\n2024-05-02 20:00:00+00:00,goog,10,11,9,10,2000,50\n"
            .to_vec(),
    ] {
        assert_eq!(read(&same), plain, "{:?}", String::from_utf8_lossy(&same));
    }
}

#[test]
fn adj_close_scales_prices_unless_told_not_to() {
    let text = "Date,Open,High,Low,Close,Adj Close,Volume\n\
                2024-05-01,100,110,90,100,49,1000\n2024-05-02,50,55,45,50,49,2000\n";
    let auto = read(text);
    let first = auto.bars.as_slice()[0];
    assert_eq!((first.open, first.high, first.low, first.close, first.volume), (50.0, 55.0, 45.0, 50.0, 1000.0));
    assert_eq!(auto.bars.as_slice()[1].close, 50.0);
    assert_eq!(
        auto.quality.to_string(),
        "GOOG: 2 of 2 rows kept, 2024-05-01 to 2024-05-02\n  prices of 1 row scaled by Adj Close, by 0.500000 at the \
         least, volume as it was (2024-05-01)"
    );
    let none = read_with(text.as_bytes(), &ReadOptions { adjust: Adjust::None, ..ReadOptions::default() });
    assert_eq!(none.bars.closes(), [100.0, 50.0]);
    let split: Vec<NaiveDate> = none.quality.find(FindingKind::Split).unwrap().days.clone();
    assert_eq!(split, ["2024-05-02".parse().unwrap()]);
}

#[test]
fn options_are_read_from_words() {
    let options: ReadOptions = serde_json::from_str("{\"adjust\": \"none\", \"today\": \"2024-05-31\"}").unwrap();
    assert_eq!(options, ReadOptions { adjust: Adjust::None, today: "2024-05-31".parse().ok() });
    assert_eq!(serde_json::from_str::<ReadOptions>("{}").unwrap(), ReadOptions::default());
}
