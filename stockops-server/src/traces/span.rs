//! `Place` and `Open`: where a span is in its trace, and what is known of it while it goes on.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use tracing_subscriber::Registry;
use tracing_subscriber::registry::LookupSpan;

use crate::logs::Redactor;

/// Events of a span that are sent.
const EVENTS: usize = 64;

/// Where a span is: its trace, its own id, and whether the trace is sent. It reads and writes itself as the header `traceparent` of
/// the W3C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) trace: u128,
    pub(super) span: u64,
    pub(super) is_sent: bool,
}

impl Place {
    /// The beginning of a trace, of which `ratio` are sent.
    pub(super) fn root(ratio: f64) -> Self {
        let trace = u128::from(random()) << 64 | u128::from(random());
        // The lower half is even over all numbers, so a share of them is a share of the traces.
        let is_sent = (trace as u64) as f64 <= ratio * u64::MAX as f64 && ratio > 0.0;
        Self { trace, span: random(), is_sent }
    }

    /// A span of the same trace.
    pub(super) fn child(self) -> Self {
        Self { span: random(), ..self }
    }
}

/// A number that is not 0, which nobody can guess.
fn random() -> u64 {
    // Each state is keyed anew, at random.
    RandomState::new().hash_one(0).max(1)
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace, self.span, u8::from(self.is_sent))
    }
}

impl FromStr for Place {
    type Err = ();

    fn from_str(header: &str) -> Result<Self, ()> {
        let parts: Vec<&str> = header.trim().split('-').collect();
        let [version, trace, span, flags, rest @ ..] = &parts[..] else { return Err(()) };
        let is_hex = |word: &str, length: usize| {
            word.len() == length && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_whole = is_hex(version, 2) && is_hex(trace, 32) && is_hex(span, 16) && is_hex(flags, 2);
        // Later versions may have more parts.
        if !is_whole || *version == "ff" || (*version == "00" && !rest.is_empty()) {
            return Err(());
        }
        let trace = u128::from_str_radix(trace, 16).map_err(drop)?;
        let span = u64::from_str_radix(span, 16).map_err(drop)?;
        let flags = u8::from_str_radix(flags, 16).map_err(drop)?;
        if trace == 0 || span == 0 { Err(()) } else { Ok(Self { trace, span, is_sent: flags & 1 == 1 }) }
    }
}

/// A value of a field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Number(f64),
    Bool(bool),
}

/// Fields by name.
pub(super) type Fields = Vec<(&'static str, Value)>;

/// Something that happened in a span.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Event {
    pub(super) at: u64,
    pub(super) name: String,
    pub(super) fields: Fields,
}

/// What is known of a span.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Open {
    pub(super) place: Place,
    pub(super) parent: Option<u64>,
    pub(super) name: &'static str,
    pub(super) begun: u64,
    pub(super) ended: u64,
    pub(super) fields: Fields,
    pub(super) events: Vec<Event>,
    pub(super) left_out: u32,
    pub(super) is_error: bool,
}

impl Open {
    pub(super) fn new(name: &'static str, place: Place, parent: Option<u64>) -> Self {
        let (fields, events) = (Vec::new(), Vec::new());
        Self { place, parent, name, begun: now(), ended: 0, fields, events, left_out: 0, is_error: false }
    }

    /// Something happened; of very many the first are kept.
    pub(super) fn happened(&mut self, event: Event) {
        if self.events.len() < EVENTS {
            self.events.push(event);
        } else {
            self.left_out += 1;
        }
    }

    /// The same without secrets.
    pub(super) fn cleaned(mut self, redactor: &Redactor) -> Self {
        let events = self.events.iter_mut().flat_map(|event| &mut event.fields);
        for (_, value) in self.fields.iter_mut().chain(events) {
            if let Value::Text(text) = value {
                *text = redactor.clean(text).into_owned();
            }
        }
        self.events.iter_mut().for_each(|event| event.name = redactor.clean(&event.name).into_owned());
        self
    }

    pub(super) fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().rev().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// Nanoseconds since 1970.
pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().try_into().unwrap_or(u64::MAX)
}

/// Where the span is that this thread is in, as a `traceparent`; `None` where nothing is traced.
pub(crate) fn current() -> Option<String> {
    let of = |(id, dispatch): (&tracing::Id, &tracing::Dispatch)| {
        let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
        span.scope().find_map(|span| span.extensions().get::<Open>().map(|open| open.place.to_string()))
    };
    tracing::Span::current().with_subscriber(of).flatten()
}
