//! The graph of the analysts: facts and verdict first, two readers side by side, a writer, a critic that sends back.
//!
//! ```text
//! verdict ┬→ assign ┬→ performance_analyst ─┐
//!         │         └→ market_expert ───────┴→ report_generator ⇄ critic ┬→ end
//!         └→ template (without a model)                                  └→ template
//! ```

mod brief;
mod nodes;

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use stockops_core::error::Fault;
use stockops_core::graph::{AgentGraph, END, Limits, Node, START};
use tracing::Instrument;

pub use brief::{Author, Brief, Spent};
pub(crate) use nodes::{Crew, Tools};

use crate::analysts::{Asking, PROMPT_VERSION};
use crate::error::Error;
use crate::language::Language;

/// The version of the graph: a thread is resumed by the same one alone.
const VERSION: u32 = 3;

/// Drafts that may come back: the third that does is replaced by the template.
pub(crate) const MOST_BACK: usize = 2;

/// What a thread is bound to beside the graph.
#[derive(Debug, Serialize)]
pub(crate) struct Settings<'a> {
    pub(crate) model: Option<&'a str>,
    pub(crate) language: &'a str,
    pub(crate) question: Option<&'a str>,
    /// Hash of the facts.
    pub(crate) facts: &'a str,
}

/// Name of the graph.
const NAME: &str = "analysts";

/// A fault of the graph as an error.
pub(crate) fn fault(fault: Fault) -> Error {
    Error::Core(stockops_core::Error::Graph { graph: NAME.into(), fault })
}

/// The graph with `crew` as its nodes.
///
/// # Errors
///
/// Those of [`AgentGraph`]: of limits that are none.
pub(crate) fn graph(
    crew: &Arc<Crew>,
    settings: &Settings<'_>,
    tokens: u64,
    timeout: Duration,
) -> stockops_core::Result<AgentGraph<Brief>> {
    /// A node that calls the crew's function of its name.
    macro_rules! node {
        ($name:ident) => {{
            let crew = Arc::clone(crew);
            Node::new(stringify!($name), move |brief, context| {
                let span = tracing::info_span!("node", name = stringify!($name));
                Arc::clone(&crew).$name(brief, context).instrument(span)
            })
        }};
    }
    let asks = |node: Node<Brief>| node.tries(3).pause(Duration::from_millis(200)).deadline(timeout);
    AgentGraph::builder(NAME, VERSION)
        .node(node!(verdict).writes(["verdict"]))
        .node(Node::new("assign", |_, _| async { Ok(Brief::update()) }))
        .node(
            asks(node!(performance_analyst))
                .writes(["facts", "reading", "spent", "warnings"])
                .otherwise("performance_by_rule"),
        )
        .node(node!(performance_by_rule).writes(["reading", "silent", "spent", "warnings"]))
        .node(asks(node!(market_expert)).writes(["mood", "spent", "warnings"]).otherwise("market_by_rule"))
        .node(node!(market_by_rule).writes(["mood", "silent", "spent", "warnings"]))
        .node(asks(node!(report_generator)).writes(["prose", "author", "spent", "warnings"]).otherwise("template"))
        .node(asks(node!(critic)).writes(["rejected", "accepted", "spent", "warnings"]).otherwise("critic_by_rule"))
        .node(node!(critic_by_rule).writes(["rejected", "accepted", "silent", "spent", "warnings"]))
        .node(node!(template).writes(["prose", "author", "spent", "warnings"]))
        .edge(START, "verdict")
        .choose("verdict", ["assign", "template"], {
            let has_model = crew.has_model();
            move |_| if has_model { "assign" } else { "template" }
        })
        .fan_out("assign", ["performance_analyst", "market_expert"])
        .join(["performance_analyst", "market_expert"], "report_generator")
        .edge("report_generator", "critic")
        .choose("critic", ["report_generator", "template", END], after_critic)
        .edge("template", END)
        .limits(Limits { tokens, ..Limits::default() })
        .settings(&(PROMPT_VERSION, settings))
        .build()
}

/// The graph as a flowchart in [Mermaid](https://mermaid.js.org).
///
/// # Errors
///
/// None but for a graph that cannot be built.
pub fn to_mermaid() -> crate::Result<String> {
    let crew = Crew { line: None, language: Language::default(), asking: Asking::default(), tools: None };
    let settings = Settings { model: None, language: "en", question: None, facts: "" };
    Ok(graph(&Arc::new(crew), &settings, 1, Duration::from_secs(1))?.to_mermaid())
}

/// Where a judged draft goes.
fn after_critic(brief: &Brief) -> &'static str {
    match brief.rejected.len() {
        _ if brief.accepted == Some(true) => END,
        back if back <= MOST_BACK => "report_generator",
        _ => "template",
    }
}
