//! Schemas of what routes take and answer, in the form of the OpenAPI document.
//!
//! They come from the types themselves, by schemars. The document is put together by aide, whose schemars is an older one, so they
//! cross as JSON.

use std::cell::RefCell;
use std::collections::BTreeSet;

use aide::openapi::SchemaObject;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use stockops_agents::schema::without_null;

use plain::plain;

mod plain;

/// Where the document keeps schemas.
const PLACE: &str = "#/components/schemas/";

thread_local! {
    /// One generator for all answers, so that two types of one name get two names.
    static ANSWERS: RefCell<SchemaGenerator> = RefCell::new(settings().for_serialize().into_generator());
    /// Schemas of the document that is being put together on this thread. aide would rewrite what it is given to keep.
    static KEPT: RefCell<Map<String, Value>> = RefCell::default();
}

/// All schemas that were described on this thread since the last call, by name: the components of a document.
pub(crate) fn take() -> impl Iterator<Item = (String, SchemaObject)> {
    KEPT.take().into_iter().map(|(name, schema)| (name, object(schema)))
}

fn settings() -> SchemaSettings {
    SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    })
}

/// The schema of what is answered; what it refers to is kept in the document under the names of the types.
pub(crate) fn of_answer<T: JsonSchema>() -> SchemaObject {
    ANSWERS.with_borrow_mut(|generator| {
        let schema = generator.subschema_for::<T>().to_value();
        KEPT.with_borrow_mut(|kept| keep(&schema, generator.definitions(), kept));
        object(plain(schema))
    })
}

/// The schema of what is asked, under the name of its type and `Request`, since a type may be written in more ways than it is
/// answered. All of it stands in one place.
pub(crate) fn of_request<T: JsonSchema>() -> SchemaObject {
    let schema = inlined::<T>();
    if T::inline_schema() {
        return object(plain(schema));
    }
    let name = T::schema_name();
    let mut name = format!("{}Request", name.strip_suffix("Request").unwrap_or(&name));
    let schema = plain(schema);
    KEPT.with_borrow_mut(|kept| {
        // Another type of the same name.
        while kept.get(&name).is_some_and(|known| *known != schema) {
            name.push('2');
        }
        kept.insert(name.clone(), schema);
    });
    object(json!({ "$ref": format!("{PLACE}{name}") }))
}

/// The properties of what is asked in a path or a query, each with whether it must be there. A query has no `null`.
pub(crate) fn of_parameters<T: JsonSchema>() -> Vec<(String, SchemaObject, bool)> {
    let schema = plain(inlined::<T>());
    let is_required = |name: &str| schema["required"].as_array().is_some_and(|names| names.contains(&json!(name)));
    let properties = schema["properties"].as_object().into_iter().flatten();
    properties
        .map(|(name, schema)| {
            let mut schema = schema.clone();
            without_null(&mut schema);
            (name.clone(), object(schema), is_required(name))
        })
        .collect()
}

fn inlined<T: JsonSchema>() -> Value {
    let settings = settings().for_deserialize().with(|settings| settings.inline_subschemas = true);
    T::json_schema(&mut settings.into_generator()).to_value()
}

/// Keep in `kept` all of `known` that `schema` refers to, and what that refers to.
fn keep(schema: &Value, known: &Map<String, Value>, kept: &mut Map<String, Value>) {
    let mut names = BTreeSet::new();
    references(schema, &mut names);
    for name in names {
        if let Some(schema) = known.get(&name).filter(|_| !kept.contains_key(&name)) {
            kept.insert(name, plain(schema.clone()));
            keep(schema, known, kept);
        }
    }
}

fn references(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            let name = object.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix(PLACE));
            names.extend(name.map(String::from));
            object.values().for_each(|value| references(value, names));
        }
        Value::Array(values) => values.iter().for_each(|value| references(value, names)),
        _ => {}
    }
}

/// A schema in the form of aide.
pub(crate) fn object(schema: Value) -> SchemaObject {
    // What is no object is `true`: anything.
    let schema = if let Value::Object(object) = schema { object } else { Map::new() };
    SchemaObject { json_schema: schema.into(), external_docs: None, example: None }
}
