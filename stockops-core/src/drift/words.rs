//! Tests and reports in plain words.

use super::concept::Promise;
use super::outcome::LEAST_ERROR;
use super::report::{Kind, TestReport};
use super::test::{BEFORE_ROWS, CURRENT_ROWS, TAIL_ROWS, Test};
use super::{FieldOutcome, Health, fault};
use crate::forecast::Field;
use crate::market::Ticker;

/// Scores that words about the record look back on.
const RECENT_SCORES: usize = 63;

/// A usual weight of the tails below this is none: less than one move in 63 days that is a tenth larger than the 95 % quantile.
const LEAST_TAIL: f64 = 0.001;
/// A factor above this, or below one over it, is not a number that means anything: a series that hardly moves is in it.
const GREAT_FACTOR: f64 = 100.0;

/// A test of the bars in a sentence; `median` is its usual value.
pub(super) fn of_data(test: Test, value: f64, median: f64, p: f64, alarm: bool) -> String {
    let what = match test {
        Test::ReturnMean => {
            format!("the mean daily move is {:+.2} usual widths of a day", value / (CURRENT_ROWS as f64).sqrt())
        }
        Test::ReturnShape => format!("the distribution of returns is {value:.2} away from that of the long history"),
        // The variance is a square: half of its log is that of the volatility.
        Test::Variance => format!("volatility of returns is {}", against_before((value / 2.0).exp())),
        Test::Range => format!("the width of a day is {}", against_before(value.exp())),
        Test::Volume => format!("volume is {}", against_before(value.exp())),
        Test::Tail => tail(value, median),
    };
    let share = if p < 0.01 { format!("{:.1} %", p * 100.0) } else { format!("{:.0} %", p * 100.0) };
    let verdict = if alarm { "unusual: " } else { "" };
    format!("{what} ({verdict}{share} of usual days are as far out)")
}

/// `factor` times what the days before had.
fn against_before(factor: f64) -> String {
    let times = if (0.95..1.05).contains(&factor) { "as in".to_string() } else { format!("{} that of", times(factor)) };
    format!("{times} the {BEFORE_ROWS} days before")
}

/// The weight of large moves against the usual one, where there is a usual one.
fn tail(value: f64, median: f64) -> String {
    let moves = format!("large moves of the last {TAIL_ROWS} days");
    match (value < LEAST_TAIL, median < LEAST_TAIL) {
        (_, false) => format!("{moves} weigh {} the usual", times(value / median)),
        (true, true) => format!("there were no large moves in the last {TAIL_ROWS} days, as usual"),
        (false, true) => format!("{moves} weigh {value:.2}, where usually there are none"),
    }
}

/// A factor as `2.0 times`.
fn times(factor: f64) -> String {
    match factor {
        _ if factor > GREAT_FACTOR => format!("more than {GREAT_FACTOR} times"),
        _ if factor < 1.0 / GREAT_FACTOR => "less than a hundredth of".to_owned(),
        _ if factor < 0.1 => format!("{factor:.2} times"),
        _ => format!("{factor:.1} times"),
    }
}

/// A chart of the record in a sentence.
pub(super) fn of_concept(promise: Promise, field: Field, outcomes: &[FieldOutcome]) -> String {
    let recent = &outcomes[outcomes.len().saturating_sub(RECENT_SCORES)..];
    match promise {
        Promise::Coverage => {
            let hits: Vec<bool> = recent.iter().filter_map(|outcome| outcome.covered).collect();
            let held = hits.iter().filter(|hit| **hit).count();
            let share = 100.0 * held as f64 / hits.len().max(1) as f64;
            format!("the 90 % interval of {field} held {held} of the last {} outcomes ({share:.0} %)", hits.len())
        }
        Promise::Skill => {
            let sum =
                |error: fn(&FieldOutcome) -> f64| recent.iter().map(|outcome| error(outcome).powi(2)).sum::<f64>();
            let (own, rule) = (sum(|outcome| outcome.error).sqrt(), sum(|outcome| outcome.rule_error).sqrt());
            let against = match own / rule {
                _ if rule < LEAST_ERROR => {
                    "cannot be compared: the series hardly moved, and the 20-day mean made none".to_owned()
                }
                ratio if ratio > GREAT_FACTOR => format!("are {} those of the 20-day mean", times(ratio)),
                ratio => format!("are {ratio:.2} times those of the 20-day mean"),
            };
            format!("errors for {field} {against} over the last {} forecasts", recent.len())
        }
    }
}

/// The whole report in a sentence or two.
pub(super) fn summary(health: Health, broken: bool, tests: &[TestReport], scored: usize) -> String {
    let alarms = |kind: Kind| {
        let alarms = tests.iter().filter(|test| test.kind == kind && test.alarm);
        let worth_saying = alarms.filter(|test| !broken || kind == Kind::Concept || fault::shows_in(&test.name));
        worth_saying.map(|test| without_brackets(&test.words)).collect::<Vec<_>>().join("; ")
    };
    let (data, concept) = (alarms(Kind::Data), alarms(Kind::Concept));
    let data = match (data.is_empty(), broken) {
        (_, true) => format!("The bars look broken, check them: {data}."),
        (false, false) => format!("The data are unusual: {data}."),
        (true, false) if health == Health::Degraded => "The data are on their way back to the usual.".into(),
        (true, false) => "The data are as usual.".into(),
    };
    let watched = |promise: Promise| {
        tests.iter().any(|test| test.statistic.is_some() && test.name.starts_with(&promise.to_string()))
    };
    let model = match (concept.is_empty(), watched(Promise::Coverage), watched(Promise::Skill)) {
        (false, ..) => format!("The model no longer keeps its promises: {concept}."),
        (true, false, false) => "Too few forecasts have been scored to know of the model.".into(),
        (true, true, false) => {
            format!("The model's intervals still cover; {scored} scored forecasts are too few to speak of its skill.")
        }
        (true, false, true) => format!("The model is no worse than a simple rule ({scored} scored)."),
        (true, true, true) => {
            format!("The model's intervals still cover, and it is no worse than a simple rule ({scored} scored).")
        }
    };
    format!("{data} {model}")
}

/// What is said where the reference is that of another ticker.
pub(super) fn of_reference(reference: &Ticker, ticker: &Ticker) -> String {
    format!(" What is usual was learned from {reference}, not from {ticker}.")
}

/// Words without what stands in brackets at their end.
fn without_brackets(words: &str) -> &str {
    words.split(" (").next().unwrap_or(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::Direction;

    #[test]
    fn each_test_of_the_bars_has_its_sentence() {
        let words = |test, value: f64, median| of_data(test, value, median, 0.5, false);
        let usual = " (50 % of usual days are as far out)";
        let mean = -0.5 * 21f64.sqrt();
        for (test, value, text) in [
            (Test::ReturnMean, mean, "the mean daily move is -0.50 usual widths of a day"),
            (Test::ReturnShape, 0.25, "the distribution of returns is 0.25 away from that of the long history"),
            (Test::Variance, 4f64.ln(), "volatility of returns is 2.0 times that of the 105 days before"),
            (Test::Range, 0.5f64.ln(), "the width of a day is 0.5 times that of the 105 days before"),
            (Test::Volume, 3f64.ln(), "volume is 3.0 times that of the 105 days before"),
            (Test::Volume, 1.04f64.ln(), "volume is as in the 105 days before"),
            (Test::Volume, 1.06f64.ln(), "volume is 1.1 times that of the 105 days before"),
            (Test::Volume, 0.94f64.ln(), "volume is 0.9 times that of the 105 days before"),
            (Test::Variance, -20.0, "volatility of returns is less than a hundredth of that of the 105 days before"),
            (Test::Range, 31.0, "the width of a day is more than 100 times that of the 105 days before"),
            (Test::Volume, 0.04f64.ln(), "volume is 0.04 times that of the 105 days before"),
            (Test::Tail, 0.3, "large moves of the last 63 days weigh 3.0 times the usual"),
        ] {
            assert_eq!(words(test, value, 0.1), text.to_string() + usual);
        }
        for (value, text) in [
            (0.3, "large moves of the last 63 days weigh 0.30, where usually there are none"),
            (0.0, "there were no large moves in the last 63 days, as usual"),
        ] {
            assert_eq!(words(Test::Tail, value, 0.0), text.to_string() + usual);
        }
        let rare = of_data(Test::ReturnShape, 0.25, 0.1, 0.0096, true);
        assert!(rare.ends_with(" (unusual: 1.0 % of usual days are as far out)"), "{rare}");
        let rarer = of_data(Test::ReturnShape, 0.25, 0.1, 0.01, true);
        assert!(rarer.ends_with(" (unusual: 1 % of usual days are as far out)"), "{rarer}");
    }

    #[test]
    fn the_charts_speak_of_the_last_63_scores() {
        let outcome = |i: u32| FieldOutcome {
            error: if i < 7 { 100.0 } else { 3.0 },
            rule_error: 2.0,
            covered: (i != 10).then_some(!i.is_multiple_of(4)),
        };
        let outcomes: Vec<FieldOutcome> = (0..70).map(outcome).collect();
        // Of the places 7 to 69, one has no interval, and the multiples of 4 from 8 to 68 are 16 misses.
        let text = "the 90 % interval of volume held 46 of the last 62 outcomes (74 %)";
        assert_eq!(of_concept(Promise::Coverage, Field::Volume, &outcomes), text);
        let text = "errors for range are 1.50 times those of the 20-day mean over the last 63 forecasts";
        assert_eq!(of_concept(Promise::Skill, Field::Range, &outcomes), text);
    }

    #[test]
    fn a_rule_without_error_makes_no_ratio() {
        let outcomes = |error, rule_error| vec![FieldOutcome { error, rule_error, covered: None }; 2];
        let text = "errors for range cannot be compared: the series hardly moved, and the 20-day mean made none over the last 2 \
                    forecasts";
        assert_eq!(of_concept(Promise::Skill, Field::Range, &outcomes(3.0, 1e-15)), text);
        let text = "errors for range are more than 100 times those of the 20-day mean over the last 2 forecasts";
        assert_eq!(of_concept(Promise::Skill, Field::Range, &outcomes(3.0, 1e-8)), text);
    }

    fn test(name: &str, kind: Kind, alarm: bool) -> TestReport {
        let words = format!("{name} is odd (in brackets)");
        let untested = TestReport::untested(name.into(), kind, "range", words);
        TestReport { statistic: Some(1.0), direction: Some(Direction::Up), alarm, ..untested }
    }

    #[test]
    fn the_summary_names_what_alarms_and_of_broken_bars_what_shows_it() {
        let tests = [
            test("range", Kind::Data, true),
            test("return_mean", Kind::Data, true),
            test("volume", Kind::Data, false),
            test("coverage_close", Kind::Concept, true),
        ];
        let model = "The model no longer keeps its promises: coverage_close is odd.";
        let text = format!("The data are unusual: range is odd; return_mean is odd. {model}");
        assert_eq!(summary(Health::Critical, false, &tests, 100), text);
        let text = format!("The bars look broken, check them: range is odd. {model}");
        assert_eq!(summary(Health::Critical, true, &tests, 100), text);
    }

    #[test]
    fn without_an_alarm_the_summary_says_what_is_known() {
        let words = |health, tests: &[TestReport]| summary(health, false, tests, 100);
        let (coverage, skill) =
            (test("coverage_close", Kind::Concept, false), test("skill_range", Kind::Concept, false));
        let nothing = "Too few forecasts have been scored to know of the model.";
        assert_eq!(words(Health::Healthy, &[]), format!("The data are as usual. {nothing}"));
        assert_eq!(words(Health::Degraded, &[]), format!("The data are on their way back to the usual. {nothing}"));
        let text = "The data are as usual. The model's intervals still cover; 100 scored forecasts are too few to speak of its skill.";
        assert_eq!(words(Health::Healthy, std::slice::from_ref(&coverage)), text);
        let text = "The data are as usual. The model is no worse than a simple rule (100 scored).";
        assert_eq!(words(Health::Healthy, std::slice::from_ref(&skill)), text);
        let text = "The data are as usual. The model's intervals still cover, and it is no worse than a simple rule (100 scored).";
        assert_eq!(words(Health::Healthy, &[coverage, skill]), text);
    }
}
