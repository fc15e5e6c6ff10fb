//! `DeskTool`: a tool whose answer is a function of the desk.

use std::sync::Arc;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::arguments::read;
use super::view::View;
use super::{Tool, ToolFault};
use crate::llm::ToolSpec;
use crate::schema::{schema_of, schema_of_answer};

/// A tool that asks the desk.
pub(super) struct DeskTool<Q, A> {
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) view: View,
    /// Asks the desk, which may take long.
    pub(super) answer: fn(&View, Q) -> Result<A, ToolFault>,
}

impl<Q, A> std::fmt::Debug for DeskTool<Q, A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeskTool").field("name", &self.name).field("view", &self.view).finish_non_exhaustive()
    }
}

impl<Q, A> Tool for DeskTool<Q, A>
where
    Q: DeserializeOwned + JsonSchema + Send + 'static,
    A: Serialize + JsonSchema + Send + 'static,
{
    fn spec(&self) -> ToolSpec {
        ToolSpec { name: self.name.into(), description: self.description.into(), arguments: schema_of::<Q>() }
    }

    fn answer_schema(&self) -> Value {
        schema_of_answer::<A>()
    }

    fn call(&self, arguments: Value) -> BoxFuture<'_, Result<Value, ToolFault>> {
        async move {
            let question = read(self.name, arguments)?;
            let (view, answer) = (self.view.clone(), self.answer);
            let work = tokio::task::spawn_blocking(move || answer(&view, question));
            let answered = work.await.map_err(|error| failed(self.name, error.to_string()))??;
            to_json(self.name, &answered)
        }
        .boxed()
    }
}

/// `answer` as JSON.
pub(super) fn to_json(tool: &str, answer: &impl Serialize) -> Result<Value, ToolFault> {
    serde_json::to_value(answer).map_err(|error| failed(tool, error.to_string()))
}

fn failed(tool: &str, problem: String) -> ToolFault {
    ToolFault::Failed { tool: tool.into(), problem }
}

/// A tool in the box.
pub(super) fn boxed<Q, A>(tool: DeskTool<Q, A>) -> Arc<dyn Tool>
where
    Q: DeserializeOwned + JsonSchema + Send + 'static,
    A: Serialize + JsonSchema + Send + 'static,
{
    Arc::new(tool)
}
