//! A challenger: trained on data up to now, and champion only through the gate.

use super::monitor::MonitorConfig;
use super::predict::{find_parent, load_champion, who_forecasts};
use super::track::replayed;
use super::{ChildConfig, PARENT_TICKER, ParentConfig, Trained, publish, train_child, train_parent};
use crate::dataset::{DatasetConfig, SplitConfig};
use crate::error::{Error, Result};
use crate::evaluation::Field;
use crate::forecast::Forecaster;
use crate::market::Bars;
use crate::record::{Decision, Verdict};
use crate::registry::{Alias, ModelRegistry, VersionId};
use crate::training::{Strategy, Watch};

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
    let (admitted, why) = match version.is(Alias::Champion) {
        true => (true, "it is the first version of its own".into()),
        false => gate(&current, &trained, bars)?,
    };
    if admitted {
        registry.promote(bars.ticker(), version.version)?;
    }
    drop(lock);
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
        let strategy: Strategy = about.strategy.parse().ok().filter(|_| own).unwrap_or_default();
        // Nothing is learned zero-shot, so it is no answer to a loss.
        let strategy = if strategy == Strategy::ZeroShot { Strategy::default() } else { strategy };
        let settings = about.training.clone().filter(|_| own);
        let train = config.train.clone().or(settings);
        let parent = find_parent(registry, config.device)?;
        let child = ChildConfig { strategy, train, to, device: config.device, ..ChildConfig::default() };
        return train_child(bars, Some(&parent), &child, watch);
    }
    if let [_, _, ..] = about.trained_on[..] {
        let tickers: Vec<String> = about.trained_on.iter().map(ToString::to_string).collect();
        let rule = "trained on one series; train a pooled parent again with `stockops train-parent`";
        return Err(Error::Config { field: "parent", rule, got: tickers.join(", ") });
    }
    let split = SplitConfig { context: about.context, horizon: current.horizon(), to, ..SplitConfig::default() };
    let parent = ParentConfig {
        dataset: DatasetConfig { features: about.features.clone(), encoding: about.encoding, split },
        model: current.model().config().clone(),
        train: config.train.clone().or(about.training.clone()).unwrap_or_default(),
        device: config.device,
    };
    train_parent(std::slice::from_ref(bars), &parent, watch)
}

/// Whether the challenger may forecast: on the days that it held out, its squared errors for range are larger than the
/// current model's by no more than one standard error of the difference.
fn gate(current: &Forecaster, challenger: &Trained, bars: &Bars) -> Result<(bool, String)> {
    let from = Some(challenger.forecaster.about().last_seen_day.max(current.about().last_seen_day));
    let losses = |forecaster: &Forecaster| -> Result<Vec<f64>> {
        let outcomes = replayed(forecaster, bars, from)?;
        Ok(outcomes.iter().filter_map(|one| Some(one.fields.get(&Field::Range)?.error.powi(2))).collect())
    };
    Ok(admits(&losses(current)?, &losses(&challenger.forecaster)?))
}

fn admits(old: &[f64], new: &[f64]) -> (bool, String) {
    let days = old.len();
    if days < HELD_OUT {
        return (false, format!("only {days} days are new to both, {HELD_OUT} are needed"));
    }
    let mean = |values: &mut dyn Iterator<Item = f64>| values.sum::<f64>() / days as f64;
    let difference = |(new, old): (&f64, &f64)| new - old;
    let worse = mean(&mut new.iter().zip(old).map(difference));
    let spread = mean(&mut new.iter().zip(old).map(|pair| (difference(pair) - worse).powi(2))).sqrt();
    let ratio = (mean(&mut new.iter().copied()) / mean(&mut old.iter().copied())).sqrt();
    let words = format!("its errors for range on {days} held-out days are {ratio:.3} times those of the old one");
    (worse <= spread / (days as f64).sqrt(), words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenger_may_be_worse_by_chance_but_not_by_more() {
        let old: Vec<f64> = (0..100).map(|i| 1.0 + f64::from(i % 7)).collect();
        let noisy: Vec<f64> = old.iter().enumerate().map(|(i, loss)| loss + if i % 2 == 0 { 1.05 } else { -1.0 }).collect();
        let worse: Vec<f64> = old.iter().map(|loss| loss * 1.1).collect();
        assert!(admits(&old, &old).0 && admits(&old, &noisy).0);
        let (admitted, why) = admits(&old, &worse);
        assert!(!admitted);
        assert_eq!(why, "its errors for range on 100 held-out days are 1.049 times those of the old one");
        let (admitted, why) = admits(&old[..59], &old[..59]);
        assert_eq!((admitted, why.as_str()), (false, "only 59 days are new to both, 60 are needed"));
    }
}
