//! What is sent, what is asked again, and what an error says.

use std::time::Duration;

use serde_json::json;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{Key, LlmSettings, Message, OpenAiModel, Request};

use crate::player::{Player, Reply, Then, delta, finish, usage, whole};
use crate::{KEY, ask, model, question, settings};

#[tokio::test]
async fn a_request_is_what_openai_describes() {
    let player = Player::plays([Reply::says("Quiet and calm.")]);
    let (answer, told) = ask(&model(&player), &Request { seed: 7, ..question() }).await;
    let answer = answer.unwrap();
    assert_eq!((answer.text.as_str(), answer.usage.prompt, answer.usage.answer), ("Quiet and calm.", 100, 7));
    assert_eq!(told, ["Quiet ", "and ", "calm."]);
    let call = &player.calls()[0];
    assert_eq!(call.path, "/v1/chat/completions");
    assert!(call.headers.to_lowercase().contains(&format!("authorization: bearer {KEY}").to_lowercase()));
    let expected = json!({
        "model": "played:1b", "max_tokens": 1024, "temperature": 0.3, "seed": 7, "stream": true,
        "stream_options": {"include_usage": true},
        "messages": [
            {"role": "system", "content": "You are an analyst."}, {"role": "user", "content": "How is GOOG?"},
        ],
    });
    assert_eq!(call.body, expected);
}

#[tokio::test]
async fn a_server_that_does_not_stream_is_read_all_the_same() {
    let player = Player::plays([whole(&json!({"content": "Quiet."}), "stop")]);
    let (answer, told) = ask(&model(&player), &question()).await;
    assert_eq!((answer.unwrap().text, told), ("Quiet.".into(), vec!["Quiet.".into()]));
}

/// Each refusal names one thing; it is left away from then on, also in later calls.
#[tokio::test]
async fn what_a_server_does_not_know_is_left_away() {
    let refusals = [
        ("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", "max_tokens"),
        ("unknown field `stream_options`", "stream_options"),
        ("'seed' is not supported", "seed"),
        ("Only the default temperature is supported", "temperature"),
        ("streaming is not supported", "stream"),
    ];
    let player = Player::by(move |_, before| match refusals.get(before) {
        Some((words, _)) => Reply::of(400, "application/json", json!({"error": {"message": words}}).to_string()),
        None => whole(&json!({"content": "Quiet."}), "stop"),
    });
    let model = model(&player);
    for _ in 0..2 {
        assert_eq!(ask(&model, &question()).await.0.unwrap().text, "Quiet.");
    }
    let calls = player.calls();
    assert_eq!(calls.len(), refusals.len() + 2);
    for (_, field) in &refusals[..4] {
        assert!(!calls[0].body[*field].is_null() && calls[5].body[*field].is_null(), "{field}");
    }
    assert_eq!((&calls[5].body["stream"], &calls[5].body["max_completion_tokens"]), (&json!(false), &json!(1024)));
    assert_eq!(calls[5].body, calls[6].body);
}

#[tokio::test]
async fn a_refusal_that_teaches_nothing_is_the_end() {
    let words = json!({"error": {"message": format!("Incorrect API key provided: {KEY}.")}});
    let player = Player::plays([Reply::of(401, "application/json", words.to_string())]);
    let (answer, _) = ask(&model(&player), &question()).await;
    let reason = "Incorrect API key provided: (the key).".to_owned();
    assert_eq!(answer.unwrap_err(), ModelFault::Refused { status: 401, reason });
    assert_eq!(player.calls().len(), 1);
}

#[tokio::test]
async fn who_is_busy_is_asked_three_times() {
    let busy = || Reply::of(429, "text/plain", "slow down").with("retry-after", "0");
    let player = Player::plays([busy(), busy(), Reply::says("Quiet.")]);
    assert_eq!(ask(&model(&player), &question()).await.0.unwrap().text, "Quiet.");
    let player = Player::plays([busy()]);
    let (answer, _) = ask(&model(&player), &question()).await;
    assert_eq!((answer.unwrap_err(), player.calls().len()), (ModelFault::Busy(Some(Duration::ZERO)), 3));
    // A server that still loads its model says so with 503, one that fell over with 502.
    for status in [500, 502, 503, 504] {
        let player = Player::plays([Reply::of(status, "text/html", "<p>busy"), Reply::says("Quiet.")]);
        assert_eq!(ask(&model(&player), &question()).await.0.unwrap().text, "Quiet.", "{status}");
    }
}

/// A pause that is longer than the call may take is not begun.
#[tokio::test]
async fn a_long_pause_is_told_and_not_waited_for() {
    let player = Player::plays([Reply::of(503, "text/plain", "").with("retry-after", "3600")]);
    let (answer, _) = ask(&model(&player), &question()).await;
    let fault = answer.unwrap_err();
    assert_eq!((&fault, player.calls().len()), (&ModelFault::Busy(Some(Duration::from_secs(3600))), 1));
    assert_eq!(fault.to_string(), "it is busy; try again in 3600 s");
}

#[tokio::test]
async fn a_key_goes_to_no_other_address() {
    let other = Player::plays([Reply::says("Quiet.")]);
    let to = format!("{}/v1/chat/completions", other.address);
    for status in [301, 302, 307, 308] {
        let player = Player::plays([Reply::of(status, "text/plain", "").with("location", &to)]);
        let fault = ask(&model(&player), &question()).await.0.unwrap_err();
        let reason = format!("it sends on to {to}, where nothing is sent: name that address");
        assert_eq!(fault, ModelFault::Refused { status, reason });
    }
    assert!(other.calls().is_empty());
}

#[tokio::test]
async fn nobody_at_the_address_is_told_without_the_address() {
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = LlmSettings { tries: 1, ..LlmSettings::new(format!("http://127.0.0.1:{port}"), "gone") };
    let fault = ask(&OpenAiModel::new(&settings).unwrap(), &question()).await.0.unwrap_err();
    let ModelFault::Unreachable(words) = &fault else { panic!("{fault}") };
    assert!(words.contains("refused") && !words.contains(&port.to_string()), "{words}");
    assert!(fault.is_transient());
}

#[tokio::test]
async fn silence_ends_a_call_before_its_first_byte_and_in_the_middle() {
    let first = |pieces: Vec<String>| Reply { pieces, ..Reply::events([]) }.then(Then::Silence);
    let said = format!("data: {}\n\n", delta(&json!({"content": "The "})));
    for pieces in [vec![], vec![said]] {
        let player = Player::plays([first(pieces)]);
        let silence = Duration::from_millis(200);
        let model = OpenAiModel::new(&LlmSettings { silence, ..settings(&player) }).unwrap();
        assert_eq!(ask(&model, &question()).await.0.unwrap_err(), ModelFault::TimedOut(silence));
        assert_eq!(player.calls().len(), 1, "who is slow is not asked again");
    }
}

#[tokio::test]
async fn a_call_has_an_end_whatever_the_server_does() {
    let player = Player::plays([Reply::events([]).then(Then::Silence)]);
    let whole = Duration::from_millis(200);
    let model = OpenAiModel::new(&LlmSettings { whole, ..settings(&player) }).unwrap();
    assert_eq!(ask(&model, &question()).await.0.unwrap_err(), ModelFault::TimedOut(whole));
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_its_end() {
    let event = format!(": {}\n\n", "x".repeat(1 << 16));
    for kind in ["text/event-stream", "application/json"] {
        let endless = Reply { pieces: vec![event.clone(); 70], ..Reply::of(200, kind, "") };
        let fault = ask(&model(&Player::plays([endless])), &question()).await.0.unwrap_err();
        assert_eq!(fault, ModelFault::Malformed("it is longer than 4194304 bytes".into()), "{kind}");
    }
}

#[tokio::test]
async fn a_prompt_that_was_cut_is_an_error() {
    let long = Request::new([Message::user("the price of GOOG is 180 and rises ".repeat(700))]);
    let says =
        |read| Reply::events([delta(&json!({"content": "Quiet."})), finish("stop"), usage(read, 2), "[DONE]".into()]);
    // 700 times eight words.
    let cut = ask(&model(&Player::plays([says(4096)])), &long).await.0.unwrap_err();
    assert_eq!(cut, ModelFault::ContextTruncated { read: 4096, sent: 5600 });
    assert!(!cut.is_transient(), "to ask again would not help");
    // A context that is exactly full: 500 times eight words may be 4,096 tokens, and may be more.
    let full = Request::new([Message::user("the price of GOOG is 180 and rises ".repeat(500))]);
    let cut = ask(&model(&Player::plays([says(4096)])), &full).await.0.unwrap_err();
    assert_eq!(cut, ModelFault::ContextTruncated { read: 4096, sent: 4097 });
    assert!(ask(&model(&Player::plays([says(4095)])), &full).await.0.is_ok());
    assert!(ask(&model(&Player::plays([says(2048)])), &question()).await.0.is_ok(), "a short prompt was not cut");
    // 0 is no count.
    for read in [5600, 0] {
        assert!(ask(&model(&Player::plays([says(read)])), &long).await.0.is_ok(), "{read}");
    }
    // Servers that say it themselves.
    for words in [
        "request (5611 tokens) exceeds the available context size (4096 tokens), try increasing it",
        "This model's maximum context length is 4096 tokens. However, you requested 5611 tokens",
    ] {
        let player =
            Player::plays([Reply::of(400, "application/json", json!({"error": {"message": words}}).to_string())]);
        let fault = ask(&model(&player), &long).await.0.unwrap_err();
        assert!(matches!(fault, ModelFault::ContextTruncated { sent: 5600, .. }), "{fault}");
    }
}

#[tokio::test]
async fn a_request_longer_than_the_context_is_not_sent() {
    let player = Player::plays([Reply::says("Quiet.")]);
    let model = OpenAiModel::new(&LlmSettings { context: Some(2048), ..settings(&player) }).unwrap();
    let long = Request::new([Message::user("word ".repeat(1025))]);
    let fault = ask(&model, &long).await.0.unwrap_err();
    assert_eq!(fault, ModelFault::ContextTruncated { read: 1024, sent: 1025 });
    assert!(player.calls().is_empty());
    assert!(ask(&model, &question()).await.0.is_ok());
}

#[test]
fn a_key_is_printed_nowhere() {
    let settings = LlmSettings { key: Some(Key::new(KEY)), ..LlmSettings::new("http://localhost", "m") };
    let model = OpenAiModel::new(&settings).unwrap();
    assert!(!format!("{settings:?} {model:?}").contains(KEY));
    let bad = LlmSettings { key: Some(Key::new("sk-\n4711")), ..settings };
    let error = OpenAiModel::new(&bad).unwrap_err().to_string();
    assert_eq!(error, "`key` must be made of characters that a header can hold, got one that is not");
}

#[test]
fn addresses_that_would_not_work_are_refused() {
    let rule = "an address such as http://localhost:11434/v1";
    for (url, error) in [
        ("localhost:11434", format!("`url` must be {rule}, got localhost:11434")),
        ("", format!("`url` must be {rule}, got nothing")),
        ("ftp://a.example", format!("`url` must be {rule}, got ftp://a.example")),
        (
            "https://me:pw@a.example",
            "`url` must be an address without a name, a password or a query, got one with".into(),
        ),
        (
            "https://a.example?key=1",
            "`url` must be an address without a name, a password or a query, got one with".into(),
        ),
    ] {
        assert_eq!(OpenAiModel::new(&LlmSettings::new(url, "m")).unwrap_err().to_string(), error);
    }
}

#[tokio::test]
async fn an_address_with_a_path_is_taken_as_it_is() {
    let player = Player::plays([Reply::says("Quiet.")]);
    for (path, expected) in [("", "/v1"), ("/", "/v1"), ("/v1", "/v1"), ("/v1/", "/v1"), ("/api/openai", "/api/openai")]
    {
        let url = format!("{}{path}", player.address);
        ask(&OpenAiModel::new(&LlmSettings { url, ..settings(&player) }).unwrap(), &question()).await.0.unwrap();
        assert_eq!(player.calls().last().unwrap().path, format!("{expected}/chat/completions"), "{path}");
    }
}

#[test]
fn settings_come_from_variables() {
    let read = |set: &[(&str, &str)]| {
        let set: Vec<_> = set.iter().map(|(name, word)| (format!("STOCKOPS_LLM_{name}"), (*word).to_owned())).collect();
        LlmSettings::from_variables(|name| set.iter().find(|(known, _)| known == name).map(|(_, word)| word.clone()))
    };
    assert_eq!(read(&[("MODEL", "m")]).unwrap(), None);
    assert_eq!(read(&[("URL", " "), ("MODEL", "m")]).unwrap(), None);
    let all = [
        ("URL", "http://localhost"),
        ("MODEL", "m"),
        ("KEY", "k"),
        ("API", "ollama"),
        ("CONTEXT", "8192"),
        ("TIMEOUT", "90"),
        ("PRICE_IN", "0.15"),
        ("PRICE_OUT", "0.6"),
    ];
    let settings = read(&all).unwrap().unwrap();
    assert_eq!((settings.context, settings.whole), (Some(8192), Duration::from_secs(90)));
    assert_eq!(settings.prices.map(|prices| (prices.prompt, prices.answer)), Some((0.15, 0.6)));
    assert_eq!(settings.key, Some(Key::new("k")));
    assert_eq!(settings.api, stockops_agents::llm::Api::Ollama);
    for (name, word, rule) in [
        ("MODEL", "", "the name of a model, got nothing"),
        ("API", "grpc", "openai or ollama, got grpc"),
        ("TIMEOUT", "2 min", "a number of whole seconds, got 2 min"),
        ("PRICE_IN", "-1", "at least 0, got -1"),
        ("PRICE_OUT", "NaN", "at least 0, got NaN"),
    ] {
        let set: Vec<_> = all.iter().map(|&(known, old)| (known, if known == name { word } else { old })).collect();
        assert_eq!(read(&set).unwrap_err().to_string(), format!("`STOCKOPS_LLM_{name}` must be {rule}"));
    }
}
