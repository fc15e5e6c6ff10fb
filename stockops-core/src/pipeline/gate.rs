//! The gate: whether a new version may take the place of the champion.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::error::Result;
use crate::evaluation::{Difference, diebold_mariano};
use crate::forecast::{Case, Field};
use crate::forecaster::Forecaster;
use crate::market::Bars;

/// Fewest days that neither saw on which two forecasters can be compared.
pub(super) const MIN_COMPARED: usize = 60;

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
/// Forecasts made on the same day are compared, at the horizons that both have. The loss of a day is the squared error of
/// close, volume and range at all these horizons, each over the mean of the champion's. The challenger takes over where its
/// mean loss is not larger by more than one standard error of the difference (Diebold and Mariano 1995, with the
/// small-sample correction of Harvey, Leybourne and Newbold 1997): it knows newer days, so equal is good enough. One that
/// ends on an earlier day than the champion has to be better by a standard error. Where the days do not allow for a standard
/// error, because they are too few for the horizon, the champion stays. A champion that was never calibrated, such as a
/// network that was imported without bars, gives way to one that was.
///
/// # Errors
///
/// Those of [`Forecaster::past`].
pub fn contest(champion: &Forecaster, challenger: &Forecaster, bars: &Bars) -> Result<Verdict> {
    if champion.about().calibration.is_empty() && !challenger.about().calibration.is_empty() {
        return Ok(Verdict::Replace("the champion was never calibrated, and states no intervals".into()));
    }
    let [old_end, new_end] = [champion, challenger].map(|forecaster| forecaster.about().last_seen_day);
    let seen = Some(old_end.max(new_end));
    let (old, new) = (champion.past(bars, seen, usize::MAX)?, challenger.past(bars, seen, usize::MAX)?);
    Ok(verdict(&old, &new, new_end < old_end))
}

/// What the forecasts `old` of the champion and `new` of the challenger say; `ends_earlier` is whether the challenger's
/// training does.
fn verdict(old: &[Case<'_>], new: &[Case<'_>], ends_earlier: bool) -> Verdict {
    let pairs = same_days(old, new);
    let days = format!("on {} days that neither saw", pairs.len());
    if pairs.len() < MIN_COMPARED {
        let compared = pairs.len();
        return Verdict::Keep(format!(
            "only {compared} days that neither version saw: {MIN_COMPARED} are needed to compare"
        ));
    }
    let horizons = pairs[0].0.predicted.len().min(pairs[0].1.predicted.len());
    let (old, new) = losses(&pairs, horizons);
    if old == new {
        let text = format!("both forecast the same {days}");
        return if ends_earlier { Verdict::Keep(text + ENDS_EARLIER) } else { Verdict::Replace(text) };
    }
    let Some(Difference { mean, standard_error, .. }) = diebold_mariano(&new, &old, horizons) else {
        let why = "they are too few for the horizon, or the difference never varies";
        return Verdict::Keep(format!("forecasts of {horizons} sessions cannot be told apart {days}: {why}"));
    };
    let text = format!("its loss is {:.3} times the champion's", 1.0 + mean);
    if mean > standard_error {
        Verdict::Keep(format!("{text}, worse by more than a standard error ({standard_error:.3}) {days}"))
    } else if ends_earlier && mean > -standard_error {
        Verdict::Keep(format!("{text} (standard error {standard_error:.3}) {days}{ENDS_EARLIER}"))
    } else {
        Verdict::Replace(format!("{text} (standard error {standard_error:.3}) {days}"))
    }
}

/// Forecasts of both that were made on the same day, in order of time. The two may end on different days, since the last
/// forecasts have no outcome yet and a longer horizon has fewer with one.
fn same_days<'a, 'b>(old: &'a [Case<'b>], new: &'a [Case<'b>]) -> Vec<(&'a Case<'b>, &'a Case<'b>)> {
    let by_day: BTreeMap<Option<NaiveDate>, &Case<'_>> = new.iter().map(|case| (made_on(case), case)).collect();
    old.iter().filter_map(|case| Some((case, *by_day.get(&made_on(case))?))).collect()
}

fn made_on(case: &Case<'_>) -> Option<NaiveDate> {
    case.history.last().map(|bar| bar.date)
}

/// The root of the loss of each day, of the champion and of the challenger. The root, since the test squares what it is
/// given.
fn losses(pairs: &[(&Case<'_>, &Case<'_>)], horizons: usize) -> (Vec<f64>, Vec<f64>) {
    let unit = |horizon: usize| Field::JUDGED.map(|field| (field, horizon, mean_square(pairs, field, horizon)));
    let units: Vec<_> = (0..horizons).flat_map(unit).collect();
    pairs.iter().map(|(old, new)| (loss(old, &units).sqrt(), loss(new, &units).sqrt())).unzip()
}

/// Mean squared error of the champion.
fn mean_square(pairs: &[(&Case<'_>, &Case<'_>)], field: Field, horizon: usize) -> f64 {
    let squares: Vec<f64> =
        pairs.iter().filter_map(|(old, _)| old.error(field, horizon)).map(|error| error * error).collect();
    squares.iter().sum::<f64>() / squares.len().max(1) as f64
}

/// Mean squared error over fields and horizons, each in its unit.
fn loss(case: &Case<'_>, units: &[(Field, usize, f64)]) -> f64 {
    let cell = |(field, horizon, unit): &(Field, usize, f64)| {
        let error = case.error(*field, *horizon).filter(|_| *unit > 0.0)?;
        Some(error * error / unit)
    };
    let cells: Vec<f64> = units.iter().filter_map(cell).collect();
    if cells.is_empty() { 0.0 } else { cells.iter().sum::<f64>() / cells.len() as f64 }
}

#[cfg(test)]
mod tests;
