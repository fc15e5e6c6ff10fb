//! How far rows are apart: daily bars are needed.

use super::refusal::Refusal;
use crate::market::Bar;

/// Share of gaps that must agree.
const AGREEMENT: f64 = 0.8;
/// Fewest gaps that can tell.
const FEWEST: usize = 3;
/// What is not daily: shortest and longest gap in days, and the name.
const SPACINGS: [(i64, i64, &str); 4] =
    [(6, 8, "weekly"), (26, 35, "monthly"), (85, 97, "quarterly"), (360, 370, "yearly")];

/// Refuse weekly bars and longer ones; `rows` ascend.
pub(super) fn check(rows: &[Bar]) -> Result<(), Refusal> {
    let mut gaps: Vec<i64> = rows.windows(2).map(|pair| (pair[1].date - pair[0].date).num_days()).collect();
    if gaps.len() < FEWEST {
        return Ok(());
    }
    let named = SPACINGS.iter().find(|(least, most, _)| {
        let inside = gaps.iter().filter(|gap| (least..=most).contains(gap)).count();
        inside as f64 >= AGREEMENT * gaps.len() as f64
    });
    let Some((.., name)) = named else { return Ok(()) };
    gaps.sort_unstable();
    let days = gaps[gaps.len() / 2];
    Err(Refusal::Series(format!("rows are {days} days apart: {name} bars; daily ones are needed")))
}
