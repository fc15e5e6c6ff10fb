"""Daily market bars to forecasts that state their skill.

>>> import stockops
>>> bars = stockops.load_bars("AMZN")
>>> child = stockops.TransferTrainer().fit(bars)
>>> forecast = child.predict(bars)
>>> len(forecast)
5

In the order in which data meets them: :class:`Bars`, :class:`FeatureSet`, :class:`Dataset`, :class:`LSTMModel`,
:class:`TransferTrainer`, :class:`Forecaster`, :class:`Forecast`, :class:`Backtest`, :class:`DriftMonitor`,
:class:`ModelRegistry`, :class:`Tracker`. All are frozen: none ever changes, so threads may share them. All but a frame of features, a history, a dataset, a tracker and a registry in memory can be pickled.
"""

from ._children import Children, train_children
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
    LeakError,
    MissingFileError,
    NotFoundError,
    ShapeError,
    StockopsError,
    StorageError,
    TickerError,
    TooShortError,
)
from ._stockops import (
    ActiveRun,
    Backtest,
    Bars,
    Chart,
    Dataset,
    DriftMonitor,
    DriftReport,
    FeatureSet,
    Forecast,
    Forecaster,
    Frame,
    History,
    LSTMModel,
    ModelRegistry,
    Progress,
    StandardScaler,
    Tracker,
    TransferTrainer,
    __version__,
    backtest,
    builtin_tickers,
    load_bars,
    parent_pool,
    shipped_parent,
)
from ._types import Bar

__all__ = [
    "ActiveRun",
    "Backtest",
    "Bar",
    "BarError",
    "Bars",
    "BundleError",
    "BusyError",
    "CancelledError",
    "Chart",
    "Children",
    "ConfigError",
    "Dataset",
    "DeviceError",
    "DivergedError",
    "DriftMonitor",
    "DriftReport",
    "DtypeError",
    "FeatureSet",
    "FileError",
    "Forecast",
    "Forecaster",
    "Frame",
    "History",
    "LSTMModel",
    "LeakError",
    "MissingFileError",
    "ModelRegistry",
    "NotFoundError",
    "Progress",
    "ShapeError",
    "StandardScaler",
    "StockopsError",
    "StorageError",
    "TickerError",
    "TooShortError",
    "Tracker",
    "TransferTrainer",
    "__version__",
    "backtest",
    "builtin_tickers",
    "load_bars",
    "parent_pool",
    "shipped_parent",
    "train_children",
]
