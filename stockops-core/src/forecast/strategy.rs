//! `Strategy`: how a child comes from its parent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How a child comes from its parent.
///
/// Everywhere it is what it prints and is parsed from, so that a strategy may carry a setting; JSON has underscores:
/// `fine_tune`. How each trains stands in a file of `training/transfer`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("enum" = ["freeze", "fine_tune", "zero_shot", "scratch"])))]
#[serde(try_from = "String", into = "String")]
pub enum Strategy {
    /// All LSTM layers stay as they are; the head is trained on hidden states computed once.
    #[default]
    Freeze,
    /// All weights are trained, slowly.
    FineTune,
    /// Nothing is trained: the parent's network on the child's bars.
    ZeroShot,
    /// No parent: a network of its own.
    Scratch,
}

impl Strategy {
    /// All strategies.
    pub const ALL: [Self; 4] = [Self::Freeze, Self::FineTune, Self::ZeroShot, Self::Scratch];

    /// Its word, as the command line spells it.
    fn word(self) -> &'static str {
        match self {
            Self::Freeze => "freeze",
            Self::FineTune => "fine-tune",
            Self::ZeroShot => "zero-shot",
            Self::Scratch => "scratch",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Strategy {
    type Err = Error;

    /// `fine_tune` and `zero_shot` are taken too.
    fn from_str(word: &str) -> Result<Self> {
        let dashed = word.replace('_', "-");
        let found = Self::ALL.into_iter().find(|strategy| strategy.word() == dashed);
        found.ok_or_else(|| Error::Config {
            field: "strategy",
            rule: "one of freeze, fine-tune, zero-shot, scratch",
            got: word.chars().take(40).collect(),
        })
    }
}

impl TryFrom<String> for Strategy {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Strategy> for String {
    fn from(strategy: Strategy) -> Self {
        strategy.to_string().replace('-', "_")
    }
}
