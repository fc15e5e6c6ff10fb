//! `Event`: what a run tells while it goes.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One thing that happened in a run. As JSON it is flat: `{"sequence": 4, "node": "write", "turn": 1, "attempt": 2,
/// "kind": "token", "text": "The"}`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// Its number in this run, from 1, without gaps.
    pub sequence: u64,
    /// The node that it is about, a fallback under its own name; `None` where it is about the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<String>,
    /// Which run of the node it is, from 1: a loop gives a node several turns. 0 where no node is named.
    pub turn: u32,
    /// Which try of this turn it is, from 1; 0 where no node is named. What an earlier attempt told is void.
    pub attempt: u32,
    /// What happened.
    #[serde(flatten)]
    pub kind: Kind,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Kind {
    /// A node began an attempt.
    Started,
    /// A piece of text came, before anyone has checked it.
    Token {
        /// The piece.
        text: String,
    },
    /// A node told something of its own.
    Emitted {
        /// What it told.
        value: Value,
    },
    /// An attempt failed, and there will be another: drop what this one told.
    Retried {
        /// Why it failed.
        problem: String,
        /// Pause before the next, in seconds.
        #[serde(rename = "wait_s", serialize_with = "as_seconds")]
        wait: Duration,
    },
    /// The last attempt failed, and another node stands in.
    FellBack {
        /// Why it failed.
        problem: String,
        /// The node that stands in.
        to: String,
    },
    /// A node is done.
    Finished,
    /// A node failed for good, and with it the run.
    Failed {
        /// Why.
        problem: String,
    },
    /// A node waits for an answer. Its other branches go on.
    Interrupted {
        /// What it asks.
        question: Question,
    },
    /// All up to here is kept: a resumed thread goes on from it.
    Checkpointed,
    /// The run is at its end.
    Done,
    /// Nothing more can be done until somebody answers.
    Waiting,
}

/// What a node asks a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What an answer is given under: the name of the node, or `node/key`. A node that stands in for another asks under
    /// `other>node`, or `other>node/key`.
    pub id: String,
    /// The node that asks.
    pub node: String,
    /// What it asks: a text, or anything that a page may show.
    pub question: Value,
}

fn as_seconds<S: serde::Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn events_are_flat_json() {
        let kind = Kind::Retried { problem: "busy".into(), wait: Duration::from_millis(100) };
        let event = Event { sequence: 4, node: Some("write".into()), turn: 1, attempt: 2, kind };
        let wanted = json!({
            "sequence": 4, "node": "write", "turn": 1, "attempt": 2, "kind": "retried", "problem": "busy", "wait_s": 0.1
        });
        assert_eq!(serde_json::to_value(event).unwrap(), wanted);
        let done = Event { sequence: 5, node: None, turn: 0, attempt: 0, kind: Kind::Done };
        assert_eq!(
            serde_json::to_value(done).unwrap(),
            json!({ "sequence": 5, "turn": 0, "attempt": 0, "kind": "done" })
        );
    }
}
