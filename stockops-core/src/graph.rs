//! Graphs of async nodes that share a state: branches side by side, loops with a bound, retries, questions to a person,
//! and checkpoints from which a run goes on after a crash. It knows nothing of what the nodes do.
//!
//! ```
//! use stockops_core::graph::{AgentGraph, Append, END, Last, Node, Outcome, START, Sum, state};
//!
//! state! {
//!     /// What the cooks share.
//!     struct Soup { herbs: Append<String>, salt: Sum<u32>, verdict: Last<String> }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
//! let graph = AgentGraph::builder("soup", 1)
//!     .node(Node::new("garden", |_: Soup, _| async { Ok(Soup::update().herbs(vec!["thyme".into()])) }).writes(["herbs"]))
//!     .node(Node::new("season", |_, _| async { Ok(Soup::update().salt(2)) }).writes(["salt"]))
//!     .node(Node::new("taste", |soup: Soup, _| async move {
//!         Ok(Soup::update().verdict(format!("{} and {} g of salt", soup.herbs.join(", "), soup.salt)))
//!     }).writes(["verdict"]))
//!     .fan_out(START, ["garden", "season"])
//!     .join(["garden", "season"], "taste")
//!     .choose("taste", ["season", END], |soup| if soup.salt < 4 { "season" } else { END })
//!     .build()?;
//! let Outcome::Done(soup) = graph.start(Soup::default()).finish().await? else { unreachable!() };
//! assert_eq!(soup.verdict.unwrap(), "thyme and 4 g of salt");
//! # Ok::<(), stockops_core::Error>(())
//! # }).unwrap();
//! ```
//!
//! # How nodes follow each other
//!
//! After a node come all nodes that its edges lead to, and those that its choice names. They run side by side, each as
//! soon as it may: nobody waits for a slow sister but where both come together.
//!
//! **A node runs once for all branches that come to it.** It waits as long as a branch is under way that may still come
//! there, however long that branch is; one that chose another way holds nothing up. An edge that goes back (to a node
//! that its branch came from) begins another turn and is not waited for.
//!
//! **A node sees what is behind it**: the start, and the updates of the nodes on the ways that lead to it in this run.
//! It does not see what a sister has done until they meet. Updates are reduced in the order of the graph, and not in
//! that of time, so the same answers of nodes give the same state, whoever was faster.
//!
//! **All ways lead to the end**, or the graph is not built. So a run ends in a state, in questions, or in an error.
//!
//! # What is kept
//!
//! With a [store](Launch::store) a checkpoint is written after each step, before what follows begins.
//! [`resume`](AgentGraph::resume) goes on from the last: nodes that were done do not run again, those that were under
//! way do. What must not happen twice in a node stands in [`Context::once`]. One run at a time has a thread.
//!
//! It needs a runtime of tokio with time, of one thread or several. Nodes run on the task that asks for events, so one
//! that computes for long belongs on `spawn_blocking`.

mod agent_graph;
mod attempts;
mod check;
mod checkpoints;
mod common;
mod context;
mod engine;
mod event;
mod fields;
mod identity;
mod keeper;
mod mermaid;
mod node;
mod parallel;
mod plan;
mod progress;
mod reducer;
mod run;
mod shape;
mod state;

pub use agent_graph::{AgentGraph, Builder};
pub use checkpoints::{Checkpoints, ThreadInfo};
pub use context::{Context, Reservation};
pub use event::{Event, Kind, Question};
pub use fields::{Failure, Fields, Hopeless, NodeResult, Object};
pub use node::Node;
pub use plan::Limits;
pub use reducer::{Append, Last, Reducer, Sum, Summable, Total};
pub use run::{Launch, Outcome, Run};
pub use shape::{END, START};
#[doc(hidden)]
pub use state::__private;
pub use state::{Declared, State, Update};
pub use tokio_util::sync::CancellationToken;

#[doc(inline)]
pub use crate::state;
