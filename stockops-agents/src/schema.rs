//! JSON schemas of types, in the form that every host and model takes: nothing refers to anything, formats are plain.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

/// The JSON schema of what is read as a `T`: arguments of a tool, or the form of a model's answer.
///
/// Hosts drop tools whose schema has a `$ref`, so all stands where it is used; and strict validators refuse formats such as
/// `uint32`, so what only says how Rust stores a value is left out. [`is_plain`] tells whether that could be done.
///
/// # Example
///
/// ```
/// use schemars::JsonSchema;
/// use stockops_agents::schema::{is_plain, schema_of};
///
/// #[derive(JsonSchema)]
/// struct Asked {
///     /// Sessions ahead.
///     sessions: u32,
/// }
///
/// let schema = schema_of::<Asked>();
/// assert!(is_plain(&schema));
/// assert_eq!(schema["properties"]["sessions"]["type"], "integer");
/// assert!(schema["properties"]["sessions"]["format"].is_null());
/// ```
pub fn schema_of<T: JsonSchema>() -> Value {
    inlined::<T>(SchemaSettings::draft2020_12())
}

/// The JSON schema of what a `T` is written as: the answer of a tool, in the form of [`schema_of`].
pub fn schema_of_answer<T: JsonSchema>() -> Value {
    inlined::<T>(SchemaSettings::draft2020_12().for_serialize())
}

/// Whether a schema is that of an object, and nothing in it refers to anything.
///
/// It is not where a type is no object or holds itself.
pub fn is_plain(schema: &Value) -> bool {
    fn refers(schema: &Value) -> bool {
        match schema {
            Value::Object(fields) => fields.contains_key("$ref") || fields.values().any(refers),
            Value::Array(items) => items.iter().any(refers),
            _ => false,
        }
    }
    schema["type"] == "object" && !refers(schema)
}

fn inlined<T: JsonSchema>(settings: SchemaSettings) -> Value {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    without_rust(&mut schema);
    schema
}

/// Take out what only says how Rust stores a value: names of types, and formats that JSON schema does not know.
pub fn without_rust(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.retain(|key, value| match (key.as_str(), value.as_str()) {
                ("title", Some(_)) => false,
                ("format", Some(word)) => ["date", "date-time", "uri"].contains(&word),
                _ => true,
            });
            object.values_mut().for_each(without_rust);
        }
        Value::Array(items) => items.iter_mut().for_each(without_rust),
        _ => {}
    }
}

/// Take `null` out of what a schema allows: what may be left out is left out, and is never null.
///
/// `["string", "null"]` becomes `"string"`, and the same of words and alternatives.
pub fn without_null(schema: &mut Value) {
    let object = match schema {
        Value::Object(object) => object,
        Value::Array(items) => return items.iter_mut().for_each(without_null),
        _ => return,
    };
    object.retain(|key, value| key != "default" || !value.is_null());
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|word| word != "null");
        if let [only] = &mut types[..] {
            let only = only.take();
            object.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(words)) = object.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    if let Some(Value::Array(mut choices)) = object.remove("anyOf") {
        choices.retain(|choice| choice["type"] != "null");
        match &mut choices[..] {
            [Value::Object(only)] => {
                for (key, value) in std::mem::take(only) {
                    object.entry(key).or_insert(value);
                }
            }
            _ => drop(object.insert("anyOf".into(), choices.into())),
        }
    }
    object.values_mut().for_each(without_null);
}

#[cfg(test)]
mod tests {
    use schemars::JsonSchema;
    use serde::Serialize;
    use serde_json::json;

    use super::*;

    #[derive(Serialize, JsonSchema)]
    struct Inner {
        day: Option<chrono::NaiveDate>,
    }

    #[derive(Serialize, JsonSchema)]
    struct Outer {
        count: u32,
        first: Inner,
        rest: Vec<Inner>,
    }

    #[test]
    fn all_stands_where_it_is_used_and_formats_are_those_of_json_schema() {
        let inner = |required: Option<[&str; 1]>| {
            let mut inner =
                json!({"type": "object", "properties": {"day": {"type": ["string", "null"], "format": "date"}}});
            inner.as_object_mut().unwrap().extend(required.map(|all| ("required".to_owned(), json!(all))));
            inner
        };
        let outer = |inner: Value| {
            json!({
                "type": "object", "required": ["count", "first", "rest"],
                "properties": {
                    "count": {"type": "integer", "minimum": 0}, "first": inner, "rest": {"type": "array", "items": inner},
                },
            })
        };
        assert_eq!(schema_of::<Outer>(), outer(inner(None)), "what is read may leave out what is optional");
        assert_eq!(schema_of_answer::<Outer>(), outer(inner(Some(["day"]))), "an answer has all of its fields");
    }

    #[test]
    fn what_is_no_object_or_holds_itself_is_not_plain() {
        #[derive(JsonSchema)]
        struct Tree {
            #[allow(dead_code)]
            children: Vec<Tree>,
        }
        assert!(is_plain(&schema_of::<Outer>()));
        assert!(!is_plain(&schema_of::<Tree>()));
        assert!(!is_plain(&schema_of::<String>()));
    }

    #[test]
    fn a_property_may_be_called_like_a_word_of_schemas() {
        let given = json!({"title": "T", "properties": {"title": {"type": "string"}, "format": {"type": "number", "format": "double"}}});
        let wanted = json!({"properties": {"title": {"type": "string"}, "format": {"type": "number"}}});
        let mut schema = given;
        without_rust(&mut schema);
        assert_eq!(schema, wanted);
    }

    #[test]
    fn what_is_left_out_is_not_null() {
        let given = json!({"properties": {
            "number": {"type": ["integer", "null"], "minimum": 0, "default": null},
            "word": {"enum": ["a", null], "type": ["string", "null"]},
            "one": {"anyOf": [{"type": "string"}, {"type": "null"}], "description": "x"},
            "two": {"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "null"}]},
        }});
        let mut schema = given;
        without_null(&mut schema);
        assert_eq!(
            schema,
            json!({"properties": {
                "number": {"type": "integer", "minimum": 0},
                "word": {"enum": ["a"], "type": "string"},
                "one": {"type": "string", "description": "x"},
                "two": {"anyOf": [{"type": "string"}, {"type": "number"}]},
            }})
        );
    }
}
