//! `Split`: which rows train, validate, calibrate and test, by date.

use std::ops::Range;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, check};

/// A part of the history, oldest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// Weights and scaler learn from it.
    Train,
    /// Epochs and rules are chosen on it.
    Validation,
    /// Intervals are calibrated on it.
    Calibration,
    /// Nothing is learned from it: skill is reported on it.
    Test,
}

impl Part {
    /// All parts, oldest first.
    pub const ALL: [Self; 4] = [Self::Train, Self::Validation, Self::Calibration, Self::Test];
}

/// How a history is split.
///
/// | field | default | meaning |
/// | --- | --- | --- |
/// | `context` | 60 | rows that the model sees |
/// | `horizon` | 5 | rows that it predicts |
/// | `to` | none | last day that training, validation and calibration may see; later rows are the test |
/// | `parent_last_day` | none | last day that the parent saw; the test begins after it |
/// | `allow_parent_leak` | no | test on days that the parent saw, and say so |
/// | `min_windows` | 20 | fewest windows that make a held-out part worth having |
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitConfig {
    /// Rows that the model sees; at least 1.
    pub context: usize,
    /// Rows that it predicts; at least 1.
    pub horizon: usize,
    /// Last day that training, validation and calibration may see.
    pub to: Option<NaiveDate>,
    /// Last day that the parent saw.
    pub parent_last_day: Option<NaiveDate>,
    /// Test on days that the parent saw.
    pub allow_parent_leak: bool,
    /// Fewest windows of a held-out part; at least 1.
    pub min_windows: usize,
}

impl Default for SplitConfig {
    fn default() -> Self {
        Self { context: 60, horizon: 5, to: None, parent_last_day: None, allow_parent_leak: false, min_windows: 20 }
    }
}

/// Fewest test days after the parent's last day.
const MIN_TEST_DAYS_AFTER_PARENT: usize = 60;

/// The rows of each part, by date.
///
/// Of the rows after indicators, 70 % train, 10 % validate, 10 % calibrate and 10 % test. A window belongs to the part
/// of its first target day, and windows whose targets cross a border do not exist; context rows may lie before a border,
/// since they are known then. A history too short for all parts gives up test, then calibration, then validation.
///
/// # Example
///
/// ```
/// use chrono::{Days, NaiveDate};
/// use stockops_core::dataset::{Part, Split, SplitConfig};
///
/// let first = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
/// let days: Vec<_> = (0..1000).map(|i| first + Days::new(i)).collect();
/// let split = Split::plan("GOOG", &days, &SplitConfig::default())?;
/// assert_eq!(split.rows(Part::Train), 0..700);
/// assert_eq!(split.first_targets(Part::Train), 60..696); // 60 rows of context before, 5 of target from there
/// assert_eq!(split.first_targets(Part::Test), 900..996);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Split {
    context: usize,
    horizon: usize,
    /// End row of training, validation and calibration.
    ends: [usize; 3],
    /// The test begins there; rows between the calibration and it belong to no part.
    test: Range<usize>,
    /// Last day that training, validation and calibration may see, where one was named.
    to: Option<NaiveDate>,
    leaked: bool,
}

impl Split {
    /// Split rows that stand on `days`, ascending.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] with fewer than `context + horizon` rows to learn from; [`Error::Leak`] where the parent's
    /// last day leaves fewer than 60 test days; [`Error::Config`] for settings outside their range.
    pub fn plan(name: &str, days: &[NaiveDate], config: &SplitConfig) -> Result<Self> {
        check(config.context >= 1, "context", "at least 1", config.context)?;
        check(config.horizon >= 1, "horizon", "at least 1", config.horizon)?;
        check(config.min_windows >= 1, "min_windows", "at least 1", config.min_windows)?;
        let natural = match config.to {
            Some(to) => days.partition_point(|day| *day <= to),
            None => days.len() * 9 / 10,
        };
        let (test_from, leaked) = after_parent(name, days, natural, config)?;
        // Without a last day of its own a child may learn from all that lies before its test.
        let known = if config.to.is_some() { natural } else { test_from };
        let test = test_from..days.len();
        let SplitConfig { context, horizon, to, .. } = *config;
        let split = Self { context, horizon, ends: [known; 3], test, to, leaked };
        let split = split.with_parts(config);
        let needed = config.context + config.horizon;
        let rows = split.ends[Part::Train as usize];
        if rows < needed {
            let until = config.to.map(|to| format!(", up to {to}")).unwrap_or_default();
            let what = format!("training {name} (rows after indicators{until})");
            return Err(Error::TooShort { what, needed, got: rows });
        }
        Ok(split)
    }

    /// Split `days` of another series at the border days of this one (`own`), so that pooled series share them.
    ///
    /// The last day that may be seen holds for every series, wherever the bars of this one end.
    pub fn like(&self, own: &[NaiveDate], days: &[NaiveDate]) -> Self {
        let seen = self.to.map(|to| days.partition_point(|day| *day <= to));
        let same_border =
            |end: usize| own.get(end).map_or(days.len(), |border| days.partition_point(|day| day < border));
        let known = |end: usize| same_border(end).min(seen.unwrap_or(days.len()));
        let test = same_border(self.test.start).max(seen.unwrap_or(0))..days.len();
        Self { ends: self.ends.map(known), test, ..self.clone() }
    }

    /// Rows of `part`.
    pub fn rows(&self, part: Part) -> Range<usize> {
        match part {
            Part::Train => 0..self.ends[0],
            Part::Validation => self.ends[0]..self.ends[1],
            Part::Calibration => self.ends[1]..self.ends[2],
            Part::Test => self.test.clone(),
        }
    }

    /// First target rows of the windows of `part`: one window each.
    pub fn first_targets(&self, part: Part) -> Range<usize> {
        let rows = self.rows(part);
        let start = rows.start.max(self.context);
        start..(rows.end + 1).saturating_sub(self.horizon).max(start)
    }

    /// Parts that the history was too short for.
    pub fn given_up(&self) -> Vec<Part> {
        Part::ALL.into_iter().filter(|part| self.first_targets(*part).is_empty()).collect()
    }

    /// Whether the test holds days that the parent saw.
    pub fn leaked(&self) -> bool {
        self.leaked && !self.first_targets(Part::Test).is_empty()
    }

    /// Rows that training, validation or calibration may see.
    pub fn known_rows(&self) -> usize {
        self.ends[Part::Calibration as usize]
    }

    /// Give up test, then calibration, then validation, until each part that is kept has enough windows.
    fn with_parts(&self, config: &SplitConfig) -> Self {
        let cut = |known: usize, test: Range<usize>, train: usize, validate: usize, of: usize| Self {
            ends: [known * train / of, known * (train + validate) / of, known],
            test,
            ..self.clone()
        };
        let enough = |split: &Self, parts: &[Part]| {
            parts.iter().all(|part| split.first_targets(*part).len() >= config.min_windows)
        };
        use Part::{Calibration, Test, Train, Validation};
        let (known, test) = (self.known_rows(), self.test.clone());
        let full = cut(known, test.clone(), 7, 1, 9);
        // A test that the caller asked for by date stays, however small.
        let asked = config.to.is_some();
        if enough(&full, &[Train, Validation, Calibration]) && (asked || enough(&full, &[Test])) {
            return full;
        }
        let (known, test) = if asked { (known, test) } else { (test.end, test.end..test.end) };
        let untested = cut(known, test.clone(), 7, 1, 9);
        if enough(&untested, &[Train, Validation, Calibration]) {
            return untested;
        }
        let uncalibrated = cut(known, test.clone(), 7, 1, 8);
        if enough(&uncalibrated, &[Train, Validation]) { uncalibrated } else { cut(known, test, 1, 0, 1) }
    }
}

/// Where the test begins, given what the parent saw, and whether it holds such days all the same.
fn after_parent(name: &str, days: &[NaiveDate], natural: usize, config: &SplitConfig) -> Result<(usize, bool)> {
    let Some(parent_last_day) = config.parent_last_day else { return Ok((natural, false)) };
    let clean = days.partition_point(|day| *day <= parent_last_day);
    if clean <= natural {
        return Ok((natural, false));
    }
    let left = days.len() - clean;
    if left >= MIN_TEST_DAYS_AFTER_PARENT {
        return Ok((clean, false));
    }
    if config.allow_parent_leak {
        return Ok((natural, true));
    }
    Err(Error::Leak { ticker: name.to_string(), parent_last_day, days: left, needed: MIN_TEST_DAYS_AFTER_PARENT })
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Days;
    use proptest::prelude::*;

    fn days(count: usize) -> Vec<NaiveDate> {
        let first = NaiveDate::from_ymd_opt(2015, 1, 1).unwrap();
        (0..count as u64).map(|i| first + Days::new(i)).collect()
    }

    fn plan(count: usize, config: &SplitConfig) -> Result<Split> {
        Split::plan("GOOG", &days(count), config)
    }

    #[test]
    fn short_histories_give_up_test_then_calibration_then_validation() {
        let given_up = |rows| plan(rows, &SplitConfig::default()).unwrap().given_up();
        use Part::{Calibration, Test, Validation};
        assert_eq!(given_up(1000), []);
        assert_eq!(given_up(230), [Test]);
        assert_eq!(given_up(200), [Calibration, Test]);
        assert_eq!(given_up(87), [Validation, Calibration, Test]);
        assert_eq!(plan(65, &SplitConfig::default()).unwrap().first_targets(Part::Train), 60..61);
    }

    #[test]
    fn settings_of_0_are_refused_and_of_1_are_not() {
        let one = SplitConfig { context: 1, horizon: 1, min_windows: 1, ..SplitConfig::default() };
        assert!(plan(100, &one).is_ok());
        for (config, word) in [
            (SplitConfig { context: 0, ..one.clone() }, "context"),
            (SplitConfig { horizon: 0, ..one.clone() }, "horizon"),
            (SplitConfig { min_windows: 0, ..one }, "min_windows"),
        ] {
            assert_eq!(plan(100, &config).unwrap_err().to_string(), format!("`{word}` must be at least 1, got 0"));
        }
    }

    #[test]
    fn sixty_four_rows_are_too_short() {
        let text = plan(64, &SplitConfig::default()).unwrap_err().to_string();
        assert_eq!(text, "training GOOG (rows after indicators) needs at least 65 bars, got 64; give a longer history");
    }

    #[test]
    fn to_is_the_last_day_that_is_known() {
        let config = SplitConfig { to: Some(days(801)[799]), ..SplitConfig::default() };
        let split = plan(1000, &config).unwrap();
        assert_eq!(split.rows(Part::Test), 800..1000);
        assert_eq!(split.known_rows(), 800);
    }

    #[test]
    fn the_test_begins_after_the_parent_or_is_refused() {
        let after = |row: usize| SplitConfig { parent_last_day: Some(days(1000)[row]), ..SplitConfig::default() };
        assert_eq!(plan(1000, &after(500)).unwrap().rows(Part::Test), 900..1000);
        assert_eq!(plan(1000, &after(930)).unwrap().rows(Part::Test), 931..1000);
        assert_eq!(plan(1000, &after(939)).unwrap().rows(Part::Test), 940..1000, "60 days are enough");
        let text = plan(1000, &after(940)).unwrap_err().to_string();
        assert!(text.starts_with("GOOG: the parent saw days up to 2017-07-29, which leaves 59 test days"), "{text}");
        let leak = SplitConfig { allow_parent_leak: true, ..after(940) };
        let split = plan(1000, &leak).unwrap();
        assert!(split.leaked() && !plan(1000, &after(939)).unwrap().leaked());
        assert_eq!(split.rows(Part::Test), 900..1000);
    }

    #[test]
    fn rows_between_the_last_known_day_and_the_parents_belong_to_no_part() {
        let day = |row: usize| Some(days(1000)[row]);
        let config = SplitConfig { to: day(599), parent_last_day: day(799), ..SplitConfig::default() };
        let split = plan(1000, &config).unwrap();
        assert_eq!((split.known_rows(), split.rows(Part::Test)), (600, 800..1000));
        let text = plan(1000, &SplitConfig { to: day(50), ..config }).unwrap_err().to_string();
        assert!(
            text.starts_with("training GOOG (rows after indicators, up to 2015-02-20) needs at least 65 bars, got 51")
        );
    }

    #[test]
    fn pooled_series_share_the_border_days() {
        let own = days(1000);
        let split = plan(1000, &SplitConfig::default()).unwrap();
        let other = split.like(&own, &own[300..950]);
        assert_eq!(other.rows(Part::Train), 0..400);
        assert_eq!(other.rows(Part::Test), 600..650);
    }

    #[test]
    fn the_last_day_that_may_be_seen_holds_for_every_pooled_series() {
        let all = days(1000);
        let to = SplitConfig { to: Some(all[699]), ..SplitConfig::default() };
        // The first series ends before that day, on it, and begins again long after it.
        let gap: Vec<NaiveDate> = all[..500].iter().chain(&all[900..]).copied().collect();
        for own in [&all[..500], &all[..700], &gap] {
            let other = Split::plan("GOOG", own, &to).unwrap().like(own, &all);
            assert_eq!((other.known_rows(), other.rows(Part::Test).end), (700, 1000));
            assert!(other.rows(Part::Test).start >= 700, "{:?}", other.rows(Part::Test));
        }
    }

    proptest! {
        #[test]
        fn no_target_lies_in_another_part(rows in 65usize..1500, context in 1usize..61, horizon in 1usize..6) {
            let config = SplitConfig { context, horizon, ..SplitConfig::default() };
            let split = plan(rows, &config).unwrap();
            let mut end = 0;
            for part in Part::ALL {
                let own = split.rows(part);
                prop_assert!(own.start == end);
                end = own.end;
                for first in split.first_targets(part) {
                    prop_assert!(first >= context && own.contains(&first) && first + horizon <= own.end);
                }
            }
            prop_assert_eq!(end, rows);
        }
    }
}
