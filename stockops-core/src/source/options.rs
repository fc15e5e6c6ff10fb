//! `ReadOptions`: what the reader of a file cannot know by itself.

use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::market::Calendar;

/// What to do with an Adj Close column.
///
/// ```
/// use stockops_core::source::Adjust;
///
/// assert_eq!(serde_json::from_str::<Adjust>("\"none\"").unwrap(), Adjust::None);
/// assert_eq!(Adjust::default(), Adjust::Auto);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Adjust {
    /// Where the column is there, scale open, high, low and close of each row by `(Adj Close / Close)` of the row over
    /// the same of the last row. So the last close stays as quoted, and splits and dividends leave no jump.
    ///
    /// Volume counts shares, so it is scaled by splits alone, the other way round: a million shares before a split of
    /// 2:1 are two million of today's. A step of Adj Close over Close is a split where it is near one of the usual
    /// ratios and the quoted price falls by the same from close to open; any other step is a dividend, which changes no
    /// number of shares.
    #[default]
    Auto,
    /// Take the prices and the volume as they are, and do not look at the column.
    None,
}

/// How bars are read. The default asks nothing: what a file leaves open is an error that names the option to set.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ReadOptions {
    /// What to do with an Adj Close column. Default: scale the prices by it.
    pub adjust: Adjust,
    /// The date in UTC, where the caller has a clock: rows after it are an error. Default: not known.
    pub today: Option<NaiveDate>,
    /// The days of trading. Default: those that the ticker names, or else the rows show.
    pub calendar: Option<Calendar>,
    /// Order of day, month and year where the column of dates leaves it open (`01/02/2024`). Default: not known.
    pub dates: Option<DateOrder>,
    /// What the mark of decimals is where the numbers leave it open (`1,234` alone). Default: not known.
    pub decimal: Option<Decimal>,
    /// Drop rows that break a rule and say so, instead of an error that lists them. Default: an error.
    pub drop_bad_rows: bool,
    /// Fold bars of hours or minutes to days, by the hours of the exchange. Default: an error.
    pub fold: bool,
    /// Take the only series of a file whatever it is called there, for callers who do not know its ticker. Default: a
    /// file whose rows are of another ticker is an error.
    pub any_series: bool,
    /// The most bytes that a file may hold once it is unpacked, for callers who read files of strangers. Default: 1 GiB of text.
    pub max_bytes: Option<u64>,
}

impl ReadOptions {
    /// The most bytes of text, unpacked, that are read into memory.
    pub(super) fn most_bytes(&self) -> u64 {
        const MOST: u64 = 1 << 30;
        self.max_bytes.unwrap_or(MOST).min(MOST)
    }
}

/// Order of the parts of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Day, month, year: `31/12/2024`.
    Dmy,
    /// Month, day, year: `12/31/2024`.
    Mdy,
    /// Year, month, day: `24/12/31`.
    Ymd,
}

/// Mark between whole and broken part of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Decimal {
    /// `1,234.5`
    Point,
    /// `1.234,5`
    Comma,
}

impl FromStr for DateOrder {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "dmy" => Ok(Self::Dmy),
            "mdy" => Ok(Self::Mdy),
            "ymd" => Ok(Self::Ymd),
            _ => Err(Error::Config { field: "dates", rule: "dmy, mdy or ymd", got: word.to_owned() }),
        }
    }
}

impl FromStr for Decimal {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "point" => Ok(Self::Point),
            "comma" => Ok(Self::Comma),
            _ => Err(Error::Config { field: "decimal", rule: "point or comma", got: word.to_owned() }),
        }
    }
}
