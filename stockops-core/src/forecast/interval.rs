//! The intervals of a forecast by their level.

use super::{Forecast, IntervalDay};
use crate::error::{Error, Result};

impl Forecast {
    /// Intervals that are to hold `percent` of outcomes, one entry a session.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] names the levels that there are: 80, 90 and 95, or none where the history was too short to
    /// calibrate any.
    ///
    /// # Example
    ///
    /// ```
    /// use stockops_core::Device;
    /// use stockops_core::pipeline::shipped_parent;
    /// use stockops_core::source::builtin_bars;
    ///
    /// let index = builtin_bars(&"^GSPC".parse()?)?.bars;
    /// let forecast = shipped_parent(Device::Cpu)?.forecast(&index)?;
    /// assert_eq!(forecast.interval(90)?.len(), 5);
    /// assert!(forecast.interval(50).unwrap_err().to_string().ends_with("there are 80, 90, 95"));
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn interval(&self, percent: u32) -> Result<&[IntervalDay]> {
        let found = self.intervals.get(&percent.to_string()).map(Vec::as_slice);
        found.ok_or_else(|| {
            let levels: Vec<&str> = self.intervals.keys().map(String::as_str).collect();
            let hint = match levels[..] {
                [] => "the history is too short to calibrate any".to_owned(),
                _ => format!("there are {}", levels.join(", ")),
            };
            Error::NotFound { kind: "interval", name: format!("{percent} %"), hint }
        })
    }
}
