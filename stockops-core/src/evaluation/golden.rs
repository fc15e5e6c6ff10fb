//! Rules, scores and tests against other implementations: `tests/golden/evaluation.py`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use super::*;
use crate::dataset::usual_range;
use crate::forecast::*;
use crate::market::{Bar, Calendar};
use crate::testing::{day, golden_json, hashed};

/// As in the script: judged forecasts are made at the close of bars 480 to 594, rules are chosen from bar 300 on.
const FIRST: usize = 480;
const COUNT: usize = 115;
const HORIZONS: usize = 5;
const BEFORE: usize = 300;

/// Both sides compute in f64; least squares and sums over hundreds of days lose a few digits of 16.
const TOLERANCE: f64 = 1e-9;

fn bars() -> Vec<Bar> {
    let golden = golden_json("indicators.json");
    let column = |name: &str| numbers(&golden["bars"][name]);
    let [open, high, low, close, volume] = ["open", "high", "low", "close", "volume"].map(column);
    let bar = |i: usize| Bar {
        date: day(i as u64),
        open: open[i],
        high: high[i],
        low: low[i],
        close: close[i],
        volume: volume[i],
    };
    (0..close.len()).map(bar).collect()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn floats(number: u32, count: usize, bound: f64) -> Vec<f64> {
    hashed(number, bound, count).into_iter().map(f64::from).collect()
}

fn close_to(own: f64, theirs: &Value, what: &str) {
    let theirs = theirs.as_f64().unwrap_or_else(|| panic!("{what}: no number, ours is {own}"));
    assert!((own - theirs).abs() <= TOLERANCE * theirs.abs().max(1.0), "{what}: {own} {theirs}");
}

#[test]
fn rules_forecast_what_statsmodels_and_pandas_say() {
    let bars = bars();
    let rules = Rules::fit(&bars[..500], Calendar::default(), 7);
    let golden = golden_json("evaluation.json");
    let cases = golden["rules"].as_array().unwrap();
    let has = |rule: &&Rule| cases.iter().any(|case| !case["forecasts"][rule.to_string()].is_null());
    let of_the_script: Vec<Rule> = Rule::ALL.iter().filter(has).copied().collect();
    assert!(of_the_script.len() >= 6);
    for case in cases {
        let field: Field = serde_json::from_value(case["field"].clone()).unwrap();
        let [known, horizon] = ["known", "horizon"].map(|key| case[key].as_u64().unwrap() as usize);
        for rule in of_the_script.iter().copied() {
            let own = rules.forecast(rule, &bars[..=known], field, horizon - 1);
            let theirs = &case["forecasts"][rule.to_string()];
            match own {
                Some(own) => close_to(own, theirs, &format!("{rule} {field} {known} {horizon}")),
                None => assert!(theirs.is_null(), "{rule} {field}"),
            }
        }
    }
    let closes: Vec<f64> = bars.iter().map(|bar| bar.close).collect();
    for (n, theirs) in [2, 30, 600].into_iter().zip(golden["volatility"].as_array().unwrap()) {
        close_to(ewma_volatility(&closes[..n], 0.94).unwrap(), theirs, "volatility");
    }
}

#[test]
fn diebold_mariano_is_that_of_statsmodels_and_scipy() {
    for case in golden_json("evaluation.json")["differences"].as_array().unwrap() {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let own = diebold_mariano(&a, &b, case["horizon"].as_u64().unwrap() as usize).unwrap();
        let name = case["name"].as_str().unwrap();
        for (own, key) in
            [(own.mean, "mean"), (own.standard_error, "standard_error"), (own.statistic, "statistic"), (own.p, "p")]
        {
            close_to(own, &case[key], &format!("{name} {key}"));
        }
        let swapped = diebold_mariano(&b, &a, case["horizon"].as_u64().unwrap() as usize).unwrap();
        assert_eq!((swapped.mean, swapped.p), (-own.mean, own.p));
    }
}

#[test]
fn crps_pinball_and_wilson_are_those_of_scoringrules_scikit_learn_and_statsmodels() {
    let golden = golden_json("evaluation.json");
    let shape = Arc::new(Shape::new(numbers(&golden["crps_values"])).unwrap());
    for case in golden["crps"].as_array().unwrap() {
        let [location, scale, y] = ["location", "scale", "y"].map(|key| case[key].as_f64().unwrap());
        let own = Distribution { location, scale, shape: Arc::clone(&shape) };
        close_to(own.crps(y), &case["crps"], "crps");
        close_to(gaussian_crps(location, scale, y), &case["normal"], "normal crps");
        for (i, p) in numbers(&golden["probabilities"]).into_iter().enumerate() {
            close_to(own.quantile(p), &case["quantiles"][i], "quantile");
            close_to(pinball(p, own.quantile(p), y), &case["pinball"][i], "pinball");
        }
    }
    for case in golden["wilson"].as_array().unwrap() {
        let own = wilson(case["hits"].as_f64().unwrap(), case["n"].as_f64().unwrap());
        close_to(own[0], &case["interval"][0], "wilson");
        close_to(own[1], &case["interval"][1], "wilson");
    }
}

/// The made-up model of the script.
fn cases(bars: &[Bar]) -> Vec<Case<'_>> {
    let noise = floats(13, COUNT * HORIZONS * 5, 0.02);
    let shape = Arc::new(Shape::new(floats(14, 50, 2.0)).unwrap());
    let case = |i: usize| {
        let (known, future) = bars.split_at(FIRST + i + 1);
        let (last, unit) = (known[known.len() - 1], usual_range(known));
        let bar = |h: usize| {
            let u = &noise[(i * HORIZONS + h) * 5..][..5];
            let (open, close) = (last.close * u[0].exp(), last.close * u[1].exp());
            let (high, low) = (open.max(close) * u[2].abs().exp(), open.min(close) * (-u[3].abs()).exp());
            Bar { date: future[h].date, open, high, low, close, volume: last.volume * (20.0 * u[4]).exp() }
        };
        let predicted: Vec<Bar> = (0..HORIZONS).map(bar).collect();
        let spread = |h: usize| {
            let location = Field::Close.value(&predicted[h], last.close).unwrap();
            let scale = unit * ((h + 1) as f64).sqrt();
            let intervals = [1.0, 1.5, 2.0].map(|width| [location - width * scale, location + width * scale]);
            Spread { distribution: Distribution { location, scale, shape: Arc::clone(&shape) }, intervals }
        };
        let spreads = BTreeMap::from([(Field::Close, (0..HORIZONS).map(spread).collect())]);
        Case { history: known, actual: &future[..HORIZONS], predicted, unit, spreads, ..Case::default() }
    };
    (0..COUNT).map(case).collect()
}

/// Every number of `theirs` is in `own`.
fn compare(own: &Value, theirs: &Value, what: &str) {
    match theirs {
        Value::Object(fields) => {
            fields.iter().for_each(|(key, theirs)| compare(&own[key], theirs, &format!("{what} {key}")));
        }
        Value::Array(values) => values.iter().enumerate().for_each(|(i, theirs)| compare(&own[i], theirs, what)),
        Value::Number(_) => close_to(own.as_f64().unwrap_or(f64::NAN), theirs, what),
        _ => assert_eq!(own, theirs, "{what}"),
    }
}

#[test]
fn every_number_of_a_table_is_that_of_the_script() {
    let bars = bars();
    let test = cases(&bars);
    let empty = |known: usize| Case {
        history: &bars[..=known],
        actual: &bars[known + 1..][..HORIZONS],
        unit: 1.0,
        ..Case::default()
    };
    let before: Vec<Case<'_>> = (BEFORE..FIRST).map(empty).collect();
    let table = serde_json::to_value(judge(&[Fold { test: &test, before: &before }])).unwrap();
    let golden = &golden_json("evaluation.json")["table"];
    compare(&table, golden, "");
    // Nothing but close was spread.
    assert!(table["range"]["h1"]["coverage_90"].is_null() && table["range"]["h1"].get("direction").is_none());
    assert_eq!(table.as_object().unwrap().len(), golden.as_object().unwrap().len());
}
