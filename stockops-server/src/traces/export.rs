//! `Exporter`: a thread that sends spans in batches, by a blocking client.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TrySendError, channel, sync_channel};
use std::time::{Duration, Instant};

use super::config::TraceConfig;
use super::span::Open;
use super::wire;

/// Spans that wait.
const WAITING: usize = 2048;
/// Spans of one request.
const BATCH: usize = 512;
/// How long the first of a batch waits for others.
const PERIOD: Duration = Duration::from_secs(5);
/// Before the second try, and before the third.
const PAUSES: [Duration; 2] = [Duration::from_millis(500), Duration::from_secs(2)];

enum Told {
    Span(Box<Open>),
    Flush(Sender<()>),
}

#[derive(Debug)]
pub(super) struct Exporter {
    told: SyncSender<Told>,
}

impl Exporter {
    pub(super) fn start(config: Arc<TraceConfig>) -> Self {
        let (told, hears) = sync_channel(WAITING);
        let started = std::thread::Builder::new().name("traces".into()).spawn(move || Sending::new(config).run(&hears));
        if let Err(error) = started {
            tracing::warn!(%error, "no spans are sent: there is no thread for it");
        }
        Self { told }
    }

    /// Send a span some time; it is left out where too many wait.
    pub(super) fn send(&self, open: Open) {
        let _ = self.told.try_send(Told::Span(Box::new(open)));
    }

    /// Wait until all that has come is sent or given up; `false` where that takes longer than `patience`.
    pub(super) fn flush(&self, patience: Duration) -> bool {
        let end = Instant::now() + patience;
        let (sent, done) = channel();
        let mut flush = Told::Flush(sent);
        while let Err(error) = self.told.try_send(flush) {
            match error {
                TrySendError::Full(back) if Instant::now() < end => flush = back,
                _ => return false,
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        done.recv_timeout(end.saturating_duration_since(Instant::now())).is_ok()
    }
}

/// The thread's own.
struct Sending {
    config: Arc<TraceConfig>,
    agent: ureq::Agent,
    is_up: bool,
}

impl Sending {
    fn new(config: Arc<TraceConfig>) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(config.timeout))
            .http_status_as_error(false)
            // A redirect would lose the body of a POST.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .build();
        Self { config, agent: agent.into(), is_up: true }
    }

    /// Until nobody can tell of spans any more.
    fn run(mut self, hears: &Receiver<Told>) {
        let mut batch = Vec::new();
        let mut until = Instant::now();
        loop {
            let told = match batch.is_empty() {
                true => hears.recv().map_err(RecvTimeoutError::from),
                false => hears.recv_timeout(until.saturating_duration_since(Instant::now())),
            };
            match told {
                Ok(Told::Span(open)) => {
                    if batch.is_empty() {
                        until = Instant::now() + PERIOD;
                    }
                    batch.push(*open);
                    if batch.len() < BATCH {
                        continue;
                    }
                }
                Ok(Told::Flush(sent)) => {
                    self.send(&mut batch);
                    // Who asked may have gone.
                    let _ = sent.send(());
                    continue;
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return self.send(&mut batch),
            }
            self.send(&mut batch);
        }
    }

    /// What is not taken after three tries is given up, and the log says so once.
    fn send(&mut self, batch: &mut Vec<Open>) {
        if batch.is_empty() {
            return;
        }
        let batch: Vec<Open> = batch.drain(..).map(|open| open.cleaned(&self.config.redactor)).collect();
        let body = wire::request(&self.config.resource, &batch);
        let mut pauses = PAUSES.iter();
        let problem = loop {
            let Err((again, problem)) = self.post(&body) else { break None };
            // Of one that is away already, nobody waits for a second try.
            match pauses.next().filter(|_| again && self.is_up) {
                Some(pause) => std::thread::sleep(*pause),
                None => break Some(problem),
            }
        };
        let was_up = std::mem::replace(&mut self.is_up, problem.is_none());
        match problem {
            Some(problem) if was_up => tracing::warn!(problem, "the collector of traces is away: spans are left out"),
            None if !was_up => tracing::info!("the collector of traces is back"),
            _ => {}
        }
    }

    /// What went wrong, and whether another try may do better.
    fn post(&self, body: &[u8]) -> Result<(), (bool, String)> {
        let request = self.agent.post(&self.config.endpoint).content_type("application/x-protobuf");
        let request = self.config.headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        // An address in an error may hold a password.
        let answer = request.send(body).map_err(|error| match error {
            ureq::Error::Io(error) => (true, error.kind().to_string()),
            ureq::Error::Timeout(_) => (true, "it did not answer in time".to_owned()),
            _ => (false, "it could not be called".to_owned()),
        })?;
        match answer.status().as_u16() {
            200..300 => Ok(()),
            status => Err((matches!(status, 429 | 502..=504), format!("it answered {status}"))),
        }
    }
}
