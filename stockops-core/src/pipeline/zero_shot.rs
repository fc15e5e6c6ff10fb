//! `zero_shot`: the parent's network for a ticker that has no version of its own; cheap to take, and judged once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::Parent;
use super::judge::data_sha256;
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::forecast::{MIN_JUDGED, Role, Strategy};
use crate::forecaster::{About, Forecaster};
use crate::market::{Bars, Ticker};
use crate::training::CancelFlag;

/// The parent's network for another ticker, judged on all of its days that the parent did not see.
///
/// Nothing is trained; the parent's calibration is scaled by the ticker's own volatility and spread, and adapts to its
/// outcomes. Whoever asks again and again keeps [`Judgements`]: judging is nearly all of the work.
///
/// # Errors
///
/// Those of [`Forecaster::past`].
pub fn zero_shot(parent: &Parent, bars: &Bars) -> Result<Forecaster> {
    let adopted = adopted(parent, bars)?;
    let judgement = judgement(&adopted, bars, &CancelFlag::default())?;
    Ok(with_judgement(&adopted, judgement))
}

/// The parent's network for the ticker of `bars`, not judged yet: [`zero_shot`] without its long part.
pub fn adopted(parent: &Parent, bars: &Bars) -> Result<Forecaster> {
    let own = parent.forecaster.about();
    let about = About {
        ticker: bars.ticker().clone(),
        role: Role::Child(Strategy::ZeroShot),
        parent: Some(parent.to_ref()?),
        calibration: own.calibration.clone().afresh(),
        evaluation: Evaluation::none("not judged yet".into()),
        first_day: bars.first_day().unwrap_or(own.first_day),
        training: None,
        ..own.clone()
    };
    Ok(parent.forecaster.with_about(about))
}

/// What an [`adopted`] network did on all days of `bars` that its parent did not see.
///
/// # Errors
///
/// Those of [`Forecaster::past`]; [`Cancelled`](crate::Error::Cancelled) once `cancel` is set.
pub fn judgement(adopted: &Forecaster, bars: &Bars, cancel: &CancelFlag) -> Result<Evaluation> {
    let (ticker, seen) = (bars.ticker(), adopted.about().last_seen_day);
    let unseen = adopted.past_while(bars, Some(seen), usize::MAX, cancel)?;
    Ok(if unseen.len() < MIN_JUDGED {
        Evaluation::none(format!("too few days of {ticker} after {seen} to state a skill"))
    } else {
        let note = format!("zero-shot: nothing was trained on {ticker}; skill on all of its days after {seen}");
        Evaluation::of(&unseen, &[], note)
    })
}

/// The same network with `evaluation` in the place of its own.
pub fn with_judgement(adopted: &Forecaster, evaluation: Evaluation) -> Forecaster {
    adopted.with_about(About { evaluation, ..adopted.about().clone() })
}

/// Judgements that were made, in memory: a parent is judged on the bars of a ticker once, and again where either changes.
///
/// Several threads may share it. It holds one judgement a ticker, the last.
///
/// # Example
///
/// ```
/// use stockops_core::pipeline::{Judgements, find_parent};
/// use stockops_core::source::builtin_bars;
/// use stockops_core::training::CancelFlag;
/// use stockops_core::{Device, MemoryRegistry};
///
/// let parent = find_parent(&MemoryRegistry::new(), Device::Cpu)?;
/// let (judgements, bars) = (Judgements::default(), builtin_bars(&"MSFT".parse()?)?.bars);
/// let first = judgements.zero_shot(&parent, &bars, &CancelFlag::default())?;
/// let second = judgements.zero_shot(&parent, &bars, &CancelFlag::default())?; // nothing is judged again
/// assert_eq!(first.about().evaluation, second.about().evaluation);
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct Judgements(Mutex<HashMap<Ticker, Judged>>);

#[derive(Debug)]
struct Judged {
    /// Hash of the parent's bundle, and of the bars.
    of: [String; 2],
    evaluation: Evaluation,
}

impl Judgements {
    /// [`zero_shot`](zero_shot()), with the judgement that is kept where parent and bars are still the same.
    ///
    /// # Errors
    ///
    /// Those of [`judgement`].
    pub fn zero_shot(&self, parent: &Parent, bars: &Bars, cancel: &CancelFlag) -> Result<Forecaster> {
        let adopted = adopted(parent, bars)?;
        let hash = adopted.about().parent.as_ref().map(|parent| parent.sha256.clone()).unwrap_or_default();
        let of = [hash, data_sha256(bars)];
        if let Some(kept) = self.kept(bars.ticker(), &of) {
            return Ok(with_judgement(&adopted, kept));
        }
        let evaluation = judgement(&adopted, bars, cancel)?;
        let judged = Judged { of, evaluation: evaluation.clone() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(bars.ticker().clone(), judged);
        Ok(with_judgement(&adopted, evaluation))
    }

    fn kept(&self, ticker: &Ticker, of: &[String; 2]) -> Option<Evaluation> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(ticker).filter(|judged| judged.of == *of).map(|judged| judged.evaluation.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Device;
    use crate::pipeline::find_parent;
    use crate::registry::MemoryRegistry;
    use crate::source::builtin_bars;

    /// A judgement that was kept under the same hashes is believed, so a wrong one shows that nothing was judged again.
    #[test]
    fn a_judgement_is_made_once_and_anew_for_another_day() {
        let parent = find_parent(&MemoryRegistry::new(), Device::Cpu).unwrap();
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars.last(300);
        let (judgements, never) = (Judgements::default(), CancelFlag::default());
        let first = judgements.zero_shot(&parent, &bars, &never).unwrap();
        assert_eq!(first.about(), zero_shot(&parent, &bars).unwrap().about());
        for judged in judgements.0.lock().unwrap().values_mut() {
            judged.evaluation.note = "kept".into();
        }
        let note = |bars: &Bars| judgements.zero_shot(&parent, bars, &never).unwrap().about().evaluation.note.clone();
        assert_eq!(note(&bars), "kept");
        assert_ne!(note(&bars.between(None, bars.as_slice().get(298).map(|bar| bar.date))), "kept");
        assert_ne!(note(&bars), "kept", "one judgement a ticker is held");
    }

    #[test]
    fn a_judgement_heeds_the_cancel_flag() {
        let parent = find_parent(&MemoryRegistry::new(), Device::Cpu).unwrap();
        let bars = builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars.last(300);
        let cancel = CancelFlag::default();
        cancel.cancel();
        let stopped = Judgements::default().zero_shot(&parent, &bars, &cancel);
        assert!(matches!(stopped, Err(crate::Error::Cancelled)));
    }
}
