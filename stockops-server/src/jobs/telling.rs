//! What happens in a training or while a report is written, as entries of the job.

use std::time::{Duration, Instant};

use serde_json::{Value as Json, json};
use stockops_agents::analyze::Event as AnalystEvent;
use stockops_core::training::{CancelFlag, Event, Watch};

use crate::queue::Hand;

/// Entries about batches are this far apart at least.
const PERIOD: Duration = Duration::from_secs(1);

/// A watch that writes what it hears into the log of the job, and stops the work when the job is to stop.
///
/// Entries are of the kinds `stage`, `begin`, `batch` and `epoch`. They say which pass over the data they are of: the first is
/// the training itself, later ones are networks that it is compared with, or the refit to the last day.
pub(super) fn watch_of(hand: &Hand) -> Watch<'static> {
    let cancel = CancelFlag::default();
    let flag = cancel.clone();
    hand.on_stop(move || flag.cancel());
    let mut telling = Telling { hand: hand.clone(), pass: 0, begun: Instant::now(), told: None, epochs: 0, batches: 0 };
    Watch::new(move |event| telling.hear(event)).with_cancel(cancel)
}

struct Telling {
    hand: Hand,
    pass: usize,
    begun: Instant,
    told: Option<Instant>,
    epochs: usize,
    batches: usize,
}

impl Telling {
    fn hear(&mut self, event: Event<'_>) {
        match event {
            Event::Stage(stage) => self.hand.tell("stage", json!({"stage": stage})),
            Event::Begin { epochs, batches } => {
                self.pass += 1;
                (self.begun, self.epochs, self.batches) = (Instant::now(), epochs, batches);
                self.hand.tell("begin", json!({"pass": self.pass, "epochs": epochs, "batches": batches}));
            }
            Event::Batch { epoch, batch } if self.told.is_none_or(|told| told.elapsed() >= PERIOD) => {
                self.told = Some(Instant::now());
                let left = self.seconds_left((epoch.saturating_sub(1)) * self.batches + batch);
                let (pass, epochs, batches) = (self.pass, self.epochs, self.batches);
                let body = json!({"pass": pass, "epoch": epoch, "epochs": epochs, "batch": batch, "batches": batches, "seconds_left": left});
                self.hand.tell("batch", body);
            }
            Event::Epoch(epoch) => {
                let mut body = json!(epoch);
                body["pass"] = json!(self.pass);
                body["epochs"] = json!(self.epochs);
                body["seconds_left"] = json!(self.seconds_left(epoch.epoch * self.batches));
                self.hand.tell("epoch", body);
            }
            _ => {}
        }
    }

    /// Seconds to the last epoch at the pace up to now, with one digit; a training that stops early needs fewer.
    fn seconds_left(&self, done: usize) -> Option<f64> {
        let all = self.epochs * self.batches;
        let each = self.begun.elapsed().as_secs_f64() / done as f64;
        let left = (each * all.saturating_sub(done) as f64 * 10.0).round() / 10.0;
        left.is_finite().then_some(left)
    }
}

/// Tokens are told together, so far apart at least: each of them alone would be a write.
const TOGETHER: Duration = Duration::from_millis(300);

/// What analysts tell, as entries: `token` for text that nobody has checked yet, and says so; `node` for all else.
pub(super) struct Voice<'a> {
    hand: &'a Hand,
    /// Tokens of one node that are not told yet, and since when.
    tokens: Option<(AnalystEvent, Instant)>,
}

impl<'a> Voice<'a> {
    pub(super) fn new(hand: &'a Hand) -> Self {
        Self { hand, tokens: None }
    }

    pub(super) fn tell(&mut self, event: &AnalystEvent) {
        if event.kind != "token" {
            self.flush();
            return self.hand.tell("node", json!(event));
        }
        match &mut self.tokens {
            Some((known, _)) if is_of_one_try(known, event) => {
                let text = [known.text("text").unwrap_or_default(), event.text("text").unwrap_or_default()].concat();
                known.details.insert("text".into(), Json::String(text));
            }
            _ => {
                self.flush();
                self.tokens = Some((event.clone(), Instant::now()));
            }
        }
        if self.tokens.as_ref().is_some_and(|(_, since)| since.elapsed() >= TOGETHER) {
            self.flush();
        }
    }

    /// Tell what is not told yet.
    pub(super) fn flush(&mut self) {
        if let Some((tokens, _)) = self.tokens.take() {
            self.hand.tell("token", json!(tokens));
        }
    }
}

fn is_of_one_try(one: &AnalystEvent, other: &AnalystEvent) -> bool {
    (&one.node, one.turn, one.attempt) == (&other.node, other.turn, other.attempt)
}
