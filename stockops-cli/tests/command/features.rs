//! `stockops features`, and a forecast that reads its bars through the store.

use serde_json::Value;
use stockops_core::Bars;

use crate::place::{Place, shipped};

fn msft() -> Bars {
    shipped("MSFT", 300)
}

#[test]
fn what_is_materialized_can_be_got_and_its_history_asked() {
    let place = Place::new();
    let applied = place.json("features apply");
    assert_eq!(applied["layout"], "tickers");
    assert_eq!(applied["views"][0]["view"]["name"], "stock_stats");
    assert_eq!(applied["views"][0]["definition"]["fields"][5]["name"], "RSI14");

    place.write_bars("msft.csv", &msft());
    let written = place.json("features materialize MSFT --bars msft.csv");
    assert_eq!((&written["written"][0]["bars"], &written["online"]), (&300.into(), &Value::Null));
    assert_eq!(place.json("features materialize MSFT --bars msft.csv")["written"][0]["bars"], 0);

    let got = place.json("features get MSFT NONE");
    let last = msft().as_slice()[299];
    assert_eq!(got["rows"][0]["values"]["Close"], last.close);
    assert_eq!(got["rows"][0]["values"]["Volume"], last.volume);
    assert_eq!(
        (&got["rows"][1]["statuses"]["Close"], &got["rows"][1]["values"]["Close"]),
        (&"NOT_FOUND".into(), &Value::Null)
    );

    let history = place.json("features history MSFT");
    assert_eq!(history["rows"].as_array().unwrap().len(), 300);
    assert_eq!(history["rows"][0]["values"]["RSI14"], Value::Null);
    assert!(place.json("features history MSFT --known 2000-01-01T00:00:00Z")["rows"].as_array().unwrap().is_empty());
    assert!(place.path().join("stockops-home/features/rows/stock_stats/MSFT.parquet").is_file());
}

#[test]
fn a_join_answers_every_row_in_its_order() {
    let place = Place::new();
    place.json("features apply --layout buckets");
    place.write_bars("msft.csv", &msft());
    place.json("features materialize --bars MSFT=msft.csv");
    let asked = msft().as_slice()[200].date;
    let list =
        format!("ticker,event_timestamp\nNONE,{asked}T23:00:00Z\nMSFT,{asked}T23:00:00Z\nMSFT,{asked}T12:00:00Z\n");
    std::fs::write(place.path().join("asked.csv"), list).unwrap();
    let joined = place.json("features history --entities asked.csv");
    let closes: Vec<Option<f64>> =
        joined["rows"].as_array().unwrap().iter().map(|row| row["row"]["values"]["Close"].as_f64()).collect();
    assert_eq!(closes, [None, Some(msft().as_slice()[200].close), Some(msft().as_slice()[199].close)]);
    let then = place.json("features history --entities asked.csv --known-then");
    assert!(then["rows"].as_array().unwrap().iter().all(|row| row["row"].is_null()), "it was written today");
}

#[test]
fn what_is_wrong_is_named() {
    let place = Place::new();
    let text = place.fails(2, "features get MSFT");
    assert!(text.ends_with("make it with `stockops features apply`"), "{text}");
    place.json("features apply");
    assert_eq!(
        place.fails(2, "features get MSFT --view other"),
        "no feature view named other; there is stock_stats_v0"
    );
    std::fs::write(
        place.path().join("view.json"),
        r#"{"name":"stock_stats","version":0,"features":["Close"],"ttl_seconds":null}"#,
    )
    .unwrap();
    let text = place.fails(2, "features apply --view view.json");
    assert!(text.starts_with("`version` must be higher than that of the view that is kept"), "{text}");
    assert!(place.fails(2, "features history").contains("--entities"));
    let text = place.fails(2, "features get MSFT --redis nowhere");
    assert!(text.starts_with("--redis"), "{text}");
}

#[test]
fn another_basis_is_refused_and_the_whole_history_taken() {
    let place = Place::new();
    place.json("features apply");
    place.write_bars("msft.csv", &msft());
    place.json("features materialize MSFT --bars msft.csv");
    let halved = |count| {
        let rows = msft()
            .last(count)
            .iter()
            .map(|bar| stockops_core::Bar {
                open: bar.open / 2.0,
                high: bar.high / 2.0,
                low: bar.low / 2.0,
                close: bar.close / 2.0,
                ..*bar
            })
            .collect();
        Bars::new("MSFT".parse().unwrap(), rows).unwrap()
    };
    place.write_bars("part.csv", &halved(100));
    let text = place.fails(2, "features materialize MSFT --bars part.csv");
    assert!(text.contains("are on another basis"), "{text}");
    let output = place.run("features materialize MSFT --bars part.csv --json");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["failed"][0]["message"].is_string() && document["error"]["message"].is_string(), "{document}");
    place.write_bars("whole.csv", &halved(300));
    assert_eq!(place.json("features materialize MSFT --bars whole.csv")["written"][0]["bars"], 300);
}

/// The store keeps what a forecast was made from, and changes nothing in it.
#[test]
fn a_forecast_is_the_same_with_the_store_and_without() {
    let (plain, with) = (Place::new(), Place::new());
    for place in [&plain, &with] {
        place.write_bars("msft.csv", &msft());
    }
    with.json("features apply");
    let words = "forecast MSFT --bars msft.csv --json";
    let (one, other, again) = (plain.run(words), with.run(words), with.run(words));
    assert!(one.status.success() && one.stdout == other.stdout && one.stdout == again.stdout);
    assert!(!plain.path().join("stockops-home/features").exists());
    assert_eq!(with.json("features history MSFT")["rows"].as_array().unwrap().len(), 300);
}

/// Nothing listens on this port: the rows are in the files, and the forecast says what it could not ask.
#[cfg(feature = "redis")]
#[test]
fn an_online_store_that_is_away_loses_nothing() {
    let place = Place::new();
    place.json("features apply");
    place.write_bars("msft.csv", &msft());
    let text = place.fails(1, "features materialize MSFT --bars msft.csv --redis redis://127.0.0.1:9");
    assert!(text.contains("the offline store has every row"), "{text}");
    assert_eq!(place.json("features history MSFT")["rows"].as_array().unwrap().len(), 300);
    let forecast = place.json("forecast MSFT --bars msft.csv --redis redis://127.0.0.1:9");
    let notes = forecast["notes"].to_string();
    assert!(notes.contains("the online store was not asked"), "{notes}");
}

#[test]
fn a_history_is_asked_for_by_day_and_of_tickers_that_are_kept() {
    let place = Place::new();
    place.json("features apply");
    place.write_bars("msft.csv", &msft());
    place.json("features materialize MSFT --bars msft.csv");
    let text = place.fails(2, "features history NOPE");
    assert_eq!(
        text,
        "no rows of NOPE in stock_stats; take its bars in with `stockops features materialize NOPE --bars FILE`"
    );
    let rows =
        |words: &str| place.json(&format!("features history MSFT --known {words}"))["rows"].as_array().unwrap().len();
    assert_eq!((rows("2020-01-01"), rows("2100-01-01")), (0, 300));
    assert!(place.fails(2, "features history MSFT --known soon").contains("or a day"));
    let text = place.fails(2, "features history MSFT --known-then");
    assert!(
        text.starts_with("--known-then is for a list of tickers and times: give it with --entities FILE"),
        "{text}"
    );
}

#[test]
fn an_altered_bit_in_a_file_is_no_value() {
    let place = Place::new();
    place.json("features apply");
    place.write_bars("msft.csv", &msft());
    place.json("features materialize MSFT --bars msft.csv");
    let path = place.path().join("stockops-home/features/rows/stock_stats/MSFT.parquet");
    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 4;
    std::fs::write(&path, bytes).unwrap();
    let text = place.fails(2, "features history MSFT");
    assert!(text.contains("MSFT.parquet: it is not as stockops wrote it (Parquet error: it was altered after it was written: its checksum differs)"), "{text}");
    let notes = place.json("forecast MSFT --bars msft.csv")["notes"].to_string();
    assert!(notes.contains("the bars are not in the feature store"), "{notes}");
    // What the message advises.
    std::fs::remove_file(&path).unwrap();
    place.json("features apply");
    assert_eq!(place.json("features history MSFT")["rows"].as_array().unwrap().len(), 300);
}

/// One file, read once with its adjusted closes and once without.
#[test]
fn a_forecast_with_other_settings_says_that_it_replaces_what_is_kept() {
    let place = Place::new();
    place.json("features apply");
    let bars = msft();
    let rows = bars.iter().map(|bar| {
        format!("{},{},{},{},{},{},{}\n", bar.date, bar.open, bar.high, bar.low, bar.close, bar.close / 2.0, bar.volume)
    });
    let rows: Vec<String> = rows.collect();
    // The factor steps in the middle, as after a dividend.
    let halved = rows.iter().enumerate().map(|(i, row)| match i {
        0..150 => row.clone(),
        _ => row.replace(
            &format!(",{},", msft().as_slice()[i].close / 2.0),
            &format!(",{},", msft().as_slice()[i].close / 1.5),
        ),
    });
    let text = format!("Date,Open,High,Low,Close,Adj Close,Volume\n{}", halved.collect::<String>());
    place.write("msft.csv", text.as_bytes());
    let notes = |words: &str| place.json(&format!("forecast MSFT --bars msft.csv {words}"))["notes"].to_string();
    assert!(!notes("").contains("feature store"));
    let said = notes("--adjust none");
    assert!(
        said.contains("feature store: the history that was kept is replaced by another one: the close of "),
        "{said}"
    );
    assert!(said.contains("read with another --adjust"), "{said}");
    assert!(!notes("--adjust none").contains("feature store"), "only once");
}

#[test]
fn another_calendar_is_refused_by_its_name() {
    let place = Place::new();
    place.json("features apply");
    place.write_bars("msft.csv", &msft());
    place.json("features materialize MSFT --bars msft.csv");
    place.write_bars("part.csv", &msft().last(100));
    let text = place.fails(2, "features materialize MSFT --bars part.csv --calendar XLON");
    assert!(text.contains("close at other hours (") && text.contains("as with another --calendar"), "{text}");
}
