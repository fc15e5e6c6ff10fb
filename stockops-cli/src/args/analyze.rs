//! Flags of `analyze`, and of the language model that writes.

use std::path::PathBuf;

use clap::Args as ClapArgs;
use stockops_agents::Language;
use stockops_core::Ticker;

use super::parse;

/// The language model that writes.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Llm {
    /// Address of a language model that speaks the API of OpenAI, such as http://localhost:11434 [default: none, the template writes]
    #[arg(long = "llm", env = "STOCKOPS_LLM_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// Its name there; STOCKOPS_LLM_KEY has its key
    #[arg(long = "llm-model", env = "STOCKOPS_LLM_MODEL", value_name = "NAME")]
    pub(crate) model: Option<String>,
}

/// Of what a report is, and who writes it.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Analyze {
    /// Ticker
    #[arg(value_parser = parse::<Ticker>)]
    pub(crate) ticker: Ticker,
    #[command(flatten)]
    pub(crate) llm: Llm,
    /// Tokens that may be spent [default: 40000]
    #[arg(long, value_name = "N")]
    pub(crate) tokens: Option<u64>,
    /// Money that may be spent, in the currency of STOCKOPS_LLM_PRICE_IN and STOCKOPS_LLM_PRICE_OUT [default: no limit]
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) cost: Option<f64>,
    /// Let the model ask no tools, for models that do none
    #[arg(long)]
    pub(crate) no_tools: bool,
    /// Let the model also say what it thinks of the report, beside its scores; it moves nothing
    #[arg(long)]
    pub(crate) judge: bool,
    /// Hide names and days from the language model, which may know what came after --as-of
    #[arg(long)]
    pub(crate) mask: bool,
    /// Headlines as JSON, asked last [default: Finnhub with FINNHUB_API_KEY, and Yahoo where bars are Yahoo's]
    #[arg(long, env = "STOCKOPS_NEWS_FILE", value_name = "FILE")]
    pub(crate) news: Option<PathBuf>,
    /// Name of the company, such as "Alphabet Inc.", so that question and report may call it so
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// A question beyond the report; one that was asked before is answered from what is kept, and the report says so
    #[arg(long, value_name = "TEXT")]
    pub(crate) question: Option<String>,
    /// Go on with the conversation of this name
    #[arg(long, value_name = "NAME")]
    pub(crate) thread: Option<String>,
    /// Language of the report: two or three letters, such as de [default: en]
    #[arg(long, value_name = "CODE", value_parser = parse::<Language>)]
    pub(crate) language: Option<Language>,
    /// Go round what was answered before
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Remove the kept answer of this id, and do no more
    #[arg(long, value_name = "ID", conflicts_with_all = ["question", "thread", "fresh", "replay", "out"])]
    pub(crate) forget: Option<String>,
    /// Show a run again, or the `latest`, and call nobody
    #[arg(long, value_name = "RUN", conflicts_with_all = ["question", "thread", "fresh", "judge"])]
    pub(crate) replay: Option<String>,
    /// Folder of report.md, report.html, report.json and the charts [default: nothing is written]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}
