//! `NewsSource`: the door for headlines, and what a headline is.

use std::fmt::Debug;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};
use stockops_core::Ticker;

use super::Gathered;
use crate::error::Result;

/// What somebody published. Its text is data of others: it is shown, and never followed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Headline {
    /// The headline.
    pub title: String,
    /// The first sentences; empty where there are none.
    #[serde(default)]
    pub summary: String,
    /// Who published it.
    pub publisher: String,
    /// Where it is; empty where nobody said it.
    #[serde(default)]
    pub url: String,
    /// When it was published.
    pub published: DateTime<Utc>,
}

/// Which moments a source can answer for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// Now alone: a feed that holds what is new, and whose entries may be written anew at any time.
    Now,
    /// Past days as well: what it holds bears dates, and it is asked by date.
    Past,
}

/// How long ago a decision may be for a feed of [`Reach::Now`] to be asked about it: a report takes minutes.
const STILL_NOW: TimeDelta = TimeDelta::hours(1);

impl Reach {
    /// Whether a source of this reach may be asked about `until` when it is `now`.
    ///
    /// # Example
    ///
    /// ```
    /// use chrono::{DateTime, TimeDelta, Utc};
    /// use stockops_agents::news::Reach;
    ///
    /// let now: DateTime<Utc> = "2026-01-05T21:05:00Z".parse().unwrap();
    /// assert!(Reach::Now.covers(now - TimeDelta::minutes(5), now));
    /// assert!(!Reach::Now.covers(now - TimeDelta::days(1), now));
    /// assert!(Reach::Past.covers(now - TimeDelta::days(1), now));
    /// ```
    pub fn covers(self, until: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self == Self::Past || until + STILL_NOW >= now
    }
}

/// The time of the system: what is new is new by the clock of the world.
pub(super) fn now() -> DateTime<Utc> {
    std::time::SystemTime::now().into()
}

/// Where headlines come from.
///
/// Promises: every headline was published before `until`, newest first, none twice, at most as many as the source is set to keep;
/// the texts hold no control characters and no markup; a source of [`Reach::Now`] refuses a past `until`. `conformance` (feature
/// `testing`) checks them.
pub trait NewsSource: Debug + Send + Sync {
    /// Its name, such as `Finnhub`.
    fn name(&self) -> &str;

    /// Which moments it can answer for. A source that does not say it is a feed of today.
    fn reach(&self) -> Reach {
        Reach::Now
    }

    /// Headlines about `ticker` that were published before `until`, newest first.
    ///
    /// # Errors
    ///
    /// [`Error::News`](crate::Error::News) where nothing could be read. No headline is no error.
    fn headlines<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Vec<Headline>>>;

    /// [`headlines`](Self::headlines) with who gave them and what was left out.
    ///
    /// # Errors
    ///
    /// As [`headlines`](Self::headlines).
    fn gather<'a>(&'a self, ticker: &'a Ticker, until: DateTime<Utc>) -> BoxFuture<'a, Result<Gathered>> {
        async move {
            let headlines = self.headlines(ticker, until).await?;
            Ok(Gathered { headlines, ..Gathered::none(self.name()) })
        }
        .boxed()
    }
}
