//! What may be spent: a call that the budget does not hold is not made.

use std::sync::Arc;

use stockops_agents::Error;
use stockops_agents::error::ModelFault;
use stockops_agents::llm::{
    Account, ChatModel, Cost, Line, LlmSettings, Message, Metered, OpenAiModel, Request, ScriptedModel, Usage, tokens,
};
use stockops_core::graph::{AgentGraph, Context, END, Limits, Node, NodeResult, Outcome, START, Sum, Update, state};

use crate::player::{Player, Reply};
use crate::{ask, model, question, settings};

state! { struct Talk { rounds: Sum<u32> } }

/// A question whose answer has at most 100 tokens.
fn short() -> Request {
    Request { max_tokens: 100, ..question() }
}

fn scripted(lines: usize) -> Arc<ScriptedModel> {
    Arc::new(ScriptedModel::new(vec![Line::says("All is quiet."); lines]))
}

fn fault(error: &Error) -> &ModelFault {
    let Error::Model { fault, .. } = error else { panic!("{error}") };
    fault
}

/// It asks until it is refused; another node stands in and says how often that was.
fn talk(model: &Arc<ScriptedModel>, account: &Account, tokens: u64) -> AgentGraph<Talk> {
    let metered = Metered::new(Arc::<ScriptedModel>::clone(model), account.clone());
    let ask = move |_: Talk, context: Context| {
        let metered = metered.clone().in_run(&context);
        async move { for_ever(&metered).await }
    };
    let stands_in = |_: Talk, _: Context| async { Ok(Talk::update().rounds(1)) };
    AgentGraph::builder("talk", 1)
        .node(Node::new("ask", ask).writes(["rounds"]).otherwise("template"))
        .node(Node::new("template", stands_in).writes(["rounds"]))
        .edge(START, "ask")
        .edge("ask", END)
        .limits(Limits { tokens, ..Limits::default() })
        .build()
        .unwrap()
}

async fn for_ever(model: &Metered) -> NodeResult<Update<Talk>> {
    loop {
        model.chat(&short(), &|_| {}).await?;
    }
}

#[tokio::test]
async fn a_thousand_tokens_end_in_the_template_and_no_further_call() {
    let each = tokens::at_most(&short()) + 100;
    assert!((100..300).contains(&each), "{each}");
    let used = tokens::at_most(&short()) + 5;
    // Each call needs `each` and leaves `used` spent.
    let calls = (1_000 - each) / used + 1;
    // The tokens of the graph, those of the account, and both.
    for (of_run, of_account) in [(1_000, u64::MAX / 4), (1_000_000, 1_000), (1_000, 1_000)] {
        let (model, account) = (scripted(50), Account::new(of_account));
        let outcome = talk(&model, &account, of_run).start(Talk::default()).finish().await.unwrap();
        assert!(matches!(outcome, Outcome::Done(Talk { rounds: 1 })));
        assert_eq!(model.seen().len() as u64, calls);
        let cost = account.cost();
        assert_eq!((u64::from(cost.calls), cost.uncounted), (calls, 0));
        assert!(cost.usage.prompt + cost.usage.answer <= 1_000, "{cost:?}");
    }
}

#[tokio::test]
async fn a_budget_that_holds_no_call_sends_nothing() {
    let player = Player::plays([Reply::says("Quiet.")]);
    let metered = Metered::new(Arc::new(model(&player)), Account::new(1_000));
    let error = metered.chat(&question(), &|_| {}).await.unwrap_err();
    assert_eq!(error.to_string(), "played:1b: the budget of 1000 tokens is spent");
    assert!(!fault(&error).is_transient());
    assert!(player.calls().is_empty());
}

#[tokio::test]
async fn an_answer_costs_what_the_server_counted() {
    let player = Player::plays([Reply::says("Quiet.")]);
    let account = Account::new(5_000);
    let metered = Metered::new(Arc::new(model(&player)), account.clone());
    ask(&metered, &question()).await.0.unwrap();
    assert_eq!(account.cost().usage, Usage { prompt: 100, answer: 7 });
}

#[tokio::test]
async fn what_reached_no_model_costs_nothing_and_a_lost_answer_costs_all() {
    for (lost, uncounted) in [
        (ModelFault::Busy(None), 0),
        (ModelFault::Unreachable("gone".into()), 0),
        (ModelFault::Malformed("cut".into()), 1),
        (ModelFault::TimedOut(std::time::Duration::from_secs(1)), 1),
    ] {
        let account = Account::new(5_000);
        let metered = Metered::new(Arc::new(ScriptedModel::new([Line::fails(lost.clone())])), account.clone());
        assert_eq!(ask(&metered, &question()).await.0.unwrap_err(), lost);
        let all = Usage { prompt: tokens::at_most(&question()), answer: 1024 };
        let cost = account.cost();
        assert_eq!(cost.uncounted, uncounted, "{lost}");
        assert_eq!(cost.usage, if uncounted == 1 { all } else { Usage::default() }, "{lost}");
    }
}

#[tokio::test]
async fn a_request_that_is_longer_than_the_model_reads_costs_nothing() {
    let player = Player::plays([]);
    let small = OpenAiModel::new(&LlmSettings { context: Some(100), ..settings(&player) }).unwrap();
    let account = Account::new(1_000_000);
    let metered = Metered::new(Arc::new(small), account.clone());
    let request = Request { max_tokens: 50, ..Request::new([Message::user("The price rises. ".repeat(200))]) };
    let fault = ask(&metered, &request).await.0.unwrap_err();
    assert!(matches!(fault, ModelFault::ContextTruncated { read: 50, .. }), "{fault}");
    assert_eq!(account.cost(), Cost::default());
    assert!(player.calls().is_empty());
}
