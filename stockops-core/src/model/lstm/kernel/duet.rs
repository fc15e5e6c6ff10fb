//! Two threads on one sequence: each computes half of the units and tells the other after every step.
//!
//! The second thread is asked for, never counted on. The caller offers half of the work to the rayon pool and waits a
//! moment; if no thread has come by then, it withdraws the offer and does all of it, and who comes later finds
//! nothing to do. Once both are there, each is on a thread of its own and the other's next message will come, soon on
//! idle processors. On busy ones the other may be put aside in the middle: who has waited too long for a message ends
//! the duet, and the caller does all of it alone.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::line::{Line, WIDTH};

/// How long the caller waits for a second thread; one that sleeps wakes in less, one that works would come too late
/// anyway.
const PATIENCE: Duration = Duration::from_micros(60);

/// Looks at the other's counter before the clock is read and the processor offered to other threads.
const LOOKS: u32 = 2000;

/// How long one side waits for a message: a hundred times as long as one takes on an idle processor, and about as long
/// as the whole sequence takes alone.
const LONGEST_WAIT: Duration = Duration::from_millis(1);

/// There is no other side, or it did not answer in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alone;

const OFFERED: u8 = 0;
const TAKEN: u8 = 1;
const WITHDRAWN: u8 = 2;

/// Mailboxes of the two sides, and the state of the offer.
#[derive(Debug)]
pub(super) struct Duet {
    offer: AtomicU8,
    /// One side waits no longer.
    ended: AtomicBool,
    longest_wait: Duration,
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
    /// Runs `caller` here and `helper` there, if a thread comes in time and both stay to the end.
    ///
    /// [`Alone`] where not: then all is still to be done.
    pub(super) fn play(
        &mut self,
        blocks: usize,
        caller: impl FnOnce(&Side<'_>) -> Result<(), Alone>,
        helper: impl FnOnce(&Side<'_>) -> Result<(), Alone> + Send,
    ) -> Result<(), Alone> {
        self.reset(blocks);
        let duet = &*self;
        rayon::in_place_scope(|scope| {
            scope.spawn(move |_| {
                if duet.offer.compare_exchange(OFFERED, TAKEN, Ordering::AcqRel, Ordering::Acquire).is_ok() {
                    // The caller learns of an end from its own side.
                    let _ = helper(&Side { duet, index: 1 });
                }
            });
            if duet.await_helper() { caller(&Side { duet, index: 0 }) } else { Err(Alone) }
        })
    }

    fn reset(&mut self, blocks: usize) {
        *self.offer.get_mut() = OFFERED;
        *self.ended.get_mut() = false;
        for mailbox in &mut self.boxes {
            *mailbox.count.get_mut() = 0;
            for message in &mut mailbox.messages {
                message.resize_with(blocks * WIDTH / 2, Pair::default);
            }
        }
    }

    /// Both sides, for threads that are there for certain and wait for each other however busy the machine is.
    #[cfg(test)]
    pub(super) fn sides(&mut self, blocks: usize) -> [Side<'_>; 2] {
        self.reset(blocks);
        self.longest_wait = Duration::from_secs(600);
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

impl Default for Duet {
    fn default() -> Self {
        Self {
            offer: AtomicU8::default(),
            ended: AtomicBool::default(),
            longest_wait: LONGEST_WAIT,
            boxes: <[Mailbox; 2]>::default(),
        }
    }
}

/// One of the two in a duet.
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
    pub(super) fn receive(&self, number: usize, lines: &mut [Line]) -> Result<(), Alone> {
        self.wait_for(number)?;
        let message = &self.duet.boxes[1 - self.index].messages[number % 2];
        for (line, pairs) in lines.iter_mut().zip(message.chunks_exact(WIDTH / 2)) {
            for (values, pair) in line.0.as_chunks_mut::<2>().0.iter_mut().zip(pairs) {
                *values = pair.load();
            }
        }
        Ok(())
    }

    fn wait_for(&self, number: usize) -> Result<(), Alone> {
        let count = &self.duet.boxes[1 - self.index].count;
        let mut looks = 0;
        let mut start = None;
        while count.load(Ordering::Acquire) <= number {
            std::hint::spin_loop();
            looks += 1;
            if looks > LOOKS {
                let waited = start.get_or_insert_with(Instant::now).elapsed();
                if waited > self.duet.longest_wait {
                    self.duet.ended.store(true, Ordering::Relaxed);
                }
                if self.duet.ended.load(Ordering::Relaxed) {
                    return Err(Alone);
                }
                std::thread::yield_now();
            }
        }
        Ok(())
    }
}

/// Tells the other side if this one panics, so that it does not wait for ever.
impl Drop for Side<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.duet.ended.store(true, Ordering::Relaxed);
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
