//! Two threads on one sequence: each computes half of the units and tells the other after every step.
//!
//! The second thread is asked for, never counted on. The caller offers half of the work to the rayon pool and waits a
//! moment; if no thread has come by then, it withdraws the offer and does all of it, and who comes later finds
//! nothing to do. So neither waits for a thread that does not run: once both are there, each is on a thread of its
//! own and the other's next message will come.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::line::{Line, WIDTH};

/// How long the caller waits for a second thread; one that sleeps wakes in less, one that works would come too late
/// anyway.
const PATIENCE: Duration = Duration::from_micros(60);

/// Looks at the other's counter before the processor is offered to other threads.
const LOOKS: u32 = 2000;

const OFFERED: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

/// Mailboxes of the two sides, and the state of the offer.
#[derive(Debug, Default)]
pub(super) struct Duet {
    offer: AtomicU8,
    failed: AtomicBool,
    boxes: [Mailbox; 2],
}

/// Where one side leaves its hidden states. On cache lines of its own, since both sides look at the counter all the
/// time.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Mailbox {
    /// Messages so far.
    count: AtomicUsize,
    /// The last two messages, even and odd: the other side may still be reading one when the next is written, never
    /// when the one after that is, since that waits for the answer to the first.
    messages: [Vec<Pair>; 2],
}

/// Two floats. Atomic, so that no `unsafe` is needed to share them; the counter orders them.
#[derive(Debug, Default)]
struct Pair(AtomicU64);

impl Duet {
    /// Runs `caller` here and, if a thread comes in time, `helper` there; `caller` is told whether it has a partner.
    pub(super) fn play(
        &mut self,
        blocks: usize,
        caller: impl FnOnce(Option<Side<'_>>),
        helper: impl FnOnce(Side<'_>) + Send,
    ) {
        self.reset(blocks);
        let duet = &*self;
        rayon::in_place_scope(|scope| {
            scope.spawn(move |_| {
                if duet.offer.compare_exchange(OFFERED, TAKEN, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                    let _alarm = Alarm(&duet.failed);
                    helper(Side { duet, index: 1 });
                }
            });
            if duet.await_helper() {
                let _alarm = Alarm(&duet.failed);
                caller(Some(Side { duet, index: 0 }));
            } else {
                caller(None);
            }
        });
    }

    fn reset(&mut self, blocks: usize) {
        *self.offer.get_mut() = OFFERED;
        *self.failed.get_mut() = false;
        for mailbox in &mut self.boxes {
            *mailbox.count.get_mut() = 0;
            for message in &mut mailbox.messages {
                message.resize_with(blocks * WIDTH / 2, Pair::default);
            }
        }
    }

    /// Both sides, for threads that are there for certain.
    #[cfg(test)]
    pub(super) fn sides(&mut self, blocks: usize) -> [Side<'_>; 2] {
        self.reset(blocks);
        [0, 1].map(|index| Side { duet: self, index })
    }

    /// Whether a thread took the offer; if not, it is withdrawn.
    fn await_helper(&self) -> bool {
        let start = Instant::now();
        while self.offer.load(Ordering::Acquire) == OFFERED && start.elapsed() < PATIENCE {
            std::hint::spin_loop();
        }
        self.offer.compare_exchange(OFFERED, WITHDRAWN, Ordering::AcqRel, Ordering::Acquire).is_err()
    }
}

/// One of the two in a duet.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    duet: &'a Duet,
    index: usize,
}

impl Side<'_> {
    /// Whether this side has the first blocks.
    pub(super) fn is_first(&self) -> bool {
        self.index == 0
    }

    /// Sends lines as message `number`; they count from zero, and each is sent after the other side's last one was
    /// received.
    pub(super) fn send(&self, number: usize, lines: &[Line]) {
        let mailbox = &self.duet.boxes[self.index];
        for (line, pairs) in lines.iter().zip(mailbox.messages[number % 2].chunks_exact(WIDTH / 2)) {
            for (values, pair) in line.0.as_chunks::<2>().0.iter().zip(pairs) {
                pair.store(*values);
            }
        }
        mailbox.count.store(number + 1, Ordering::Release);
    }

    /// Waits for message `number` of the other side.
    pub(super) fn receive(&self, number: usize, lines: &mut [Line]) {
        self.wait_for(number);
        let message = &self.duet.boxes[1 - self.index].messages[number % 2];
        for (line, pairs) in lines.iter_mut().zip(message.chunks_exact(WIDTH / 2)) {
            for (values, pair) in line.0.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
                *values = pair.load();
            }
        }
    }

    fn wait_for(&self, number: usize) {
        let count = &self.duet.boxes[1 - self.index].count;
        let mut looks = 0;
        while count.load(Ordering::Acquire) <= number {
            std::hint::spin_loop();
            looks += 1;
            if looks > LOOKS {
                assert!(!self.duet.failed.load(Ordering::Relaxed), "the other half of the LSTM panicked");
                std::thread::yield_now();
            }
        }
    }
}

impl Pair {
    fn store(&self, [a, b]: [f32; 2]) {
        self.0.store(u64::from(a.to_bits()) | u64::from(b.to_bits()) << 32, Ordering::Relaxed);
    }

    fn load(&self) -> [f32; 2] {
        let bits = self.0.load(Ordering::Relaxed);
        [f32::from_bits(bits as u32), f32::from_bits((bits >> 32) as u32)]
    }
}

/// Tells the other side if this one panics, so that it does not wait for ever.
struct Alarm<'a>(&'a AtomicBool);

impl Drop for Alarm<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.store(true, Ordering::Relaxed);
        }
    }
}
