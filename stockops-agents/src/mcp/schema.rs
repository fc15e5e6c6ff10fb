//! Shapes of arguments and answers as JSON schema, in the form that every host takes.

use std::sync::Arc;

use rmcp::model::JsonObject;
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// What a tool takes. A host may drop a tool whose schema has a `$ref`, so everything stands where it is used; what may be left
/// out is left out, and is never null.
pub(super) fn of_arguments<T: JsonSchema>() -> Arc<JsonObject> {
    let mut schema = inlined::<T>(SchemaSettings::draft2020_12());
    schema.values_mut().for_each(not_null);
    Arc::new(schema)
}

/// What a tool answers.
pub(super) fn of_answer<T: JsonSchema>() -> Arc<JsonObject> {
    Arc::new(inlined::<T>(SchemaSettings::draft2020_12().for_serialize()))
}

fn inlined<T: JsonSchema>(settings: SchemaSettings) -> JsonObject {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    plain(&mut schema);
    match schema {
        Value::Object(object) => object,
        // A shape that is no object has no properties; `tests` hold every tool against this.
        _ => JsonObject::new(),
    }
}

/// Take out what only says how Rust stores a value: names of types, and formats that JSON schema does not know.
fn plain(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if object.get("title").is_some_and(Value::is_string) {
                object.remove("title");
            }
            if object.get("format").and_then(Value::as_str).is_some_and(|format| !format.starts_with("date")) {
                object.remove("format");
            }
            object.values_mut().for_each(plain);
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        _ => {}
    }
}

/// `["string", "null"]` as `"string"`, and the same of alternatives.
fn not_null(schema: &mut Value) {
    let Value::Object(object) = schema else { return };
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|word| word != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(words)) = object.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    let alternatives = object.get("anyOf").and_then(Value::as_array).cloned();
    if let Some(mut alternatives) = alternatives {
        alternatives.retain(|one| one["type"] != "null");
        if let [Value::Object(only)] = &alternatives[..] {
            object.remove("anyOf");
            for (key, value) in only {
                object.entry(key.clone()).or_insert_with(|| value.clone());
            }
        }
    }
    object.values_mut().for_each(not_null);
}
