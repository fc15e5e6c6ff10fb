//! Splits that the source names, and that its prices lack.

use super::{RawRow, Split};
use crate::market::{Action, Finding, FindingKind};

/// How far prices may move over the night of a split, in log units; at most a third of the split itself.
const NIGHT: f64 = 0.2;
/// Shares that a split may make of one at most: what is more is another thing, such as a new currency.
const MOST: f64 = 10_000.0;

/// Scale the rows before each of `splits` whose step is still in the prices: sources scale them as a rule, and forget it at
/// times. Where they forgot it for the newest rows alone, the older ones stay.
pub(super) fn mend(rows: &mut [RawRow], splits: &[Split], findings: &mut Vec<Finding>) {
    for split in splits {
        let ratio = split.ratio();
        if !(ratio.is_finite() && (1.0 / MOST..=MOST).contains(&ratio) && (ratio - 1.0).abs() > 1e-6) {
            continue;
        }
        let Some((from, to)) = lacking(rows, split) else { continue };
        let mended: Vec<_> = rows[from..to].iter().filter(|row| row.has_close()).map(|row| row.day).collect();
        rows[from..to].iter_mut().for_each(|row| scale(row, ratio));
        findings.extend(Finding::over(FindingKind::SplitMended, Action::Repaired, &mended, |n| {
            format!(
                "{n} row{} before the split of {}:{} on {} lacked it, scaled",
                if n == 1 { "" } else { "s" },
                split.new,
                split.old,
                split.day
            )
        }));
    }
}

/// The rows that lack `split`: from the last row that has it, exclusive, to the split itself.
fn lacking(rows: &[RawRow], split: &Split) -> Option<(usize, usize)> {
    let down = -split.ratio().ln();
    let named = rows.iter().position(|row| row.day >= split.day)?;
    // Sources are a session off now and then.
    let mut near = [Some(named), named.checked_add(1), named.checked_sub(1)].into_iter().flatten();
    let to = near.find(|i| has_step(rows, *i, down) && !factor_has(rows, *i, down))?;
    let from = (1..to).rev().find(|i| has_step(rows, *i, -down)).unwrap_or(0);
    Some((from, to))
}

/// Whether prices move by `wanted`, in log units, over the night before row `i`, and stay there until its close.
fn has_step(rows: &[RawRow], i: usize, wanted: f64) -> bool {
    let Some((before, row)) = pair(rows, i) else { return false };
    let tolerance = NIGHT.min(wanted.abs() / 3.0);
    let close = |price: Option<f64>| price.zip(before.close).map(|(price, close)| (price / close).ln() - wanted);
    let is_near = |far: Option<f64>, times: f64| far.is_none_or(|far| far.abs() < times * tolerance);
    is_near(close(row.open.filter(|open| *open > 0.0)), 1.0) && is_near(close(row.close), 1.5)
}

/// Whether Adj Close over Close has the step already: then the adjustment does what is needed.
fn factor_has(rows: &[RawRow], i: usize, down: f64) -> bool {
    let factor = |row: &RawRow| row.adj_close.zip(row.close).map(|(adj, close)| (adj / close).ln());
    let step = pair(rows, i).and_then(|(before, row)| Some(factor(row)? - factor(before)?));
    step.is_some_and(|step| (step + down).abs() < down.abs() / 3.0)
}

/// Row `i` and the one before it, of those with a close.
fn pair(rows: &[RawRow], i: usize) -> Option<(&RawRow, &RawRow)> {
    let row = rows.get(i).filter(|row| row.has_close())?;
    rows[..i].iter().rev().find(|row| row.has_close()).map(|before| (before, row))
}

fn scale(row: &mut RawRow, ratio: f64) {
    let prices = [&mut row.open, &mut row.high, &mut row.low, &mut row.close, &mut row.adj_close];
    prices.into_iter().flatten().for_each(|price| *price /= ratio);
    row.volume.iter_mut().for_each(|volume| *volume *= ratio);
}
