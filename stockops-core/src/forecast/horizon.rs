//! `Horizon`: how many sessions ahead a forecast looks.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// How many sessions ahead a forecast looks, from 1.
///
/// Horizons are ordered by their number, so in a table `h10` stands after `h9`, and the last key is the furthest one.
/// The word of a horizon, in JSON and on the screen, is `h` and its number. Each horizon has one word only: `h05` and
/// `h+5` are refused, so no table can hold a horizon twice.
///
/// # Example
///
/// ```
/// use stockops_core::forecast::Horizon;
///
/// let near: Horizon = "h2".parse()?;
/// let far = Horizon::new(10)?;
/// assert!(near < far);
/// assert_eq!((far.to_string(), far.sessions()), ("h10".to_string(), 10));
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("pattern" = "^h[1-9][0-9]*$", "examples" = ["h5"])))]
#[serde(try_from = "String", into = "String")]
pub struct Horizon(NonZeroUsize);

impl Horizon {
    /// The next session.
    pub const NEXT: Self = Self(NonZeroUsize::MIN);

    /// So many sessions ahead; [`Error::Config`] for 0.
    pub fn new(sessions: usize) -> Result<Self> {
        NonZeroUsize::new(sessions).map(Self).ok_or_else(|| Error::Config {
            field: "horizon",
            rule: "at least 1 session",
            got: sessions.to_string(),
        })
    }

    /// The horizon of entry `index`, from 0, of a list that holds one entry for each session ahead.
    pub fn at(index: usize) -> Self {
        Self(NonZeroUsize::MIN.saturating_add(index))
    }

    /// Sessions ahead, at least 1.
    pub fn sessions(self) -> usize {
        self.0.get()
    }
}

impl fmt::Display for Horizon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "h{}", self.0)
    }
}

impl FromStr for Horizon {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let sessions = word.strip_prefix('h').and_then(|number| number.parse().ok());
        // A sign or a leading zero would be a second word for the same horizon.
        let horizon = sessions.map(Self).filter(|horizon| horizon.to_string() == word);
        horizon.ok_or_else(|| Error::Config {
            field: "horizon",
            rule: "`h` and the number of sessions ahead, such as h5",
            got: word.chars().take(40).collect(),
        })
    }
}

impl TryFrom<String> for Horizon {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Horizon> for String {
    fn from(horizon: Horizon) -> Self {
        horizon.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn horizon(sessions: usize) -> Horizon {
        Horizon::new(sessions).unwrap()
    }

    #[test]
    fn horizons_are_in_the_order_of_their_numbers_in_a_table_and_in_its_json() {
        let table: BTreeMap<Horizon, usize> = [21, 1, 10, 9, 2].map(|n| (horizon(n), n)).into();
        assert_eq!(table.last_key_value(), Some((&horizon(21), &21)));
        let json = serde_json::to_string(&table).unwrap();
        assert_eq!(json, r#"{"h1":1,"h2":2,"h9":9,"h10":10,"h21":21}"#);
        assert_eq!(serde_json::from_str::<BTreeMap<Horizon, usize>>(&json).unwrap(), table);
    }

    #[test]
    fn an_entry_of_a_list_and_its_horizon_belong_together() {
        assert_eq!(Horizon::at(0), Horizon::NEXT);
        assert_eq!([0, 9, 20].map(|index| Horizon::at(index).sessions()), [1, 10, 21]);
    }

    #[test]
    fn each_horizon_has_one_word() {
        for word in ["h0", "h05", "h+5", "h-1", "h", "5", "h5 ", "H5", "h99999999999999999999999999"] {
            assert!(word.parse::<Horizon>().is_err(), "{word}");
        }
        let text = "h0".parse::<Horizon>().unwrap_err().to_string();
        assert_eq!(text, "`horizon` must be `h` and the number of sessions ahead, such as h5, got h0");
        let text = Horizon::new(0).unwrap_err().to_string();
        assert_eq!(text, "`horizon` must be at least 1 session, got 0");
    }
}
