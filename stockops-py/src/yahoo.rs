//! `YahooSource`: bars from Yahoo, behind a cache.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::NaiveDate;
use pyo3::prelude::*;
use stockops_core::source::{Adjust, CachedSource, Courtesy, Reading, YahooSource};
use stockops_core::storage::{self, MemoryStorage};
use stockops_core::{BarSource, Calendar, Ticker};

use crate::bars::{PyBars, options};
use crate::error::to_py;
use crate::words::{Choice, Day, Word};
use crate::work::tried;

/// Daily bars from Yahoo: call it with a ticker.
///
/// It asks Yahoo's chart v8 over one connection that all sources of the process share, politely, and only for days that are not
/// known yet. What was fetched is kept with the time of the fetch. The bar of a session that is not over is no bar; splits and
/// dividends that Yahoo names and its prices lack are put into them; what looks wrong is told in :attr:`Bars.quality`. The bars
/// page of the documentation lists it.
///
/// Args:
///     home (str | os.PathLike[str] | None): the folder in which what was fetched is kept, as the command has it; None
///         keeps it in memory as long as the process lives.
///     url (str | None): the place in Yahoo's stead; None for the variable ``STOCKOPS_YAHOO_URL``, or else Yahoo itself.
///     partial (bool): take the bar of a session that is not over.
///     as_of (datetime.date | str | None): give what was known at the end of this day in UTC, without asking Yahoo, so that work
///         can be repeated as it was.
///     refresh (bool): ask for the whole history again in place of what was kept, as ``--refresh`` of the command.
///     allow_stale (bool): take bars that end before the last finished session.
///     adjust (Literal["auto", "none"] | None): as in :meth:`Bars.from_csv`.
///     calendar (str | None): as in :meth:`Bars.from_csv`.
///     drop_bad_rows (bool): as in :meth:`Bars.from_csv`.
///
/// Raises:
///     ConfigError: `url` is no address.
///
/// >>> import stockops
/// >>> yahoo = stockops.YahooSource(home="stockops-home", allow_stale=True)
/// >>> yahoo
/// YahooSource(home='stockops-home')
#[pyclass(name = "YahooSource", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyYahooSource {
    pub(crate) source: CachedSource<Arc<YahooSource>>,
    home: Option<PathBuf>,
}

/// One connection, and what it brought.
#[derive(Debug, Clone)]
struct Place {
    yahoo: Arc<YahooSource>,
    memory: Arc<MemoryStorage>,
}

/// The places of this process; a child that was forked has its own, for a connection cannot be shared.
static PLACES: Mutex<BTreeMap<(u32, String), Place>> = Mutex::new(BTreeMap::new());

fn place(url: Option<String>) -> PyResult<Place> {
    let set = || std::env::var("STOCKOPS_YAHOO_URL").ok().filter(|url| !url.trim().is_empty());
    let url = url.or_else(set);
    let mut places = PLACES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (std::process::id(), url.clone().unwrap_or_default());
    if let Some(place) = places.get(&key) {
        return Ok(place.clone());
    }
    let yahoo = match url {
        Some(url) => YahooSource::at(&url, Courtesy::default()),
        None => YahooSource::new(),
    };
    let place = Place { yahoo: Arc::new(yahoo.map_err(to_py)?), memory: Arc::default() };
    places.insert(key, place.clone());
    Ok(place)
}

impl PyYahooSource {
    pub(crate) fn with(
        home: Option<PathBuf>,
        url: Option<String>,
        reading: Reading,
        as_of: Option<Day>,
        refresh: bool,
    ) -> PyResult<Self> {
        let Place { yahoo, memory } = place(url)?;
        let source = match &home {
            Some(home) => CachedSource::new(yahoo, storage::open(home).map_err(to_py)?),
            None => CachedSource::new(yahoo, memory),
        };
        let as_of: Option<NaiveDate> = as_of.map(|day| day.0);
        Ok(Self { source: source.reading(reading).as_of(as_of).refresh(refresh), home })
    }

    pub(crate) fn bars(&self, py: Python<'_>, ticker: &Ticker) -> PyResult<PyBars> {
        tried(py, || self.source.bars(ticker)).map(PyBars::new)
    }
}

#[pymethods]
impl PyYahooSource {
    #[new]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    #[pyo3(signature = (home = None, *, url = None, partial = false, as_of = None, refresh = false, allow_stale = false, adjust = None, calendar = None, drop_bad_rows = false))]
    fn new(
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
        Self::with(home, url, Reading { options, partial, allow_stale }, as_of, refresh)
    }

    /// The bars of a ticker.
    ///
    /// Args:
    ///     ticker (str): as Yahoo writes it: ``"GOOG"``, ``"SHEL.L"``, ``"^GSPC"``, ``"BTC-USD"``.
    ///
    /// Returns:
    ///     Bars: at least one session.
    ///
    /// Raises:
    ///     NotFoundError: Yahoo has no such ticker.
    ///     NetworkError: Yahoo gave no bars; ``kind`` says why, and the text what to do.
    ///     StaleError: the last finished session misses.
    fn __call__(&self, py: Python<'_>, ticker: Word<Ticker>) -> PyResult<PyBars> {
        self.bars(py, &ticker.0)
    }

    fn __repr__(&self) -> String {
        let home = self.home.as_ref().map(|home| format!("home='{}'", home.display())).unwrap_or_default();
        format!("YahooSource({home})")
    }
}
