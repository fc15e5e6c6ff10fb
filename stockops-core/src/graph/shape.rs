//! `Shape`: which node may follow which. It is all that the order of a run depends on, and knows no functions.

use std::collections::BTreeSet;

use serde::Serialize;

/// Where a run begins: the name that an edge to the first node comes from.
pub const START: &str = "start";
/// Where a run ends: the name that an edge from the last node goes to.
pub const END: &str = "end";

/// Nodes by number, in order of declaration; after them the end, then the start.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Shape {
    names: Vec<String>,
    exits: Vec<Exits>,
    fallbacks: Vec<Option<usize>>,
    /// `reach[a][b]`: a path of forward edges leads from a to b.
    #[serde(skip)]
    reach: Vec<Vec<bool>>,
}

/// Where it goes after a node.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Exits {
    /// Always.
    pub(crate) edges: BTreeSet<usize>,
    /// If chosen.
    pub(crate) choice: Option<Targets>,
}

/// What a choice may choose.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Targets {
    pub(crate) nodes: BTreeSet<usize>,
    /// Whether several may be chosen at once.
    pub(crate) many: bool,
}

impl Exits {
    /// Every node that may follow.
    pub(crate) fn all(&self) -> BTreeSet<usize> {
        let chosen = self.choice.iter().flat_map(|choice| &choice.nodes);
        self.edges.iter().chain(chosen).copied().collect()
    }

    /// Whether `a` and `b` may both follow at once.
    fn may_take_both(&self, a: usize, b: usize) -> bool {
        let is_sure = |node| self.edges.contains(&node);
        is_sure(a) || is_sure(b) || self.choice.as_ref().is_some_and(|choice| choice.many)
    }
}

impl Shape {
    /// The shape of nodes with `names`; exits and fallbacks by number, those of the start last.
    pub(crate) fn new(mut names: Vec<String>, mut exits: Vec<Exits>, fallbacks: Vec<Option<usize>>) -> Self {
        // The end comes before the start and has no exits.
        names.extend([END.into(), START.into()]);
        exits.insert(exits.len() - 1, Exits::default());
        let reach = forward_reach(&exits);
        Self { names, exits, fallbacks, reach }
    }

    /// How many nodes there are, without start and end.
    pub(crate) fn count(&self) -> usize {
        self.names.len() - 2
    }

    pub(crate) fn end(&self) -> usize {
        self.names.len() - 2
    }

    pub(crate) fn start(&self) -> usize {
        self.names.len() - 1
    }

    pub(crate) fn name(&self, node: usize) -> &str {
        &self.names[node]
    }

    pub(crate) fn number(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }

    pub(crate) fn exits(&self, node: usize) -> &Exits {
        &self.exits[node]
    }

    pub(crate) fn fallback(&self, node: usize) -> Option<usize> {
        self.fallbacks.get(node).copied().flatten()
    }

    /// Whether a path of forward edges leads from `a` to `b`.
    ///
    /// An edge is forward where it does not go back to a node that it came from, in the order in which edges were
    /// declared. Without the others no circle is left. So of all nodes that wait for each other there is always a
    /// first.
    pub(crate) fn reaches(&self, a: usize, b: usize) -> bool {
        self.reach[a][b]
    }

    /// Pairs of nodes that may follow one node at once.
    pub(crate) fn splits(&self) -> Vec<(usize, usize)> {
        let mut pairs = Vec::new();
        for exits in &self.exits {
            let all = exits.all();
            let both = |a: usize| all.range(a + 1..).filter(move |b| exits.may_take_both(a, **b)).map(move |b| (a, *b));
            pairs.extend(all.iter().flat_map(|a| both(*a)));
        }
        pairs
    }

    /// Nodes that some path from the start comes to, and those that stand in for them.
    pub(crate) fn reachable(&self) -> BTreeSet<usize> {
        let (mut seen, mut left) = (BTreeSet::new(), vec![self.start()]);
        while let Some(node) = left.pop() {
            if seen.insert(node) {
                left.extend(self.exits[node].all());
            }
        }
        let stand_ins: Vec<usize> = seen.iter().flat_map(|node| self.chain(*node)).collect();
        seen.extend(stand_ins);
        seen
    }

    /// A node and those that stand in for it, one after the other.
    pub(crate) fn chain(&self, node: usize) -> impl Iterator<Item = usize> {
        // Fallbacks that go in a circle are not built, and looked at once.
        std::iter::successors(Some(node), |node| self.fallback(*node)).take(self.names.len())
    }

    /// Whether nothing leads to a node, so that it can only stand in for others.
    pub(crate) fn stands_in(&self, node: usize) -> bool {
        !self.exits.iter().any(|exits| exits.all().contains(&node))
    }

    /// Nodes from which `target` is certain to come, with what it waits for: each way that can be chosen leads there by
    /// forward edges, circles taken to end.
    pub(crate) fn sure_of(&self, target: usize) -> Vec<bool> {
        let mut sure: Vec<bool> = (0..self.names.len()).map(|node| self.reaches(node, target)).collect();
        loop {
            let comes = |node: &usize| *node == target || sure[*node];
            let is_sure = |exits: &Exits| {
                let chosen = |choice: &Targets| !choice.nodes.is_empty() && choice.nodes.iter().all(comes);
                exits.edges.iter().any(comes) || exits.choice.as_ref().is_some_and(chosen)
            };
            let next: Vec<bool> = sure.iter().zip(&self.exits).map(|(was, exits)| *was && is_sure(exits)).collect();
            if next == sure {
                return sure;
            }
            sure = next;
        }
    }
}

/// `reach[a][b]` by edges that do not go back. The walk keeps its path by itself, so that no graph is too deep.
fn forward_reach(exits: &[Exits]) -> Vec<Vec<bool>> {
    let count = exits.len();
    let targets: Vec<Vec<usize>> = exits.iter().map(|exits| exits.all().into_iter().collect()).collect();
    let mut reach = vec![vec![false; count]; count];
    let (mut is_on_path, mut is_left) = (vec![false; count], vec![false; count]);
    for root in (0..count).rev() {
        let mut path = if is_left[root] { vec![] } else { vec![(root, 0)] };
        while let Some((node, next)) = path.pop() {
            is_on_path[node] = true;
            match targets[node].get(next) {
                Some(target) => {
                    path.push((node, next + 1));
                    if !is_left[*target] && !is_on_path[*target] {
                        path.push((*target, 0));
                    }
                }
                None => {
                    leave(node, &targets[node], &is_on_path, &mut reach);
                    (is_on_path[node], is_left[node]) = (false, true);
                }
            }
        }
    }
    reach
}

/// Fill the row of a node all of whose forward targets have theirs.
fn leave(node: usize, targets: &[usize], is_on_path: &[bool], reach: &mut [Vec<bool>]) {
    for &target in targets.iter().filter(|target| !is_on_path[**target]) {
        let beyond = reach[target].clone();
        reach[node].iter_mut().zip(beyond).for_each(|(own, beyond)| *own |= beyond);
        reach[node][target] = true;
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Nodes `0..`; an edge is `(from, to)`, a choice `(from, [to], many)`; the end is `usize::MAX`. The start leads to
    /// 0.
    pub(crate) fn shape(count: usize, edges: &[(usize, usize)], choices: &[(usize, &[usize], bool)]) -> Shape {
        let known = |node: usize| node.min(count);
        let mut exits = vec![Exits::default(); count + 1];
        exits[count].edges.insert(0);
        for (from, to) in edges {
            exits[*from].edges.insert(known(*to));
        }
        for (from, to, many) in choices {
            let nodes = to.iter().map(|node| known(*node)).collect();
            exits[*from].choice = Some(Targets { nodes, many: *many });
        }
        Shape::new((0..count).map(|i| format!("n{i}")).collect(), exits, vec![None; count])
    }

    pub(crate) const OUT: usize = usize::MAX;

    #[test]
    fn edges_that_go_back_do_not_count_as_forward() {
        // 0 to 1 and 2, both to 3, which goes back to 0 or out.
        let shape = shape(4, &[(0, 1), (0, 2), (1, 3), (2, 3)], &[(3, &[0, OUT], false)]);
        assert!(shape.reaches(0, 3) && shape.reaches(1, 3) && shape.reaches(shape.start(), 3));
        assert!(shape.reaches(3, shape.end()) && !shape.reaches(3, 0) && !shape.reaches(1, 2) && !shape.reaches(0, 0));
        assert_eq!(shape.splits(), [(1, 2)]);
    }

    #[test]
    fn sure_is_what_every_choice_leads_to() {
        // 0 chooses 1 or 2, both lead to 3; 3 chooses 4 or the end.
        let shape = shape(5, &[(1, 3), (2, 3), (4, OUT)], &[(0, &[1, 2], false), (3, &[4, OUT], false)]);
        assert_eq!(shape.sure_of(3)[..5], [true, true, true, false, false]);
        assert_eq!(shape.sure_of(4)[..5], [false; 5]);
        assert_eq!(shape.sure_of(1)[..5], [false; 5]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let edges: Vec<_> = (0..3_000).map(|i| (i, i + 1)).collect();
        assert!(shape(3_001, &edges, &[(3_000, &[OUT], false)]).reaches(0, 3_000));
    }
}
