//! What is known of a ticker when new bars come: all of it on one basis.

use super::bar_rows::{close, counting};
use super::history::{History, time};
use crate::error::{Error, Result};
use crate::market::{Calendar, Ticker};

/// How far equal prices may differ, as a share: sources keep them in 32 bits. The smallest dividend that matters moves them
/// a hundred times as far.
const JITTER: f64 = 1e-6;

/// The bars of `ticker` after `given` ones came to those `kept`: one of each event, in order.
///
/// Within their days the given bars are the truth: what is kept there and not given is no bar any more. Days before and after
/// them stay. After a split or a dividend all prices before it are others, so kept and given rows may only stand side by side
/// where they are on one basis: their oldest common row has one close.
///
/// # Errors
///
/// [`Error::Series`] where they are not, or have no row in common, and rows are kept that were not given again.
pub(super) fn merged(ticker: &Ticker, kept: &History, given: &History) -> Result<History> {
    let kept = counting(kept);
    let (Some(from), Some(to)) = (given.events.first(), given.events.last()) else { return Ok(kept) };
    let begin = kept.events.partition_point(|event| event < from);
    let end = kept.events.partition_point(|event| event <= to);
    let (mut all, after) = (kept.slice(0..begin), kept.slice(end..kept.len()));
    if !(all.is_empty() && after.is_empty()) {
        check_basis(ticker, &kept, given)?;
    }
    all.extend(given);
    all.extend(&after);
    Ok(all)
}

/// The oldest row that both have has one close.
fn check_basis(ticker: &Ticker, kept: &History, given: &History) -> Result<()> {
    let day = |event| Calendar::of(ticker).day_of(time(event));
    let ends = |rows: &History| match (rows.events.first(), rows.events.last()) {
        (Some(first), Some(last)) => format!("{} to {}", day(*first), day(*last)),
        _ => "no day".to_owned(),
    };
    let refused = |problem: String| Error::Series {
        ticker: ticker.to_string(),
        problem: format!("rows of {} are kept, and bars of {} {problem}", ends(kept), ends(given)),
    };
    let common = |i: &usize| kept.events.binary_search(&given.events[*i]).is_ok();
    let Some(oldest) = (0..given.len()).find(common) else {
        return Err(refused("have no day in common with them; give bars that begin with a day that is kept".into()));
    };
    let place = kept.events.partition_point(|event| *event < given.events[oldest]);
    let (was, is) = (close(kept, place), close(given, oldest));
    if (was - is).abs() <= JITTER * was.abs() {
        return Ok(());
    }
    let day = day(given.events[oldest]);
    Err(refused(format!(
        "are on another basis (the close of {day} was {was}, and is {is}), as after a split or a dividend; give all of the history"
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000;

    /// Rows of the days given, all prices the same.
    fn rows(days: std::ops::Range<i64>, price: f64) -> History {
        let mut rows = History::of_width(5);
        days.for_each(|day| rows.push(day * DAY, 1, [price, price, price, price, 100.0]));
        rows
    }

    fn merge(kept: &History, given: &History) -> Result<Vec<(i64, f64)>> {
        let all = merged(&Ticker::new("GOOG").unwrap(), kept, given)?;
        Ok((0..all.len()).map(|i| (all.events[i] / DAY, close(&all, i))).collect())
    }

    fn days(days: std::ops::Range<i64>, price: f64) -> Vec<(i64, f64)> {
        days.map(|day| (day, price)).collect()
    }

    #[test]
    fn new_days_come_to_those_that_are_kept() {
        assert_eq!(merge(&History::of_width(5), &rows(3..6, 10.0)).unwrap(), days(3..6, 10.0));
        assert_eq!(merge(&rows(0..5, 10.0), &rows(4..8, 10.0)).unwrap(), days(0..8, 10.0));
        assert_eq!(merge(&rows(0..5, 10.0), &rows(1..3, 10.0)).unwrap(), days(0..5, 10.0));
        assert_eq!(merge(&rows(0..5, 10.0), &History::of_width(5)).unwrap(), days(0..5, 10.0));
    }

    /// All given again on the new basis; what was given no more is gone.
    #[test]
    fn a_whole_history_on_another_basis_replaces_the_old_one() {
        assert_eq!(merge(&rows(0..5, 10.0), &rows(0..6, 5.0)).unwrap(), days(0..6, 5.0));
        let mut with_a_hole = rows(0..2, 5.0);
        with_a_hole.extend(&rows(3..6, 5.0));
        assert_eq!(merge(&rows(0..5, 10.0), &with_a_hole).unwrap(), [days(0..2, 5.0), days(3..6, 5.0)].concat());
    }

    #[test]
    fn two_bases_never_stand_side_by_side() {
        let text = merge(&rows(0..5, 10.0), &rows(3..8, 5.0)).unwrap_err().to_string();
        let wanted = "GOOG: rows of 1970-01-01 to 1970-01-05 are kept, and bars of 1970-01-04 to 1970-01-08 are on another basis (the \
                      close of 1970-01-04 was 10, and is 5), as after a split or a dividend; give all of the history";
        assert_eq!(text, wanted);
        assert!(merge(&rows(3..8, 5.0), &rows(0..5, 10.0)).is_err(), "an older file on the old basis");
        let apart = merge(&rows(0..5, 10.0), &rows(5..8, 10.0)).unwrap_err().to_string();
        assert!(
            apart.ends_with("have no day in common with them; give bars that begin with a day that is kept"),
            "{apart}"
        );
    }

    /// An evening in New York is the next day in UTC.
    #[test]
    fn days_in_messages_are_those_of_the_exchange() {
        let evening = |mut rows: History| {
            rows.events.iter_mut().for_each(|event| *event += 27 * 3_600_000_000);
            rows
        };
        let text = merge(&evening(rows(0..5, 10.0)), &evening(rows(3..8, 5.0))).unwrap_err().to_string();
        assert!(text.contains("rows of 1970-01-01 to 1970-01-05 are kept"), "{text}");
        assert!(text.contains("the close of 1970-01-04 was 10"), "{text}");
    }

    /// The newest rows of a source are corrected by themselves, and its floats waver.
    #[test]
    fn a_correction_behind_the_oldest_common_row_is_no_other_basis() {
        let mut given = rows(3..5, 10.000_001);
        given.extend(&rows(5..7, 11.0));
        assert_eq!(
            merge(&rows(0..6, 10.0), &given).unwrap()[3..],
            [(3, 10.000_001), (4, 10.000_001), (5, 11.0), (6, 11.0)]
        );
    }
}
