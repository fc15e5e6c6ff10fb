//! `Forecaster`: everything that a forecast needs, fitted, in one value.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::NaiveDate;
use ndarray::{Array3, ArrayView2, Axis};

use super::{About, Adaptation};
use crate::dataset::{Encoding, IndexDay, IndexDays, Logged, Past};
use crate::error::{Error, Result};
use crate::forecast::{Field, Forecast, IntervalDay, LEVELS, Outlook, PastClose, Predictions, Spread, Units};
use crate::market::{Bar, Bars, Days, Ticker};
use crate::model::{LSTMModel, Predictor};

/// Days that the [index](IndexDays) on one day is made of, and some.
const INDEX_DAYS: usize = 100;

/// Bars before those that a forecast needs which its averages and its linear rule look back to: what an average of 26 days
/// remembers of the days before them is less than an `f64` can tell.
pub(super) const RUN_UP: usize = 600;

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
/// let friday = forecast.interval(90)?[4];
/// assert!(friday.close[0] < friday.close[1]);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Forecaster {
    pub(super) model: LSTMModel,
    /// The same network, made ready once.
    predictor: Arc<Predictor>,
    pub(super) about: Arc<About>,
}

/// What is known when a forecast is made.
pub(super) struct Known<'a> {
    /// The bars, as if all days had been ordinary.
    pub(super) past: Past<'a>,
    /// The index on the last of these days, where it is known.
    pub(super) index: Option<IndexDay>,
    /// What is known of days before they come.
    pub(super) days: Days,
}

/// The index on the last day of `bars`, where it is known.
fn index_day(index: Option<&Arc<Bars>>, bars: &Bars) -> Option<IndexDay> {
    let (index, last) = (index?, bars.last_day()?);
    // Only the last quarter says anything of it.
    let end = index.as_slice().partition_point(|bar| bar.date <= last);
    IndexDays::of(&index.at(end.saturating_sub(INDEX_DAYS)..end)).at(last).copied()
}

/// What `spreads` and `path` of the forecast `predicted` say, in prices: by level, one a session.
fn intervals(
    last_close: f64,
    predicted: &[Bar],
    spreads: &BTreeMap<Field, Vec<Spread>>,
    path: &[[[f64; 2]; 3]],
) -> BTreeMap<String, Vec<IntervalDay>> {
    let price = |[low, high]: [f64; 2]| [last_close * low.exp(), last_close * high.exp()];
    let of_level = |level: usize| {
        let day = |(horizon, bar): (usize, &Bar)| {
            let log = |field: Field| spreads.get(&field).map(|own: &Vec<Spread>| own[horizon].intervals[level]);
            let of = |field: Field| log(field).map_or([bar.close; 2], price);
            IntervalDay {
                date: bar.date,
                open: of(Field::Open),
                high: of(Field::High),
                low: of(Field::Low),
                close: of(Field::Close),
                // A volume that is not known is stated as 0, as in bars.
                volume: log(Field::Volume).map_or([0.0; 2], |log| log.map(f64::exp)),
                range: log(Field::Range).map_or([0.0; 2], |log| log.map(f64::exp)),
                path: price(path[horizon][level]),
            }
        };
        (format!("{:.0}", LEVELS[level] * 100.0), predicted.iter().enumerate().map(day).collect())
    };
    (0..LEVELS.len()).map(of_level).collect()
}

impl Forecaster {
    /// Put a trained network and what is known about it together.
    ///
    /// # Errors
    ///
    /// [`Error::Shape`] where columns do not fit the network, [`Error::Config`] where the context, the blend or the calibration
    /// does not, [`Error::Bundle`] where a weight is not a finite number.
    pub fn new(model: LSTMModel, about: About) -> Result<Self> {
        let (width, columns) = (model.config().features, about.features.len());
        if width != columns || about.scaler.columns() != columns {
            return Err(Error::shape(
                "features of a forecaster",
                &[columns, columns],
                &[width, about.scaler.columns()],
            ));
        }
        about.check(model.config().horizon)?;
        model.state()?.check_finite()?;
        let about = About { dropout: model.config().dropout, ..about };
        let predictor = Arc::new(model.predictor()?);
        Ok(Self { model, predictor, about: Arc::new(about) })
    }

    /// What is known about it.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The bars of the index beside `bars`, where they are of the index that it was made with.
    pub(super) fn index_beside<'a>(&self, bars: &'a Bars) -> Option<&'a Arc<Bars>> {
        bars.index().filter(|index| Some(index.ticker()) == self.about.index.as_ref())
    }

    /// The same, which names no index where its rule looks at none.
    pub(crate) fn without_unused_index(&self) -> Self {
        let index = self.about.index.clone().filter(|_| self.about.blend.wants_index());
        self.with_about(About { index, ..(*self.about).clone() })
    }

    /// The network.
    pub fn model(&self) -> &LSTMModel {
        &self.model
    }

    /// The same network with something else known about it, such as a calibration.
    pub(crate) fn with_about(&self, about: About) -> Self {
        Self { about: Arc::new(about), ..self.clone() }
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
        self.forecast_in(bars, &self.adapted(bars)?)
    }

    /// [`forecast`](Self::forecast) with a state that is at hand: `now` has to be that of [`adapted`](Self::adapted) on the same bars.
    /// Nothing is replayed, which is most of the work.
    ///
    /// # Errors
    ///
    /// Those of [`forecast`](Self::forecast).
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::Device;
    /// use stockops_core::pipeline::shipped_parent;
    /// use stockops_core::source::builtin_bars;
    ///
    /// let (parent, bars) = (shipped_parent(Device::Cpu)?, builtin_bars(&"MSFT".parse()?)?.bars);
    /// let now = parent.adapted(&bars)?;
    /// assert_eq!(parent.forecast_in(&bars, &now)?, parent.forecast(&bars)?);
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn forecast_in(&self, bars: &Bars, now: &Adaptation) -> Result<Forecast> {
        let (needed, got) = (self.needed_bars(), bars.len());
        let Some(last) = bars.as_slice().last().filter(|_| got >= needed) else {
            return Err(Error::TooShort { what: format!("a forecast of {}", bars.ticker()), needed, got });
        };
        let sessions = bars.calendar().next_sessions(last.date, self.horizon());
        let days: Vec<NaiveDate> = sessions.iter().map(|session| session.date).collect();
        let predicted = self.next_bars(bars, &days)?;
        let units = Units::of(Past::of(bars.as_slice()), &predicted);
        let spreads = self.about.calibration.spreads(last.close, &predicted, &units, now);
        let path = self.about.calibration.path(last.close, &predicted, &units, now);
        let history = &bars.as_slice()[got.saturating_sub(HISTORY_DAYS)..];
        let mut notes = self.notes(bars.ticker());
        if last.date <= self.about.last_seen_day {
            let seen = self.about.last_seen_day;
            notes.push(format!("the model saw days up to {seen}, these among them: this forecast is no test of it"));
        }
        notes.extend(self.note_of_the_index(bars));
        notes.extend(self.about.days.note(&bars.days(), &days));
        if predicted.iter().all(|bar| bar.volume == 0.0) {
            notes.push(format!("no volume of {} is known: it is stated as 0, without intervals", bars.ticker()));
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
            intervals: path.map(|path| intervals(last.close, &predicted, &spreads, &path)).unwrap_or_default(),
            outlook: Outlook::of(bars.as_slice(), &predicted, &spreads),
            sampler: self.sampler(bars, &predicted, units, now),
            skill: self.about.evaluation.skill.clone(),
            model_version: None,
            strategy: self.about.role,
            notes,
        })
    }

    /// The bars of `days`, decoded from the last close.
    fn next_bars(&self, bars: &Bars, days: &[NaiveDate]) -> Result<Vec<Bar>> {
        let ordinary = self.about.days.ordinary(&bars.last(self.needed_bars() + RUN_UP));
        let logged = Logged::of(ordinary.as_slice());
        let about = &self.about;
        let rows = about.encoding.encode_last(&ordinary, logged.whole(), &about.features, about.context)?;
        let window = about.scaler.transform(rows.values.view())?.mapv(|value| value as f32);
        let outputs = self.predictor.predict(&[window.view()])?;
        let known = Known { past: logged.whole(), index: index_day(self.index_beside(bars), bars), days: bars.days() };
        self.decode(&known, days, outputs.index_axis(Axis(0), 0))
    }

    /// The bars of `days` after what is known, from the network's outputs of shape (horizon, features).
    pub(super) fn decode(
        &self,
        known: &Known<'_>,
        days: &[NaiveDate],
        outputs: ArrayView2<'_, f32>,
    ) -> Result<Vec<Bar>> {
        let rows = self.about.scaler.inverse(outputs.mapv(f64::from).view())?;
        let network = self.about.encoding.decode_after(known.past, &self.about.features, days, rows.view())?;
        let forecast = self.about.blend.apply(known.past, known.index.as_ref(), &network);
        Ok(forecast.iter().map(|bar| self.about.days.of_day(bar, &known.days)).collect())
    }

    /// What is missing where it was made to look at an index too.
    fn note_of_the_index(&self, bars: &Bars) -> Option<String> {
        let index = self.about.index.as_ref().filter(|index| *index != bars.ticker())?;
        let better = format!("with them the range of {} is forecast a little better", bars.ticker());
        match bars.index() {
            None => Some(format!("no bars of the index {index} were given; {better}")),
            Some(other) if other.ticker() != index => {
                Some(format!("the bars of {} are not those of the index {index}; {better}", other.ticker()))
            }
            Some(own) if index_day(Some(own), bars).is_none() => {
                Some(format!("the bars of the index {index} have none of {}; {better}", bars.last_day()?))
            }
            Some(_) => None,
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
        if about.parent.is_some() && about.training.is_some() && about.best_epoch == 0 {
            notes.push(
                "no epoch of training was better on validation days: the network is the parent's, unchanged".into(),
            );
        }
        let from = &about.calibration.source;
        if about.calibration.is_empty() {
            let why = if about.imported { "it was imported without bars" } else { "the history is too short" };
            notes.push(format!("no intervals are stated: {why} to calibrate them"));
        } else if from != about.ticker.as_str() {
            let spread = "volatility and spread";
            notes.push(format!("intervals have the shape of the errors of {from} and the {spread} of {ticker}"));
        }
        notes
    }
}
