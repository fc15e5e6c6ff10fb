//! `Forecast`: the next sessions, with intervals and skill.

use chrono::NaiveDate;
use ndarray::Array2;
use numpy::datetime::{Datetime, units::Days};
use numpy::{IntoPyArray, PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use stockops_core::dataset::log_range;
use stockops_core::forecast::{Day, Field, IntervalDay};
use stockops_core::market::price_text;
use stockops_core::report::{fan, forecast_markdown, html, own_fan};
use stockops_core::training::TrainConfig;
use stockops_core::{Bar, Forecast};

use crate::arrays::days;
use crate::bars::{PyBars, same_ticker};
use crate::chart::Chart;
use crate::error::to_py;
use crate::json;
use crate::risk::{Chances, PyRisk};
use crate::words::{Level, chosen};
use crate::work::{detached, tried};

/// The next sessions of a ticker, with calibrated intervals and the skill of who forecast them.
///
/// Made by :meth:`Forecaster.predict` or :meth:`ModelRegistry.predict`. Prices are in the currency of the bars.
///
/// >>> import stockops
/// >>> forecast = stockops.shipped_parent().predict(stockops.load_bars("^GSPC"))
/// >>> forecast
/// Forecast('^GSPC', 5 sessions from 2020-04-20 after 2020-04-17, last close 2874.56)
/// >>> forecast.close.shape, forecast.interval(90).shape
/// ((5,), (5, 2))
#[pyclass(name = "Forecast", module = "stockops", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyForecast(pub(crate) Forecast);

impl PyForecast {
    fn sessions(&self) -> &[Day] {
        &self.0.predictions.full_forecast
    }

    fn field<'py>(&self, py: Python<'py>, value: fn(&Day) -> f64) -> Bound<'py, PyArray1<f64>> {
        PyArray1::from_iter(py, self.sessions().iter().map(value))
    }

    /// Intervals at `level` percent.
    fn at_level(&self, level: u32) -> PyResult<&[IntervalDay]> {
        self.0.interval(level).map_err(to_py)
    }
}

#[pymethods]
impl PyForecast {
    /// str: whose forecast.
    #[getter]
    fn ticker(&self) -> &str {
        self.0.ticker.as_str()
    }

    /// datetime.date: last day of the bars that it was made from.
    #[getter]
    fn last_date(&self) -> NaiveDate {
        self.0.last_date
    }

    /// float: close of that day.
    #[getter]
    fn last_price(&self) -> f64 {
        self.0.last_price
    }

    /// numpy.typing.NDArray[numpy.datetime64]: the sessions that are forecast.
    #[getter]
    fn dates<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<Datetime<Days>>> {
        days(py, self.sessions().iter().map(|day| day.date))
    }

    /// numpy.typing.NDArray[numpy.float64]: first prices, one a session.
    #[getter]
    fn open<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.field(py, |day| day.open)
    }

    /// numpy.typing.NDArray[numpy.float64]: highest prices.
    #[getter]
    fn high<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.field(py, |day| day.high)
    }

    /// numpy.typing.NDArray[numpy.float64]: lowest prices.
    #[getter]
    fn low<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.field(py, |day| day.low)
    }

    /// numpy.typing.NDArray[numpy.float64]: last prices.
    #[getter]
    fn close<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.field(py, |day| day.close)
    }

    /// numpy.typing.NDArray[numpy.float64]: shares.
    #[getter]
    fn volume<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<f64>> {
        self.field(py, |day| day.volume)
    }

    /// Bar: the first session.
    #[getter]
    fn next_day<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let Day { date, open, high, low, close, volume } = self.0.predictions.next_day;
        py.import("stockops._types")?.getattr("Bar")?.call1((date, open, high, low, close, volume))
    }

    /// list[int]: levels that :meth:`interval` has, in percent; empty where nothing could be calibrated.
    #[getter]
    fn levels(&self) -> Vec<u32> {
        self.0.intervals.keys().filter_map(|level| level.parse().ok()).collect()
    }

    /// dict[str, Any] | None: what is said of direction and of volatility, in words and numbers.
    #[getter]
    fn outlook<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.0.outlook)
    }

    /// dict[str, dict[str, dict[str, Any]]] | None: skill of the forecaster, see :attr:`Forecaster.skill`.
    #[getter]
    fn skill<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.0.skill)
    }

    /// str | None: such as ``AMZN@3``; None where the forecaster is in no registry.
    #[getter]
    fn model_version(&self) -> Option<&str> {
        self.0.model_version.as_deref()
    }

    /// str: how the model was made: ``parent``, ``freeze``, ``fine_tune``, ``zero_shot`` or ``scratch``.
    #[getter]
    fn strategy(&self) -> String {
        self.0.strategy.to_string()
    }

    /// list[str]: what a reader has to know: zero-shot, leaked, unproven, seen before.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }

    /// Lower and upper ends of the calibrated interval of one field.
    ///
    /// Args:
    ///     level (float): share of outcomes in percent, one of :attr:`levels`; a share such as 0.9 is taken too.
    ///     field (Literal["open", "high", "low", "close", "volume", "range", "path"]): ``range`` is log(high / low); ``path``
    ///         is the close, wide enough that all sessions together stay inside.
    ///
    /// Returns:
    ///     numpy.typing.NDArray[numpy.float64]: (sessions, 2).
    ///
    /// Raises:
    ///     NotFoundError: another level.
    ///     ConfigError: another field, or no level.
    #[pyo3(signature = (level, field = "close"))]
    fn interval<'py>(&self, py: Python<'py>, level: Level, field: &str) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let days = self.at_level(level.0)?;
        let ends: Vec<f64> = match field {
            "path" => days.iter().flat_map(|day| day.path).collect(),
            _ => {
                let field = chosen(py, field)?;
                days.iter().flat_map(|day| day.ends(field)).collect()
            }
        };
        Ok(Array2::from_shape_vec((days.len(), 2), ends).expect("two ends a session").into_pyarray(py))
    }

    /// Possible paths of one field: the forecast with the errors of past forecasts, as they came together.
    ///
    /// The same `random_state` gives the same paths for every field, so fields may be combined.
    ///
    /// Args:
    ///     n (int): how many paths, at most a million.
    ///     field (Literal["open", "high", "low", "close", "volume", "range"]): which number of each session.
    ///     random_state (int | None): seed; 42 is the library's.
    ///
    /// Returns:
    ///     numpy.typing.NDArray[numpy.float64]: (paths, sessions).
    ///
    /// Raises:
    ///     NotFoundError: nothing was calibrated, or the forecast comes from a pickle, which does not hold past errors.
    ///     ConfigError: another field, or `n` outside its range.
    ///
    /// >>> import stockops
    /// >>> forecast = stockops.shipped_parent().predict(stockops.load_bars("^GSPC"))
    /// >>> lows = forecast.samples(1000, "low").min(axis=1)
    /// >>> bool((lows < 0.95 * forecast.last_price).mean() < 1)  # how likely is a low 5 % under the last close?
    /// True
    #[pyo3(signature = (n, field = "close", *, random_state = None))]
    fn samples<'py>(
        &self,
        py: Python<'py>,
        n: usize,
        field: &str,
        random_state: Option<u64>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let value: fn(&Bar) -> f64 = match chosen(py, field)? {
            Field::Open => |bar| bar.open,
            Field::High => |bar| bar.high,
            Field::Low => |bar| bar.low,
            Field::Close => |bar| bar.close,
            Field::Volume => |bar| bar.volume,
            Field::Range => log_range,
        };
        let paths = tried(py, || self.0.sample(n, random_state.unwrap_or(TrainConfig::default().seed)))?;
        let shape = (paths.len(), self.sessions().len());
        let values = paths.iter().flatten().map(value).collect();
        Ok(Array2::from_shape_vec(shape, values).expect("a path has all sessions").into_pyarray(py))
    }

    /// All of what may be lost and reached.
    ///
    /// It is counted over the errors of the ticker's own last 1,000 forecasts, which the first call makes again, in
    /// about twice the time of the forecast. Ask the result when there is more than one question.
    ///
    /// Returns:
    ///     Risk: losses, probabilities, expected high and low.
    ///
    /// Raises:
    ///     NotFoundError: nothing was calibrated, or the forecast comes from a pickle, which does not hold past errors.
    fn risk(&self, py: Python<'_>) -> PyResult<PyRisk> {
        PyRisk::of(py, &self.0)
    }

    /// The loss that is not exceeded with probability `level`, see :meth:`Risk.value_at_risk`.
    ///
    /// Args:
    ///     level (float): such as 0.99.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: a share of the last close; above 0 something is lost.
    ///
    /// Raises:
    ///     ConfigError: a level outside of 0 to 1, or a horizon beyond the forecast.
    ///     NotFoundError: as for :meth:`risk`.
    ///     TooShortError: too few past errors for the level.
    ///
    /// >>> import stockops
    /// >>> forecast = stockops.shipped_parent().predict(stockops.load_bars("^GSPC"))
    /// >>> 0 < forecast.value_at_risk(0.99, horizon=5) < forecast.expected_shortfall(0.99, horizon=5) < 1
    /// True
    #[pyo3(signature = (level = 0.99, *, horizon = 1))]
    fn value_at_risk(&self, py: Python<'_>, level: f64, horizon: usize) -> PyResult<f64> {
        self.risk(py)?.value_at_risk(level, horizon)
    }

    /// The mean loss of the worst ``1 - level`` of cases, see :meth:`Risk.expected_shortfall`.
    ///
    /// Args:
    ///     level (float): such as 0.99.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: a share of the last close; above 0 something is lost.
    ///
    /// Raises:
    ///     ConfigError: a level outside of 0 to 1, or a horizon beyond the forecast.
    ///     NotFoundError: as for :meth:`risk`.
    ///     TooShortError: too few past errors for the level.
    #[pyo3(signature = (level = 0.99, *, horizon = 1))]
    fn expected_shortfall(&self, py: Python<'_>, level: f64, horizon: usize) -> PyResult<f64> {
        self.risk(py)?.expected_shortfall(level, horizon)
    }

    /// How likely something is until the end of a session; exactly one event is to be named, see :meth:`Risk.probability`.
    ///
    /// Args:
    ///     close_above (float | None): the session closes above this price.
    ///     close_below (float | None): the session closes below this price.
    ///     touch (float | None): this price is traded at on the way.
    ///     wider (float | None): the session is wider than this from low to high, with 0.03 for 3 %.
    ///     any_wider (float | None): some session on the way is.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: from 0 to 1.
    ///
    /// Raises:
    ///     ConfigError: none or several are named, a price not above 0, or a horizon beyond the forecast.
    ///     NotFoundError: as for :meth:`risk`.
    ///
    /// >>> import stockops
    /// >>> forecast = stockops.shipped_parent().predict(stockops.load_bars("^GSPC"))
    /// >>> floor = 0.95 * forecast.last_price
    /// >>> forecast.probability(touch=floor, horizon=5) >= forecast.probability(close_below=floor, horizon=5)
    /// True
    #[pyo3(signature = (*, close_above = None, close_below = None, touch = None, wider = None, any_wider = None, horizon = 1))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    fn probability(
        &self,
        py: Python<'_>,
        close_above: Option<f64>,
        close_below: Option<f64>,
        touch: Option<f64>,
        wider: Option<f64>,
        any_wider: Option<f64>,
        horizon: usize,
    ) -> PyResult<f64> {
        Chances { close_above, close_below, touch, wider, any_wider }.of(py, &self.risk(py)?, horizon)
    }

    /// The sessions as a frame, index ``date``: ``open, high, low, close, volume``.
    ///
    /// Args:
    ///     level (float | None): adds the interval of each field, such as ``close_lower`` and ``close_upper``; and of
    ///         ``range``, which is log(high / low).
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: a frame of that library.
    ///
    /// Raises:
    ///     NotFoundError: another level.
    #[pyo3(signature = (level = None, *, backend = "pandas"))]
    fn to_frame<'py>(&self, py: Python<'py>, level: Option<Level>, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        let columns = PyDict::new(py);
        columns.set_item("date", self.dates(py))?;
        columns.set_item("open", self.open(py))?;
        columns.set_item("high", self.high(py))?;
        columns.set_item("low", self.low(py))?;
        columns.set_item("close", self.close(py))?;
        columns.set_item("volume", self.volume(py))?;
        if let Some(level) = level {
            let days = self.at_level(level.0)?;
            for field in Field::ALL {
                for (end, name) in ["lower", "upper"].into_iter().enumerate() {
                    let values = PyArray1::from_iter(py, days.iter().map(|day| day.ends(field)[end]));
                    columns.set_item(format!("{field}_{name}"), values)?;
                }
            }
        }
        py.import("stockops._frames")?.getattr("frame")?.call1((columns, backend))
    }

    /// The forecast in the fields and names of the HTTP API.
    ///
    /// Returns:
    ///     dict[str, Any]: ready for JSON.
    ///
    /// >>> import stockops
    /// >>> forecast = stockops.shipped_parent().predict(stockops.load_bars("^GSPC"))
    /// >>> forecast.to_dict()["predictions"]["next_day"]["date"]
    /// '2020-04-20'
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.0)
    }

    /// Closes, forecast and intervals as a chart.
    ///
    /// Args:
    ///     bars (Bars | None): whose last 60 closes are drawn; None for the 30 that the forecast holds.
    ///     backend (Literal["svg", "plotly"]): what draws; plotly must be installed.
    ///
    /// Returns:
    ///     Any: a :class:`Chart`, or a ``plotly.graph_objects.Figure``.
    ///
    /// Raises:
    ///     ConfigError: another word, or bars of another ticker.
    ///     ModuleNotFoundError: plotly is not installed.
    #[pyo3(signature = (bars = None, *, backend = "svg"))]
    fn plot<'py>(
        slf: &Bound<'py, Self>,
        bars: Option<&Bound<'py, PyBars>>,
        backend: &str,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if let Some(bars) = bars {
            same_ticker(py, bars.get(), slf.get().ticker())?;
        }
        if backend != "svg" {
            return py.import("stockops._plotly")?.getattr("forecast")?.call1((slf, bars, backend));
        }
        let (forecast, bars) = (&slf.get().0, bars.map(|bars| bars.get().bars()));
        let svg = detached(py, || bars.map_or_else(|| own_fan(forecast), |bars| fan(forecast, bars)));
        Ok(Bound::new(py, Chart(svg))?.into_any())
    }

    fn __len__(&self) -> usize {
        self.sessions().len()
    }

    /// Returns:
    ///     Forecast: itself, since it never changes.
    fn __copy__(slf: Bound<'_, Self>) -> Bound<'_, Self> {
        slf
    }

    /// Args:
    ///     memo (object): what has been copied already; of no use here.
    ///
    /// Returns:
    ///     Forecast: itself, since it never changes.
    #[expect(unused_variables, reason = "the name is Python's")]
    fn __deepcopy__<'py>(slf: Bound<'py, Self>, memo: &Bound<'py, PyAny>) -> Bound<'py, Self> {
        slf
    }

    fn __repr__(&self) -> String {
        let Forecast { ticker, last_date, last_price, .. } = &self.0;
        let (first, count) = (self.0.predictions.next_day.date, self.sessions().len());
        let last_price = price_text(*last_price);
        format!("Forecast('{ticker}', {count} sessions from {first} after {last_date}, last close {last_price})")
    }

    /// Returns:
    ///     str: chart, sessions with an interval, skill, notes.
    fn _repr_html_(&self, py: Python<'_>) -> String {
        let chart = detached(py, || own_fan(&self.0));
        format!("{chart}{}", html(&forecast_markdown(&self.0)))
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::reduce(py, "_forecast", &self.0)
    }
}

/// A forecast from the text that a pickle holds.
///
/// Args:
///     text (str): JSON.
///
/// Returns:
///     Forecast: the same.
#[pyfunction]
pub(crate) fn _forecast(py: Python<'_>, text: &str) -> PyResult<PyForecast> {
    json::parsed(py, text).map(PyForecast)
}
