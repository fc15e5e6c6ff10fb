//! `stockops backtest`.

use serde_json::Value;

use crate::place::Place;

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
