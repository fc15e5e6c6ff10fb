//! Two reviewers side by side, a critic that sends back, and a person who has the last word; kept in a folder, so that
//! the program may be stopped at any time and started again.
//!
//! `cargo run --example agent_graph --no-default-features --features graph -- [ANSWER]`

use std::time::Duration;

use stockops_core::graph::{
    AgentGraph, Append, Checkpoints, Context, END, Event, Kind, Last, Node, NodeResult, Outcome, START, Sum, Update,
    state,
};
use stockops_core::storage::{DirectoryStorage, Key};

state! {
    /// What all nodes share.
    struct Draft {
        text: Last<String>,
        remarks: Append<String>,
        rounds: Sum<u32>,
        approved: Last<bool>,
    }
}

/// Writes word by word, as a language model would.
async fn write(draft: Draft, context: Context) -> NodeResult<Update<Draft>> {
    let text = match draft.rounds {
        0 => "The tide is very very high because the moon pulls.",
        _ => "The tide is high because the moon pulls.",
    };
    for word in text.split_inclusive(' ') {
        context.token(word);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(Draft::update().text(text.into()).rounds(1))
}

async fn style(draft: Draft, _: Context) -> NodeResult<Update<Draft>> {
    let text = draft.text.unwrap_or_default();
    let remarks = if text.contains("very very") { vec!["one `very` is enough".into()] } else { vec![] };
    Ok(Draft::update().remarks(remarks))
}

/// Looks a thing up once, however often it is tried.
async fn facts(_: Draft, context: Context) -> NodeResult<Update<Draft>> {
    let cause: String = context.once("lookup", || async { Ok("moon".into()) }).await?;
    Ok(Draft::update().remarks(vec![format!("the cause is the {cause}: true")]))
}

fn graph() -> stockops_core::Result<AgentGraph<Draft>> {
    AgentGraph::builder("review", 1)
        .node(Node::new("write", write).writes(["text", "rounds"]).tries(3).timeout(Duration::from_secs(20)))
        .node(Node::new("style", style).writes(["remarks"]))
        .node(Node::new("facts", facts).writes(["remarks"]).otherwise("unchecked"))
        .node(Node::new("unchecked", |_, _| async { Ok(Draft::update()) }))
        .node(Node::new("critic", |_, _| async { Ok(Draft::update()) }))
        .node(Node::ask("approve", "approved", |draft: &Draft| draft.text.clone().unwrap_or_default()))
        .edge(START, "write")
        .fan_out("write", ["style", "facts"])
        .join(["style", "facts"], "critic")
        .choose("critic", ["write", "approve"], |draft| if draft.rounds < 2 { "write" } else { "approve" })
        .edge("approve", END)
        .build()
}

fn show(event: &Event) {
    match &event.kind {
        Kind::Token { text } => eprint!("{text}"),
        Kind::Finished => eprintln!("[{} is done]", event.node.as_deref().unwrap_or_default()),
        _ => {}
    }
}

fn main() -> stockops_core::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let (graph, home) = (graph()?, std::env::temp_dir().join("stockops-agent-graph"));
        println!("{}", graph.to_mermaid());
        let checkpoints = Checkpoints::on(DirectoryStorage::open(home)?, Key::new("reviews")?);
        let mut launch = match checkpoints.look("tides")? {
            None => graph.start(Draft::default()).thread("tides"),
            Some(_) => graph.resume("tides"),
        };
        if let Some(answer) = std::env::args().nth(1) {
            launch = launch.answer("approve", answer == "yes");
        }
        let mut run = launch.store(&checkpoints).run();
        while let Some(event) = run.next_event().await {
            show(&event);
        }
        match run.finish().await? {
            Outcome::Waiting(questions) => {
                println!("{}: {}? Start again with `yes` or `no`.", questions[0].id, questions[0].question);
            }
            Outcome::Done(draft) => {
                println!("approved: {:?}\n{}", draft.approved, draft.remarks.join("\n"));
                checkpoints.forget("tides")?;
            }
        }
        Ok(())
    })
}
