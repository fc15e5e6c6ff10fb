//! The command as its users call it: words, exit codes, JSON, and nothing half written.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use stockops_core::source::builtin_bars;
use stockops_core::{DirectoryRecord, ForecastRecord};
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

    fn command(&self, words: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stockops"));
        command.current_dir(self.path()).args(words.split_whitespace()).stdin(Stdio::null());
        for variable in ["STOCKOPS_HOME", "STOCKOPS_DEVICE", "STOCKOPS_SEED", "MLFLOW_TRACKING_URI"] {
            command.env_remove(variable);
        }
        // No call leaves this machine: nothing listens on this port.
        command.env("STOCKOPS_YAHOO_URL", "http://127.0.0.1:9");
        command
    }

    fn run(&self, words: &str) -> Output {
        self.command(words).output().unwrap()
    }

    /// A call that succeeds with JSON.
    fn json(&self, words: &str) -> Value {
        let output = self.run(&format!("{words} --json"));
        assert_eq!(output.status.code(), Some(0), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A call that fails with `code`: its one line on stderr, and the same words as JSON.
    fn fails(&self, code: i32, words: &str) -> String {
        let output = self.run(&format!("{words} --json"));
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{words}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        let line = stderr.trim_end().strip_prefix("error: ").unwrap().to_string();
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["error"]["message"], line);
        assert!(json["error"]["kind"].is_string());
        line
    }

    /// The last `count` bars of a shipped ticker as CSV.
    fn bars(&self, ticker: &str, count: usize) -> String {
        let bars = builtin_bars(&ticker.parse().unwrap()).unwrap().bars.last(count);
        let row =
            |b: &stockops_core::Bar| format!("{},{},{},{},{},{}\n", b.date, b.open, b.high, b.low, b.close, b.volume);
        let text = "Date,Open,High,Low,Close,Volume\n".to_string() + &bars.iter().map(row).collect::<String>();
        let name = format!("{}_{count}.csv", ticker.trim_start_matches('^'));
        self.write(&name, text.as_bytes());
        name
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path().join(name), bytes).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(self.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

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
fn children_are_registered_promoted_and_rolled_back() {
    let place = Place::new();
    let file = place.bars("MSFT", 500);
    let first = place.json(&format!("train-child MSFT --bars {file} --epochs 1"));
    assert_eq!((&first["version"], &first["strategy"]), (&1.into(), &"freeze".into()));
    assert_eq!(first["parent_version"], "^GSPC@0");
    assert_eq!(first["epochs"].as_array().unwrap().len(), 1);
    let second = place.json(&format!("train-child MSFT --bars {file} --strategy zero_shot"));
    assert_eq!(second["version"], 2);
    assert_eq!(place.json(&format!("forecast MSFT --bars {file}"))["model_version"], "MSFT@1");

    let listed = place.json("models list MSFT");
    let versions = listed["versions"].as_array().unwrap();
    assert_eq!(versions.len(), 2);
    for key in ["version", "created", "strategy", "parent", "alias", "metrics", "last_seen_day"] {
        assert!(versions[0].get(key).is_some(), "{key}");
    }
    assert_eq!(versions[0]["alias"][0], "champion");
    assert_eq!(versions[1]["alias"][0], "challenger");
    place.json("models promote MSFT 2");
    assert_eq!(place.json("models show MSFT")["version"], 2);
    assert_eq!(place.json(&format!("forecast MSFT --bars {file}"))["model_version"], "MSFT@2");
    assert_eq!(place.json("models rollback MSFT")["version"], 1);

    let text = place.fails(2, "models promote MSFT 9");
    assert!(text.contains("no version named MSFT@9"), "{text}");
    let text = place.fails(2, "models show NVDA");
    assert!(text.starts_with("no model named NVDA; train one with `stockops train-child NVDA"), "{text}");

    // A truncated bundle is found by its length and hash.
    let bundle = place.path().join("stockops-home/registry/MSFT/1/bundle.safetensors");
    let bytes = std::fs::read(&bundle).unwrap();
    std::fs::write(&bundle, &bytes[..bytes.len() / 2]).unwrap();
    let text = place.fails(2, &format!("forecast MSFT --bars {file}"));
    assert!(text.starts_with("bundle MSFT@1"), "{text}");
}

#[test]
fn a_parent_is_trained_and_counts_from_then_on() {
    let place = Place::new();
    let file = place.bars("^GSPC", 320);
    let json = place.json(&format!("train-parent --bars {file} --epochs 1 --to 2020-03-31"));
    assert_eq!(json["ticker"], "^GSPC");
    for key in ["version", "run_id", "bundle_sha256", "metrics", "epochs"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    for key in ["epoch", "train_loss", "val_loss", "lr", "seconds"] {
        assert!(json["epochs"][0].get(key).is_some(), "{key}");
    }
    let child = place.bars("MSFT", 200);
    let json = place.json(&format!("forecast MSFT --bars {child}"));
    assert_eq!(json["model_version"], "^GSPC@1");
}

#[test]
fn a_parents_horizon_goes_to_its_children_and_into_every_report() {
    let place = Place::new();
    let (index, stock) = (place.bars("^GSPC", 700), place.bars("MSFT", 600));
    for horizon in [1, 10, 21] {
        let home = format!("--home h{horizon}");
        let recipe = format!("--horizon {horizon} --context 20 --epochs 1 --to 2019-06-28");
        place.json(&format!("train-parent --bars {index} {recipe} {home}"));
        let keys: Vec<String> = (1..=horizon).map(|h| format!("h{h}")).collect();
        let has_all = |table: &Value| {
            let rows = table.as_object().unwrap();
            rows.len() == keys.len() && keys.iter().all(|key| rows.contains_key(key))
        };
        let zero_shot = place.json(&format!("forecast MSFT --bars {stock} {home}"));
        assert_eq!(zero_shot["predictions"]["full_forecast"].as_array().unwrap().len(), horizon);
        for strategy in ["scratch", "freeze"] {
            let json = place.json(&format!("train-child MSFT --bars {stock} --epochs 1 --strategy {strategy} {home}"));
            assert!(has_all(&json["metrics"]["evaluation"]["fields"]["range"]), "{strategy} {horizon}");
        }
        let forecast = place.json(&format!("forecast MSFT --bars {stock} {home}"));
        assert_eq!(forecast["future_window_days"], horizon);
        assert_eq!(forecast["intervals"]["90"].as_array().unwrap().len(), horizon);
        assert!(has_all(&forecast["skill"]["range"]));
        let test =
            format!("backtest MSFT --bars {stock} --folds 1 --epochs 1 --no-refit --ablation --out b{horizon} {home}");
        let json = place.json(&test);
        assert!(has_all(&json["fields"]["range"]) && has_all(&json["ablation"][0]["fields"]["range"]));
        let html = std::fs::read_to_string(place.path().join(format!("b{horizon}/backtest.html"))).unwrap();
        assert_eq!(html.contains("range h5</"), horizon == 5, "the table has the last horizon, not the fifth");
    }
    let text = place.fails(2, &format!("train-parent --bars {index} --horizon 0"));
    assert_eq!(text, "`horizon` must be at least 1, got 0");
}

#[test]
fn a_child_of_the_index_is_nobodys_parent_and_a_parent_of_another_ticker_can_be() {
    let place = Place::new();
    let (index, msft, ibm) = (place.bars("^GSPC", 320), place.bars("MSFT", 300), place.bars("IBM", 320));
    let forecaster = || place.json(&format!("forecast MSFT --bars {msft}"))["model_version"].clone();
    let listed = place.json("models list");
    assert_eq!((&listed["parent"], &listed["shipped"]["version"]), (&"^GSPC@0".into(), &0.into()));
    place.json(&format!("train-child ^GSPC --bars {index} --epochs 1 --allow-parent-leak"));
    assert_eq!(place.json("models list")["parent"], "^GSPC@0");
    assert_eq!(forecaster(), "^GSPC@0", "the champion of the index is a child");
    let text = place.fails(2, "models promote ^GSPC 1 --parent");
    assert_eq!(text, "`parent` must be a version that was trained as a parent, got ^GSPC@1, which is freeze");

    place.json(&format!("train-parent --ticker IBM --bars {ibm} --epochs 1 --to 2013-02-28"));
    let listed = place.json("models list");
    assert_eq!(
        (&listed["parent"], &listed["versions"][0]["alias"]),
        (&"IBM@1".into(), &serde_json::json!(["champion", "parent"]))
    );
    assert_eq!(forecaster(), "IBM@1");
    let text = String::from_utf8(place.run("models list").stdout).unwrap();
    assert!(text.contains("champion, unproven, parent") && text.contains("shipped"), "{text}");

    assert_eq!(place.json("models promote ^GSPC 0 --parent")["parent"], "^GSPC@0");
    assert_eq!(forecaster(), "^GSPC@0");
    assert!(place.fails(2, "models promote IBM 0 --parent").starts_with("no version named IBM@0"));
    assert!(place.fails(2, "models promote IBM 7 --parent").starts_with("no version named IBM@7"));
}

#[test]
fn bad_bars_are_refused_in_one_line_and_nothing_is_written() {
    let place = Place::new();
    let head = "Date,Open,High,Low,Close,Volume\n";
    let day = "2024-05-02,10,11,9,10,5\n";
    let utf16: Vec<u8> = head.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let cases: [(&str, Vec<u8>, &str); 11] = [
        ("empty.csv", vec![], "empty"),
        ("column.csv", b"Date,Open,High,Low,Volume\n2024-05-02,1,1,1,1\n".to_vec(), "Close"),
        ("text.csv", format!("{head}2024-05-02,10,11,nine,10,5\n").into_bytes(), "nine"),
        ("nan.csv", format!("{head}2024-05-02,10,11,NaN,10,5\n").into_bytes(), "line 2"),
        ("infinite.csv", format!("{head}2024-05-02,10,inf,9,10,5\n").into_bytes(), "line 2"),
        ("double.csv", format!("{head}{day}2024-05-02,20,22,19,20,5\n").into_bytes(), "far apart"),
        ("negative.csv", format!("{head}2024-05-02,10,11,-9,10,5\n").into_bytes(), "a price must be above 0"),
        (
            "crossed.csv",
            format!("{head}2024-05-02,10,8,9,10,5\n").into_bytes(),
            "high 8 is under max(open, close) = 10",
        ),
        ("future.csv", format!("{head}2924-05-02,10,11,9,10,5\n").into_bytes(), "future"),
        ("utf16.csv", utf16, "a header but no row"),
        ("short.csv", (head.to_string() + day).into_bytes(), "needs at least 78 bars, got 1; give a longer history"),
    ];
    for (name, bytes, words) in cases {
        place.write(name, &bytes);
        let text = place.fails(2, &format!("train-child GOOG --bars {name} --quiet"));
        assert!(text.contains(words), "{name}: {text}");
    }
    let file = place.bars("MSFT", 64);
    let text = place.fails(2, &format!("forecast MSFT --bars {file}"));
    assert_eq!(text, "a forecast of MSFT needs at least 73 bars, got 64; give a longer history");
    let text = place.fails(2, "forecast GOOG --bars nowhere.csv");
    assert!(text.contains("nowhere.csv"), "{text}");
    let written = place.names().into_iter().filter(|name| !name.ends_with(".csv")).collect::<Vec<_>>();
    let versions = place.json("models list")["versions"].as_array().unwrap().len();
    assert_eq!(versions, 0, "{written:?}");
}

#[test]
fn wrong_calls_end_with_two() {
    let place = Place::new();
    let text = place.fails(2, "forecast ../../etc/passwd --bars x.csv");
    assert!(
        text.contains("`../../etc/passwd` is not a ticker: only letters, digits and ^ . - = _ & are allowed"),
        "{text}"
    );
    let text = place.fails(2, "train-child GOOG --strategy melt");
    assert!(text.contains("one of freeze, fine-tune, zero-shot, scratch"), "{text}");
    let text = place.fails(2, "forecast GOOG --device tpu");
    assert!(text.contains("not one of cpu, libtorch, libtorch:cuda, cuda"), "{text}");
    let text = place.fails(2, "frobnicate");
    assert!(text.contains("unrecognized subcommand 'frobnicate'"), "{text}");
    let text = place.fails(2, "forecast GOOG --source files");
    assert_eq!(text, "no bars named GOOG; give them with --bars FILE (CSV, CSV.gz or Parquet), or --source yahoo");
    let text = place.fails(2, "forecast GOOG --source bloomberg");
    assert!(text.contains("must be yahoo, files or builtin"), "{text}");
    let text = place.fails(2, "forecast GOOG --source builtin --as-of 2024-05-01");
    assert!(text.starts_with("--as-of is for --source yahoo"), "{text}");
    let text = place.fails(2, "forecast TSLA --source builtin");
    assert_eq!(text, "no shipped bars named TSLA; there are ^GSPC, AMZN, GOOGL, IBM, MSFT");
    let text = place.fails(1, "forecast GOOG");
    assert!(text.starts_with("Yahoo for GOOG: it could not be reached (") && text.contains("--bars FILE"), "{text}");
    let file = place.bars("MSFT", 100);
    let text = place.fails(2, &format!("forecast MSFT --bars {file} --device cuda"));
    assert!(text.contains("feature `cuda`"), "{text}");
    assert_eq!(place.run("--help").status.code(), Some(0));
    assert_eq!(place.run("--version").status.code(), Some(0));
}

#[test]
fn settings_come_from_flag_then_environment_then_file() {
    let place = Place::new();
    let file = place.bars("MSFT", 100);
    let train = format!("train-child MSFT --bars {file} --strategy zero-shot --json");
    place.write("stockops.toml", b"home = \"from-file\"\n");
    assert!(place.run(&train).status.success());
    place.write(".env", b"STOCKOPS_HOME=from-dot-env\n");
    assert!(place.run(&train).status.success());
    assert!(place.command(&train).env("STOCKOPS_HOME", "from-environment").status().unwrap().success());
    assert!(place.run(&format!("{train} --home from-flag")).status.success());
    for home in ["from-file", "from-dot-env", "from-environment", "from-flag"] {
        assert!(place.path().join(home).join("registry/MSFT/1/bundle.safetensors").exists(), "{home}");
    }
    place.write("stockops.toml", b"hoem = \"typo\"\n");
    let text = place.fails(2, "models list");
    assert!(text.starts_with("stockops.toml: ") && text.contains("hoem"), "{text}");
    let text = place.fails(2, "models list --config missing.toml");
    assert!(text.starts_with("missing.toml: could not be read"), "{text}");
}

#[test]
fn an_unwritable_home_is_said_before_the_training() {
    let place = Place::new();
    let file = place.bars("MSFT", 100);
    place.write("taken", b"a file where the home should be");
    let text = place.fails(1, &format!("train-child MSFT --bars {file} --home taken"));
    assert!(text.contains("taken"), "{text}");
    assert_eq!(std::fs::read(place.path().join("taken")).unwrap(), b"a file where the home should be");
}

#[test]
fn a_leak_is_refused_unless_it_is_allowed() {
    let place = Place::new();
    let bars = builtin_bars(&"IBM".parse().unwrap()).unwrap().bars.last(400);
    let row = |b: &stockops_core::Bar| format!("{},{},{},{},{},{}\n", b.date, b.open, b.high, b.low, b.close, b.volume);
    let text = "Date,Open,High,Low,Close,Volume\n".to_string() + &bars.iter().map(row).collect::<String>();
    place.write("ibm.csv", text.as_bytes());
    // The shipped parent saw 2016, these bars end in 2013.
    let text = place.fails(2, "train-child IBM --bars ibm.csv");
    assert!(text.contains("leaves 0 test days") && text.contains("--allow-parent-leak"), "{text}");
    assert!(text.contains("--to DATE"), "{text}");
    let json = place.json("train-child IBM --bars ibm.csv --allow-parent-leak --epochs 1");
    assert_eq!(json["metrics"]["leaked"], true);
    assert_eq!(json["unproven"], true);
}

#[test]
fn two_trainings_of_one_ticker_do_not_meet() {
    let place = Place::new();
    let file = place.bars("^GSPC", 2_000);
    let train = format!("train-parent --bars {file} --epochs 500 --home home");
    let mut first = place.command(&train).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let lock = place.path().join("home/registry/^GSPC/training.lock");
    while !lock.exists() {
        assert!(first.try_wait().unwrap().is_none(), "the first training ended early");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // The file appears a moment before its lock is taken.
    std::thread::sleep(std::time::Duration::from_millis(500));
    let text = place.fails(1, &train);
    assert!(text.contains("is busy: another process holds"), "{text}");
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(place.json("models list --home home")["versions"].as_array().unwrap().len(), 0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_a_training_and_leaves_nothing() {
    let place = Place::new();
    let file = place.bars("^GSPC", 2_000);
    let mut training = place.command(&format!("train-parent --bars {file} --epochs 500 -v"));
    let mut training = training.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    // The first epoch's line says that the training is under way.
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(training.stderr.take().unwrap()));
    assert!(lines.next().unwrap().unwrap().contains("epoch 1: loss"));
    let interrupt = Command::new("kill").args(["-INT", &training.id().to_string()]).status().unwrap();
    assert!(interrupt.success());
    assert_eq!(training.wait().unwrap().code(), Some(1));
    let last = lines.map(Result::unwrap).last().unwrap();
    assert_eq!(last, "error: stopped before the end; nothing was written");
    assert_eq!(place.json("models list")["versions"].as_array().unwrap().len(), 0);
}

#[test]
fn check_reports_what_is_in_a_file() {
    let place = Place::new();
    let file = place.bars("MSFT", 100);
    let json = place.json(&format!("check {file}"));
    assert_eq!((&json["rows"], &json["rows_read"], &json["rows_kept"]), (&100.into(), &100.into(), &100.into()));
    assert!(json["findings"].is_array());
    for key in ["columns", "dates", "numbers", "zone", "unit", "adjustment", "frequency"] {
        assert!(!json["understood"][key].is_null(), "{key}");
    }
    assert_eq!(json["understood"]["columns"]["close"], "Close");
    assert!(String::from_utf8(place.run(&format!("check {file}")).stdout).unwrap().contains("100"));
}

#[test]
fn a_training_is_a_run_that_is_listed_shown_and_compared() {
    let place = Place::new();
    let file = place.bars("MSFT", 900);
    let child = place.json(&format!("train-child MSFT --bars {file} --epochs 2"));
    let other = place.json(&format!("train-child MSFT --bars {file} --epochs 2 --seed 7"));
    let [first, second] = [&child, &other].map(|training| training["run_id"].as_str().unwrap().to_owned());
    let listed = place.json("runs list MSFT");
    let runs = listed["runs"].as_array().unwrap();
    assert_eq!(runs.iter().map(|run| run["run_id"].as_str().unwrap()).collect::<Vec<_>>(), [&*second, &*first]);
    assert_eq!((&runs[1]["status"], &runs[1]["tags"]["version"]), (&"finished".into(), &"MSFT@1".into()));
    assert!(place.json("runs list GOOG")["runs"].as_array().unwrap().is_empty());

    let shown = place.json(&format!("runs show {first}"));
    for name in
        ["context_len", "pred_len", "features", "batch_size", "start_date", "epochs", "input_size", "parent_ticker"]
    {
        assert!(shown["params"][name].is_string(), "{name}");
    }
    for name in ["seed", "data_sha256", "features_sha256", "train_first_day", "validation_last_day", "test_first_day"] {
        assert!(shown["params"][name].is_string(), "{name}");
    }
    for name in ["train_loss", "val_loss", "learning_rate", "seconds"] {
        let of_metric = |point: &&Value| point["metric"] == name;
        let steps: Vec<u64> =
            shown["points"].as_array().unwrap().iter().filter(of_metric).filter_map(|p| p["step"].as_u64()).collect();
        assert_eq!(steps, [1, 2], "{name}: the epochs of the child, and not those of the network beside it");
    }
    for name in ["val_rmse", "val_mape", "train_time", "skill_range_h1", "coverage_90_close_h1"] {
        assert!(shown["metrics"][name].is_f64(), "{name}");
    }
    for (name, value) in [("model_type", "child"), ("ticker", "MSFT"), ("status", "finished")] {
        assert_eq!(shown["tags"][name], value);
    }
    for name in ["bundle.safetensors", "configuration.json", "evaluation.json", "forecast.svg"] {
        assert!(shown["artifacts"].as_array().unwrap().contains(&name.into()), "{name}");
    }
    let text = |words: &str| String::from_utf8(place.run(words).stdout).unwrap();
    let seeds = text(&format!("runs compare {first} {second}"));
    assert!(seeds.lines().any(|line| line.split_whitespace().collect::<Vec<_>>() == ["seed", "42", "7"]), "{seeds}");
    assert!(!seeds.contains("context_len"), "what is the same is left out: {seeds}");

    place.fails(2, "runs show 20240501-120000-3f9a1c2e07b1");
    let text = place.run("runs show yesterday");
    assert_eq!(text.status.code(), Some(2));
    let text = place.fails(2, "runs sync");
    assert!(text.ends_with("got none; MLFLOW_TRACKING_URI names it"), "{text}");
}

#[test]
fn a_server_that_cannot_be_reached_fails_no_training() {
    let place = Place::new();
    let file = place.bars("MSFT", 900);
    let at = |words: &str, uri: &str| place.command(words).env("MLFLOW_TRACKING_URI", uri).output().unwrap();
    let train = format!("train-child MSFT --bars {file} --strategy zero-shot --json");
    let output = at(&train, "http://127.0.0.1:1");
    assert_eq!(output.status.code(), Some(0));
    let training: Value = serde_json::from_slice(&output.stdout).unwrap();
    let note = training["notes"][0].as_str().unwrap();
    assert!(
        note.contains("is at home, and not whole at the server: http://127.0.0.1:1: it could not be reached"),
        "{note}"
    );
    let output = at("runs sync --json", "http://127.0.0.1:1");
    assert_eq!(output.status.code(), Some(1));
    let synced: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&synced["failed"][0]["kind"], &synced["failed"][0]["run_id"]),
        (&"offline".into(), &training["run_id"])
    );
    // Variables of other programs may name what is no server.
    let output = at(&train, "file:///tmp/mlruns");
    let warning = String::from_utf8(output.stderr).unwrap();
    assert!(
        output.status.success() && warning.contains("warning: MLFLOW_TRACKING_URI: `tracking_uri` must be"),
        "{warning}"
    );
}

#[test]
fn a_training_that_is_killed_is_a_run_that_was_killed() {
    let place = Place::new();
    let file = place.bars("^GSPC", 3000);
    let mut training = place.command(&format!("train-parent --bars {file} --epochs 500 --quiet")).spawn().unwrap();
    let status = |place: &Place| place.json("runs list")["runs"][0].clone();
    while status(&place)["metrics"]["train_loss"].is_null() {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert_eq!(status(&place)["status"], "running");
    training.kill().unwrap();
    training.wait().unwrap();
    let run = status(&place);
    assert_eq!((&run["status"], run["ended"].is_string()), (&"killed".into(), true));
    assert!(run["metrics"]["train_loss"].is_f64(), "what it said is kept");
    assert_eq!(run["tags"]["error"], "its process ended before it did");
}

/// The golden network of two layers of 16, which torch wrote.
fn network() -> String {
    format!("{}/../stockops-core/tests/golden/small.pt", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_network_of_the_original_comes_in_and_versions_go_out() {
    let place = Place::new();
    let scaler = r#"{"mean": [80, 80, 80, 80, 3e7, 50, 0], "scale": [30, 30, 30, 30, 1e7, 20, 1]}"#;
    place.write("scaler.json", scaler.as_bytes());
    let (network, file) = (network(), place.bars("MSFT", 1000));
    let import = format!("import {network} --scaler scaler.json --ticker MSFT --last-day 2018-12-31");
    let first = place.json(&import);
    assert_eq!(
        (&first["version"], &first["alias"][0], &first["unproven"]),
        (&1.into(), &"champion".into(), &true.into())
    );
    assert_eq!(place.json("runs list")["runs"][0]["tags"]["version"], "MSFT@1");
    let judged = place.json(&format!("{import} --bars {file}"));
    assert!(judged["metrics"]["evaluation"]["forecasts"].as_u64().unwrap() > 100, "{judged}");
    assert_eq!(place.json(&format!("forecast MSFT --bars {file}"))["strategy"], "scratch");

    for (format, begins) in [("onnx", &b"\x08\x08\x12\x08stockops"[..]), ("safetensors", b"")] {
        let told = place.json(&format!("export MSFT --version 1 --format {format} --out out.{format}"));
        let bytes = std::fs::read(place.path().join(format!("out.{format}"))).unwrap();
        assert_eq!((&told["version"], &told["bytes"]), (&"MSFT@1".into(), &bytes.len().into()));
        assert!(bytes.starts_with(begins));
    }
    assert_eq!(place.json("export ^GSPC --format onnx --part network --out index.onnx")["version"], "^GSPC@0");
    let text = place.fails(2, "export NVDA --format onnx --out a.onnx");
    assert!(text.starts_with("no model named NVDA"), "{text}");
    let text = place.fails(2, "export MSFT --format safetensors --part network --out a");
    assert!(text.contains("must be left out with safetensors"), "{text}");
    let text = place.fails(2, &format!("import {network} --scaler {network} --ticker MSFT"));
    assert!(text.contains("docs/scaler_to_json.py makes it of the pickle"), "{text}");
}

#[test]
fn versions_that_nobody_needs_are_removed_and_named() {
    let place = Place::new();
    let file = place.bars("MSFT", 300);
    for _ in 0..4 {
        place.json(&format!("train-child MSFT --bars {file} --strategy zero-shot"));
    }
    let dry = place.json("gc --keep 1 --dry-run");
    let removed = |document: &Value| {
        let versions = document["removed"].as_array().unwrap().iter();
        versions.map(|version| version["version"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(place.json("models list MSFT")["versions"].as_array().unwrap().len(), 4);
    let gone = removed(&dry);
    assert!(!gone.is_empty() && dry["bytes"].as_u64().unwrap() > 10_000, "{dry}");
    let done = place.json("gc --keep 1");
    assert_eq!((removed(&done), &done["bytes"], &done["dry_run"]), (gone.clone(), &dry["bytes"], &false.into()));
    let text = place.fails(2, &format!("models show MSFT {}", gone[0]));
    assert!(text.contains("no version named MSFT@"), "{text}");
    assert!(
        place.json(&format!("forecast MSFT --bars {file}"))["model_version"].as_str().unwrap().starts_with("MSFT@")
    );
    assert!(removed(&place.json("gc --keep 1")).is_empty());
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
fn what_a_file_leaves_open_is_asked_for_by_the_name_of_the_flag() {
    let place = Place::new();
    place.write("open.csv", b"Date,Open,High,Low,Close\n02/01/2024,10,11,9,10.5\n03/01/2024,10,11,9,10.6\n");
    let text = place.fails(2, "check open.csv --ticker GOOG");
    assert!(text.ends_with("set --dates to dmy, mdy or ymd"), "{text}");
    let json = place.json("check open.csv --ticker GOOG --dates dmy");
    assert_eq!((&json["first_day"], &json["understood"]["dates"]), (&"2024-01-02".into(), &"day, month, year".into()));
    place.write("bad.csv", b"Date,Open,High,Low,Close\n2024-01-02,10,11,9,10.5\n2024-01-03,10,9,9,10.6\n");
    assert!(place.fails(2, "check bad.csv").ends_with("correct or remove this row, or set --drop-bad-rows"));
    assert_eq!(place.json("check bad.csv --drop-bad-rows")["rows_kept"], 1);
    assert!(place.fails(2, "check bad.csv --calendar XXXX").contains("a code of a market such as XNYS"));
}

#[test]
fn a_backtest_prints_what_the_table_of_commands_says_and_writes_only_where_asked() {
    let place = Place::new();
    let file = place.bars("MSFT", 900);
    let json = place.json(&format!("backtest msft --bars {file} --folds 2 --epochs 1 --out judged"));
    let keys =
        ["ticker", "strategy", "folds", "fields", "forecasts", "first_day", "last_day", "seed", "notes", "legacy"];
    for key in keys {
        assert!(json.get(key).is_some(), "{key}");
    }
    let fold = &json["folds"][0];
    assert_eq!((&json["ticker"], &fold["parent"]), (&Value::from("MSFT"), &Value::from("^GSPC@0")));
    assert!(fold["parent_last_seen_day"].as_str().unwrap() < fold["from"].as_str().unwrap());
    for key in ["training_windows", "forecasts", "to"] {
        assert!(!fold[key].is_null(), "{key}");
    }
    let score = &json["fields"]["close"]["h5"];
    for key in ["rmse", "mase", "skill_vs_persistence", "skill_vs_best_rule", "best_rule", "dm_p", "direction"] {
        assert!(!score[key].is_null(), "{key}: {score}");
    }
    for key in ["coverage_80", "coverage_90", "coverage_95", "coverage_90_by_volatility", "crps"] {
        assert!(score.get(key).is_some(), "{key}");
    }
    let risk = &json["risk"]["h5"];
    for level in ["95", "99"] {
        let tail = &risk["tail"][level];
        assert!(tail["value_at_risk"]["kupiec_p"].is_f64() && tail["expected_shortfall"]["z2_p"].is_f64(), "{risk}");
    }
    assert!(risk["touch"]["brier"].as_f64() < Some(0.25) && risk["touch"]["reliability"][0]["n"].is_u64(), "{risk}");
    let read = |name: &str| std::fs::read_to_string(place.path().join("judged").join(name)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&read("backtest.json")).unwrap(), json);
    let html = read("backtest.html");
    assert!(html.contains("<svg") && html.contains("<table>") && !html.contains("<script"));
    assert!(read("skill.svg").starts_with("<svg"));

    let before = place.names();
    let output = place.run(&format!("backtest MSFT --bars {file} --folds 2 --epochs 1 --strategy zero-shot"));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.starts_with("MSFT: 356 forecasts of "), "{text}");
    assert!(text.contains("\nAt one day close ") && text.contains("\nnote: "), "{text}");
    assert!(text.contains("\n99 % h5"), "{text}");
    assert_eq!(place.names(), before, "nothing is written without --out");
}

#[test]
fn an_ablation_stands_in_the_tables() {
    let place = Place::new();
    let file = place.bars("MSFT", 300);
    let call = format!("backtest MSFT --bars {file} --folds 1 --epochs 1 --no-refit --ablation");
    let json = place.json(&call);
    let arms: Vec<String> = json["ablation"]
        .as_array()
        .unwrap()
        .iter()
        .map(|arm| format!("{} {}", arm["strategy"].as_str().unwrap(), arm["history"]))
        .collect();
    let of = |strategy: &str| ["100", "150", "null"].map(|history| format!("{strategy} {history}"));
    let mut wanted = vec!["zero_shot null".to_string()];
    wanted.extend(["freeze", "fine_tune", "scratch"].into_iter().flat_map(of));
    assert_eq!(arms, wanted);
    assert!(json["ablation"].as_array().unwrap().iter().all(|arm| arm["forecasts"] == json["forecasts"]));
    let text = String::from_utf8(place.run(&call).stdout).unwrap();
    let arm = |strategy: &str, history: Value| {
        let arms = json["ablation"].as_array().unwrap();
        let arm = arms.iter().find(|arm| arm["strategy"] == strategy && arm["history"] == history).unwrap();
        100.0 * arm["fields"]["range"]["h1"]["skill_vs_best_rule"].as_f64().unwrap()
    };
    let part = |bars: &str, history: Value| {
        let (frozen, scratch) = (arm("freeze", history.clone()), arm("scratch", history));
        format!("with {bars} {frozen:+.1} % frozen and {scratch:+.1} % from scratch")
    };
    assert!(text.contains(&part("100 bars", Value::from(100))), "{text}");
    assert!(text.contains(&part("all bars", Value::Null)), "{text}");
}

#[test]
fn backtests_that_cannot_be_are_refused() {
    let place = Place::new();
    let short = place.bars("MSFT", 100);
    assert_eq!(
        place.fails(2, &format!("backtest MSFT --bars {short}")),
        "a backtest of MSFT in 4 folds needs at least 210 bars, got 100; give a longer history"
    );
    // All of IBM lies before the shipped parent's last day.
    let seen = place.bars("IBM", 1000);
    let leak = place.fails(2, &format!("backtest IBM --bars {seen}"));
    assert!(leak.contains("the parent ^GSPC@0 saw days up to 2016-12-30; give the bars of the index"), "{leak}");
    assert!(leak.ends_with("--bars ^GSPC=FILE"), "{leak}");
    let missing = place.fails(2, "backtest GOOG --bars nowhere.csv");
    assert!(missing.starts_with("nowhere.csv: no such file"), "{missing}");
    assert!(place.fails(2, &format!("backtest MSFT --bars {short} --folds 0")).contains("`folds` must be at least 1"));
    assert!(place.fails(2, &format!("backtest MSFT --bars {short} --strategy best")).contains("one of freeze"));
}

#[test]
fn drift_reports_are_kept_and_few_rows_are_skipped() {
    let place = Place::new();
    let file = place.bars("MSFT", 900);
    let json = place.json(&format!("drift msft --bars {file} --out report"));
    for key in [
        "status",
        "health",
        "drift_score",
        "volatility_index",
        "feature_metrics",
        "timestamp",
        "ticker",
        "tests",
        "legacy",
        "retrain",
    ] {
        assert!(!json[key].is_null(), "{key}");
    }
    assert_eq!((&json["ticker"], &json["model_version"]), (&"MSFT".into(), &"^GSPC@0".into()));
    assert!(json["replayed"].as_u64() > Some(0), "nothing was kept yet, so the record is replayed");
    let read = |name: &str| std::fs::read_to_string(place.path().join(name)).unwrap();
    let record = DirectoryRecord::open(place.path().join("stockops-home"));
    let reports = || record.reports(&"MSFT".parse().unwrap()).unwrap();
    let kept = record.latest_report(&"MSFT".parse().unwrap()).unwrap();
    assert_eq!(serde_json::to_value(kept).unwrap(), json);
    assert_eq!(serde_json::from_str::<Value>(&read("report/drift.json")).unwrap(), json);
    let page = read("report/drift.html");
    assert!(page.contains("<svg") && page.contains(json["summary"].as_str().unwrap()) && !page.contains("<script"));
    assert_eq!(reports().len(), 1);

    let file = place.bars("MSFT", 120);
    let json = place.json(&format!("drift MSFT --bars {file}"));
    assert_eq!((&json["status"], &json["health"]), (&"skipped".into(), &Value::Null));
    assert_eq!(json["reason"], "drift of MSFT needs at least 146 bars, got 120");
    assert_eq!(reports().len(), 1, "one report a day");
}

#[test]
fn the_monitor_decides_and_says_why_and_forecasts_are_kept() {
    let place = Place::new();
    let file = place.bars("MSFT", 900);
    place.json(&format!("forecast MSFT --bars {file}"));
    place.json(&format!("forecast MSFT --bars {file}"));
    let record = DirectoryRecord::open(place.path().join("stockops-home"));
    let decisions = || -> Vec<Value> {
        let all = record.decisions(&"MSFT".parse().unwrap()).unwrap();
        all.iter().map(|decision| serde_json::to_value(decision).unwrap()).collect()
    };
    let kept = record.forecasts(&"MSFT".parse().unwrap()).unwrap();
    assert_eq!((kept.len(), &*kept[0].version), (1, "^GSPC@0"), "the same forecast is kept once");

    let json = place.json(&format!("monitor MSFT --bars {file}"));
    for key in ["ticker", "drift", "agent_eval", "action"] {
        assert!(json.get(key).is_some(), "{key}");
    }
    assert_eq!(json["agent_eval"], Value::Null);
    let reason = json["action"]["reason"].as_str().unwrap();
    assert_eq!(reason, json["drift"]["retrain"]["reason"]);
    assert_eq!(decisions()[0], json["action"]);

    place.json(&format!("train-child MSFT --bars {file} --epochs 1"));
    place.json(&format!("train-child MSFT --bars {file} --epochs 2"));
    place.json("models promote MSFT 2");
    place.json("models rollback MSFT");
    let decisions = decisions();
    let last = &decisions[decisions.len() - 1];
    assert_eq!((&last["verdict"], &last["version"]), (&"rollback".into(), &"MSFT@2".into()));
    assert_eq!(last["reason"], "MSFT@1 was made champion again by hand");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_behind_stdout_is_one_line_and_no_panic() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let place = Place::new();
    let file = place.bars("IBM", 200);
    for words in [format!("check {file} --json"), format!("check {file}"), "--help".into()] {
        let output = place.command(&words).stdout(full()).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{words}: {stderr}");
        assert!(stderr.starts_with("error: could not write to standard output: "), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
}

#[test]
fn bars_that_would_be_left_out_are_refused() {
    let place = Place::new();
    let (ibm, index) = (place.bars("IBM", 200), place.bars("^GSPC", 200));
    let text = place.fails(2, &format!("forecast IBM --bars {ibm} --bars {index}"));
    assert!(text.ends_with(&format!("got {index}, a second one of IBM")), "{text}");
    assert!(place.fails(2, &format!("demo --bars {ibm}")).contains("leave --bars and --source out"));
}

#[test]
fn one_broken_manifest_does_not_hide_the_other_tickers() {
    let place = Place::new();
    let file = place.bars("IBM", 400);
    place.json(&format!("train-child IBM --bars {file} --strategy zero-shot --allow-parent-leak --home home"));
    std::fs::create_dir_all(place.path().join("home/registry/BAD")).unwrap();
    place.write("home/registry/BAD/manifest.json", b"x");
    let json = place.json("models list --home home");
    assert_eq!(json["versions"][0]["ticker"], "IBM");
    assert_eq!(json["unreadable"][0]["ticker"], "BAD");
    let problem = json["unreadable"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("not a manifest of versions"), "{problem}");
    assert!(place.fails(2, "models list BAD --home home").contains("not a manifest of versions"));
}

#[test]
fn training_says_who_forecasts_now_and_what_the_parent_was_worth() {
    let place = Place::new();
    let file = place.bars("AMZN", 1500);
    let said = |words: &str| String::from_utf8(place.run(words).stdout).unwrap();
    let train = format!("train-child AMZN --bars {file} --epochs 1 --home home");
    let first = said(&train);
    assert!(first.contains("AMZN@1 forecasts now, the first of its ticker"), "{first}");
    assert!(first.contains("over its parent as it is close ") && first.contains("; over a network of its own close "));
    assert!(first.contains("The 90 % interval of the close held "), "{first}");
    let second = said(&train);
    let replaced = "AMZN@2 forecasts now, in the place of AMZN@1: both forecast the same on ";
    assert!(second.contains(replaced), "{second}");
    let older = said(&format!("{train} --to 2018-06-29"));
    assert!(older.contains("AMZN@2 goes on forecasting, this one is kept as challenger: "), "{older}");
}

#[test]
fn a_training_is_drawn_where_that_is_asked() {
    let place = Place::new();
    let file = place.bars("MSFT", 400);
    let json = place.json(&format!("train-child MSFT --bars {file} --epochs 1 --out drawn"));
    let drawn = |name: &str| std::fs::read_to_string(place.path().join("drawn").join(name)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&drawn("training.json")).unwrap(), json);
    let page = drawn("training.html");
    for name in ["forecast.svg", "residuals.svg", "skill.svg", "coverage.svg"] {
        assert!(page.contains(&drawn(name)), "{name}");
    }
    assert!(page.contains("<h1>MSFT: what came of the training</h1>") && !page.contains("<script"));
    assert_eq!(place.json("models show MSFT")["artifacts"], Value::Array(Vec::new()), "and nothing is kept unasked");
}

#[test]
fn risk_states_losses_and_levels_and_how_such_statements_were_kept() {
    let place = Place::new();
    let file = place.bars("MSFT", 400);
    let json = place.json(&format!("risk msft --bars {file} --level 200 --level 250.5 --horizon 3 --out said"));
    assert_eq!((&json["ticker"], &json["model_version"]), (&Value::from("MSFT"), &Value::from("^GSPC@0")));
    for key in ["value_at_risk", "expected_shortfall"] {
        let levels = json[key].as_object().unwrap();
        assert_eq!(levels.keys().collect::<Vec<_>>(), ["95", "99"], "{key}");
        assert_eq!(levels["99"].as_object().unwrap().keys().collect::<Vec<_>>(), ["h1", "h2", "h3"], "{key}");
    }
    for key in ["close_above", "close_below", "touch"] {
        assert!(json["probability"][key]["250.5"]["h3"].is_f64() && json["probability"][key]["200"]["h1"].is_f64());
    }
    for key in ["expected_high", "expected_low"] {
        assert!(json[key]["h3"].as_f64() > Some(0.0), "{key}");
    }
    assert!(json["skill"]["h1"]["tail"]["99"]["value_at_risk"]["kupiec_p"].is_f64(), "{}", json["skill"]);
    let read = |name: &str| std::fs::read_to_string(place.path().join("said").join(name)).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&read("risk.json")).unwrap(), json);
    assert!(read("risk.svg").contains("250.50: touched") && read("risk.html").contains("<svg"));

    let text = String::from_utf8(place.run(&format!("risk MSFT --bars {file}")).stdout).unwrap();
    assert!(
        text.starts_with("MSFT after 2021-03-31") && text.contains("\nWith 99 % probability no more than "),
        "{text}"
    );
    let judged: Vec<&String> = json["skill"].as_object().unwrap().keys().collect();
    assert_eq!(judged, ["h1", "h2", "h3"]);
    let beyond = place.fails(2, &format!("risk MSFT --bars {file} --horizon 6"));
    assert!(beyond.starts_with("`horizon` must be a session that is forecast, got 6"), "{beyond}");
    let level = place.fails(2, &format!("risk MSFT --bars {file} --level -5"));
    assert!(level.starts_with("`level` must be a price above 0, got -5"), "{level}");
    assert!(place.fails(2, "risk").starts_with("name a ticker, or a portfolio with --portfolio FILE"));
}

#[test]
fn a_portfolio_states_the_whole_and_the_part_of_each_position() {
    let place = Place::new();
    let bars: Vec<String> =
        ["MSFT", "AMZN"].iter().map(|ticker| format!("--bars {ticker}={}", place.bars(ticker, 900))).collect();
    let bars = bars.join(" ");
    place.write("mine.csv", b"ticker,shares\nMSFT,10\nAMZN,-1\n");
    let json = place.json(&format!("risk --portfolio mine.csv {bars}"));
    let positions = json["positions"].as_array().unwrap();
    assert_eq!((positions.len(), &json["holding"]), (2, &Value::from("shares")));
    let number = |value: &Value| value.as_f64().unwrap();
    for level in ["95", "99"] {
        for horizon in ["h1", "h5"] {
            let whole = number(&json["expected_shortfall"][level][horizon]);
            let parts: f64 = positions.iter().map(|one| number(&one["expected_shortfall"][level][horizon])).sum();
            assert!((parts - whole).abs() < 1e-9 * whole.abs(), "{parts} {whole}");
            assert!(whole >= number(&json["value_at_risk"][level][horizon]));
        }
    }
    assert!(json["skill"]["h1"]["99"]["value_at_risk"]["kupiec_p"].is_f64(), "{}", json["skill"]);
    let text = String::from_utf8(place.run(&format!("risk --portfolio mine.csv {bars}")).stdout).unwrap();
    assert!(text.starts_with("2 positions after ") && text.contains("\nnote: MSFT: "), "{text}");

    place.write("bad.csv", b"ticker,weight\nMSFT,much\n");
    let bad = place.fails(2, &format!("risk --portfolio bad.csv {bars}"));
    assert!(bad.starts_with("bad.csv: `portfolio` must be rows of `ticker` and either"), "{bad}");
    place.write("other.csv", b"ticker,weight\nIBM,1\n");
    assert!(place.fails(2, &format!("risk --portfolio other.csv {bars}")).starts_with("no file named IBM"));
    assert!(place.fails(2, "risk MSFT --portfolio mine.csv").contains("cannot be used with"));
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
