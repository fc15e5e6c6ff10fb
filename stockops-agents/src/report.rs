//! `AnalystReport`: the report with the contract's keys, and beside them what shows that it is true.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use stockops_core::Ticker;
use stockops_core::forecast::{Predictions, Stance};
use stockops_core::report::{Charts, page};

use crate::analysts::market_expert::Sentiment;
use crate::analysts::performance_analyst::Signal;
use crate::evaluation::AgentEval;
use crate::facts::Fact;
use crate::graph::{Author, Spent};
use crate::language::Language;
use crate::llm::{self, Prices, Usage};
use crate::news::Headline;
use crate::prose::Rejection;
use crate::slots::Number;
use crate::verdict::{Action, Confidence, ReasonCode};

/// What one of the desk has said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Said {
    /// Who: the name of the node.
    pub by: String,
    /// What.
    pub text: String,
}

/// Tokens and money of a run.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Cost {
    /// Tokens of all calls.
    pub tokens: Usage,
    /// Calls that reached the model, those that failed too.
    pub calls: usize,
    /// Those of them of which nobody said what they cost: they count with all that was reserved.
    #[serde(default)]
    pub uncounted: usize,
    /// Tokens by node.
    pub by_node: BTreeMap<String, Usage>,
    /// In the currency of the price that was named; none where none was.
    pub money: Option<f64>,
}

/// An answer that was given before, to a question that asked the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeptAnswer {
    /// Its id, by which it can be removed.
    pub id: String,
    /// The question that it was given to.
    pub question: String,
    /// Cosine of the two questions.
    pub similarity: f32,
    /// Its age.
    pub seconds_old: u64,
    /// The run that wrote it.
    pub run: String,
}

/// What the analysts report.
///
/// The first eight keys are the contract's. [`facts`](Self::facts) has each value with where it comes from, and
/// [`numbers`](Self::numbers) says which fact each number of the text is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AnalystReport {
    /// What each of the desk has said, in order.
    pub messages: Vec<Said>,
    /// Whose report.
    pub ticker: Ticker,
    /// The forecast in the three cuts of the contract.
    pub predictions: Predictions,
    /// What the headlines are about.
    pub news_sentiment: String,
    /// Two or three sentences that say it all.
    pub summary: String,
    /// The report in Markdown.
    pub final_report: String,
    /// `BULLISH`, `BEARISH` or `NEUTRAL`.
    pub recommendation: Stance,
    /// `High`, `Medium` or `Low`.
    pub confidence: Confidence,
    /// The last close.
    pub last_price: f64,
    /// `Buy`, `Sell` or `Hold`.
    pub action: Action,
    /// Why, in the order of weight.
    pub reasons: Vec<ReasonCode>,
    /// Id of the run.
    pub run: String,
    /// The thread that it belongs to.
    pub thread: Option<String>,
    /// What was asked beyond a report.
    pub question: Option<String>,
    /// The answer to it.
    pub answer: Option<String>,
    /// The language that was asked for.
    pub language: Language,
    /// The version that forecasts.
    pub model_version: Option<String>,
    /// Last day of the bars.
    pub as_of: NaiveDate,
    /// What came out later is not in it.
    pub decided: DateTime<Utc>,
    /// When it was written.
    pub written: DateTime<Utc>,
    /// Whether it is of a past day: then a model may know what came after, and it is kept out of calibration.
    pub replayed: bool,
    /// Who wrote the prose.
    pub written_by: Author,
    /// Version of the prompts.
    pub prompt_version: u32,
    /// Where the performance analyst saw the price go.
    pub signal: Option<Signal>,
    /// How the market expert heard the headlines.
    pub sentiment: Option<Sentiment>,
    /// Drafts that were sent back.
    pub rejected: Vec<Rejection>,
    /// All facts, those that the text does not say as well.
    pub facts: Vec<Fact>,
    /// Which fact each number of the text is.
    pub numbers: Vec<Number>,
    /// News before the decision.
    pub headlines: Vec<Headline>,
    /// What went otherwise than it should.
    pub warnings: Vec<String>,
    /// What tokens were spent.
    pub cost: Cost,
    /// Whether the report is worth reading; none in reports of earlier versions.
    #[serde(default)]
    pub agent_eval: Option<AgentEval>,
    /// The answer that this is, where it was kept and not written anew.
    #[serde(default)]
    pub kept_answer: Option<KeptAnswer>,
}

impl AnalystReport {
    /// The fact of this id.
    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.facts.iter().find(|fact| fact.id == id)
    }

    /// The report as a page that needs nothing from elsewhere.
    pub fn page(&self, charts: &Charts) -> String {
        page(self.ticker.as_str(), &self.final_report, charts)
    }
}

impl Cost {
    /// What `spent` has cost at `prices`.
    pub fn of(spent: &[Spent], prices: Option<Prices>) -> Self {
        let mut cost = Self { money: prices.map(|_| 0.0), ..Self::default() };
        for Spent { node, cost: own } in spent {
            cost.add(node, *own, prices);
        }
        cost
    }

    /// Count what `node` has cost too.
    pub(crate) fn add(&mut self, node: &str, cost: llm::Cost, prices: Option<Prices>) {
        let llm::Cost { calls, uncounted, usage, .. } = cost;
        self.calls += calls as usize;
        self.uncounted += uncounted as usize;
        for sum in [&mut self.tokens, self.by_node.entry(node.to_owned()).or_default()] {
            sum.prompt += usage.prompt;
            sum.answer += usage.answer;
        }
        self.money = prices.map(|prices| prices.millionths(self.tokens) as f64 / 1e6);
    }
}
