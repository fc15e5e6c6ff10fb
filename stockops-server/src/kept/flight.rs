//! `Flights`: what is being computed, and who waits for it.

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures_util::future::{BoxFuture, FutureExt, Shared};

use super::{Answer, Key};

/// What became of a flight.
#[derive(Debug, Clone)]
pub(super) struct Landed<E> {
    pub(super) outcome: Result<Answer, E>,
    /// Whether the answer was kept before.
    pub(super) is_kept: bool,
}

/// One computation, for all who wait; `None` where it panicked.
pub(super) type Flight<E> = Shared<BoxFuture<'static, Option<Landed<E>>>>;

/// The computations that run now, by key, each with a number of its own.
pub(super) struct Flights<E> {
    running: Mutex<Running<E>>,
}

struct Running<E> {
    flights: HashMap<Key, (u64, Flight<E>)>,
    count: u64,
}

impl<E: Clone + Send + Sync + 'static> Flights<E> {
    pub(super) fn new() -> Self {
        Self { running: Mutex::new(Running { flights: HashMap::new(), count: 0 }) }
    }

    /// The flight of a key, and whether it was begun now. It runs in a task of its own.
    pub(super) fn join<Fut>(&self, key: &Key, begin: impl FnOnce(u64) -> Fut) -> (Flight<E>, bool)
    where
        Fut: Future<Output = Option<Landed<E>>> + Send + 'static,
    {
        let mut running = self.running();
        if let Some((_, flight)) = running.flights.get(key) {
            return (flight.clone(), false);
        }
        running.count += 1;
        let number = running.count;
        let task = tokio::spawn(begin(number));
        let flight = task.map(|joined| joined.ok().flatten()).boxed().shared();
        running.flights.insert(key.clone(), (number, flight.clone()));
        (flight, true)
    }

    /// A flight has ended: call `keep` unless it was forgotten meanwhile. Whoever comes later finds what was kept, or begins anew.
    pub(super) fn land(&self, key: &Key, number: u64, keep: impl FnOnce()) -> bool {
        let mut running = self.running();
        let is_current = running.flights.get(key).is_some_and(|(current, _)| *current == number);
        if is_current {
            keep();
            running.flights.remove(key);
        }
        is_current
    }

    /// Those who wait get their answer, but it is not kept, and whoever comes now begins anew.
    pub(super) fn forget(&self, which: impl Fn(&Key) -> bool) {
        self.running().flights.retain(|key, _| !which(key));
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.running().flights.is_empty()
    }

    fn running(&self) -> MutexGuard<'_, Running<E>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> std::fmt::Debug for Flights<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Flights").finish_non_exhaustive()
    }
}
