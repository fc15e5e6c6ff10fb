//! `Role`: what a model is to the others, a parent or a child of some strategy.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Strategy;
use crate::error::{Error, Result};

/// What a model is: a parent, or a child that was made by some strategy.
///
/// In JSON it is one word: `parent`, `freeze`, `fine_tune`, `zero_shot` or `scratch`.
///
/// # Example
///
/// ```
/// use stockops_core::forecast::{Role, Strategy};
///
/// let role: Role = "fine_tune".parse()?;
/// assert_eq!(role, Role::Child(Strategy::FineTune));
/// assert_eq!(Role::Parent.to_string(), "parent");
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("enum" = ["parent", "freeze", "fine_tune", "zero_shot", "scratch"])))]
#[serde(try_from = "String", into = "String")]
pub enum Role {
    /// Trained from nothing on an index or on several series; children come from it.
    Parent,
    /// Made for one ticker.
    Child(Strategy),
}

impl Role {
    /// How a child was made; `None` for a parent.
    pub fn strategy(self) -> Option<Strategy> {
        match self {
            Self::Parent => None,
            Self::Child(strategy) => Some(strategy),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parent => f.write_str("parent"),
            Self::Child(strategy) => f.write_str(&String::from(*strategy)),
        }
    }
}

impl FromStr for Role {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        if word == "parent" { Ok(Self::Parent) } else { word.parse().map(Self::Child) }
    }
}

impl TryFrom<String> for Role {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Role> for String {
    fn from(role: Role) -> Self {
        role.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_role_is_one_word_in_json() {
        let children =
            [(Strategy::Freeze, "freeze"), (Strategy::FineTune, "fine_tune"), (Strategy::ZeroShot, "zero_shot")];
        let children = children.map(|(strategy, word)| (Role::Child(strategy), word));
        for (role, word) in children.into_iter().chain([(Role::Parent, "parent")]) {
            assert_eq!(serde_json::to_string(&role).unwrap(), format!("\"{word}\""));
            assert_eq!(serde_json::from_str::<Role>(&format!("\"{word}\"")).unwrap(), role);
        }
        assert!(serde_json::from_str::<Role>("\"champion\"").is_err());
        assert_eq!(Role::Child(Strategy::Freeze).strategy(), Some(Strategy::Freeze));
        assert_eq!(Role::Parent.strategy(), None);
    }
}
