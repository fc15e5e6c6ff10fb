"""Frames of other libraries: what is needed to read any, and to make one of a library that is installed."""

from __future__ import annotations

import ctypes
import importlib
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from ._errors import ConfigError, DtypeError, FileError, StockopsError
from ._stockops import _stream

# --- frames in


def stream(frame: Any, ticker: str) -> Any:
    """An Arrow stream of `frame`, as a capsule; of columns by ticker those of `ticker`."""
    try:
        return _stream_of(_flat(frame, ticker) if hasattr(frame, "reset_index") else frame)
    except StockopsError:
        raise
    except (ValueError, TypeError, NotImplementedError, ArithmeticError) as error:
        # What pyarrow or pandas says of columns that have no type, or none that Arrow knows.
        raise DtypeError(f"{type(frame).__name__} cannot be read as a table: {error}") from error


def _stream_of(frame: Any) -> Any:
    if hasattr(frame, "__arrow_c_stream__"):
        try:
            return frame.__arrow_c_stream__()
        except ImportError:  # pandas needs pyarrow for it
            pass
    if hasattr(frame, "__dataframe__"):
        return _stream(list(_protocol(frame.__dataframe__(allow_copy=True))))
    if isinstance(frame, Mapping):
        return _stream([(str(name), *_column(np.asarray(values))) for name, values in frame.items()])
    name = type(frame).__name__
    raise DtypeError(
        f"{name} is no frame; give one with the Arrow C stream or the DataFrame protocol (pandas, polars, pyarrow, "
        "duckdb), or a mapping of columns"
    )


def _flat(frame: Any, ticker: str) -> Any:
    """A pandas frame without columns of columns; its index is a column where it means something."""
    if getattr(frame.columns, "nlevels", 1) > 1:
        frame = _of_ticker(frame, ticker)
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise FileError(f"the frame has more than one column named {', '.join(twice)}; keep one of each")
    index = frame.index
    if index.nlevels > 1:
        return frame.reset_index()
    # Numbers without a name only count rows, and a name that a column has is that column again.
    means_nothing = index.dtype.kind in "iu" if index.name is None else str(index.name) in names
    if means_nothing:
        return frame.reset_index(drop=True)
    return (frame.rename_axis("Date") if index.name is None else frame).reset_index()


def _of_ticker(frame: Any, ticker: str) -> Any:
    """Of columns (field, ticker) or (ticker, field), as yfinance has them, those of `ticker`."""
    for level in range(frame.columns.nlevels):
        labels = [str(label).strip().upper() for label in frame.columns.get_level_values(level)]
        if ticker in labels:
            own = frame.loc[:, [label == ticker for label in labels]]
            own.columns = own.columns.get_level_values(1 - level if frame.columns.nlevels == 2 else 0)
            return own
    there = sorted({str(label) for labels in frame.columns for label in labels})[:20]
    raise FileError(f"the frame has columns of columns, and none of {ticker}; there are {', '.join(there)}")


def _column(values: np.ndarray[Any, Any]) -> tuple[str, Any]:
    """Kind and values of a column, as :func:`_stream` wants them."""
    if values.dtype.kind in "fiub":
        return "number", np.ascontiguousarray(values, dtype=np.float64)
    if values.dtype.kind == "M":
        return "time", np.ascontiguousarray(values.astype("datetime64[ns]").view(np.int64))
    return "text", [None if value is None else str(value) for value in values.tolist()]


_NUMBER_KINDS = {0: "i", 1: "u", 2: "f", 20: "u"}
_NANOSECONDS = {"s": 1_000_000_000, "m": 1_000_000, "u": 1_000, "n": 1}


def _protocol(frame: Any) -> Iterable[tuple[str, str, Any]]:
    """Columns of an object of the DataFrame protocol (data-apis.org/dataframe-protocol)."""
    for name in frame.column_names():
        column = frame.get_column_by_name(name)
        buffers = column.get_buffers()
        kind, bits, form, _ = column.dtype
        valid = _valid(column, buffers)
        if kind in _NUMBER_KINDS:
            values = _numbers(buffers["data"][0], f"{_NUMBER_KINDS[kind]}{bits // 8}", column).astype(np.float64)
            yield name, "number", np.where(valid, values, np.nan)
        elif kind == 22 and form.startswith("ts"):
            times = _numbers(buffers["data"][0], "i8", column) * _NANOSECONDS[form[2]]
            zone = form.split(":", 1)[1]
            yield name, "instant" if zone else "time", np.where(valid, times, np.iinfo(np.int64).min)
        elif kind == 22:
            days = _numbers(buffers["data"][0], f"i{bits // 8}", column).astype(np.int64)
            days = days if bits == 32 else days // 86_400_000
            yield name, "time", np.where(valid, days * 86_400_000_000_000, np.iinfo(np.int64).min)
        elif kind == 21:
            yield name, "text", _texts(buffers, column, valid)
        # Other kinds are none that bars have.


def _numbers(buffer: Any, dtype: str, column: Any, extra: int = 0) -> np.ndarray[Any, Any]:
    """The numbers of a buffer of a column."""
    dtype_ = np.dtype(dtype)
    count = column.offset + column.size() + extra
    if count == 0:
        return np.empty(0, dtype_)
    raw = (ctypes.c_byte * (count * dtype_.itemsize)).from_address(buffer.ptr)
    return np.frombuffer(raw, dtype_)[column.offset :].copy()


def _valid(column: Any, buffers: Any) -> np.ndarray[Any, Any]:
    """Which values are there."""
    kind, sentinel = column.describe_null
    count = column.size()
    if buffers["validity"] is not None and kind in (3, 4):
        buffer, (_, bits, _, _) = buffers["validity"]
        if bits == 1:
            raw = (ctypes.c_uint8 * ((column.offset + count + 7) // 8)).from_address(buffer.ptr)
            mask = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[column.offset :][:count]
        else:
            mask = _numbers(buffer, "u1", column)
        return np.asarray(mask != sentinel)
    if kind == 2 and column.dtype[0] == 22:
        return np.asarray(_numbers(buffers["data"][0], "i8", column) != sentinel)
    return np.ones(count, bool)


def _texts(buffers: Any, column: Any, valid: np.ndarray[Any, Any]) -> list[str | None]:
    """The strings of a column."""
    buffer, (_, bits, _, _) = buffers["offsets"]
    ends = _numbers(buffer, f"i{bits // 8}", column, extra=1)
    data = buffers["data"][0]
    raw = ctypes.string_at(data.ptr, data.bufsize) if data.bufsize else b""
    spans = zip(ends[:-1].tolist(), ends[1:].tolist(), valid.tolist())
    return [raw[start:end].decode() if there else None for start, end, there in spans]


def entities(frame: Any) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Tickers, and times in microseconds of UTC, of a frame or mapping with the columns ``ticker`` and ``event_timestamp``."""
    try:
        tickers, times = frame["ticker"], frame["event_timestamp"]
    except Exception as error:  # libraries of frames have errors of their own
        raise FileError("entities must be a frame with the columns ticker and event_timestamp") from error
    if getattr(getattr(times, "dt", None), "tz", None) is not None:  # pandas keeps the zone beside UTC
        times = times.dt.tz_convert("UTC").dt.tz_localize(None)
    try:
        micros = np.asarray(times).astype("datetime64[us]")
    except (ValueError, TypeError) as error:
        raise FileError(f"`event_timestamp` must be times: {error}") from error
    if np.isnat(micros).any():
        raise FileError("`event_timestamp` must be times, and one is missing")
    return [str(ticker) for ticker in np.asarray(tickers, dtype=object)], micros.view(np.int64)


# --- frames out

_BACKENDS = ("pandas", "polars", "pyarrow")


def frame(columns: dict[str, Any], backend: str) -> Any:
    """A frame of `columns`; in pandas the first column is the index."""
    if backend not in _BACKENDS:
        raise ConfigError(f"`backend` must be one of {', '.join(_BACKENDS)}, got {backend}")
    library = required(backend)
    if backend == "pandas":
        (index_name, index), *rest = columns.items()
        # pandas knows seconds and finer alone.
        index = index.astype("datetime64[s]") if getattr(index, "dtype", np.dtype("O")).kind == "M" else index
        return library.DataFrame(dict(rest), index=library.Index(index, name=index_name))
    return library.DataFrame(columns) if backend == "polars" else library.table(columns)


def table(columns: dict[str, Any], times: list[str], backend: str) -> Any:
    """A frame of `columns`, of which `times` are microseconds of UTC; without an index."""
    if backend not in _BACKENDS:
        raise ConfigError(f"`backend` must be one of {', '.join(_BACKENDS)}, got {backend}")
    library = required(backend)
    instants = {name: np.asarray(columns[name]).view("datetime64[us]") for name in times}
    if backend == "pandas":
        aware = {name: library.DatetimeIndex(values, tz="UTC") for name, values in instants.items()}
        return library.DataFrame({name: aware.get(name, values) for name, values in columns.items()})
    if backend == "polars":
        plain = library.DataFrame({name: instants.get(name, values) for name, values in columns.items()})
        return plain.with_columns([library.col(name).dt.replace_time_zone("UTC") for name in times])
    kind = library.timestamp("us", tz="UTC")
    aware = {name: library.array(values, type=kind) for name, values in instants.items()}
    return library.table({name: aware.get(name, values) for name, values in columns.items()})


def records(rows: list[dict[str, Any]], backend: str, names: tuple[str, ...] = ()) -> Any:
    """A frame of `rows`, which all have the same keys; `names` where there are no rows."""
    names = tuple(rows[0]) if rows else names
    if backend not in _BACKENDS:
        raise ConfigError(f"`backend` must be one of {', '.join(_BACKENDS)}, got {backend}")
    library = required(backend)
    columns = {name: [row[name] for row in rows] for name in names}
    return library.table(columns) if backend == "pyarrow" else library.DataFrame(columns)


def skill(table: dict[str, dict[str, dict[str, Any]]] | None, backend: str) -> Any:
    """A skill table as rows of field and horizon."""
    rows = [
        {"field": field, "horizon": int(horizon[1:]), **numbers}
        for field, horizons in (table or {}).items()
        for horizon, numbers in horizons.items()
    ]
    return records(rows, backend, ("field", "horizon", "vs_persistence", "vs_best_rule", "best_rule"))


_TABLES = ("fields", "folds", "seeds", "ablation", "errors")


_ERROR_COLUMNS = ("made", "day", "field", "horizon", "actual", "error")


def backtest(document: dict[str, Any], table: str, backend: str) -> Any:
    """A table of a backtest; scores are flat rows of field and horizon."""
    if table not in _TABLES:
        raise ConfigError(f"`table` must be one of {', '.join(_TABLES)}, got {table}")
    if table == "folds":
        return records(document["folds"], backend)
    if table == "errors":
        errors = [
            {name: row[name] for name in ("made", "day", "field")}
            | {"horizon": int(row["horizon"][1:]), "actual": row["actual"], "error": row["error"]}
            | {f"error_{rule}": value for rule, value in row["rules"].items()}
            for row in document.get("errors", [])
        ]
        # Of prices some rules have nothing to say.
        every_rule = dict.fromkeys(name for row in errors for name in row)
        return records([dict.fromkeys(every_rule) | row for row in errors], backend, _ERROR_COLUMNS)
    parts = [document] if table == "fields" else document.get(table, [])
    names = {"fields": (), "seeds": ("seed",), "ablation": ("strategy", "history")}[table]
    rows = [
        {name: part[name] for name in names} | {"field": field, "horizon": int(horizon[1:])} | _flat_score(score)
        for part in parts
        for field, horizons in part["fields"].items()
        for horizon, score in horizons.items()
    ]
    # Some scores are of the close alone.
    every = dict.fromkeys(name for row in rows for name in row)
    return records([dict.fromkeys(every) | row for row in rows], backend, (*names, "field", "horizon"))


_DRIFT_TABLES = {
    "tests": ("name", "kind", "field", "statistic", "threshold", "p", "direction", "alarm", "since", "words"),
    "trail": ("day", "health", "data", "concept"),
}


def drift(document: dict[str, Any], table: str, backend: str) -> Any:
    """A table of a drift report."""
    if table not in _DRIFT_TABLES:
        raise ConfigError(f"`table` must be one of {', '.join(_DRIFT_TABLES)}, got {table}")
    return records(document[table], backend, _DRIFT_TABLES[table])


def _flat_score(score: dict[str, Any]) -> dict[str, Any]:
    """One level of numbers and words: nested ones get longer names."""
    flat: dict[str, Any] = {}
    for name, value in score.items():
        if isinstance(value, dict):
            flat |= {f"{name}_{inner}": number for inner, number in value.items() if not isinstance(number, list)}
        elif not isinstance(value, list):
            flat[name] = value
    return flat


def required(library: str) -> Any:
    """A library that this package does without, or an error that says how to get it."""
    try:
        return importlib.import_module(library)
    except ImportError as error:
        root = library.split(".")[0]
        raise ModuleNotFoundError(f"this needs {root}: pip install {root}", name=root) from error


# --- weights


def weights(state: Any) -> list[tuple[str, Any]]:
    """Names and float32 arrays of a state_dict of numpy arrays or of tensors on the CPU."""
    if not isinstance(state, Mapping):
        raise DtypeError(f"a state_dict must be a mapping of names to arrays, got {type(state).__name__}")
    arrays = []
    for name, value in state.items():
        array = np.asarray(value.detach() if hasattr(value, "detach") else value)
        if array.dtype != np.float32:
            raise DtypeError(f"{name} must be float32, got {array.dtype}")
        arrays.append((str(name), array))
    return arrays
