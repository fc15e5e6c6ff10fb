//! A schema without what only says how Rust has it: formats of numbers, links and examples of docs, words one by one.

use serde_json::{Map, Value, json};
use stockops_agents::schema::without_rust;

/// The same schema in the words that generators of clients know.
///
/// - Formats of numbers go, and so do titles.
/// - Of a description stays what stands before its first heading, without links, and `None` is `null`.
/// - An enumeration whose words have a description each is one list of words, and the descriptions stand in its own.
/// - Keys of a map that follow a pattern are described by `propertyNames`.
pub(super) fn plain(mut schema: Value) -> Value {
    without_rust(&mut schema);
    told(schema)
}

fn told(schema: Value) -> Value {
    match schema {
        Value::Object(object) => Value::Object(of_object(object)),
        Value::Array(values) => Value::Array(values.into_iter().map(told).collect()),
        other => other,
    }
}

fn of_object(mut object: Map<String, Value>) -> Map<String, Value> {
    if let Some(text) = object.get("description").and_then(Value::as_str).map(described) {
        object.insert("description".into(), text.into());
    }
    words(&mut object);
    patterns(&mut object);
    object.into_iter().map(|(key, value)| (key, told(value))).collect()
}

/// What is said before the first heading, without links: ``[`Field`](path)`` and ``[`Field`]`` are `` `Field` ``.
fn described(text: &str) -> String {
    let text = text.split("\n# ").next().unwrap_or_default().split("\n```").next().unwrap_or_default().trim();
    let (mut said, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, link)) = rest.split_once('[') {
        let Some((words, after)) = link.split_once(']') else { break };
        said.push_str(before);
        let target = after.strip_prefix('(').and_then(|after| after.split_once(')'));
        let is_link = target.is_some() || words.starts_with('`');
        said.push_str(&if is_link { words.to_owned() } else { format!("[{words}]") });
        rest = target.map_or(after, |(_, after)| after);
    }
    said.push_str(rest);
    said.replace("`None`", "`null`")
}

/// `oneOf` of words as one list of them.
fn words(object: &mut Map<String, Value>) {
    let Some(Value::Array(choices)) = object.get("oneOf") else { return };
    let (mut all, mut lines) = (Vec::new(), Vec::new());
    for choice in choices {
        match (choice.get("const"), choice.get("enum")) {
            (Some(Value::String(word)), _) => {
                all.push(json!(word));
                let said = choice["description"].as_str().map(described).unwrap_or_default().replace('\n', " ");
                lines.push(format!("- `{word}`: {said}"));
            }
            (None, Some(Value::Array(words))) if words.iter().all(Value::is_string) => {
                all.extend(words.iter().cloned());
            }
            _ => return,
        }
    }
    let about = object.get("description").and_then(Value::as_str).unwrap_or_default();
    let about = format!("{about}\n\n{}", lines.join("\n")).trim().to_owned();
    object.remove("oneOf");
    object.extend([
        ("type".into(), json!("string")),
        ("enum".into(), all.into()),
        ("description".into(), about.into()),
    ]);
}

/// A map whose keys follow one pattern, with its values as `additionalProperties`, which generators of clients read.
fn patterns(object: &mut Map<String, Value>) {
    let Some(Value::Object(patterns)) = object.get("patternProperties") else { return };
    let [(pattern, values)] = &patterns.iter().collect::<Vec<_>>()[..] else { return };
    let (names, values) = (json!({ "pattern": pattern }), (*values).clone());
    object.remove("patternProperties");
    object.extend([("propertyNames".into(), names), ("additionalProperties".into(), values)]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_what_a_client_wants_to_read() {
        let docs = "A price, see [`Bar`](crate::Bar) and [`Bars`]; [0, 1] is a pair, `None` nothing.\n\n# Example\n\n```\nlet x = 1;\n```";
        assert_eq!(described(docs), "A price, see `Bar` and `Bars`; [0, 1] is a pair, `null` nothing.");
    }

    #[test]
    fn words_with_descriptions_become_one_list() {
        let given = json!({"description": "How.", "oneOf": [
            {"const": "a", "type": "string", "description": "First."}, {"const": "b", "type": "string", "description": "Second."}
        ]});
        let wanted =
            json!({"type": "string", "enum": ["a", "b"], "description": "How.\n\n- `a`: First.\n- `b`: Second."});
        assert_eq!(plain(given), wanted);
        let tagged = json!({"oneOf": [{"type": "object"}, {"const": "b"}]});
        assert_eq!(plain(tagged.clone()), tagged, "what is not all words stays");
    }

    #[test]
    fn a_map_by_pattern_keeps_its_values() {
        let given = json!({"type": "object", "patternProperties": {"^h": {"type": "number", "format": "double"}}, "additionalProperties": false});
        let wanted =
            json!({"type": "object", "propertyNames": {"pattern": "^h"}, "additionalProperties": {"type": "number"}});
        assert_eq!(plain(given), wanted);
    }
}
