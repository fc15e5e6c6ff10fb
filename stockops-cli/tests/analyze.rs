//! `stockops analyze`: a report without a network, a question, a replay, and calls that are wrong.

use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// What would change the calls.
const VARIABLES: [&str; 7] = [
    "STOCKOPS_HOME",
    "STOCKOPS_LLM_URL",
    "STOCKOPS_LLM_MODEL",
    "STOCKOPS_QDRANT_URL",
    "STOCKOPS_EMBED_URL",
    "STOCKOPS_NEWS_FILE",
    "FINNHUB_API_KEY",
];

/// A working directory with a home, and calls in it.
struct Place(TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn run(&self, words: &[&str]) -> Output {
        self.call(&[&["analyze"], words].concat())
    }

    fn call(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockops"));
        command.current_dir(self.0.path()).args(words).stdin(Stdio::null());
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command.env("STOCKOPS_YAHOO_URL", "http://127.0.0.1:9").output().unwrap()
    }

    fn report(&self, words: &[&str]) -> Value {
        self.json(&[&["analyze"], words].concat())
    }

    fn json(&self, words: &[&str]) -> Value {
        let output = self.call(&[words, &["--json"]].concat());
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
            let report =
                place.report(&[ticker, "--source", "builtin", "--language", language, "--question", "how sure?"]);
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
    assert_eq!(
        stderr.lines().filter(|line| line.ends_with(": done")).collect::<Vec<_>>(),
        ["facts: done", "verdict: done", "template: done"]
    );
    for file in ["report.md", "report.html", "report.json", "forecast.svg"] {
        assert!(place.0.path().join("report").join(file).is_file(), "{file}");
    }
    let first: Value =
        serde_json::from_slice(&std::fs::read(place.0.path().join("report/report.json")).unwrap()).unwrap();
    let run = first["run"].as_str().unwrap();
    assert_eq!(place.report(&["AMZN", "--source", "builtin", "--replay", run]), first);
    assert_eq!(place.report(&["AMZN", "--source", "builtin", "--replay", "latest"]), first);
    let error = place.fails(2, &["AMZN", "--source", "builtin", "--replay", "none"]);
    assert!(error.contains(run), "{error}");
}

#[test]
fn a_dead_model_ends_in_the_template_and_a_wrong_call_in_2() {
    let place = Place::new();
    let llm = ["AMZN", "--source", "builtin", "--llm", "http://127.0.0.1:9", "--llm-model", "none"];
    let report = place.report(&llm);
    assert_eq!(report["written_by"]["by"], "template");
    // Without the model's name the template writes, and a warning says so.
    let output = place.run(&llm[..5]);
    assert!(output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("warning: --llm or STOCKOPS_LLM_URL names a server and nothing names its model"), "{told}");
    let early = place.fails(2, &["AMZN", "--source", "builtin", "--as-of", "1980-01-01"]);
    assert_eq!(early, "error: --as-of must be a day from which on there are bars, got 1980-01-01");
    let past = place.report(&["AMZN", "--source", "builtin", "--as-of", "2020-06-30"]);
    assert_eq!((&past["as_of"], &past["replayed"]), (&Value::from("2020-06-30"), &Value::from(true)));
}

#[test]
fn a_question_is_answered_from_what_is_kept_until_it_is_forgotten() {
    let place = Place::new();
    let asked = ["AMZN", "--source", "builtin", "--question", "how sure are you?"];
    let first = place.report(&asked);
    assert_eq!(first["kept_answer"], Value::Null);
    let kept = place.report(&asked)["kept_answer"].clone();
    assert_eq!((&kept["question"], &kept["run"]), (&Value::from("how sure are you?"), &first["run"]));
    assert_eq!(place.report(&[&asked[..], &["--fresh"]].concat())["kept_answer"], Value::Null);
    let text = String::from_utf8(place.run(&asked).stdout).unwrap();
    assert!(text.contains("\n> kept answer to \"how sure are you?\" (similarity 1.000"), "{text}");
    let id = kept["id"].as_str().unwrap();
    let forget = ["AMZN", "--source", "builtin", "--forget", id];
    assert_eq!(place.report(&forget)["forgotten"], id);
    assert!(place.fails(2, &forget).starts_with("error: no kept answer has the id "));
    assert_eq!(place.report(&asked)["kept_answer"], Value::Null);
}

#[test]
fn a_report_is_evaluated_and_the_monitor_gives_the_latest_evaluation() {
    let place = Place::new();
    let monitor = ["monitor", "AMZN", "--source", "builtin"];
    assert_eq!(place.json(&monitor)["agent_eval"], Value::Null);
    let report = place.report(&["AMZN", "--source", "builtin"]);
    let eval = &report["agent_eval"];
    assert_eq!((&eval["trustworthiness"], &eval["relevance"]), (&Value::from(1.0), &Value::from(1.0)));
    // The bars that ship end in 2020.
    assert_eq!((&eval["status"], &eval["replayed"]), (&Value::from("Questionable"), &Value::from(true)));
    assert_eq!(&place.json(&monitor)["agent_eval"], eval);
    let past = place.report(&["AMZN", "--source", "builtin", "--as-of", "2020-06-30"]);
    assert_ne!(&past["agent_eval"], eval);
    assert_eq!(&place.json(&monitor)["agent_eval"], eval, "a past day takes no place");
    for (words, line) in [
        (&["analyze", "AMZN", "--source", "builtin"][..], "\nreport Questionable, "),
        (&monitor[..], "\nlast report, of 2020-07-31: "),
    ] {
        let text = String::from_utf8(place.call(words).stdout).unwrap();
        assert!(text.contains(line), "{text}");
    }
}
