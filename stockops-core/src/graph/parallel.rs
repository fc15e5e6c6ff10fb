//! Which nodes may run side by side: neither has the other behind it.

use std::collections::BTreeSet;

use super::shape::Shape;

/// Pairs of places that two branches of a run may be at.
#[derive(Debug)]
pub(crate) struct Parallel<'a> {
    shape: &'a Shape,
    /// `both[a][b]`: one branch may be at a while another is at b.
    both: Vec<Vec<bool>>,
}

impl<'a> Parallel<'a> {
    /// Follow two branches from every split. A branch waits at a node as long as the other may still come there, and
    /// becomes one with it where they meet.
    pub(crate) fn new(shape: &'a Shape) -> Self {
        let count = shape.count() + 2;
        let mut both = vec![vec![false; count]; count];
        let mut left: Vec<_> = shape.splits().into_iter().flat_map(|(a, b)| [(a, b), (b, a)]).collect();
        while let Some((a, b)) = left.pop() {
            if std::mem::replace(&mut both[a][b], true) || shape.reaches(b, a) {
                continue;
            }
            let moved = shape.exits(a).all().into_iter().filter(|next| *next != b);
            left.extend(moved.flat_map(|next| [(next, b), (b, next)]));
        }
        Self { shape, both }
    }

    /// Whether `a` and `b` may run without one having the other behind it.
    pub(crate) fn may_cross(&self, a: usize, b: usize) -> bool {
        a != b && (self.may_miss(a, b) || self.may_miss(b, a))
    }

    /// Whether `target` may run in a branch that never meets what comes of `node`, which ran beside it.
    fn may_miss(&self, node: usize, target: usize) -> bool {
        let all = 0..self.both.len();
        // With another branch on its way to it the node would wait.
        let mut left: Vec<usize> =
            all.filter(|place| self.both[node][*place] && !self.shape.reaches(*place, node)).collect();
        let (mut passed, mut met) = (BTreeSet::new(), BTreeSet::new());
        while let Some(place) = left.pop() {
            if self.shape.sure_of(place)[node] && !self.is_late(&passed, place) {
                met.insert(place);
                continue;
            }
            if passed.insert(place) {
                left.extend(self.shape.exits(place).all());
                // Places where the branches meet for certain, as long as no way leads around.
                left.extend(met.iter().filter(|met| self.is_late(&passed, **met)));
            }
        }
        passed.contains(&target)
    }

    /// Whether a branch that came to `place` through these may be too late: nobody waits at a place for a branch that
    /// only comes there by an edge that goes back.
    fn is_late(&self, passed: &BTreeSet<usize>, place: usize) -> bool {
        let (mut seen, mut left) = (BTreeSet::new(), vec![place]);
        while let Some(to) = left.pop() {
            let before = passed.iter().copied().filter(|from| self.shape.exits(*from).all().contains(&to));
            left.extend(before.filter(|from| seen.insert(*from)));
        }
        seen.iter().any(|from| !self.shape.reaches(*from, place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::shape::tests::{OUT, shape};

    fn crossings(shape: &Shape) -> Vec<(usize, usize)> {
        let parallel = Parallel::new(shape);
        let all = 0..shape.count();
        all.clone()
            .flat_map(|a| all.clone().map(move |b| (a, b)))
            .filter(|(a, b)| a < b && parallel.may_cross(*a, *b))
            .collect()
    }

    #[test]
    fn branches_cross_up_to_their_join() {
        // 0 to 1 and 2; 1 to 3; 2 and 3 to 4.
        let shape = shape(5, &[(0, 1), (0, 2), (1, 3), (2, 4), (3, 4), (4, OUT)], &[]);
        assert_eq!(crossings(&shape), [(1, 2), (2, 3)]);
    }

    #[test]
    fn a_short_cut_to_a_join_crosses_nothing() {
        let shape = shape(3, &[(0, 1), (0, 2), (1, 2), (2, OUT)], &[]);
        assert_eq!(crossings(&shape), []);
    }

    #[test]
    fn of_a_choice_one_runs_but_where_several_may_be_chosen() {
        let one = shape(4, &[(1, 3), (2, 3), (3, OUT)], &[(0, &[1, 2], false)]);
        assert_eq!(crossings(&one), []);
        let many = shape(4, &[(1, 3), (2, 3), (3, OUT)], &[(0, &[1, 2], true)]);
        assert_eq!(crossings(&many), [(1, 2)]);
    }

    #[test]
    fn a_branch_that_may_leave_crosses_what_its_sister_does_later() {
        // 0 to 1 and 2; 1 chooses 2 or the end; 2 to 3. When 1 has left, 2 and 3 never see what it wrote.
        let shape = shape(4, &[(0, 1), (0, 2), (2, 3), (3, OUT)], &[(1, &[2, OUT], false)]);
        assert_eq!(crossings(&shape), [(1, 2), (1, 3)]);
    }

    #[test]
    fn a_loop_by_itself_crosses_nothing_and_within_a_branch_only_the_other() {
        let alone = shape(2, &[(0, 1)], &[(1, &[0, OUT], false)]);
        assert_eq!(crossings(&alone), []);
        // 0 to 1 and 3; 1 to 2, which chooses 1 or 4; 3 to 4.
        let beside = shape(5, &[(0, 1), (0, 3), (1, 2), (3, 4), (4, OUT)], &[(2, &[1, 4], false)]);
        assert_eq!(crossings(&beside), [(1, 3), (2, 3)]);
    }
}
