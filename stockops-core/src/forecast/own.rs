//! `OwnErrors`: what a ticker's own past forecasts missed, with their days.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use chrono::NaiveDate;

use super::DayErrors;
use crate::error::Result;

/// The day that a past forecast was made on, and its errors day by day.
pub(crate) type Dated = (NaiveDate, Vec<DayErrors>);

/// Errors of a ticker's own past forecasts, oldest first: known, or made when somebody asks.
#[derive(Clone, Default)]
pub(crate) enum OwnErrors {
    /// There are none.
    #[default]
    None,
    /// These places of a longer list.
    Known(Arc<[Dated]>, Range<usize>),
    /// What this makes; it is to remember.
    Later(Arc<dyn Fn() -> Result<Arc<[Dated]>> + Send + Sync>),
}

impl OwnErrors {
    /// A list, and the places in it that count.
    pub(crate) fn known(&self) -> Result<(Arc<[Dated]>, Range<usize>)> {
        let all = match self {
            Self::None => Arc::default(),
            Self::Known(all, places) => return Ok((Arc::clone(all), places.clone())),
            Self::Later(make) => make()?,
        };
        let places = 0..all.len();
        Ok((all, places))
    }
}

impl fmt::Debug for OwnErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Known(..) => "known",
            Self::Later(_) => "later",
        })
    }
}
