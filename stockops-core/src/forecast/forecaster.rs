//! `Forecaster`: everything that a forecast needs, fitted, in one value.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use ndarray::{Array3, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

use super::output::{Forecast, IntervalDay, PastClose, Predictions};
use super::{Calibration, LEVELS};
use crate::dataset::{Encoding, Part, StandardScaler, Windows, log_range, usual_range};
use crate::error::{Error, Result};
use crate::drift::Reference;
use crate::evaluation::{Case, Evaluation, Field};
use crate::features::FeatureSet;
use crate::market::{Bar, Bars, Calendar, Ticker};
use crate::model::{LSTMModel, Predictor};
use crate::training::TrainConfig;

/// What a forecaster knows about itself: the metadata of its bundle, without any clock time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Version of this layout.
    pub format: u32,
    /// Whose forecaster; the first of several for a pooled parent.
    pub ticker: Ticker,
    /// All tickers that it was trained on.
    pub trained_on: Vec<Ticker>,
    /// `parent`, `freeze`, `fine_tune`, `zero_shot` or `scratch`.
    pub strategy: String,
    /// The parent that it comes from.
    pub parent: Option<ParentRef>,
    /// Columns and their order.
    pub features: FeatureSet,
    /// Bars to rows.
    pub encoding: Encoding,
    /// Scaling, from training rows alone.
    pub scaler: StandardScaler,
    /// Rows that the model sees.
    pub context: usize,
    /// Dropout that it was trained with.
    pub dropout: f64,
    /// Half-widths of intervals.
    pub calibration: Calibration,
    /// Skill on held-out days.
    pub evaluation: Evaluation,
    /// First day of its bars.
    pub first_day: NaiveDate,
    /// Last day that it or its parent saw in training, validation or calibration.
    pub last_seen_day: NaiveDate,
    /// What is usual for its bars, for the drift monitor; none where its history is too short and its parent has none.
    #[serde(default)]
    pub reference: Option<Reference>,
    /// Windows that trained it.
    pub training_windows: usize,
    /// Parts that the history was too short for.
    pub given_up: Vec<Part>,
    /// Whether its test holds days that its parent saw.
    pub leaked: bool,
    /// SHA-256 of its bars.
    pub data_sha256: String,
    /// Settings of the training; none for zero-shot.
    pub training: Option<TrainConfig>,
    /// Epoch whose weights were kept; 0 for the weights before training.
    pub best_epoch: usize,
    /// Version of this crate.
    pub stockops: String,
}

/// The parent of a child.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParentRef {
    /// Such as `^GSPC@3`; version 0 is the parent that ships with the crate.
    pub version: String,
    /// SHA-256 of its bundle.
    pub sha256: String,
    /// Last day that it saw.
    pub last_seen_day: NaiveDate,
}

/// Fewest bars of history in a forecast's JSON.
const HISTORY_DAYS: usize = 30;

/// A trained network with all that turns bars into a forecast: the value that is saved, loaded and served.
///
/// # Example
///
/// ```
/// use stockops_core::Device;
/// use stockops_core::pipeline::shipped_parent;
/// use stockops_core::source::builtin_bars;
///
/// let index = builtin_bars(&"^GSPC".parse()?)?.bars;
/// let forecast = shipped_parent(Device::Cpu)?.forecast(&index)?;
/// assert_eq!(forecast.predictions.full_forecast.len(), 5);
/// assert!(forecast.intervals["90"][4].close[0] < forecast.intervals["90"][4].close[1]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Forecaster {
    pub(super) model: LSTMModel,
    /// The same network, made ready once.
    predictor: Arc<Predictor>,
    pub(super) about: About,
}

impl Forecaster {
    /// Put a trained network and what is known about it together.
    ///
    /// [`Error::Shape`] where they do not fit each other.
    pub fn new(model: LSTMModel, about: About) -> Result<Self> {
        let (width, columns) = (model.config().features, about.features.len());
        if width != columns || about.scaler.columns() != columns {
            return Err(Error::shape(
                "features of a forecaster",
                &[columns, columns],
                &[width, about.scaler.columns()],
            ));
        }
        let about = About { dropout: model.config().dropout, ..about };
        let predictor = Arc::new(model.predictor()?);
        Ok(Self { model, predictor, about })
    }

    /// What is known about it.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The network.
    pub fn model(&self) -> &LSTMModel {
        &self.model
    }

    /// The same forecaster, judged or calibrated: the network stays.
    pub(crate) fn with_about(&self, about: About) -> Self {
        Self { about, ..self.clone() }
    }

    /// Predictions in scaled rows, shape (batch, horizon, features).
    pub(crate) fn predict(&self, windows: &[ArrayView2<'_, f32>]) -> Result<Array3<f32>> {
        self.predictor.predict(windows)
    }

    /// Sessions that it forecasts.
    pub fn horizon(&self) -> usize {
        self.model.config().horizon
    }

    /// Fewest bars that it can forecast from: warm-up and context, 73 by default.
    pub fn needed_bars(&self) -> usize {
        Encoding::warm_up(&self.about.features) + self.about.context
    }

    /// Forecast the sessions after the last of `bars`.
    ///
    /// # Errors
    ///
    /// [`Error::TooShort`] with fewer than [`needed_bars`](Self::needed_bars).
    pub fn forecast(&self, bars: &Bars) -> Result<Forecast> {
        let (needed, got) = (self.needed_bars(), bars.len());
        let Some(last) = bars.as_slice().last().filter(|_| got >= needed) else {
            return Err(Error::TooShort { what: format!("a forecast of {}", bars.ticker()), needed, got });
        };
        let sessions = Calendar::of(bars.ticker()).next_sessions(last.date, self.horizon());
        let days: Vec<NaiveDate> = sessions.iter().map(|session| session.date).collect();
        let predicted = self.next_bars(bars, &days)?;
        let history = &bars.as_slice()[got.saturating_sub(HISTORY_DAYS)..];
        let mut notes = self.notes(bars.ticker());
        if last.date <= self.about.last_seen_day {
            let seen = self.about.last_seen_day;
            notes.push(format!("the model saw days up to {seen}, these among them: this forecast is no test of it"));
        }
        if sessions.iter().any(|session| session.assumed) {
            notes.push("holidays of these days are not known to the calendar; plain weekdays are assumed".into());
        }
        Ok(Forecast {
            ticker: bars.ticker().clone(),
            last_date: last.date,
            last_price: last.close,
            future_window_days: days.len(),
            next_business_days: days,
            predictions: Predictions::of(&predicted),
            history: history.iter().map(|bar| PastClose { date: bar.date, close: bar.close }).collect(),
            intervals: self.intervals(bars.as_slice(), &predicted),
            skill: self.about.evaluation.skill.clone(),
            model_version: None,
            strategy: self.about.strategy.clone(),
            notes,
        })
    }

    /// The bars of `days`, decoded from the last close.
    fn next_bars(&self, bars: &Bars, days: &[NaiveDate]) -> Result<Vec<Bar>> {
        let rows = self.about.encoding.encode(bars, &self.about.features)?;
        let scaled = self.about.scaler.transform(rows.values.view())?.mapv(|value| value as f32);
        let window = scaled.slice(s![scaled.nrows() - self.about.context.., ..]);
        let outputs = self.predictor.predict(&[window])?;
        self.decode(bars.as_slice(), days, outputs.index_axis(Axis(0), 0))
    }

    fn decode(&self, known: &[Bar], days: &[NaiveDate], outputs: ArrayView2<'_, f32>) -> Result<Vec<Bar>> {
        let rows = self.about.scaler.inverse(outputs.mapv(f64::from).view())?;
        self.about.encoding.decode(known, &self.about.features, days, rows.view())
    }

    /// Forecasts of the past: one case for each of `windows`, which are windows of `bars` in this forecaster's units.
    pub(crate) fn cases<'a>(&self, bars: &'a Bars, windows: &Windows<'_>) -> Result<Vec<Case<'a>>> {
        let contexts: Vec<_> = (0..windows.len()).map(|index| windows.context(index)).collect();
        let outputs = self.predictor.predict(&contexts)?;
        let skipped = windows.dataset().skipped();
        let case = |(index, outputs): (usize, ArrayView2<'_, f32>)| {
            let origin = skipped + windows.first_target(index);
            let (known, future) = bars.as_slice().split_at(origin);
            let actual = &future[..self.horizon()];
            let days: Vec<NaiveDate> = actual.iter().map(|bar| bar.date).collect();
            let predicted = self.decode(known, &days, outputs)?;
            Ok(Case { known, actual, predicted, unit: usual_range(known), spreads: BTreeMap::new() })
        };
        outputs.axis_iter(Axis(0)).enumerate().map(case).collect()
    }

    /// None where nothing was calibrated.
    fn intervals(&self, known: &[Bar], predicted: &[Bar]) -> BTreeMap<String, Vec<IntervalDay>> {
        if self.about.calibration.forecasts == 0 {
            return BTreeMap::new();
        }
        let unit = usual_range(known);
        let of_level = |level: usize| {
            let days = predicted.iter().enumerate().map(|(horizon, bar)| self.interval(bar, horizon, level, unit));
            (format!("{:.0}", LEVELS[level] * 100.0), days.collect())
        };
        (0..LEVELS.len()).map(of_level).collect()
    }

    fn interval(&self, bar: &Bar, horizon: usize, level: usize, unit: f64) -> IntervalDay {
        let around = |field: Field, value: f64| {
            let width = self.about.calibration.half_widths(field, horizon, unit)[level];
            [value * (-width).exp(), value * width.exp()]
        };
        let [open, close] = [around(Field::Open, bar.open), around(Field::Close, bar.close)];
        let [mut high, mut low] = [around(Field::High, bar.high), around(Field::Low, bar.low)];
        // Each field is calibrated alone; what open and close may reach, high and low may too.
        high[1] = high[1].max(open[1]).max(close[1]);
        low[0] = low[0].min(open[0]).min(close[0]);
        IntervalDay {
            date: bar.date,
            open,
            high,
            low,
            close,
            volume: around(Field::Volume, bar.volume),
            range: around(Field::Range, log_range(bar)),
        }
    }

    fn notes(&self, ticker: &Ticker) -> Vec<String> {
        let about = &self.about;
        let mut notes = vec![about.evaluation.note.clone()];
        if let (Some(first), Some(last)) = (about.evaluation.first_day, about.evaluation.last_day) {
            notes[0] += &format!(" ({} forecasts of {first} to {last})", about.evaluation.forecasts);
        }
        if *ticker != about.ticker {
            notes.push(format!(
                "made by the forecaster of {}: its skill and calibration are not {ticker}'s",
                about.ticker
            ));
        }
        let from = &about.calibration.source;
        if about.calibration.forecasts == 0 {
            notes.push("no intervals are stated: the history is too short to calibrate them".into());
        } else if from != about.ticker.as_str() {
            notes.push(format!("intervals of prices are calibrated on {from}, scaled by the volatility of {ticker}"));
            notes
                .push(format!("intervals of volume and range are those of {from}, and likely too narrow for {ticker}"));
        }
        notes
    }
}
