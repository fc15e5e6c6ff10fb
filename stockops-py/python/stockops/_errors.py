"""Everything that can go wrong: one base class, and the natural built-in beside it."""

from typing import ClassVar


class StockopsError(Exception):
    """Base of all errors of stockops; the message names the thing, what was wanted, what was given, what to do next.

    >>> import stockops
    >>> try:
    ...     stockops.load_bars("TSLA")
    ... except stockops.StockopsError as error:
    ...     print(error.kind, "|", error)
    not_found | no shipped bars named TSLA; there are ^GSPC, AMZN, GOOGL, IBM, MSFT
    """

    kind: ClassVar[str] = "other"
    """A stable word for programs, the same as in the Rust library."""

    # KeyError would show its text in quotes.
    def __str__(self) -> str:
        return Exception.__str__(self)


class ConfigError(StockopsError, ValueError):
    """A setting is outside its range. Fix the setting."""

    kind = "config"


class TickerError(StockopsError, ValueError):
    """A word is not a ticker. Fix the word."""

    kind = "ticker"


class BarError(StockopsError, ValueError):
    """A bar breaks a rule that every bar obeys. Fix or drop the row."""

    kind = "bar"


class FileError(StockopsError, ValueError):
    """A file or frame cannot be used. Fix it or name another."""

    kind = "file"


class MissingFileError(FileError, FileNotFoundError):
    """There is no such file. Check the path."""


class StaleError(StockopsError, RuntimeError):
    """Bars end before the last finished session. Ask again later, or allow stale bars."""

    kind = "stale"


class NetworkError(StockopsError, ConnectionError):
    """A source on the network gave no bars. Do what the text says.

    ``kind`` says why: ``rate_limited``, ``blocked``, ``not_json``, ``half_answer``, ``slow``, ``offline``, ``server`` or
    ``refused``.
    """

    kind = "network"
    wait: float | None = None
    """Seconds after which it may be asked again, where it was asked too often."""


class ShapeError(StockopsError, ValueError):
    """An array has the wrong shape. Fix the call."""

    kind = "shape"


class DtypeError(StockopsError, TypeError):
    """An array has the wrong dtype, or is none. Convert it."""

    kind = "dtype"


class TooShortError(StockopsError, ValueError):
    """There are too few rows. Give a longer history."""

    kind = "too_short"


class NotFoundError(StockopsError, KeyError):
    """Something that was named does not exist. Create it first."""

    kind = "not_found"


class LeakError(StockopsError, ValueError):
    """The parent saw days that the child is to be tested on. Use an older parent, or allow and mark it."""

    kind = "leak"


class BundleError(StockopsError, ValueError):
    """A bundle of weights cannot be used. Train it again or name another."""

    kind = "bundle"


class DivergedError(StockopsError, ArithmeticError):
    """A training went astray. Train with a lower rate, or look at the bars."""

    kind = "diverged"


class SkewError(StockopsError, ValueError):
    """A model was trained on other features than are served. Train it again, or serve it by the version that trained it."""

    kind = "skew"


class OnlineError(StockopsError, ConnectionError):
    """An online store did not do what it was asked. Every row is in the offline store: materialise again later.

    ``kind`` says why: ``offline``, ``slow``, ``forbidden``, ``full``, ``not_now``, ``rejected`` or ``unreadable``.
    """

    kind = "online"


class DeviceError(StockopsError, ValueError):
    """A device cannot be used. Choose another or build with its feature."""

    kind = "device"


class BusyError(StockopsError, OSError):
    """Someone else is doing the same work. Wait and try again."""

    kind = "busy"


class CancelledError(StockopsError, RuntimeError):
    """The work was stopped before the end. Nothing was written; of a graph, what it had come to is kept where it has a store."""

    kind = "cancelled"


class StorageError(StockopsError, OSError):
    """The disk refused. Look at ``__cause__``, then try again."""

    kind = "storage"


class GraphError(StockopsError, ValueError):
    """A graph cannot be built, or a run of it cannot go on. Do what the text says.

    ``kind`` says what is wrong: ``graph`` with what was built, ``update`` with what a function gave, ``thread`` with what is kept.
    """

    kind = "graph"


class LimitError(StockopsError, RuntimeError):
    """A run has used up its steps or its tokens. Raise the limit or mend the loop."""

    kind = "limit"


class NodeError(StockopsError, RuntimeError):
    """A node failed for good; what it raised is the ``__cause__``. Mend that, then resume the thread or start again."""

    kind = "node"
    node: str | None = None
    """The node."""
    tries: int | None = None
    """How often it was tried."""
