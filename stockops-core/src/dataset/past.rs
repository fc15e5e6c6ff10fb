//! `Past`: bars beside the logs of their ranges and volumes. Many forecasts look back at the same bars, whose logs are taken once.

use std::borrow::Cow;

use crate::market::Bar;

/// Sessions whose mean is what is usual: a month of trading. Range and volume are measured against it, by the encoding, by
/// units of errors, by the rule `mean_20` and by the tests of drift.
pub const USUAL_DAYS: usize = 20;

/// Least log(High/Low) of a day: one of High = Low (a halted or a one-price day) counts as this.
pub(crate) const RANGE_FLOOR: f64 = 2e-4;

/// log(High/Low) of a bar, at least 0.0002.
pub fn log_range(bar: &Bar) -> f64 {
    (bar.high / bar.low).ln().max(RANGE_FLOOR)
}

/// Usual log width of a day after `history`: the unit in which price errors are measured.
///
/// The geometric mean of log(High/Low) over the last 20 bars, each at least 0.0002.
pub fn usual_range(history: &[Bar]) -> f64 {
    Past::of(history).usual().range
}

/// Usual log volume of a day after `history`: the mean over the last 20 bars whose volume is known; `None` where none is.
pub fn usual_log_volume(history: &[Bar]) -> Option<f64> {
    Past::of(history).usual().log_volume
}

/// Logs of one day's range, and of its volume where that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct DayLogs {
    /// Of [`log_range`].
    pub(crate) range: f64,
    pub(crate) volume: Option<f64>,
}

impl DayLogs {
    pub(crate) fn of(bar: &Bar) -> Self {
        Self { range: log_range(bar).ln(), volume: (bar.volume > 0.0).then(|| bar.volume.ln()) }
    }
}

/// What is usual for a series after some day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usual {
    /// Log width of a day; 0.0002 where nothing is known.
    pub(crate) range: f64,
    /// Mean log volume of the days whose volume is known; `None` where none is.
    pub(crate) log_volume: Option<f64>,
}

impl Usual {
    /// From the logs of the last [`USUAL_DAYS`], oldest first: summed in that order, so that the value does not depend on what came before
    /// these days.
    pub(super) fn of(logs: impl Iterator<Item = DayLogs>) -> Self {
        let (mut range, mut volume) = (Mean::default(), Mean::default());
        for day in logs {
            range.add(day.range);
            day.volume.into_iter().for_each(|log| volume.add(log));
        }
        Self { range: range.value().map_or(RANGE_FLOOR, f64::exp), log_volume: volume.value() }
    }
}

#[derive(Default)]
struct Mean {
    sum: f64,
    count: u32,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn value(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum / f64::from(self.count))
    }
}

/// Bars that are known, oldest first, and the logs of each.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Past<'a> {
    bars: &'a [Bar],
    /// One a bar; `None` where each is taken when it is looked at.
    logs: Option<&'a [DayLogs]>,
}

impl<'a> Past<'a> {
    /// `bars` that are looked at once: their logs are taken then.
    pub(crate) fn of(bars: &'a [Bar]) -> Self {
        Self { bars, logs: None }
    }

    /// The bars.
    pub(crate) fn bars(self) -> &'a [Bar] {
        self.bars
    }

    /// How many.
    pub(crate) fn len(self) -> usize {
        self.bars.len()
    }

    /// The first `count` of them.
    pub(crate) fn first(self, count: usize) -> Self {
        Self { bars: &self.bars[..count], logs: self.logs.map(|logs| &logs[..count]) }
    }

    /// The last `count` of them, or all.
    pub(crate) fn last(self, count: usize) -> Self {
        let from = self.bars.len().saturating_sub(count);
        Self { bars: &self.bars[from..], logs: self.logs.map(|logs| &logs[from..]) }
    }

    /// The logs of the bar at `place`; `None` where there is no such bar.
    pub(crate) fn log(self, place: usize) -> Option<DayLogs> {
        match self.logs {
            Some(logs) => logs.get(place).copied(),
            None => self.bars.get(place).map(DayLogs::of),
        }
    }

    /// The logs of all bars, oldest first.
    pub(crate) fn logs(self) -> impl DoubleEndedIterator<Item = DayLogs> + 'a {
        (0..self.bars.len()).filter_map(move |place| self.log(place))
    }

    /// What is usual after these days.
    pub(crate) fn usual(self) -> Usual {
        Usual::of(self.last(USUAL_DAYS).logs())
    }
}

/// The longest of several histories with its logs: the others are its beginnings.
#[derive(Debug)]
pub(crate) struct Logged<'a> {
    bars: Cow<'a, [Bar]>,
    logs: Vec<DayLogs>,
}

impl<'a> Logged<'a> {
    pub(crate) fn of(longest: impl Into<Cow<'a, [Bar]>>) -> Self {
        let bars = longest.into();
        Self { logs: bars.iter().map(DayLogs::of).collect(), bars }
    }

    /// All of it.
    pub(crate) fn whole(&self) -> Past<'_> {
        Past { bars: &self.bars, logs: Some(&self.logs) }
    }

    /// `history` with these logs; that of another series, or of a copy, has logs of its own.
    pub(crate) fn past<'b>(&'b self, history: &'b [Bar]) -> Past<'b> {
        if self.begins_with(history) { self.whole().first(history.len()) } else { Past::of(history) }
    }

    /// Whether `history` is a beginning of these bars, and no copy of one.
    pub(crate) fn begins_with(&self, history: &[Bar]) -> bool {
        std::ptr::eq(self.bars.as_ptr(), history.as_ptr()) && history.len() <= self.bars.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::random_bars;

    proptest! {
        /// Kept logs equal logs that are taken anew, of beginnings and of ends.
        #[test]
        fn logs_that_are_at_hand_change_nothing(bars in random_bars(30..60), count in 0usize..30) {
            let (bars, copy) = (bars.as_slice(), bars.as_slice()[..count].to_vec());
            let logged = Logged::of(bars);
            prop_assert!(logged.begins_with(&bars[..count]) && !logged.begins_with(&bars[1..]));
            prop_assert!(count == 0 || !logged.begins_with(&copy));
            let (kept, anew) = (logged.past(&bars[..count]), Past::of(&copy));
            let all = |past: Past<'_>| past.logs().collect::<Vec<_>>();
            prop_assert_eq!(all(kept), all(anew));
            prop_assert_eq!(all(kept.last(7)), all(anew.last(7)));
            prop_assert_eq!(kept.usual().range.to_bits(), usual_range(&copy).to_bits());
            prop_assert_eq!(kept.usual().log_volume, usual_log_volume(&copy));
            prop_assert_eq!(kept.log(count), None);
        }
    }
}
