//! What tools are asked with, and how the words of a model become it.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::ToolFault;
use crate::schema::schema_of;

/// A ticker alone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfTicker {
    /// Name of the series as Yahoo writes it: GOOG, BRK-B, ^GSPC, EURUSD=X.
    pub(super) ticker: String,
}

/// Past sessions of a ticker.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfPast {
    /// Name of the series as Yahoo writes it: GOOG, BRK-B, ^GSPC, EURUSD=X.
    pub(super) ticker: String,
    /// Sessions to show, the newest last.
    #[serde(default = "ten")]
    #[schemars(range(min = 1, max = 60))]
    pub(super) sessions: usize,
}

/// Risk of a ticker.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfRisk {
    /// Name of the series as Yahoo writes it: GOOG, BRK-B, ^GSPC, EURUSD=X.
    pub(super) ticker: String,
    /// Sessions ahead that are stated.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 5))]
    pub(super) sessions: usize,
    /// Prices whose chance of being touched or closed beyond is asked for; without any, 2 and 5 % on either side of the last close.
    #[serde(default)]
    #[schemars(length(max = 6))]
    pub(super) levels: Vec<f64>,
}

/// News about a ticker.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OfNews {
    /// Name of the series as Yahoo writes it: GOOG, BRK-B, ^GSPC, EURUSD=X.
    pub(super) ticker: String,
    /// Headlines at most, the newest first.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 10))]
    pub(super) limit: usize,
}

fn five() -> usize {
    5
}

fn ten() -> usize {
    10
}

/// `arguments` as a model wrote them, checked for `tool`.
///
/// Some models write the object as a text, or `null` for what they leave out: both are understood.
pub(super) fn read<T: DeserializeOwned + JsonSchema>(tool: &str, arguments: Value) -> Result<T, ToolFault> {
    let wrong = |problem: String| ToolFault::Arguments { tool: tool.into(), problem, takes: takes::<T>() };
    let object = match arguments {
        Value::String(text) => serde_json::from_str(&text).map_err(|error| wrong(format!("no JSON ({error})")))?,
        other => other,
    };
    let mut object = match object {
        Value::Object(object) => object,
        Value::Null => Map::new(),
        _ => return Err(wrong("they are no object".into())),
    };
    object.retain(|_, value| !value.is_null());
    serde_json::from_value(Value::Object(object)).map_err(|error| wrong(error.to_string()))
}

/// The names of the arguments, for a model: `ticker (text), sessions (integer, optional)`.
fn takes<T: JsonSchema>() -> String {
    let schema = schema_of::<T>();
    let required = |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let said = |(name, property): (&String, &Value)| {
        let kind = property["type"].as_str().unwrap_or("any");
        if required(name) { format!("{name} ({kind})") } else { format!("{name} ({kind}, optional)") }
    };
    let mut properties: Vec<_> = schema["properties"].as_object().into_iter().flatten().collect();
    properties.sort_by_key(|(name, _)| !required(name));
    properties.into_iter().map(said).collect::<Vec<_>>().join(", ")
}

/// `value` where it lies within `range`.
pub(super) fn within(
    tool: &str,
    name: &str,
    value: usize,
    range: std::ops::RangeInclusive<usize>,
) -> Result<usize, ToolFault> {
    if range.contains(&value) {
        return Ok(value);
    }
    let problem = format!("`{name}` must be {} to {}, got {value}", range.start(), range.end());
    Err(ToolFault::Refused { tool: tool.into(), problem })
}
