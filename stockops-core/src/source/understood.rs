//! `Understood`: how a file of bars was read.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// The unit of prices where a file has no sign of a currency.
pub(crate) const AS_QUOTED: &str = "prices as quoted";

/// How the columns, dates and numbers of a file were understood, in words. Empty for bars that were never in a file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default)]
pub struct Understood {
    /// The source, where the header tells it, such as `Nasdaq.com`; else empty.
    pub source: String,
    /// What each column is for (`date`, `open`, ..., `adj_close`, `ticker`), and its name in the file; where there is no
    /// header, its number.
    pub columns: BTreeMap<String, String>,
    /// How dates are written, such as `YYYY-MM-DD` or `MM/DD/YYYY`.
    pub dates: String,
    /// How numbers are written, such as `decimal point`.
    pub numbers: String,
    /// The clock on which days are counted.
    pub zone: String,
    /// Units of prices and of volume.
    pub unit: String,
    /// What the file calls the series, where it does; else empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub series: String,
    /// What was done with an Adj Close column.
    pub adjustment: String,
    /// How far rows are apart.
    pub frequency: String,
    /// The calendar: the code of a market, `24/7`, `weekdays`, `currencies`, or `unknown`.
    pub calendar: String,
}

impl Understood {
    /// The currency of prices by its code, such as `USD`, or `GBp` for pence; none where nobody said it.
    ///
    /// ```
    /// use stockops_core::source::Understood;
    ///
    /// let unit = |unit: &str| Understood { unit: unit.into(), ..Understood::default() };
    /// assert_eq!(unit("prices in USD; volume in shares or contracts").currency(), Some("USD"));
    /// assert_eq!(unit("prices in pence (GBp), as quoted").currency(), Some("GBp"));
    /// assert_eq!(unit("prices as quoted").currency(), None);
    /// ```
    pub fn currency(&self) -> Option<&str> {
        let unit = self.prices().strip_prefix("prices in ")?;
        let code = unit.split_once('(').map_or(unit, |(_, code)| code.split(')').next().unwrap_or_default());
        (code.len() == 3 && code.chars().all(|c| c.is_ascii_alphabetic())).then_some(code)
    }

    /// The unit of prices alone, such as `prices in USD`.
    pub(crate) fn prices(&self) -> &str {
        self.unit.split(';').next().unwrap_or_default()
    }
}

impl fmt::Display for Understood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns: Vec<String> = self.columns.iter().map(|(role, name)| format!("{role} = {name}")).collect();
        let columns = columns.join(", ");
        let parts = [
            ("source", &self.source),
            ("series", &self.series),
            ("columns", &columns),
            ("dates", &self.dates),
            ("numbers", &self.numbers),
            ("zone", &self.zone),
            ("unit", &self.unit),
            ("adjustment", &self.adjustment),
            ("frequency", &self.frequency),
            ("calendar", &self.calendar),
        ];
        let said: Vec<String> =
            parts.iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| format!("{name}: {text}")).collect();
        f.write_str(&said.join("\n"))
    }
}
