//! The parts of an ONNX graph: tensors, nodes, and what goes in and out. Numbers of fields are those of `onnx.proto`.

use super::protobuf::Message;

/// Types of elements.
const FLOAT: i64 = 1;
const INT64: i64 = 7;

/// A length that is known, or one that each call chooses, by its name.
pub(super) enum Length {
    Of(usize),
    Any(&'static str),
}

/// Weights of the graph, of shape `shape`.
pub(super) fn weights(name: &str, shape: &[usize], values: &[f32]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, shape, FLOAT, &bytes)
}

/// Whole numbers that a node takes, in one dimension.
pub(super) fn numbers(name: &str, values: &[i64]) -> Message {
    let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    tensor(name, &[values.len()], INT64, &bytes)
}

fn tensor(name: &str, shape: &[usize], kind: i64, bytes: &[u8]) -> Message {
    let dims = shape.iter().fold(Message::default(), |message, length| message.number(1, *length as i64));
    dims.number(2, kind).text(8, name).bytes(9, bytes)
}

/// An operation; an output that nobody takes has an empty name.
pub(super) fn node(operation: &str, inputs: &[&str], outputs: &[&str], attributes: &[Message]) -> Message {
    let with = |message: Message, field: u64, names: &[&str]| {
        names.iter().fold(message, |message, name| message.text(field, name))
    };
    let message = with(with(Message::default(), 1, inputs), 2, outputs);
    // A node is called by what it makes.
    let name = outputs.last().copied().unwrap_or_default();
    message.text(3, name).text(4, operation).messages(5, attributes)
}

/// A setting of an operation: one whole number.
pub(super) fn number(name: &str, value: i64) -> Message {
    Message::default().text(1, name).number(3, value).number(20, 2)
}

/// A setting of an operation: several.
pub(super) fn list(name: &str, values: &[i64]) -> Message {
    let message = Message::default().text(1, name);
    values.iter().fold(message, |message, value| message.number(8, *value)).number(20, 7)
}

/// What goes in or out.
pub(super) fn value(name: &str, shape: &[Length]) -> Message {
    let dimension = |length: &Length| match length {
        Length::Of(length) => Message::default().number(1, *length as i64),
        Length::Any(name) => Message::default().text(2, name),
    };
    let dimensions: Vec<Message> = shape.iter().map(dimension).collect();
    let tensor = Message::default().number(1, FLOAT).message(2, &Message::default().messages(1, &dimensions));
    Message::default().text(1, name).message(2, &Message::default().message(1, &tensor))
}
