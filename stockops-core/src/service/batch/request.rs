//! What is asked of a batch: which work, for which tickers, and which part of them.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, check};
use crate::files::sha256_hex;
use crate::forecast::Strategy;
use crate::market::Ticker;
use crate::service::TrainChild;

/// Work for many tickers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BatchRequest {
    /// What is done with each.
    pub work: BatchWork,
    /// With whom. A ticker that is there twice counts once.
    pub tickers: Vec<Ticker>,
    /// Which part of them; all where none is given.
    #[serde(default)]
    pub shard: Shard,
    /// Leave out what a batch of the same work, settings and shard has done before with the same data.
    #[serde(default)]
    pub resume: bool,
    /// A word for a call that may come more than once, as a task of a cluster does whose worker died: what was done under the same word
    /// is left out also where it does not resume.
    #[serde(default)]
    pub call: Option<String>,
    /// Tickers at once; as many as there are processors where none is given.
    #[serde(default)]
    pub threads: Option<usize>,
}

impl BatchRequest {
    /// The work for all of `tickers`, from the beginning.
    pub fn new(work: BatchWork, tickers: Vec<Ticker>) -> Self {
        Self { work, tickers, shard: Shard::default(), resume: false, call: None, threads: None }
    }

    /// The tickers of its shard in their order, each once.
    pub fn wanted(&self) -> Vec<Ticker> {
        let mut seen = std::collections::HashSet::new();
        self.tickers.iter().filter(|ticker| self.shard.has(ticker) && seen.insert(*ticker)).cloned().collect()
    }

    /// How many tickers are worked on at once.
    pub(in crate::service) fn threads(&self) -> Result<usize> {
        let all = || std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        checked_threads(self.threads.unwrap_or_else(all))
    }
}

/// `threads` where so many can be used, from 1 to 1024; else [`Error::Config`].
///
/// # Example
///
/// ```
/// use stockops_core::service::checked_threads;
///
/// assert_eq!(checked_threads(2)?, 2);
/// assert_eq!(checked_threads(0).unwrap_err().to_string(), "`threads` must be from 1 to 1024, got 0");
/// # Ok::<(), stockops_core::Error>(())
/// ```
pub fn checked_threads(threads: usize) -> Result<usize> {
    check((1..=1024).contains(&threads), "threads", "from 1 to 1024", threads)?;
    Ok(threads)
}

/// What is done with each ticker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BatchWork {
    /// A child of the parent is trained and registered.
    Train(BatchChild),
    /// The next sessions are forecast and the forecast is kept.
    Forecast,
    /// Drift is looked for, and what the policy says is done.
    Monitor(BatchMonitor),
}

impl BatchWork {
    /// `train`, `forecast` or `monitor`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Train(_) => "train",
            Self::Forecast => "forecast",
            Self::Monitor(_) => "monitor",
        }
    }
}

/// How each child of a batch is trained; see [`TrainChild`] for what is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchChild {
    /// How it comes from the parent.
    pub strategy: Strategy,
    /// Keep only so many bars before the test.
    pub history: Option<usize>,
    /// Test on days that the parent saw, and mark the bundle.
    pub allow_parent_leak: bool,
    /// Epochs, at most.
    pub epochs: Option<usize>,
    /// Seed of weights, order and dropout.
    pub seed: Option<u64>,
    /// First day that is used.
    pub from: Option<NaiveDate>,
    /// Last day that training, validation and calibration may see.
    pub to: Option<NaiveDate>,
    /// Hold each child against its parent and against a network of its own, as [`train_child`](crate::Stockops::train_child) does. That
    /// trains a second network, which takes several times as long as the child, and changes nothing of its forecasts.
    pub compare: bool,
}

impl BatchChild {
    /// The training of `ticker`.
    pub(in crate::service) fn of(&self, ticker: Ticker) -> TrainChild {
        let Self { strategy, history, allow_parent_leak, epochs, seed, from, to, compare } = *self;
        TrainChild { ticker, strategy, history, allow_parent_leak, epochs, seed, from, to, compare }
    }
}

/// What a monitor of a batch may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BatchMonitor {
    /// Train where the policy says so; without it training is recommended and not done.
    pub retrain: bool,
}

/// One of several parts of a list of tickers, such as `3/8`: the third of eight.
///
/// A ticker's part depends on its name and the number of parts alone, so it stays where it is when a list grows or is
/// sorted otherwise. It is the first 16 digits of the SHA-256 of the name, modulo the number of parts, counted from 1.
///
/// # Example
///
/// ```
/// use stockops_core::service::Shard;
///
/// let shard: Shard = "3/8".parse()?;
/// assert_eq!(shard.to_string(), "3/8");
/// assert_eq!(Shard::parts(8).iter().filter(|shard| shard.has(&"GOOG".parse().unwrap())).count(), 1);
/// assert!("0/8".parse::<Shard>().is_err());
/// # Ok::<(), stockops_core::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shard {
    number: u64,
    of: u64,
}

impl Default for Shard {
    /// All of a list.
    fn default() -> Self {
        Self { number: 1, of: 1 }
    }
}

impl Shard {
    /// Part `number`, from 1, of `of`; [`Error::Config`] where there is no such part.
    pub fn new(number: u64, of: u64) -> Result<Self> {
        let is_part = (1..=of).contains(&number);
        check(is_part, "shard", "K/N with K from 1 to N", format!("{number}/{of}"))?;
        Ok(Self { number, of })
    }

    /// All parts of a list that is cut into `of`.
    pub fn parts(of: u64) -> Vec<Self> {
        (1..=of).map(|number| Self { number, of }).collect()
    }

    /// The part that has `ticker` where there are `of`; [`Error::Config`] where there are none.
    pub fn with(ticker: &Ticker, of: u64) -> Result<Self> {
        let whole = Self::new(1, of)?;
        Ok(Self { number: digest(ticker.as_str()) % of + 1, ..whole })
    }

    /// Its number, from 1.
    pub fn number(self) -> u64 {
        self.number
    }

    /// How many parts there are.
    pub fn of(self) -> u64 {
        self.of
    }

    /// Whether `ticker` belongs to it.
    pub fn has(self, ticker: &Ticker) -> bool {
        digest(ticker.as_str()) % self.of == self.number - 1
    }
}

/// A number that stands for `word`: the first 16 digits of its SHA-256.
pub(super) fn digest(word: &str) -> u64 {
    // Sixteen hexadecimal digits always fit in 64 bits.
    u64::from_str_radix(&sha256_hex(word.as_bytes())[..16], 16).unwrap_or_default()
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl FromStr for Shard {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        let numbers = word.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        let rule = "K/N with K from 1 to N";
        let (number, of) = numbers.ok_or_else(|| Error::Config { field: "shard", rule, got: word.into() })?;
        Self::new(number, of)
    }
}

impl TryFrom<String> for Shard {
    type Error = Error;

    fn try_from(word: String) -> Result<Self> {
        word.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tickers(count: usize) -> Vec<Ticker> {
        (0..count).map(|number| Ticker::new(&format!("T{number}")).unwrap()).collect()
    }

    #[test]
    fn shards_part_a_list_and_do_not_move_when_it_grows() {
        let wanted = |count: usize, shard: Shard| {
            let mut list = tickers(count);
            list.reverse();
            BatchRequest { shard, ..BatchRequest::new(BatchWork::Forecast, list) }.wanted()
        };
        let (few, many) = (tickers(100), tickers(1_000));
        for shard in Shard::parts(7) {
            let in_many = wanted(1_000, shard);
            assert!((90..200).contains(&in_many.len()), "{shard} has {}", in_many.len());
            assert!(few.iter().all(|ticker| in_many.contains(ticker) == wanted(100, shard).contains(ticker)));
        }
        let each_once = |ticker: &Ticker| Shard::parts(7).iter().filter(|shard| shard.has(ticker)).count() == 1;
        assert!(many.iter().all(each_once));
        assert!(many.iter().all(|ticker| Shard::with(ticker, 7).unwrap().has(ticker)));
        assert!(Shard::with(&many[0], 0).is_err());
    }

    /// By `printf AMZN | sha256sum` the name of AMZN begins with 31ac18dc22b89690, which is 0 modulo 8.
    #[test]
    fn a_shard_is_the_hash_of_the_name() {
        let of = |word: &str| Shard::parts(8).into_iter().find(|shard| shard.has(&word.parse().unwrap())).unwrap();
        assert_eq!(["AMZN", "GOOG", "MSFT", "^GSPC"].map(|word| of(word).number()), [1, 8, 2, 1]);
    }

    #[test]
    fn a_ticker_that_is_there_twice_counts_once() {
        let list = [tickers(2), tickers(3)].concat();
        assert_eq!(BatchRequest::new(BatchWork::Forecast, list).wanted(), tickers(3));
    }

    #[test]
    fn a_word_that_names_no_part_is_refused() {
        for word in ["0/4", "5/4", "1", "1/", "a/b", "-1/4", "1/0", ""] {
            let text = word.parse::<Shard>().unwrap_err().to_string();
            assert_eq!(text, format!("`shard` must be K/N with K from 1 to N, got {word}"));
        }
    }
}
