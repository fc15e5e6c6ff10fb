//! `side_by_side`: many pieces of work on a bounded number of threads, each piece on one of them alone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

use rayon::ThreadPoolBuilder;

use crate::error::Result;

/// Do `work` for each of `items` on `threads` threads, and tell `hear` what came of each on this one, as it comes; and `None` where
/// nothing came for as long as `every`.
///
/// A piece of work runs on one thread: what it would do side by side is done one after the other. So it never takes up another
/// piece in between, while it holds a lock that this one wants, and memory is that of `threads` pieces. Whoever hears slowly
/// slows the work down.
///
/// # Errors
///
/// The first error of `hear`: no further piece is begun then.
pub(crate) fn side_by_side<T: Sync, R: Send>(
    threads: usize,
    items: &[T],
    every: Duration,
    work: impl Fn(&T) -> R + Sync,
    mut hear: impl FnMut(Option<(usize, R)>) -> Result<()>,
) -> Result<()> {
    let next = AtomicUsize::new(0);
    let (sender, results) = sync_channel(2 * threads);
    let hand = |sender: SyncSender<(usize, R)>| {
        let all = || {
            let place = || next.fetch_add(1, Ordering::Relaxed);
            while let Some((place, item)) = Some(place()).and_then(|place| Some((place, items.get(place)?))) {
                if sender.send((place, work(item))).is_err() {
                    return;
                }
            }
        };
        match ThreadPoolBuilder::new().num_threads(1).build() {
            Ok(alone) => alone.install(all),
            Err(_) => all(),
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            let sender = sender.clone();
            scope.spawn(|| hand(sender));
        }
        drop(sender);
        heard(results, every, &mut hear)
    })
}

/// Tell `hear` of all `results`. They go when it ends, so that no thread waits to tell more.
fn heard<R>(results: Receiver<R>, every: Duration, hear: &mut dyn FnMut(Option<R>) -> Result<()>) -> Result<()> {
    loop {
        match results.recv_timeout(every) {
            Ok(done) => hear(Some(done))?,
            Err(RecvTimeoutError::Timeout) => hear(None)?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    const EVERY: Duration = Duration::from_millis(1);

    #[test]
    fn each_piece_is_done_once_on_one_thread_alone() {
        for threads in [1, 2, 5] {
            let items: Vec<usize> = (0..100).collect();
            let mut heard = vec![0; items.len()];
            side_by_side(
                threads,
                &items,
                EVERY,
                |item| (item * 2, rayon::current_num_threads()),
                |done| {
                    if let Some((place, (doubled, inside))) = done {
                        assert_eq!((doubled, inside), (place * 2, 1));
                        heard[place] += 1;
                    }
                    Ok(())
                },
            )
            .unwrap();
            assert!(heard.iter().all(|times| *times == 1));
        }
    }

    #[test]
    fn an_error_of_the_listener_ends_it_and_no_more_is_begun() {
        let begun = AtomicUsize::new(0);
        let items = vec![(); 1_000];
        let work = |_: &()| begun.fetch_add(1, Ordering::Relaxed);
        let ended = side_by_side(2, &items, EVERY, work, |done| done.map_or(Ok(()), |_| Err(Error::Cancelled)));
        assert!(matches!(ended, Err(Error::Cancelled)));
        assert!(begun.into_inner() < 20);
    }

    #[test]
    fn nothing_to_do_is_done() {
        side_by_side(4, &[], EVERY, |_: &()| (), |_| Err(Error::Cancelled)).unwrap();
    }
}
