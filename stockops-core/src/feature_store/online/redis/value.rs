//! `feast.types.Value`: a number, or none.

use super::wire::{Wire, fields};

/// A number as the bytes of a `feast.types.Value` (its field 5, a double); what is no number is a value without a field, as in
/// Feast, which makes the same of NaN.
pub(super) fn encode(value: Option<f64>) -> Vec<u8> {
    match value {
        Some(number) if !number.is_nan() => [&[5 << 3 | 1], &number.to_le_bytes()[..]].concat(),
        _ => Vec::new(),
    }
}

/// The number in the bytes of a `feast.types.Value`, of whichever of its types of numbers; `Ok(None)` for null, and `Err` where
/// it is no number, such as a text.
pub(super) fn decode(bytes: &[u8]) -> Result<Option<f64>, NoNumber> {
    // A field that is there twice counts the last time.
    let Some(field) = fields(bytes).ok_or(NoNumber)?.pop() else { return Ok(None) };
    match field {
        (3 | 4, Wire::Varint(number)) => Ok(Some(number as i64 as f64)),
        (5, Wire::Fixed64(number)) => Ok(Some(f64::from_le_bytes(number)).filter(|number| !number.is_nan())),
        (6, Wire::Fixed32(number)) => Ok(Some(f64::from(f32::from_le_bytes(number))).filter(|number| !number.is_nan())),
        (19, Wire::Varint(_)) => Ok(None),
        _ => Err(NoNumber),
    }
}

/// The bytes are no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoNumber;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back_to_the_last_bit(bits in any::<u64>()) {
            let number = f64::from_bits(bits);
            let back = decode(&encode(Some(number))).unwrap();
            prop_assert_eq!(back.map(f64::to_bits), (!number.is_nan()).then_some(bits));
        }

        #[test]
        fn any_bytes_are_a_number_or_none(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
            let _ = decode(&bytes);
        }
    }

    #[test]
    fn none_is_no_bytes() {
        assert_eq!((encode(None), decode(&[])), (Vec::new(), Ok(None)));
    }
}
