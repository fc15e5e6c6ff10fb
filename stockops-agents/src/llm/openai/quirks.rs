//! `Quirks`: what a server does not know, learnt from its refusals.

use std::sync::atomic::{AtomicU8, Ordering};

/// Something that some servers do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quirk {
    /// `max_tokens` has another name.
    NewMaxTokens,
    /// No counts in a stream.
    NoStreamOptions,
    /// No streams.
    NoStream,
    /// No schema of an answer.
    NoSchema,
    /// No seed.
    NoSeed,
    /// No temperature but its own.
    NoTemperature,
}

/// The words of a refusal, the most telling first.
const WORDS: [(&str, Quirk); 7] = [
    ("max_completion_tokens", Quirk::NewMaxTokens),
    ("stream_options", Quirk::NoStreamOptions),
    ("include_usage", Quirk::NoStreamOptions),
    ("response_format", Quirk::NoSchema),
    ("seed", Quirk::NoSeed),
    ("temperature", Quirk::NoTemperature),
    ("stream", Quirk::NoStream),
];

/// What a server does not know, as far as it has said so.
#[derive(Debug)]
pub(super) struct Quirks(AtomicU8);

impl Quirks {
    pub(super) fn new(stream: bool) -> Self {
        Self(AtomicU8::new(if stream { 0 } else { 1 << Quirk::NoStream as u8 }))
    }

    pub(super) fn has(&self, quirk: Quirk) -> bool {
        self.0.load(Ordering::Relaxed) & (1 << quirk as u8) != 0
    }

    /// Whether `reason` says something that was not known, so that another request may be taken.
    pub(super) fn learn(&self, reason: &str) -> bool {
        let reason = reason.to_lowercase();
        let named = WORDS.iter().find(|(word, quirk)| reason.contains(word) && !self.has(*quirk));
        named.inspect(|(_, quirk)| _ = self.0.fetch_or(1 << *quirk as u8, Ordering::Relaxed)).is_some()
    }
}
