//! `Strategy`: how a child comes from its parent.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How a child comes from its parent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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
    pub fn as_str(self) -> &'static str {
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
        f.write_str(self.as_str())
    }
}

impl FromStr for Strategy {
    type Err = Error;

    /// `fine_tune` and `zero_shot` are taken too.
    fn from_str(word: &str) -> Result<Self> {
        let dashed = word.replace('_', "-");
        let found = Self::ALL.into_iter().find(|strategy| strategy.as_str() == dashed);
        found.ok_or_else(|| Error::Config {
            field: "strategy",
            rule: "one of freeze, fine-tune, zero-shot, scratch",
            got: word.chars().take(40).collect(),
        })
    }
}
