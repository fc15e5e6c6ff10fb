//! Spans as the bytes of an `ExportTraceServiceRequest`, version 1 of OTLP (opentelemetry/proto/trace/v1/trace.proto).

use super::span::{Event, Fields, Open, Value};

/// Kinds of a span, by its name; others are internal.
const KINDS: [(&str, u64); 3] = [("request", 2), ("llm", 3), ("job", 5)];
const INTERNAL: u64 = 1;
/// The code of a span that failed.
const ERROR: u64 = 2;
/// The flag of a trace that is sent.
const SENT: u32 = 1;

/// What our fields are called by the conventions of OpenTelemetry.
const NAMES: [(&str, &str); 8] = [
    ("method", "http.request.method"),
    ("route", "http.route"),
    ("status", "http.response.status_code"),
    ("client", "client.address"),
    ("model", "gen_ai.request.model"),
    ("prompt_tokens", "gen_ai.usage.input_tokens"),
    ("answer_tokens", "gen_ai.usage.output_tokens"),
    ("error", "exception.message"),
];

/// All of `spans` of one process.
pub(super) fn request(resource: &[(String, String)], spans: &[Open]) -> Vec<u8> {
    let mut what = Message::default();
    for (name, value) in resource {
        what.message(1, &attribute(name, &Value::Text(value.clone())));
    }
    let mut scope = Message::default();
    scope.text(1, "stockops");
    scope.text(2, env!("CARGO_PKG_VERSION"));
    let mut in_scope = Message::default();
    in_scope.message(1, &scope);
    spans.iter().for_each(|open| in_scope.message(2, &span(open)));
    let mut of_resource = Message::default();
    of_resource.message(1, &what);
    of_resource.message(2, &in_scope);
    let mut request = Message::default();
    request.message(1, &of_resource);
    request.0
}

fn span(open: &Open) -> Message {
    let mut span = Message::default();
    span.bytes(1, &open.place.trace.to_be_bytes());
    span.bytes(2, &open.place.span.to_be_bytes());
    if let Some(parent) = open.parent {
        span.bytes(4, &parent.to_be_bytes());
    }
    span.text(5, &name(open));
    span.number(6, KINDS.iter().find(|(name, _)| *name == open.name).map_or(INTERNAL, |(_, kind)| *kind));
    span.fixed64(7, open.begun);
    span.fixed64(8, open.ended);
    attributes(&mut span, 9, &open.fields);
    if open.name == "llm" {
        span.message(9, &attribute("gen_ai.operation.name", &Value::Text("chat".into())));
    }
    open.events.iter().for_each(|event| span.message(11, &happened(event)));
    span.number(12, open.left_out.into());
    if has_failed(open) {
        let mut status = Message::default();
        status.number(3, ERROR);
        span.message(15, &status);
    }
    span.fixed32(16, SENT);
    span
}

/// A request is called by its method and route, a node by its own name.
fn name(open: &Open) -> String {
    match (open.name, open.field("method"), open.field("route"), open.field("name")) {
        ("request", Some(Value::Text(method)), Some(Value::Text(route)), _) => format!("{method} {route}"),
        (kind, _, _, Some(Value::Text(name))) => format!("{kind} {name}"),
        (kind, ..) => kind.to_owned(),
    }
}

fn has_failed(open: &Open) -> bool {
    let is_fault = matches!(open.field("status"), Some(Value::Integer(500..)));
    open.is_error || is_fault || open.field("error").is_some()
}

fn happened(event: &Event) -> Message {
    let mut message = Message::default();
    message.fixed64(1, event.at);
    message.text(2, &event.name);
    attributes(&mut message, 3, &event.fields);
    message
}

fn attributes(to: &mut Message, field: u64, fields: &Fields) {
    for (name, value) in fields {
        let name = NAMES.iter().find(|(ours, _)| ours == name).map_or(*name, |(_, theirs)| theirs);
        to.message(field, &attribute(name, value));
    }
}

fn attribute(name: &str, value: &Value) -> Message {
    let mut any = Message::default();
    match value {
        Value::Text(text) => any.text(1, text),
        // Zero and false are values too, so they are written.
        Value::Bool(is) => any.varint_field(2, u64::from(*is)),
        Value::Integer(number) => any.varint_field(3, number.cast_unsigned()),
        Value::Number(number) => any.fixed64(4, number.to_bits()),
    }
    let mut pair = Message::default();
    pair.text(1, name);
    pair.message(2, &any);
    pair
}

/// A message of protobuf, as its bytes.
#[derive(Debug, Default)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    fn varint_field(&mut self, field: u64, value: u64) {
        self.varint(field << 3);
        self.varint(value);
    }

    /// A number; 0 is what stands where nothing is written.
    fn number(&mut self, field: u64, value: u64) {
        if value != 0 {
            self.varint_field(field, value);
        }
    }

    fn fixed64(&mut self, field: u64, value: u64) {
        self.varint(field << 3 | 1);
        self.0.extend(value.to_le_bytes());
    }

    fn fixed32(&mut self, field: u64, value: u32) {
        self.varint(field << 3 | 5);
        self.0.extend(value.to_le_bytes());
    }

    fn bytes(&mut self, field: u64, value: &[u8]) {
        self.varint(field << 3 | 2);
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    fn text(&mut self, field: u64, value: &str) {
        self.bytes(field, value.as_bytes());
    }

    fn message(&mut self, field: u64, value: &Self) {
        self.bytes(field, &value.0);
    }
}
