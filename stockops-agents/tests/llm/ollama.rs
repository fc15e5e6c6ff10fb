//! Ollama's own way: the size of the context goes with each request.

use serde_json::json;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{Api, ChatModel, Finish, LlmSettings, Message, OllamaModel, Request, Schema, ToolSpec};

use crate::player::{Player, Reply, Then};
use crate::{ask, question, settings};

fn lines(lines: &[serde_json::Value]) -> Reply {
    let pieces = lines.iter().map(|line| format!("{line}\n")).collect();
    Reply { pieces, ..Reply::of(200, "application/x-ndjson", "") }
}

fn says() -> Reply {
    let piece = |text: &str| json!({"message": {"role": "assistant", "content": text}, "done": false});
    let end = json!({"message": {"role": "assistant", "content": ""}, "done": true, "done_reason": "stop",
        "prompt_eval_count": 40, "eval_count": 3});
    lines(&[piece("<think>hm</think>All "), piece("is "), piece("quiet."), end])
}

fn model(player: &Player, settings: LlmSettings) -> OllamaModel {
    OllamaModel::new(&LlmSettings { url: format!("{}/v1", player.address), ..settings }).unwrap()
}

#[derive(schemars::JsonSchema)]
#[allow(dead_code)]
struct Mood {
    calm: bool,
}

#[tokio::test]
async fn the_context_goes_with_the_request() {
    let player = Player::plays([says()]);
    let settings = LlmSettings { context: Some(16_384), ..settings(&player) };
    let schema = Schema::of::<Mood>().unwrap();
    let request = Request { schema: Some(schema.clone()), seed: 7, ..question() };
    let (answer, told) = ask(&model(&player, settings), &request).await;
    let answer = answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.usage.prompt, answer.usage.answer), ("All is quiet.", 40, 3));
    assert_eq!(told, ["All ", "is ", "quiet."]);
    let call = &player.calls()[0];
    assert_eq!(call.path, "/api/chat");
    let expected = json!({
        "model": "played:1b", "stream": true, "format": schema.schema,
        "options": {"num_ctx": 16_384, "num_predict": 1024, "temperature": 0.3, "seed": 7},
        "messages": [
            {"role": "system", "content": "You are an analyst."}, {"role": "user", "content": "How is GOOG?"},
        ],
    });
    assert_eq!(call.body, expected);
}

#[tokio::test]
async fn settings_choose_the_way() {
    let player = Player::plays([says()]);
    let settings = LlmSettings { api: Api::Ollama, ..settings(&player) };
    let model = settings.connect().unwrap();
    assert_eq!(model.name(), "played:1b");
    model.chat(&question(), &|_| {}).await.unwrap();
    assert_eq!(player.calls()[0].path, "/api/chat");
}

#[tokio::test]
async fn without_a_setting_the_context_holds_the_request() {
    let player = Player::plays([says()]);
    let model = model(&player, settings(&player));
    ask(&model, &question()).await.0.unwrap();
    // 3,000 words of five letters are 6,000 tokens at most, and the answer has 1,024.
    let long = Request::new([Message::user("quiet ".repeat(3_000))]);
    let fault = ask(&model, &long).await.0.unwrap_err();
    assert_eq!(fault, ModelFault::ContextTruncated { read: 40, sent: 3_000 });
    let sizes: Vec<_> = player.calls().iter().map(|call| call.body["options"]["num_ctx"].clone()).collect();
    assert_eq!(sizes, [4096, 8192]);
}

#[tokio::test]
async fn what_is_no_answer_is_none_here_too() {
    let end = |reason: &str| json!({"message": {"content": ""}, "done": true, "done_reason": reason});
    let said = |text: &str| json!({"message": {"content": text, "thinking": "hm"}, "done": false});
    for (reply, expected) in [
        (lines(&[said(""), end("stop")]), "it thought and said nothing"),
        (lines(&[said("<think>hm"), end("stop")]), "it does not close its thinking"),
        (lines(&[said("The"), end("length")]), "it ran into its limit of 1024 tokens, or into the context"),
        (lines(&[said("The")]), "it was cut off before its end"),
        (lines(&[said("The"), json!({"error": "out of memory"})]), "the server says: out of memory"),
        (Reply::of(200, "text/html", "<html>"), "it is no answer of Ollama: <html>"),
        (lines(&[end("load")]), "it ended with `load`"),
    ] {
        let player = Player::plays([reply]);
        let fault = ask(&model(&player, settings(&player)), &question()).await.0.unwrap_err();
        assert_eq!(fault, ModelFault::Malformed(expected.into()));
    }
    let player = Player::plays([lines(&[said("The")]).then(Then::Break)]);
    let fault = ask(&model(&player, settings(&player)), &question()).await.0.unwrap_err();
    assert!(fault.to_string().contains("it broke off: "), "{fault}");
}

#[tokio::test]
async fn tools_are_called_by_name() {
    let call = json!({"message": {"content": "", "tool_calls": [{"function": {"name": "forecast", "arguments": {"ticker": "GOOG"}}}]},
        "done": true, "done_reason": "stop"});
    let player = Player::plays([lines(&[call]), says()]);
    let arguments = json!({"type": "object", "properties": {"ticker": {"type": "string"}}});
    let tools = vec![ToolSpec { name: "forecast".into(), description: "The next days.".into(), arguments }];
    let mut request = Request { tools, ..question() };
    let model = model(&player, settings(&player));
    let answer = ask(&model, &request).await.0.unwrap();
    assert_eq!((answer.finish, &answer.calls[0].arguments), (Finish::Tools, &json!({"ticker": "GOOG"})));
    let called = Message { calls: answer.calls.clone(), ..Message::assistant("") };
    request.messages.extend([called, Message::tool(&answer.calls[0], "181")]);
    model.chat(&request, &|_| {}).await.unwrap();
    let messages = &player.calls()[1].body["messages"];
    assert_eq!(messages[2]["tool_calls"][0]["function"], json!({"name": "forecast", "arguments": {"ticker": "GOOG"}}));
    assert_eq!(messages[3], json!({"role": "tool", "content": "181", "tool_name": "forecast"}));
}
