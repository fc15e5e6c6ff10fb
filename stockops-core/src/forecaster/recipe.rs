//! The recipe of a forecaster, and whether its parts fit its network.

use super::{About, Blend, Forecaster};
use crate::error::{Result, check};
use crate::training::Recipe;

/// Longest context: more rows than any history has.
const MOST_CONTEXT: usize = 1_000_000;

impl Forecaster {
    /// How a parent like this one is made; a child has its parent's recipe, with its parent's training.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::pipeline::shipped_parent;
    /// use stockops_core::{Device, Recipe};
    ///
    /// assert_eq!(shipped_parent(Device::Cpu)?.recipe(), Recipe::default());
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn recipe(&self) -> Recipe {
        let about = &self.about;
        let train = match &about.parent {
            Some(parent) => parent.training.as_ref(),
            None => about.training.as_ref(),
        };
        Recipe {
            features: about.features.clone(),
            encoding: about.encoding,
            context: about.context,
            horizon: self.horizon(),
            network: self.model.config().sizes(),
            // Children of before did not hold it.
            train: train.cloned().unwrap_or_else(|| Recipe::default().train),
            blend: about.blend != Blend::network_alone(self.horizon()),
        }
    }
}

impl About {
    /// Whether context, blend and calibration are those of a network that predicts `horizon` rows.
    pub(super) fn check(&self, horizon: usize) -> Result<()> {
        let rule = "from 1 to 1000000 for the forecaster";
        check((1..=MOST_CONTEXT).contains(&self.context), "context", rule, self.context)?;
        let rule = "one entry a session that the network forecasts";
        let got = |what: &str| format!("another number of them in the {what} than the {horizon} of the network");
        let days = "one number a regressor of a day";
        check(self.days.is_whole(), "days", days, "another number of them")?;
        check(self.blend.has_horizons(horizon), "blend", rule, got("blend"))?;
        check(self.calibration.has_horizons(horizon), "calibration", rule, got("calibration"))
    }
}
