//! Replies that are no answers: none passes as one, streamed or whole.

use serde_json::json;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{Finish, ToolSpec};

use crate::player::{Player, Reply, Then, delta, finish, usage, whole};
use crate::{ask, model, question};

/// What is wrong with the answer that `reply` is.
async fn wrong(reply: Reply) -> String {
    let player = Player::plays([reply]);
    let (answer, _) = ask(&model(&player), &question()).await;
    assert_eq!(player.calls().len(), 1, "nothing is asked again");
    match answer {
        Err(ModelFault::Malformed(words)) => words,
        other => panic!("{other:?}"),
    }
}

fn streamed(deltas: &[serde_json::Value], end: &str) -> Reply {
    Reply::events(deltas.iter().map(delta).chain([finish(end), usage(100, 7), "[DONE]".into()]))
}

#[tokio::test]
async fn an_empty_answer_is_none() {
    for content in [json!(null), json!(""), json!("  \n")] {
        assert_eq!(wrong(whole(&json!({"content": content}), "stop")).await, "it is empty");
        assert_eq!(wrong(streamed(&[json!({"content": content})], "stop")).await, "it is empty");
    }
    assert_eq!(
        wrong(whole(&json!({"content": null}), "tool_calls")).await,
        "it says that it calls tools, and calls none"
    );
}

#[tokio::test]
async fn reasoning_in_a_field_of_its_own_is_no_answer() {
    for field in ["reasoning_content", "reasoning"] {
        let part = json!({"role": "assistant", "content": null, field: "The user asks about GOOG. BULLISH?"});
        assert_eq!(wrong(whole(&part, "stop")).await, "it thought and said nothing");
        assert_eq!(wrong(streamed(&[part], "stop")).await, "it thought and said nothing");
    }
}

#[tokio::test]
async fn a_thought_that_is_not_closed_is_no_answer() {
    let text = "<think>The price is 180, so I would say BULLISH";
    assert_eq!(wrong(whole(&json!({"content": text}), "stop")).await, "it does not close its thinking");
    assert_eq!(wrong(streamed(&[json!({"content": text})], "stop")).await, "it does not close its thinking");
    let thought = "<think>The price is 180.</think>";
    assert_eq!(wrong(whole(&json!({"content": thought}), "stop")).await, "it thought and said nothing");
}

#[tokio::test]
async fn a_closed_thought_is_taken_off_and_not_told() {
    for reply in [
        whole(&json!({"content": "<think>hm, 7</think>\nQuiet."}), "stop"),
        streamed(&["<thi", "nk>hm, 7</th", "ink>\nQui", "et."].map(|text| json!({"content": text})), "stop"),
    ] {
        let (answer, told) = ask(&model(&Player::plays([reply])), &question()).await;
        assert_eq!(answer.unwrap().text, "Quiet.");
        assert_eq!(told.concat().trim(), "Quiet.");
    }
}

#[tokio::test]
async fn an_answer_that_ran_into_its_limit_is_none() {
    let words = "it ran into its limit of 1024 tokens, or into the context";
    assert_eq!(wrong(whole(&json!({"content": "The outlook for GOOG is"}), "length")).await, words);
    assert_eq!(wrong(streamed(&[json!({"content": "The outlook"})], "length")).await, words);
    assert_eq!(wrong(whole(&json!({"content": "x"}), "content_filter")).await, "it ended with `content_filter`");
}

#[tokio::test]
async fn a_stream_that_is_cut_is_no_answer() {
    let says = |text: &str| delta(&json!({"content": text}));
    // The connection breaks.
    let broken = wrong(Reply::events([says("The outlook")]).then(Then::Break)).await;
    assert!(broken.starts_with("it broke off: "), "{broken}");
    // It ends in order, and says no end.
    assert_eq!(wrong(Reply::events([says("The outlook")])).await, "it was cut off before its end");
    assert_eq!(wrong(Reply::events([says("The outlook"), "[DONE]".into()])).await, "it was cut off before its end");
    // It ends in the middle of a piece.
    let half = Reply { pieces: vec![says("The").replacen('{', "data: {", 1)[..40].into()], ..Reply::events([]) };
    assert_eq!(wrong(half).await, "it was cut off before its end");
    let message = json!({"choices": [{"message": {"content": "Quiet."}}]});
    assert_eq!(wrong(Reply::json(&message)).await, "it was cut off before its end");
}

#[tokio::test]
async fn a_page_with_status_200_is_no_answer() {
    let page = "<html><head><title>502 Bad Gateway</title></head></html>";
    for kind in ["text/html", "application/json"] {
        assert_eq!(wrong(Reply::of(200, kind, page)).await, format!("it is no JSON: {page}"));
    }
    let in_stream = wrong(Reply::events([page.to_owned()])).await;
    assert_eq!(in_stream, format!("it is no JSON: {page}"));
    assert_eq!(wrong(Reply::of(200, "application/json", "")).await, "it is no JSON: it says nothing");
    assert_eq!(wrong(Reply::of(200, "text/event-stream", page)).await, "it was cut off before its end");
}

#[tokio::test]
async fn an_error_with_status_200_is_no_answer() {
    let error = json!({"error": {"message": "model is overloaded", "code": 500}});
    assert_eq!(wrong(Reply::json(&error)).await, "the server says: model is overloaded");
    let in_stream = Reply::events([delta(&json!({"content": "The "})), error.to_string()]);
    assert_eq!(wrong(in_stream).await, "the server says: model is overloaded");
    assert_eq!(wrong(Reply::json(&json!({"error": "no"}))).await, "the server says: no");
    let refusal = json!({"content": null, "refusal": "I cannot help with that."});
    assert_eq!(wrong(whole(&refusal, "stop")).await, "it declined: I cannot help with that.");
    let foreign = wrong(Reply::json(&json!({"choices": "none"}))).await;
    assert!(foreign.starts_with("it is no answer of a model ("), "{foreign}");
}

fn tools() -> Vec<ToolSpec> {
    let arguments = json!({"type": "object", "properties": {"ticker": {"type": "string"}}});
    vec![ToolSpec { name: "forecast".into(), description: "The next days.".into(), arguments }]
}

#[tokio::test]
async fn content_null_beside_tool_calls_is_calls_and_no_answer() {
    let call =
        json!({"id": "c7", "type": "function", "function": {"name": "forecast", "arguments": "{\"ticker\":\"GOOG\"}"}});
    let pieces = [
        json!({"content": null, "tool_calls": [{"index": 0, "id": "c7", "function": {"name": "forecast", "arguments": ""}}]}),
        json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"ticker\":"}}]}),
        json!({"tool_calls": [{"index": 0, "function": {"arguments": "\"GOOG\"}"}}]}),
    ];
    // Some servers end calls with `stop`.
    for end in ["tool_calls", "stop"] {
        for reply in [whole(&json!({"content": null, "tool_calls": [call]}), end), streamed(&pieces, end)] {
            let request = stockops_agents::llm::Request { tools: tools(), ..question() };
            let player = Player::plays([reply.clone()]);
            let answer = ask(&model(&player), &request).await.0.unwrap();
            assert_eq!((answer.finish, answer.text.as_str()), (Finish::Tools, ""));
            assert_eq!(answer.calls[0].id, "c7");
            assert_eq!(answer.calls[0].arguments, json!({"ticker": "GOOG"}));
            assert_eq!(player.calls()[0].body["tools"][0]["function"]["parameters"], tools()[0].arguments);
            assert_eq!(wrong(reply).await, "it calls tools, and there are none");
        }
    }
}

#[tokio::test]
async fn calls_that_cannot_be_read_are_no_answer() {
    for arguments in ["{\"ticker\":\"GO", "[1]", "GOOG"] {
        let call = json!({"id": "c7", "function": {"name": "forecast", "arguments": arguments}});
        let request = stockops_agents::llm::Request { tools: tools(), ..question() };
        let player = Player::plays([whole(&json!({"content": null, "tool_calls": [call]}), "tool_calls")]);
        let fault = ask(&model(&player), &request).await.0.unwrap_err();
        assert_eq!(fault, ModelFault::Malformed("the arguments of `forecast` are no JSON object".into()));
    }
}

/// Two calls in one stream, with and without the index that some servers leave away.
#[tokio::test]
async fn calls_side_by_side_are_kept_apart() {
    for indexed in [true, false] {
        let call = |index: usize, id: Option<&str>, name: Option<&str>, arguments: &str| {
            let mut call = json!({"function": {"arguments": arguments}});
            if indexed {
                call["index"] = index.into();
            }
            if let (Some(id), Some(name)) = (id, name) {
                call["id"] = id.into();
                call["function"]["name"] = name.into();
            }
            json!({"tool_calls": [call]})
        };
        let pieces = [
            call(0, Some("a"), Some("forecast"), "{\"ticker\":"),
            call(0, None, None, "\"GOOG\"}"),
            call(1, Some("b"), Some("forecast"), "{\"ticker\":\"MSFT\"}"),
        ];
        let request = stockops_agents::llm::Request { tools: tools(), ..question() };
        let player = Player::plays([streamed(&pieces, "tool_calls")]);
        let calls = ask(&model(&player), &request).await.0.unwrap().calls;
        let found: Vec<_> = calls.iter().map(|call| (call.id.as_str(), call.arguments["ticker"].as_str())).collect();
        assert_eq!(found, [("a", Some("GOOG")), ("b", Some("MSFT"))], "{indexed}");
    }
}
