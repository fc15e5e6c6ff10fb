//! Graphs that are built, and those that are not.

use std::time::Duration;

use stockops_core::graph::{AgentGraph, Builder, END, Limits, Node, START};

use super::{Log, graph, step};

/// What the builder says of a graph.
fn refusal(graph: Builder<Log>) -> String {
    graph.build().unwrap_err().to_string()
}

/// A node that writes `last`, which keeps the last value.
fn writer(name: &str) -> Node<Log> {
    Node::new(name, |_, _| async { Ok(Log::update().last("x".into())) }).writes(["last"])
}

/// The graph of a report: two readers side by side, a writer, a critic that sends back, a person who approves.
fn report() -> Builder<Log> {
    AgentGraph::builder("report", 3)
        .node(step("facts"))
        .node(step("technical").tries(3).timeout(Duration::from_secs(20)))
        .node(step("market").otherwise("template"))
        .node(writer("write"))
        .node(writer("critic"))
        .node(Node::ask("approve", "yes", |log: &Log| format!("Publish {:?}?", log.last)))
        .node(step("template"))
        .edge(START, "facts")
        .fan_out("facts", ["technical", "market"])
        .join(["technical", "market"], "write")
        .edge("write", "critic")
        .choose("critic", ["write", "approve", END], |log| if log.count < 2 { "write" } else { END })
        .edge("approve", END)
        .limits(Limits { steps: 40, tokens: 20_000, at_once: 4 })
}

#[test]
fn a_graph_is_drawn() {
    let wanted = r#"flowchart TD
    start(["start"])
    n0["facts"]
    n1["technical"]
    n2["market"]
    n3["write"]
    n4["critic"]
    n5[/"approve"/]
    n6["template"]
    stop(["end"])
    start --> n0
    n0 --> n1
    n0 --> n2
    n1 --> n3
    n2 --> n3
    n2 -- otherwise --> n6
    n3 --> n4
    n4 -.-> n3
    n4 -.-> n5
    n4 -.-> stop
    n5 --> stop
"#;
    assert_eq!(report().build().unwrap().to_mermaid(), wanted);
}

#[test]
fn names_are_words_and_are_there_once() {
    for name in ["", "a b", "a/b", ".a", "ä", START, END] {
        let text = refusal(graph().node(writer(name)));
        assert_eq!(
            text,
            format!(
                "graph `test`: `{name}` cannot be the name of a node: 1 to 150 letters, digits and ^ . - = _ @ &, no dot first, and \
                 neither start nor end"
            )
        );
    }
    let twice = graph().node(step("a")).node(step("a")).edge(START, "a").edge("a", END);
    assert_eq!(refusal(twice), "graph `test`: there are two of node `a`; keep one, or give one another name");
    let choices = graph().node(step("a")).edge(START, "a").choose("a", [END], |_| END).choose("a", [END], |_| END);
    assert_eq!(
        refusal(choices),
        "graph `test`: there are two of the choice after `a`; keep one, or give one another name"
    );
}

#[test]
fn what_is_named_is_there() {
    let one = || graph().node(step("a")).edge(START, "a").edge("a", END);
    let wanted =
        |by: &str| format!("graph `test`: {by} names `b`, and there is no such node; add it, or mend the name");
    assert_eq!(refusal(one().edge("a", "b")), wanted("the edge from `a` to `b`"));
    assert_eq!(refusal(one().edge("b", "a")), wanted("the edge from `b` to `a`"));
    assert_eq!(refusal(one().choose("a", ["b", END], |_| END)), wanted("the choice after `a`"));
    assert_eq!(refusal(one().choose("b", [END], |_| END)), wanted("the choice after `b`"));
    let otherwise = graph().node(step("a").otherwise("b")).edge(START, "a").edge("a", END);
    assert_eq!(refusal(otherwise), wanted("`a` (otherwise)"));
    let field = graph().node(step("a").writes(["sene"])).edge(START, "a").edge("a", END);
    assert_eq!(
        refusal(field),
        "graph `test`: node `a` names the field `sene`, and the state has count, last, seen, yes; mend the name"
    );
    // The end leads nowhere, and nothing leads to the start.
    let text = refusal(one().edge(END, "a"));
    assert!(text.contains("the edge from `end` to `a` names `end`, and there is no such node"), "{text}");
    assert!(refusal(one().edge("a", START)).contains("names `start`, and there is no such node"));
}

#[test]
fn every_node_is_reached() {
    let lost = graph().node(step("a")).node(step("b")).edge(START, "a").edge("a", END).edge("b", END);
    let wanted = "graph `test`: no path from the start comes to `b`; add an edge to it, or take it away";
    assert_eq!(refusal(lost), wanted);
    let no_start = graph().node(step("b")).edge("b", END);
    assert_eq!(refusal(no_start), wanted);
    assert_eq!(refusal(graph()), "graph `test`: no path from `start` comes to the end; add an edge from it");
}

#[test]
fn every_way_leads_to_the_end() {
    let two = || graph().node(step("a")).node(step("b")).edge(START, "a");
    let stuck = two().edge("a", "b").edge("a", END);
    assert_eq!(refusal(stuck), "graph `test`: no path from `b` comes to the end; add an edge from it");
    let choice = two().choose("a", ["b", END], |_| END);
    assert_eq!(refusal(choice), "graph `test`: no path from `b` comes to the end; add an edge from it");
    let endless = "graph `test`: from `a` on it goes in a circle whatever is chosen; let a choice leave the circle";
    assert_eq!(refusal(two().edge("a", "b").edge("b", "a").edge("b", END)), endless);
    // There is a choice, and both of its ways lead back.
    let both = graph().node(step("a")).node(step("b")).node(step("c")).edge(START, "a").edge("a", END);
    assert_eq!(refusal(both.choose("a", ["b", "c"], |_| "b").edge("b", "a").edge("c", "a")), endless);
    two().edge("a", "b").choose("b", ["a", END], |_| END).build().unwrap();
}

#[test]
fn a_fallback_only_stands_in() {
    let edges = graph().node(step("a").otherwise("b")).node(step("b")).edge(START, "a").edge("a", END).edge("b", END);
    assert_eq!(
        refusal(edges),
        "graph `test`: `b` only stands in for others and goes on where they do, so its edges are never taken; take them away, or lead \
         to it"
    );
    let circle = graph().node(step("a").otherwise("b")).node(step("b").otherwise("a")).edge(START, "a").edge("a", END);
    assert!(refusal(circle).starts_with("graph `test`: from `a` on it goes in a circle"));
    // A node of its own may stand in too.
    let both = graph().node(step("a").otherwise("b")).node(step("b")).edge(START, "a").edge("a", "b").edge("b", END);
    both.build().unwrap();
}

#[test]
fn side_by_side_one_node_writes_a_field_that_keeps_the_last() {
    let wanted = |first: &str, second: &str| {
        format!(
            "graph `test`: `{first}` and `{second}` both write `last`, which keeps the last value, and neither is before the other; give \
             the field a reducer such as Append, or put an edge between the two"
        )
    };
    let two = || graph().node(writer("a")).node(writer("b"));
    assert_eq!(refusal(two().fan_out(START, ["a", "b"]).join(["a", "b"], END)), wanted("a", "b"));
    two().edge(START, "a").edge("a", "b").edge("b", END).build().unwrap();
    let either = two().node(step("first")).edge(START, "first").join(["a", "b"], END);
    either.choose("first", ["a", "b"], |_| "a").build().unwrap();
    let several = two().node(step("first")).edge(START, "first").join(["a", "b"], END);
    assert_eq!(refusal(several.choose_many("first", ["a", "b"], |_| vec!["a"])), wanted("a", "b"));
    // Who stands in for a node writes in its place.
    let fallback = graph().node(step("a").otherwise("c")).node(writer("b")).node(writer("c"));
    assert_eq!(refusal(fallback.fan_out(START, ["a", "b"]).join(["a", "b"], END)), wanted("c", "b"));
}

#[test]
fn settings_of_nodes_and_limits_are_checked() {
    let one = |node: Node<Log>| graph().node(node).edge(START, "a").edge("a", END);
    assert_eq!(refusal(one(step("a").tries(4))), "`tries` must be 1 to 3, got 4");
    assert_eq!(refusal(one(step("a").tries(0))), "`tries` must be 1 to 3, got 0");
    assert_eq!(refusal(one(step("a").timeout(Duration::ZERO))), "`timeout` must be longer than nothing, got 0 s");
    let limits = |limits: Limits| refusal(one(step("a")).limits(limits));
    assert_eq!(limits(Limits { steps: 0, ..Limits::default() }), "`steps` must be at least 1, got 0");
    assert_eq!(limits(Limits { at_once: 0, ..Limits::default() }), "`at_once` must be at least 1, got 0");
}
