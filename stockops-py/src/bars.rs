//! `Bars`: daily bars from files, frames and the shipped series, and back.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use arrow_array::cast::AsArray;
use arrow_array::types::Float64Type;
use arrow_array::{ArrayRef, Date32Array, Float64Array, RecordBatch};
use chrono::NaiveDate;
use numpy::PyArray1;
use numpy::datetime::{Datetime, units::Days};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyDict, PySlice, PyType};
use stockops_core::chart::{ClosePoint, ForecastChart, forecast_chart};
use stockops_core::market::{EventKind, Events};
use stockops_core::source::{
    Adjust, DateOrder, Decimal, Reading, builtin_bars, builtin_tickers, parent_pool, table_bars,
};
use stockops_core::{Bar, Bars, Calendar, ReadOptions, Sourced, Ticker, read_bars};

use crate::arrays::{days, view};
use crate::chart::Chart;
use crate::error::{raised, to_py};
use crate::words::{Choice, Day, Word};
use crate::work::{detached, tried};
use crate::yahoo::PyYahooSource;
use crate::{html, json, table};

/// Daily bars of one ticker: days ascend, and every bar is possible (``low <= open, close <= high``, prices above 0).
///
/// Make them with :meth:`from_csv`, :meth:`from_parquet`, :meth:`from_dataframe` or :func:`load_bars`. They never change;
/// numpy arrays of prices and volume are read-only views. pandas, polars, pyarrow and duckdb read them without a copy, for example
/// ``polars.DataFrame(bars)``.
///
/// >>> import stockops
/// >>> bars = stockops.load_bars("AMZN")
/// >>> bars
/// Bars('AMZN', 5842 sessions, 1997-05-15 to 2020-07-31, last close 3164.68)
/// >>> bars.close.shape, bars.dates[-1]
/// ((5842,), np.datetime64('2020-07-31'))
/// >>> bars[-100:].first_day
/// datetime.date(2020, 3, 11)
#[pyclass(name = "Bars", module = "stockops", frozen, sequence)]
#[derive(Debug)]
pub(crate) struct PyBars {
    pub(crate) inner: Arc<Sourced>,
    /// The same as columns, made when first asked for; all views share them.
    columns: OnceLock<RecordBatch>,
}

const NUMBERS: [&str; 5] = ["open", "high", "low", "close", "volume"];

impl PyBars {
    pub(crate) fn new(sourced: Sourced) -> Self {
        Self { inner: Arc::new(sourced), columns: OnceLock::new() }
    }

    pub(crate) fn bars(&self) -> &Bars {
        &self.inner.bars
    }

    /// Other sessions of the same series; what was found in it stays.
    fn cut(&self, bars: Bars) -> Self {
        let Sourced { quality, understood, .. } = &*self.inner;
        Self::new(Sourced { bars, quality: quality.clone(), understood: understood.clone() })
    }

    fn columns(&self) -> &RecordBatch {
        self.columns.get_or_init(|| {
            let bars = self.bars();
            let dates: Date32Array = bars.iter().map(|bar| Some(bar.date.to_epoch_days())).collect();
            let number = |value: fn(&Bar) -> f64| -> ArrayRef {
                Arc::new(bars.iter().map(|bar| Some(value(bar))).collect::<Float64Array>())
            };
            let numbers = [
                number(|bar| bar.open),
                number(|bar| bar.high),
                number(|bar| bar.low),
                number(|bar| bar.close),
                number(|bar| bar.volume),
            ];
            let named = NUMBERS.into_iter().zip(numbers);
            let dates: ArrayRef = Arc::new(dates);
            RecordBatch::try_from_iter(std::iter::once(("date", dates)).chain(named))
                .expect("columns are of one length")
        })
    }

    fn column<'py>(slf: &Bound<'py, Self>, place: usize) -> Bound<'py, PyArray1<f64>> {
        let values: &[f64] = slf.get().columns().column(place).as_primitive::<Float64Type>().values();
        view(slf.clone().into_any(), &ndarray::aview1(values))
    }
}

/// How bars are read: options that the three readers share.
pub(crate) fn options(
    adjust: Option<Choice<Adjust>>,
    today: Option<Day>,
    calendar: Option<Word<Calendar>>,
    dates: Option<Choice<DateOrder>>,
    decimal: Option<Choice<Decimal>>,
    (drop_bad_rows, fold): (bool, bool),
) -> ReadOptions {
    let default = ReadOptions::default();
    ReadOptions {
        adjust: adjust.map_or(default.adjust, |word| word.0),
        today: today.map(|day| day.0),
        calendar: calendar.map(|word| word.0),
        dates: dates.map(|word| word.0),
        decimal: decimal.map(|word| word.0),
        drop_bad_rows,
        fold,
        ..default
    }
}

#[pymethods]
impl PyBars {
    /// Read bars from a file as sources write it: CSV with any separator, plain or packed by gzip or zip, or Parquet.
    ///
    /// Columns are found by the words of many sources, and the volume may miss. The whole file decides how dates and
    /// numbers are written; what it leaves open is an error that names the option to set. How it was understood stands in
    /// :attr:`understood`, what looked wrong and what was done about it in :attr:`quality`.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): the file; its kind is read off its first bytes.
    ///     ticker (str): whose bars; where the file has a column ``ticker``, the rows of this one are taken.
    ///     adjust (Literal["auto", "none"] | None): what to do with a column Adj Close: scale the prices by it
    ///         (``"auto"``, the default of the library), or take them as they are.
    ///     today (datetime.date | str | None): the date in UTC; rows after it are an error.
    ///     calendar (str | None): the days of trading: a code of a market such as ``"XNYS"``, ``"24/7"`` or ``"weekdays"``;
    ///         None takes those that the ticker names, or else the rows show.
    ///     dates (Literal["dmy", "mdy", "ymd"] | None): order of day and month where the dates leave it open.
    ///     decimal (Literal["point", "comma"] | None): the mark of decimals where the numbers leave it open.
    ///     drop_bad_rows (bool): drop rows that break a rule, instead of an error that lists them.
    ///     fold (bool): fold bars of hours or minutes to days, by the hours of the exchange.
    ///
    /// Returns:
    ///     Bars: at least one session.
    ///
    /// Raises:
    ///     MissingFileError: there is no such file.
    ///     FileError: the file cannot be used; the text names the line.
    ///
    /// >>> import stockops, tempfile, os
    /// >>> path = os.path.join(tempfile.mkdtemp(), "goog.csv")
    /// >>> with open(path, "w") as file:
    /// ...     _ = file.write("date,open,high,low,close,volume\n2024-05-01,10,11,9,10.5,1000\n")
    /// >>> stockops.Bars.from_csv(path, "GOOG").close
    /// array([10.5])
    #[classmethod]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    #[pyo3(signature = (path, ticker, *, adjust = None, today = None, calendar = None, dates = None, decimal = None, drop_bad_rows = false, fold = false))]
    fn from_csv(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        ticker: Word<Ticker>,
        adjust: Option<Choice<Adjust>>,
        today: Option<Day>,
        calendar: Option<Word<Calendar>>,
        dates: Option<Choice<DateOrder>>,
        decimal: Option<Choice<Decimal>>,
        drop_bad_rows: bool,
        fold: bool,
    ) -> PyResult<Self> {
        let options = options(adjust, today, calendar, dates, decimal, (drop_bad_rows, fold));
        tried(py, || read_bars(&path, &ticker.0, &options)).map(Self::new)
    }

    /// Read bars from a Parquet file; columns and options are those of :meth:`from_csv`.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): the file; its kind is read off its first bytes.
    ///     ticker (str): whose bars.
    ///     adjust (Literal["auto", "none"] | None): as in :meth:`from_csv`.
    ///     today (datetime.date | str | None): as in :meth:`from_csv`.
    ///     calendar (str | None): as in :meth:`from_csv`.
    ///     dates (Literal["dmy", "mdy", "ymd"] | None): as in :meth:`from_csv`.
    ///     decimal (Literal["point", "comma"] | None): as in :meth:`from_csv`.
    ///     drop_bad_rows (bool): as in :meth:`from_csv`.
    ///     fold (bool): as in :meth:`from_csv`.
    ///
    /// Returns:
    ///     Bars: at least one session.
    ///
    /// Raises:
    ///     MissingFileError: there is no such file.
    ///     FileError: the file cannot be used; the text names the row.
    #[classmethod]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    #[pyo3(signature = (path, ticker, *, adjust = None, today = None, calendar = None, dates = None, decimal = None, drop_bad_rows = false, fold = false))]
    fn from_parquet(
        class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        ticker: Word<Ticker>,
        adjust: Option<Choice<Adjust>>,
        today: Option<Day>,
        calendar: Option<Word<Calendar>>,
        dates: Option<Choice<DateOrder>>,
        decimal: Option<Choice<Decimal>>,
        drop_bad_rows: bool,
        fold: bool,
    ) -> PyResult<Self> {
        Self::from_csv(class, py, path, ticker, adjust, today, calendar, dates, decimal, drop_bad_rows, fold)
    }

    /// Take bars from a frame: pandas, polars, pyarrow, duckdb, or anything with the Arrow C stream or the DataFrame
    /// protocol; a mapping of columns too.
    ///
    /// The date is the column Date, or the index of a pandas frame. Without a time zone, or at midnight of its own, a time
    /// is the day as written; any other instant belongs to the session of the exchange's own clock. Of columns
    /// (field, ticker), as yfinance has them, those of `ticker` are taken.
    ///
    /// Args:
    ///     frame (Any): the table; it is not changed.
    ///     ticker (str): whose bars.
    ///     adjust (Literal["auto", "none"] | None): as in :meth:`from_csv`.
    ///     today (datetime.date | str | None): as in :meth:`from_csv`.
    ///     calendar (str | None): as in :meth:`from_csv`.
    ///     dates (Literal["dmy", "mdy", "ymd"] | None): as in :meth:`from_csv`.
    ///     decimal (Literal["point", "comma"] | None): as in :meth:`from_csv`.
    ///     drop_bad_rows (bool): as in :meth:`from_csv`.
    ///     fold (bool): as in :meth:`from_csv`.
    ///
    /// Returns:
    ///     Bars: at least one session.
    ///
    /// Raises:
    ///     DtypeError: it is no frame.
    ///     FileError: a column misses or stands twice, a value is no number, or a row breaks a rule; the text names the row.
    ///
    /// >>> import stockops
    /// >>> day = {"date": ["2024-05-01"], "open": [10.0], "high": [11.0], "low": [9.0], "close": [10.5], "volume": [1e3]}
    /// >>> stockops.Bars.from_dataframe(day, "GOOG")
    /// Bars('GOOG', 1 session, 2024-05-01 to 2024-05-01, last close 10.50)
    #[classmethod]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    #[pyo3(signature = (frame, ticker, *, adjust = None, today = None, calendar = None, dates = None, decimal = None, drop_bad_rows = false, fold = false))]
    fn from_dataframe(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        frame: &Bound<'_, PyAny>,
        ticker: Word<Ticker>,
        adjust: Option<Choice<Adjust>>,
        today: Option<Day>,
        calendar: Option<Word<Calendar>>,
        dates: Option<Choice<DateOrder>>,
        decimal: Option<Choice<Decimal>>,
        drop_bad_rows: bool,
        fold: bool,
    ) -> PyResult<Self> {
        let name = format!("{}.{}", frame.get_type().module()?, frame.get_type().name()?);
        let options = options(adjust, today, calendar, dates, decimal, (drop_bad_rows, fold));
        let stream = table::import(frame, &ticker.0)?;
        tried(py, || table_bars(&name, stream, &ticker.0, &options)).map(Self::new)
    }

    /// Fetch bars from Yahoo: those of :class:`YahooSource`, whose options are these.
    ///
    /// Args:
    ///     ticker (str): whose bars, as Yahoo writes it: ``"GOOG"``, ``"SHEL.L"``, ``"^GSPC"``, ``"BTC-USD"``.
    ///     home (str | os.PathLike[str] | None): the folder in which what was fetched is kept, as the command has it;
    ///         None keeps it in memory as long as the process lives.
    ///     url (str | None): as in :class:`YahooSource`.
    ///     partial (bool): as in :class:`YahooSource`.
    ///     as_of (datetime.date | str | None): as in :class:`YahooSource`.
    ///     refresh (bool): as in :class:`YahooSource`.
    ///     allow_stale (bool): as in :class:`YahooSource`.
    ///     adjust (Literal["auto", "none"] | None): as in :meth:`from_csv`.
    ///     calendar (str | None): as in :meth:`from_csv`.
    ///     drop_bad_rows (bool): as in :meth:`from_csv`.
    ///
    /// Returns:
    ///     Bars: at least one session.
    ///
    /// Raises:
    ///     NotFoundError: Yahoo has no such ticker.
    ///     NetworkError: Yahoo gave no bars; ``kind`` says why, and the text what to do.
    ///     StaleError: the last finished session misses.
    #[classmethod]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    #[pyo3(signature = (ticker, *, home = None, url = None, partial = false, as_of = None, refresh = false, allow_stale = false, adjust = None, calendar = None, drop_bad_rows = false))]
    fn from_yahoo(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        ticker: Word<Ticker>,
        home: Option<PathBuf>,
        url: Option<String>,
        partial: bool,
        as_of: Option<Day>,
        refresh: bool,
        allow_stale: bool,
        adjust: Option<Choice<Adjust>>,
        calendar: Option<Word<Calendar>>,
        drop_bad_rows: bool,
    ) -> PyResult<Self> {
        let options = options(adjust, None, calendar, None, None, (drop_bad_rows, false));
        let source = PyYahooSource::with(home, url, Reading { options, partial, allow_stale }, as_of, refresh)?;
        source.bars(py, &ticker.0)
    }

    /// Take bars from any callable: it is given the ticker, and gives :class:`Bars` or a frame that
    /// :meth:`from_dataframe` reads.
    ///
    /// Args:
    ///     source (Callable[[str], Any]): where bars come from, such as a :class:`YahooSource` or a function of your own.
    ///     ticker (str): whose bars.
    ///
    /// Returns:
    ///     Bars: at least one session.
    ///
    /// Raises:
    ///     ConfigError: the source gave bars of another ticker.
    ///     DtypeError: what it gave is no frame.
    ///
    /// >>> import stockops
    /// >>> def shop(ticker):
    /// ...     return {"date": ["2024-05-01"], "open": [10.0], "high": [11.0], "low": [9.0], "close": [10.5]}
    /// >>> stockops.Bars.from_source(shop, "GOOG")
    /// Bars('GOOG', 1 session, 2024-05-01 to 2024-05-01, last close 10.50)
    #[classmethod]
    fn from_source(
        class: &Bound<'_, PyType>,
        py: Python<'_>,
        source: &Bound<'_, PyAny>,
        ticker: Word<Ticker>,
    ) -> PyResult<Py<Self>> {
        let given = source.call1((ticker.0.as_str(),))?;
        if let Ok(bars) = given.cast::<Self>() {
            same_ticker(py, bars.get(), ticker.0.as_str())?;
            return Ok(bars.clone().unbind());
        }
        let bars = Self::from_dataframe(class, py, &given, ticker, None, None, None, None, None, false, false)?;
        Py::new(py, bars)
    }

    /// str: the name of the series, upper case.
    #[getter]
    fn ticker(&self) -> &str {
        self.bars().ticker().as_str()
    }

    /// dict[str, Any]: what was found in the rows as they were read, and what was done about it.
    #[getter]
    fn quality<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.inner.quality)
    }

    /// dict[str, Any]: how the file or frame was understood: columns, dates, numbers, zone, unit, adjustment, frequency, calendar.
    #[getter]
    fn understood<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.inner.understood)
    }

    /// numpy.typing.NDArray[numpy.datetime64]: days of the sessions, in the exchange's own time zone.
    #[getter]
    fn dates<'py>(&self, py: Python<'py>) -> Bound<'py, PyArray1<Datetime<Days>>> {
        days(py, self.bars().iter().map(|bar| bar.date))
    }

    /// numpy.typing.NDArray[numpy.float64]: first prices, in the currency of the listing.
    #[getter]
    fn open<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        Self::column(slf, 1)
    }

    /// numpy.typing.NDArray[numpy.float64]: highest prices.
    #[getter]
    fn high<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        Self::column(slf, 2)
    }

    /// numpy.typing.NDArray[numpy.float64]: lowest prices.
    #[getter]
    fn low<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        Self::column(slf, 3)
    }

    /// numpy.typing.NDArray[numpy.float64]: last prices.
    #[getter]
    fn close<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        Self::column(slf, 4)
    }

    /// numpy.typing.NDArray[numpy.float64]: shares or contracts; 0 where the source does not know.
    #[getter]
    fn volume<'py>(slf: &Bound<'py, Self>) -> Bound<'py, PyArray1<f64>> {
        Self::column(slf, 5)
    }

    /// datetime.date | None: day of the first session.
    #[getter]
    fn first_day(&self) -> Option<NaiveDate> {
        self.bars().first_day()
    }

    /// datetime.date | None: day of the last session.
    #[getter]
    fn last_day(&self) -> Option<NaiveDate> {
        self.bars().last_day()
    }

    /// The sessions from `start` to `end`, both included.
    ///
    /// Args:
    ///     start (datetime.date | str | None): first day; None for all before.
    ///     end (datetime.date | str | None): last day; None for all after.
    ///
    /// Returns:
    ///     Bars: may be empty.
    ///
    /// >>> import stockops
    /// >>> len(stockops.load_bars("IBM").between("2012-01-01", "2012-12-31"))
    /// 250
    #[pyo3(signature = (start = None, end = None))]
    fn between(&self, start: Option<Day>, end: Option<Day>) -> Self {
        self.cut(self.bars().between(start.map(|day| day.0), end.map(|day| day.0)))
    }

    /// The last `n` sessions, or all where there are fewer.
    ///
    /// Args:
    ///     n (int): how many.
    ///
    /// Returns:
    ///     Bars: may be empty.
    fn tail(&self, n: usize) -> Self {
        self.cut(self.bars().last(n))
    }

    /// The same bars beside those of the index that the ticker belongs to.
    ///
    /// A forecaster that was made with an index forecasts the range a little better where its bars are given, for training as
    /// for a forecast. They stay beside every part of these bars.
    ///
    /// Args:
    ///     index (Bars | None): bars of the index, such as ``^GSPC``; None takes them away.
    ///
    /// Returns:
    ///     Bars: the same sessions.
    ///
    /// >>> import stockops
    /// >>> stockops.load_bars("AMZN").with_index(stockops.load_bars("^GSPC")).ticker
    /// 'AMZN'
    #[pyo3(signature = (index))]
    fn with_index(&self, index: Option<&Self>) -> Self {
        let index = index.map(|index| Arc::new(index.bars().clone()));
        self.cut(self.bars().clone().with_index(index))
    }

    /// The same bars with events that were known beforehand, past ones and ones to come, such as dates of earnings.
    ///
    /// An event counts for the session of its day and for the next one. A forecaster that is trained on them learns what
    /// each kind does to volume and range. An event that was known only afterwards would let a test see the future.
    ///
    /// Args:
    ///     events (Sequence[tuple[datetime.date | str, str]] | None): day and kind, such as ``("2024-04-25", "earnings")``; an
    ///         empty list says that there are none, None that nobody knows.
    ///
    /// Returns:
    ///     Bars: the same sessions.
    ///
    /// Raises:
    ///     ConfigError: a kind that is not one word of letters, digits, ``-`` and ``_``.
    ///
    /// >>> import stockops
    /// >>> len(stockops.load_bars("AMZN").with_events([("2020-07-30", "earnings")]))
    /// 5842
    #[pyo3(signature = (events))]
    fn with_events(&self, events: Option<Vec<(Day, String)>>) -> PyResult<Self> {
        let event = |(day, kind): (Day, String)| Ok((day.0, EventKind::new(&kind).map_err(to_py)?));
        let events = events.map(|all| all.into_iter().map(event).collect::<PyResult<Events>>()).transpose()?;
        Ok(self.cut(self.bars().clone().with_events(events.map(Arc::new))))
    }

    /// A frame of the sessions: index ``date``, columns ``open, high, low, close, volume``.
    ///
    /// Args:
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: a frame of that library; in polars and pyarrow ``date`` is a column.
    ///
    /// Raises:
    ///     ConfigError: another word.
    ///     ModuleNotFoundError: the library is not installed.
    #[pyo3(signature = (backend = "pandas"))]
    fn to_frame<'py>(slf: &Bound<'py, Self>, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let columns = PyDict::new(py);
        columns.set_item("date", slf.get().dates(py))?;
        for (place, name) in NUMBERS.into_iter().enumerate() {
            columns.set_item(name, Self::column(slf, place + 1))?;
        }
        py.import("stockops._frames")?.getattr("frame")?.call1((columns, backend))
    }

    /// The last 60 closes as a chart.
    ///
    /// Args:
    ///     backend (Literal["svg", "plotly"]): what draws; plotly must be installed.
    ///
    /// Returns:
    ///     Any: a :class:`Chart`, or a ``plotly.graph_objects.Figure``.
    ///
    /// Raises:
    ///     ConfigError: another word.
    ///     ModuleNotFoundError: plotly is not installed.
    #[pyo3(signature = (backend = "svg"))]
    fn plot<'py>(slf: &Bound<'py, Self>, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        if backend == "svg" {
            return Ok(Bound::new(py, slf.get().chart(py))?.into_any());
        }
        py.import("stockops._plotly")?.getattr("bars")?.call1((slf, backend))
    }

    /// The sessions as an Arrow stream, whose buffers are shared and not copied.
    ///
    /// Args:
    ///     requested_schema (object): not used, as the protocol allows.
    ///
    /// Returns:
    ///     Any: a capsule named ``arrow_array_stream``.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        table::export(py, self.columns().clone())
    }

    fn __len__(&self) -> usize {
        self.bars().len()
    }

    /// One session, or those of a slice.
    ///
    /// Args:
    ///     index (Any): an int gives a :class:`Bar`, a slice without a step gives :class:`Bars`.
    ///
    /// Returns:
    ///     Any: a :class:`Bar` or :class:`Bars`.
    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        let rows = self.bars().as_slice();
        if let Ok(slice) = index.cast::<PySlice>() {
            let cut = slice.indices(rows.len() as isize)?;
            if cut.step != 1 {
                return Err(PyValueError::new_err(
                    "bars are cut without a step: skipped sessions would look like gaps",
                ));
            }
            let start = cut.start as usize;
            let bars = self.bars().at(start..start + cut.slicelength);
            return Ok(Bound::new(py, self.cut(bars))?.into_any());
        }
        let index: isize = index.extract()?;
        let place = if index < 0 { index + rows.len() as isize } else { index };
        let bar = usize::try_from(place).ok().and_then(|place| rows.get(place));
        row(py, bar.ok_or_else(|| PyIndexError::new_err(format!("session {index} of {}", rows.len())))?)
    }

    /// Returns:
    ///     Iterator[Bar]: the sessions, oldest first.
    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let rows = self.bars().iter().map(|bar| row(py, bar)).collect::<PyResult<Vec<_>>>()?;
        rows.into_pyobject(py)?.call_method0("__iter__")
    }

    fn __eq__(&self, other: &Self) -> bool {
        self.bars() == other.bars()
    }

    fn __repr__(&self) -> String {
        let bars = self.bars();
        let sessions = if bars.len() == 1 { "session" } else { "sessions" };
        let span = match (bars.as_slice().first(), bars.as_slice().last()) {
            (Some(first), Some(last)) => {
                format!(", {} to {}, last close {}", first.date, last.date, html::price(last.close))
            }
            _ => String::new(),
        };
        format!("Bars('{}', {} {sessions}{span})", bars.ticker(), bars.len())
    }

    /// Returns:
    ///     str: chart, last sessions, and what was found.
    fn _repr_html_(&self, py: Python<'_>) -> String {
        let bars = self.bars();
        let rows = bars.last(5);
        let rows = rows.iter().map(|bar| {
            let prices = [bar.open, bar.high, bar.low, bar.close].map(html::price);
            [[bar.date.to_string()].as_slice(), &prices, &[html::volume(bar.volume)]].concat()
        });
        let header = ["date", "open", "high", "low", "close", "volume"];
        let caption = format!("{}: the last of {} sessions", bars.ticker(), bars.len());
        let found = html::list(&self.inner.quality.findings);
        format!("{}{}{found}", self.chart(py).0, html::table(&caption, &header, rows))
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make them anew.
    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let (py, bars) = (slf.py(), slf.get().bars());
        let text = json::text(py, &*slf.get().inner)?;
        let beside = |index: &Arc<Bars>| slf.get().cut(Bars::clone(index)).into_pyobject(py);
        let index = bars.index().map(beside).transpose()?;
        let event = |(day, kind): (NaiveDate, &EventKind)| (day, kind.to_string());
        let events: Option<Vec<_>> = bars.events().map(|events| events.iter().map(event).collect());
        let maker = py.import("stockops._stockops")?.getattr("_bars")?;
        Ok((maker, (text, index, events)).into_pyobject(py)?.into_any())
    }
}

impl PyBars {
    fn chart(&self, py: Python<'_>) -> Chart {
        let bars = self.bars();
        let point = |bar: &Bar| ClosePoint { date: bar.date, close: bar.close };
        Chart(detached(py, || {
            let history = bars.iter().map(point).collect();
            forecast_chart(&ForecastChart { title: bars.ticker().to_string(), history, ..ForecastChart::default() })
        }))
    }
}

fn row<'py>(py: Python<'py>, bar: &Bar) -> PyResult<Bound<'py, PyAny>> {
    let Bar { date, open, high, low, close, volume } = *bar;
    py.import("stockops._types")?.getattr("Bar")?.call1((date, open, high, low, close, volume))
}

/// The bars that ship with the package: old ones, for learning the tool and not for trading.
///
/// Args:
///     ticker (str): one of :func:`builtin_tickers`.
///
/// Returns:
///     Bars: the whole series.
///
/// Raises:
///     NotFoundError: another ticker.
///
/// >>> import stockops
/// >>> stockops.load_bars("^GSPC")
/// Bars('^GSPC', 5357 sessions, 1999-01-04 to 2020-04-17, last close 2874.56)
#[pyfunction]
pub(crate) fn load_bars(py: Python<'_>, ticker: Word<Ticker>) -> PyResult<PyBars> {
    tried(py, || builtin_bars(&ticker.0)).map(PyBars::new)
}

/// The tickers that :func:`load_bars` knows.
///
/// Returns:
///     list[str]: their names.
///
/// >>> import stockops
/// >>> stockops.builtin_tickers()
/// ['^GSPC', 'AMZN', 'GOOGL', 'IBM', 'MSFT']
#[pyfunction(name = "builtin_tickers")]
pub(crate) fn tickers() -> Vec<String> {
    builtin_tickers().map(|ticker| ticker.to_string()).collect()
}

/// The series that the shipped parent was trained on, the index first.
///
/// Returns:
///     list[Bars]: for :meth:`TransferTrainer.fit_parent`, and for the `index` of :func:`backtest`.
///
/// >>> import stockops
/// >>> [bars.ticker for bars in stockops.parent_pool()]
/// ['^GSPC', '^IXIC', 'IBM', 'MSFT', 'GOOG', 'AMZN', 'GOOGL']
#[pyfunction(name = "parent_pool")]
pub(crate) fn pool(py: Python<'_>) -> PyResult<Vec<PyBars>> {
    Ok(tried(py, parent_pool)?.into_iter().map(PyBars::new).collect())
}

/// One series, or several.
pub(crate) fn series(bars: &Bound<'_, PyAny>) -> PyResult<Vec<Bars>> {
    match bars.cast::<PyBars>() {
        Ok(one) => Ok(vec![one.get().bars().clone()]),
        Err(_) => bars.try_iter()?.map(|one| Ok(one?.cast::<PyBars>()?.get().bars().clone())).collect(),
    }
}

/// Bars from the text that a pickle holds.
///
/// Args:
///     text (str): JSON.
///     index (Bars | None): those of the index.
///     events (Sequence[tuple[datetime.date | str, str]] | None): day and kind.
///
/// Returns:
///     Bars: the same.
#[pyfunction]
#[pyo3(signature = (text, index = None, events = None))]
pub(crate) fn _bars(
    py: Python<'_>,
    text: &str,
    index: Option<&PyBars>,
    events: Option<Vec<(Day, String)>>,
) -> PyResult<PyBars> {
    json::parsed(py, text).map(PyBars::new)?.with_index(index).with_events(events)
}

/// An error where `bars` are not those of `ticker`.
pub(crate) fn same_ticker(py: Python<'_>, bars: &PyBars, ticker: &str) -> PyResult<()> {
    let got = bars.ticker();
    if got == ticker {
        return Ok(());
    }
    Err(raised(py, "ConfigError", format!("`bars` must be those of {ticker}, got those of {got}")))
}
