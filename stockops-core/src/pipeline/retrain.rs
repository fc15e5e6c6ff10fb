//! A challenger: trained on data up to now, and champion only through the gate.

use super::monitor::MonitorConfig;
use super::predict::{find_parent, load_champion, who_forecasts};
use super::publish::publish_for;
use super::{ChildConfig, ParentConfig, Trained, train_child, train_parent};
use crate::dataset::{DatasetConfig, SplitConfig};
use crate::error::{Error, Result};
use crate::forecast::{Blend, Forecaster};
use crate::market::{Bars, Ticker};
use crate::record::{Decision, ForecastRecord, Verdict};
use crate::registry::{Alias, ModelRegistry, Version, VersionId};
use crate::training::{Strategy, Watch};

/// Forecasts at the end of the bars that champion and challenger are compared on: neither has learned from them.
const HELD_OUT: usize = 60;

/// Train a challenger and let it through the gate or not; `decision` comes with the reason to train. The caller has the
/// right to train the ticker, and keeps it until the decision is in the record.
pub(super) fn challenge(
    registry: &dyn ModelRegistry,
    bars: &Bars,
    config: &MonitorConfig,
    decision: Decision,
    watch: &mut Watch<'_>,
) -> Result<Decision> {
    let (current, _) = who_forecasts(registry, bars, config.device)?;
    match train_again(registry, &current, bars, config, watch) {
        Ok(trained) => {
            let version = publish_for(registry, &trained, &decision)?;
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
    if about.strategy != "parent" {
        let own = load_champion(registry, bars.ticker(), config.device)?.is_some();
        let strategy: Strategy = about.strategy.parse().ok().filter(|_| own).unwrap_or_default();
        // Nothing is learned zero-shot, so it is no answer to a loss.
        let strategy = if strategy == Strategy::ZeroShot { Strategy::default() } else { strategy };
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
        let rule = "trained again on the series that it was pooled over: give bars of all of them (--bars TICKER=FILE)";
        return Err(Error::Config { field: "parent", rule, got: format!("none of {}", missing.join(", ")) });
    }
    let split = SplitConfig { context: about.context, horizon: current.horizon(), to, ..SplitConfig::default() };
    let parent = ParentConfig {
        dataset: DatasetConfig { features: about.features.clone(), encoding: about.encoding, split },
        model: current.model().config().clone(),
        train: config.train.clone().or(about.training.clone()).unwrap_or_default(),
        blend: about.blend != Blend::network_alone(current.horizon()),
        device: config.device,
    };
    let series: Vec<Bars> = std::iter::once(bars).chain(&config.pool).cloned().collect();
    train_parent(&series, &parent, watch)
}
