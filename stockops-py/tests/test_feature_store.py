"""Features with when they were known: bars in, frames out."""

import socket

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import stockops

BARS = stockops.load_bars("MSFT")[-100:]


@pytest.fixture
def store(tmp_path):
    store = stockops.FeatureStore(tmp_path)
    store.apply()
    assert store.ingest(BARS)["failed"] == []
    return store


def test_the_files_are_a_table_for_pandas(store, tmp_path):
    frame = pd.read_parquet(tmp_path / "features/rows/stock_stats")
    assert list(frame.columns[:3]) == ["ticker", "event_timestamp", "created_timestamp"]
    assert str(frame["event_timestamp"].dtype.tz) == "UTC" and len(frame) == 100
    np.testing.assert_array_equal(frame["Close"], BARS.close)
    np.testing.assert_array_equal(frame["Volume"], BARS.volume)
    values = stockops.FeatureSet().transform(BARS).values
    np.testing.assert_array_equal(frame["RSI14"][13:], values[:, 5])
    assert frame["RSI14"][:13].isna().all()


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_history_is_a_frame(store, backend):
    frame = store.history("MSFT", backend=backend)
    names = ["event_timestamp", "created_timestamp", "Open", "High", "Low", "Close", "Volume", "RSI14", "MACD"]
    columns = frame.column_names if backend == "pyarrow" else list(frame.columns)
    assert columns == names
    np.testing.assert_array_equal(np.asarray(frame["Close"]), BARS.close)
    assert len(store.history("MSFT", known="2000-01-01T00:00:00Z", backend=backend)) == 0


def asked(frame):
    day = str(BARS.dates[50])
    times = [f"{day}T23:00", f"{day}T12:00", f"{day}T23:00"]
    return frame(["MSFT", "MSFT", "NONE"], np.array(times, dtype="datetime64[us]"))


@pytest.mark.parametrize(
    "frame",
    [
        lambda tickers, times: pd.DataFrame({"ticker": tickers, "event_timestamp": times}),
        lambda tickers, times: pd.DataFrame({"ticker": tickers, "event_timestamp": pd.DatetimeIndex(times, tz="UTC").tz_convert("Asia/Tokyo")}),
        lambda tickers, times: pl.DataFrame({"ticker": tickers, "event_timestamp": times}),
        lambda tickers, times: pa.table({"ticker": tickers, "event_timestamp": times}),
        lambda tickers, times: {"ticker": tickers, "event_timestamp": times},
    ],
)
def test_a_join_answers_each_row_in_its_place(store, frame):
    rows = store.get_historical_features(asked(frame))
    assert list(rows["ticker"]) == ["MSFT", "MSFT", "NONE"]
    assert rows["Close"].tolist()[:2] == [BARS.close[50], BARS.close[49]]
    assert np.isnan(rows["Close"][2]) and pd.isna(rows["feature_timestamp"][2])
    assert store.get_historical_features(asked(frame), known_then=True)["Close"].isna().all()


def test_the_newest_row_comes_with_statuses(store):
    msft, none = store.get(["MSFT", "NONE"])
    assert msft["values"]["Close"] == BARS.close[-1]
    assert none["statuses"]["Close"] == "NOT_FOUND" and none["values"]["Close"] is None


def test_what_is_wrong_is_named(store, tmp_path):
    with pytest.raises(stockops.ConfigError, match="higher than that of the view that is kept"):
        store.apply(features=stockops.FeatureSet(["Close"]))
    with pytest.raises(stockops.NotFoundError, match="no feature view named other; there is stock_stats"):
        store.history("MSFT", view="other")
    with pytest.raises(stockops.FileError, match="columns ticker and event_timestamp"):
        store.get_historical_features({"ticker": ["MSFT"]})
    with pytest.raises(stockops.ConfigError, match="a datetime with a zone"):
        store.history("MSFT", known="yesterday")
    with pytest.raises(stockops.NotFoundError, match="apply a feature view first"):
        stockops.FeatureStore().ingest(BARS)
    with pytest.raises(stockops.ConfigError, match="online store"):
        store.materialize()
    with pytest.raises(stockops.ConfigError, match="`ttl_days` must be whole seconds"):
        store.apply("other", ttl_days=0)


def test_an_online_store_that_is_away_is_an_error_of_its_own(tmp_path):
    with socket.socket() as nobody:  # bound and not listening
        nobody.bind(("127.0.0.1", 0))
        store = stockops.FeatureStore(tmp_path, redis="redis://127.0.0.1:%d" % nobody.getsockname()[1])
        store.apply()
        online = store.ingest(BARS)["online"]
        assert online["taken"] == 0 and online["problem"], "the rows are kept all the same"
        assert len(store.history("MSFT")) == 100
        with pytest.raises(stockops.OnlineError) as raised:
            store.get(["MSFT"])
    assert raised.value.kind == "offline" and isinstance(raised.value, ConnectionError)


def test_a_second_version_is_computed_from_the_kept_bars(store):
    store.apply(version=1, features=stockops.FeatureSet(["Close", "ATR14"]), ttl_days=None)
    frame = store.history("MSFT", view="stock_stats_v1")
    assert list(frame.columns[2:]) == ["Close", "ATR14"] and len(frame) == 100


def test_a_part_of_a_day_is_a_time_to_live_in_whole_seconds(store):
    for _ in range(2):
        applied = store.apply("short", ttl_days=0.7)
    assert [one["view"]["ttl_seconds"] for one in applied["views"] if one["view"]["name"] == "short"] == [60_480]
    for days in (0.0, 1e-6, float("nan"), 1e300):
        with pytest.raises(stockops.ConfigError, match="whole seconds, at least 1"):
            store.apply("other", ttl_days=days)
