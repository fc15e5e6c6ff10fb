//! A graph as a flowchart in Mermaid.

use super::plan::Plan;
use super::shape::Shape;

/// The flowchart: nodes, then edges, in order of declaration.
pub(crate) fn draw(plan: &Plan) -> String {
    let shape = &plan.shape;
    let mut lines = vec!["flowchart TD".to_string(), r#"start(["start"])"#.into()];
    for (number, node) in plan.nodes.iter().enumerate() {
        let (open, close) = if node.asks { ("[/", "/]") } else { ("[", "]") };
        lines.push(format!(r#"n{number}{open}"{}"{close}"#, node.name));
    }
    lines.push(r#"stop(["end"])"#.into());
    for from in [shape.start()].into_iter().chain(0..shape.count()) {
        let exits = shape.exits(from);
        let chosen = exits.choice.iter().flat_map(|choice| &choice.nodes);
        lines.extend(exits.edges.iter().map(|to| arrow(shape, from, "-->", *to)));
        lines.extend(chosen.map(|to| arrow(shape, from, "-.->", *to)));
        lines.extend(shape.fallback(from).map(|to| arrow(shape, from, "-- otherwise -->", to)));
    }
    lines.join("\n    ") + "\n"
}

fn arrow(shape: &Shape, from: usize, kind: &str, to: usize) -> String {
    format!("{} {kind} {}", id(shape, from), id(shape, to))
}

/// `end` is a word of Mermaid's own, and names of nodes may be such too.
fn id(shape: &Shape, node: usize) -> String {
    match node {
        node if node == shape.start() => "start".into(),
        node if node == shape.end() => "stop".into(),
        node => format!("n{node}"),
    }
}
