//! `Toolbox`: all tools of a run, by name.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;
use stockops_core::Ticker;

use super::view::View;
use super::{Tool, ToolFault, drift, forecast, history, news, risk, skill};
use crate::desk::Desk;
use crate::llm::ToolSpec;
use crate::news::NewsSource;

/// Tools by name: `forecast`, `history`, `skill`, `drift`, `risk`, and `news` where a source is given.
///
/// Every answer is a JSON object, and beside each number that is forecast stand its 90 % interval and its skill.
///
/// # Example
///
/// ```no_run
/// use std::sync::Arc;
///
/// use serde_json::json;
/// use stockops_agents::Desk;
/// use stockops_agents::tools::Toolbox;
///
/// # async fn ask(desk: Arc<dyn Desk>) -> Result<(), stockops_agents::tools::ToolFault> {
/// let toolbox = Toolbox::new(desk, None);
/// let answer = toolbox.call("forecast", json!({"ticker": "GOOG"})).await?;
/// println!("{} {}", answer["sessions"][0]["close"]["value"], answer["sessions"][0]["close"]["interval_90"]);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Toolbox {
    view: View,
    news: Option<Arc<dyn NewsSource>>,
    more: Vec<Arc<dyn Tool>>,
    /// The tools that there are; none for all.
    only: Option<Vec<String>>,
}

impl Toolbox {
    /// The tools over `desk` and `news`, as of now.
    pub fn new(desk: Arc<dyn Desk>, news: Option<Arc<dyn NewsSource>>) -> Self {
        Self { view: View { desk, as_of: None, about: None }, news, more: Vec::new(), only: None }
    }

    /// The same tools as of `moment`: bars of sessions that were over by then, and news that was known by then.
    ///
    /// The version that forecasts is the one of now, which may have learned from later days.
    pub fn as_of(mut self, moment: DateTime<Utc>) -> Self {
        self.view.as_of = Some(moment);
        self
    }

    /// The same tools, which answer about `ticker` alone.
    pub fn about(mut self, ticker: Ticker) -> Self {
        self.view.about = Some(ticker);
        self
    }

    /// The tools of these names alone.
    pub fn only(mut self, names: &[&str]) -> Self {
        self.only = Some(names.iter().map(|name| (*name).to_owned()).collect());
        self
    }

    /// One tool more; it takes the place of one with the same name.
    pub fn with(mut self, tool: Arc<dyn Tool>) -> Self {
        self.more.push(tool);
        self
    }

    /// What there is, for [`Request::tools`](crate::llm::Request::tools).
    pub fn specs(&self) -> Vec<ToolSpec> {
        self.tools().iter().map(|tool| tool.spec()).collect()
    }

    /// JSON schema of the answers of `name`: an object without references.
    pub fn answer_schema(&self, name: &str) -> Option<Value> {
        self.find(name).map(|tool| tool.answer_schema())
    }

    /// The answer of tool `name` to `arguments`.
    ///
    /// The desk is asked on a thread for work that takes long, so a runtime of tokio is needed.
    ///
    /// # Errors
    ///
    /// [`ToolFault`], whose text says to a model what to do next.
    pub async fn call(&self, name: &str, arguments: Value) -> Result<Value, ToolFault> {
        let known = || self.specs().into_iter().map(|spec| spec.name).collect();
        let tool = self
            .find(name)
            .ok_or_else(|| ToolFault::Unknown { name: name.chars().take(40).collect(), known: known() })?;
        tool.call(arguments).await
    }

    fn find(&self, name: &str) -> Option<Arc<dyn Tool>> {
        self.tools().into_iter().find(|tool| tool.spec().name == name)
    }

    fn tools(&self) -> Vec<Arc<dyn Tool>> {
        let view = || self.view.clone();
        let own = [forecast::tool(view()), history::tool(view()), skill::tool(view()), drift::tool(view())];
        let mut tools: Vec<Arc<dyn Tool>> = own.into_iter().chain([risk::tool(view())]).collect();
        tools.extend(self.news.clone().map(|source| news::tool(view(), source)));
        for tool in &self.more {
            let name = tool.spec().name;
            tools.retain(|other| other.spec().name != name);
            tools.push(Arc::clone(tool));
        }
        tools.retain(|tool| self.only.as_ref().is_none_or(|only| only.contains(&tool.spec().name)));
        tools
    }
}
