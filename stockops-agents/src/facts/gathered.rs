//! `Gathered`: everything that was asked of the house, and the way back from a fact to it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::Value as Json;
use stockops_core::Forecast;
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::risk::RiskStatement;
use stockops_core::source::Sourced;

use super::computed::Computed;
use super::{Company, Fact, Facts, Moment, Origin, ahead, drifted, judged, market, names, risks};
use crate::news::Headline;

/// What a table of facts is made from.
#[derive(Debug, Clone)]
pub struct Gathered<'a> {
    /// Who.
    pub company: &'a Company,
    /// When.
    pub moment: Moment,
    /// Where the bars come from, such as `yahoo` or `builtin`.
    pub source: &'a str,
    /// When bars and documents were fetched or made.
    pub fetched: DateTime<Utc>,
    /// Bars up to [`Moment::last_bar`].
    pub bars: &'a Sourced,
    /// The sessions after them.
    pub forecast: &'a Forecast,
    /// What the version that forecasts did on held-out days.
    pub evaluation: &'a Evaluation,
    /// What may be lost and reached; none where nothing was calibrated.
    pub risk: Option<&'a RiskStatement>,
    /// Whether market and model are as they were.
    pub drift: &'a DriftReport,
    /// News before the decision, newest first.
    pub headlines: &'a [Headline],
}

/// A document of the house, as an [`Origin`] names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    Forecast,
    Evaluation,
    Risk,
    Drift,
}

impl Document {
    const ALL: [Self; 4] = [Self::Forecast, Self::Evaluation, Self::Risk, Self::Drift];

    fn word(self) -> &'static str {
        match self {
            Self::Forecast => "forecast",
            Self::Evaluation => "evaluation",
            Self::Risk => "risk",
            Self::Drift => "drift report",
        }
    }
}

impl Facts {
    /// The table of what was `gathered`: who, the market, the forecast, its skill, the risk, the drift, in this order.
    ///
    /// What is not known, such as a return over 250 sessions of a shorter history, has no fact.
    pub fn of(gathered: &Gathered<'_>) -> Self {
        let makers = [names::facts, market::facts, ahead::facts, judged::facts, risks::facts, drifted::facts];
        let facts = makers.iter().flat_map(|make| make(gathered)).collect();
        Self {
            company: gathered.company.clone(),
            moment: gathered.moment,
            model_version: gathered.forecast.model_version.clone(),
            facts,
            headlines: gathered.headlines.to_vec(),
            notes: gathered.forecast.notes.clone(),
        }
    }
}

impl Gathered<'_> {
    /// The number that the origin of `fact` leads to; none for a word, a day, and an origin that leads nowhere.
    ///
    /// Of bars it is computed anew over the window; in a document it is read at the path.
    pub fn follow(&self, fact: &Fact) -> Option<f64> {
        let origin = &fact.origin;
        if origin.source == self.bars_source() {
            let [from, to] = origin.window?;
            let bars = self.bars.bars.between(Some(from), Some(to));
            return origin.path.parse::<Computed>().ok()?.over(bars.as_slice());
        }
        let document = Document::ALL.into_iter().find(|document| origin.source == self.document_source(*document))?;
        let (pointer, change) = origin.path.split_once(' ').unwrap_or((&origin.path, ""));
        let value = self.json(document).pointer(pointer)?.as_f64()?;
        match change {
            "" => Some(value),
            "exp - 1" => Some(value.exp() - 1.0),
            "/ last close - 1" => Some(value / self.forecast.last_price - 1.0),
            _ => None,
        }
    }

    /// Where a number of the bars comes from.
    pub(super) fn from_bars(&self, window: [NaiveDate; 2], computed: &Computed) -> Origin {
        Origin { source: self.bars_source(), window: Some(window), fetched: self.fetched, path: computed.to_string() }
    }

    /// Where a number of a document comes from, and what it was made from.
    pub(super) fn from_document(&self, document: Document, path: impl Into<String>) -> Origin {
        let bars = &self.bars.bars;
        let all = bars.first_day().zip(bars.last_day()).map(|(first, last)| [first, last]);
        let judged = self.evaluation.first_day.zip(self.evaluation.last_day).map(|(first, last)| [first, last]);
        let window = if document == Document::Evaluation { judged } else { all };
        Origin { source: self.document_source(document), window, fetched: self.fetched, path: path.into() }
    }

    fn bars_source(&self) -> String {
        format!("bars of {}", self.source)
    }

    fn document_source(&self, document: Document) -> String {
        let version = self.forecast.model_version.as_deref().unwrap_or("a forecaster without a version");
        format!("{} of {version}", document.word())
    }

    fn json(&self, document: Document) -> Json {
        fn of(value: &impl Serialize) -> Json {
            serde_json::to_value(value).unwrap_or_default()
        }
        match document {
            Document::Forecast => of(self.forecast),
            Document::Evaluation => of(self.evaluation),
            Document::Risk => self.risk.map(of).unwrap_or_default(),
            Document::Drift => of(self.drift),
        }
    }
}
