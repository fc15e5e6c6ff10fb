//! A challenger: trained on data up to now, and champion only through the gate.

use super::gate::MIN_COMPARED;
use super::lookup::{find_parent, load_champion};
use super::monitor_config::MonitorConfig;
use super::predict::who_is_watched;
use super::publish::publish_for;
use super::{ChildConfig, Parent, ParentConfig, Trained, refit, train_child, train_parent};
use crate::error::{Error, Result};
use crate::forecast::{Role, Strategy};
use crate::forecaster::Forecaster;
use crate::market::{Bars, Ticker};
use crate::record::{Decision, ForecastRecord, Verdict};
use crate::registry::{Alias, ModelRegistry, Version, VersionId};
use crate::training::{Recipe, TrainConfig, Watch};

/// What happens to a challenger, for those who keep it as a run.
#[derive(Debug, Clone)]
pub enum Retraining<'a> {
    /// It is to be trained.
    Begins {
        /// How it is made.
        recipe: &'a Recipe,
        /// Settings of the training.
        train: &'a TrainConfig,
        /// What it will be.
        role: Role,
        /// The version that it comes from, such as `^GSPC@3`.
        parent: Option<String>,
    },
    /// It is a version, as it was published.
    Published(&'a Trained),
}

/// Who hears what happens to a challenger.
pub type Listener<'a> = dyn FnMut(Retraining<'_>) + 'a;

/// Train a challenger and let it through the gate or not; `decision` comes with the reason to train. The caller has the
/// right to train the ticker, and keeps it until the decision is in the record.
///
/// Champion and challenger are compared on the last sessions, which neither has learned from. A challenger that takes over
/// is then fitted once more, to the last day; until as many sessions have passed again there is nothing to compare the next
/// one on, and the decision is to wait.
pub(super) fn challenge(
    registry: &dyn ModelRegistry,
    bars: &Bars,
    config: &MonitorConfig,
    decision: Decision,
    watch: &mut Watch<'_>,
    listener: &mut Listener<'_>,
) -> Result<Decision> {
    let (current, _) = who_is_watched(registry, bars, config.device)?;
    if let Some(reason) = too_soon(&current, bars) {
        let reason = format!("{}, but {reason}", decision.reason);
        return Ok(Decision { verdict: Verdict::Wait, reason, ..decision });
    }
    match train_again(registry, &current, bars, config, watch, listener) {
        Ok((trained, parent)) => {
            let again = || refit(&trained, parent.as_ref(), watch);
            let (version, published) = publish_for(registry, &trained, &decision, again)?;
            listener(Retraining::Published(&published));
            Ok(outcome(bars.ticker(), decision, &version))
        }
        // With these bars it will not work tomorrow either: that is worth remembering, and no error of the call.
        Err(error) if error.is_input() => {
            let reason = format!("{}; no challenger could be trained: {error}", decision.reason);
            Ok(Decision { verdict: Verdict::Fail, reason, ..decision })
        }
        Err(error) => Err(error),
    }
}

/// Remember the decisions whose version is in the registry and that are missing in the record: the process died, or the
/// record could not be written, in between. They count for the cool-down and the budget like any other.
pub(super) fn remember(registry: &dyn ModelRegistry, record: &dyn ForecastRecord, ticker: &Ticker) -> Result<()> {
    let decided = |version: &Version| {
        let decision = serde_json::from_value(version.metrics.get("decision")?.clone()).ok()?;
        Some(outcome(ticker, decision, version))
    };
    let decided: Vec<Decision> = registry.versions(ticker)?.iter().filter_map(decided).collect();
    let known = if decided.is_empty() { Vec::new() } else { record.decisions(ticker)? };
    let is_missing = |decision: &&Decision| known.iter().all(|one| one.challenger != decision.challenger);
    decided.iter().filter(is_missing).try_for_each(|decision| record.decide(decision))
}

/// What became of the challenger that `decision` was the reason to train.
fn outcome(ticker: &Ticker, decision: Decision, version: &Version) -> Decision {
    let admitted = version.is(Alias::Champion);
    // What the gate said stands in the version; without a champion there was no gate.
    let why = version.metrics["gate"].as_str().unwrap_or("it is the first version of its own");
    let challenger = VersionId { ticker: ticker.clone(), version: version.version }.to_string();
    let word = if admitted { "forecasts now" } else { "stays challenger" };
    Decision {
        verdict: if admitted { Verdict::Swap } else { Verdict::Reject },
        reason: format!("{}; {challenger} {word}: {why}", decision.reason),
        challenger: Some(challenger),
        ..decision
    }
}

/// Sessions that are held out: the days of the last [`MIN_COMPARED`] forecasts.
fn held_out(current: &Forecaster) -> usize {
    MIN_COMPARED + current.horizon() - 1
}

/// Why no challenger can be compared with `current` yet; `None` where one can.
fn too_soon(current: &Forecaster, bars: &Bars) -> Option<String> {
    let (last, needed) = (current.about().last_seen_day, held_out(current));
    let unseen = bars.iter().filter(|bar| bar.date > last).count();
    (unseen < needed).then(|| {
        format!("{unseen} sessions since {last}, its last day, are too few to judge another: {needed} are waited for")
    })
}

/// The same kind of model with the same settings, on all bars but the held-out ones, and its parent.
fn train_again(
    registry: &dyn ModelRegistry,
    current: &Forecaster,
    bars: &Bars,
    config: &MonitorConfig,
    watch: &mut Watch<'_>,
    listener: &mut Listener<'_>,
) -> Result<(Trained, Option<Parent>)> {
    let about = current.about();
    let to = bars.len().checked_sub(held_out(current) + 1).map(|place| bars.as_slice()[place].date);
    if about.role != Role::Parent {
        let own = load_champion(registry, bars.ticker(), config.device)?.is_some();
        let strategy = about.role.strategy().filter(|_| own).unwrap_or_default();
        // Where nothing is learned it is no answer to a loss.
        let strategy = if strategy.learns() { strategy } else { Strategy::default() };
        let settings = about.training.clone().filter(|_| own);
        let train = config.train.clone().or(settings);
        let parent = find_parent(registry, config.device)?;
        let child = ChildConfig { strategy, train, to, device: config.device, ..ChildConfig::default() };
        listener(Retraining::Begins {
            recipe: &parent.forecaster.recipe(),
            train: &child.settings(Some(&parent)),
            role: Role::Child(strategy),
            parent: Some(parent.id.to_string()).filter(|_| strategy.needs_parent()),
        });
        return Ok((train_child(bars, Some(&parent), &child, watch)?, Some(parent)));
    }
    let missing: Vec<String> = about.trained_on[1..]
        .iter()
        .filter(|ticker| config.pool.iter().all(|bars| bars.ticker() != *ticker))
        .map(ToString::to_string)
        .collect();
    if !missing.is_empty() {
        let rule = "bars of all series that the parent was pooled over";
        return Err(Error::Config { field: "pool", rule, got: format!("none of {}", missing.join(", ")) });
    }
    let mut recipe = current.recipe();
    recipe.train = config.train.clone().unwrap_or(recipe.train);
    let parent = ParentConfig { to, device: config.device, ..ParentConfig::from(recipe) };
    listener(Retraining::Begins {
        recipe: &parent.recipe,
        train: &parent.recipe.train,
        role: Role::Parent,
        parent: None,
    });
    let series: Vec<Bars> = std::iter::once(bars).chain(&config.pool).cloned().collect();
    Ok((train_parent(&series, &parent, watch)?, None))
}
