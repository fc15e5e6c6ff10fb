//! Models behind servers: what is sent, what is taken as an answer, and what happens when servers fail.

#![allow(unreachable_pub, reason = "modules of one test")]

#[path = "../common/mod.rs"]
mod common;

mod budget;
mod client;
mod embeddings;
mod malformed;
mod ollama;
mod player;
mod real;
mod real_report;
mod scripted;
mod streams;
mod structured;

use std::sync::Mutex;
use std::time::Duration;

use player::Player;
use stockops_agents::Error;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{Answer, ChatModel, LlmSettings, Message, OpenAiModel, Request};

/// A key that must not be seen anywhere.
const KEY: &str = "sk-very-secret-4711";

/// Settings of a test: short pauses, a key.
pub fn settings(player: &Player) -> LlmSettings {
    let key = Some(stockops_agents::llm::Key::new(KEY));
    LlmSettings { key, whole: Duration::from_secs(20), ..LlmSettings::new(&player.address, "played:1b") }
}

/// The model that `player` plays.
pub fn model(player: &Player) -> OpenAiModel {
    OpenAiModel::new(&settings(player)).unwrap()
}

/// What is asked where it does not matter.
pub fn question() -> Request {
    Request::new([Message::system("You are an analyst."), Message::user("How is GOOG?")])
}

/// The answer to `request`, and the tokens that were told.
pub async fn ask(model: &dyn ChatModel, request: &Request) -> (Result<Answer, ModelFault>, Vec<String>) {
    let told = Mutex::new(Vec::new());
    let answer = model.chat(request, &|token| told.lock().unwrap().push(token.to_owned())).await;
    let fault = |error| match error {
        Error::Model { fault, .. } => fault,
        other => panic!("{other}"),
    };
    (answer.map_err(fault), told.into_inner().unwrap())
}
