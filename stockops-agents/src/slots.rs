//! Slots: `{{close_h5}}` in a text, which code fills with the value of a fact.

use serde::{Deserialize, Serialize};

use crate::check::fill_in;
use crate::facts::Facts;
use crate::language::Language;

/// A piece of a text that a slot was filled with, and the fact that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(rename = "TextNumber"))]
pub struct Number {
    /// As it stands in the text.
    pub text: String,
    /// Id of the fact.
    pub fact: String,
}

/// A text without slots.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// What slots were filled with, in the order of the text.
    pub numbers: Vec<Number>,
}

/// Fill the slots of `text`. `{{id}}` is the value as a report prints it, `{{id:size}}` the same without its sign.
///
/// # Errors
///
/// The slots that are none: an id that no fact has, or braces that do not close.
///
/// # Example
///
/// ```
/// use stockops_agents::{Language, slots::fill};
/// # use stockops_agents::facts::*;
/// # let facts: Facts = serde_json::from_value(serde_json::json!({
/// #     "company": {"ticker": "GOOG", "name": null, "exchange": "XNAS", "currency": "USD"},
/// #     "moment": {"last_bar": "2026-01-08", "decided": "2026-01-09T00:00:00Z", "replayed": false},
/// #     "model_version": null, "headlines": [], "notes": [],
/// #     "facts": [{"id": "return_5", "words": "", "quantity": "return", "value": {"unit": "fraction", "value": -0.0312},
/// #         "day": null, "horizon": null, "level": null, "end": null,
/// #         "origin": {"source": "", "window": null, "fetched": "2026-01-09T00:00:00Z"}}],
/// # })).unwrap();
/// let filled = fill("It fell by {{return_5:size}}, that is {{return_5}}.", &facts, Language::ENGLISH).unwrap();
/// assert_eq!(filled.text, "It fell by 3.1 %, that is -3.1 %.");
/// assert_eq!(fill("{{return_9}}", &facts, Language::ENGLISH).unwrap_err(), ["`{{return_9}}` names no fact"]);
/// ```
pub fn fill(text: &str, facts: &Facts, language: Language) -> Result<Filled, Vec<String>> {
    let (mut filled, mut wrong) = (Filled::default(), Vec::new());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.text += before;
        let Some((slot, behind)) = after.split_once("}}") else {
            wrong.push("a slot `{{` does not close".into());
            break;
        };
        rest = behind;
        match value(slot.trim(), facts, language) {
            Some(number) => {
                filled.text += &number.text;
                filled.numbers.push(number);
            }
            None => wrong.push(format!("`{{{{{}}}}}` names no fact", slot.chars().take(60).collect::<String>())),
        }
    }
    filled.text += rest;
    if wrong.is_empty() { Ok(filled) } else { Err(wrong) }
}

/// The ids of the slots of `text`.
pub(crate) fn ids(text: &str) -> impl Iterator<Item = &str> {
    let slots = text.split("{{").skip(1).filter_map(|after| after.split_once("}}"));
    slots.map(|(slot, _)| slot.trim()).map(|slot| slot.split_once(':').map_or(slot, |(id, _)| id))
}

fn value(slot: &str, facts: &Facts, language: Language) -> Option<Number> {
    let (id, form) = slot.split_once(':').unwrap_or((slot, ""));
    let text = shown(id, facts, language)?;
    let text = match form {
        "" => text,
        "size" => text.trim_start_matches(['+', '-']).to_owned(),
        _ => return None,
    };
    Some(Number { text, fact: id.into() })
}

/// The value of the fact `id` as a report prints it; none where there is no such fact.
pub(crate) fn shown(id: &str, facts: &Facts, language: Language) -> Option<String> {
    facts.get(id)?;
    Some(fill_in(language, &format!("{{{{{id}}}}}"), facts).text)
}
