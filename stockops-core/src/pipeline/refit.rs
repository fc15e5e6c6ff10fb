//! `refit`: a judged child learns once more, from all days up to the last.

use super::child::index_of;
use super::{Parent, Trained};
use crate::dataset::{Dataset, DatasetConfig, DayEffects, Part, SplitConfig};
use crate::drift::Reference;
use crate::error::Result;
use crate::evaluation::Evaluation;
use crate::forecast::{Role, Strategy};
use crate::forecaster::{About, Blend, Forecaster, PooledHar, Series};
use crate::training::{Event, TrainConfig, TransferTrainer, Watch};

/// Fit a judged child of `parent` once more, to all of its bars, with the settings and the number of epochs that were
/// judged.
///
/// What was judged knows little of the last days: they are held out to judge it, and of those before them the last two
/// ninths only chose epochs and shares, and calibrated. Here the weights, the linear rule and the effects of days learn from all of them. Shares,
/// calibration and evaluation stay those of the judged child, since no later day is left to make them anew; intervals go on
/// adapting from the last day. A child that learned nothing (zero-shot) stays as it is.
///
/// # Errors
///
/// Those of [`TransferTrainer::child`].
pub fn refit(judged: &Trained, parent: Option<&Parent>, watch: &mut Watch<'_>) -> Result<Trained> {
    let (forecaster, bars) = (&judged.forecaster, &judged.bars);
    let about = forecaster.about();
    let (Some(settings), Role::Child(strategy), Some(last_day)) = (&about.training, about.role, bars.last_day()) else {
        return Ok(judged.clone());
    };
    watch.tell(Event::Stage("fit once more, to the last day"))?;
    let parent = parent.filter(|_| strategy != Strategy::Scratch).map(|parent| &parent.forecaster);
    let prior = parent.map(|parent| &parent.about().days);
    let days = if about.days.is_none() {
        about.days.clone()
    } else {
        DayEffects::fit(&[(bars.as_slice(), bars.days())], prior)
    };
    let ordinary = days.ordinary(bars);
    let dataset = Dataset::with_scaler(&ordinary, &to_the_last_day(forecaster), about.scaler.clone())?;
    let trainer = TransferTrainer { model: forecaster.model().config().clone(), device: forecaster.model().device() };
    let model = match about.best_epoch {
        // No epoch was better than the weights before the first.
        0 => forecaster.model().clone(),
        epochs => {
            let settings = TrainConfig { epochs, ..settings.clone() };
            trainer.child(parent.map(Forecaster::model), &dataset, strategy, &settings, watch)?.0
        }
    };
    let rule = PooledHar::fit(&[Series::of(ordinary.as_slice(), bars.index())], forecaster.horizon());
    let rule = match parent {
        Some(parent) => parent.about().blend.for_child(rule),
        None => Blend::even(rule, forecaster.horizon()),
    };
    let mut calibration = about.calibration.clone();
    calibration.start = forecaster.adapted(bars)?;
    calibration.last_day = Some(last_day);
    let note = format!("{}; since then fitted once more, to {last_day}, with the same settings", about.evaluation.note);
    let blend = about.blend.with_rule_of(&rule);
    let index = index_of(bars, Some(about), true);
    let about = About {
        blend,
        days,
        index,
        calibration,
        evaluation: Evaluation { note, ..about.evaluation.clone() },
        last_seen_day: last_day,
        reference: Reference::of(bars).ok().or_else(|| about.reference.clone()),
        training_windows: dataset.windows(Part::Train).len(),
        ..about.clone()
    };
    Ok(Trained { forecaster: Forecaster::new(model, about)?.without_unused_index(), ..judged.clone() })
}

/// The same columns and sizes, where all days train: no part is worth holding out.
fn to_the_last_day(forecaster: &Forecaster) -> DatasetConfig {
    let about = forecaster.about();
    let split = SplitConfig {
        context: about.context,
        horizon: forecaster.horizon(),
        to: Some(chrono::NaiveDate::MAX),
        min_windows: usize::MAX,
        ..SplitConfig::default()
    };
    DatasetConfig { features: about.features.clone(), encoding: about.encoding, split }
}
