//! Protocol Buffers, as much of them as an ONNX file needs: fields that are numbers, bytes, or messages.
//!
//! <https://protobuf.dev/programming-guides/encoding/>

/// A message that is being written.
#[derive(Debug, Clone, Default)]
pub(super) struct Message(Vec<u8>);

/// Wire types.
const NUMBER: u64 = 0;
const BYTES: u64 = 2;

impl Message {
    /// The same with a field that is a whole number.
    pub(super) fn number(mut self, field: u64, value: i64) -> Self {
        self.varint(field << 3 | NUMBER);
        // Negative numbers are written as they stand in 64 bits.
        self.varint(value as u64);
        self
    }

    /// The same with a field that is bytes.
    pub(super) fn bytes(mut self, field: u64, value: &[u8]) -> Self {
        self.varint(field << 3 | BYTES);
        self.varint(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// The same with a field that is text.
    pub(super) fn text(self, field: u64, value: &str) -> Self {
        self.bytes(field, value.as_bytes())
    }

    /// The same with a field that is a message.
    pub(super) fn message(self, field: u64, value: &Self) -> Self {
        self.bytes(field, &value.0)
    }

    /// The same with a repeated field, one of each message.
    pub(super) fn messages<'a>(self, field: u64, values: impl IntoIterator<Item = &'a Self>) -> Self {
        values.into_iter().fold(self, |message, value| message.message(field, value))
    }

    /// What is written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// Seven bits a byte, the lowest first; the highest bit says that more follow.
    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the specification: 150 in field 1, `testing` in field 2, a message with 150 in field 3; -2 in ten bytes.
    #[test]
    fn messages_are_written_as_in_the_specification() {
        let hex = |message: Message| message.into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let number = Message::default().number(1, 150);
        assert_eq!(hex(number.clone()), "089601");
        assert_eq!(hex(Message::default().text(2, "testing")), "120774657374696e67");
        assert_eq!(hex(Message::default().message(3, &number)), "1a03089601");
        assert_eq!(hex(Message::default().number(1, -2)), "08feffffffffffffffff01");
    }
}
