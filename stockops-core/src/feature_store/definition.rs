//! `Definition`: how features are computed, with a hash that two sides can compare.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, check};
use crate::features::FeatureSet;
use crate::files::sha256_hex;

/// The type of a field, in Feast's word.
///
/// There is one. In 32 bits a volume of 4,184,120,000 would come back as 4,184,120,064.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FieldType {
    /// A number of 64 bits.
    Float64,
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Float64")
    }
}

/// One feature as it is computed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Field {
    /// The word of the feature, such as `RSI14`.
    pub name: String,
    /// What its values are.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// The [version of its formula](crate::Feature::formula).
    pub formula: u32,
}

/// How a set of features is computed: names, types, order and versions of formulas.
///
/// A model keeps the definition that it was trained on. Before it serves, [`check_served`](Self::check_served) compares it with
/// how features are computed now, so a difference is an error with names and not a forecast that is quietly worse.
///
/// # Example
///
/// ```
/// use stockops_core::FeatureSet;
/// use stockops_core::feature_store::Definition;
///
/// let trained = Definition::of(&FeatureSet::default());
/// assert_eq!(trained.fields.len(), 7);
/// assert_eq!(trained.sha256().len(), 64);
/// trained.check_served("GOOG@3", &Definition::of(&FeatureSet::default()))?;
/// # Ok::<(), stockops_core::Error>(())
/// ```
///
/// In JSON its hash stands before the fields, and is checked on the way in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Hashed", into = "Hashed")]
pub struct Definition {
    /// The features in order.
    pub fields: Vec<Field>,
}

/// The same with its hash.
#[derive(Serialize, Deserialize)]
struct Hashed {
    sha256: String,
    fields: Vec<Field>,
}

impl TryFrom<Hashed> for Definition {
    type Error = Error;

    fn try_from(Hashed { sha256, fields }: Hashed) -> Result<Self> {
        let definition = Self { fields };
        check(definition.sha256() == sha256, "sha256", "the hash of the fields beside it", sha256)?;
        Ok(definition)
    }
}

impl From<Definition> for Hashed {
    fn from(definition: Definition) -> Self {
        Self { sha256: definition.sha256(), fields: definition.fields }
    }
}

impl Definition {
    /// How this version of the crate computes `features`.
    pub fn of(features: &FeatureSet) -> Self {
        let field = |feature: &crate::features::Feature| Field {
            name: feature.to_string(),
            kind: FieldType::Float64,
            formula: feature.formula(),
        };
        Self { fields: features.iter().map(field).collect() }
    }

    /// SHA-256 in hexadecimal over one line a field: its name, type and formula, in order.
    pub fn sha256(&self) -> String {
        let line = |field: &Field| format!("{} {} {}\n", field.name, field.kind, field.formula);
        sha256_hex(self.fields.iter().map(line).collect::<String>().as_bytes())
    }

    /// Compare with what is `served`; `name` is who was trained on this definition.
    ///
    /// # Errors
    ///
    /// [`Error::Skew`] names each field that differs, and how.
    pub fn check_served(&self, name: &str, served: &Self) -> Result<()> {
        if self == served {
            return Ok(());
        }
        Err(Error::Skew { name: name.to_owned(), differences: self.differences(served) })
    }

    /// What differs, in words.
    fn differences(&self, served: &Self) -> Vec<String> {
        let mut found: Vec<String> = self.fields.iter().filter_map(|field| difference(field, served)).collect();
        let is_new = |field: &&Field| !self.fields.iter().any(|other| other.name == field.name);
        found.extend(served.fields.iter().filter(is_new).map(|field| format!("{} was not there", field.name)));
        if found.is_empty() {
            let names =
                |fields: &[Field]| fields.iter().map(|field| field.name.as_str()).collect::<Vec<_>>().join(", ");
            found.push(format!("the order was {}, and is {}", names(&self.fields), names(&served.fields)));
        }
        found
    }
}

/// How the field of that name differs; `None` where it is the same.
fn difference(trained: &Field, served: &Definition) -> Option<String> {
    let name = &trained.name;
    match served.fields.iter().find(|field| field.name == *name) {
        None => Some(format!("{name} is not there")),
        Some(field) if field.formula != trained.formula => Some(format!(
            "{name} was computed by version {} of its formula, and is by {}",
            trained.formula, field.formula
        )),
        Some(field) if field.kind != trained.kind => {
            Some(format!("{name} was of type {}, and is of {}", trained.kind, field.kind))
        }
        Some(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seven() -> Definition {
        Definition::of(&FeatureSet::default())
    }

    fn skew(served: &Definition) -> String {
        seven().check_served("GOOG@3", served).unwrap_err().to_string()
    }

    #[test]
    fn a_formula_that_changed_is_named() {
        let mut served = seven();
        served.fields[5].formula = 2;
        let text = "GOOG@3 was trained on other features than are served: RSI14 was computed by version 1 of its formula, and is by \
                    2; train it again, or serve it by the version of stockops that trained it";
        assert_eq!(skew(&served), text);
        assert_ne!(served.sha256(), seven().sha256());
    }

    #[test]
    fn what_is_missing_and_what_is_new_are_named() {
        let mut served = seven();
        served.fields[6].name = "ATR14".into();
        assert!(skew(&served).contains("served: MACD is not there; ATR14 was not there; train"), "{}", skew(&served));
    }

    #[test]
    fn another_order_is_skew() {
        let mut served = seven();
        served.fields.swap(0, 3);
        assert!(skew(&served).contains("the order was Open, High, Low, Close, "), "{}", skew(&served));
        assert!(skew(&served).contains("and is Close, High, Low, Open, "), "{}", skew(&served));
        assert_ne!(served.sha256(), seven().sha256());
    }

    #[test]
    fn json_has_the_words_of_feast() {
        let json = serde_json::to_string(&seven().fields[4]).unwrap();
        assert_eq!(json, r#"{"name":"Volume","type":"Float64","formula":1}"#);
    }

    #[test]
    fn a_definition_that_was_altered_is_refused() {
        let json = serde_json::to_string(&seven()).unwrap();
        assert_eq!(serde_json::from_str::<Definition>(&json).unwrap(), seven());
        let altered = json.replace("RSI14", "RSI15");
        let text = serde_json::from_str::<Definition>(&altered).unwrap_err().to_string();
        assert!(text.starts_with("`sha256` must be the hash of the fields beside it, got "), "{text}");
    }
}
