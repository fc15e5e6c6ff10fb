//! What has to be written so that rows say what they should.

use super::history::{History, Micros};

/// The versions to add to `kept`, so that those that count are the rows of `wanted`, which has one of each event, in order.
///
/// A row that says the same stays as it is. One that says something else gets a version that is newer than the kept one, also
/// where the clock went back. An event that is not wanted gets a row without values: it is withdrawn.
pub(super) fn newer(kept: &History, wanted: &History, now: Micros) -> History {
    let mut new = History::of_width(wanted.columns.len());
    let mut latest = kept.latest(None).into_iter().peekable();
    let withdraw = |new: &mut History, i: usize| {
        if !kept.is_withdrawn(i) {
            new.push(kept.events[i], after(kept.created[i], now), std::iter::repeat(f64::NAN));
        }
    };
    for place in 0..wanted.len() {
        let event = wanted.events[place];
        while let Some(i) = latest.next_if(|i| kept.events[*i] < event) {
            withdraw(&mut new, i);
        }
        match latest.next_if(|i| kept.events[*i] == event) {
            Some(i) if is_same(kept, i, wanted, place) => {}
            Some(i) => new.push(event, after(kept.created[i], now), wanted.values(place)),
            None => new.push(event, now, wanted.values(place)),
        }
    }
    latest.for_each(|i| withdraw(&mut new, i));
    new
}

fn after(created: Micros, now: Micros) -> Micros {
    now.max(created.saturating_add(1))
}

/// Whether both rows have the same values; none is the same as none.
fn is_same(kept: &History, i: usize, wanted: &History, place: usize) -> bool {
    kept.values(i).zip(wanted.values(place)).all(|(one, other)| one == other || (one.is_nan() && other.is_nan()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(rows: &[(Micros, Micros, f64)]) -> History {
        let mut history = History::of_width(1);
        rows.iter().for_each(|(event, created, value)| history.push(*event, *created, [*value]));
        history
    }

    fn new(kept: &[(Micros, Micros, f64)], wanted: &[(Micros, f64)], now: Micros) -> Vec<(Micros, Micros, String)> {
        let wanted: Vec<_> = wanted.iter().map(|(event, value)| (*event, 0, *value)).collect();
        let new = newer(&history(kept), &history(&wanted), now);
        (0..new.len()).map(|i| (new.events[i], new.created[i], new.columns[0][i].to_string())).collect()
    }

    #[test]
    fn only_what_says_something_else_is_written() {
        let kept = [(10, 5, 1.0), (20, 5, 2.0), (20, 6, 2.5), (30, 5, f64::NAN)];
        assert!(new(&kept, &[(10, 1.0), (20, 2.5), (30, f64::NAN)], 9).is_empty());
        let text = |value: f64| value.to_string();
        assert_eq!(
            new(&kept, &[(10, 1.0), (20, 2.0), (30, 3.0), (40, 4.0)], 9),
            [(20, 9, text(2.0)), (30, 9, text(3.0)), (40, 9, text(4.0))]
        );
    }

    #[test]
    fn a_clock_that_went_back_writes_a_newer_version_all_the_same() {
        assert_eq!(new(&[(10, 500, 1.0)], &[(10, 2.0)], 9), [(10, 501, "2".to_owned())]);
    }

    #[test]
    fn what_is_gone_is_withdrawn_once() {
        let kept = [(10, 5, 1.0), (20, 5, 2.0), (30, 5, 3.0)];
        let withdrawn = |event| (event, 9, "NaN".to_owned());
        assert_eq!(new(&kept, &[(20, 2.0)], 9), [withdrawn(10), withdrawn(30)]);
        assert!(new(&[(10, 5, 1.0), (10, 6, f64::NAN)], &[], 9).is_empty());
        assert_eq!(new(&[(10, 5, 1.0), (10, 6, f64::NAN)], &[(10, 1.0)], 9), [(10, 9, "1".to_owned())], "it came back");
    }
}
