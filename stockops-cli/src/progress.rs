//! Progress of long work on stderr, and Ctrl-C that stops it.

use std::io::IsTerminal;
use std::sync::OnceLock;

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
fn cancel_on_ctrl_c() -> CancelFlag {
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
