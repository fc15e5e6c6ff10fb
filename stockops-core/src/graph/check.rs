//! What a graph must be to be built.

use std::collections::BTreeMap;

use super::fields::Fields;
use super::parallel::Parallel;
use super::shape::Shape;
use crate::error::Fault;

/// The first rule that a graph breaks. `writes` has the fields that each node writes.
pub(crate) fn check(shape: &Shape, fields: &Fields, writes: &[Vec<String>]) -> Result<(), Fault> {
    every_node_is_reached(shape)?;
    every_fallback_only_stands_in(shape)?;
    every_node_comes_to_the_end(shape)?;
    every_field_is_there(shape, fields, writes)?;
    no_field_has_two_writers(shape, fields, writes)
}

fn every_node_is_reached(shape: &Shape) -> Result<(), Fault> {
    let reached = shape.reachable();
    let lost = (0..shape.count()).find(|node| !reached.contains(node));
    lost.map_or(Ok(()), |node| Err(Fault::Unreachable { node: shape.name(node).into() }))
}

fn every_fallback_only_stands_in(shape: &Shape) -> Result<(), Fault> {
    let name = |node: usize| shape.name(node).to_string();
    for node in 0..shape.count() {
        if shape.chain(node).skip(1).any(|next| next == node) {
            return Err(Fault::Endless { node: name(node) });
        }
        if shape.stands_in(node) && !shape.exits(node).all().is_empty() {
            return Err(Fault::StandIn { node: name(node) });
        }
    }
    Ok(())
}

/// From a node the end can be chosen where all its edges, and one target of its choice, can come to the end. A node
/// that only stands in for others goes on as they do.
fn every_node_comes_to_the_end(shape: &Shape) -> Result<(), Fault> {
    let on_its_own = (0..shape.count()).filter(|node| !shape.stands_in(*node));
    let nodes: Vec<usize> = on_its_own.chain([shape.start()]).collect();
    let by_some = |node: usize, ends: &[bool]| shape.exits(node).all().iter().any(|next| ends[*next]);
    let by_all = |node: usize, ends: &[bool]| {
        let exits = shape.exits(node);
        let chosen = exits.choice.as_ref().is_none_or(|choice| choice.nodes.iter().any(|next| ends[*next]));
        exits.edges.iter().all(|next| ends[*next]) && chosen
    };
    if let Some(node) = left_over(shape, &nodes, by_some) {
        return Err(Fault::NoEnd { node: shape.name(node).into() });
    }
    match left_over(shape, &nodes, by_all) {
        Some(node) => Err(Fault::Endless { node: shape.name(node).into() }),
        None => Ok(()),
    }
}

/// The first of `nodes` that does not end: it ends where `rule` says so of those that are known to.
fn left_over(shape: &Shape, nodes: &[usize], rule: impl Fn(usize, &[bool]) -> bool) -> Option<usize> {
    let mut ends = vec![false; shape.count() + 2];
    ends[shape.end()] = true;
    loop {
        let more: Vec<usize> = nodes.iter().copied().filter(|node| !ends[*node] && rule(*node, &ends)).collect();
        if more.is_empty() {
            return nodes.iter().copied().find(|node| !ends[*node]);
        }
        more.into_iter().for_each(|node| ends[node] = true);
    }
}

fn every_field_is_there(shape: &Shape, fields: &Fields, writes: &[Vec<String>]) -> Result<(), Fault> {
    for (node, field) in
        writes.iter().enumerate().flat_map(|(node, fields)| fields.iter().map(move |field| (node, field)))
    {
        if fields.is_one_writer(field).is_none() {
            let by = format!("node `{}`", shape.name(node));
            return Err(Fault::UnknownField { field: field.clone(), by, known: fields.names() });
        }
    }
    Ok(())
}

fn no_field_has_two_writers(shape: &Shape, fields: &Fields, writes: &[Vec<String>]) -> Result<(), Fault> {
    let parallel = Parallel::new(shape);
    for (field, writers) in writers(shape, fields, writes) {
        for (i, (place, node)) in writers.iter().enumerate() {
            if let Some((_, other)) = writers[..i].iter().find(|(other, _)| parallel.may_cross(*other, *place)) {
                let (first, second) = (shape.name(*other).into(), shape.name(*node).into());
                return Err(Fault::TwoWriters { field: field.into(), first, second });
            }
        }
    }
    Ok(())
}

/// Who writes each field that takes one writer, as (place in the graph, node): a fallback writes in the place of its
/// node.
fn writers<'a>(shape: &Shape, fields: &Fields, writes: &'a [Vec<String>]) -> BTreeMap<&'a str, Vec<(usize, usize)>> {
    let mut by_field: BTreeMap<&str, Vec<(usize, usize)>> = BTreeMap::new();
    for place in (0..shape.count()).filter(|place| !shape.stands_in(*place)) {
        for node in shape.chain(place) {
            for field in writes[node].iter().filter(|field| fields.is_one_writer(field) == Some(true)) {
                by_field.entry(field).or_default().push((place, node));
            }
        }
    }
    by_field
}
