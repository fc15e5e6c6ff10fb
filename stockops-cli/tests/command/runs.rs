//! `stockops runs`.

use serde_json::Value;

use crate::place::Place;

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
