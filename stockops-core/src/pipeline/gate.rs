//! The gate: whether a new version may take the place of the champion.

use crate::error::Result;
use crate::evaluation::diebold_mariano;
use crate::forecast::{Case, Field};
use crate::forecaster::Forecaster;
use crate::market::Bars;

/// Fewest days that neither saw on which two forecasters can be compared.
pub(super) const MIN_COMPARED: usize = 60;

/// What the two are judged by.
const FIELDS: [Field; 3] = [Field::Close, Field::Volume, Field::Range];

/// What came of a contest, with the reason in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The challenger takes over.
    Replace(String),
    /// The champion stays.
    Keep(String),
}

impl Verdict {
    /// The reason in a sentence.
    pub fn reason(&self) -> &str {
        match self {
            Self::Replace(reason) | Self::Keep(reason) => reason,
        }
    }
}

/// What is said of a challenger whose training ends before the champion's.
const ENDS_EARLIER: &str = ", and it saw fewer of the last days than the champion: equal is not enough";

/// Hold two forecasters of one ticker against each other on the days of `bars` that neither learned from, 60 at least.
///
/// The loss of a day is the squared error of close, volume and range at all horizons, each over the mean of the
/// champion's. The challenger takes over where its mean loss is not larger by more than one standard error of the
/// difference (Diebold and Mariano 1995, with the small-sample correction of Harvey, Leybourne and Newbold 1997): it
/// knows newer days, so equal is good enough. One that ends on an earlier day than the champion has to be better by a standard
/// error.
///
/// # Errors
///
/// Those of [`Forecaster::past`].
pub fn contest(champion: &Forecaster, challenger: &Forecaster, bars: &Bars) -> Result<Verdict> {
    let seen = champion.about().last_seen_day.max(challenger.about().last_seen_day);
    let (old, new) = (champion.past(bars, Some(seen), usize::MAX)?, challenger.past(bars, Some(seen), usize::MAX)?);
    let (old, new) = same_days(&old, &new);
    if old.len() < MIN_COMPARED {
        let days = old.len();
        return Ok(Verdict::Keep(format!(
            "only {days} days that neither version saw: {MIN_COMPARED} are needed to compare"
        )));
    }
    let horizons = champion.horizon().min(challenger.horizon());
    let scales: Vec<[f64; 3]> = (0..horizons).map(|h| FIELDS.map(|field| mean_square(old, field, h))).collect();
    let losses = |cases: &[Case<'_>]| -> Vec<f64> { cases.iter().map(|case| loss(case, &scales).sqrt()).collect() };
    let days = old.len();
    let is_older = challenger.about().last_seen_day < champion.about().last_seen_day;
    let Some(difference) = diebold_mariano(&losses(new), &losses(old), horizons) else {
        let text = format!("both forecast the same on {days} days that neither saw");
        return Ok(if is_older { Verdict::Keep(text + ENDS_EARLIER) } else { Verdict::Replace(text) });
    };
    let (mean, error) = (difference.mean, difference.standard_error);
    let text = format!("its loss is {:.3} times the champion's", 1.0 + mean);
    let days = format!("on {days} days that neither saw");
    Ok(if mean > error {
        Verdict::Keep(format!("{text}, worse by more than a standard error ({error:.3}) {days}"))
    } else if is_older && mean > -error {
        Verdict::Keep(format!("{text} (standard error {error:.3}) {days}{ENDS_EARLIER}"))
    } else {
        Verdict::Replace(format!("{text} (standard error {error:.3}) {days}"))
    })
}

/// The forecasts of days that both have, which are the last ones of each.
fn same_days<'a, 'b>(a: &'a [Case<'b>], b: &'a [Case<'b>]) -> (&'a [Case<'b>], &'a [Case<'b>]) {
    let days = a.len().min(b.len());
    (&a[a.len() - days..], &b[b.len() - days..])
}

fn mean_square(cases: &[Case<'_>], field: Field, horizon: usize) -> f64 {
    let squares: Vec<f64> =
        cases.iter().filter_map(|case| case.error(field, horizon)).map(|error| error * error).collect();
    squares.iter().sum::<f64>() / squares.len().max(1) as f64
}

/// Mean squared error over all fields and horizons, each in the unit of `scales`.
fn loss(case: &Case<'_>, scales: &[[f64; 3]]) -> f64 {
    let cells = scales.iter().enumerate().flat_map(|(horizon, scales)| {
        FIELDS.into_iter().zip(scales).map(move |(field, scale)| (field, horizon, *scale))
    });
    let (mut sum, mut count) = (0.0, 0);
    for (field, horizon, scale) in cells.filter(|(_, _, scale)| *scale > 0.0) {
        if let Some(error) = case.error(field, horizon) {
            sum += error * error / scale;
            count += 1;
        }
    }
    if count == 0 { 0.0 } else { sum / f64::from(count) }
}
