//! `Brief`: what the nodes share.

use serde::{Deserialize, Serialize};
use stockops_core::graph::{Append, Last, state};

use crate::analysts::Exchange;
use crate::analysts::market_expert::Mood;
use crate::analysts::performance_analyst::Reading;
use crate::facts::Facts;
use crate::llm::Cost;
use crate::prose::{Prose, Rejection};
use crate::verdict::Verdict;

/// Who wrote the prose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Author {
    /// A language model.
    Model {
        /// Its name.
        name: String,
    },
    /// The template.
    Template {
        /// Why no model did.
        why: String,
    },
}

/// What the calls of a node have cost, those that failed too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spent {
    /// The node.
    pub node: String,
    /// Its calls, tokens and money.
    pub cost: Cost,
}

state! {
    /// What the nodes of the analysts share.
    pub struct Brief {
        /// What is known; the start sets it.
        facts: Last<Facts>,
        /// What is asked beyond a report; the start sets it.
        question: Last<String>,
        /// What was said before in the thread; the start sets it.
        talk: Append<Exchange>,
        /// What follows from the facts.
        verdict: Last<Verdict>,
        /// What the performance analyst says.
        reading: Last<Reading>,
        /// What the market expert says.
        mood: Last<Mood>,
        /// Analysts whose model gave nothing.
        silent: Append<String>,
        /// The draft.
        prose: Last<Prose>,
        /// Who wrote it.
        author: Last<Author>,
        /// Drafts that were sent back.
        rejected: Append<Rejection>,
        /// Whether the last draft may go out.
        accepted: Last<bool>,
        /// What calls have cost.
        spent: Append<Spent>,
        /// What the reader has to know of the run.
        warnings: Append<String>,
    }
}
