//! `Dataset`: windows over one shared buffer of scaled rows.

use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;
use ndarray::{ArrayView2, Axis};

use super::{Encoding, Part, Rows, Split, SplitConfig, StandardScaler, TrainingRows};
use crate::error::{Error, Result};
use crate::features::FeatureSet;
use crate::market::{Bars, Ticker};

/// What a dataset is made with: columns, encoding, split.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DatasetConfig {
    /// Columns and their order. Default: the contract's seven.
    pub features: FeatureSet,
    /// Bars to rows. Default: stationary.
    pub encoding: Encoding,
    /// Context, horizon and how the history is split.
    pub split: SplitConfig,
}

impl DatasetConfig {
    /// So many bars are enough to keep all parts but the test. By rounding up to eight fewer may be enough too.
    pub fn parent_bars(&self) -> usize {
        let held_out = self.split.min_windows + self.split.horizon - 1;
        Encoding::warm_up(&self.features) + 9 * held_out.max((self.split.context + held_out).div_ceil(7))
    }

    fn rows_and_split(&self, bars: &Bars) -> Result<(Rows, Split)> {
        let needed = Encoding::warm_up(&self.features) + self.split.context + self.split.horizon;
        if bars.len() < needed {
            let what = format!("training on {}", bars.ticker());
            return Err(Error::TooShort { what, needed, got: bars.len() });
        }
        let rows = self.encoding.encode(bars, &self.features)?;
        let split = Split::plan(bars.ticker().as_str(), &rows.days, &self.split)?;
        Ok((rows, split))
    }
}

/// The samples of one ticker: windows of context (context, features) with targets (horizon, features), split by date.
///
/// All windows are views of one buffer of scaled rows in f32, so that n rows take n x features x 4 bytes and not
/// context times that. A clone shares the buffer.
///
/// # Example
///
/// ```
/// use stockops_core::dataset::{Dataset, DatasetConfig, Part};
/// use stockops_core::source::builtin_bars;
///
/// let bars = builtin_bars(&"IBM".parse()?)?.bars;
/// let dataset = Dataset::new(&bars, &DatasetConfig::default())?;
/// let train = dataset.windows(Part::Train);
/// assert_eq!(train.context(0).dim(), (60, 7));
/// assert_eq!(train.target(0).dim(), (5, 7));
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Dataset {
    ticker: Ticker,
    config: DatasetConfig,
    days: Arc<[NaiveDate]>,
    /// Scaled rows, row after row.
    buffer: Arc<[f32]>,
    scaler: StandardScaler,
    split: Split,
    skipped: usize,
}

impl Dataset {
    /// Encode, split by date, fit the scaler on the training rows, scale all rows.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] below the bars that one window takes (78 by default); as [`Encoding::encode`] and
    /// [`Split::plan`].
    pub fn new(bars: &Bars, config: &DatasetConfig) -> Result<Self> {
        let (rows, split) = config.rows_and_split(bars)?;
        let scaler = StandardScaler::fit(&[split.training_rows(&rows)])?;
        Self::scaled(bars.ticker(), config, &rows, scaler, split)
    }

    /// As [`new`](Self::new), with a scaler that was fitted before: a child in the units of its parent.
    pub fn with_scaler(bars: &Bars, config: &DatasetConfig, scaler: StandardScaler) -> Result<Self> {
        let (rows, split) = config.rows_and_split(bars)?;
        Self::scaled(bars.ticker(), config, &rows, scaler, split)
    }

    /// Several tickers for one parent: the borders in time are those of the first, one scaler is fitted on the training
    /// rows of all.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new); [`Error::TooShort`] without any ticker.
    pub fn pooled(all: &[Bars], config: &DatasetConfig) -> Result<Vec<Self>> {
        let rows = all.iter().map(|bars| config.encoding.encode(bars, &config.features)).collect::<Result<Vec<_>>>()?;
        let (Some(first), Some(name)) = (rows.first(), all.first().map(Bars::ticker)) else {
            return Err(Error::TooShort { what: "a pooled dataset".into(), needed: 1, got: 0 });
        };
        let own = Split::plan(name.as_str(), &first.days, &config.split)?;
        let splits: Vec<_> = rows.iter().map(|rows| own.like(&first.days, &rows.days)).collect();
        let training: Vec<_> = rows.iter().zip(&splits).map(|(rows, split)| split.training_rows(rows)).collect();
        let scaler = StandardScaler::fit(&training)?;
        let made = all.iter().zip(&rows).zip(splits);
        made.map(|((bars, rows), split)| Self::scaled(bars.ticker(), config, rows, scaler.clone(), split)).collect()
    }

    fn scaled(
        ticker: &Ticker,
        config: &DatasetConfig,
        rows: &Rows,
        scaler: StandardScaler,
        split: Split,
    ) -> Result<Self> {
        let buffer = scaler.transform(rows.values.view())?.iter().map(|value| *value as f32).collect();
        let days = rows.days.clone().into();
        Ok(Self { ticker: ticker.clone(), config: config.clone(), days, buffer, scaler, split, skipped: rows.skipped })
    }

    /// Whose samples.
    pub fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    /// What it was made with.
    pub fn config(&self) -> &DatasetConfig {
        &self.config
    }

    /// The scaler, fitted on training rows.
    pub fn scaler(&self) -> &StandardScaler {
        &self.scaler
    }

    /// Which rows belong to which part.
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// Day of each row.
    pub fn days(&self) -> &[NaiveDate] {
        &self.days
    }

    /// Bars before the first row, lost to the warm-up of the indicators.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Scaled rows, shape (rows, features).
    pub fn rows(&self) -> ArrayView2<'_, f32> {
        ArrayView2::from_shape((self.days.len(), self.config.features.len()), &self.buffer)
            .expect("the buffer was made row by row")
    }

    /// Windows of `part`.
    pub fn windows(&self, part: Part) -> Windows<'_> {
        Windows { dataset: self, first_targets: self.split.first_targets(part) }
    }

    /// All windows whose first target lies after `day`, whatever part they belong to; all windows for `None`.
    pub fn windows_after(&self, day: Option<NaiveDate>) -> Windows<'_> {
        let split = &self.config.split;
        let after = day.map_or(0, |day| self.days.partition_point(|own| *own <= day)).max(split.context);
        let end = (self.days.len() + 1).saturating_sub(split.horizon);
        Windows { dataset: self, first_targets: after..end.max(after) }
    }
}

impl Split {
    /// The training rows of `rows`: all that a scaler may see.
    pub fn training_rows<'a>(&self, rows: &'a Rows) -> TrainingRows<'a> {
        let train = self.rows(Part::Train);
        let end = train.end.min(rows.values.nrows());
        TrainingRows::whole(rows.values.view().split_at(Axis(0), end).0)
    }
}

/// Windows of one part of a [`Dataset`], in order of time, as views.
#[derive(Debug, Clone)]
pub struct Windows<'a> {
    dataset: &'a Dataset,
    first_targets: Range<usize>,
}

impl<'a> Windows<'a> {
    /// Number of windows.
    pub fn len(&self) -> usize {
        self.first_targets.len()
    }

    /// Whether the part has none.
    pub fn is_empty(&self) -> bool {
        self.first_targets.is_empty()
    }

    /// The dataset that they view.
    pub fn dataset(&self) -> &'a Dataset {
        self.dataset
    }

    /// Row of the first target of window `index`.
    pub fn first_target(&self, index: usize) -> usize {
        self.first_targets.start + index
    }

    /// What the model sees of window `index`, shape (context, features).
    ///
    /// # Panics
    ///
    /// Where `index` is not below [`len`](Self::len), as of a slice.
    pub fn context(&self, index: usize) -> ArrayView2<'a, f32> {
        let first = self.checked(index);
        self.view(first - self.dataset.config.split.context..first)
    }

    /// What it is to predict, shape (horizon, features).
    ///
    /// # Panics
    ///
    /// Where `index` is not below [`len`](Self::len), as of a slice.
    pub fn target(&self, index: usize) -> ArrayView2<'a, f32> {
        let first = self.checked(index);
        self.view(first..first + self.dataset.config.split.horizon)
    }

    fn checked(&self, index: usize) -> usize {
        assert!(index < self.len(), "window {index} of {}", self.len());
        self.first_target(index)
    }

    fn view(&self, rows: Range<usize>) -> ArrayView2<'a, f32> {
        let width = self.dataset.config.features.len();
        ArrayView2::from_shape((rows.len(), width), &self.dataset.buffer[rows.start * width..rows.end * width])
            .expect("rows of a window lie one after the other")
    }
}

#[cfg(test)]
mod tests {
    use ndarray::s;

    use super::*;
    use crate::market::Bar;
    use crate::testing::day;

    /// Bars that look like chance; from `changed` on they are other ones.
    fn bars(count: usize, changed: usize) -> Bars {
        let noise = |i: usize| ((i as f64 * 12.9898).sin() * 43758.5453).fract();
        let bar = |i: usize| {
            let other = if i < changed { 0.0 } else { 3.0 };
            let close = 100.0 * (0.02 * (noise(i) + other)).exp();
            let (high, low) = (close * (1.01 + 0.01 * noise(i + 999).abs()), close * 0.99);
            Bar { date: day(i as u64), open: close, high, low, close, volume: 1e6 * (noise(i + 5000) + other).exp() }
        };
        Bars::new(Ticker::new("SIM").unwrap(), (0..count).map(bar).collect()).unwrap()
    }

    fn dataset(bars: &Bars) -> Dataset {
        Dataset::new(bars, &DatasetConfig::default()).unwrap()
    }

    #[test]
    fn a_window_is_the_rows_before_its_first_target_and_those_from_it_on() {
        let dataset = dataset(&bars(1013, usize::MAX));
        assert_eq!((dataset.skipped(), dataset.days().len(), dataset.rows().dim()), (13, 1000, (1000, 7)));
        let mut first_target = 60;
        for part in Part::ALL {
            let windows = dataset.windows(part);
            first_target = first_target.max(dataset.split().rows(part).start);
            assert_eq!((windows.is_empty(), windows.first_target(2)), (false, first_target + 2));
            let last = windows.len() - 1;
            for index in [0, 7, last] {
                let first = windows.first_target(index);
                assert_eq!(windows.context(index), dataset.rows().slice(s![first - 60..first, ..]));
                assert_eq!(windows.target(index), dataset.rows().slice(s![first..first + 5, ..]));
            }
            assert_eq!(windows.first_target(last) + 5, dataset.split().rows(part).end);
        }
        assert!(std::panic::catch_unwind(|| dataset.windows(Part::Test).context(96).dim()).is_err());
    }

    #[test]
    fn windows_after_a_day_begin_with_the_next_and_end_with_the_last_complete_one() {
        let dataset = dataset(&bars(513, usize::MAX));
        let span = |day: Option<NaiveDate>| {
            let windows = dataset.windows_after(day);
            (windows.first_target(0), windows.len())
        };
        assert_eq!(span(None), (60, 436));
        assert_eq!(span(Some(dataset.days()[99])), (100, 396));
        assert_eq!(span(Some(dataset.days()[494])), (495, 1));
        assert!(dataset.windows_after(Some(dataset.days()[495])).is_empty());
    }

    /// The scaler is given all rows; those after the training part must not move it.
    #[test]
    fn bars_after_the_training_part_move_no_scaler_and_no_row_before_them() {
        // Of 1,000 rows the first 700 train, and row 0 stands on bar 13.
        let (own, other) = (dataset(&bars(1013, usize::MAX)), dataset(&bars(1013, 713)));
        assert_eq!(own.scaler(), other.scaler());
        assert_eq!(own.rows().slice(s![..700, ..]), other.rows().slice(s![..700, ..]));
        assert_ne!(own.rows().slice(s![700.., ..]), other.rows().slice(s![700.., ..]));
        let earlier = dataset(&bars(1013, 712));
        assert_ne!(own.scaler(), earlier.scaler(), "the last training row counts");
    }

    #[test]
    fn a_pool_has_one_scaler_over_the_training_rows_of_all() {
        let (one, two) = (bars(1013, usize::MAX), bars(1013, 300));
        let pool = Dataset::pooled(&[one.clone(), two], &DatasetConfig::default()).unwrap();
        assert_eq!(pool[0].scaler(), pool[1].scaler());
        assert_ne!(pool[0].scaler(), dataset(&one).scaler());
        let same = Dataset::with_scaler(&one, &DatasetConfig::default(), pool[1].scaler().clone()).unwrap();
        assert_eq!(same.rows(), pool[0].rows());
        let text = Dataset::pooled(&[], &DatasetConfig::default()).unwrap_err().to_string();
        assert!(text.starts_with("a pooled dataset needs at least 1 bars, got 0"), "{text}");
    }

    #[test]
    fn the_bars_that_a_parent_asks_for_keep_all_parts_but_the_test() {
        for horizon in [1, 5, 21] {
            let split = SplitConfig { horizon, ..SplitConfig::default() };
            let config = DatasetConfig { split, ..DatasetConfig::default() };
            let given_up = |count: usize| {
                let dataset = Dataset::new(&bars(count, usize::MAX), &config).unwrap();
                dataset.split().given_up()
            };
            let enough = config.parent_bars();
            assert_eq!(given_up(enough), [Part::Test], "{horizon}");
            assert!(given_up(enough - 9).contains(&Part::Calibration), "{horizon}");
        }
    }

    #[test]
    fn too_few_bars_for_one_window_are_refused() {
        let needed = |count: usize| Dataset::new(&bars(count, usize::MAX), &DatasetConfig::default());
        assert!(needed(78).is_ok());
        let text = needed(77).unwrap_err().to_string();
        assert_eq!(text, "training on SIM needs at least 78 bars, got 77; give a longer history");
    }
}
