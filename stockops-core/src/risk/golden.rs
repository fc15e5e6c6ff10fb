//! Measures and tests of risk against numpy and scipy: `tests/golden/risk.py`.

use serde_json::Value;

use super::*;
use crate::testing::golden_json;

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap_or_else(|| panic!("no {key}"))
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

/// Both sides compute in f64; erfc of statrs and of scipy agree to 1e-11.
fn close_to(own: f64, case: &Value, key: &str) {
    let theirs = number(case, key);
    assert!((own - theirs).abs() <= 1e-9 * theirs.abs().max(1e-3), "{} {key}: {own} {theirs}", case["name"]);
}

fn cases(key: &str) -> Vec<Value> {
    let cases = golden_json("risk.json")[key].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

#[test]
fn measures_are_those_of_numpy_and_of_rockafellar_and_uryasev() {
    for case in cases("losses") {
        let (losses, level) = (Losses::new(numbers(&case["losses"])).unwrap(), number(&case, "level"));
        close_to(losses.value_at_risk(level).unwrap(), &case, "value_at_risk");
        close_to(losses.expected_shortfall(level).unwrap(), &case, "expected_shortfall");
    }
}

#[test]
fn tests_of_exceedances_are_those_of_scipy() {
    for case in cases("exceedances") {
        let mut days = vec![false; number(&case, "n") as usize];
        numbers(&case["hits"]).into_iter().for_each(|day| days[day as usize] = true);
        let own = Exceedances::of(&days, number(&case, "level")).unwrap();
        assert_eq!(own.exceeded as f64, number(&case, "exceeded"));
        close_to(own.expected, &case, "expected");
        close_to(own.kupiec_p, &case, "kupiec_p");
        close_to(own.independence_p, &case, "independence_p");
        close_to(own.conditional_p, &case, "conditional_p");
    }
    assert!(Exceedances::of(&[], 0.99).is_none());
}

#[test]
fn tests_of_shortfall_are_those_of_numpy() {
    for case in cases("shortfall") {
        let level = number(&case, "level");
        let shape = numbers(&case["shape"]);
        let losses = |scale: f64| Losses::new(shape.iter().map(|loss| scale * loss).collect()).unwrap();
        let forecasts = numbers(&case["scale"]).into_iter().map(losses);
        let days: Vec<TailDay> = forecasts
            .zip(numbers(&case["came"]))
            .map(|(losses, came)| TailDay::of(&losses, level, came).unwrap())
            .collect();
        let own = Shortfall::of(&days, level).unwrap();
        close_to(own.z1.unwrap(), &case, "z1");
        close_to(own.z2, &case, "z2");
        // Shares of 1,000 draws against shares of 40,000: three standard errors of the former, and its own step.
        for (own, key) in [(own.z1_p.unwrap(), "z1_p"), (own.z2_p, "z2_p")] {
            let theirs = number(&case, key);
            let error = 3.0 * (theirs * (1.0 - theirs) / 1000.0).sqrt() + 0.001;
            assert!((own - theirs).abs() < error, "{key}: {own} {theirs}");
        }
        assert_eq!(Shortfall::of(&days, level), Shortfall::of(&days, level));
    }
    assert!(Shortfall::of(&[], 0.99).is_none());
}

#[test]
fn a_random_walk_touches_as_the_reflection_principle_says() {
    for case in cases("touches") {
        let [last, level, sigma, days] = ["last", "level", "sigma", "days"].map(|key| number(&case, key));
        close_to(walk_touches(last, level, sigma, days), &case, "probability");
    }
}
