//! The scripted model: its lines in order or by their words, and what it says when the script does not fit.

use std::time::Duration;

use serde_json::json;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{Finish, Line, Message, Request, ScriptedModel};

use crate::ask;

fn about(ticker: &str) -> Request {
    Request::new([Message::user(format!("How is {ticker}?"))])
}

#[tokio::test]
async fn lines_are_said_in_their_order() {
    let busy = ModelFault::Busy(None);
    let lines = [Line::says("All is quiet."), Line::calls("risk", json!({"days": 5})), Line::fails(busy.clone())];
    let model = ScriptedModel::new(lines);
    let (answer, told) = ask(&model, &about("GOOG")).await;
    assert_eq!((answer.unwrap().finish, told), (Finish::Stop, ["All ", "is ", "quiet."].map(String::from).to_vec()));
    let answer = ask(&model, &about("GOOG")).await.0.unwrap();
    assert_eq!((answer.finish, &answer.calls[0].arguments), (Finish::Tools, &json!({"days": 5})));
    assert_eq!(ask(&model, &about("GOOG")).await.0.unwrap_err(), busy);
    let off = ask(&model, &about("GOOG")).await.0.unwrap_err();
    assert_eq!(off.to_string(), "it refused (400): it has no line for call 4");
    assert!(!off.is_transient(), "a test does not wait for more");
    assert_eq!((model.seen().len(), model.left()), (4, 0));
}

#[tokio::test]
async fn a_line_wants_its_words() {
    let model = ScriptedModel::new([Line::says("Quiet.").to("How").to("MSFT")]);
    let off = ask(&model, &about("GOOG")).await.0.unwrap_err();
    assert_eq!(off.to_string(), "it refused (400): call 1 was to hold `MSFT`: How is GOOG?");
}

#[tokio::test]
async fn calls_side_by_side_find_their_lines() {
    let model = ScriptedModel::new([Line::says("G.").to("GOOG"), Line::says("M.").to("MSFT")]).in_any_order();
    assert_eq!(ask(&model, &about("MSFT")).await.0.unwrap().text, "M.");
    assert_eq!(ask(&model, &about("GOOG")).await.0.unwrap().text, "G.");
    assert!(ask(&model, &about("MSFT")).await.0.is_err());
}

#[tokio::test]
async fn a_line_that_breaks_off_has_told_its_words() {
    let (answer, told) = ask(&ScriptedModel::new([Line::breaks_off("All is")]), &about("GOOG")).await;
    assert_eq!((answer.unwrap_err(), told.concat()), (ModelFault::Malformed("it broke off".into()), "All is".into()));
}

#[tokio::test]
async fn a_line_can_take_its_time() {
    let model = ScriptedModel::new([Line::says("Quiet.").after(Duration::from_secs(3600))]);
    let request = about("GOOG");
    let call = tokio::time::timeout(Duration::from_millis(50), ask(&model, &request)).await;
    assert!(call.is_err());
}
