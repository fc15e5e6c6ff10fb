//! `backtest`: a walk over days that no model saw when it was trained, and an ablation of transfer.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pyo3::prelude::*;
use stockops_core::pipeline::{AblationConfig, Backtest, BacktestConfig, ParentChoice, backtest as walk, find_parent};
use stockops_core::report::{BacktestReport, html};
use stockops_core::service::backtest_scores;
use stockops_core::training::Watch;
use stockops_core::{Device, MemoryRegistry, Strategy};

use crate::bars::{PyBars, series};
use crate::chart::Chart;
use crate::error::{raised, to_py};
use crate::forecaster::PyForecaster;
use crate::json;
use crate::tracker::PyTracker;
use crate::words::{Word, or_default};
use crate::work::watched;

/// Judge children of `bars` on the last 40 % of its days, fold by fold, each trained on days before its fold alone.
///
/// What is None is the library's own: 4 folds, trained anew for each, strategy ``"freeze"``, seed 42, one seed.
///
/// Args:
///     bars (Bars): long enough for 60 judged days.
///     parent (Forecaster | None): where children come from, for folds of which it saw no day; None for the one that ships
///         with the package.
///     index (Bars | Sequence[Bars] | None): bars to train a parent from, for folds of which the known one saw too much.
///     strategy (Literal["freeze", "fine-tune", "zero-shot", "scratch"] | None): how a child comes from its parent.
///     n_folds (int | None): stretches of days that are judged one after the other.
///     refit (bool | None): train anew before each fold, or once before the first.
///     history (int | None): sessions before each fold that a child may see; None for all.
///     n_epochs (int | None): of a child, at most.
///     n_seeds (int | None): how often all is done, with one seed more each time.
///     random_state (int | None): the first seed.
///     ablation (bool): hold strategies and lengths of history side by side on the same days; takes many times as long.
///     strategies (Sequence[str] | None): those of the ablation; None for all four.
///     histories (Sequence[int] | None): those of the ablation, beside all sessions; None for 100, 150, 250, 500 and 1000.
///     errors (bool): keep the error of each forecast, and of each rule, for ``to_frame("errors")``.
///     device (str | None): where to compute; ``"cpu"``.
///     progress (bool | Callable[[Progress], object] | None): True for a bar by tqdm where it is installed, or what events
///         go to.
///     tracker (Tracker | None): where it is kept as a run.
///
/// Returns:
///     Backtest: scores by field and horizon, and what a reader has to know.
///
/// Raises:
///     TooShortError: too few days to judge.
///     LeakError: no parent may be used.
///     ConfigError: a setting outside its range.
///     KeyboardInterrupt: Ctrl-C, within a batch.
///
/// >>> import stockops
/// >>> stockops.backtest(stockops.load_bars("MSFT").tail(300), strategy="zero-shot", n_folds=2)
/// Backtest('MSFT', zero-shot, 2 folds, 116 forecasts of 2020-10-08 to 2021-03-31)
#[pyfunction]
#[pyo3(signature = (
    bars, *, parent = None, index = None, strategy = None, n_folds = None, refit = None, history = None, n_epochs = None,
    n_seeds = None, random_state = None, ablation = false, strategies = None, histories = None, errors = false,
    device = None, progress = None, tracker = None,
))]
#[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
pub(crate) fn backtest(
    py: Python<'_>,
    bars: &PyBars,
    parent: Option<&PyForecaster>,
    index: Option<&Bound<'_, PyAny>>,
    strategy: Option<Word<Strategy>>,
    n_folds: Option<usize>,
    refit: Option<bool>,
    history: Option<usize>,
    n_epochs: Option<usize>,
    n_seeds: Option<usize>,
    random_state: Option<u64>,
    ablation: bool,
    strategies: Option<Vec<Word<Strategy>>>,
    histories: Option<Vec<usize>>,
    errors: bool,
    device: Option<Word<Device>>,
    progress: Option<&Bound<'_, PyAny>>,
    tracker: Option<&PyTracker>,
) -> PyResult<PyBacktest> {
    let (default, device) = (BacktestConfig::default(), or_default(device));
    if !ablation && (strategies.is_some() || histories.is_some()) {
        let text = "`strategies` and `histories` are those of an ablation; pass ablation=True";
        return Err(raised(py, "ConfigError", text.into()));
    }
    let arms = AblationConfig::default();
    let words = |words: Vec<Word<Strategy>>| words.into_iter().map(|word| word.0).collect();
    let arms = AblationConfig {
        strategies: strategies.map_or(arms.strategies, words),
        histories: histories.unwrap_or(arms.histories),
    };
    let config = BacktestConfig {
        strategy: strategy.map_or(default.strategy, |word| word.0),
        folds: n_folds.unwrap_or(default.folds),
        refit: refit.unwrap_or(default.refit),
        history,
        epochs: n_epochs,
        seed: random_state.unwrap_or(default.seed),
        seeds: n_seeds.unwrap_or(default.seeds),
        ablation: ablation.then_some(arms),
        errors,
        device,
        ..default
    };
    let series = index.map(series).transpose()?.unwrap_or_default();
    let parent = parent.map(PyForecaster::as_parent);
    let known = parent.map_or_else(|| find_parent(&MemoryRegistry::new(), device), Ok).map_err(to_py)?;
    let choice = ParentChoice { known: Some(known), series };
    let tracker = tracker.map(|tracker| &tracker.stockops);
    let bars = bars.bars();
    let work = |watch: &mut Watch<'_>| {
        let mut walk = || walk(bars, &choice, &config, watch);
        match tracker {
            Some(tracker) => tracker.track_analysis("backtest", bars, backtest_scores, walk),
            None => walk(),
        }
    };
    watched(py, progress, work).map(PyBacktest)
}

/// What a walk over the past says about a model. Made by :func:`backtest`.
///
/// >>> import stockops
/// >>> walked = stockops.backtest(stockops.load_bars("MSFT").tail(300), strategy="zero-shot", n_folds=2)
/// >>> walked.to_frame("folds")["forecasts"].sum()
/// np.int64(116)
#[pyclass(name = "Backtest", module = "stockops", frozen, eq)]
#[derive(Debug, PartialEq)]
pub(crate) struct PyBacktest(Backtest);

#[pymethods]
impl PyBacktest {
    /// str: whose.
    #[getter]
    fn ticker(&self) -> &str {
        self.0.ticker.as_str()
    }

    /// datetime.date: first day that was forecast.
    #[getter]
    fn first_day(&self) -> NaiveDate {
        self.0.first_day
    }

    /// datetime.date: last day that was forecast.
    #[getter]
    fn last_day(&self) -> NaiveDate {
        self.0.last_day
    }

    /// list[str]: what a reader has to know.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.0.notes.clone()
    }

    /// dict[str, Chart]: ``skill.svg``, ``coverage.svg``, and ``ablation.svg`` where there is one.
    #[getter]
    fn charts(&self) -> BTreeMap<String, Chart> {
        self.0.charts().into_iter().map(|(name, svg)| (name, Chart(svg))).collect()
    }

    /// All of it in the fields and names of the command ``stockops backtest --json``.
    ///
    /// Returns:
    ///     dict[str, Any]: ready for JSON.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.0)
    }

    /// The scores as a frame: one row for each field and horizon.
    ///
    /// Args:
    ///     table (Literal["fields", "folds", "seeds", "ablation", "errors"]): ``fields`` are the scores over all folds; ``seeds`` and
    ///         ``ablation`` are scores too, with columns seed, or strategy and history, before them; ``folds`` says what was
    ///         judged when; ``errors`` has a row a forecast, with a column for each rule.
    ///     backend (Literal["pandas", "polars", "pyarrow"]): which library; it must be installed.
    ///
    /// Returns:
    ///     Any: a frame of that library; no row where there is no such table.
    ///
    /// Raises:
    ///     ConfigError: another word.
    #[pyo3(signature = (table = "fields", *, backend = "pandas"))]
    fn to_frame<'py>(&self, py: Python<'py>, table: &str, backend: &str) -> PyResult<Bound<'py, PyAny>> {
        py.import("stockops._frames")?.getattr("backtest")?.call1((self.to_dict(py)?, table, backend))
    }

    /// A chart of it.
    ///
    /// Args:
    ///     kind (Literal["skill", "coverage", "ablation"]): which.
    ///
    /// Returns:
    ///     Chart: SVG.
    ///
    /// Raises:
    ///     NotFoundError: there is no such chart.
    #[pyo3(signature = (kind = "skill"))]
    fn plot(&self, kind: &str) -> PyResult<Chart> {
        let charts = self.charts();
        charts.get(&format!("{kind}.svg")).cloned().ok_or_else(|| {
            let hint = format!(
                "there are {}",
                charts.keys().map(|name| &name[..name.len() - 4]).collect::<Vec<_>>().join(", ")
            );
            to_py(stockops_core::Error::NotFound { kind: "chart", name: kind.chars().take(40).collect(), hint })
        })
    }

    fn __repr__(&self) -> String {
        let Backtest { ticker, strategy, folds, first_day, last_day, forecasts, .. } = &self.0;
        let folds = folds.len();
        let plural = if folds == 1 { "" } else { "s" };
        format!(
            "Backtest('{ticker}', {strategy}, {folds} fold{plural}, {forecasts} forecasts of {first_day} to {last_day})"
        )
    }

    /// Returns:
    ///     str: charts, scores, notes.
    fn _repr_html_(&self) -> String {
        let charts: String = self.0.charts().into_iter().map(|(_, svg)| svg).collect();
        format!("{charts}{}", html(&BacktestReport(&self.0).markdown()))
    }
}
