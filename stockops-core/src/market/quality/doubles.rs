//! Days that have more than one row.

use chrono::NaiveDate;

use super::refusal::Refusal;
use super::repair::Placed;
use crate::market::Bar;
use crate::market::finding::{Action, Finding, FindingKind, many};

/// Share of days, and least number of days, with different rows from which on a file holds several series.
const SEVERAL_SHARE: f64 = 0.1;
const SEVERAL_DAYS: usize = 3;
/// Closes of one day that differ by more than this factor are of different things.
const FAR_APART: f64 = 1.3;

/// Drop rows that stand there twice; of two different rows of a day the last one is kept.
pub(super) fn without(rows: Vec<Placed>, findings: &mut Vec<Finding>) -> Result<Vec<Placed>, Refusal> {
    let mut kept: Vec<Placed> = Vec::with_capacity(rows.len());
    let (mut doubles, mut revised): (Vec<NaiveDate>, Vec<NaiveDate>) = Default::default();
    for row in rows {
        match kept.last_mut().filter(|last| last.bar.date == row.bar.date) {
            None => kept.push(row),
            Some(last) if last.bar == row.bar => doubles.push(row.bar.date),
            Some(last) => {
                if are_far_apart(&last.bar, &row.bar) {
                    return Err(Refusal::Series(several(&last.bar, &row.bar)));
                }
                revised.push(row.bar.date);
                *last = row;
            }
        }
    }
    let days = revised.len();
    if days >= SEVERAL_DAYS && days as f64 > SEVERAL_SHARE * kept.len() as f64 {
        return Err(Refusal::Series(format!(
            "{days} of {} days have different rows, as where several series stand in one file; give one series, or a column \
             `ticker` that tells them apart",
            kept.len()
        )));
    }
    findings.extend(Finding::over(FindingKind::Duplicate, Action::Dropped, &doubles, |n| {
        format!("{} there twice, one of each dropped", many(n, "row"))
    }));
    findings.extend(Finding::over(FindingKind::Revised, Action::Dropped, &revised, |n| {
        format!("{} with two different rows, the last of them kept", many(n, "day"))
    }));
    Ok(kept)
}

fn are_far_apart(a: &Bar, b: &Bar) -> bool {
    let good = a.close > 0.0 && b.close > 0.0;
    good && a.close.max(b.close) > FAR_APART * a.close.min(b.close)
}

fn several(a: &Bar, b: &Bar) -> String {
    format!(
        "two rows of {} are far apart, {} and {}: several series in one file, or a price in another unit; give one series, \
         or a column `ticker` that tells them apart, or correct the row",
        a.date,
        numbers(a),
        numbers(b)
    )
}

fn numbers(bar: &Bar) -> String {
    format!("O {} H {} L {} C {} V {}", bar.open, bar.high, bar.low, bar.close, bar.volume)
}
