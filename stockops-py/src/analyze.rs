//! `analyze`: the analysts' report on bars, written by a language model or by the template.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use pyo3::prelude::*;
use stockops_agents::analyze::{Analysis, Analyst, Settings};
use stockops_agents::cache::{CacheConfig, SemanticCache};
use stockops_agents::graph::Author;
use stockops_agents::llm::{Api, Key, LlmSettings};
use stockops_agents::news::FileNews;
use stockops_agents::{Desk, Error, Kept, Language, Request};
use stockops_core::drift::DriftReport;
use stockops_core::evaluation::Evaluation;
use stockops_core::risk::{RiskQuestion, RiskStatement};
use stockops_core::source::Sourced;
use stockops_core::storage;
use stockops_core::{Bars, Forecast, Stockops, Ticker};
use tokio::runtime::Runtime;

use crate::bars::PyBars;
use crate::chart::Chart;
use crate::error::{raised, to_py};
use crate::json;
use crate::registry::PyModelRegistry;
use crate::words::{Choice, Day};
use crate::work::tried;

/// How long a Ctrl-C may go unseen.
const TICK: Duration = Duration::from_millis(50);

/// The house, and bars that were given by hand.
#[derive(Debug)]
struct Given {
    stockops: Stockops,
    sourced: Arc<Sourced>,
}

impl Desk for Given {
    fn now(&self) -> DateTime<Utc> {
        self.stockops.now()
    }

    fn bars(&self, _: &Ticker) -> stockops_agents::Result<Sourced> {
        Ok((*self.sourced).clone())
    }

    fn forecast(&self, bars: &Bars) -> stockops_agents::Result<Forecast> {
        Desk::forecast(&self.stockops, bars)
    }

    fn preview(&self, bars: &Bars) -> stockops_agents::Result<Forecast> {
        Desk::preview(&self.stockops, bars)
    }

    fn evaluation(&self, bars: &Bars) -> stockops_agents::Result<Evaluation> {
        Desk::evaluation(&self.stockops, bars)
    }

    fn risk(&self, bars: &Bars, question: &RiskQuestion) -> stockops_agents::Result<RiskStatement> {
        Desk::risk(&self.stockops, bars, question)
    }

    fn drift(&self, bars: &Bars) -> stockops_agents::Result<DriftReport> {
        Desk::drift(&self.stockops, bars)
    }
}

/// A report on `bars`: facts first, then a verdict that is computed, then prose in which every number is checked.
///
/// Without a language model the template writes, complete and the same each time. A language model that fails is no error: then the
/// template writes, and the report says so. Ctrl-C, and an exception of `progress`, stop the work and end its calls.
///
/// Args:
///     bars (Bars): whose report.
///     registry (ModelRegistry | None): whose models forecast; in its folder reports and conversations are kept. None takes the parent that ships.
///     name (str | None): the name of the company, such as ``"Alphabet Inc."``, so that question and report may call it so.
///     question (str | None): what is asked beyond a report, such as ``"what would change your mind?"``. With a registry that has a
///         folder, one that was asked before is answered from what is kept there.
///     thread (str | None): the conversation that this goes on with; it needs a registry with a folder.
///     language (str): two or three letters, such as ``"de"``.
///     as_of (datetime.date | str | None): report as of the end of a past day.
///     mask (bool): hide names and days from the language model, which may know what came after `as_of`.
///     fresh (bool): go round what was answered before.
///     news (str | os.PathLike[str] | None): a file of headlines: JSON, JSON lines or CSV. Those that are later than the report are left out.
///     llm (str | None): address of a server that speaks as OpenAI's does, or Ollama; None takes ``STOCKOPS_LLM_URL``, and ``""`` no
///         server at all. ``STOCKOPS_LLM_CONTEXT`` and its like count in both cases.
///     model (str | None): the model's name there; None takes ``STOCKOPS_LLM_MODEL``.
///     key (str | None): the key for it; None takes ``STOCKOPS_LLM_KEY``.
///     api (Literal["openai", "ollama"] | None): how it is spoken to; None takes ``STOCKOPS_LLM_API``, else OpenAI's way.
///     tokens (int | None): tokens that a report may spend, reserved before each call.
///     judge (bool): let the language model also say what it thinks of the report, in ``agent_eval``; it moves nothing.
///     replay (str | None): show the run of this name again, or the ``"latest"``, and call nobody; it needs a registry with a folder.
///     progress (Callable[[dict[str, Any]], object] | None): hears each event: ``sequence``, ``node``, ``kind`` and what belongs to it.
///
/// Returns:
///     AnalystReport: the report.
///
/// Raises:
///     ConfigError: a setting is outside its range, or `llm` is given without a model's name.
///     NotFoundError: no run of the name that is to be shown again is kept.
///     TooShortError: there are too few bars.
///     BusyError: another run has the thread.
///
/// >>> import stockops
/// >>> report = stockops.analyze(stockops.load_bars("MSFT"))
/// >>> report.recommendation in ("BULLISH", "BEARISH", "NEUTRAL"), report.written_by
/// (True, 'template')
#[pyfunction]
#[pyo3(signature = (
    bars, registry = None, *, name = None, question = None, thread = None, language = "en", as_of = None, mask = false, fresh = false, news = None, llm = None,
    model = None, key = None, api = None, tokens = None, judge = false, replay = None, progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords of Python")]
pub(crate) fn analyze(
    py: Python<'_>,
    bars: &PyBars,
    registry: Option<&PyModelRegistry>,
    name: Option<String>,
    question: Option<String>,
    thread: Option<String>,
    language: &str,
    as_of: Option<Day>,
    mask: bool,
    fresh: bool,
    news: Option<PathBuf>,
    llm: Option<String>,
    model: Option<String>,
    key: Option<String>,
    api: Option<Choice<Api>>,
    tokens: Option<u64>,
    judge: bool,
    replay: Option<String>,
    progress: Option<Py<PyAny>>,
) -> PyResult<PyAnalystReport> {
    let analyst = analyst(py, bars, registry, news, server(py, llm, model, key, api)?, tokens, judge)?;
    let ticker = bars.bars().ticker().clone();
    if let Some(run) = replay {
        let again = analyst.replay(&ticker, &run).map_err(in_python)?;
        return heard(py, again, progress).map(PyAnalystReport);
    }
    let language: Language = language.parse().map_err(in_python)?;
    let as_of = as_of.map(|day| day.0);
    let request = Request { ticker, name, question, thread, language, as_of, masked: mask, fresh };
    heard(py, analyst.analyze(request), progress).map(PyAnalystReport)
}

fn server(
    py: Python<'_>,
    llm: Option<String>,
    model: Option<String>,
    key: Option<String>,
    api: Option<Choice<Api>>,
) -> PyResult<Option<LlmSettings>> {
    let is_given = llm.is_some();
    let set = |word: Option<String>, name: &str| {
        word.or_else(|| std::env::var(name).ok()).filter(|word| !word.trim().is_empty())
    };
    let Some(url) = set(llm, "STOCKOPS_LLM_URL") else { return Ok(None) };
    let Some(model) = set(model, "STOCKOPS_LLM_MODEL") else {
        // What nobody gave in this call stops nothing: the template writes.
        let missing = || raised(py, "ConfigError", "`model` must be given with `llm`, got None".into());
        return if is_given { Err(missing()) } else { Ok(None) };
    };
    let variable = |name: &str| match name {
        "STOCKOPS_LLM_URL" => Some(url.clone()),
        "STOCKOPS_LLM_MODEL" => Some(model.clone()),
        _ => std::env::var(name).ok(),
    };
    let Some(mut settings) = LlmSettings::from_variables(variable).map_err(in_python)? else { return Ok(None) };
    settings.key = key.map(Key::new).or(settings.key);
    settings.api = api.map_or(settings.api, |api| api.0);
    Ok(Some(settings))
}

fn analyst(
    py: Python<'_>,
    bars: &PyBars,
    registry: Option<&PyModelRegistry>,
    news: Option<PathBuf>,
    llm: Option<LlmSettings>,
    tokens: Option<u64>,
    judge: bool,
) -> PyResult<Analyst> {
    let (stockops, home) = match registry {
        Some(registry) => (registry.stockops.clone(), registry.home.clone()),
        None => (tried(py, || Stockops::builder().build())?, None),
    };
    let desk = Given { stockops, sourced: Arc::clone(&bars.inner) };
    let settings = Settings::default();
    let settings = Settings {
        tokens: tokens.unwrap_or(settings.tokens),
        prices: llm.as_ref().and_then(|llm| llm.prices),
        judge,
        ..settings
    };
    let mut builder = Analyst::builder(desk).bars_from("the caller").settings(settings);
    if let Some(llm) = llm {
        builder = builder.model(llm.connect().map_err(in_python)?);
    }
    if let Some(file) = news {
        builder = builder.news(Arc::new(FileNews::new(&file)));
    }
    if let Some(home) = home {
        let cache = SemanticCache::of_home(&home, CacheConfig::default(), |name| std::env::var(name).ok());
        builder = builder.cache(cache.map_err(in_python)?).storage(tried(py, || storage::open(home))?);
    }
    builder.build().map_err(in_python)
}

/// Go on to the end, and tell events meanwhile. To leave early drops the work where it is.
fn heard(py: Python<'_>, analysis: Analysis, progress: Option<Py<PyAny>>) -> PyResult<Kept> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let kept = followed(py, &runtime, analysis, progress);
    // What reads bars on a thread of its own may go on; nobody waits for it, whether the run ended or was left.
    runtime.shutdown_background();
    kept
}

fn followed(py: Python<'_>, runtime: &Runtime, mut analysis: Analysis, progress: Option<Py<PyAny>>) -> PyResult<Kept> {
    loop {
        let told = py.detach(|| runtime.block_on(async { tokio::time::timeout(TICK, analysis.next_event()).await }));
        match (told, &progress) {
            (Ok(None), _) => return py.detach(|| runtime.block_on(analysis.finish())).map_err(in_python),
            (Ok(Some(event)), Some(progress)) => drop(progress.call1(py, (json::value(py, &event)?,))?),
            _ => {}
        }
        py.check_signals()?;
    }
}

/// An error of the analysts as an exception.
fn in_python(error: Error) -> PyErr {
    match error {
        Error::Core(error) => to_py(error),
        Error::Config { field: "storage", .. } => {
            let text = "`registry` must be one with a folder, where conversations are kept, got none";
            Python::attach(|py| raised(py, "ConfigError", text.into()))
        }
        Error::Config { .. } => Python::attach(|py| raised(py, "ConfigError", error.to_string())),
        other => Python::attach(|py| raised(py, "StockopsError", other.to_string())),
    }
}

/// A report of the analysts. In a notebook it shows itself.
///
/// >>> import stockops
/// >>> report = stockops.analyze(stockops.load_bars("MSFT"))
/// >>> report.fact("last_close")["value"]["value"] == report.last_price
/// True
#[pyclass(name = "AnalystReport", module = "stockops", frozen)]
#[derive(Debug)]
pub(crate) struct PyAnalystReport(Kept);

#[pymethods]
impl PyAnalystReport {
    /// str: whose report.
    #[getter]
    fn ticker(&self) -> String {
        self.0.report.ticker.to_string()
    }

    /// str: ``BULLISH``, ``BEARISH`` or ``NEUTRAL``.
    #[getter]
    fn recommendation(&self, py: Python<'_>) -> PyResult<String> {
        json::value(py, &self.0.report.recommendation)?.extract()
    }

    /// str: ``Buy``, ``Sell`` or ``Hold``.
    #[getter]
    fn action(&self, py: Python<'_>) -> PyResult<String> {
        json::value(py, &self.0.report.action)?.extract()
    }

    /// str: ``High``, ``Medium`` or ``Low``, from skill and interval.
    #[getter]
    fn confidence(&self, py: Python<'_>) -> PyResult<String> {
        json::value(py, &self.0.report.confidence)?.extract()
    }

    /// float: the last close.
    #[getter]
    fn last_price(&self) -> f64 {
        self.0.report.last_price
    }

    /// str: two or three sentences that say it all.
    #[getter]
    fn summary(&self) -> &str {
        &self.0.report.summary
    }

    /// str: the report in Markdown.
    #[getter]
    fn final_report(&self) -> &str {
        &self.0.report.final_report
    }

    /// str | None: the answer to the question that was asked.
    #[getter]
    fn answer(&self) -> Option<&str> {
        self.0.report.answer.as_deref()
    }

    /// str: who wrote the prose: ``template``, or the name of the model.
    #[getter]
    fn written_by(&self) -> &str {
        match &self.0.report.written_by {
            Author::Model { name } => name,
            Author::Template { .. } => "template",
        }
    }

    /// list[str]: what went otherwise than it should.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.0.report.warnings.clone()
    }

    /// dict[str, Chart]: charts by file name.
    #[getter]
    fn charts(&self) -> std::collections::BTreeMap<String, Chart> {
        self.0.charts.iter().map(|(name, svg)| (name.clone(), Chart(svg.clone()))).collect()
    }

    /// A fact by its id: its value, unit, words, source, window and time of fetch.
    ///
    /// Args:
    ///     id (str): such as ``last_close``.
    ///
    /// Returns:
    ///     dict[str, Any]: the fact.
    ///
    /// Raises:
    ///     NotFoundError: there is none.
    fn fact<'py>(&self, py: Python<'py>, id: &str) -> PyResult<Bound<'py, PyAny>> {
        let missing =
            || raised(py, "NotFoundError", format!("no fact named {id}; `to_dict()[\"facts\"]` has them all"));
        json::value(py, self.0.report.fact(id).ok_or_else(missing)?)
    }

    /// The report as the command's JSON: the contract's keys, and beside them facts, numbers and costs.
    ///
    /// Returns:
    ///     dict[str, Any]: the report.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.0.report)
    }

    /// The report as a page that needs nothing from elsewhere, charts among it.
    ///
    /// Returns:
    ///     str: HTML.
    fn to_html(&self) -> String {
        self.0.report.page(&self.0.charts)
    }

    /// Returns:
    ///     str: HTML.
    fn _repr_html_(&self) -> String {
        let charts: String = self.0.charts.iter().map(|(_, svg)| svg.as_str()).collect();
        stockops_core::report::html(&self.0.report.final_report) + &charts
    }

    fn __repr__(&self) -> String {
        let report = &self.0.report;
        format!(
            "AnalystReport({}, {:?}, {:?} confidence, {})",
            report.ticker, report.recommendation, report.confidence, report.as_of
        )
    }
}
