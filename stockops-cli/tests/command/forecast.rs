//! `stockops demo`, `stockops forecast`, and what is looked at beside the bars.

use std::process::Output;

use serde_json::Value;
use stockops_core::source::builtin_bars;

use crate::place::Place;

#[test]
fn the_demo_prints_a_forecast_and_writes_three_files() {
    let place = Place::new();
    let json = place.json("demo --out out");
    for key in ["ticker", "forecast", "evaluation", "drift", "risk", "report"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(json["ticker"], "AMZN");
    assert_eq!(json["drift"]["status"], "ok");
    assert_eq!(json["drift"]["model_version"], "AMZN@1");
    assert!(json["report"].as_str().unwrap().contains(json["drift"]["summary"].as_str().unwrap()));
    assert_eq!(json["forecast"]["model_version"], "AMZN@1");
    let read = |name: &str| std::fs::read_to_string(place.path().join("out").join(name)).unwrap();
    assert_eq!(json["report"], read("report.md"));
    assert_eq!(serde_json::from_str::<Value>(&read("forecast.json")).unwrap(), json["forecast"]);
    let html = read("report.html");
    assert!(html.contains("<table>") && !html.contains("<script"));
    for words in
        ["sessions ahead", "on held-out days", "than those of a rule", "inside of their intervals", "lost and reached"]
    {
        assert_eq!(html.matches(&format!("{words}</title>")).count(), 1, "{words}");
    }
    assert_eq!(place.names(), ["out"], "no home is made");
}

#[test]
fn an_empty_home_forecasts_any_ticker_and_says_that_it_is_zero_shot() {
    let place = Place::new();
    let file = place.bars("MSFT", 300);
    let json = place.json(&format!("forecast msft --bars {file}"));
    assert_eq!(json["ticker"], "MSFT");
    assert_eq!(json["model_version"], "^GSPC@0");
    assert_eq!(json["strategy"], "zero_shot");
    assert!(
        json["notes"][0]
            .as_str()
            .unwrap()
            .starts_with("zero-shot: no child was trained, and the parent learned from MSFT up to 2016-12-30;")
    );
    assert_eq!(json["intervals"]["95"].as_array().unwrap().len(), 5);
}

#[test]
fn a_file_without_volume_forecasts_all_but_volume() {
    let place = Place::new();
    let with = std::fs::read_to_string(place.path().join(place.bars("MSFT", 900))).unwrap();
    let without: String = with.lines().map(|line| line.rsplit_once(',').unwrap().0.to_owned() + "\n").collect();
    place.write("novol.csv", without.as_bytes());
    let json = place.json("forecast MSFT --bars novol.csv");
    let day = &json["predictions"]["full_forecast"][0];
    assert!(day["close"].as_f64().unwrap() > 0.0 && day["volume"].as_f64() == Some(0.0), "{day}");
    assert!(json["skill"]["close"].is_object() && json["skill"]["volume"].is_null(), "{}", json["skill"]);
    let notes = json["notes"].to_string();
    assert!(notes.contains("no volume in any row, taken as unknown: all but volume is forecast"), "{notes}");
}

#[test]
fn findings_and_notes_speak_of_flags() {
    let place = Place::new();
    let file = place.bars("MSFT", 900);
    std::fs::rename(place.path().join(&file), place.path().join("fund.csv")).unwrap();
    let text = |output: Output| String::from_utf8(output.stdout).unwrap();
    for words in ["check fund.csv --ticker MY_FUND", "forecast MY_FUND --bars fund.csv"] {
        for json in ["", " --json"] {
            let said = text(place.run(&format!("{words}{json}")));
            assert!(said.contains("holidays are not known; --calendar says it"), "{words}{json}: {said}");
            assert!(!said.contains("`calendar`"), "{words}{json}: {said}");
        }
    }
}

#[test]
fn events_of_a_file_are_learned_and_move_the_day_that_they_are_on() {
    let place = Place::new();
    let bars = builtin_bars(&"AMZN".parse().unwrap()).unwrap().bars.last(1500);
    // Five times the volume on each 63rd day.
    let on = |i: usize| i % 63 == 40;
    let rows = bars.iter().enumerate().map(|(i, bar)| {
        let volume = if on(i) { 5.0 } else { 1.0 } * bar.volume;
        format!("{},{},{},{},{},{volume}\n", bar.date, bar.open, bar.high, bar.low, bar.close)
    });
    let file = format!("Date,Open,High,Low,Close,Volume\n{}", rows.collect::<String>());
    std::fs::write(place.path().join("bars.csv"), file).unwrap();
    let days = bars.iter().enumerate().filter(|(i, _)| on(*i)).map(|(_, bar)| format!("{},AMZN,earnings\n", bar.date));
    // The bars end on a Friday; the next event is on the Monday after it.
    let events = format!("date,ticker,kind\n{}2020-08-03,AMZN,earnings\n", days.collect::<String>());
    std::fs::write(place.path().join("events.csv"), events).unwrap();
    place.json("train-child AMZN --bars bars.csv --events events.csv --epochs 1");
    let monday = |words: &str| {
        let forecast = place.json(&format!("forecast AMZN --bars bars.csv {words}"));
        (forecast["predictions"]["full_forecast"][0]["volume"].as_f64().unwrap(), forecast["notes"].to_string())
    };
    let (with, notes) = monday("--events events.csv");
    assert!(!notes.contains("events"), "{notes}");
    let (without, notes) = monday("");
    assert!(with > 2.0 * without, "{with} {without}");
    assert!(notes.contains("no events were given, of which this forecaster knows earnings"), "{notes}");
}

#[test]
fn a_file_of_events_that_is_none_is_refused_with_its_line() {
    let place = Place::new();
    place.bars("AMZN", 300);
    std::fs::write(place.path().join("events.csv"), "date,ticker,kind\nsoon,AMZN,earnings\n").unwrap();
    let line = place.fails(2, "forecast AMZN --source builtin --events events.csv");
    assert!(line.ends_with("events.csv, line 2: date is \"soon\", wanted one such as 2024-04-25"), "{line}");
    let line = place.fails(2, "forecast AMZN --source builtin --events none.csv");
    assert!(line.contains("none.csv: it cannot be read"), "{line}");
}

/// The shipped parent was made beside the index.
#[test]
fn the_index_is_looked_at_where_its_bars_are_given_and_else_a_note_says_so() {
    let place = Place::new();
    let (all, index) = (place.bars("AMZN", 500), place.bars("^GSPC", 500));
    // The shipped bars of the index end before those of AMZN do.
    let text = std::fs::read_to_string(place.path().join(&all)).unwrap();
    let last = text.find("2020-04-18").or(text.find("2020-04-20")).unwrap();
    place.write("cut.csv", &text.as_bytes()[..last]);
    let forecast = |words: &str| place.json(&format!("forecast AMZN {words}"));
    let (with, without) = (forecast(&format!("--bars cut.csv --bars ^GSPC={index}")), forecast("--bars cut.csv"));
    let late = forecast(&format!("--bars {all} --bars ^GSPC={index}"));
    let notes = |forecast: &Value| forecast["notes"].to_string();
    assert!(!notes(&with).contains("the index ^GSPC"), "{}", notes(&with));
    assert!(notes(&without).contains("no bars of the index ^GSPC were given"), "{}", notes(&without));
    assert!(notes(&late).contains("the bars of the index ^GSPC have none of 2020-07-31"), "{}", notes(&late));
    let ranges = |forecast: &Value| forecast["intervals"]["90"][0]["range"].clone();
    assert_ne!(ranges(&with), ranges(&without));
}

#[test]
fn events_without_the_ticker_are_noted() {
    let place = Place::new();
    place.write("events.csv", b"date,ticker,kind\n2019-04-25,MSFT,earnings\n");
    let notes = |ticker: &str| {
        place.json(&format!("forecast {ticker} --source builtin --events events.csv --allow-stale"))["notes"]
            .to_string()
    };
    assert!(notes("AMZN").contains("the events that were given have none of AMZN"));
    assert!(!notes("MSFT").contains("the events that were given"));
}
