//! `Loaded`: models that are in memory, and what parents are worth on tickers of others.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::forecaster::{Adaptation, Forecaster};
use crate::market::{Bars, Days, Ticker};
use crate::model::Device;
use crate::registry::VersionId;

/// Most values of a kind that are kept where nobody says another number; the one that nobody asked for the longest makes room.
const MOST: usize = 256;

/// A bundle on a device. The hash tells it from another one under the same name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct ModelKey {
    pub(super) id: VersionId,
    pub(super) sha256: String,
    pub(super) device: Device,
}

/// A model on bars, and all of them that its forecasts depend on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct OnBars {
    model: ModelKey,
    ticker: Ticker,
    /// SHA-256 of the bars.
    bars: String,
    /// What is known of days.
    days: Days,
    /// SHA-256 of the bars of the index beside them.
    index: Option<String>,
}

impl OnBars {
    pub(super) fn of(model: &ModelKey, bars: &Bars) -> Self {
        Self {
            model: model.clone(),
            ticker: bars.ticker().clone(),
            bars: bars.sha256().to_owned(),
            days: bars.days(),
            index: bars.index().map(|index| index.sha256().to_owned()),
        }
    }
}

/// The bars of an index, asked for within one minute of the clock.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct IndexKey {
    pub(super) ticker: Ticker,
    /// Minutes since 1970.
    pub(super) minute: i64,
}

/// What a service holds in memory.
#[derive(Debug, Default)]
pub(super) struct Loaded {
    pub(super) models: Kept<ModelKey, Forecaster>,
    /// Parents made ready for tickers of others.
    pub(super) zero_shot: Kept<OnBars, Forecaster>,
    /// What forecasters have learned from the outcomes since their calibration: to replay them takes a hundred times as long as
    /// a forecast.
    pub(super) adapted: Kept<OnBars, Adaptation>,
    /// None where the source does not have them.
    pub(super) index: Kept<IndexKey, Option<Arc<Bars>>>,
}

impl Loaded {
    /// With room for `most` values of a kind.
    pub(super) fn with_room(most: usize) -> Self {
        let (models, zero_shot) = (Kept::with_room(most), Kept::with_room(most));
        Self { models, zero_shot, adapted: Kept::with_room(most), index: Kept::with_room(most) }
    }
}

/// Values that are made once and kept, for any number of threads.
#[derive(Debug)]
pub(super) struct Kept<K, V> {
    slots: Mutex<Slots<K, V>>,
    most: usize,
}

#[derive(Debug)]
struct Slots<K, V> {
    by_key: HashMap<K, Slot<V>>,
    /// Counts requests: the time of a slot's last one.
    time: u64,
}

#[derive(Debug)]
struct Slot<V> {
    value: Arc<Mutex<Option<Arc<V>>>>,
    used: u64,
}

impl<K, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self::with_room(MOST)
    }
}

impl<K, V> Kept<K, V> {
    fn with_room(most: usize) -> Self {
        Self { slots: Mutex::new(Slots { by_key: HashMap::new(), time: 0 }), most }
    }
}

impl<K: Clone + Eq + Hash, V> Kept<K, V> {
    /// The value of `key`, made by `make` where it is not there yet.
    ///
    /// Of several threads that ask for one key at once, one makes it and the others wait for it; requests of other keys go
    /// on. An error is not kept: the next request tries again.
    pub(super) fn get(&self, key: &K, make: impl FnOnce() -> Result<V>) -> Result<Arc<V>> {
        let slot = self.slot(key);
        let mut value = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = &*value {
            return Ok(Arc::clone(known));
        }
        let made = Arc::new(make()?);
        *value = Some(Arc::clone(&made));
        Ok(made)
    }

    fn slot(&self, key: &K) -> Arc<Mutex<Option<Arc<V>>>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        slots.time += 1;
        let now = slots.time;
        if !slots.by_key.contains_key(key) && slots.by_key.len() >= self.most {
            let oldest = slots.by_key.iter().min_by_key(|(_, slot)| slot.used).map(|(key, _)| key.clone());
            oldest.and_then(|oldest| slots.by_key.remove(&oldest));
        }
        let slot = slots.by_key.entry(key.clone()).or_insert_with(|| Slot { value: Arc::default(), used: now });
        slot.used = now;
        Arc::clone(&slot.value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use crate::error::Error;

    #[test]
    fn a_value_is_made_once_however_many_ask_for_it() {
        let (kept, made) = (Kept::<&str, usize>::default(), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let value = kept.get(&"a", || Ok(made.fetch_add(1, Ordering::Relaxed)));
                    assert_eq!(*value.unwrap(), 0);
                });
            }
        });
        assert_eq!(made.into_inner(), 1);
    }

    #[test]
    fn an_error_is_not_kept() {
        let kept = Kept::<&str, usize>::default();
        assert!(kept.get(&"a", || Err(Error::Cancelled)).is_err());
        assert_eq!(*kept.get(&"a", || Ok(7)).unwrap(), 7);
        assert_eq!(*kept.get(&"a", || Ok(8)).unwrap(), 7);
    }

    #[test]
    fn the_one_that_nobody_asked_for_makes_room() {
        let kept = Kept::<usize, usize>::default();
        let get = |key: usize, value: usize| *kept.get(&key, || Ok(value)).unwrap();
        (0..MOST).for_each(|key| assert_eq!(get(key, key), key));
        assert_eq!(get(0, 1_000), 0, "asked for again");
        get(MOST, MOST);
        assert_eq!(get(0, 1_000), 0, "so it stayed");
        assert_eq!(get(1, 1_000), 1_000, "and this one went");
    }
}
