//! `FeatureSet`: which columns, in which order.

use serde::{Deserialize, Serialize};

use super::{Feature, Period, RsiKind};
use crate::error::{Error, Result, check};

/// The columns of a [`Frame`](super::Frame), in order.
///
/// Invariants: at least one feature, none twice. As JSON it is the list of their words, checked on the way in. The
/// default is the contract's seven: `Open, High, Low, Close, Volume, RSI14, MACD`.
///
/// # Example
///
/// ```
/// use stockops_core::{Feature, FeatureSet};
///
/// let features = FeatureSet::default();
/// assert_eq!(features.names(), ["Open", "High", "Low", "Close", "Volume", "RSI14", "MACD"]);
/// assert_eq!(features.lookback(), 13);
/// assert_eq!(features.position(Feature::Close), Some(3));
/// assert!(FeatureSet::new(vec![Feature::Close, Feature::Close]).is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Vec<Feature>", into = "Vec<Feature>")]
pub struct FeatureSet(Vec<Feature>);

#[expect(clippy::len_without_is_empty, reason = "a set is never empty")]
impl FeatureSet {
    /// Check `features`; [`Error::Config`] where there is none or one stands twice.
    pub fn new(features: Vec<Feature>) -> Result<Self> {
        check(!features.is_empty(), "features", "a list of at least one feature", "an empty list")?;
        if let Some(i) = (1..features.len()).find(|&i| features[..i].contains(&features[i])) {
            check(false, "features", "a list without doubles", format!("{} twice", features[i]))?;
        }
        Ok(Self(features))
    }

    /// Number of columns.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// The columns in order.
    pub fn as_slice(&self) -> &[Feature] {
        &self.0
    }

    /// Iterate over the columns in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Feature> {
        self.0.iter()
    }

    /// Words of the columns in order.
    pub fn names(&self) -> Vec<String> {
        self.iter().map(Feature::to_string).collect()
    }

    /// Column of `feature`, counted from 0.
    pub fn position(&self, feature: Feature) -> Option<usize> {
        self.iter().position(|&other| other == feature)
    }

    /// Warm-up rows: those before the first row in which every feature has a value.
    pub fn lookback(&self) -> usize {
        self.iter().map(|feature| feature.lookback()).max().unwrap_or(0)
    }
}

impl Default for FeatureSet {
    fn default() -> Self {
        let rsi = Feature::Rsi { period: Period::RSI, kind: RsiKind::Cutler };
        Self(vec![Feature::Open, Feature::High, Feature::Low, Feature::Close, Feature::Volume, rsi, Feature::Macd])
    }
}

impl TryFrom<Vec<Feature>> for FeatureSet {
    type Error = Error;

    fn try_from(features: Vec<Feature>) -> Result<Self> {
        Self::new(features)
    }
}

impl From<FeatureSet> for Vec<Feature> {
    fn from(features: FeatureSet) -> Self {
        features.0
    }
}

impl<'a> IntoIterator for &'a FeatureSet {
    type Item = &'a Feature;
    type IntoIter = std::slice::Iter<'a, Feature>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_set_and_a_double_are_refused() {
        let message = |features| FeatureSet::new(features).unwrap_err().to_string();
        assert_eq!(message(vec![]), "`features` must be a list of at least one feature, got an empty list");
        let double = vec![Feature::Close, Feature::Macd, Feature::Close];
        assert_eq!(message(double), "`features` must be a list without doubles, got Close twice");
    }

    #[test]
    fn json_is_the_list_of_words_and_is_checked() {
        let json = r#"["Open","High","Low","Close","Volume","RSI14","MACD"]"#;
        assert_eq!(serde_json::to_string(&FeatureSet::default()).unwrap(), json);
        assert_eq!(serde_json::from_str::<FeatureSet>(json).unwrap(), FeatureSet::default());
        for bad in ["[]", r#"["Close","Close"]"#, r#"["Closes"]"#] {
            assert!(serde_json::from_str::<FeatureSet>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_longest_lookback_counts() {
        let words = |words: &[&str]| FeatureSet::new(words.iter().map(|word| word.parse().unwrap()).collect()).unwrap();
        assert_eq!(words(&["Close", "MACD"]).lookback(), 0);
        assert_eq!(words(&["LogReturn", "SMA20", "ATR14"]).lookback(), 19);
        assert_eq!(words(&["RSI14_wilder"]).lookback(), 14);
    }
}
