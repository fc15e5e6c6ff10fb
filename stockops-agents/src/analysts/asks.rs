//! `Asks`: a call whose model may ask tools before it answers.

use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::json;
use stockops_core::graph::NodeResult;

use super::Call;
use super::line::speaks_of_tools;
use crate::error::{Error, ModelFault, Result};
use crate::facts::Fact;
use crate::llm::{Answer, ChatModel, Message, Request};
use crate::slots::ids;
use crate::tools::{Budget, Called, Toolbox, converse, facts_of};

/// What is told to a model that may ask tools.
const RULE: &str = "You may call tools for what the table lacks; ask at most what you need, then answer. What `history` answers is a fact \
                    by the id history_DAY_FIELD, such as {{history_2020-01-31_close}}; a chance of `risk` by chance_above_PRICE_hN, \
                    chance_below_PRICE_hN or chance_touch_PRICE_hN.";

/// A call, and the tools that its model may ask. A model that refuses tools is asked without them, and then offered none again.
#[derive(Debug)]
pub struct Asks<'a> {
    call: &'a Call<'a>,
    toolbox: Option<&'a Toolbox>,
    budget: Budget,
    called: Mutex<Option<Vec<Called>>>,
}

impl<'a> Asks<'a> {
    /// `call` with the tools of `toolbox`, within `budget`; without any where there is no toolbox.
    pub fn new(call: &'a Call<'a>, toolbox: Option<&'a Toolbox>, budget: Budget) -> Self {
        let toolbox = toolbox.filter(|_| budget.calls > 0 && budget.rounds > 0);
        Self { call, toolbox, budget, called: Mutex::default() }
    }

    /// The answer to `messages` in the form of `T`, with tools offered unless the briefing `is_short`.
    ///
    /// # Errors
    ///
    /// Those of [`Call::answer`].
    pub async fn answer<T: JsonSchema + DeserializeOwned>(
        &self,
        mut messages: Vec<Message>,
        is_short: bool,
    ) -> NodeResult<T> {
        if is_short || self.offered().is_none() {
            return self.call.answer(messages).await;
        }
        if let Some(rules) = messages.first_mut() {
            rules.text = format!("{}\n\n{RULE}", rules.text);
        }
        self.call.answer_of(self, messages).await
    }

    /// What tools have answered of which `text` cites the id. A price that is asked about comes with its chance.
    pub fn cited(&self, text: &str, fetched: DateTime<Utc>) -> Vec<Fact> {
        let called = self.called.lock().unwrap_or_else(PoisonError::into_inner);
        let mut said: Vec<Fact> = called.iter().flatten().flat_map(|called| facts_of(called, fetched)).collect();
        let wanted: Vec<&str> = ids(text).collect();
        let prices: Vec<String> = said
            .iter()
            .filter(|fact| wanted.contains(&fact.id.as_str()))
            .filter_map(|fact| Some(format!("asked_{}", fact.against.as_ref()?.split_once(' ')?.1)))
            .collect();
        said.retain(|fact| wanted.contains(&fact.id.as_str()) || prices.contains(&fact.id));
        said.sort_by(|a, b| a.id.cmp(&b.id));
        said.dedup_by(|a, b| a.id == b.id);
        said
    }

    fn offered(&self) -> Option<&'a Toolbox> {
        self.toolbox.filter(|_| self.call.line().has_tools())
    }

    async fn asked(&self, request: &Request, token: &(dyn Fn(&str) + Send + Sync)) -> Result<Answer> {
        // What comes second is the repair of a form: tools have been asked.
        let is_first = self.called.lock().unwrap_or_else(PoisonError::into_inner).is_none();
        let Some(toolbox) = self.offered().filter(|_| is_first) else { return self.call.chat(request, token).await };
        match converse(self.call, request.clone(), toolbox, self.budget, token).await {
            Ok(talked) => {
                talked.calls.iter().for_each(|called| self.tell(called));
                *self.called.lock().unwrap_or_else(PoisonError::into_inner) = Some(talked.calls);
                Ok(talked.answer)
            }
            Err(Error::Model { fault: ModelFault::Refused { reason, .. }, .. }) if speaks_of_tools(&reason) => {
                if self.call.line().without_tools() {
                    self.call.warn(format!("{} does no tools: it was asked without them", self.call.name()));
                }
                self.call.chat(request, token).await
            }
            Err(error) => Err(error),
        }
    }

    fn tell(&self, called: &Called) {
        let problem = called.outcome.as_ref().err().map(ToString::to_string);
        self.call.emit(json!({ "tool": called.name, "arguments": called.arguments, "problem": problem }));
    }
}

impl ChatModel for Asks<'_> {
    fn name(&self) -> &str {
        self.call.name()
    }

    fn chat<'a>(
        &'a self,
        request: &'a Request,
        token: &'a (dyn Fn(&str) + Send + Sync),
    ) -> BoxFuture<'a, Result<Answer>> {
        self.asked(request, token).boxed()
    }
}
