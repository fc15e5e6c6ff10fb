//! CUSUM charts (Page 1954) of a forecaster's own record: has its coverage or its skill been lost?

/// Share of misses that a 90 % interval promises, and the share that is looked for.
const PROMISED: f64 = 0.10;
const LOST: f64 = 0.30;

/// Excess of the model's loss over the rule's that is put up with, in deviations of their difference.
const SLACK: f64 = 0.25;

/// Largest step up or down of the chart of losses: squared errors have heavy tails.
const LARGEST: f64 = 3.0;

/// Alarm of a coverage chart. Simulated with independent days: a false alarm in 5,800 days at a true coverage of 0.90 and
/// in 440 at 0.85; a true one after 36 days at 0.70, after 15 at 0.50 (`tests/golden/drift.py`).
pub const COVERAGE_ALARM: f64 = 6.0;

/// Alarm of a skill chart. Simulated with errors that correlate 0.9 with the rule's: a false alarm in 6,800 days where both
/// are as good; a true one after 70 days where squared errors are 1.5 times the rule's, after 28 where they are twice those.
pub const SKILL_ALARM: f64 = 11.0;

/// An alarm ends when the sum falls below this share of its threshold; the sum is kept below `1 / EXIT` thresholds, so
/// that good days can end it.
const EXIT: f64 = 0.5;
const CAP: f64 = 1.5;

/// A sum that rises with bad days, falls with good ones to 0 at least, and alarms at a threshold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cusum {
    threshold: f64,
    sum: f64,
    alarm: bool,
}

impl Cusum {
    pub(super) fn new(threshold: f64) -> Self {
        Self { threshold, sum: 0.0, alarm: false }
    }

    /// Add one day's step.
    pub(super) fn push(&mut self, step: f64) {
        self.sum = (self.sum + step).clamp(0.0, CAP * self.threshold);
        self.alarm = self.sum > if self.alarm { EXIT * self.threshold } else { self.threshold };
    }

    pub(super) fn sum(&self) -> f64 {
        self.sum
    }

    pub(super) fn threshold(&self) -> f64 {
        self.threshold
    }

    pub(super) fn is_alarm(&self) -> bool {
        self.alarm
    }
}

/// Log likelihood ratio of a lost against the promised coverage, for one hit or miss.
pub(super) fn coverage_step(covered: bool) -> f64 {
    if covered { ((1.0 - LOST) / (1.0 - PROMISED)).ln() } else { (LOST / PROMISED).ln() }
}

/// The model's squared error less the rule's, in deviations of that difference, less the slack.
pub(super) fn skill_step(difference: f64, deviation: f64) -> f64 {
    (difference / deviation).clamp(-LARGEST, LARGEST) - SLACK
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::golden_json;
    use rand::{RngExt, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    /// Mean days from the start to the first alarm.
    fn run_length(threshold: f64, runs: u64, step: impl Fn(&mut ChaCha8Rng) -> f64) -> f64 {
        let days = |seed| {
            let (mut rng, mut chart, mut days) = (ChaCha8Rng::seed_from_u64(seed), Cusum::new(threshold), 0);
            while !chart.is_alarm() {
                chart.push(step(&mut rng));
                days += 1;
            }
            f64::from(days)
        };
        (0..runs).map(days).sum::<f64>() / runs as f64
    }

    fn hit(share: f64) -> impl Fn(&mut ChaCha8Rng) -> f64 {
        move |rng| coverage_step(rng.random::<f64>() < share)
    }

    fn normal(rng: &mut ChaCha8Rng) -> f64 {
        (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * (std::f64::consts::TAU * rng.random::<f64>()).cos()
    }

    /// The model's and the rule's squared errors, correlated `0.9`, the model's larger by a factor.
    fn losses(factor: f64) -> impl Fn(&mut ChaCha8Rng) -> f64 {
        move |rng| {
            let shared = normal(rng);
            let error = |own: f64| (0.9 * shared + 0.19f64.sqrt() * own).powi(2);
            let (model, rule) = (error(normal(rng)) * factor, error(normal(rng)));
            // Deviation of the difference of two squares of correlation 0.81 and variance 2 each.
            skill_step(model - rule, (4.0f64 * (1.0 - 0.81 * 0.81)).sqrt())
        }
    }

    /// Means of 200 run lengths of geometric spread are off by 7 %, so a quarter is 3.5 of those deviations.
    #[test]
    fn false_alarms_are_as_rare_and_true_ones_as_soon_as_numpy_says() {
        let golden = golden_json("drift.json");
        let cases =
            |name: &str| -> Vec<[f64; 2]> { serde_json::from_value(golden["run_lengths"][name].clone()).unwrap() };
        let check = |what: &str, own: f64, days: f64| {
            assert!((own / days - 1.0).abs() < 0.25, "{what}: {own} days, numpy has {days}");
        };
        for [share, days] in cases("coverage") {
            check(&format!("coverage {share}"), run_length(COVERAGE_ALARM, 200, hit(share)), days);
        }
        for [factor, days] in cases("skill") {
            check(&format!("skill {factor}"), run_length(SKILL_ALARM, 200, losses(factor)), days);
        }
    }

    #[test]
    fn an_alarm_ends_when_good_days_return() {
        let mut chart = Cusum::new(COVERAGE_ALARM);
        (0..100).for_each(|_| chart.push(coverage_step(false)));
        assert!(chart.is_alarm());
        // From the cap of 9 down to 3 in steps of 0.251.
        (0..23).for_each(|_| chart.push(coverage_step(true)));
        assert!(chart.is_alarm());
        chart.push(coverage_step(true));
        assert!(!chart.is_alarm());
    }
}
