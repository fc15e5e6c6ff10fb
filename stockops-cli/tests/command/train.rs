//! `stockops train-parent` and `train-child`.

use std::process::{Command, Stdio};

use serde_json::Value;
use stockops_core::source::builtin_bars;

use crate::place::Place;

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
    for name in ["forecast.svg", "residuals.svg", "skill.svg", "coverage.svg", "candles.svg"] {
        assert!(page.contains(&drawn(name)), "{name}");
    }
    assert!(page.contains("<h1>MSFT: what came of the training</h1>") && !page.contains("<script"));
    assert_eq!(place.json("models show MSFT")["artifacts"], Value::Array(Vec::new()), "and nothing is kept unasked");
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
fn a_parent_of_another_ticker_says_whose_parent_it_is() {
    let place = Place::new();
    let file = place.bars("IBM", 900);
    let notes = |words: &str| place.json(words)["notes"].to_string();
    let said = notes(&format!("train-parent --ticker IBM --bars {file} --epochs 1"));
    assert!(said.contains("children of all tickers come from IBM@1 from now on, and no more from ^GSPC@0"), "{said}");
}
