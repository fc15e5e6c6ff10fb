//! `stockops analyze`: a report without a network, a question, a replay, and calls that are wrong.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A working directory with a home, and calls in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockops"));
        command.current_dir(self.0.path()).arg("analyze").args(words).stdin(Stdio::null());
        for variable in ["STOCKOPS_HOME", "STOCKOPS_LLM_URL", "STOCKOPS_LLM_MODEL", "FINNHUB_API_KEY", "STOCKOPS_NEWS_FILE"] {
            command.env_remove(variable);
        }
        command.env("STOCKOPS_YAHOO_URL", "http://127.0.0.1:9").output().unwrap()
    }

    fn report(&self, words: &[&str]) -> Value {
        let output = self.run(&[words, &["--json"]].concat());
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    fn fails(&self, code: i32, words: &[&str]) -> String {
        let output = self.run(words);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words:?}: {stderr}");
        stderr.lines().last().unwrap_or_default().to_owned()
    }
}

/// The template passes the checker on every ticker that ships, in both languages that it speaks.
#[test]
fn every_builtin_ticker_has_a_report_that_is_proved() {
    let place = Place::new();
    for ticker in ["^GSPC", "AMZN", "GOOGL", "IBM", "MSFT"] {
        for language in ["en", "de"] {
            let report = place.report(&[ticker, "--source", "builtin", "--language", language, "--question", "how sure?"]);
            let warnings: Vec<&str> = report["warnings"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(!warnings.iter().any(|warning| warning.contains("checker")), "{ticker} {language}: {warnings:?}");
            assert_eq!(report["written_by"]["by"], "template");
            assert!(report["numbers"].as_array().is_some_and(|numbers| numbers.len() > 40), "{ticker}");
        }
    }
}

#[test]
fn a_run_is_told_node_by_node_kept_and_shown_again() {
    let place = Place::new();
    let output = place.run(&["AMZN", "--source", "builtin", "--out", "report"]);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(stderr.lines().filter(|line| line.ends_with(": done")).collect::<Vec<_>>(), ["facts: done", "verdict: done", "template: done"]);
    for file in ["report.md", "report.html", "report.json", "forecast.svg"] {
        assert!(place.0.path().join("report").join(file).is_file(), "{file}");
    }
    let first: Value = serde_json::from_slice(&std::fs::read(place.0.path().join("report/report.json")).unwrap()).unwrap();
    let run = first["run"].as_str().unwrap();
    assert_eq!(place.report(&["AMZN", "--source", "builtin", "--replay", run]), first);
    let error = place.fails(2, &["AMZN", "--source", "builtin", "--replay", "none"]);
    assert!(error.contains(run), "{error}");
}

#[test]
fn a_dead_model_ends_in_the_template_and_a_wrong_call_in_2() {
    let place = Place::new();
    let llm = ["AMZN", "--source", "builtin", "--llm", "http://127.0.0.1:9", "--llm-model", "none"];
    let report = place.report(&llm);
    assert_eq!(report["written_by"]["by"], "template");
    assert_eq!(
        place.fails(2, &llm[..5]),
        "error: --llm names a server; name its model with --llm-model"
    );
    place.fails(2, &["AMZN", "--source", "builtin", "--as-of", "1980-01-01"]);
    let past = place.report(&["AMZN", "--source", "builtin", "--as-of", "2020-06-30"]);
    assert_eq!((&past["as_of"], &past["replayed"]), (&Value::from("2020-06-30"), &Value::from(true)));
}
