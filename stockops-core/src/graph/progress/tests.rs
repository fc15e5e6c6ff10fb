//! Random graphs in random orders: what must hold whoever is faster.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::graph::parallel::Parallel;
use crate::graph::shape::tests::{OUT, shape};

/// One number a step, without a state of its own.
fn mixed(seed: u64, a: u64, b: u64) -> u64 {
    let mut h = seed ^ a.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b.wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
    h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    h ^ (h >> 31)
}

/// A run as it went: each turn with the turns that it saw, in order of beginning, and what was seen at the end.
#[derive(Debug, PartialEq)]
struct Told {
    begun: Vec<(String, Vec<String>)>,
    finished: Vec<String>,
    end: Vec<String>,
}

fn log(state: &Object) -> Vec<String> {
    serde_json::from_value(state["log"].clone()).unwrap()
}

/// Run a graph whose nodes write their turn. `order` says who is faster; every `dies`-th step the process is killed,
/// and the run goes on from what was kept. `None` where it takes more than `limit` steps.
fn run(
    shape: &Shape,
    choose: impl Fn(usize, u32) -> BTreeSet<usize>,
    order: u64,
    dies: Option<u64>,
    limit: u64,
) -> Option<Told> {
    let fields = Fields::new().append("log");
    let mut progress = Progress::new(shape, fields.completed(Object::new()).unwrap());
    let mut told = Told { begun: vec![], finished: vec![], end: vec![] };
    let mut running: Vec<Turn> = vec![];
    for step in 0..limit {
        for turn in progress.ready(shape) {
            let seen = log(&progress.begin(shape, &fields, &turn).unwrap());
            told.begun.push((format!("{}.{}", turn.node, turn.number), seen));
            running.push(turn);
        }
        if running.is_empty() {
            told.end = log(progress.result(shape).expect("it stopped short of the end"));
            return Some(told);
        }
        if dies.is_some_and(|every| mixed(order, step, 1).is_multiple_of(every)) {
            progress = serde_json::from_str(&serde_json::to_string(&progress).unwrap()).unwrap();
            running.clear();
            continue;
        }
        let turn = running.swap_remove((mixed(order, step, 2) % running.len() as u64) as usize);
        let name = format!("{}.{}", turn.node, turn.number);
        let node = shape.number(&turn.node).unwrap();
        let next = choose(node, turn.number).union(&shape.exits(node).edges).copied().collect();
        let update = json!({ "log": [name] }).as_object().cloned().unwrap();
        progress.finish(shape, &fields, &turn, update, &next).unwrap();
        told.finished.push(name);
    }
    None
}

/// Edges and choices to later nodes, to earlier ones too where `back` says so; every node has a way out.
fn random_shape(nodes: usize, seed: u64, back: bool) -> Shape {
    let mut edges: Vec<(usize, usize)> = vec![];
    let mut choices: Vec<(usize, Vec<usize>, bool)> = vec![];
    for node in 0..nodes {
        let draw = |k: u64| mixed(seed, node as u64, k);
        let later = |k: u64| if node + 1 < nodes { node + 1 + (draw(k) as usize) % (nodes - node - 1) } else { OUT };
        edges.extend((0..draw(1) % 3).map(|k| (node, later(10 + k))));
        let is_dead = edges.iter().all(|(from, _)| *from != node);
        if is_dead || draw(2) % 2 == 0 {
            let mut targets: Vec<usize> = (0..1 + draw(3) % 3).map(|k| later(20 + k)).collect();
            targets.push(if draw(4) % 3 == 0 { OUT } else { later(30) });
            if back && draw(5) % 3 == 0 {
                targets.push((draw(6) as usize) % (node + 1));
            }
            choices.push((node, targets, draw(7) % 2 == 0));
        }
    }
    let choices: Vec<(usize, &[usize], bool)> =
        choices.iter().map(|(from, to, many)| (*from, &to[..], *many)).collect();
    shape(nodes, &edges, &choices)
}

/// What each turn chooses: always the same, whenever it is asked.
fn chooser(shape: &Shape, seed: u64) -> impl Fn(usize, u32) -> BTreeSet<usize> + '_ {
    move |node, turn| {
        let Some(choice) = &shape.exits(node).choice else { return BTreeSet::new() };
        let targets: Vec<usize> = choice.nodes.iter().copied().collect();
        let draw = mixed(seed, node as u64, u64::from(turn) + 100);
        let first = targets[(draw % targets.len() as u64) as usize];
        let more = targets.iter().enumerate().filter(|(i, _)| choice.many && draw >> (8 + i) & 1 == 1);
        more.map(|(_, node)| *node).chain([first]).collect()
    }
}

/// Nodes behind each node that runs, by the edges and choices that are taken, where no edge goes back.
fn behind(shape: &Shape, choose: impl Fn(usize, u32) -> BTreeSet<usize>) -> BTreeMap<String, BTreeSet<String>> {
    let mut behind: BTreeMap<String, BTreeSet<String>> = BTreeMap::from([("n0.1".into(), BTreeSet::new())]);
    for node in 0..shape.count() {
        let name = format!("n{node}.1");
        let Some(own) = behind.get(&name).cloned() else { continue };
        let next = choose(node, 1).union(&shape.exits(node).edges).copied().collect::<Vec<_>>();
        for next in next.into_iter().filter(|next| *next != shape.end()) {
            let to = behind.entry(format!("n{next}.1")).or_default();
            to.extend(own.iter().cloned().chain([name.clone()]));
        }
    }
    behind
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn every_chosen_node_runs_once_and_sees_all_that_is_behind_it(nodes in 1usize..12, seed: u64, order: u64) {
        let shape = random_shape(nodes, seed, false);
        let told = run(&shape, chooser(&shape, seed), order, None, 1_000).unwrap();
        let wanted = behind(&shape, chooser(&shape, seed));
        let seen: BTreeMap<String, BTreeSet<String>> =
            told.begun.iter().map(|(turn, seen)| (turn.clone(), seen.iter().cloned().collect())).collect();
        prop_assert_eq!(told.begun.len(), wanted.len(), "a node ran twice or not at all");
        prop_assert_eq!(seen, wanted);
    }

    #[test]
    fn who_is_faster_and_who_dies_changes_nothing(nodes in 1usize..12, seed: u64, order: u64, dies in 2u64..6) {
        let shape = random_shape(nodes, seed, false);
        let one = run(&shape, chooser(&shape, seed), order, None, 1_000).unwrap();
        let other = run(&shape, chooser(&shape, seed), !order, Some(dies), 10_000).unwrap();
        prop_assert_eq!(&one.end, &other.end);
        let done = |told: &Told| { let mut done = told.finished.clone(); done.sort(); done };
        prop_assert_eq!(done(&one), done(&other), "what was done was done again");
    }

    #[test]
    fn what_may_cross_is_known_before(nodes in 2usize..9, seed: u64, order: u64) {
        let shape = random_shape(nodes, seed, true);
        let parallel = Parallel::new(&shape);
        let Some(told) = run(&shape, chooser(&shape, seed), order, None, 80) else { return Ok(()) };
        for (i, (a, seen_by_a)) in told.begun.iter().enumerate() {
            for (b, seen_by_b) in &told.begun[..i] {
                let node = |turn: &str| shape.number(turn.split('.').next().unwrap()).unwrap();
                let is_ordered = seen_by_a.contains(b) || seen_by_b.contains(a) || node(a) == node(b);
                prop_assert!(is_ordered || parallel.may_cross(node(a), node(b)), "{a} and {b} in {shape:?}");
            }
        }
    }

    #[test]
    fn without_choices_nodes_cross_where_no_path_leads_from_one_to_the_other(nodes in 2usize..12, seed: u64) {
        let edges: Vec<(usize, usize)> = (0..nodes).flat_map(|from| {
            let later = (from + 1..nodes).filter(move |to| mixed(seed, from as u64, *to as u64).is_multiple_of(3));
            later.map(move |to| (from, to)).chain([(from, OUT)])
        }).collect();
        let shape = shape(nodes, &edges, &[]);
        let (parallel, reached) = (Parallel::new(&shape), shape.reachable());
        for a in 0..nodes {
            for b in (a + 1..nodes).filter(|b| reached.contains(&a) && reached.contains(b)) {
                prop_assert_eq!(parallel.may_cross(a, b), !shape.reaches(a, b), "{} and {}", a, b);
            }
        }
    }
}

/// A flow as people draw them: one after the other, side by side, one of several, again and again.
#[derive(Debug, Clone)]
enum Flow {
    Node,
    Then(Vec<Flow>),
    Beside(Vec<Flow>),
    OneOf(Vec<Flow>),
    Again(Box<Flow>, u32),
}

fn flows() -> impl Strategy<Value = Flow> {
    Just(Flow::Node).prop_recursive(4, 24, 3, |inner| {
        let several = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            several().prop_map(Flow::Then),
            several().prop_map(Flow::Beside),
            several().prop_map(Flow::OneOf),
            (inner.clone(), 1u32..4).prop_map(|(flow, times)| Flow::Again(Box::new(flow), times)),
        ]
    })
}

/// A flow as a graph: it has one first and one last node, and what the choices of nodes depend on.
#[derive(Default)]
struct Drawn {
    count: usize,
    edges: Vec<(usize, usize)>,
    choices: Vec<(usize, Vec<usize>)>,
    /// How often the node goes back before it goes on.
    again: BTreeMap<usize, u32>,
    /// Nodes of branches that are side by side, as ranges of numbers.
    beside: Vec<Vec<std::ops::Range<usize>>>,
}

impl Drawn {
    fn node(&mut self) -> usize {
        self.count += 1;
        self.count - 1
    }

    fn draw(&mut self, flow: &Flow) -> (usize, usize) {
        match flow {
            Flow::Node => {
                let node = self.node();
                (node, node)
            }
            Flow::Then(flows) => {
                let drawn: Vec<_> = flows.iter().map(|flow| self.draw(flow)).collect();
                self.edges.extend(drawn.windows(2).map(|pair| (pair[0].1, pair[1].0)));
                (drawn[0].0, drawn[drawn.len() - 1].1)
            }
            Flow::Beside(flows) | Flow::OneOf(flows) => {
                let first = self.node();
                let mut ranges = vec![];
                let mut drawn = vec![];
                for flow in flows {
                    let begin = self.count;
                    drawn.push(self.draw(flow));
                    ranges.push(begin..self.count);
                }
                let last = self.node();
                self.edges.extend(drawn.iter().map(|(_, end)| (*end, last)));
                if matches!(flow, Flow::Beside(_)) {
                    self.beside.push(ranges);
                    self.edges.extend(drawn.iter().map(|(begin, _)| (first, *begin)));
                } else {
                    self.choices.push((first, drawn.iter().map(|(begin, _)| *begin).collect()));
                }
                (first, last)
            }
            Flow::Again(flow, times) => {
                let (first, last) = self.draw(flow);
                let (asks, after) = (self.node(), self.node());
                self.edges.push((last, asks));
                self.choices.push((asks, vec![first, after]));
                self.again.insert(asks, *times);
                (first, after)
            }
        }
    }

    /// Which of its targets a node chooses in its turn: once more until it was often enough, and else each in its turn.
    fn choice(&self, node: usize, turn: u32) -> Option<usize> {
        let (_, targets) = self.choices.iter().find(|(from, _)| *from == node)?;
        Some(match self.again.get(&node) {
            Some(times) => targets[usize::from(turn.is_multiple_of(*times))],
            None => targets[turn as usize % targets.len()],
        })
    }

    /// Whether two nodes are in two branches of one place.
    fn are_beside(&self, a: usize, b: usize) -> bool {
        let arm = |arms: &Vec<std::ops::Range<usize>>, node| arms.iter().position(|arm| arm.contains(&node));
        self.beside.iter().any(|arms| arm(arms, a).zip(arm(arms, b)).is_some_and(|(a, b)| a != b))
    }

    /// How often each node runs, step by step and without any graph.
    fn count(&self, flow: &Flow, at: &mut usize, counts: &mut Vec<u32>, runs: bool) {
        let mut take = |at: &mut usize| {
            let node = *at;
            *at += 1;
            counts.resize(counts.len().max(node + 1), 0);
            counts[node] += u32::from(runs);
            node
        };
        match flow {
            Flow::Node => drop(take(at)),
            Flow::Then(flows) => flows.iter().for_each(|flow| self.count(flow, at, counts, runs)),
            Flow::Beside(flows) => {
                take(at);
                flows.iter().for_each(|flow| self.count(flow, at, counts, runs));
                *at += 1;
                counts.resize(counts.len().max(*at), 0);
                counts[*at - 1] += u32::from(runs);
            }
            Flow::OneOf(flows) => {
                let first = take(at);
                let chosen = counts[first] as usize % flows.len();
                for (i, flow) in flows.iter().enumerate() {
                    self.count(flow, at, counts, runs && i == chosen);
                }
                *at += 1;
                counts.resize(counts.len().max(*at), 0);
                counts[*at - 1] += u32::from(runs);
            }
            Flow::Again(flow, times) => {
                let begin = *at;
                for round in 0..*times {
                    *at = begin;
                    self.count(flow, at, counts, runs);
                    counts.resize(counts.len().max(*at + 2), 0);
                    counts[*at] += u32::from(runs);
                    if round + 1 == *times {
                        counts[*at + 1] += u32::from(runs);
                    }
                    *at += 2;
                    if !runs {
                        break;
                    }
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Loops within branches within loops: each node runs as often as when one follows the flow with a finger.
    #[test]
    fn flows_run_as_they_are_drawn(flow in flows(), order: u64, dies in 3u64..9) {
        let mut drawn = Drawn::default();
        let (first, last) = drawn.draw(&flow);
        let start = drawn.node();
        let mut wanted = vec![];
        drawn.count(&flow, &mut 0, &mut wanted, true);
        prop_assume!(wanted.iter().sum::<u32>() < 300);
        // The shape begins with node 0: numbers are moved by one, the node before the flow comes first.
        let moved = |node: usize| if node == start { 0 } else { node + 1 };
        let mut edges: Vec<_> = drawn.edges.iter().map(|(from, to)| (moved(*from), moved(*to))).collect();
        edges.extend([(0, moved(first)), (moved(last), OUT)]);
        let targets: Vec<(usize, Vec<usize>)> =
            drawn.choices.iter().map(|(from, to)| (moved(*from), to.iter().map(|node| moved(*node)).collect())).collect();
        let choices: Vec<(usize, &[usize], bool)> = targets.iter().map(|(from, to)| (*from, &to[..], false)).collect();
        let shape = shape(drawn.count, &edges, &choices);
        let choose = |node: usize, turn: u32| {
            let chosen = node.checked_sub(1).and_then(|node| drawn.choice(node, turn));
            chosen.map(moved).into_iter().collect::<BTreeSet<usize>>()
        };
        let one = run(&shape, choose, order, None, 10_000).unwrap();
        let other = run(&shape, choose, !order, Some(dies), 100_000).unwrap();
        let mut counts = vec![0u32; drawn.count];
        for turn in &one.finished {
            counts[shape.number(turn.split('.').next().unwrap()).unwrap()] += 1;
        }
        prop_assert_eq!(&counts[1..], &wanted[..]);
        let parallel = Parallel::new(&shape);
        for a in 0..start {
            for b in a + 1..start {
                prop_assert_eq!(parallel.may_cross(moved(a), moved(b)), drawn.are_beside(a, b), "{} and {}", a, b);
            }
        }
        prop_assert_eq!(one.end.len(), one.finished.len());
        prop_assert_eq!(one.end, other.end);
        prop_assert_eq!(one.finished.len(), other.finished.len());
    }
}

/// A checkpoint holds what is open, and of what is behind all branches the result alone.
#[test]
fn progress_does_not_grow_with_the_steps_behind_it() {
    let shape = shape(2, &[(0, 1)], &[(1, &[0, OUT], false)]);
    let fields = Fields::new().sum("count");
    let mut progress = Progress::new(&shape, fields.completed(Object::new()).unwrap());
    let mut sizes = vec![];
    for _ in 0..200 {
        let turn = progress.ready(&shape).remove(0);
        progress.begin(&shape, &fields, &turn).unwrap();
        let update = json!({ "count": 0 }).as_object().cloned().unwrap();
        let next = BTreeSet::from([1 - shape.number(&turn.node).unwrap()]);
        progress.finish(&shape, &fields, &turn, update, &next).unwrap();
        sizes.push(serde_json::to_string(&progress).unwrap().len());
    }
    // Turns and steps have more digits at the end.
    assert!(sizes[199] <= sizes[1] + 12, "{sizes:?}");
}
