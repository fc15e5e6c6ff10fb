//! `predict`: the champion of a ticker, or the parent zero-shot, forecasts its next sessions.

use super::shipped::{PARENT_TICKER, shipped_parent};
use super::zero_shot::zero_shot;
use crate::error::Result;
use crate::files::sha256_hex;
use crate::forecast::Forecast;
use crate::forecaster::{Forecaster, ParentRef};
use crate::market::{Bars, Ticker};
use crate::model::Device;
use crate::record::{ForecastRecord, KeptForecast};
use crate::registry::{ModelRegistry, VersionId};
use crate::training::CancelFlag;

/// A parent and its name.
#[derive(Debug, Clone)]
pub struct Parent {
    /// The parent itself.
    pub forecaster: Forecaster,
    /// Its version; version 0 is the one that ships with the crate.
    pub id: VersionId,
}

impl Parent {
    /// How a child's bundle refers to it.
    pub(super) fn to_ref(&self) -> Result<ParentRef> {
        Ok(ParentRef {
            version: self.id.to_string(),
            sha256: sha256_hex(&self.forecaster.to_bytes()?),
            last_seen_day: self.forecaster.about().last_seen_day,
            training: Some(self.forecaster.recipe().train),
        })
    }
}

/// The champion of `^GSPC`, or the parent that ships with the crate.
pub fn find_parent(registry: &dyn ModelRegistry, device: Device) -> Result<Parent> {
    let ticker = Ticker::new(PARENT_TICKER)?;
    if let Some((forecaster, id)) = load_champion(registry, &ticker, device)? {
        return Ok(Parent { forecaster, id });
    }
    Ok(Parent { forecaster: shipped_parent(device)?, id: shipped_id()? })
}

/// How the parent that ships with the crate is called.
pub(crate) fn shipped_id() -> Result<VersionId> {
    Ok(VersionId { ticker: Ticker::new(PARENT_TICKER)?, version: 0 })
}

/// The version that forecasts `ticker`, where it has one.
pub fn load_champion(
    registry: &dyn ModelRegistry,
    ticker: &Ticker,
    device: Device,
) -> Result<Option<(Forecaster, VersionId)>> {
    let Some(champion) = registry.champion(ticker)? else { return Ok(None) };
    let id = VersionId { ticker: ticker.clone(), version: champion.version };
    let bytes = registry.get(ticker, champion.version)?;
    Ok(Some((Forecaster::from_bytes(&id.to_string(), &bytes, device)?, id)))
}

/// Forecast the next sessions: by the ticker's champion, or else by the parent, zero-shot, and the notes say so.
///
/// # Errors
///
/// [`TooShort`](crate::Error::TooShort) below 73 bars; errors of the registry.
pub fn predict(registry: &dyn ModelRegistry, bars: &Bars, device: Device) -> Result<Forecast> {
    let (forecaster, id) = who_forecasts(registry, bars, device)?;
    let champion = registry.champion(&id.ticker)?;
    forecast_by(&forecaster, &id, champion.and_then(|champion| champion.doubt().map(String::from)), bars)
}

/// The forecast of a version, which the notes call unproven where there is a `doubt`.
pub(crate) fn forecast_by(
    forecaster: &Forecaster,
    id: &VersionId,
    doubt: Option<String>,
    bars: &Bars,
) -> Result<Forecast> {
    let mut forecast = forecaster.forecast(bars)?;
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
        forecast.notes.push(format!("it is not in the record and will not be scored: {error}"));
    }
}

/// The version that forecasts the ticker of `bars`, or the parent made ready for it.
pub(super) fn who_forecasts(
    registry: &dyn ModelRegistry,
    bars: &Bars,
    device: Device,
) -> Result<(Forecaster, VersionId)> {
    if let Some(own) = load_champion(registry, bars.ticker(), device)? {
        return Ok(own);
    }
    let parent = find_parent(registry, device)?;
    let own = parent.id.ticker == *bars.ticker();
    Ok((if own { parent.forecaster.clone() } else { zero_shot(&parent, bars, &CancelFlag::default())? }, parent.id))
}
