//! Trains a small parent and a child of it, and forecasts: all through the public face of stockops-core.

use stockops_core::pipeline::{ChildConfig, Parent, ParentConfig, train_child, train_parent};
use stockops_core::registry::VersionId;
use stockops_core::source::builtin_bars;
use stockops_core::training::Watch;
use stockops_core::{NetworkSizes, Recipe, Result};

fn main() -> Result<()> {
    let index = builtin_bars(&"^GSPC".parse()?)?.bars.between(None, "2003-12-31".parse().ok());
    let network = NetworkSizes { hidden: 8, layers: 1, ..NetworkSizes::default() };
    let config = ParentConfig { epochs: Some(1), ..ParentConfig::from(Recipe { network, ..Recipe::default() }) };
    let parent = train_parent(&[index], &config, &mut Watch::silent())?;
    let id = VersionId { ticker: "^GSPC".parse()?, version: 1 };
    let parent = Parent { forecaster: parent.forecaster, id };
    let stock = builtin_bars(&"IBM".parse()?)?.bars;
    let child = train_child(&stock, Some(&parent), &ChildConfig::default(), &mut Watch::silent())?;
    let forecast = child.forecaster.forecast(&stock)?;
    assert_eq!(forecast.predictions.full_forecast.len(), 5);
    println!("IBM after {}: {:?}", forecast.last_date, forecast.predictions.next_day);
    Ok(())
}
