//! Tokens as they come: a try after a cut one starts over, and who leaves is gone at the server.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use stockops_agents::llm::{ChatModel, OpenAiModel};
use stockops_core::graph::{AgentGraph, Context, END, Kind, Node, NodeResult, Outcome, START, Update, state};

use crate::player::{Player, Reply, Then, delta};
use crate::{model, question};

state! { struct Said { text: stockops_core::graph::Last<String> } }

/// A stream that says twenty words and then does `then`.
fn twenty(then: Then) -> Reply {
    Reply::events((0..20).map(|word| delta(&json!({"content": format!("bad{word} ")})))).then(then)
}

async fn write(model: Arc<OpenAiModel>, context: Context) -> NodeResult<Update<Said>> {
    let answer = model.chat(&question(), &|token| context.token(token)).await?;
    Ok(Said::update().text(answer.text))
}

fn graph(model: OpenAiModel) -> AgentGraph<Said> {
    let model = Arc::new(model);
    let node = Node::new("write", move |_: Said, context| write(Arc::clone(&model), context));
    let node = node.writes(["text"]).tries(2).pause(Duration::from_millis(1));
    AgentGraph::builder("talk", 1).node(node).edge(START, "write").edge("write", END).build().unwrap()
}

/// The server dies after twenty tokens: the text of the second attempt is shown, and nothing of the first.
#[tokio::test]
async fn a_try_after_a_cut_one_starts_over() {
    let player = Player::plays([twenty(Then::Break), Reply::says("All is quiet.")]);
    let graph = graph(model(&player));
    let mut run = graph.start(Said::default()).run();
    let (mut shown, mut of_first) = (String::new(), 0);
    while let Some(event) = run.next_event().await {
        match event.kind {
            Kind::Token { text } => {
                of_first += usize::from(event.attempt == 1);
                shown += &text;
            }
            Kind::Retried { .. } => shown.clear(),
            _ => {}
        }
    }
    assert_eq!((of_first, shown.as_str()), (20, "All is quiet."));
    let Outcome::Done(said) = run.finish().await.unwrap() else { panic!("nobody was asked") };
    assert_eq!(said.text.as_deref(), Some("All is quiet."));
    let calls = player.calls();
    assert_eq!(calls.len(), 2, "the client does not repeat what was shown");
    assert_eq!(calls[0].body, calls[1].body);
}

/// The player sees the end of the connection; a second is what the issue of a page that is closed allows.
#[tokio::test]
async fn who_leaves_is_gone_at_the_server() {
    let player = Player::plays([twenty(Then::Silence)]);
    let graph = graph(model(&player));
    let mut run = graph.start(Said::default()).run();
    let mut told = 0;
    while told < 20 {
        let event = run.next_event().await.unwrap();
        told += usize::from(matches!(event.kind, Kind::Token { .. }));
    }
    drop(run);
    let left = tokio::task::spawn_blocking(move || player.is_left_within(Duration::from_secs(1)));
    assert!(left.await.unwrap());
}

#[tokio::test]
async fn an_answer_that_is_no_longer_waited_for_closes_its_connection() {
    let player = Player::plays([Reply::events([]).then(Then::Silence)]);
    let (model, request) = (model(&player), question());
    let call = tokio::time::timeout(Duration::from_millis(100), model.chat(&request, &|_| {})).await;
    assert!(call.is_err());
    let left = tokio::task::spawn_blocking(move || player.is_left_within(Duration::from_secs(1)));
    assert!(left.await.unwrap());
}
