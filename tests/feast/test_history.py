"""Joins at a point in time: ours and Feast's over the same files, with random frames."""

import shutil
from datetime import timedelta

import pandas as pd
import pytest
from conftest import FEATURES, view
from feast import Entity, FeatureStore, FeatureView, Field, FileSource, ValueType
from feast.data_format import ParquetFormat
from feast.types import Float64, String
from frames import NUMBERS, SECOND, TICKERS, frame, plain, time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

START = 1_767_225_600 * SECOND  # 2026-01-01
HOUR = 3_600 * SECOND
# How long rows of three views are valid, in seconds; of the last for ever.
VIEWS = {"brief": 2 * 3_600, "usual": 9 * 3_600, "everlasting": None}

# A grid of hours, so that limits are met exactly, and a microsecond beside it.
MOMENTS = st.tuples(st.integers(0, 24), st.sampled_from([0, 0, 0, -1, 1])).map(lambda p: START + p[0] * HOUR + p[1])
ROW = st.tuples(st.sampled_from(TICKERS), MOMENTS, MOMENTS, st.lists(NUMBERS, min_size=7, max_size=7))
# Two versions of one row that were created at once have no order.
ROWS = st.lists(ROW, min_size=1, max_size=25, unique_by=lambda row: row[:3])
ENTITIES = st.lists(st.tuples(st.sampled_from([*TICKERS, "NOBODY"]), MOMENTS), min_size=1, max_size=12)


@pytest.fixture(scope="module")
def both(home, ours, repository, tmp_path_factory):
    """Feast with the three views, which our side keeps too."""
    folder = tmp_path_factory.mktemp("history")
    shutil.copy(repository / "feature_store.yaml", folder)
    ticker = Entity(name="ticker", join_keys=["ticker"], value_type=ValueType.STRING)
    schema = [Field(name="ticker", dtype=String)] + [Field(name=name, dtype=Float64) for name in FEATURES]
    files = {"file_format": ParquetFormat(), "timestamp_field": "event_timestamp", "created_timestamp_column": "created_timestamp"}
    store, views = FeatureStore(str(folder)), [ticker]
    for name, ttl in VIEWS.items():
        ours("apply", view=view(name, ttl=ttl))
        path = home / f"features/rows/{name}"
        path.mkdir(exist_ok=True)
        source = FileSource(name=f"{name}_files", path=str(path), **files)
        valid = timedelta(seconds=ttl) if ttl else None
        views.append(FeatureView(name=name, entities=[ticker], ttl=valid, schema=schema, source=source))
    store.apply(views)
    return home, ours, store


def theirs(store, name, entities, then):
    """Feast's answer in the order of the question."""
    asked = pd.DataFrame({"ticker": [e[0] for e in entities], "event_timestamp": [time(e[1]) for e in entities]})
    asked["place"] = range(len(asked))
    names = [f"{name}:{feature}" for feature in FEATURES]
    answer = store.get_historical_features(asked, names, filter_by_created_timestamp=then).to_df()
    answer = answer.sort_values("place")
    assert list(answer["place"]) == list(range(len(asked))), "a row out for each row in"
    return [plain(row) for row in answer[FEATURES].itertuples(index=False)]


def of_ours(ours, name, entities, then):
    asked = [{"ticker": ticker, "event_timestamp": time(at).isoformat()} for ticker, at in entities]
    rows = ours("history", view=name, entities=asked, known="then" if then else "now")
    return [row["values"] if row else [None] * 7 for row in rows]


@given(rows=ROWS, entities=ENTITIES)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
def test_random_frames_are_joined_alike(both, rows, entities):
    home, ours, store = both
    table = frame(rows)
    for name in VIEWS:
        folder = home / f"features/rows/{name}"
        for file in folder.glob("*.parquet"):
            file.unlink()
        for ticker, part in table.groupby("ticker"):
            part.to_parquet(folder / f"{ticker}.parquet", index=False)
        for then in [False, True]:
            wanted = theirs(store, name, entities, then)
            assert of_ours(ours, name, entities, then) == wanted, (name, then)
