//! `Bar` and `Bars`: daily prices and volume, ordered and consistent by construction.

use std::sync::{Arc, OnceLock};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};

use super::{Calendar, Days, Events, Ticker};
use crate::error::{Error, Result};
use crate::files::sha256_hex;

/// Rows at the end that show the week: two months of every day.
const WEEK_LEARNED_FROM: usize = 62;

/// One session of one ticker: prices in the currency of the listing, volume in shares or contracts.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Bar {
    /// Day of the session, in the exchange's own time zone.
    pub date: NaiveDate,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Shares traded, in shares of the last day where prices are adjusted for splits; 0 where the source does not know.
    pub volume: f64,
}

impl Bar {
    /// The rule that this bar breaks, in words with its values; `None` for a good bar.
    ///
    /// A good bar is finite, has prices above 0, `low <= min(open, close)`, `high >= max(open, close)` and
    /// `volume >= 0`.
    pub fn problem(&self) -> Option<String> {
        let prices = [("open", self.open), ("high", self.high), ("low", self.low), ("close", self.close)];
        for (name, value) in prices {
            if !value.is_finite() {
                return Some(format!("{name} is {value}, not a finite number"));
            }
            if value <= 0.0 {
                return Some(format!("{name} is {value}, and a price must be above 0"));
            }
        }
        if !(self.volume.is_finite() && self.volume >= 0.0) {
            return Some(format!("volume is {}, and must be finite and at least 0", self.volume));
        }
        let (bottom, top) = (self.open.min(self.close), self.open.max(self.close));
        if self.high < top {
            return Some(format!("high {} is under max(open, close) = {top}", self.high));
        }
        if self.low > bottom {
            return Some(format!("low {} is over min(open, close) = {bottom}", self.low));
        }
        None
    }
}

/// Daily bars of one ticker.
///
/// Invariants: days strictly ascend, and every [`Bar`] has no [problem](Bar::problem). There is no other way in: a
/// file or JSON goes through the same check.
///
/// # Example
///
/// ```
/// use stockops_core::{Bar, Bars, Ticker};
///
/// let date = "2024-05-01".parse().unwrap();
/// let bar = Bar { date, open: 10.0, high: 11.0, low: 9.5, close: 10.5, volume: 1e6 };
/// let bars = Bars::new(Ticker::new("GOOG")?, vec![bar])?;
/// assert_eq!(bars.last_day(), Some(date));
/// assert!(Bars::new(Ticker::new("GOOG")?, vec![Bar { high: 9.0, ..bar }]).is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Bars {
    ticker: Ticker,
    /// Clones share them.
    #[serde(serialize_with = "serialize_rows")]
    bars: Arc<[Bar]>,
    /// The days of trading, where somebody said them.
    #[serde(skip_serializing_if = "Option::is_none")]
    calendar: Option<Calendar>,
    /// Bars of the index that the ticker belongs to, where somebody gave them.
    #[serde(skip)]
    index: Option<Arc<Bars>>,
    /// Events of the ticker, where somebody gave them.
    #[serde(skip)]
    events: Option<Arc<Events>>,
    /// Hash of the rows, once somebody has asked for it.
    #[serde(skip)]
    sha256: Memo,
}

fn serialize_rows<S: Serializer>(rows: &Arc<[Bar]>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    rows[..].serialize(serializer)
}

/// A hash that is computed once for all clones of the same rows; it says nothing that the rows do not say.
#[derive(Debug, Clone, Default)]
struct Memo(Arc<OnceLock<String>>);

impl PartialEq for Memo {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// The same fields before the check.
#[derive(Deserialize)]
struct Unchecked {
    ticker: Ticker,
    bars: Vec<Bar>,
    #[serde(default)]
    calendar: Option<Calendar>,
}

impl TryFrom<Unchecked> for Bars {
    type Error = Error;

    fn try_from(raw: Unchecked) -> Result<Self> {
        Ok(Self::new(raw.ticker, raw.bars)?.with_calendar(raw.calendar))
    }
}

impl Bars {
    /// Check `bars`; [`Error::Bar`] names the first day that breaks a rule.
    ///
    /// Rows must already ascend; [`clean`](super::clean) sorts, drops doubles and reports.
    pub fn new(ticker: Ticker, bars: Vec<Bar>) -> Result<Self> {
        let broken = |date, problem| Error::Bar { ticker: ticker.to_string(), date, problem };
        for bar in &bars {
            if let Some(problem) = bar.problem() {
                return Err(broken(bar.date, problem));
            }
        }
        if let Some(pair) = bars.windows(2).find(|pair| pair[0].date >= pair[1].date) {
            return Err(broken(pair[1].date, format!("it follows {}, and days must ascend", pair[0].date)));
        }
        Ok(Self { ticker, bars: bars.into(), calendar: None, index: None, events: None, sha256: Memo::default() })
    }

    /// The same bars with the days of trading that somebody said; `None` reads them off the ticker again.
    pub fn with_calendar(self, calendar: Option<Calendar>) -> Self {
        Self { calendar, ..self }
    }

    /// The same bars with events of the ticker that were known beforehand. JSON leaves them out.
    pub fn with_events(self, events: Option<Arc<Events>>) -> Self {
        Self { events, ..self }
    }

    /// The events, where somebody gave them.
    pub fn events(&self) -> Option<&Arc<Events>> {
        self.events.as_ref()
    }

    /// What is known of sessions before they come: [`calendar`](Self::calendar) and events.
    pub fn days(&self) -> Days {
        match &self.events {
            Some(events) => Days::new(self.calendar(), events),
            None => Days::from(self.calendar()),
        }
    }

    /// The same bars beside those of the index that the ticker belongs to, which some forecasters look at too. They stay
    /// beside every part of these bars, whole; what was known on a day is read off by its date. JSON leaves them out.
    pub fn with_index(self, index: Option<Arc<Self>>) -> Self {
        Self { index, ..self }
    }

    /// The bars of the index, where somebody gave them.
    pub fn index(&self) -> Option<&Arc<Self>> {
        self.index.as_ref()
    }

    /// The days of trading: those that were said, else those that the ticker names, else the week of the latest rows.
    ///
    /// ```
    /// use stockops_core::{Bar, Bars, Ticker};
    ///
    /// let bar = |date: &str| Bar { date: date.parse().unwrap(), open: 9.0, high: 9.0, low: 8.0, close: 8.5, volume: 1.0 };
    /// let rows = ["2025-06-04", "2025-06-05", "2025-06-08"].map(bar); // the last is a Sunday
    /// let fund = Bars::new(Ticker::new("MY_FUND")?, rows.to_vec())?;
    /// let next = fund.calendar().next_sessions("2025-06-12".parse().unwrap(), 1); // after a Thursday
    /// assert_eq!(next[0].date.to_string(), "2025-06-15");
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn calendar(&self) -> Calendar {
        let latest = &self.bars[self.len().saturating_sub(WEEK_LEARNED_FROM)..];
        let days = || latest.iter().map(|bar| bar.date).collect();
        self.calendar.unwrap_or_else(|| Calendar::of(&self.ticker)).with_week_of(days)
    }

    /// Whose bars.
    pub fn ticker(&self) -> &Ticker {
        &self.ticker
    }

    /// Number of sessions.
    pub fn len(&self) -> usize {
        self.bars.len()
    }

    /// Whether there is no session at all.
    pub fn is_empty(&self) -> bool {
        self.bars.is_empty()
    }

    /// All sessions, oldest first.
    pub fn as_slice(&self) -> &[Bar] {
        &self.bars
    }

    /// Iterate over the sessions, oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, Bar> {
        self.bars.iter()
    }

    /// First day.
    pub fn first_day(&self) -> Option<NaiveDate> {
        self.bars.first().map(|bar| bar.date)
    }

    /// Last day.
    pub fn last_day(&self) -> Option<NaiveDate> {
        self.bars.last().map(|bar| bar.date)
    }

    /// SHA-256 of the days and numbers, in hex; ticker, calendar, index and events are not in it. It is computed once for
    /// these bars and their clones.
    ///
    /// ```
    /// use stockops_core::{Bar, Bars, Ticker};
    ///
    /// let bar = Bar { date: "2024-05-01".parse().unwrap(), open: 10.0, high: 11.0, low: 9.5, close: 10.5, volume: 1e6 };
    /// let hash = |bar| Bars::new(Ticker::new("GOOG")?, vec![bar]).map(|bars| bars.sha256().to_owned());
    /// assert_eq!(hash(bar)?, hash(bar)?);
    /// assert_ne!(hash(bar)?, hash(Bar { volume: 2e6, ..bar })?);
    /// # Ok::<(), stockops_core::Error>(())
    /// ```
    pub fn sha256(&self) -> &str {
        self.sha256.0.get_or_init(|| {
            let mut bytes = Vec::with_capacity(self.len() * 50);
            for bar in self {
                bytes.extend(bar.date.to_string().into_bytes());
                let values = [bar.open, bar.high, bar.low, bar.close, bar.volume];
                bytes.extend(values.into_iter().flat_map(f64::to_le_bytes));
            }
            sha256_hex(&bytes)
        })
    }

    /// Closes, oldest first.
    pub fn closes(&self) -> Vec<f64> {
        self.bars.iter().map(|bar| bar.close).collect()
    }

    /// The sessions of `from..=to`; an open end is `None`.
    pub fn between(&self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> Self {
        let start = from.map_or(0, |from| self.bars.partition_point(|bar| bar.date < from));
        let end = to.map_or(self.len(), |to| self.bars.partition_point(|bar| bar.date <= to));
        self.at(start..end)
    }

    /// The last `count` sessions, or all where there are fewer.
    pub fn last(&self, count: usize) -> Self {
        self.at(self.len().saturating_sub(count)..self.len())
    }

    /// The sessions at `places` from 0; as many of them as there are.
    pub fn at(&self, places: std::ops::Range<usize>) -> Self {
        self.with_rows(self.bars.get(places.start..places.end.min(self.len())).unwrap_or_default().into())
    }

    /// The same days with other prices and volumes; `change` must give a good bar of the same day.
    pub(crate) fn map(&self, change: impl FnMut(&Bar) -> Bar) -> Self {
        let bars: Arc<[Bar]> = self.bars.iter().map(change).collect();
        debug_assert!(bars.iter().zip(&*self.bars).all(|(own, old)| own.problem().is_none() && own.date == old.date));
        self.with_rows(bars)
    }

    /// Some of the same bars.
    fn with_rows(&self, bars: Arc<[Bar]>) -> Self {
        let (index, events) = (self.index.clone(), self.events.clone());
        Self { ticker: self.ticker.clone(), bars, calendar: self.calendar, index, events, sha256: Memo::default() }
    }
}

impl<'a> IntoIterator for &'a Bars {
    type Item = &'a Bar;
    type IntoIter = std::slice::Iter<'a, Bar>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(day: &str) -> Bar {
        Bar { date: day.parse().unwrap(), open: 10.0, high: 11.0, low: 9.0, close: 10.5, volume: 100.0 }
    }

    fn message(bars: Vec<Bar>) -> String {
        Bars::new(Ticker::new("GOOG").unwrap(), bars).unwrap_err().to_string()
    }

    #[test]
    fn each_broken_rule_is_named_with_day_and_values() {
        let good = bar("2024-05-01");
        let end = "; correct or remove this row";
        for (bad, text) in [
            (Bar { high: 10.2, ..good }, "high 10.2 is under max(open, close) = 10.5"),
            (Bar { low: 10.2, ..good }, "low 10.2 is over min(open, close) = 10"),
            (Bar { open: -1.0, ..good }, "open is -1, and a price must be above 0"),
            (Bar { close: f64::NAN, ..good }, "close is NaN, not a finite number"),
            (Bar { high: f64::INFINITY, ..good }, "high is inf, not a finite number"),
            (Bar { volume: -5.0, ..good }, "volume is -5, and must be finite and at least 0"),
        ] {
            assert_eq!(message(vec![bad]), format!("GOOG 2024-05-01: {text}{end}"));
        }
    }

    #[test]
    fn days_must_ascend() {
        let text = message(vec![bar("2024-05-02"), bar("2024-05-01")]);
        assert_eq!(text, "GOOG 2024-05-01: it follows 2024-05-02, and days must ascend; correct or remove this row");
        assert!(message(vec![bar("2024-05-02"), bar("2024-05-02")]).contains("days must ascend"));
    }

    #[test]
    fn json_is_checked_too() {
        let bars = Bars::new(Ticker::new("GOOG").unwrap(), vec![bar("2024-05-01")]).unwrap();
        let json = serde_json::to_string(&bars).unwrap();
        assert_eq!(serde_json::from_str::<Bars>(&json).unwrap(), bars);
        assert!(serde_json::from_str::<Bars>(&json.replace("11.0", "1.0")).is_err());
    }

    #[test]
    fn between_is_inclusive_and_last_is_short_on_short_histories() {
        let bars = Bars::new(Ticker::new("X").unwrap(), vec![bar("2024-05-01"), bar("2024-05-02")]).unwrap();
        let day = "2024-05-02".parse().unwrap();
        assert_eq!(bars.between(Some(day), Some(day)).len(), 1);
        assert_eq!(bars.last(1).first_day(), Some(day));
        assert_eq!(bars.last(9).len(), 2);
    }
}
