//! What a forecast is made from: bars that went through the store, held against what is online.

use super::{Applied, FeatureRow, FeatureStore, FeatureView, OnlineRow, OnlineStore};
use crate::error::{Error, Result};
use crate::market::{Bars, Ticker};

/// Bars as the store has them, and what is to be said about that.
#[derive(Debug, Clone, PartialEq)]
pub struct ServedBars {
    /// The bars.
    pub bars: Bars,
    /// Why they are not in the store, or what the online store says otherwise.
    pub notes: Vec<String>,
}

impl FeatureStore {
    /// Ingest `bars` and read them back, and hold the newest row against the online store, where one is named: what it lacks it is
    /// sent. Where nothing was applied there is no store, and the bars are those that were given.
    ///
    /// A store that cannot take the bars or is damaged is no reason to withhold a forecast of them: a note says so.
    ///
    /// # Errors
    ///
    /// [`Error::Skew`] where a view is computed otherwise by this version of the crate.
    pub fn serve(&self, bars: &Bars) -> Result<ServedBars> {
        match self.through(bars) {
            Err(error) if !matches!(error, Error::Skew { .. }) => {
                let note = format!("the bars are not in the feature store: {error}");
                Ok(ServedBars { bars: bars.clone(), notes: vec![note] })
            }
            served => served,
        }
    }

    /// [`serve`](Self::serve) where every error of the offline store is one.
    fn through(&self, bars: &Bars) -> Result<ServedBars> {
        let Some(applied) = self.offline().applied()? else {
            return Ok(ServedBars { bars: bars.clone(), notes: Vec::new() });
        };
        let written = self.offline().ingest_one(bars, self.now())?;
        let kept = self.offline().kept(bars)?.with_index(bars.index().cloned()).with_events(bars.events().cloned());
        let replaced = written.note.map(|note| format!("feature store: {note}"));
        let notes = replaced.into_iter().chain(self.compared(&applied, bars.ticker())).collect();
        Ok(ServedBars { bars: kept, notes })
    }

    /// What the online store says otherwise of the newest rows of `ticker`, after it was sent what it lacked.
    fn compared(&self, applied: &Applied, ticker: &Ticker) -> Vec<String> {
        let Some(online) = self.online() else { return Vec::new() };
        let views = applied.views.iter().map(|applied| &applied.view);
        let failed = |error: Error| Some(format!("the online store was not asked: {error}"));
        views.filter_map(|view| self.compared_in(view, online, ticker).unwrap_or_else(failed)).collect()
    }

    fn compared_in(&self, view: &FeatureView, online: &dyn OnlineStore, ticker: &Ticker) -> Result<Option<String>> {
        let Some(row) = self.offline().newest_of(&view.exact_name(), ticker)? else { return Ok(None) };
        Ok(difference(view, &row, &self.sent(online, view, &row)?))
    }

    /// What is online of the ticker of `row`, after the row was written where it is not what is there.
    fn sent(&self, online: &dyn OnlineStore, view: &FeatureView, row: &FeatureRow) -> Result<OnlineRow> {
        let tickers = [row.ticker.clone()];
        let read = || -> Result<OnlineRow> {
            let found = online.read(&[view], &tickers, self.now())?.into_iter().flatten().next();
            found.ok_or_else(|| Error::shape("rows of the online store", &[1], &[0]))
        };
        let found = read()?;
        if difference(view, row, &found).is_none() {
            return Ok(found);
        }
        online.write(view, std::slice::from_ref(row))?;
        read()
    }
}

/// How `found` differs from the newest row that is kept.
fn difference(view: &FeatureView, row: &FeatureRow, found: &OnlineRow) -> Option<String> {
    let name = view.versioned_name();
    match found.event_timestamp {
        None => Some(format!("the online store has no row of {name}")),
        Some(event) if event.timestamp() != row.event_timestamp.timestamp() => Some(format!(
            "the online store has the row of {name} of {event}, and these bars end at {}",
            row.event_timestamp
        )),
        Some(_) => {
            let values = row.values.iter().zip(&found.values);
            let names: Vec<String> = view
                .names()
                .into_iter()
                .zip(values)
                .filter(|(_, (own, other))| own != other)
                .map(|(name, _)| name)
                .collect();
            (!names.is_empty()).then(|| format!("the online store has other values of {name}: {}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feature_store::MemoryOnline;
    use crate::source::builtin_bars;
    use crate::storage::{Key, MemoryStorage, Storage};

    fn msft() -> Bars {
        builtin_bars(&Ticker::new("MSFT").unwrap()).unwrap().bars.last(100)
    }

    fn store(online: &MemoryOnline) -> FeatureStore {
        let store = FeatureStore::in_memory().with_online(online.clone());
        let store = store.with_clock(|| "2100-01-01T00:00:00Z".parse().unwrap());
        store.apply(&FeatureView::default(), None).unwrap();
        store
    }

    #[test]
    fn without_a_view_bars_are_as_they_were_given_and_nothing_is_written() {
        let store = FeatureStore::in_memory();
        assert_eq!(store.serve(&msft()).unwrap(), ServedBars { bars: msft(), notes: Vec::new() });
        assert!(store.offline().applied().unwrap().is_none());
    }

    #[test]
    fn bars_come_back_as_they_were_given_and_the_online_store_has_their_newest_row() {
        let online = MemoryOnline::new();
        let store = store(&online);
        for _ in 0..2 {
            assert_eq!(store.serve(&msft()).unwrap(), ServedBars { bars: msft(), notes: Vec::new() });
        }
        let row = &store.get("stock_stats", &[msft().ticker().clone()]).unwrap()[0];
        assert_eq!(row.values[3], msft().closes().last().copied());
        let newest = store.offline().newest_of("stock_stats", msft().ticker()).unwrap().unwrap();
        assert_eq!(
            (row.event_timestamp, row.created_timestamp),
            (Some(newest.event_timestamp), Some(newest.created_timestamp))
        );
    }

    #[test]
    fn what_the_online_store_says_otherwise_is_told_by_name() {
        let online = MemoryOnline::new();
        let store = store(&online);
        store.serve(&msft()).unwrap();
        let mut row = store.offline().newest_of("stock_stats", msft().ticker()).unwrap().unwrap();
        row.created_timestamp += chrono::TimeDelta::days(9);
        (row.values[3], row.values[5]) = (Some(1.0), None);
        online.write(&FeatureView::default(), &[row.clone()]).unwrap();
        let notes = store.serve(&msft()).unwrap().notes;
        assert_eq!(notes, ["the online store has other values of stock_stats: Close, RSI14"]);
        row.event_timestamp += chrono::TimeDelta::days(1);
        online.write(&FeatureView::default(), &[row]).unwrap();
        let notes = store.serve(&msft()).unwrap().notes;
        assert!(notes[0].starts_with("the online store has the row of stock_stats of "), "{notes:?}");
    }

    #[test]
    fn a_damaged_store_withholds_no_bars() {
        let memory = MemoryStorage::new();
        let store = FeatureStore::on(memory.clone());
        store.apply(&FeatureView::default(), None).unwrap();
        let applied = Key::new("features/applied").unwrap();
        for name in memory.list(&applied).unwrap() {
            memory.put(&applied.join(name).unwrap(), b"{").unwrap();
        }
        let served = store.serve(&msft()).unwrap();
        assert_eq!((served.bars, served.notes.len()), (msft(), 1));
        let note = &served.notes[0];
        assert!(note.starts_with("the bars are not in the feature store: memory:features/applied/"), "{note}");
    }

    /// As where the same file is read once with its adjusted closes and once without.
    #[test]
    fn a_forecast_that_replaces_what_is_kept_says_so() {
        let store = store(&MemoryOnline::new());
        store.serve(&msft()).unwrap();
        let half = |price: f64| price / 2.0;
        let other = msft().map(|bar| crate::market::Bar {
            open: half(bar.open),
            high: half(bar.high),
            low: half(bar.low),
            close: half(bar.close),
            ..*bar
        });
        let served = store.serve(&other).unwrap();
        assert_eq!((&served.bars, served.notes.len()), (&other, 1));
        let note = &served.notes[0];
        assert!(
            note.starts_with("feature store: the history that was kept is replaced by another one: the close of "),
            "{note}"
        );
        assert!(store.serve(&other).unwrap().notes.is_empty());
    }

    #[test]
    fn bars_on_another_basis_are_served_as_given_and_not_stored() {
        let store = store(&MemoryOnline::new());
        store.serve(&msft()).unwrap();
        let part = msft().last(80).map(|bar| crate::market::Bar {
            open: bar.open / 2.0,
            high: bar.high / 2.0,
            low: bar.low / 2.0,
            close: bar.close / 2.0,
            ..*bar
        });
        let served = store.serve(&part).unwrap();
        assert_eq!(served.bars, part);
        assert!(
            served.notes[0].starts_with("the bars are not in the feature store: MSFT: rows of "),
            "{:?}",
            served.notes
        );
    }
}
