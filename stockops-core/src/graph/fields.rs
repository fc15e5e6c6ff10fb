//! `Fields`: the fields of a state by name, each with its reducer; the engine sees state through it alone.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::reducer::{Append, Last, Reducer, Sum, Total};
use crate::error::Fault;

/// State or an update as JSON: what checkpoints hold and what nodes without types take and give.
pub type Object = serde_json::Map<String, Value>;

/// What a node says when it fails. `?` makes one of any error.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A failure that another try would not mend: the node that fails with it is not tried again. It reads as the failure that
/// it holds, which is the source of the [`Error::Node`](crate::Error::Node) that comes of it.
///
/// # Example
///
/// ```
/// use stockops_core::graph::{Hopeless, NodeResult};
///
/// fn read(key: Option<&str>) -> NodeResult<&str> {
///     Ok(key.ok_or_else(|| Hopeless("no key is set".into()))?)
/// }
/// assert_eq!(read(None).unwrap_err().to_string(), "no key is set");
/// ```
#[derive(Debug)]
pub struct Hopeless(pub Failure);

impl fmt::Display for Hopeless {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Hopeless {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source()
    }
}

/// What a node gives.
pub type NodeResult<T> = Result<T, Failure>;

/// The fields of a state by name, each with its reducer. [`state!`](crate::graph::state) makes them for a struct; a
/// state without types is given them by hand.
///
/// # Example
///
/// ```
/// use stockops_core::graph::{AgentGraph, Context, END, Fields, Node, Object, Outcome, START};
/// use serde_json::json;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let fields = Fields::new().last("word").append("letters").sum("count");
/// let graph = AgentGraph::with_fields("letters", 1, fields)
///     .node(Node::new("first", |state: Object, _: Context| async move {
///         let letter = state["word"].as_str().and_then(|word| word.chars().next());
///         let update = json!({ "letters": [letter], "count": 1 });
///         Ok(update.as_object().cloned().unwrap_or_default())
///     }).writes(["letters", "count"]))
///     .edge(START, "first")
///     .edge("first", END)
///     .build()?;
/// let start = json!({ "word": "graph" }).as_object().cloned().unwrap_or_default();
/// let Outcome::Done(state) = graph.start(start).finish().await? else { unreachable!() };
/// assert_eq!(serde_json::Value::Object(state), json!({ "word": "graph", "letters": ["g"], "count": 1 }));
/// # Ok::<(), stockops_core::Error>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone, Default)]
pub struct Fields {
    by_name: BTreeMap<String, Field>,
}

#[derive(Clone)]
struct Field {
    /// Its reducer in words, such as `Last<u32>`: part of what a checkpoint is compared by.
    rule: String,
    one_writer: bool,
    unwritten: Value,
    reduce: Reduce,
}

type Reduce = Arc<dyn Fn(&mut Value, Value) -> NodeResult<()> + Send + Sync>;

impl fmt::Debug for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rule)
    }
}

impl Fields {
    /// No fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// A field with the reducer `R`; `rule` is its name in words. A second field of one name takes the place of the
    /// first.
    #[must_use]
    pub fn with<R: Reducer>(self, name: &str, rule: &str) -> Self {
        let unwritten = serde_json::to_value(R::Value::default()).unwrap_or_default();
        let reduce = |value: &mut Value, update: Value| {
            let mut typed: R::Value = serde_json::from_value(value.take())?;
            R::reduce(&mut typed, serde_json::from_value(update)?);
            *value = serde_json::to_value(typed)?;
            Ok(())
        };
        self.put(name, Field { rule: rule.into(), one_writer: R::ONE_WRITER, unwritten, reduce: Arc::new(reduce) })
    }

    /// A field that keeps the last value, `null` before the first.
    #[must_use]
    pub fn last(self, name: &str) -> Self {
        self.with::<Last<Value>>(name, "Last")
    }

    /// A list; what is written is a list that is added to it.
    #[must_use]
    pub fn append(self, name: &str) -> Self {
        self.with::<Append<Value>>(name, "Append")
    }

    /// A sum of numbers.
    #[must_use]
    pub fn sum(self, name: &str) -> Self {
        self.with::<Sum<Total>>(name, "Sum")
    }

    /// A field with a reducer of one's own, which begins as `unwritten` and may be written by nodes side by side.
    /// `rule` is its name in words; `reduce` takes an update into the value.
    #[must_use]
    pub fn own(
        self,
        name: &str,
        rule: &str,
        unwritten: Value,
        reduce: impl Fn(&mut Value, Value) -> NodeResult<()> + Send + Sync + 'static,
    ) -> Self {
        self.put(name, Field { rule: rule.into(), one_writer: false, unwritten, reduce: Arc::new(reduce) })
    }

    fn put(mut self, name: &str, field: Field) -> Self {
        self.by_name.insert(name.into(), field);
        self
    }

    /// Whether the field takes one writer; `None` where there is no such field.
    pub(crate) fn is_one_writer(&self, name: &str) -> Option<bool> {
        self.by_name.get(name).map(|field| field.one_writer)
    }

    /// Names, for messages.
    pub(crate) fn names(&self) -> String {
        let names: Vec<_> = self.by_name.keys().map(String::as_str).collect();
        if names.is_empty() { "no fields".into() } else { names.join(", ") }
    }

    /// Each field with its reducer in words.
    pub(crate) fn rules(&self) -> BTreeMap<String, String> {
        self.by_name.iter().map(|(name, field)| (name.clone(), field.rule.clone())).collect()
    }

    /// A whole state from `given`: what it lacks is as never written.
    pub(crate) fn completed(&self, mut given: Object) -> Result<Object, Fault> {
        for (name, field) in &self.by_name {
            given.entry(name.clone()).or_insert_with(|| field.unwritten.clone());
        }
        match given.keys().find(|name| !self.by_name.contains_key(*name)) {
            None => Ok(given),
            Some(field) => {
                Err(Fault::UnknownField { field: field.clone(), by: "the start".into(), known: self.names() })
            }
        }
    }

    /// Take `update` into `state`. On an error some fields may have changed.
    pub(crate) fn apply(&self, state: &mut Object, update: &Object) -> Result<(), Fault> {
        for (name, change) in update {
            let what = || format!("the update of `{name}`");
            let (Some(field), Some(value)) = (self.by_name.get(name), state.get_mut(name)) else {
                return Err(Fault::UnknownField { field: name.clone(), by: "an update".into(), known: self.names() });
            };
            let reduced = (field.reduce)(value, change.clone());
            reduced.map_err(|error| Fault::Value { what: what(), problem: error.to_string() })?;
        }
        Ok(())
    }
}

/// `value` as JSON; [`Fault::Value`] names it as `what`.
pub(crate) fn to_json<T: Serialize>(what: &str, value: &T) -> Result<Value, Fault> {
    serde_json::to_value(value).map_err(|error| Fault::Value { what: what.into(), problem: error.to_string() })
}

/// A value from JSON; [`Fault::Value`] names it as `what`.
pub(crate) fn from_json<T: DeserializeOwned>(what: &str, value: Value) -> Result<T, Fault> {
    serde_json::from_value(value).map_err(|error| Fault::Value { what: what.into(), problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Object {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn a_start_is_completed_and_knows_no_other_fields() {
        let fields = Fields::new().last("a").append("b").sum("c");
        let full = fields.completed(object(json!({ "a": 1 }))).unwrap();
        assert_eq!(Value::Object(full), json!({ "a": 1, "b": [], "c": 0 }));
        let fault = fields.completed(object(json!({ "d": 1 }))).unwrap_err();
        assert_eq!(fault.to_string(), "the start names the field `d`, and the state has a, b, c; mend the name");
    }

    #[test]
    fn a_reducer_of_ones_own_may_refuse() {
        let fields = Fields::new().own("max", "Max", json!(0), |value, update| {
            let update = update.as_i64().ok_or("no number")?;
            *value = value.as_i64().max(Some(update)).into();
            Ok(())
        });
        let mut state = fields.completed(Object::new()).unwrap();
        fields.apply(&mut state, &object(json!({ "max": 3 }))).unwrap();
        fields.apply(&mut state, &object(json!({ "max": 2 }))).unwrap();
        assert_eq!(state["max"], 3);
        let fault = fields.apply(&mut state, &object(json!({ "max": "x" }))).unwrap_err();
        assert_eq!(fault.to_string(), "the update of `max` does not fit: no number");
        let fault = fields.apply(&mut state, &object(json!({ "min": 1 }))).unwrap_err();
        assert_eq!(fault.to_string(), "an update names the field `min`, and the state has max; mend the name");
    }
}
