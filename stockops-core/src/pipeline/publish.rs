//! `publish`: a trained forecaster becomes a version in the registry, and its champion if it passes the gate.

use super::{Trained, Verdict, contest, load, parent_id};
use crate::error::{Error, Result};
use crate::evaluation::Evaluation;
use crate::forecast::{Field, Horizon};
use crate::record::Decision;
use crate::registry::{Alias, Artifact, ModelRegistry, Version, VersionId, VersionNote};

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
/// A version takes over in the step that puts it, and only from the champion that it was held against: where another has
/// become champion in the meantime it stays challenger. A parent that became champion of its ticker is from then on the
/// parent that children come from ([`parent_id`]), whatever its ticker is.
///
/// # Errors
///
/// [`Error::Config`] where the ticker has a champion and there are no bars to compare on, as for a forecaster that was read
/// from a file; [`Error::Skew`] where it was trained on other features than are computed now; those of [`ModelRegistry::put`] and of [`contest`].
pub fn publish(registry: &dyn ModelRegistry, trained: &Trained) -> Result<Version> {
    publish_with(registry, trained, &[])
}

/// [`publish`] with files beside the bundle, such as charts.
///
/// # Errors
///
/// Those of [`publish`].
pub fn publish_with(registry: &dyn ModelRegistry, trained: &Trained, artifacts: &[Artifact]) -> Result<Version> {
    published(registry, trained, Why::default(), artifacts)
}

/// [`publish`] as the work of a job: of one [job](VersionNote::job) one version is kept.
pub(crate) fn publish_of_job(registry: &dyn ModelRegistry, trained: &Trained, job: Option<String>) -> Result<Version> {
    published(registry, trained, Why { job, ..Why::default() }, &[])
}

fn published(registry: &dyn ModelRegistry, trained: &Trained, why: Why<'_>, artifacts: &[Artifact]) -> Result<Version> {
    let version = put(registry, trained, gate(registry, trained)?, why, artifacts)?;
    name_parent(registry, trained, &version)?;
    Ok(version)
}

/// What is known of a version beside what was trained.
#[derive(Debug, Default)]
struct Why<'a> {
    /// The reason to train.
    decision: Option<&'a Decision>,
    /// Why it is put aside.
    problem: Option<String>,
    /// The job that it is of.
    job: Option<String>,
}

/// [`publish`] `judged`, or where it takes over what `refit` makes of it: one version either way, and what it is.
///
/// `decision` was the reason to train. It stands in the version, so that it is known even where the record could not be
/// written afterwards. A parent that children do not come from takes nobody's place.
pub(super) fn publish_for(
    registry: &dyn ModelRegistry,
    judged: &Trained,
    decision: &Decision,
    refit: impl FnOnce() -> Result<Trained>,
) -> Result<(Version, Trained)> {
    let gate = gate(registry, judged)?;
    let published = match &gate {
        Some((_, Verdict::Keep(_))) => judged.clone(),
        _ => refit()?,
    };
    let why = Why { decision: Some(decision), ..Why::default() };
    let version = put(registry, &published, gate, why, &[])?;
    if parent_id(registry)?.ticker == judged.forecaster.about().ticker {
        name_parent(registry, judged, &version)?;
    }
    Ok((version, published))
}

/// Put what was imported: through the gate where there are bars to compare on, else without taking anybody's place. Of what `problem`
/// says it is neither champion nor challenger.
pub(super) fn put_imported(
    registry: &dyn ModelRegistry,
    trained: &Trained,
    problem: Option<String>,
) -> Result<Version> {
    let gate = if trained.bars.is_empty() || problem.is_some() { None } else { gate(registry, trained)? };
    put(registry, trained, gate, Why { problem, ..Why::default() }, &[])
}

/// Make a parent that is champion the one that children come from.
fn name_parent(registry: &dyn ModelRegistry, trained: &Trained, version: &Version) -> Result<()> {
    if version.is_parent() && version.is(Alias::Champion) {
        let ticker = trained.forecaster.about().ticker.clone();
        registry.set_parent(&VersionId { ticker, version: version.version })?;
    }
    Ok(())
}

/// Put `trained` into the registry; it takes over from the champion of `gate` where the verdict says so. With a
/// [problem](Why::problem) it is put aside.
fn put(
    registry: &dyn ModelRegistry,
    trained: &Trained,
    gate: Option<(u32, Verdict)>,
    Why { decision, problem, job }: Why<'_>,
    artifacts: &[Artifact],
) -> Result<Version> {
    let about = trained.forecaster.about();
    about.check_features(&format!("the forecaster of {}", about.ticker))?;
    let (champion, verdict) = gate.unzip();
    let doubt = doubt(&about.evaluation, about.leaked);
    let kept = match &verdict {
        Some(Verdict::Keep(reason)) => Some(format!("challenger: {reason}")),
        _ => None,
    };
    let mut metrics = trained.metrics();
    metrics["gate"] = serde_json::json!(verdict.as_ref().map(Verdict::reason));
    if let Some(decision) = decision {
        metrics["decision"] = serde_json::json!(decision);
    }
    let reasons: Vec<String> = doubt.iter().chain(&kept).chain(&problem).cloned().collect();
    let note = VersionNote {
        parent: about.parent.as_ref().map(|parent| parent.version.clone()),
        metrics,
        unproven: doubt.is_some() || problem.is_some(),
        aside: problem.is_some(),
        job,
        reason: (!reasons.is_empty()).then(|| reasons.join("; ")),
        ..VersionNote::new(about.role.to_string(), about.last_seen_day)
    };
    let over = champion.filter(|_| matches!(verdict, Some(Verdict::Replace(_))));
    registry.put_over(&about.ticker, &trained.forecaster.to_bytes()?, note, artifacts, over)
}

/// The champion, and how the new version fares against it; `None` without one.
fn gate(registry: &dyn ModelRegistry, trained: &Trained) -> Result<Option<(u32, Verdict)>> {
    let forecaster = &trained.forecaster;
    let ticker = forecaster.about().ticker.clone();
    let Some(Version { version, .. }) = registry.champion(&ticker)? else { return Ok(None) };
    let id = VersionId { ticker, version };
    if trained.bars.is_empty() {
        let (rule, got) =
            ("given, to hold the new version against the champion on", format!("none, and {id} forecasts"));
        return Err(Error::Config { field: "bars", rule, got });
    }
    let verdict = match load(registry, &id, forecaster.model().device()) {
        Ok(champion) => contest(&champion, forecaster, &trained.bars)?,
        // A champion that cannot forecast any more has nothing to defend.
        Err(Error::Bundle { problem, .. }) => Verdict::Replace(format!("the champion cannot be used: {problem}")),
        Err(error) => return Err(error),
    };
    Ok(Some((version, verdict)))
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
