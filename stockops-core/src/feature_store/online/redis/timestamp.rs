//! `google.protobuf.Timestamp`, and the two times of a row that we keep beside Feast's own.

use chrono::{DateTime, Utc};

use super::wire::{Wire, fields, put_bytes, put_varint};

/// A time as the bytes of a `google.protobuf.Timestamp`: field 1 holds seconds, field 2 nanoseconds, and a zero is left out.
pub(super) fn encode(time: DateTime<Utc>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let parts = [(1, time.timestamp() as u64), (2, u64::from(time.timestamp_subsec_nanos()))];
    for (number, part) in parts.into_iter().filter(|(_, part)| *part != 0) {
        put_varint(&mut bytes, number << 3);
        put_varint(&mut bytes, part);
    }
    bytes
}

/// The time in the bytes of a `google.protobuf.Timestamp`; `None` where they hold none.
pub(super) fn decode(bytes: &[u8]) -> Option<DateTime<Utc>> {
    let (mut seconds, mut nanos) = (0, 0);
    for field in fields(bytes)? {
        match field {
            (1, Wire::Varint(number)) => seconds = number as i64,
            (2, Wire::Varint(number)) => nanos = u32::try_from(number).ok()?,
            _ => {}
        }
    }
    DateTime::from_timestamp(seconds, nanos)
}

/// When a row was created, together with the event that this is true of: field 1 is the event, field 2 the creation.
pub(super) fn encode_created(event: DateTime<Utc>, created: DateTime<Utc>) -> Vec<u8> {
    let mut bytes = Vec::new();
    put_bytes(&mut bytes, 1, &encode(event));
    put_bytes(&mut bytes, 2, &encode(created));
    bytes
}

/// When the row of `event` was created; `None` where the bytes tell of another event, as when Feast wrote after us.
pub(super) fn decode_created(bytes: &[u8], event: DateTime<Utc>) -> Option<DateTime<Utc>> {
    match fields(bytes)?[..] {
        [(1, Wire::Bytes(of)), (2, Wire::Bytes(created))] if decode(of)? == event => decode(created),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn times_come_back(seconds in -62_135_596_800_i64..253_402_300_800, nanos in 0..1_000_000_000_u32, other in any::<i32>()) {
            let event = DateTime::from_timestamp(seconds, nanos).unwrap();
            let created = DateTime::from_timestamp(i64::from(other), nanos).unwrap();
            prop_assert_eq!(decode(&encode(event)), Some(event));
            let bytes = encode_created(event, created);
            prop_assert_eq!(decode_created(&bytes, event), Some(created));
            prop_assert_eq!(decode_created(&bytes, event + chrono::TimeDelta::nanoseconds(1)), None);
        }
    }
}
