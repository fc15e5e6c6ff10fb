//! `FeatureView`: which features are kept and served together.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Definition;
use crate::error::{Error, Result, check};
use crate::features::FeatureSet;

/// What rows are about, and the name of its column.
pub const ENTITY: &str = "ticker";

/// Longer than any closure of an exchange: the New Year of 2024 in Shanghai took eleven days.
const DEFAULT_TTL: TimeDelta = TimeDelta::days(14);

/// Features that are kept and served together: a feature view of Feast, by its name and fields.
///
/// Invariants: the name is lower case letters, digits and `_`, begins with a letter, does not end like a version (`_v2`), and
/// has at most 60 characters; a time to live is whole seconds, at least 1. The default is the contract's `stock_stats`, version 0: the seven
/// columns of [`FeatureSet`], valid for 14 days.
///
/// # Example
///
/// ```
/// use stockops_core::feature_store::FeatureView;
///
/// let view = FeatureView::default();
/// assert_eq!((view.name(), view.version()), ("stock_stats", 0));
/// assert_eq!(view.names(), ["Open", "High", "Low", "Close", "Volume", "RSI14", "MACD"]);
/// assert!(FeatureView::new("Stock Stats", 0, Default::default(), None).is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Unchecked", into = "Unchecked")]
pub struct FeatureView {
    name: String,
    version: u32,
    features: FeatureSet,
    ttl: Option<TimeDelta>,
}

/// The same fields before the check, and as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    name: String,
    version: u32,
    features: FeatureSet,
    ttl_seconds: Option<i64>,
}

impl FeatureView {
    /// Check the parts; `version` is Feast's number of it, and `ttl` is how long a row is valid after its event, `None` for ever.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] names the part that breaks its rule.
    pub fn new(name: &str, version: u32, features: FeatureSet, ttl: Option<TimeDelta>) -> Result<Self> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let is_name = name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(plain) && name.len() <= 60;
        let rule =
            "lower case letters, digits and _, first a letter, at most 60, and without a version (_v2) at its end";
        check(is_name && !ends_like_a_version(name), "view", rule, name)?;
        // JSON holds whole seconds.
        let is_whole = |ttl: TimeDelta| ttl >= TimeDelta::seconds(1) && ttl.subsec_nanos() == 0;
        check(ttl.is_none_or(is_whole), "ttl", "whole seconds, at least 1, or none", ttl.unwrap_or_default())?;
        Ok(Self { name: name.to_owned(), version, features, ttl })
    }

    /// Its name, the same for all of its versions.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version, from 0, as Feast counts.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Which features, in which order.
    pub fn features(&self) -> &FeatureSet {
        &self.features
    }

    /// Names of the fields in order.
    pub fn names(&self) -> Vec<String> {
        self.features.names()
    }

    /// How long a row is valid after its event; `None` for ever.
    pub fn ttl(&self) -> Option<TimeDelta> {
        self.ttl
    }

    /// How its fields are computed.
    pub fn definition(&self) -> Definition {
        Definition::of(&self.features)
    }

    /// Its name with the version, as Feast writes it: `stock_stats` for version 0, `stock_stats_v2` for version 2.
    ///
    /// ```
    /// use stockops_core::feature_store::FeatureView;
    ///
    /// let second = FeatureView::new("stock_stats", 2, Default::default(), None)?;
    /// assert_eq!(second.versioned_name(), "stock_stats_v2");
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn versioned_name(&self) -> String {
        if self.version == 0 { self.name.clone() } else { format!("{}_v{}", self.name, self.version) }
    }

    /// Its name with the version, whichever it is: `stock_stats_v0`. A name without one means the newest version.
    pub fn exact_name(&self) -> String {
        format!("{}_v{}", self.name, self.version)
    }
}

impl Default for FeatureView {
    fn default() -> Self {
        Self { name: "stock_stats".into(), version: 0, features: FeatureSet::default(), ttl: Some(DEFAULT_TTL) }
    }
}

impl TryFrom<Unchecked> for FeatureView {
    type Error = Error;

    fn try_from(raw: Unchecked) -> Result<Self> {
        let ttl = raw.ttl_seconds.map(|seconds| TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX));
        Self::new(&raw.name, raw.version, raw.features, ttl)
    }
}

impl From<FeatureView> for Unchecked {
    fn from(view: FeatureView) -> Self {
        let FeatureView { name, version, features, ttl } = view;
        Self { name, version, features, ttl_seconds: ttl.map(|ttl| ttl.num_seconds()) }
    }
}

/// Whether another name in this one's next version would be the same.
fn ends_like_a_version(name: &str) -> bool {
    let digits = name.rsplit_once("_v").map(|(_, digits)| digits);
    digits.is_some_and(|digits| !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_be_taken_for_others_are_refused() {
        for name in ["", "Stock", "2stock", "stock stats", "a/b", "stock_v2", "stock_v10", &"a".repeat(61)] {
            let text = FeatureView::new(name, 0, FeatureSet::default(), None).unwrap_err().to_string();
            assert!(text.starts_with("`view` must be lower case letters, digits and _"), "{text}");
        }
        assert!(FeatureView::new("stock_volume", 0, FeatureSet::default(), None).is_ok());
        assert!(FeatureView::new("stock", 0, FeatureSet::default(), Some(TimeDelta::zero())).is_err());
    }

    /// JSON holds whole seconds, so another time to live would come back as one that is not the same.
    #[test]
    fn a_time_to_live_is_whole_seconds() {
        let view = |milliseconds| {
            FeatureView::new("stock", 0, FeatureSet::default(), Some(TimeDelta::milliseconds(milliseconds)))
        };
        for milliseconds in [-1_000, 0, 1, 500, 60_479_999] {
            let text = view(milliseconds).unwrap_err().to_string();
            assert!(text.starts_with("`ttl` must be whole seconds, at least 1, or none, got "), "{text}");
        }
        let kept = view(60_480_000).unwrap();
        let json = serde_json::to_string(&kept).unwrap();
        assert_eq!(serde_json::from_str::<FeatureView>(&json).unwrap(), kept);
    }

    #[test]
    fn json_comes_back_and_is_checked() {
        let json = r#"{"name":"stock_stats","version":0,"features":["Open","High","Low","Close","Volume","RSI14","MACD"],"ttl_seconds":1209600}"#;
        assert_eq!(serde_json::to_string(&FeatureView::default()).unwrap(), json);
        assert_eq!(serde_json::from_str::<FeatureView>(json).unwrap(), FeatureView::default());
        assert!(serde_json::from_str::<FeatureView>(&json.replace("stock_stats", "../x")).is_err());
        assert!(serde_json::from_str::<FeatureView>(&json.replace("1209600", "0")).is_err());
        let whole = serde_json::from_str::<FeatureView>(&json.replace("1209600", "null")).unwrap();
        assert_eq!(whole.ttl(), None);
    }
}
