//! What is known of a ticker when new bars come: all of it on one basis.

use super::bar_rows::{close, counting};
use super::history::{History, Micros, time};
use crate::error::{Error, Result};
use crate::market::{Calendar, Ticker};

/// How far equal prices may differ, as a share: sources keep them in 32 bits. The smallest dividend that matters moves them
/// a hundred times as far.
const JITTER: f64 = 1e-6;
/// Two closes of one day are nearer than this, and those of two days are not, as a rule.
const HALF_DAY: Micros = 43_200_000_000;

/// The bars of a ticker after new ones came.
#[derive(Debug)]
pub(super) struct Merged {
    /// One of each event, in order.
    pub(super) rows: History,
    /// What a reader has to know: all that was kept was replaced by rows on another basis.
    pub(super) note: Option<String>,
}

/// The bars of `ticker` after `given` ones came to those `kept`: one of each event, in order.
///
/// Within their days the given bars are the truth: what is kept there and not given is no bar any more. Days before and after
/// them stay. After a split or a dividend all prices before it are others, so kept and given rows may only stand side by side
/// where they are on one basis: their oldest common row has one close. Where all days are given again they replace what is kept,
/// and a note says so where the basis is another one.
///
/// # Errors
///
/// [`Error::Series`] where they are not, or have no row in common, and rows are kept that were not given again.
pub(super) fn merged(ticker: &Ticker, kept: &History, given: &History) -> Result<Merged> {
    let kept = counting(kept);
    let (Some(from), Some(to)) = (given.events.first(), given.events.last()) else {
        return Ok(Merged { rows: kept, note: None });
    };
    let begin = kept.events.partition_point(|event| event < from);
    let end = kept.events.partition_point(|event| event <= to);
    let (mut all, after) = (kept.slice(0..begin), kept.slice(end..kept.len()));
    let is_whole = all.is_empty() && after.is_empty();
    let basis = Basis::between(&kept, given);
    if !(is_whole || matches!(basis, Basis::Same)) {
        return Err(refused(ticker, &kept, given, &basis));
    }
    all.extend(given);
    all.extend(&after);
    let note = if kept.is_empty() { None } else { basis.replaced(ticker) };
    Ok(Merged { rows: all, note })
}

/// How given rows stand to those that are kept.
enum Basis {
    /// Their oldest common row has one close.
    Same,
    /// That row, an event, has another close.
    Other { event: Micros, was: f64, is: f64 },
    /// They are of the same time, and no session closes when one of the kept does.
    OtherHours { was: Micros, is: Micros },
    /// They have no day in common.
    Apart,
}

impl Basis {
    fn between(kept: &History, given: &History) -> Self {
        let common = |i: &usize| kept.events.binary_search(&given.events[*i]).is_ok();
        if let Some(oldest) = (0..given.len()).find(common) {
            let event = given.events[oldest];
            let place = kept.events.partition_point(|kept| *kept < event);
            let (was, is) = (close(kept, place), close(given, oldest));
            let is_same = (was - is).abs() <= JITTER * was.abs();
            return if is_same { Self::Same } else { Self::Other { event, was, is } };
        }
        // The first kept row that a given one is as near to as two closes of one day are.
        let near = given.events.iter().find_map(|is| {
            let place = kept.events.partition_point(|was| *was <= is - HALF_DAY);
            kept.events
                .get(place)
                .filter(|was| **was < is + HALF_DAY)
                .map(|was| Self::OtherHours { was: *was, is: *is })
        });
        near.unwrap_or(Self::Apart)
    }

    /// What is to be said where all that was kept is replaced; `None` where that changes no basis.
    fn replaced(&self, ticker: &Ticker) -> Option<String> {
        let what = match self {
            Self::Same => return None,
            Self::Other { event, was, is } => format!(
                "the close of {} was {was}, and is {is}, as after a split or a dividend, or where prices are read with another `adjust`",
                day(ticker, *event)
            ),
            Self::OtherHours { was, is } => {
                format!("sessions closed at {}, and close at {}, as with another `calendar`", time(*was), time(*is))
            }
            Self::Apart => "it has none of the days that were kept".to_owned(),
        };
        Some(format!("the history that was kept is replaced by another one: {what}"))
    }
}

fn refused(ticker: &Ticker, kept: &History, given: &History, basis: &Basis) -> Error {
    let problem = match basis {
        Basis::Same | Basis::Apart => {
            "have no day in common with them; give bars that begin with a day that is kept".to_owned()
        }
        Basis::Other { event, was, is } => format!(
            "are on another basis (the close of {} was {was}, and is {is}), as after a split or a dividend; give all of the history",
            day(ticker, *event)
        ),
        Basis::OtherHours { was, is } => format!(
            "close at other hours ({} is kept, and {} is given), as with another `calendar`; give that of before, or all of the history",
            time(*was),
            time(*is)
        ),
    };
    let ends = |rows: &History| match (rows.events.first(), rows.events.last()) {
        (Some(first), Some(last)) => format!("{} to {}", day(ticker, *first), day(ticker, *last)),
        _ => "no day".to_owned(),
    };
    let problem = format!("rows of {} are kept, and bars of {} {problem}", ends(kept), ends(given));
    Error::Series { ticker: ticker.to_string(), problem }
}

/// The day of an event by the exchange's own clock.
fn day(ticker: &Ticker, event: Micros) -> chrono::NaiveDate {
    Calendar::of(ticker).day_of(time(event))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 2 * HALF_DAY;

    /// Rows of the days given, all prices the same.
    fn rows(days: std::ops::Range<i64>, price: f64) -> History {
        let mut rows = History::of_width(5);
        days.for_each(|day| rows.push(day * DAY, 1, [price, price, price, price, 100.0]));
        rows
    }

    fn merge(kept: &History, given: &History) -> Result<Vec<(i64, f64)>> {
        let all = merged(&Ticker::new("GOOG").unwrap(), kept, given)?.rows;
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

    fn note(kept: &History, given: &History) -> Option<String> {
        merged(&Ticker::new("GOOG").unwrap(), kept, given).unwrap().note
    }

    fn later(mut rows: History, hours: i64) -> History {
        rows.events.iter_mut().for_each(|event| *event += hours * 3_600_000_000);
        rows
    }

    /// The same days with another calendar: nothing is common, and the days are not to blame.
    #[test]
    fn other_hours_are_told_from_other_days() {
        let text = merge(&rows(0..5, 10.0), &later(rows(3..8, 10.0), 6)).unwrap_err().to_string();
        assert!(text.ends_with("close at other hours (1970-01-04 00:00:00 UTC is kept, and 1970-01-04 06:00:00 UTC is given), as with another `calendar`; give that of before, or all of the history"), "{text}");
        let text = merge(&rows(0..5, 10.0), &later(rows(9..12, 10.0), 6)).unwrap_err().to_string();
        assert!(text.contains("have no day in common"), "{text}");
    }

    #[test]
    fn a_history_that_replaces_another_says_so() {
        assert_eq!(note(&rows(0..5, 10.0), &rows(0..6, 10.0)), None);
        assert_eq!(note(&History::of_width(5), &rows(0..6, 10.0)), None);
        let text = note(&rows(0..5, 10.0), &rows(0..6, 5.0)).unwrap();
        assert!(
            text.starts_with(
                "the history that was kept is replaced by another one: the close of 1970-01-01 was 10, and is 5,"
            ),
            "{text}"
        );
        let text = note(&rows(0..5, 10.0), &later(rows(-1..6, 10.0), 6)).unwrap();
        assert!(
            text.contains("sessions closed at 1970-01-01 00:00:00 UTC, and close at 1970-01-01 06:00:00 UTC"),
            "{text}"
        );
    }
}
