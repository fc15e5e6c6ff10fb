//! JSON schemas that every host understands: an object at the root, no references, plain formats.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON schema of `T`, with all that it refers to written out in place.
///
/// Hosts drop tools whose schema has `$ref`, and strict validators refuse formats such as `uint32`: neither is in it.
pub fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    if let Some(root) = schema.as_object_mut() {
        root.remove("$schema");
        root.remove("title");
    }
    drop_formats(&mut schema);
    schema
}

/// Formats of numbers are words of Rust.
fn drop_formats(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.retain(|key, value| {
                key != "format" || value.as_str().is_none_or(|word| ["date", "date-time", "uri"].contains(&word))
            });
            object.values_mut().for_each(drop_formats);
        }
        Value::Array(list) => list.iter_mut().for_each(drop_formats),
        _ => {}
    }
}
