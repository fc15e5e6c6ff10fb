//! The command with bars from Yahoo, played by a server on this machine.

#[path = "../../stockops-core/tests/played/mod.rs"]
mod played;

use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Days, TimeDelta, Timelike, Utc};
use played::{Answer, Call, Played, Stock, answer, json, not_found};
use serde_json::Value;
use stockops_core::market::Session;
use stockops_core::{Calendar, Ticker};
use tempfile::TempDir;

/// A working directory, and a place that plays Yahoo with one stock.
struct Place {
    folder: TempDir,
    played: Played,
    stock: Arc<Mutex<Stock>>,
}

/// Sessions of New York that are over by the clock of this machine.
fn sessions() -> Vec<Session> {
    let now: DateTime<Utc> = std::time::SystemTime::now().into();
    let begin = now.date_naive() - Days::new(450);
    let mut sessions = Calendar::of(&Ticker::new("GOOG").unwrap()).next_sessions(begin, 400);
    sessions.retain(|session| session.close_utc + TimeDelta::minutes(20) <= now);
    sessions
}

impl Place {
    fn new() -> Self {
        let sessions = sessions();
        let mut stock = Stock::new("GOOG", sessions.iter().map(|session| session.date));
        // The newest session may be a half day, or one of summer time.
        stock.hours.1 = sessions.last().unwrap().close_utc.num_seconds_from_midnight().into();
        let stock = Arc::new(Mutex::new(stock));
        let has = Arc::clone(&stock);
        let played = Played::start(move |call: &Call| match call.ticker.as_str() {
            "GOOG" => json(&has.lock().unwrap().chart(call.from)),
            "BUSY" => Answer { headers: vec![("retry-after", "3600".into())], ..answer(429, "Too Many Requests\r\n") },
            _ => not_found(),
        });
        Self { folder: tempfile::tempdir().unwrap(), played, stock }
    }

    fn run(&self, words: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockops"));
        command.current_dir(self.folder.path()).args(words.split_whitespace()).stdin(Stdio::null());
        for variable in ["STOCKOPS_HOME", "STOCKOPS_DEVICE", "STOCKOPS_SEED", "STOCKOPS_THREADS"] {
            command.env_remove(variable);
        }
        command.env("STOCKOPS_YAHOO_URL", format!("{}/", self.played.address)).output().unwrap()
    }

    /// How often the bars of `ticker` were asked for; those of the index are asked for beside them.
    fn calls(&self, ticker: &str) -> usize {
        self.played.calls().iter().filter(|call| call.ticker == ticker).count()
    }

    /// The document of a call, and its exit code.
    fn json(&self, words: &str) -> (i32, Value) {
        let output = self.run(&format!("{words} --json"));
        (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
    }
}

fn notes(forecast: &Value) -> String {
    forecast["notes"].to_string()
}

#[test]
fn a_ticker_without_files_is_forecast_from_yahoo_and_asked_for_once() {
    let place = Place::new();
    let (code, forecast) = place.json("forecast goog");
    assert_eq!(code, 0, "{forecast}");
    assert_eq!(forecast["last_date"], sessions().last().unwrap().date.to_string());
    assert_eq!(place.json("forecast goog").1["predictions"], forecast["predictions"]);
    assert_eq!(place.calls("GOOG"), 1, "the second call is answered by the cache in the home");
    let kept = place.folder.path().join("stockops-home/bars/yahoo/GOOG");
    assert_eq!(std::fs::read_dir(kept).unwrap().count(), 1);
}

#[test]
fn what_was_known_today_is_given_as_of_today_and_nothing_was_known_before() {
    let place = Place::new();
    let forecast = place.json("forecast GOOG").1;
    // By UTC, as the clock of this machine has it.
    let now: DateTime<Utc> = std::time::SystemTime::now().into();
    let (code, again) = place.json(&format!("forecast GOOG --as-of {}", now.date_naive()));
    assert_eq!((code, &again["predictions"]), (0, &forecast["predictions"]));
    let (code, before) = place.json("forecast GOOG --as-of 2020-01-01");
    assert_eq!((code, before["error"]["kind"].as_str()), (2, Some("not_found")));
}

#[test]
fn stale_bars_are_refused_unless_they_are_allowed_and_then_the_forecast_says_so() {
    let place = Place::new();
    place.stock.lock().unwrap().days.truncate(200);
    let (code, refused) = place.json("forecast GOOG");
    assert_eq!((code, refused["error"]["kind"].as_str()), (1, Some("stale")));
    let message = refused["error"]["message"].as_str().unwrap();
    assert!(message.ends_with("or set --allow-stale"), "{message}");
    let (code, allowed) = place.json("forecast GOOG --allow-stale");
    assert_eq!(code, 0);
    assert!(notes(&allowed).contains("bars: stale: the last row is of"), "{}", notes(&allowed));
}

#[test]
fn who_is_unknown_ends_with_two_and_a_source_that_is_busy_with_one() {
    let place = Place::new();
    let (code, unknown) = place.json("forecast NONE");
    assert_eq!((code, unknown["error"]["kind"].as_str()), (2, Some("not_found")));
    let (code, busy) = place.json("forecast BUSY");
    assert_eq!((code, busy["error"]["kind"].as_str()), (1, Some("rate_limited")));
    let message = busy["error"]["message"].as_str().unwrap();
    assert!(
        message.starts_with("Yahoo for BUSY: asked too often; try again in 3600 s") && message.contains("--bars FILE"),
        "{message}"
    );
}

#[test]
fn a_ticker_is_checked_and_files_come_before_yahoo() {
    let place = Place::new();
    let (code, checked) = place.json("check GOOG --source yahoo");
    assert_eq!(code, 0);
    assert_eq!(checked["understood"]["zone"], "instants, put on the clock of America/New_York");
    assert_eq!(checked["understood"]["unit"], "prices in USD; volume in shares or contracts");
    let text = String::from_utf8(place.run("check GOOG --source yahoo").stdout).unwrap();
    assert!(text.contains("source: Yahoo, fetched "), "{text}");
    let file = "Date,Open,High,Low,Close\n2024-05-01,10,10,10,10\n2024-05-02,11,11,11,11\n";
    std::fs::write(place.folder.path().join("goog.csv"), file).unwrap();
    let calls = place.calls("GOOG");
    let (code, short) = place.json("forecast GOOG --bars goog.csv --source yahoo");
    assert_eq!((code, short["error"]["kind"].as_str()), (2, Some("too_short")));
    assert_eq!(place.calls("GOOG"), calls);
}

#[test]
fn a_refresh_asks_for_the_whole_history_again() {
    let place = Place::new();
    for (words, calls) in [("", 1), ("", 1), ("--refresh", 2)] {
        let output = place.run(&format!("check GOOG --source yahoo {words}"));
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(place.calls("GOOG"), calls, "{words}");
    }
    assert_eq!(place.run("check GOOG --source yahoo --refresh --as-of 2024-05-01").status.code(), Some(2));
}
