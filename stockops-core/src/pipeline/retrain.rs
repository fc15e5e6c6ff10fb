//! A challenger: trained on data up to now, and champion only through the gate.

use super::monitor_config::MonitorConfig;
use super::predict::{find_parent, load_champion, who_forecasts};
use super::{ChildConfig, PARENT_TICKER, ParentConfig, Trained, publish, train_child, train_parent};
use crate::error::{Error, Result};
use crate::forecast::Strategy;
use crate::forecaster::Forecaster;
use crate::market::Bars;
use crate::record::{Decision, Verdict};
use crate::registry::{Alias, ModelRegistry, VersionId};
use crate::training::Watch;

/// Forecasts at the end of the bars that champion and challenger are compared on: neither has learned from them.
const HELD_OUT: usize = 60;

/// Train a challenger and let it through the gate or not; `decision` comes with the reason to train.
pub(super) fn challenge(
    registry: &dyn ModelRegistry,
    bars: &Bars,
    config: &MonitorConfig,
    decision: Decision,
    watch: &mut Watch<'_>,
) -> Result<Decision> {
    let lock = registry.training_lock(bars.ticker())?;
    let (current, _) = who_forecasts(registry, bars, config.device)?;
    let trained = match train_again(registry, &current, bars, config, watch) {
        Ok(trained) => trained,
        // With these bars it will not work tomorrow either: that is worth remembering, and no error of the call.
        Err(error) if error.is_input() => {
            let reason = format!("{}; no challenger could be trained: {error}", decision.reason);
            return Ok(Decision { verdict: Verdict::Fail, reason, ..decision });
        }
        Err(error) => return Err(error),
    };
    let version = publish(registry, &trained)?;
    drop(lock);
    let admitted = version.is(Alias::Champion);
    // What the gate said stands in the version; without a champion there was no gate.
    let why = version.metrics["gate"].as_str().unwrap_or("it is the first version of its own");
    let challenger = VersionId { ticker: bars.ticker().clone(), version: version.version }.to_string();
    let word = if admitted { "forecasts now" } else { "stays challenger" };
    Ok(Decision {
        verdict: if admitted { Verdict::Swap } else { Verdict::Reject },
        reason: format!("{}; {challenger} {word}: {why}", decision.reason),
        challenger: Some(challenger),
        ..decision
    })
}

/// The same kind of model with the same settings, on all bars but the last [`HELD_OUT`] forecasts.
fn train_again(
    registry: &dyn ModelRegistry,
    current: &Forecaster,
    bars: &Bars,
    config: &MonitorConfig,
    watch: &mut Watch<'_>,
) -> Result<Trained> {
    let about = current.about();
    let held_out = HELD_OUT + current.horizon() - 1;
    let to = bars.len().checked_sub(held_out + 1).map(|place| bars.as_slice()[place].date);
    if bars.ticker().as_str() != PARENT_TICKER {
        let own = load_champion(registry, bars.ticker(), config.device)?.is_some();
        let strategy = about.role.strategy().filter(|_| own).unwrap_or_default();
        // Where nothing is learned it is no answer to a loss.
        let strategy = if strategy.learns() { strategy } else { Strategy::default() };
        let settings = about.training.clone().filter(|_| own);
        let train = config.train.clone().or(settings);
        let parent = find_parent(registry, config.device)?;
        let child = ChildConfig { strategy, train, to, device: config.device, ..ChildConfig::default() };
        return train_child(bars, Some(&parent), &child, watch);
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
    let series: Vec<Bars> = std::iter::once(bars).chain(&config.pool).cloned().collect();
    train_parent(&series, &parent, watch)
}
