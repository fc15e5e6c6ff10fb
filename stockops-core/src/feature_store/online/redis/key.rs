//! The names of things in Redis, as Feast 0.67 chooses them (serialisation version 3).

use super::murmur::murmur3;

/// The number of texts in `feast.types.ValueType`.
const STRING: u32 = 2;

/// The key of the hash that holds all that a project knows of `ticker`: the name and the value of its entity, then the project.
pub(super) fn entity_key(project: &str, join_key: &str, ticker: &str) -> Vec<u8> {
    let mut bytes = 1_u32.to_le_bytes().to_vec();
    for word in [join_key, ticker] {
        bytes.extend(STRING.to_le_bytes());
        bytes.extend((word.len() as u32).to_le_bytes());
        bytes.extend(word.bytes());
    }
    bytes.extend(project.bytes());
    bytes
}

/// The field of a feature.
pub(super) fn feature_field(view: &str, feature: &str) -> Vec<u8> {
    murmur3(format!("{view}:{feature}").as_bytes()).to_le_bytes().to_vec()
}

/// The field of the time of a view's row.
pub(super) fn event_field(view: &str) -> Vec<u8> {
    format!("_ts:{view}").into_bytes()
}

/// The field in which we keep when the row was created; Feast has none and leaves ours alone.
pub(super) fn created_field(view: &str) -> Vec<u8> {
    format!("_created:{view}").into_bytes()
}
