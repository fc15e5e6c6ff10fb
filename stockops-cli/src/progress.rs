//! Progress of long work on stderr, and Ctrl-C that stops it.

use std::io::IsTerminal;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use stockops_core::training::{CancelFlag, Epoch, Event, Watch};

use crate::args::Common;

/// A watch that shows a bar on a terminal, or a line an epoch with `--verbose`, and ends on Ctrl-C.
pub(crate) fn watch(common: &Common, label: String) -> Watch<'static> {
    let cancel = cancel_on_ctrl_c();
    let shown = !common.quiet && std::io::stderr().is_terminal();
    let bar = if shown { ProgressBar::new(0).with_style(style()) } else { ProgressBar::hidden() };
    bar.set_prefix(label.clone());
    let verbose = common.verbose;
    let mut loss = String::new();
    let listener = move |event: Event<'_>| match event {
        Event::Stage(stage) => bar.set_message(stage.to_string()),
        Event::Begin { epochs, batches } => {
            // Work may train several times.
            bar.set_length((epochs * batches) as u64);
            bar.reset();
        }
        Event::Batch { epoch, .. } => {
            bar.inc(1);
            bar.set_message(format!("epoch {epoch}{loss}"));
        }
        Event::Epoch(epoch) => {
            loss = format!(", loss {:.4}", epoch.val_loss.unwrap_or(epoch.train_loss));
            if verbose {
                bar.suspend(|| eprintln!("{label}: {}", line(epoch)));
            }
        }
        _ => {}
    };
    Watch::new(listener).with_cancel(cancel)
}

/// How often a line is written where standard error is no terminal.
const EVERY: Duration = Duration::from_secs(30);

/// Progress of many pieces of work: a bar on a terminal, else a line now and then, with the time that is left.
pub(crate) struct Many {
    label: String,
    bar: ProgressBar,
    /// Whether lines are written.
    lines: bool,
    begun: Instant,
    told: Instant,
    all: usize,
    done: usize,
    skipped: usize,
    failed: usize,
}

impl Many {
    pub(crate) fn new(common: &Common, label: String, all: usize) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let (shown, lines) = (!common.quiet && is_terminal, !common.quiet && !is_terminal);
        let bar = if shown { ProgressBar::new(all as u64).with_style(style()) } else { ProgressBar::hidden() };
        bar.set_prefix(label.clone());
        let now = Instant::now();
        Self { label, bar, lines, begun: now, told: now, all, done: 0, skipped: 0, failed: 0 }
    }

    /// One more is over.
    pub(crate) fn tell(&mut self, is_skipped: bool, has_failed: bool) {
        self.done += 1;
        self.skipped += usize::from(is_skipped);
        self.failed += usize::from(has_failed);
        self.bar.inc(1);
        self.bar.set_message(self.rate());
        if self.lines && self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            eprintln!("{}: {} of {}, {}", self.label, self.done, self.all, self.rate());
        }
    }

    /// How fast it goes, by those that were not left out.
    fn rate(&self) -> String {
        let a_minute = 60.0 * (self.done - self.skipped) as f64 / self.begun.elapsed().as_secs_f64().max(1e-3);
        let left = (self.all - self.done) as f64 / a_minute;
        let left = if left.is_finite() { format!(", {} min left", left.ceil()) } else { String::new() };
        format!("{} failed, {a_minute:.0} a minute{left}", self.failed)
    }

    /// Write something else in between.
    pub(crate) fn suspend<R>(&self, write: impl FnOnce() -> R) -> R {
        self.bar.suspend(write)
    }

    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    let plain = ProgressStyle::default_bar();
    plain.clone().template("{prefix} [{bar:30}] {percent}% {msg} {eta}").unwrap_or(plain)
}

fn line(epoch: &Epoch) -> String {
    let validation = epoch.val_loss.map(|loss| format!(", validation {loss:.5}")).unwrap_or_default();
    let Epoch { epoch, train_loss, lr, seconds, .. } = epoch;
    format!("epoch {epoch}: loss {train_loss:.5}{validation}, rate {lr:.1e}, {seconds:.1} s")
}

/// One flag for the process; the first Ctrl-C sets it.
pub(crate) fn cancel_on_ctrl_c() -> CancelFlag {
    static FLAG: OnceLock<CancelFlag> = OnceLock::new();
    let set = || {
        let flag = CancelFlag::default();
        let handle = flag.clone();
        // Without a handler Ctrl-C ends the process at once, which writes nothing either.
        let _ = ctrlc::set_handler(move || handle.cancel());
        flag
    };
    FLAG.get_or_init(set).clone()
}
