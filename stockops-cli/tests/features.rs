//! `stockops features`, and a forecast that reads its bars through the store.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use stockops_core::Bars;
use stockops_core::source::builtin_bars;
use tempfile::TempDir;

/// A working directory with a home, and calls in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, words: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockops"));
        command.current_dir(self.path()).args(words.split_whitespace()).stdin(Stdio::null());
        for variable in
            ["STOCKOPS_HOME", "STOCKOPS_DEVICE", "STOCKOPS_SEED", "STOCKOPS_REDIS_URL", "MLFLOW_TRACKING_URI"]
        {
            command.env_remove(variable);
        }
        command.env("STOCKOPS_YAHOO_URL", "http://127.0.0.1:9").output().unwrap()
    }

    fn json(&self, words: &str) -> Value {
        let output = self.run(&format!("{words} --json"));
        assert_eq!(output.status.code(), Some(0), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn fails(&self, code: i32, words: &str) -> String {
        let output = self.run(words);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}: {stderr}");
        stderr.trim_end().to_owned()
    }

    /// `bars` as a file of that name.
    fn write(&self, name: &str, bars: &Bars) {
        let mut text = "Date,Open,High,Low,Close,Volume\n".to_owned();
        for bar in bars {
            text += &format!("{},{},{},{},{},{}\n", bar.date, bar.open, bar.high, bar.low, bar.close, bar.volume);
        }
        std::fs::write(self.path().join(name), text).unwrap();
    }
}

fn msft() -> Bars {
    builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars.last(300)
}

#[test]
fn what_is_materialized_can_be_got_and_its_history_asked() {
    let place = Place::new();
    let applied = place.json("features apply");
    assert_eq!(applied["layout"], "tickers");
    assert_eq!(applied["views"][0]["view"]["name"], "stock_stats");
    assert_eq!(applied["views"][0]["definition"]["fields"][5]["name"], "RSI14");

    place.write("msft.csv", &msft());
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
    place.write("msft.csv", &msft());
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
        "error: no feature view named other; there is stock_stats_v0"
    );
    std::fs::write(
        place.path().join("view.json"),
        r#"{"name":"stock_stats","version":0,"features":["Close"],"ttl_seconds":null}"#,
    )
    .unwrap();
    let text = place.fails(2, "features apply --view view.json");
    assert!(text.starts_with("error: `version` must be higher than that of the view that is kept"), "{text}");
    assert!(place.fails(2, "features history").contains("--entities"));
    let text = place.fails(2, "features get MSFT --redis nowhere");
    assert!(text.starts_with("error: --redis"), "{text}");
}

#[test]
fn another_basis_is_refused_and_the_whole_history_taken() {
    let place = Place::new();
    place.json("features apply");
    place.write("msft.csv", &msft());
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
    place.write("part.csv", &halved(100));
    let text = place.fails(2, "features materialize MSFT --bars part.csv");
    assert!(text.contains("are on another basis"), "{text}");
    let output = place.run("features materialize MSFT --bars part.csv --json");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["failed"][0]["message"].is_string() && document["error"]["message"].is_string(), "{document}");
    place.write("whole.csv", &halved(300));
    assert_eq!(place.json("features materialize MSFT --bars whole.csv")["written"][0]["bars"], 300);
}

/// The store keeps what a forecast was made from, and changes nothing in it.
#[test]
fn a_forecast_is_the_same_with_the_store_and_without() {
    let (plain, with) = (Place::new(), Place::new());
    for place in [&plain, &with] {
        place.write("msft.csv", &msft());
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
    place.write("msft.csv", &msft());
    let text = place.fails(1, "features materialize MSFT --bars msft.csv --redis redis://127.0.0.1:9");
    assert!(text.contains("the offline store has every row"), "{text}");
    assert_eq!(place.json("features history MSFT")["rows"].as_array().unwrap().len(), 300);
    let forecast = place.json("forecast MSFT --bars msft.csv --redis redis://127.0.0.1:9");
    let notes = forecast["notes"].to_string();
    assert!(notes.contains("the online store was not asked"), "{notes}");
}
