//! Blocks of rows that are 100 times off, where the unit of the currency confirms it.

use chrono::NaiveDate;

use super::RawRow;
use crate::market::{Action, Finding, FindingKind};

/// Units that are a hundredth of a currency, and how a person calls them.
const HUNDREDTHS: [(&str, &str); 5] =
    [("GBp", "pence"), ("GBX", "pence"), ("ZAc", "cents"), ("ZAC", "cents"), ("ILA", "agorot")];
/// How far a step may lie from 100, as a factor either way: what a price may move beside it.
const TOLERANCE: f64 = 1.3;

/// The name of a unit that is a hundredth of a currency, such as `pence`.
pub(super) fn hundredth(currency: &str) -> Option<&'static str> {
    HUNDREDTHS.iter().find(|(unit, _)| *unit == currency).map(|(_, name)| *name)
}

/// Put rows that are 100 times too high or too low beside most others into the unit of most; only where the currency has a
/// hundredth, so that a source may have taken one for the other. A step on one of `split_days` is none of these.
pub(super) fn mend(rows: &mut [RawRow], currency: &str, split_days: &[NaiveDate], findings: &mut Vec<Finding>) {
    let Some(name) = hundredth(currency) else { return };
    let powers = powers(rows, split_days);
    let Some(usual) = most(&powers) else { return };
    let mut days = Vec::new();
    let mut factor = None;
    for (row, power) in rows.iter_mut().zip(&powers).filter(|(row, _)| row.has_close()) {
        let adjusted = row.adj_close.zip(row.close).map(|(adj, close)| adj / close);
        match power - usual {
            0 => factor = adjusted.or(factor),
            off @ (1 | -1) => {
                // Adj Close may have been right.
                let with_adj = adjusted.zip(factor).is_none_or(|(own, near)| (own / near).ln().abs() < 2.0);
                scale(row, 0.01_f64.powi(off), with_adj);
                days.push(row.day);
            }
            _ => {}
        }
    }
    findings.extend(Finding::over(FindingKind::UnitMended, Action::Repaired, &days, |n| {
        format!(
            "{n} row{} 100 times off, put into {name} ({currency}) as the others are",
            if n == 1 { "" } else { "s" }
        )
    }));
}

/// Steps of 100 up and down that led to each row.
fn powers(rows: &[RawRow], split_days: &[NaiveDate]) -> Vec<i32> {
    let (mut power, mut before) = (0, None);
    let step = |row: &RawRow, before: f64| match row.close.unwrap_or(before) / before {
        up if (100.0 / TOLERANCE..100.0 * TOLERANCE).contains(&up) => 1,
        down if (0.01 / TOLERANCE..0.01 * TOLERANCE).contains(&down) => -1,
        _ => 0,
    };
    let next = |row: &RawRow| {
        if row.has_close() {
            let is_split = split_days.contains(&row.day);
            power += before.filter(|_| !is_split).map_or(0, |before| step(row, before));
            before = row.close;
        }
        power
    };
    rows.iter().map(next).collect()
}

/// The power that most rows have; of two that as many have, the newer.
fn most(powers: &[i32]) -> Option<i32> {
    let count = |power: i32| powers.iter().filter(|other| **other == power).count();
    let (low, high) = (powers.iter().min()?, powers.iter().max()?);
    let last = powers.last()?;
    (*low..=*high).max_by_key(|power| (count(*power), power == last))
}

fn scale(row: &mut RawRow, by: f64, with_adj: bool) {
    let adj_close = row.adj_close.as_mut().filter(|_| with_adj);
    for price in [&mut row.open, &mut row.high, &mut row.low, &mut row.close].into_iter().flatten().chain(adj_close) {
        *price *= by;
    }
}
