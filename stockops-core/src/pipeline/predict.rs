//! `predict`: the champion of a ticker, or the parent zero-shot, forecasts its next sessions.

use super::Parent;
use super::lookup::{find_parent, load_champion};
use super::zero_shot::{watched, zero_shot};
use crate::error::Result;
use crate::forecast::Forecast;
use crate::forecaster::{Adaptation, Forecaster};
use crate::market::Bars;
use crate::model::Device;
use crate::record::{ForecastRecord, KeptForecast};
use crate::registry::{ModelRegistry, VersionId};
use crate::training::CancelFlag;

/// Forecast the next sessions: by the ticker's champion, or else by the parent, zero-shot, and the notes say so.
///
/// # Errors
///
/// [`TooShort`](crate::Error::TooShort) below 73 bars; errors of the registry.
pub fn predict(registry: &dyn ModelRegistry, bars: &Bars, device: Device) -> Result<Forecast> {
    let (forecaster, id) = who_forecasts(registry, bars, device)?;
    let champion = registry.champion(&id.ticker)?;
    let doubt = champion.and_then(|champion| champion.doubt().map(String::from));
    forecast_by(&forecaster, &id, doubt, bars, &forecaster.adapted(bars)?)
}

/// The forecast of a version in the state `now`, which the notes call unproven where there is a `doubt`.
///
/// [`Skew`](crate::Error::Skew) where it was trained on other features than are computed now.
pub(crate) fn forecast_by(
    forecaster: &Forecaster,
    id: &VersionId,
    doubt: Option<String>,
    bars: &Bars,
    now: &Adaptation,
) -> Result<Forecast> {
    forecaster.about().check_features(&id.to_string())?;
    let mut forecast = forecaster.forecast_in(bars, now)?;
    forecast.notes.extend(doubt.map(|reason| format!("{id} is unproven: {reason}")));
    Ok(Forecast { model_version: Some(id.to_string()), ..forecast })
}

/// [`predict`], and keep the forecast in `record`, so that it is scored when its days arrive.
///
/// A record that cannot be written to is no reason to withhold a forecast: a note says so.
///
/// # Errors
///
/// Those of [`predict`].
pub fn serve(
    registry: &dyn ModelRegistry,
    record: &dyn ForecastRecord,
    bars: &Bars,
    device: Device,
) -> Result<Forecast> {
    let mut forecast = predict(registry, bars, device)?;
    kept(record, &mut forecast);
    Ok(forecast)
}

/// Keep a forecast, or note why it is not kept.
pub(crate) fn kept(record: &dyn ForecastRecord, forecast: &mut Forecast) {
    if let Err(error) = record.keep(&KeptForecast::of(forecast)) {
        // Whoever asks a service reads this.
        forecast.notes.push(format!("it is not in the record and will not be scored: {}", error.without_path()));
    }
}

/// The version that forecasts the ticker of `bars`, or the parent made ready for it.
pub(super) fn who_forecasts(
    registry: &dyn ModelRegistry,
    bars: &Bars,
    device: Device,
) -> Result<(Forecaster, VersionId)> {
    or_parent(registry, bars, device, |parent| zero_shot(parent, bars, &CancelFlag::default()))
}

/// The same for reports of drift. A parent is not judged: judging is nearly all of the work.
pub(super) fn who_is_watched(
    registry: &dyn ModelRegistry,
    bars: &Bars,
    device: Device,
) -> Result<(Forecaster, VersionId)> {
    or_parent(registry, bars, device, |parent| watched(parent, bars))
}

/// The champion of the ticker of `bars`, or what `made` makes of the parent of another ticker.
fn or_parent(
    registry: &dyn ModelRegistry,
    bars: &Bars,
    device: Device,
    made: impl Fn(&Parent) -> Result<Forecaster>,
) -> Result<(Forecaster, VersionId)> {
    if let Some(own) = load_champion(registry, bars.ticker(), device)? {
        return Ok(own);
    }
    let parent = find_parent(registry, device)?;
    let own = parent.id.ticker == *bars.ticker();
    Ok((if own { parent.forecaster.clone() } else { made(&parent)? }, parent.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;
    use crate::feature_store::Definition;
    use crate::forecaster::About;
    use crate::pipeline::{ChildConfig, shipped_parent, train_child};
    use crate::source::builtin_bars;
    use crate::training::Watch;

    fn bars() -> Bars {
        builtin_bars(&"MSFT".parse().unwrap()).unwrap().bars.last(300)
    }

    /// The shipped parent as one that was trained when RSI14 was computed otherwise, after a bundle.
    fn of_another_formula() -> Parent {
        let shipped = shipped_parent(Device::Cpu).unwrap();
        let mut definition = Definition::of(&shipped.about().features);
        let rsi = definition.fields.iter_mut().find(|field| field.name == "RSI14").unwrap();
        rsi.formula = 0;
        let about = About { definition: Some(definition), ..shipped.about().clone() };
        let bundle = shipped.with_about(about).to_bytes().unwrap();
        let forecaster = Forecaster::from_bytes("^GSPC@1", &bundle, Device::Cpu).unwrap();
        Parent { forecaster, id: VersionId { ticker: "^GSPC".parse().unwrap(), version: 1 } }
    }

    fn assert_skew(error: Error) {
        let text = error.to_string();
        assert!(matches!(error, Error::Skew { .. }), "{text}");
        let words = "^GSPC@1 was trained on other features than are served: RSI14 was computed by version 0 of its formula, and is by 1;";
        assert!(text.starts_with(words), "{text}");
    }

    #[test]
    fn a_model_of_another_formula_neither_forecasts_nor_has_children() {
        let Parent { forecaster, id } = of_another_formula();
        assert_skew(forecast_by(&forecaster, &id, None, &bars(), &Adaptation::default()).unwrap_err());
        let parent = Parent { forecaster, id };
        assert_skew(train_child(&bars(), Some(&parent), &ChildConfig::default(), &mut Watch::silent()).unwrap_err());
    }

    #[test]
    fn a_bundle_of_before_says_nothing_of_formulas_and_serves() {
        let shipped = shipped_parent(Device::Cpu).unwrap();
        let shipped = shipped.with_about(About { definition: None, ..shipped.about().clone() });
        let id = VersionId { ticker: "^GSPC".parse().unwrap(), version: 0 };
        forecast_by(&shipped, &id, None, &bars(), &Adaptation::default()).unwrap();
    }
}
