//! `Risk`, `Portfolio` and `PortfolioRisk`: what may be lost and reached.

use std::collections::BTreeMap;
use std::path::PathBuf;

use numpy::PyArray1;
use pyo3::prelude::*;
use stockops_core::Forecast;
use stockops_core::forecast::Horizon;
use stockops_core::report::risk_svg;
use stockops_core::risk::{Event, Holding, Portfolio, PortfolioRisk, Position, Risk, RiskQuestion, RiskStatement};

use crate::chart::Chart;
use crate::error::{raised, to_py};
use crate::forecast::PyForecast;
use crate::json;
use crate::work::{detached, tried};

/// What may be lost and reached with one ticker. Made by :meth:`Forecast.risk`.
///
/// It is counted over possible paths, each as likely as the others, so it is exact and the same each time. Losses are shares of
/// the last close: above 0 something is lost.
///
/// >>> import stockops
/// >>> forecast = stockops.shipped_parent().predict(stockops.load_bars("^GSPC"))
/// >>> risk = forecast.risk()
/// >>> risk
/// Risk('^GSPC', 5 sessions, 1000 paths)
/// >>> risk.value_at_risk(0.99, horizon=5) > risk.value_at_risk(0.95, horizon=5)
/// True
#[pyclass(name = "Risk", module = "stockops", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyRisk {
    forecast: Forecast,
    risk: Risk,
}

impl PyRisk {
    pub(crate) fn of(py: Python<'_>, forecast: &Forecast) -> PyResult<Self> {
        Ok(Self { forecast: forecast.clone(), risk: tried(py, || forecast.risk())? })
    }
}

/// What may happen, of which exactly one is to be named.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Chances {
    pub(crate) close_above: Option<f64>,
    pub(crate) close_below: Option<f64>,
    pub(crate) touch: Option<f64>,
    pub(crate) wider: Option<f64>,
    pub(crate) any_wider: Option<f64>,
}

impl Chances {
    fn event(self, py: Python<'_>) -> PyResult<Event> {
        let named = [
            self.close_above.map(Event::CloseAbove),
            self.close_below.map(Event::CloseBelow),
            self.touch.map(Event::Touch),
            self.wider.map(Event::Wider),
            self.any_wider.map(Event::AnyWider),
        ];
        match named.into_iter().flatten().collect::<Vec<_>>()[..] {
            [event] => Ok(event),
            _ => {
                let text = "name exactly one of `close_above`, `close_below`, `touch`, `wider` and `any_wider`";
                Err(raised(py, "ConfigError", text.into()))
            }
        }
    }

    /// How likely it is.
    pub(crate) fn of(self, py: Python<'_>, risk: &PyRisk, horizon: usize) -> PyResult<f64> {
        risk.risk.probability(self.event(py)?, ahead(horizon)?).map_err(to_py)
    }
}

fn ahead(horizon: usize) -> PyResult<Horizon> {
    Horizon::new(horizon).map_err(to_py)
}

#[pymethods]
impl PyRisk {
    /// str: whose.
    #[getter]
    fn ticker(&self) -> &str {
        self.forecast.ticker.as_str()
    }

    /// int: paths that it is counted over.
    #[getter]
    fn paths(&self) -> usize {
        self.risk.paths()
    }

    /// The loss that is not exceeded with probability `level`.
    ///
    /// Args:
    ///     level (float): such as 0.99.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: a share of the last close; below 0 where even then something is won.
    ///
    /// Raises:
    ///     ConfigError: a level outside of 0 to 1, or a horizon beyond the forecast.
    ///     TooShortError: too few past errors for the level.
    #[pyo3(signature = (level = 0.99, *, horizon = 1))]
    pub(crate) fn value_at_risk(&self, level: f64, horizon: usize) -> PyResult<f64> {
        self.risk.value_at_risk(level, ahead(horizon)?).map_err(to_py)
    }

    /// The mean loss of the worst ``1 - level`` of cases.
    ///
    /// Args:
    ///     level (float): such as 0.99.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: a share of the last close, never below :meth:`value_at_risk`.
    ///
    /// Raises:
    ///     ConfigError: a level outside of 0 to 1, or a horizon beyond the forecast.
    ///     TooShortError: too few past errors for the level.
    #[pyo3(signature = (level = 0.99, *, horizon = 1))]
    pub(crate) fn expected_shortfall(&self, level: f64, horizon: usize) -> PyResult<f64> {
        self.risk.expected_shortfall(level, ahead(horizon)?).map_err(to_py)
    }

    /// How likely something is until the end of a session; exactly one event is to be named.
    ///
    /// Args:
    ///     close_above (float | None): the session closes above this price.
    ///     close_below (float | None): the session closes below this price.
    ///     touch (float | None): this price is traded at on the way.
    ///     wider (float | None): the session is wider than this from low to high, with 0.03 for 3 %.
    ///     any_wider (float | None): some session on the way is.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: from 0 to 1.
    ///
    /// Raises:
    ///     ConfigError: none or several are named, a price not above 0, or a horizon beyond the forecast.
    #[pyo3(signature = (*, close_above = None, close_below = None, touch = None, wider = None, any_wider = None, horizon = 1))]
    #[expect(clippy::too_many_arguments, reason = "keyword-only options of Python")]
    fn probability(
        &self,
        py: Python<'_>,
        close_above: Option<f64>,
        close_below: Option<f64>,
        touch: Option<f64>,
        wider: Option<f64>,
        any_wider: Option<f64>,
        horizon: usize,
    ) -> PyResult<f64> {
        Chances { close_above, close_below, touch, wider, any_wider }.of(py, self, horizon)
    }

    /// Mean of the highest price until a session.
    ///
    /// Args:
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: a price.
    ///
    /// Raises:
    ///     ConfigError: a horizon beyond the forecast.
    #[pyo3(signature = (horizon = 1))]
    fn expected_high(&self, horizon: usize) -> PyResult<f64> {
        self.risk.expected_high(ahead(horizon)?).map_err(to_py)
    }

    /// Mean of the lowest price until a session.
    ///
    /// Args:
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: a price.
    ///
    /// Raises:
    ///     ConfigError: a horizon beyond the forecast.
    #[pyo3(signature = (horizon = 1))]
    fn expected_low(&self, horizon: usize) -> PyResult<f64> {
        self.risk.expected_low(ahead(horizon)?).map_err(to_py)
    }

    /// All possible losses at the close of a session.
    ///
    /// Args:
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     numpy.typing.NDArray[numpy.float64]: shares of the last close, the largest first.
    ///
    /// Raises:
    ///     ConfigError: a horizon beyond the forecast.
    #[pyo3(signature = (horizon = 1))]
    fn losses<'py>(&self, py: Python<'py>, horizon: usize) -> PyResult<Bound<'py, PyArray1<f64>>> {
        let losses = self.risk.losses(ahead(horizon)?).map_err(to_py)?;
        Ok(PyArray1::from_slice(py, losses.sorted()))
    }

    /// All of it in the fields and names of the command ``stockops risk --json``, without the skill.
    ///
    /// Args:
    ///     levels (Sequence[float] | None): prices; None for 2 and 5 % on either side of the last close.
    ///     widths (Sequence[float] | None): widths of a day; None for 0.02, 0.03 and 0.05.
    ///
    /// Returns:
    ///     dict[str, Any]: ready for JSON.
    ///
    /// Raises:
    ///     ConfigError: a price not above 0, or a width below 0.
    #[pyo3(signature = (levels = None, widths = None))]
    fn to_dict<'py>(
        &self,
        py: Python<'py>,
        levels: Option<Vec<f64>>,
        widths: Option<Vec<f64>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        json::value(py, &self.stated(levels, widths)?)
    }

    /// Losses and levels as a chart.
    ///
    /// Args:
    ///     levels (Sequence[float] | None): prices; None for 2 and 5 % on either side of the last close.
    ///
    /// Returns:
    ///     Chart: SVG.
    ///
    /// Raises:
    ///     ConfigError: a price not above 0.
    #[pyo3(signature = (levels = None))]
    fn plot(&self, py: Python<'_>, levels: Option<Vec<f64>>) -> PyResult<Chart> {
        let stated = self.stated(levels, None)?;
        Ok(Chart(detached(py, || risk_svg(&stated))))
    }

    fn __repr__(&self) -> String {
        format!("Risk('{}', {} sessions, {} paths)", self.ticker(), self.risk.sessions(), self.paths())
    }
}

impl PyRisk {
    fn stated(&self, levels: Option<Vec<f64>>, widths: Option<Vec<f64>>) -> PyResult<RiskStatement> {
        let default = RiskQuestion::default();
        let levels = levels.unwrap_or(default.levels);
        let question = RiskQuestion { levels, widths: widths.unwrap_or(default.widths), horizon: None };
        RiskStatement::of(&self.forecast, &question, BTreeMap::new()).map_err(to_py)
    }
}

/// Tickers and how much of each is held, from the last close on; below 0 sold short.
///
/// Args:
///     positions (Mapping[str, float]): ticker to amount.
///     holding (Literal["weight", "shares"]): what the amounts count: shares of the capital, or pieces.
///
/// Raises:
///     ConfigError: no position, a ticker twice, or an amount that is no finite number.
///
/// >>> import stockops
/// >>> portfolio = stockops.Portfolio({"MSFT": 0.6, "AMZN": -0.2})
/// >>> portfolio
/// Portfolio(2 positions by weight)
/// >>> parent = stockops.shipped_parent()
/// >>> same = {"end": "2020-07-31"}  # bars of a portfolio end together
/// >>> forecasts = [parent.predict(stockops.load_bars(ticker).between(**same)) for ticker in portfolio.positions]
/// >>> risk = portfolio.risk(forecasts)
/// >>> bool(abs(sum(risk.contributions(0.95).values()) - risk.expected_shortfall(0.95)) < 1e-12)
/// True
#[pyclass(name = "Portfolio", module = "stockops", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyPortfolio(Portfolio);

#[pymethods]
impl PyPortfolio {
    #[new]
    #[pyo3(signature = (positions, *, holding = "weight"))]
    fn new(py: Python<'_>, positions: &Bound<'_, PyAny>, holding: &str) -> PyResult<Self> {
        let holding = match holding {
            "weight" => Holding::Weight,
            "shares" => Holding::Shares,
            _ => return Err(raised(py, "ConfigError", "`holding` must be `weight` or `shares`".into())),
        };
        let items: Vec<(String, f64)> =
            positions.call_method0("items")?.try_iter()?.map(|item| item?.extract()).collect::<PyResult<_>>()?;
        let position = |(ticker, amount): (String, f64)| Ok(Position { ticker: ticker.parse()?, amount });
        let positions = items.into_iter().map(position).collect::<stockops_core::Result<_>>();
        positions.and_then(|positions| Portfolio::new(holding, positions)).map(Self).map_err(to_py)
    }

    /// From CSV with the columns ``ticker`` and either ``weight`` or ``shares``.
    ///
    /// Args:
    ///     path (str | os.PathLike[str]): the file.
    ///
    /// Returns:
    ///     Portfolio: its positions.
    ///
    /// Raises:
    ///     FileError: what the file holds is no portfolio.
    ///     MissingFileError: there is no such file.
    #[staticmethod]
    fn from_csv(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        tried(py, || Portfolio::read(&path)).map(Self)
    }

    /// dict[str, float]: ticker to amount.
    #[getter]
    fn positions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, pyo3::types::PyDict>> {
        let positions = pyo3::types::PyDict::new(py);
        for position in self.0.positions() {
            positions.set_item(position.ticker.as_str(), position.amount)?;
        }
        Ok(positions)
    }

    /// str: what the amounts count, ``weight`` or ``shares``.
    #[getter]
    fn holding(&self) -> &'static str {
        match self.0.holding() {
            Holding::Weight => "weight",
            Holding::Shares => "shares",
        }
    }

    /// What the positions may lose together: the errors of the same past days are taken for all, so what moved together stays
    /// together.
    ///
    /// Args:
    ///     forecasts (Sequence[Forecast]): one of each position, in their order, as forecasters made them.
    ///
    /// Returns:
    ///     PortfolioRisk: shares of the capital for weights, money for shares.
    ///
    /// Raises:
    ///     ConfigError: the forecasts are not those of the positions.
    ///     NotFoundError: nothing was calibrated, or a forecast comes from a pickle.
    fn risk(&self, py: Python<'_>, forecasts: Vec<PyRef<'_, PyForecast>>) -> PyResult<PyPortfolioRisk> {
        let forecasts: Vec<Forecast> = forecasts.iter().map(|forecast| forecast.0.clone()).collect();
        let risk = tried(py, || self.0.risk(&forecasts))?;
        Ok(PyPortfolioRisk { portfolio: self.0.clone(), risk })
    }

    /// Returns:
    ///     tuple[Any, ...]: how to make it anew.
    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let maker = py.import("stockops._stockops")?.getattr("_portfolio")?;
        Ok((maker, (self.positions(py)?, self.holding())).into_pyobject(py)?.into_any())
    }

    fn __repr__(&self) -> String {
        let count = self.0.positions().len();
        let plural = if count == 1 { "" } else { "s" };
        format!("Portfolio({count} position{plural} by {})", self.holding())
    }
}

/// A portfolio from what a pickle holds.
///
/// Args:
///     positions (dict[str, float]): ticker to amount.
///     holding (str): what the amounts count.
///
/// Returns:
///     Portfolio: the same.
#[pyfunction]
pub(crate) fn _portfolio(py: Python<'_>, positions: &Bound<'_, PyAny>, holding: &str) -> PyResult<PyPortfolio> {
    PyPortfolio::new(py, positions, holding)
}

/// What several positions may lose together. Made by :meth:`Portfolio.risk`.
///
/// Losses are shares of the capital where the portfolio has weights, and money where it has shares; above 0 something is lost.
///
/// >>> import stockops
/// >>> portfolio = stockops.Portfolio({"MSFT": 10}, holding="shares")
/// >>> forecast = stockops.shipped_parent().predict(stockops.load_bars("MSFT"))
/// >>> risk = portfolio.risk([forecast])
/// >>> own = 10 * forecast.last_price * forecast.value_at_risk(0.99, horizon=5)
/// >>> bool(abs(risk.value_at_risk(0.99, horizon=5) - own) < 1e-9 * own)
/// True
#[pyclass(name = "PortfolioRisk", module = "stockops", frozen, eq)]
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PyPortfolioRisk {
    portfolio: Portfolio,
    risk: PortfolioRisk,
}

#[pymethods]
impl PyPortfolioRisk {
    /// int: past days that it is counted over.
    #[getter]
    fn paths(&self) -> usize {
        self.risk.paths()
    }

    /// dict[str, float]: what each position is worth at the last closes: its weight, or money.
    #[getter]
    fn values(&self) -> BTreeMap<String, f64> {
        self.by_ticker(self.risk.values())
    }

    /// The loss of the whole that is not exceeded with probability `level`.
    ///
    /// Args:
    ///     level (float): such as 0.99.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: a share of the capital, or money.
    ///
    /// Raises:
    ///     ConfigError: a level outside of 0 to 1, or a horizon beyond the forecasts.
    ///     NotFoundError: no past day is common to all positions.
    ///     TooShortError: too few of them for the level.
    #[pyo3(signature = (level = 0.99, *, horizon = 1))]
    fn value_at_risk(&self, level: f64, horizon: usize) -> PyResult<f64> {
        self.risk.value_at_risk(level, ahead(horizon)?).map_err(to_py)
    }

    /// The mean loss of the whole in the worst ``1 - level`` of cases.
    ///
    /// Args:
    ///     level (float): such as 0.99.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     float: a share of the capital, or money.
    ///
    /// Raises:
    ///     ConfigError: a level outside of 0 to 1, or a horizon beyond the forecasts.
    ///     NotFoundError: no past day is common to all positions.
    ///     TooShortError: too few of them for the level.
    #[pyo3(signature = (level = 0.99, *, horizon = 1))]
    fn expected_shortfall(&self, level: f64, horizon: usize) -> PyResult<f64> {
        self.risk.expected_shortfall(level, ahead(horizon)?).map_err(to_py)
    }

    /// What each position contributes to the shortfall; together they are the whole, and one below 0 takes risk away.
    ///
    /// Args:
    ///     level (float): such as 0.99.
    ///     horizon (int): sessions ahead, from 1.
    ///
    /// Returns:
    ///     dict[str, float]: ticker to its part.
    ///
    /// Raises:
    ///     ConfigError: a level outside of 0 to 1, or a horizon beyond the forecasts.
    ///     NotFoundError: no past day is common to all positions.
    ///     TooShortError: too few of them for the level.
    #[pyo3(signature = (level = 0.99, *, horizon = 1))]
    fn contributions(&self, level: f64, horizon: usize) -> PyResult<BTreeMap<String, f64>> {
        let parts = self.risk.contributions(level, ahead(horizon)?).map_err(to_py)?;
        Ok(self.by_ticker(&parts))
    }

    fn __repr__(&self) -> String {
        let count = self.portfolio.positions().len();
        let plural = if count == 1 { "" } else { "s" };
        format!("PortfolioRisk({count} position{plural}, {} past days)", self.paths())
    }
}

impl PyPortfolioRisk {
    fn by_ticker(&self, values: &[f64]) -> BTreeMap<String, f64> {
        let tickers = self.portfolio.positions().iter().map(|position| position.ticker.to_string());
        tickers.zip(values.iter().copied()).collect()
    }
}
