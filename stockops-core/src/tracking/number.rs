//! `Number`: a metric's value, which may be no number at all.

use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The value of a metric. A training that diverges has NaN and infinities, and they are kept like any other value.
///
/// JSON has no such numbers, so they are the words `NaN`, `Infinity` and `-Infinity`, as MLflow has them. A value equals another
/// where it is the same one, so NaN equals NaN.
///
/// # Example
///
/// ```
/// use stockops_core::tracking::Number;
///
/// assert_eq!(serde_json::to_string(&Number(f64::NAN)).unwrap(), "\"NaN\"");
/// assert_eq!(serde_json::from_str::<Number>("\"-Infinity\"").unwrap(), Number(f64::NEG_INFINITY));
/// assert_eq!(serde_json::from_str::<Number>("1").unwrap(), Number(1.0));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Number(
    /// The value itself.
    pub f64,
);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0 || self.0.is_nan() && other.0.is_nan()
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            value if value.fract() == 0.0 && value.abs() < 1e6 || !value.is_finite() => write!(f, "{value}"),
            value if (1e-4..1e6).contains(&value.abs()) => write!(f, "{value:.5}"),
            value => write!(f, "{value:.4e}"),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_finite() => serializer.serialize_f64(value),
            value if value.is_nan() => serializer.serialize_str("NaN"),
            value => serializer.serialize_str(if value > 0.0 { "Infinity" } else { "-Infinity" }),
        }
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Number {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MetricValue".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The value of a metric; a word where it is no finite number.",
            "anyOf": [{"type": "number"}, {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}]
        })
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Words)
    }
}

/// Reads a number or one of the three words.
struct Words;

impl Visitor<'_> for Words {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number, NaN, Infinity or -Infinity")
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Number, E> {
        Ok(Number(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Number, E> {
        Ok(Number(value as f64))
    }

    fn visit_str<E: Error>(self, word: &str) -> Result<Number, E> {
        match word {
            "NaN" => Ok(Number(f64::NAN)),
            "Infinity" => Ok(Number(f64::INFINITY)),
            "-Infinity" => Ok(Number(f64::NEG_INFINITY)),
            _ => Err(E::custom(format!("`{word}` is no number"))),
        }
    }
}
