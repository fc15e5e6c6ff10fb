//! `zero_shot`: the parent's network for a ticker that has no version of its own.

use super::Parent;
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::forecast::{MIN_JUDGED, Role, Strategy};
use crate::forecaster::{About, Forecaster};
use crate::market::Bars;
use crate::training::CancelFlag;

/// The parent's network for another ticker, judged on all of its days that the parent did not see.
///
/// Nothing is trained; the parent's calibration is scaled by the ticker's own volatility and spread, and adapts to its
/// outcomes. Judging is nearly all of the work: [`Stockops`](crate::service::Stockops) does it once for the same bars.
///
/// # Errors
///
/// Those of [`Forecaster::past`]; [`Cancelled`](crate::Error::Cancelled) once `cancel` is set.
pub fn zero_shot(parent: &Parent, bars: &Bars, cancel: &CancelFlag) -> Result<Forecaster> {
    let (ticker, own) = (bars.ticker(), parent.forecaster.about());
    let seen = own.last_seen_day;
    let blank = not_judged(parent, bars, format!("too few days of {ticker} after {seen} to state a skill"))?;
    let unseen = blank.past_while(bars, Some(seen), usize::MAX, cancel)?;
    if unseen.len() < MIN_JUDGED {
        return Ok(blank);
    }
    let learned = if own.trained_on.contains(ticker) {
        format!("no child was trained, and the parent learned from {ticker} up to {seen}")
    } else {
        format!("nothing was trained on {ticker}")
    };
    let note = format!("zero-shot: {learned}; skill on all of its days after {seen} that could be forecast");
    let evaluation = Evaluation::of(&unseen, &[], note);
    Ok(blank.with_about(About { evaluation, ..blank.about().clone() }))
}

/// The parent's network, made ready for reports of drift. They read its errors and never its evaluation, so it is not judged.
///
/// # Errors
///
/// Those of a parent whose bundle cannot be named.
pub(crate) fn watched(parent: &Parent, bars: &Bars) -> Result<Forecaster> {
    not_judged(parent, bars, "it is watched, and not judged".into())
}

/// [`zero_shot`] before it is judged; no skill is stated for the reason `note`.
fn not_judged(parent: &Parent, bars: &Bars, note: String) -> Result<Forecaster> {
    let own = parent.forecaster.about();
    let about = About {
        ticker: bars.ticker().clone(),
        role: Role::Child(Strategy::ZeroShot),
        parent: Some(parent.to_ref()?),
        calibration: own.calibration.clone().afresh(),
        evaluation: Evaluation::none(note),
        first_day: bars.first_day().unwrap_or(own.first_day),
        training: None,
        ..own.clone()
    };
    Ok(parent.forecaster.with_about(about))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Device;
    use crate::pipeline::find_parent;
    use crate::registry::MemoryRegistry;
    use crate::source::builtin_bars;

    #[test]
    fn a_judgement_heeds_the_cancel_flag() {
        let parent = find_parent(&MemoryRegistry::new(), Device::Cpu).unwrap();
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars.last(300);
        let cancel = CancelFlag::default();
        cancel.cancel();
        assert!(matches!(zero_shot(&parent, &bars, &cancel), Err(crate::Error::Cancelled)));
    }
}
