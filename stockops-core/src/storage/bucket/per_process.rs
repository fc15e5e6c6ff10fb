//! `PerProcess`: a value that each process makes for itself, a forked child too.

use std::sync::{Mutex, PoisonError};

/// A value that is of use to one process alone, such as threads and connections: a forked child has none of its parent's
/// threads, and would wait for them for ever.
#[derive(Debug)]
pub(super) struct PerProcess<T>(Mutex<Option<(u32, T)>>);

impl<T: Clone> PerProcess<T> {
    /// None yet.
    pub(super) const fn new() -> Self {
        Self(Mutex::new(None))
    }

    /// That of this process; where it has none, what `make` makes.
    pub(super) fn get<E>(&self, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.of(std::process::id(), make)
    }

    fn of<E>(&self, process: u32, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_process =
            |held: &Option<(u32, T)>| held.as_ref().filter(|(owner, _)| *owner == process).map(|own| own.1.clone());
        if let Some(value) = of_process(&lock()) {
            return Ok(value);
        }
        // Without the lock, which a fork in between would leave locked for ever in the child. Two may make one, and the first stays.
        let made = make()?;
        let mut held = lock();
        if let Some(value) = of_process(&held) {
            return Ok(value);
        }
        // What is the parent's is never dropped: the threads that would have a part in it are not here.
        std::mem::forget(held.replace((process, made.clone())));
        Ok(made)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_makes_one_and_a_failure_is_not_kept() {
        let value = PerProcess::new();
        assert_eq!(value.of(1, || Err::<u32, _>("away")), Err("away"));
        let mut made = 0;
        for process in [1, 1, 2, 2, 1] {
            made = value.of(process, || Ok::<_, ()>(made + 1)).unwrap();
        }
        assert_eq!(made, 3);
    }
}
