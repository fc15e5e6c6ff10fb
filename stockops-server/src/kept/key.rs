//! `Key`: what an answer depends on.

use chrono::NaiveDate;
use stockops_core::Ticker;

/// What kind of answer is kept: the label of its counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A forecast.
    Prediction,
    /// A report of the analysts.
    Analysis,
    /// Risks.
    Risk,
    /// A backtest.
    Backtest,
    /// A chart.
    Chart,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Prediction, Self::Analysis, Self::Risk, Self::Backtest, Self::Chart];

    /// The word of the kind.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prediction => "prediction",
            Self::Analysis => "analysis",
            Self::Risk => "risk",
            Self::Backtest => "backtest",
            Self::Chart => "chart",
        }
    }
}

/// What an answer depends on. A new bar or a new model is another key, so that an answer is never too old for what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The kind of answer.
    pub kind: Kind,
    /// Whose.
    pub ticker: Ticker,
    /// Day of the last bar.
    pub last_bar: NaiveDate,
    /// Version or hash of the model.
    pub model: String,
    /// What else was asked: settings of the request, in one order.
    pub details: String,
}

impl Key {
    /// The key of its parts.
    pub fn new(
        kind: Kind,
        ticker: Ticker,
        last_bar: NaiveDate,
        model: impl Into<String>,
        details: impl Into<String>,
    ) -> Self {
        Self { kind, ticker, last_bar, model: model.into(), details: details.into() }
    }

    /// The key as one text: JSON, so that no part can run into another.
    #[cfg(feature = "redis")]
    pub(super) fn text(&self) -> String {
        serde_json::json!([self.kind.word(), self.ticker.as_str(), self.last_bar, self.model, self.details]).to_string()
    }

    /// The key that a text is of.
    #[cfg(feature = "redis")]
    pub(super) fn read(text: &str) -> Option<Self> {
        let (word, ticker, last_bar, model, details): (String, String, NaiveDate, String, String) =
            serde_json::from_str(text).ok()?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.word() == word)?;
        Some(Self { kind, ticker: Ticker::new(&ticker).ok()?, last_bar, model, details })
    }
}
