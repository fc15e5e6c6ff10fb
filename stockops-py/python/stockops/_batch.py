"""Many tickers in a home that all workers see, in shards, on anything that has ``submit``."""

from __future__ import annotations

import json
import math
import os
import time
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ._errors import BusyError, ConfigError, DtypeError, MissingFileError, TickerError
from ._progress import counter
from ._stockops import _batch_parts, _batch_shard
from ._tasks import Paused, Refused, as_they_end

#: Seconds for which a shard is waited for that another worker still holds.
PATIENCE = 90.0

#: Seconds between two tries of a shard that another worker holds.
BUSY_PAUSE = 1.0

#: Where bars are: a folder, files by ticker, Yahoo, or None for those that ship with the package.
BarsPlace = str | os.PathLike[str] | Mapping[str, str | os.PathLike[str]] | None


@dataclass
class BatchReport:
    """What became of the tickers of a batch.

    >>> import stockops, tempfile
    >>> report = stockops.batch("forecast", ["MSFT", "NONE"], tempfile.mkdtemp())
    >>> report
    BatchReport(1 done, 0 skipped, 1 failed)
    >>> report.lines["MSFT"]["model_version"], report.failed
    ('^GSPC@0', {'NONE': 'no shipped bars named NONE; there are ^GSPC, AMZN, GOOGL, IBM, MSFT'})
    """

    lines: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the command prints for each ticker: ``outcome`` (``done``, ``skipped`` or ``failed``) and what came of it."""

    @property
    def done(self) -> list[str]:
        """Those that were done now."""
        return self._with("done")

    @property
    def skipped(self) -> list[str]:
        """Those that were done before, with the same settings, bars and model: by a batch before that is resumed, or in this one by a worker that died."""
        return self._with("skipped")

    @property
    def failed(self) -> dict[str, str]:
        """Those that failed, and why."""
        return {ticker: self.lines[ticker]["message"] for ticker in self._with("failed")}

    def _with(self, outcome: str) -> list[str]:
        return [ticker for ticker, line in self.lines.items() if line["outcome"] == outcome]

    def __repr__(self) -> str:
        return f"BatchReport({len(self.done)} done, {len(self.skipped)} skipped, {len(self.failed)} failed)"


def batch(
    work: Literal["train", "forecast", "monitor"],
    tickers: Iterable[str],
    home: str | os.PathLike[str],
    *,
    bars: BarsPlace = None,
    executor: Any = None,
    size: int = 200,
    shards: int | None = None,
    threads: int | None = None,
    resume: bool = False,
    retries: int = 2,
    progress: bool | Callable[[str], object] | None = None,
    **settings: Any,
) -> BatchReport:
    """Train, forecast or monitor many tickers; one that fails does not stop the others, and results do not depend on the executor.

    The list is cut into shards, and each shard is one task. A task has names alone: its worker reads the bars where they are, takes
    the parent from the registry of the home, writes versions, forecasts and reports there, and answers with a line for each
    ticker. So all workers have to see the home and the bars under the names that are given here. A task whose worker died
    goes on where it was, whoever sends it again: this function, Ray or Dask.

    Args:
        work (Literal["train", "forecast", "monitor"]): what is done with each.
        tickers (Iterable[str]): names.
        home (str | os.PathLike[str]): the folder of registry, record and runs, the command's among them.
        bars (str | os.PathLike[str] | Mapping[str, str | os.PathLike[str]] | None): a folder with files that are named as their
            tickers; files by ticker; ``"yahoo"``; or None for the shipped bars.
        executor (Any): anything with ``submit(function, text)`` whose result has ``result()``: a ``ProcessPoolExecutor``, a Dask
            client, :class:`RayExecutor`, :class:`DaskExecutor`; None works here, a shard at a time.
        size (int): tickers of a task, about; 50 to 500 keep a cluster busy and its scheduler idle.
        shards (int | None): how many tasks there are, in the place of `size`: with a fixed number a ticker's shard stays the same
            when the list grows.
        threads (int | None): tickers at once in a task; None for one where there is an executor, else for all processors.
        resume (bool): leave out what a batch with the same settings and number of shards has done before with the same data.
        retries (int): how often a task is sent again whose worker died.
        progress (bool | Callable[[str], object] | None): called with each shard, such as ``"3/8"``, as it ends, also while others are still
            to be sent; True for a bar by tqdm where it is installed.
        settings (Any): of ``train``: strategy, history, allow_parent_leak, epochs, seed, from_, to, compare; of ``monitor``: retrain.

    Returns:
        BatchReport: a line for each ticker, in the order asked for.

    Raises:
        DtypeError: one name in the place of a list.
        ConfigError: a setting that does not exist or is outside its range.
        TickerError: a name that is no ticker.
        MissingFileError: there is no such folder of bars.
        BusyError: another process does the same work on the same home; without an executor alone, else it stands in the lines.

    >>> import stockops, tempfile
    >>> home = tempfile.mkdtemp()
    >>> stockops.batch("train", ["MSFT", "GOOGL"], home, epochs=1).lines["MSFT"]["version"]
    1
    >>> stockops.batch("train", ["MSFT", "GOOGL"], home, epochs=1, resume=True)
    BatchReport(0 done, 2 skipped, 0 failed)
    """
    names = _names(tickers)
    of = shards if shards is not None else max(1, math.ceil(len(names) / size)) if size > 0 else 0
    if of < 1:
        raise ConfigError(f"`{'size' if shards is None else 'shards'}` must be at least 1, got {size if shards is None else shards}")
    if work == "forecast" and settings:
        raise ConfigError(f"a forecast has no setting, got {', '.join(settings)}")
    threads = threads if threads is not None or executor is None else 1
    home = os.fspath(home)
    request = {"work": {"kind": work, **_settings(settings)}, "resume": resume, "threads": threads, "call": uuid.uuid4().hex}
    numbers = dict(_batch_parts(names, of))
    parts: dict[int, list[str]] = {}
    for name, number in numbers.items():
        parts.setdefault(number, []).append(name)
    tasks: dict[str, dict[str, Any]] = {}
    for number, part in sorted(parts.items()):
        tasks[f"{number}/{of}"] = {"home": home, "bars": _place(bars, part), "request": {**request, "tickers": part, "shard": f"{number}/{of}"}}
    tell = counter(progress, len(tasks))
    lines: dict[str, dict[str, Any]] = {}
    for shard, answer in _answers(tasks, executor, retries):
        lines.update({line.pop("ticker"): line for line in answer})
        if tell is not None:
            tell(shard)
    return BatchReport({name: lines[name] for name in numbers if name in lines})


def _answers(tasks: dict[str, dict[str, Any]], executor: Any, retries: int) -> Iterable[tuple[str, list[dict[str, Any]]]]:
    """The lines of each shard, as it ends; it is sent again where its worker died."""
    if executor is None:
        for shard, order in tasks.items():
            yield shard, json.loads(_batch_shard(json.dumps(order)))["lines"]
        return
    waiting, left = deque(tasks), dict.fromkeys(tasks, retries)
    patience: dict[str, float] = {}
    paused: set[str] = set()

    def send(shard: str) -> Any:
        if shard in paused:
            paused.remove(shard)
            return Paused(BUSY_PAUSE)
        return _sent(executor, tasks[shard])

    for shard, future in as_they_end(waiting, send):
        if isinstance(future, Paused):
            waiting.append(shard)
            continue
        try:
            lines = json.loads(future.result())["lines"]
        except (ConfigError, MissingFileError, TickerError):
            raise  # The call is wrong, and so would every other shard be.
        except Exception as error:
            # A worker whose node is gone may hold its shard for a while; the wait begins when it is first seen.
            now = time.monotonic()
            if isinstance(error, BusyError) and now < patience.setdefault(shard, now + PATIENCE):
                paused.add(shard)
            elif left[shard] > 0:
                left[shard] -= 1
            else:
                yield shard, [_failed(ticker, error) for ticker in tasks[shard]["request"]["tickers"]]
                continue
            waiting.append(shard)
        else:
            yield shard, lines


def _sent(executor: Any, order: dict[str, Any]) -> Any:
    """The future of a shard, or one that has failed where the executor takes no more."""
    # Dask takes a task for the one that it had before where the words are the same.
    order["tries"] = order.get("tries", 0) + 1
    try:
        return executor.submit(_batch_shard, json.dumps(order))
    except Exception as error:
        return Refused(error)


def _failed(ticker: str, error: BaseException) -> dict[str, Any]:
    return {"ticker": ticker, "outcome": "failed", "kind": "executor", "message": ": ".join(_causes(error))}


def _causes(error: BaseException) -> Iterable[str]:
    """The words of an error and of all that caused it; a traceback that a process pool sends as a cause is none."""
    yield f"{type(error).__name__}: {error}"
    cause = error.__cause__
    while cause is not None and "\n" not in str(cause):
        yield f"{type(cause).__name__}: {cause}"
        cause = cause.__cause__


def _names(tickers: Iterable[str]) -> list[str]:
    if isinstance(tickers, str):
        raise DtypeError("tickers must be a list of names, got one str")
    names = list(tickers)
    for name in names:
        if not isinstance(name, str):
            raise DtypeError(f"a ticker must be a name, got {type(name).__name__}")
    return list(dict.fromkeys(names))


def _place(bars: BarsPlace, part: list[str]) -> Any:
    """Where a shard finds its bars: of files, those of its tickers and of indices."""
    if bars is None:
        return "shipped"
    if isinstance(bars, Mapping):
        own = {name.upper() for name in part}
        files = {ticker: path for ticker, path in bars.items() if ticker.upper() in own or ticker.startswith("^")}
        return {"files": {ticker: os.fspath(path) for ticker, path in files.items()}}
    return "yahoo" if bars == "yahoo" else {"folder": os.fspath(bars)}


def _settings(settings: dict[str, Any]) -> dict[str, Any]:
    """As JSON: days as text, strategies as the library writes them."""
    def plain(value: Any) -> Any:
        return value.replace("-", "_") if isinstance(value, str) and not value[:1].isdigit() else value

    days = {name.rstrip("_"): value.isoformat()[:10] for name, value in settings.items() if hasattr(value, "isoformat")}
    return {name.rstrip("_"): plain(value) for name, value in settings.items()} | days
