//! `Facts`: all facts of one report, and the moment that they are of.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use stockops_core::Ticker;

use super::Fact;
use crate::news::Headline;

/// Who the ticker is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Company {
    /// The ticker.
    pub ticker: Ticker,
    /// Its name; none where nobody said it.
    pub name: Option<String>,
    /// The exchange or the code of the calendar, such as `XNYS`.
    pub exchange: String,
    /// Currency of prices, such as `USD`; none where nobody said it.
    pub currency: Option<String>,
}

/// What a report knows, and when it was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// Last day of the bars.
    pub last_bar: NaiveDate,
    /// What came out later is not in it.
    pub decided: DateTime<Utc>,
    /// Whether `decided` lies in the past: the run replays a past day, and what writes may know what came after.
    pub replayed: bool,
}

/// All facts of one report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Who.
    pub company: Company,
    /// When.
    pub moment: Moment,
    /// The version that forecasts, such as `GOOG@3`.
    pub model_version: Option<String>,
    /// In the order in which a reader wants them.
    pub facts: Vec<Fact>,
    /// News before the decision, newest first. What they say is no fact of ours: only that they say it.
    pub headlines: Vec<Headline>,
    /// What a reader has to know, such as zero-shot or unproven.
    pub notes: Vec<String>,
}

/// A last bar that is older than this on the day of the decision is of the past: no market closes for longer.
const STALE: Days = Days::new(7);

impl Moment {
    /// The moment of a run on `now` that decides at `decided` on bars up to `last_bar`.
    ///
    /// It is replayed where `decided` is of a day before `now`, and where the last bar is more than a week older than
    /// `now`: who writes may know what came after.
    pub fn of(last_bar: NaiveDate, decided: DateTime<Utc>, now: DateTime<Utc>) -> Self {
        let today = now.date_naive();
        Self { last_bar, decided, replayed: decided.date_naive() < today || last_bar + STALE < today }
    }
}

impl Facts {
    /// Whether days were held out that lie after the last bar, so that the record was not known on that day.
    pub fn has_later_record(&self) -> bool {
        let last = self.get("held_out_last_day").and_then(|fact| fact.day);
        last.is_some_and(|day| day > self.moment.last_bar)
    }

    /// The fact of this id.
    pub fn get(&self, id: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.id == id)
    }
}
