"""Many children at once, on anything that has ``submit``."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._errors import ConfigError, DtypeError
from ._progress import counter
from ._stockops import (
    Bars,
    Forecaster,
    TransferTrainer,
    _child_answer,
    _child_order,
    _train_child,
    load_bars,
)
from ._tasks import Refused, as_they_end


class Children(dict[str, Forecaster]):
    """The children that were trained, by ticker, in the order asked for; :attr:`errors` has the others.

    >>> import stockops
    >>> stockops.train_children(["MSFT"], trainer=stockops.TransferTrainer(n_epochs=1))
    Children(1 trained, 0 failed)
    """

    errors: dict[str, Exception]
    """What went wrong, by ticker: errors of stockops, of the source, and of an executor whose worker died."""

    def __init__(self, trained: Mapping[str, Forecaster] | None = None) -> None:
        super().__init__(trained or {})
        self.errors = {}

    def __repr__(self) -> str:
        return f"Children({len(self)} trained, {len(self.errors)} failed)"


def train_children(
    tickers: Iterable[str | Bars],
    executor: Any = None,
    *,
    source: Callable[[str], Any] = load_bars,
    trainer: TransferTrainer | None = None,
    parent: Forecaster | None = None,
    history: int | None = None,
    to: datetime.date | str | None = None,
    allow_parent_leak: bool = False,
    compare: bool = True,
    progress: bool | Callable[[str], object] | None = None,
) -> Children:
    """Train a child for each ticker; one that fails does not stop the others, and results do not depend on the executor.

    Args:
        tickers (Iterable[str | Bars]): names, or the bars themselves.
        executor (Any): anything with ``submit(function, bytes)`` whose result has ``result()``: a
            ``ProcessPoolExecutor``, a Dask client, :class:`RayExecutor`, :class:`DaskExecutor`; None trains one after the other
            here. Where it has ``share(bytes)`` too, the parent is shared once, and not sent with each child.
        source (Callable[[str], Any]): where the bars of a name come from, called here: a :class:`YahooSource`, or anything
            that gives :class:`Bars` or a frame; the shipped bars.
        trainer (TransferTrainer | None): how; None for the settings of the library.
        parent (Forecaster | None): where children come from; None for the one that ships with the package.
        history (int | None): as in :meth:`TransferTrainer.fit`.
        to (datetime.date | str | None): as in :meth:`TransferTrainer.fit`.
        allow_parent_leak (bool): as in :meth:`TransferTrainer.fit`.
        compare (bool): as in :meth:`TransferTrainer.fit`.
        progress (bool | Callable[[str], object] | None): called with each ticker when its result is there, also while others are still to
            be sent; True for a bar by tqdm where it is installed.

    Returns:
        Children: forecasters and errors by ticker.

    Raises:
        DtypeError: one name in the place of a list, or something that is neither a name nor bars.
        ConfigError: a ticker twice; results are kept by ticker, so one of the two would be lost.

    >>> import stockops
    >>> short = stockops.TransferTrainer(n_epochs=1)
    >>> children = stockops.train_children(["MSFT", "NONE"], trainer=short)
    >>> sorted(children), children.errors
    (['MSFT'], {'NONE': NotFoundError('no shipped bars named NONE; there are ^GSPC, AMZN, GOOGL, IBM, MSFT')})
    """
    trainer = TransferTrainer() if trainer is None else trainer
    submit = _Here().submit if executor is None else executor.submit
    by_reference = parent is not None and hasattr(executor, "share")
    shared = [executor.share(parent.to_bytes())] if parent is not None and by_reference else []
    asked = _asked(tickers)
    names = [one.ticker if isinstance(one, Bars) else one for one in asked]
    seen: set[str] = set()

    def send(place: int) -> Any:
        one = asked[place]
        try:
            given = one if isinstance(one, Bars) else source(one)
            bars = given if isinstance(given, Bars) else Bars.from_dataframe(given, names[place])
            if bars.ticker in seen:
                raise ConfigError(f"the source gave bars of {bars.ticker} before")
            order = _child_order(bars, trainer, parent, history, to, allow_parent_leak, compare, by_reference)
            future = submit(_train_child, order, *shared)
        except Exception as error:
            return Refused(error)
        seen.add(bars.ticker)
        names[place] = bars.ticker
        return future

    tell = counter(progress, len(asked))
    results: dict[int, Forecaster | Exception] = {}
    for place, future in as_they_end(deque(range(len(asked))), send):
        try:
            results[place] = _child_answer(future.result())
        except Exception as error:
            results[place] = error
        if tell is not None:
            tell(names[place])
    children = Children()
    for place, name in enumerate(names):
        result = results[place]
        if isinstance(result, Exception):
            children.errors[name] = result
        else:
            children[name] = result
    return children


def _asked(tickers: Iterable[str | Bars]) -> list[str | Bars]:
    if isinstance(tickers, (str, Bars)):
        raise DtypeError(f"tickers must be a list of names or Bars, got one {type(tickers).__name__}")
    asked = list(tickers)
    for one in asked:
        if not isinstance(one, (str, Bars)):
            raise DtypeError(f"a ticker must be a name or Bars, got {type(one).__name__}")
    names = [one.ticker if isinstance(one, Bars) else one.upper() for one in asked]
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ConfigError(f"`tickers` must be of tickers that differ, got {name} twice")
    return asked


class _Here:
    """An executor that works when it is asked for the result."""

    def submit(self, function: Callable[[bytes], bytes], order: bytes) -> _Later:
        return _Later(function, order)


class _Later:
    def __init__(self, function: Callable[[bytes], bytes], order: bytes) -> None:
        self._work = function, order

    def done(self) -> bool:
        return True

    def result(self) -> bytes:
        function, order = self._work
        return function(order)
