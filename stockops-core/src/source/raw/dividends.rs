//! Payments that the adjusted closes lack, which are put into them, and those that look wrong, which are only said.

use chrono::NaiveDate;

use super::{Payment, RawBars, RawRow};
use crate::market::{Action, Finding, FindingKind};

/// Share of the price from which on a payment is odd, and is not put into anything.
const ODD_SHARE: f64 = 0.25;
/// How many times the usual payment is odd, either way: pounds among pence are 100.
const ODD_TIMES: f64 = 30.0;
/// Payments that make a usual one.
const USUAL_FROM: usize = 4;
/// Days in which the same payment does not come twice.
const TWICE_DAYS: i64 = 10;
/// Share of the price below which a payment cannot be seen in an adjusted close.
const SMALLEST: f64 = 1e-4;
/// How far a step of the factor may lie from what the payment makes, as a share of it.
const TOLERANCE: f64 = 0.25;

/// A payment beside the rows that it falls between.
struct Seen {
    payment: Payment,
    /// The first row without it.
    row: usize,
    /// The payment as a share of the close before.
    share: f64,
    /// What Adj Close over Close moved by, as a share.
    step: f64,
}

/// Put payments that Adj Close lacks into it, and say which look wrong.
pub(super) fn mend(raw: &mut RawBars, findings: &mut Vec<Finding>) {
    let seen: Vec<Seen> = raw.dividends.iter().filter_map(|payment| seen(&raw.rows, *payment)).collect();
    let odd = odd(&seen);
    let phantom = phantoms(&raw.dividends);
    let is_good = |seen: &&Seen| !odd.contains(&seen.payment.day) && !phantom.contains(&seen.payment.day);
    let lacking: Vec<&Seen> = seen.iter().filter(is_good).filter(|seen| lacks(seen)).collect();
    let double = counted_twice(&seen, &raw.gains);
    for seen in &lacking {
        let kept = 1.0 - seen.share;
        raw.rows[..seen.row].iter_mut().filter_map(|row| row.adj_close.as_mut()).for_each(|adj| *adj *= kept);
    }
    let lacking: Vec<NaiveDate> = lacking.iter().map(|seen| seen.payment.day).collect();
    let s = |n: usize| if n == 1 { "" } else { "s" };
    findings.extend(Finding::over(FindingKind::DividendMended, Action::Repaired, &lacking, |n| {
        format!("{n} dividend{} that the adjusted closes lacked, put into them", s(n))
    }));
    findings.extend(Finding::over(FindingKind::DividendOdd, Action::Kept, &odd, |n| {
        format!("{n} dividend{} out of all proportion to the price or to the others, kept; look at these days", s(n))
    }));
    findings.extend(Finding::over(FindingKind::DividendTwice, Action::Kept, &phantom, |n| {
        format!("{n} dividend{} that repeats the one some days before, and may never have been paid; kept", s(n))
    }));
    findings.extend(Finding::over(FindingKind::GainTwice, Action::Kept, &double, |n| {
        format!("{n} gain{} of the fund that the adjusted closes seem to count twice, kept", s(n))
    }));
}

fn seen(rows: &[RawRow], payment: Payment) -> Option<Seen> {
    let row = rows.iter().position(|row| row.day >= payment.day && row.has_close())?;
    let before = rows[..row].iter().rev().find(|row| row.has_close())?;
    let factor = |row: &RawRow| Some(row.adj_close? / row.close?);
    let step = 1.0 - factor(before)? / factor(&rows[row])?;
    Some(Seen { payment, row, share: payment.amount / before.close?, step })
}

/// Whether the factor does not move where the payment should make it.
fn lacks(seen: &Seen) -> bool {
    (SMALLEST..ODD_SHARE).contains(&seen.share) && seen.step.abs() < TOLERANCE * seen.share
}

fn odd(seen: &[Seen]) -> Vec<NaiveDate> {
    let mut shares: Vec<f64> = seen.iter().map(|seen| seen.share).filter(|share| *share > 0.0).collect();
    shares.sort_by(f64::total_cmp);
    let usual = shares.get(shares.len() / 2).filter(|_| shares.len() >= USUAL_FROM);
    let far = |share: f64| usual.is_some_and(|usual| !(usual / ODD_TIMES..usual * ODD_TIMES).contains(&share));
    let is_odd = |seen: &&Seen| !(0.0..ODD_SHARE).contains(&seen.share) || far(seen.share);
    seen.iter().filter(is_odd).map(|seen| seen.payment.day).collect()
}

/// Payments of the same amount some days after another.
fn phantoms(payments: &[Payment]) -> Vec<NaiveDate> {
    let repeats = |pair: &&[Payment]| {
        let days = (pair[1].day - pair[0].day).num_days();
        days <= TWICE_DAYS && (pair[1].amount - pair[0].amount).abs() < 0.01 * pair[0].amount.abs()
    };
    payments.windows(2).filter(repeats).map(|pair| pair[1].day).collect()
}

/// Days on which a payment has a gain in it, and the factor moves by both.
fn counted_twice(seen: &[Seen], gains: &[Payment]) -> Vec<NaiveDate> {
    let gain_of = |seen: &Seen| {
        let gain = gains.iter().find(|gain| gain.day == seen.payment.day && gain.amount > 0.0)?;
        (gain.amount <= seen.payment.amount * 1.001).then_some(gain.amount / seen.payment.amount * seen.share)
    };
    let is_twice = |seen: &&Seen| {
        gain_of(seen).is_some_and(|gain| (seen.step - seen.share - gain).abs() < (seen.step - seen.share).abs())
    };
    seen.iter().filter(is_twice).map(|seen| seen.payment.day).collect()
}
