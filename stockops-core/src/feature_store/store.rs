//! `FeatureStore`: the offline store, with an online one where there is one.

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{
    Applied, EntityRow, Failed, FeatureRow, FeatureView, Known, Layout, MemoryOnline, OfflineStore, OnlineRow,
    OnlineStore, Written,
};
use crate::error::{Error, Result};
use crate::market::{Bars, Ticker};
use crate::source::{Clock, system_clock};
use crate::storage::Storage;

/// Rows that are sent to an online store at a time.
const SENT: usize = 10_000;

/// Features of all tickers: kept offline, joined at a point in time, and the newest at hand online where a store for that is named.
///
/// What is ingested is written offline first. An online store that is away loses nothing: the answer says so, and the next
/// [`materialize`](Self::materialize) sends what it has not.
///
/// # Example
///
/// ```
/// use stockops_core::Ticker;
/// use stockops_core::feature_store::{FeatureStore, FeatureView, MemoryOnline};
/// use stockops_core::source::builtin_bars;
///
/// let store = FeatureStore::in_memory().with_online(MemoryOnline::new());
/// store.apply(&FeatureView::default(), None)?;
/// let msft = Ticker::new("MSFT")?;
/// let bars = builtin_bars(&msft)?.bars;
/// let ingested = store.ingest(&[bars.clone()])?;
/// assert_eq!((ingested.written[0].bars, ingested.online.unwrap().rows), (bars.len(), 1));
/// let row = &store.get("stock_stats", &[msft])?[0];
/// assert_eq!(row.values[3], bars.closes().last().copied());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Clone)]
pub struct FeatureStore {
    offline: OfflineStore,
    online: Option<Arc<dyn OnlineStore>>,
    clock: Clock,
}

/// What came of bars that were ingested.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Ingested {
    /// The tickers whose bars are in, in order.
    pub written: Vec<Written>,
    /// Those whose bars are not, and why.
    pub failed: Vec<Failed>,
    /// What the online store was sent; none where no store is named or nothing is new.
    pub online: Option<Materialized>,
}

/// What an online store was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Materialized {
    /// Where it is.
    pub store: String,
    /// Newest rows that it was sent.
    pub rows: usize,
    /// Those of them that it took; it has newer ones of the others.
    pub taken: usize,
    /// Why not all of them were sent. They are in the offline store, and the next materialisation sends them.
    pub problem: Option<String>,
}

impl FeatureStore {
    /// The store under `home`.
    pub fn open(home: impl AsRef<Path>) -> Self {
        Self::of(OfflineStore::open(home))
    }

    /// A store that is gone with its last clone.
    pub fn in_memory() -> Self {
        Self::of(OfflineStore::in_memory())
    }

    /// The store in `storage`, below the folder `features`.
    pub fn on(storage: impl Storage + 'static) -> Self {
        Self::of(OfflineStore::on(storage))
    }

    fn of(offline: OfflineStore) -> Self {
        Self { offline, online: None, clock: system_clock() }
    }

    /// Keep the newest rows here as well.
    #[must_use]
    pub fn with_online(self, online: impl OnlineStore + 'static) -> Self {
        Self { online: Some(Arc::new(online)), ..self }
    }

    /// Ask this clock for the time.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    /// The time of its clock.
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// Where all rows are.
    pub fn offline(&self) -> &OfflineStore {
        &self.offline
    }

    /// Where the newest rows are, where a store for that is named.
    pub fn online(&self) -> Option<&dyn OnlineStore> {
        self.online.as_deref()
    }

    /// Keep a view; see [`OfflineStore::apply`].
    ///
    /// # Errors
    ///
    /// Those of [`OfflineStore::apply`].
    pub fn apply(&self, view: &FeatureView, layout: Option<Layout>) -> Result<Applied> {
        self.offline.apply(view, layout, self.now())
    }

    /// Take the bars of several tickers, and send the newest rows of those that are new or corrected to the online store.
    ///
    /// # Errors
    ///
    /// Those of [`OfflineStore::ingest`]. An online store that fails is none: the answer says so.
    pub fn ingest(&self, series: &[Bars]) -> Result<Ingested> {
        let ingestion = self.offline.ingest(series, self.now())?;
        let is_new = |written: &&Written| written.rows > 0;
        let tickers: Vec<&Ticker> = ingestion.written.iter().filter(is_new).map(|written| &written.ticker).collect();
        let online = if tickers.is_empty() { None } else { self.send(|view| self.newest_of(view, &tickers))? };
        Ok(Ingested { written: ingestion.written, failed: ingestion.failed, online })
    }

    /// Send the newest row of each ticker in each view to the online store. It keeps what is newer there.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where no online store is named; those of [`OfflineStore::newest`] and of the online store.
    pub fn materialize(&self) -> Result<Materialized> {
        let sent = self.send(|view| self.offline.newest(view))?;
        let wanted = "the address of one";
        sent.ok_or_else(|| Error::Config { field: "online store", rule: wanted, got: "none".to_owned() })
    }

    /// The newest row of each of `tickers`, from the online store, or from the offline one where no other is named.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is no such view; those of the stores.
    pub fn get(&self, view: &str, tickers: &[Ticker]) -> Result<Vec<OnlineRow>> {
        let (view, now) = (self.view(view)?, self.now());
        let rows = match &self.online {
            Some(online) => online.read(&[&view], tickers, now)?,
            None => {
                let online = MemoryOnline::new();
                online.write(&view, &self.newest_of(&view.exact_name(), &tickers.iter().collect::<Vec<_>>())?)?;
                online.read(&[&view], tickers, now)?
            }
        };
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// The rows of one ticker; see [`OfflineStore::history`].
    ///
    /// # Errors
    ///
    /// Those of [`OfflineStore::history`].
    pub fn history(&self, view: &str, ticker: &Ticker, known: Option<DateTime<Utc>>) -> Result<Vec<FeatureRow>> {
        self.offline.history(view, ticker, known)
    }

    /// Join at a point in time; see [`OfflineStore::historical`].
    ///
    /// # Errors
    ///
    /// Those of [`OfflineStore::historical`].
    pub fn historical(&self, view: &str, entities: &[EntityRow], known: Known) -> Result<Vec<Option<FeatureRow>>> {
        self.offline.historical(view, entities, known)
    }

    /// The view of that name, in its newest version where the name has none.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] where there is none.
    pub fn view(&self, name: &str) -> Result<FeatureView> {
        self.offline.what_is_applied()?.view(name).cloned()
    }

    /// Send the `newest` rows of each view; `None` where no online store is named.
    fn send(&self, newest: impl Fn(&str) -> Result<Vec<FeatureRow>>) -> Result<Option<Materialized>> {
        let Some(online) = &self.online else { return Ok(None) };
        let mut sent = Materialized { store: online.place(), rows: 0, taken: 0, problem: None };
        for applied in self.offline.what_is_applied()?.views {
            for rows in newest(&applied.view.exact_name())?.chunks(SENT) {
                match online.write(&applied.view, rows) {
                    Ok(taken) => (sent.rows, sent.taken) = (sent.rows + rows.len(), sent.taken + taken),
                    Err(error) => return Ok(Some(Materialized { problem: Some(error.to_string()), ..sent })),
                }
            }
        }
        Ok(Some(sent))
    }

    fn newest_of(&self, view: &str, tickers: &[&Ticker]) -> Result<Vec<FeatureRow>> {
        let rows = tickers.iter().map(|ticker| self.offline.newest_of(view, ticker));
        Ok(rows.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

impl std::fmt::Debug for FeatureStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FeatureStore")
            .field("offline", &self.offline)
            .field("online", &self.online)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::feature_store::FieldStatus;
    use crate::source::builtin_bars;

    /// An online store that can be away.
    #[derive(Debug, Clone, Default)]
    struct Fragile {
        inner: Arc<MemoryOnline>,
        is_away: Arc<AtomicBool>,
    }

    impl Fragile {
        fn check(&self) -> Result<()> {
            let is_here = !self.is_away.load(Ordering::Relaxed);
            crate::error::check(is_here, "online", "here", "away")
        }
    }

    impl OnlineStore for Fragile {
        fn place(&self) -> String {
            "fragile".to_owned()
        }

        fn write(&self, view: &FeatureView, rows: &[FeatureRow]) -> Result<usize> {
            self.check()?;
            self.inner.write(view, rows)
        }

        fn read(&self, views: &[&FeatureView], tickers: &[Ticker], now: DateTime<Utc>) -> Result<Vec<Vec<OnlineRow>>> {
            self.check()?;
            self.inner.read(views, tickers, now)
        }
    }

    fn msft() -> Bars {
        builtin_bars(&Ticker::new("MSFT").unwrap()).unwrap().bars.last(100)
    }

    fn store() -> FeatureStore {
        let store = FeatureStore::in_memory().with_clock(|| "2100-01-01T00:00:00Z".parse().unwrap());
        store.apply(&FeatureView::default(), None).unwrap();
        store
    }

    #[test]
    fn an_online_store_that_is_away_loses_nothing() {
        let online = Fragile::default();
        let store = store().with_online(online.clone());
        online.is_away.store(true, Ordering::Relaxed);
        let ingested = store.ingest(&[msft()]).unwrap();
        let sent = ingested.online.unwrap();
        assert_eq!((ingested.written[0].rows, sent.taken), (100, 0));
        assert_eq!(sent.problem.as_deref(), Some("`online` must be here, got away"));
        assert_eq!(store.history("stock_stats", msft().ticker(), None).unwrap().len(), 100);

        online.is_away.store(false, Ordering::Relaxed);
        assert_eq!(
            store.materialize().unwrap(),
            Materialized { store: "fragile".into(), rows: 1, taken: 1, problem: None }
        );
        let row = &store.get("stock_stats", &[msft().ticker().clone()]).unwrap()[0];
        assert_eq!(row.values[3], msft().closes().last().copied());
    }

    #[test]
    fn without_an_online_store_the_newest_row_comes_from_the_files() {
        let store = store();
        assert_eq!(store.ingest(&[msft()]).unwrap().online, None);
        let none = Ticker::new("NONE").unwrap();
        let rows = store.get("stock_stats", &[none, msft().ticker().clone()]).unwrap();
        assert_eq!(rows[0].statuses[3], FieldStatus::NotFound);
        assert_eq!(
            (rows[1].statuses[3], rows[1].values[3]),
            (FieldStatus::OutsideMaxAge, msft().closes().last().copied())
        );
        let text = store.materialize().unwrap_err().to_string();
        assert_eq!(text, "`online store` must be the address of one, got none");
    }

    #[test]
    fn each_version_of_a_view_has_rows_of_its_own_online() {
        let store = store().with_online(MemoryOnline::new());
        let features = crate::FeatureSet::new(vec!["MACD".parse().unwrap(), "Close".parse().unwrap()]).unwrap();
        store.apply(&FeatureView::new("stock_stats", 1, features, None).unwrap(), None).unwrap();
        assert_eq!(store.ingest(&[msft()]).unwrap().online.unwrap().taken, 2);
        let close = msft().closes().last().copied();
        for (name, place) in [("stock_stats_v0", 3), ("stock_stats_v1", 1), ("stock_stats", 1)] {
            let row = &store.get(name, &[msft().ticker().clone()]).unwrap()[0];
            assert_eq!(row.values[place], close, "{name}");
        }
        assert!(store.serve(&msft()).unwrap().notes.is_empty());
    }

    #[test]
    fn what_is_not_new_is_not_sent_again() {
        let store = store().with_online(MemoryOnline::new());
        assert_eq!(store.ingest(&[msft()]).unwrap().online.unwrap().taken, 1);
        assert_eq!(store.ingest(&[msft()]).unwrap().online, None);
    }
}
