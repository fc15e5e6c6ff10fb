//! Forecasts of the past: what the forecaster would have said on each day, and what it learns from the outcomes.

use std::ops::Range;

use chrono::NaiveDate;
use ndarray::{Array3, ArrayView2, Axis, s};

use super::fitted::Known;
use super::{Adaptation, Forecaster};
use crate::dataset::{Encoding, IndexDays, Logged, Windows};
use crate::error::{Error, Result};
use crate::forecast::{Case, Field, LEVELS, Units};
use crate::market::{Bar, Bars};
use crate::training::CancelFlag;

/// Windows that are forecast before the cancel flag is looked at again: about a tenth of a second.
const BETWEEN_CHECKS: usize = 512;

/// Past forecasts that an adaptation is made from: older outcomes have no weight left.
const REPLAYED: usize = 500;

impl Forecaster {
    /// Forecasts of the past on `bars`, one case a day in order of time, with intervals as they would have been stated
    /// that day: each learned from the outcomes before it.
    ///
    /// Those whose first day lies after `after`, of these the last `most`; days without enough bars before them and
    /// those whose outcome is not complete are left out.
    ///
    /// # Errors
    ///
    /// Those of the encoding, such as [`Error::TooShort`](crate::Error::TooShort); [`Error::Skew`](crate::Error::Skew) where it was
    /// trained when its columns were computed otherwise.
    pub fn past<'a>(&self, bars: &'a Bars, after: Option<NaiveDate>, most: usize) -> Result<Vec<Case<'a>>> {
        self.past_while(bars, after, most, &CancelFlag::default())
    }

    /// [`past`](Self::past) until `cancel` stops it.
    ///
    /// # Errors
    ///
    /// Those of [`past`](Self::past); [`Error::Cancelled`](crate::Error::Cancelled) once the flag is set.
    pub fn past_while<'a>(
        &self,
        bars: &'a Bars,
        after: Option<NaiveDate>,
        most: usize,
        cancel: &CancelFlag,
    ) -> Result<Vec<Case<'a>>> {
        self.about.check_features(&format!("the forecaster of {}", self.about.ticker))?;
        Ok(self.replay(bars, after, most, cancel)?.0)
    }

    /// What it has learned from all outcomes in `bars` since it was calibrated: the state that its next forecast has.
    pub fn adapted(&self, bars: &Bars) -> Result<Adaptation> {
        if self.about.calibration.is_empty() {
            return Ok(Adaptation::default());
        }
        let after = self.about.calibration.last_day;
        Ok(self.replay(bars, after, REPLAYED, &CancelFlag::default())?.1)
    }

    fn replay<'a>(
        &self,
        bars: &'a Bars,
        after: Option<NaiveDate>,
        most: usize,
        cancel: &CancelFlag,
    ) -> Result<(Vec<Case<'a>>, Adaptation)> {
        let start = self.about.calibration.start.clone();
        let (needed, horizon) = (self.needed_bars(), self.horizon());
        let end = (bars.len() + 1).saturating_sub(horizon);
        let after = after.map_or(0, |after| bars.as_slice().partition_point(|bar| bar.date <= after));
        let first = after.max(needed).max(end.saturating_sub(most));
        if first >= end {
            return Ok((Vec::new(), start));
        }
        let mut cases = self.cases_at(bars, first..end, cancel)?;
        let now = self.spread(&mut cases, start);
        Ok((cases, now))
    }

    /// Cases without intervals whose first days are these bars, each of which has enough before it and its outcome after it.
    pub(super) fn cases_at<'a>(
        &self,
        bars: &'a Bars,
        first_days: Range<usize>,
        cancel: &CancelFlag,
    ) -> Result<Vec<Case<'a>>> {
        if first_days.is_empty() {
            return Ok(Vec::new());
        }
        let ordinary = self.about.days.ordinary(bars);
        let rows = self.about.encoding.encode(&ordinary, &self.about.features)?;
        let scaled = self.about.scaler.transform(rows.values.view())?.mapv(|value| value as f32);
        let context = self.about.context;
        let skipped = Encoding::warm_up(&self.about.features);
        let contexts: Vec<_> =
            first_days.clone().map(|day| scaled.slice(s![day - skipped - context..day - skipped, ..])).collect();
        self.cases_of(bars, &ordinary, first_days.start, &contexts, cancel)
    }

    /// Forecasts of the past: one case for each of `windows`, which are windows of `bars`, made
    /// [ordinary](crate::dataset::DayEffects::ordinary) by this forecaster's effects, in its units, and the state after them. Intervals adapt from the calibrated state on.
    pub(crate) fn cases<'a>(
        &self,
        bars: &'a Bars,
        windows: &Windows<'_>,
        cancel: &CancelFlag,
    ) -> Result<Vec<Case<'a>>> {
        Ok(self.cases_and_state(bars, windows, cancel)?.0)
    }

    /// As [`cases`](Self::cases), with the state after them.
    pub(crate) fn cases_and_state<'a>(
        &self,
        bars: &'a Bars,
        windows: &Windows<'_>,
        cancel: &CancelFlag,
    ) -> Result<(Vec<Case<'a>>, Adaptation)> {
        let contexts: Vec<_> = (0..windows.len()).map(|index| windows.context(index)).collect();
        let first = windows.dataset().skipped() + windows.first_target(0);
        let mut cases = self.cases_of(bars, &self.about.days.ordinary(bars), first, &contexts, cancel)?;
        let now = self.spread(&mut cases, self.about.calibration.start.clone());
        Ok((cases, now))
    }

    /// Cases whose first days are bar `first` and those after it; `ordinary` are the same bars without effects of days.
    fn cases_of<'a>(
        &self,
        bars: &'a Bars,
        ordinary: &Bars,
        first: usize,
        contexts: &[ArrayView2<'_, f32>],
        cancel: &CancelFlag,
    ) -> Result<Vec<Case<'a>>> {
        let outputs = self.outputs(contexts, cancel)?;
        let (known_days, index_days) = (bars.days(), self.index_beside(bars).map(|index| IndexDays::of(index)));
        let (logged, ordinary) = (Logged::of(bars.as_slice()), Logged::of(ordinary.as_slice()));
        let case = |(index, outputs): (usize, ArrayView2<'_, f32>)| {
            if index % BETWEEN_CHECKS == 0 {
                cancel.check()?;
            }
            let (history, future) = bars.as_slice().split_at(first + index);
            let actual = &future[..self.horizon()];
            let days: Vec<NaiveDate> = actual.iter().map(|bar: &Bar| bar.date).collect();
            let index_day = history.last().and_then(|bar| index_days.as_ref()?.at(bar.date)).copied();
            let known =
                Known { past: ordinary.whole().first(first + index), index: index_day, days: known_days.clone() };
            let predicted = self.decode(&known, &days, outputs)?;
            let unit = logged.whole().first(first + index).usual().range;
            Ok(Case { history, actual, days: known.days, index: index_day, predicted, unit, ..Case::default() })
        };
        outputs.axis_iter(Axis(0)).enumerate().map(case).collect()
    }

    /// The network's outputs for `contexts`, shape (contexts, horizon, features).
    pub(crate) fn outputs(&self, contexts: &[ArrayView2<'_, f32>], cancel: &CancelFlag) -> Result<Array3<f32>> {
        let mut outputs = self.predict(&[])?;
        for some in contexts.chunks(BETWEEN_CHECKS) {
            cancel.check()?;
            let more = self.predict(some)?;
            outputs.append(Axis(0), more.view()).map_err(|_| Error::shape("outputs", outputs.shape(), more.shape()))?;
        }
        Ok(outputs)
    }

    /// Give `cases`, of days one after the other, their intervals: each from the outcomes that were known on its day.
    fn spread(&self, cases: &mut [Case<'_>], start: Adaptation) -> Adaptation {
        let calibration = &self.about.calibration;
        let mut now = start;
        if calibration.is_empty() {
            return now;
        }
        let horizon = self.horizon();
        let logged = Logged::of(cases.last().map_or(&[][..], |case| case.history));
        for day in 0..cases.len() + horizon {
            for ahead in 0..horizon {
                // The outcome `ahead` of the forecast made that many days before today has come.
                if let Some(case) = (day.checked_sub(ahead + 1)).and_then(|made| cases.get(made)) {
                    learn(&mut now, case, ahead);
                }
            }
            if let Some(case) = cases.get_mut(day) {
                let units = Units::of(logged.past(case.history), &case.predicted);
                case.spreads = calibration.spreads(case.last_close(), &case.predicted, &units, &now);
                case.path = calibration.path(case.last_close(), &case.predicted, &units, &now).unwrap_or_default();
            }
        }
        now
    }
}

/// Learn from the outcome of `case` at horizon `ahead`, from 0.
fn learn(now: &mut Adaptation, case: &Case<'_>, ahead: usize) {
    for field in Field::ALL {
        let (Some(spread), Some(actual)) = (case.spread(field, ahead), case.actual(field, ahead)) else { continue };
        let held = spread.intervals.map(|[low, high]| (low..=high).contains(&actual));
        now.observe(field, ahead, held, LEVELS);
    }
}
