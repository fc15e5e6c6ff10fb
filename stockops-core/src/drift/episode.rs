//! `Episode`: when an alarm of the bars begins, how long it lasts and when it ends.

use super::test::WINDOW;

/// An episode ends below this share of the level that began it.
const EXIT: f64 = 0.7;

/// Sessions that an episode lasts, at most, after the last one that reached the level: from then on the tests see no bar
/// that they saw on that day.
pub(super) const LONGEST: usize = WINDOW;

/// An alarm that begins at a level and lasts while the distance stays near it.
///
/// A session belongs to an episode where one of the last 126, itself included, reached the level, and none since then fell
/// below 0.7 of it. So the answer of a day follows from the 126 distances up to it, wherever one begins to count.
#[derive(Debug, Clone, Copy)]
pub(super) struct Episode {
    level: f64,
    /// Sessions that it still lasts if the level is not reached again; 0 outside of an episode.
    left: usize,
}

impl Episode {
    /// No episode yet.
    pub(super) fn new(level: f64) -> Self {
        Self { level, left: 0 }
    }

    /// Take the distance of the next session; whether it belongs to an episode.
    pub(super) fn push(&mut self, distance: f64) -> bool {
        self.left = match distance / self.level {
            reached if reached >= 1.0 => LONGEST,
            near if near >= EXIT => self.left.saturating_sub(1),
            _ => 0,
        };
        self.left > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn states(distances: &[f64]) -> Vec<bool> {
        let mut episode = Episode::new(2.0);
        distances.iter().map(|distance| episode.push(*distance)).collect()
    }

    #[test]
    fn it_begins_at_the_level_and_ends_below_seven_tenths_of_it() {
        assert_eq!(states(&[1.9, 2.0, 1.5, 1.4, 1.39, 1.9]), [false, true, true, true, false, false]);
    }

    #[test]
    fn it_ends_126_sessions_after_the_last_that_reached_the_level() {
        let mut distances = vec![1.9; 300];
        (distances[0], distances[100]) = (2.0, 2.0);
        assert_eq!(states(&distances).iter().rposition(|inside| *inside), Some(225));
    }

    proptest! {
        /// Whatever came before the last 126 sessions changes nothing.
        #[test]
        fn the_last_126_sessions_decide(distances in prop::collection::vec(1.2f64..2.1, 126..400)) {
            let whole = states(&distances);
            let recent = states(&distances[distances.len() - LONGEST..]);
            prop_assert_eq!(recent.last(), whole.last());
        }
    }
}
