//! Against a real small model behind llama.cpp's server: `tests/llm.sh`. What it says does not matter; what becomes of it
//! does.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use schemars::JsonSchema;
use serde::Deserialize;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{Account, Finish, LlmSettings, Message, Metered, OpenAiModel, Request, structured, tokens};

use crate::ask;

pub fn settings() -> LlmSettings {
    let url = std::env::var("STOCKOPS_TEST_LLM_URL").expect("the address of a server: see tests/llm.sh");
    let silence = Duration::from_secs(240);
    LlmSettings { silence, whole: silence, ..LlmSettings::new(url, "smollm2:135m") }
}

fn model() -> OpenAiModel {
    OpenAiModel::new(&settings()).unwrap()
}

/// It has always ended this one by itself.
fn short() -> Request {
    Request { max_tokens: 300, ..Request::new([Message::user("Say hello in three words.")]) }
}

/// It does not come to an end of this one.
fn long() -> Request {
    let wish = "Write a very long story of the stock market, with a hundred chapters. Begin with chapter one.";
    Request { max_tokens: 3_000, ..Request::new([Message::user(wish)]) }
}

#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn it_answers_and_streams() {
    let (answer, told) = ask(&model(), &short()).await;
    let answer = answer.unwrap();
    assert_eq!(answer.finish, Finish::Stop);
    assert_eq!(told.concat().trim(), answer.text);
    let counted = answer.usage;
    assert!(told.len() > 1 && counted.answer >= told.len() as u64, "{told:?} {counted:?}");
    assert!(tokens::at_least(&short()) <= counted.prompt, "{counted:?}");
    // The template of this model has instructions of its own, of some twenty tokens.
    assert!(counted.prompt <= tokens::at_most(&short()) + 30, "{counted:?}");
    let whole = OpenAiModel::new(&LlmSettings { stream: false, ..settings() }).unwrap();
    let (again, told) = ask(&whole, &short()).await;
    assert_eq!((again.unwrap().text, told.len()), (answer.text, 1), "the same seed says the same");
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Direction {
    Up,
    Down,
    Flat,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct View {
    direction: Direction,
}

#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn it_answers_in_the_form_that_is_asked_for() {
    let facts = "GOOG closed at 180.50. The forecast for 5 days is 182.10. Which direction is that?";
    let request = Request { max_tokens: 100, temperature: 0.0, ..Request::new([Message::user(facts)]) };
    let answer = structured::<View>(&model(), &request, &|_| {}).await.unwrap();
    assert_eq!(answer.repaired, None, "the grammar of the server forces the form");
    assert!(matches!(answer.value.direction, Direction::Up | Direction::Down | Direction::Flat));
}

#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn it_does_not_pass_off_half_an_answer() {
    let (answer, told) = ask(&model(), &Request { max_tokens: 12, ..long() }).await;
    assert!(matches!(answer, Err(ModelFault::Malformed(words)) if words.contains("its limit of 12 tokens")));
    assert!(!told.is_empty());
}

#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn it_says_that_a_prompt_is_too_long() {
    let request = Request::new([Message::user("The price rises. ".repeat(2_000))]);
    let fault = ask(&model(), &request).await.0.unwrap_err();
    assert!(matches!(fault, ModelFault::ContextTruncated { sent: 8_000, .. }), "{fault}");
}

#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn a_call_ends_when_its_time_is_over_and_the_server_is_free_again() {
    let whole = Duration::from_secs(2);
    let (answer, _) = ask(&OpenAiModel::new(&LlmSettings { whole, ..settings() }).unwrap(), &long()).await;
    assert_eq!(answer.unwrap_err(), ModelFault::TimedOut(whole));
    assert!(is_free().await, "3,000 tokens would take a minute and more");
}

/// Within 45 seconds: a busy machine reads a piece of a prompt to its end first.
pub async fn is_free() -> bool {
    for _ in 0..450 {
        let slots = reqwest::get(format!("{}/slots", settings().url)).await.unwrap().text().await.unwrap();
        if !slots.contains("\"is_processing\":true") {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    false
}

#[tokio::test]
#[ignore = "needs a real model: tests/llm.sh"]
async fn a_budget_holds() {
    let account = Account::new(1_000);
    let metered = Metered::new(std::sync::Arc::new(model()), account.clone());
    let mut calls = 0;
    let fault = loop {
        match ask(&metered, &short()).await.0 {
            Ok(_) => calls += 1,
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault, ModelFault::OverBudget { limit: 1_000 });
    let cost = account.cost();
    assert!(calls > 1 && cost.calls == calls, "{cost:?}");
    assert!(cost.usage.prompt + cost.usage.answer <= 1_000, "{cost:?}");
}

/// Its name says that it comes last: `tests/llm.sh` runs it alone.
#[tokio::test]
#[ignore = "kills a real model: tests/llm.sh"]
async fn killed_in_the_middle_of_an_answer() {
    let process = std::env::var("STOCKOPS_TEST_LLM_PROCESS").expect("the server's process: see tests/llm.sh");
    let told = AtomicUsize::new(0);
    let kill = |_: &str| {
        if told.fetch_add(1, Ordering::SeqCst) == 20 {
            assert!(std::process::Command::new("kill").args(["-KILL", &process]).status().unwrap().success());
        }
    };
    let settings = LlmSettings { tries: 2, ..settings() };
    let model = OpenAiModel::new(&settings).unwrap();
    let request = long();
    let error = stockops_agents::llm::ChatModel::chat(&model, &request, &kill).await.unwrap_err();
    assert!(error.to_string().contains("it broke off: "), "{error}");
    assert!(told.load(Ordering::SeqCst) > 20);
    let fault = ask(&model, &request).await.0.unwrap_err();
    assert!(matches!(fault, ModelFault::Unreachable(_)), "{fault}");
}
