//! `publish`: a trained forecaster becomes a version in the registry, and its champion if it passes the gate.

use super::{Trained, Verdict, contest, load_champion};
use crate::error::{Error, Result};
use crate::evaluation::Evaluation;
use crate::forecast::{Field, Horizon};
use crate::registry::{Artifact, ModelRegistry, Version, VersionNote};

/// Fewest judged forecasts that a skill is believed from.
const MIN_BELIEVED: usize = 60;

/// Least skill that is more than chance often gives.
const WORTH_SAYING: f64 = 0.01;

/// Put the bundle into the registry as the next version of its ticker.
///
/// The first version of a ticker becomes its champion; a later one takes over where it passes the gate
/// ([`contest`]), and is kept as challenger with the reason otherwise. A version is marked `unproven`, with the reason,
/// until it shows skill: of 1 % over every simple rule for range or volume at one day, on 60 held-out forecasts at least.
///
/// # Errors
///
/// [`Error::Config`] where the ticker has a champion and there are no bars to compare on, as for a forecaster that was read
/// from a file; those of [`ModelRegistry::put`] and of [`contest`].
pub fn publish(registry: &dyn ModelRegistry, trained: &Trained) -> Result<Version> {
    publish_with(registry, trained, &[])
}

/// [`publish`] with files beside the bundle, such as charts.
///
/// # Errors
///
/// Those of [`publish`].
pub fn publish_with(registry: &dyn ModelRegistry, trained: &Trained, artifacts: &[Artifact]) -> Result<Version> {
    put(registry, trained, gate(registry, trained)?, artifacts)
}

/// [`publish`] `judged`, or where it takes over what `refit` makes of it: one version either way.
pub(super) fn publish_refitted(
    registry: &dyn ModelRegistry,
    judged: &Trained,
    refit: impl FnOnce() -> Result<Trained>,
) -> Result<Version> {
    match gate(registry, judged)? {
        Some(Verdict::Keep(reason)) => put(registry, judged, Some(Verdict::Keep(reason)), &[]),
        admitted => put(registry, &refit()?, admitted, &[]),
    }
}

/// Put `trained` into the registry, as champion where `verdict` says so.
fn put(
    registry: &dyn ModelRegistry,
    trained: &Trained,
    verdict: Option<Verdict>,
    artifacts: &[Artifact],
) -> Result<Version> {
    let about = trained.forecaster.about();
    let doubt = doubt(&about.evaluation, about.leaked);
    let kept = match &verdict {
        Some(Verdict::Keep(reason)) => Some(format!("challenger: {reason}")),
        _ => None,
    };
    let mut metrics = trained.metrics();
    metrics["gate"] = serde_json::json!(verdict.as_ref().map(Verdict::reason));
    let reasons: Vec<String> = doubt.iter().chain(&kept).cloned().collect();
    let note = VersionNote {
        parent: about.parent.as_ref().map(|parent| parent.version.clone()),
        metrics,
        unproven: doubt.is_some(),
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        ..VersionNote::new(about.role.to_string(), about.last_seen_day)
    };
    let version = registry.put(&about.ticker, &trained.forecaster.to_bytes()?, note, artifacts)?;
    match verdict {
        Some(Verdict::Replace(_)) => registry.promote(&about.ticker, version.version),
        _ => Ok(version),
    }
}

/// How the new version fares against the champion; `None` without one.
fn gate(registry: &dyn ModelRegistry, trained: &Trained) -> Result<Option<Verdict>> {
    let forecaster = &trained.forecaster;
    match load_champion(registry, &forecaster.about().ticker, forecaster.model().device()) {
        Ok(Some((_, id))) if trained.bars.is_empty() => {
            let (rule, got) =
                ("given, to hold the new version against the champion on", format!("none, and {id} forecasts"));
            Err(Error::Config { field: "bars", rule, got })
        }
        Ok(Some((champion, _))) => contest(&champion, forecaster, &trained.bars).map(Some),
        Ok(None) => Ok(None),
        // A champion that cannot forecast any more has nothing to defend.
        Err(Error::Bundle { problem, .. }) => {
            Ok(Some(Verdict::Replace(format!("the champion cannot be used: {problem}"))))
        }
        Err(error) => Err(error),
    }
}

impl Trained {
    /// Evaluation and training in numbers, as JSON.
    pub fn metrics(&self) -> serde_json::Value {
        let about = self.forecaster.about();
        serde_json::json!({
            "evaluation": about.evaluation,
            "transfer": about.transfer,
            "training_windows": about.training_windows,
            "given_up": about.given_up,
            "leaked": about.leaked,
            "best_epoch": self.history.best,
            "val_loss": self.history.epochs.iter().filter_map(|epoch| epoch.val_loss).reduce(f64::min),
        })
    }
}

/// Why the skill is not believed; `None` where it is.
fn doubt(evaluation: &Evaluation, leaked: bool) -> Option<String> {
    if leaked {
        return Some("the parent saw days of its test".into());
    }
    if evaluation.skill.is_none() {
        return Some(evaluation.note.clone());
    }
    if evaluation.forecasts < MIN_BELIEVED {
        return Some(format!("judged on {} forecasts, fewer than {MIN_BELIEVED}", evaluation.forecasts));
    }
    let beats =
        |field: Field| evaluation.skill_over_every_rule(field, Horizon::NEXT).is_some_and(|skill| skill > WORTH_SAYING);
    let proven = beats(Field::Range) || beats(Field::Volume);
    (!proven).then(|| "no skill of 1 % over every simple rule for range or volume at one day".into())
}
