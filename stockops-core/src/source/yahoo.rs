//! `YahooSource`: daily bars from Yahoo's chart v8.

mod chart;
mod shape;
mod zone;

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::clock::Clock;
use super::http::{Client, Courtesy};
use super::raw::{RawBars, RawSource, Reading};
use super::{BarSource, Sourced};
use crate::error::{Error, Result, check};
use crate::market::Ticker;

/// Daily bars from the endpoint chart v8 of Yahoo, over one connection and within [`Courtesy`].
///
/// Prices come as Yahoo has them (adjusted for splits), with its adjusted closes, dividends and splits; [`RawBars::read`] makes
/// bars of them. Yahoo gives no promise that this endpoint stays or is complete, and its terms are for personal use. Behind
/// [`CachedSource`](super::CachedSource) it is asked for missing days alone.
///
/// # Example
///
/// ```no_run
/// use stockops_core::{BarSource, Ticker, source::YahooSource};
///
/// let yahoo = YahooSource::new()?;
/// println!("{}", yahoo.bars(&Ticker::new("GOOG")?)?.quality);
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub struct YahooSource {
    base: String,
    client: Client,
    reading: Reading,
    clock: Clock,
}

/// Where Yahoo answers.
const BASE: &str = "https://query2.finance.yahoo.com";
/// No series is older; in seconds of Unix, 1900-01-01.
const BEGINNING: i64 = -2_208_988_800;
/// A day in seconds.
const DAY: i64 = 86_400;

impl YahooSource {
    /// Yahoo itself, with the default courtesy.
    ///
    /// # Errors
    ///
    /// Those of [`at`](Self::at): none with this address.
    pub fn new() -> Result<Self> {
        Self::at(BASE, Courtesy::default())
    }

    /// The place `base` in Yahoo's stead, such as a proxy of one's own, asked with `courtesy`.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] where `base` does not begin with `http://` or `https://`.
    pub fn at(base: &str, courtesy: Courtesy) -> Result<Self> {
        let base = base.trim().trim_end_matches('/');
        let is_address = base.starts_with("http://") || base.starts_with("https://");
        // What stands before an @ is a password.
        let shown = base.rsplit_once('@').map_or(base, |(_, end)| end);
        check(is_address, "url", "an address that begins with http:// or https://", shown)?;
        let client = Client::new(base, courtesy);
        Ok(Self { base: base.to_owned(), client, reading: Reading::default(), clock: super::clock::system() })
    }

    /// Make bars this way, where it is asked without a cache.
    #[must_use]
    pub fn reading(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }

    /// Ask this clock for the time.
    #[must_use]
    pub fn clock(self, clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    fn address(&self, ticker: &Ticker, since: Option<NaiveDate>, now: DateTime<Utc>) -> String {
        // In the east a day begins before it does in UTC.
        let from = since.map_or(BEGINNING, |day| day.and_time(NaiveTime::MIN).and_utc().timestamp() - DAY);
        format!(
            "{}/v8/finance/chart/{}?period1={from}&period2={}&interval=1d&events=div%7Csplit%7CcapitalGains&includePrePost=false",
            self.base,
            encoded(ticker.as_str()),
            now.timestamp() + DAY
        )
    }
}

impl RawSource for YahooSource {
    fn name(&self) -> &str {
        "yahoo"
    }

    fn fetch(&self, ticker: &Ticker, since: Option<NaiveDate>) -> Result<RawBars> {
        let now = (self.clock)();
        let trouble = |trouble| Error::Network { source_name: format!("Yahoo for {ticker}"), trouble };
        let answer = self.client.get(&self.address(ticker, since, now)).map_err(trouble)?;
        match chart::read(&answer, ticker, since, now) {
            Ok(Some(raw)) => Ok(raw),
            Ok(None) => Err(unknown(ticker)),
            Err(problem) => Err(trouble(problem)),
        }
    }
}

impl BarSource for YahooSource {
    fn bars(&self, ticker: &Ticker) -> Result<Sourced> {
        self.fetch(ticker, None)?.read(&self.reading, (self.clock)())
    }
}

impl fmt::Debug for YahooSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("YahooSource").field("base", &self.base).field("client", &self.client).finish_non_exhaustive()
    }
}

fn unknown(ticker: &Ticker) -> Error {
    Error::NotFound {
        kind: "ticker at Yahoo",
        name: ticker.to_string(),
        hint: "check the spelling (Yahoo writes SHEL.L, 7203.T, BRK-B, ^GSPC, EURUSD=X, BTC-USD), or give its bars as a file"
            .to_owned(),
    }
}

/// `word` as a part of a path.
fn encoded(word: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~=".contains(byte);
    word.bytes().map(|b| if plain(&b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}
