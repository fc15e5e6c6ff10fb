"""Daily market bars to forecasts that state their skill.

>>> import stockops
>>> bars = stockops.load_bars("AMZN")
>>> child = stockops.TransferTrainer().fit(bars)
>>> forecast = child.predict(bars)
>>> len(forecast)
5

In the order in which data meets them: :class:`Bars`, :class:`FeatureSet`, :class:`Dataset`, :class:`LSTMModel`,
:class:`TransferTrainer`, :class:`Forecaster`, :class:`Forecast`, :class:`Risk`, :class:`Portfolio`, :class:`Backtest`,
:class:`DriftMonitor`, :class:`ModelRegistry`, :class:`Tracker`, :class:`FeatureStore`. All are frozen: none ever changes, so
threads may share them. All but a frame of features, a history, a dataset, a risk, a tracker, an active run, a feature store, a
source of Yahoo and a registry in memory can be pickled.

:func:`analyze` writes a report of a forecast in which every number is checked.

Beside them stands :class:`AgentGraph`, which knows nothing of stocks: a graph of functions that share a state, with checkpoints.
Neither it nor its runs can be pickled, nor can a report of the analysts.
"""

from ._batch import BatchReport, batch
from ._children import Children, train_children
from ._clusters import DaskExecutor, RayExecutor
from ._contexts import AsyncNodeContext, NodeContext
from ._errors import (
    BarError,
    BundleError,
    BusyError,
    CancelledError,
    ConfigError,
    DeviceError,
    DivergedError,
    DtypeError,
    FileError,
    GraphError,
    LeakError,
    LimitError,
    MissingFileError,
    NetworkError,
    NodeError,
    NotFoundError,
    OnlineError,
    ShapeError,
    SkewError,
    StaleError,
    StockopsError,
    StorageError,
    TickerError,
    TooShortError,
)
from ._events import GraphEvent, Outcome, Question
from ._graph import AgentGraph, GraphBuilder
from ._runs import AsyncGraphRun, GraphRun
from ._stockops import (
    ActiveRun,
    AnalystReport,
    Backtest,
    Bars,
    Chart,
    Checkpoints,
    Dataset,
    DriftMonitor,
    DriftReport,
    FeatureSet,
    FeatureStore,
    Forecast,
    Forecaster,
    Frame,
    History,
    LSTMModel,
    ModelRegistry,
    Portfolio,
    PortfolioRisk,
    Progress,
    Risk,
    StandardScaler,
    Tracker,
    TransferTrainer,
    YahooSource,
    __version__,
    analyze,
    backtest,
    builtin_tickers,
    load_bars,
    parent_pool,
    restore,
    shipped_parent,
)
from ._types import Bar

__all__ = [
    "ActiveRun",
    "AgentGraph",
    "AnalystReport",
    "AsyncGraphRun",
    "AsyncNodeContext",
    "Backtest",
    "Bar",
    "BarError",
    "Bars",
    "BatchReport",
    "BundleError",
    "BusyError",
    "CancelledError",
    "Chart",
    "Checkpoints",
    "Children",
    "ConfigError",
    "DaskExecutor",
    "Dataset",
    "DeviceError",
    "DivergedError",
    "DriftMonitor",
    "DriftReport",
    "DtypeError",
    "FeatureSet",
    "FeatureStore",
    "FileError",
    "Forecast",
    "Forecaster",
    "Frame",
    "GraphBuilder",
    "GraphError",
    "GraphEvent",
    "GraphRun",
    "History",
    "LSTMModel",
    "LeakError",
    "LimitError",
    "MissingFileError",
    "ModelRegistry",
    "NetworkError",
    "NodeContext",
    "NodeError",
    "NotFoundError",
    "OnlineError",
    "Outcome",
    "Portfolio",
    "PortfolioRisk",
    "Progress",
    "Question",
    "RayExecutor",
    "Risk",
    "ShapeError",
    "SkewError",
    "StaleError",
    "StandardScaler",
    "StockopsError",
    "StorageError",
    "TickerError",
    "TooShortError",
    "Tracker",
    "TransferTrainer",
    "YahooSource",
    "__version__",
    "analyze",
    "backtest",
    "batch",
    "builtin_tickers",
    "load_bars",
    "parent_pool",
    "restore",
    "shipped_parent",
    "train_children",
]
