"""The online store in both directions, byte for byte, with random rows: what one side writes the other reads."""

import runpy

import pandas as pd
from conftest import FEATURES, ROOT, applied, view
from frames import NUMBER, NUMBERS, SECOND, TICKERS, as_json, frame, time
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

NOW = 1_767_387_600 * SECOND  # 2026-01-02, 21:00
NAMES = [f"stock_stats:{name}" for name in FEATURES]

VALUES = st.lists(NUMBERS, min_size=7, max_size=7)
# Feast writes no frame without a number.
SOME = st.builds(lambda first, rest: [first, *rest], NUMBER, st.lists(NUMBERS, min_size=6, max_size=6))
# Few times, so that they meet; some differ in microseconds alone.
EVENTS = st.tuples(st.integers(0, 3), st.integers(0, 1)).map(lambda parts: NOW + parts[0] * 86_400 * SECOND + parts[1])
CREATED = st.integers(0, 3).map(lambda second: NOW + second * SECOND)
rows_with = lambda values: st.lists(st.tuples(st.sampled_from(TICKERS), EVENTS, CREATED, values), min_size=1, max_size=12)
quickly = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def theirs(store, tickers=TICKERS, names=NAMES):
    """What Feast reads: (time, values) of each ticker, none where there is no row."""
    answer = store.get_online_features(names, [{"ticker": ticker} for ticker in tickers]).proto
    columns = dict(zip(answer.metadata.feature_names.val, answer.results))
    values = [[value.WhichOneof("val") and value.double_val for value in columns[n.split(":")[1]].values] for n in names]
    times = [stamp.ToMicroseconds() for stamp in columns[names[0].split(":")[1]].event_timestamps]
    return [(at, list(row)) if at else None for at, row in zip(times, zip(*values))]


def ours_of(ours, now=NOW, view=view(), tickers=TICKERS):
    """The same as our side reads it."""
    [rows] = ours.read(tickers, time(now), view)
    micros = lambda row: pd.Timestamp(row["event_timestamp"]).value // 1000
    return [(micros(row), row["values"]) if row["event_timestamp"] else None for row in rows]


def newest(rows):
    """The row of each ticker that has to stay: the newest event, of it the last creation, of equal ones the last written."""
    best = {}
    for ticker, event, created, values in rows:
        if ticker not in best or (event, created) >= best[ticker][0]:
            best[ticker] = ((event, created), values)
    return [(best[t][0][0], best[t][1]) if t in best else None for t in TICKERS]


def test_bytes_are_still_those_of_the_golden_file(tmp_path, monkeypatch):
    made = tmp_path / "made.json"
    golden = ROOT / "stockops-core/tests/golden"
    monkeypatch.setattr("sys.argv", ["feast_bytes.py", str(made)])
    runpy.run_path(str(golden / "feast_bytes.py"))
    assert made.read_text() == (golden / "feast_bytes.json").read_text()


@given(rows=rows_with(VALUES))
@quickly
def test_feast_reads_what_we_write(server, store, ours, rows):
    server.flushdb()
    ours("write", view=view(), rows=[as_json(row) for row in rows])
    assert theirs(store) == newest(rows)
    assert ours_of(ours) == newest(rows)


@given(rows=rows_with(SOME))
@quickly
def test_we_read_what_feast_writes(server, store, ours, rows):
    server.flushdb()
    store.write_to_online_store("stock_stats", frame(rows))
    # Feast keeps the first row of an event.
    first = {}
    for ticker, event, _, values in rows:
        if ticker not in first or event > first[ticker][0]:
            first[ticker] = (event, values)
    assert ours_of(ours) == [first.get(ticker) for ticker in TICKERS] == theirs(store)


@given(steps=st.lists(st.tuples(st.booleans(), rows_with(SOME)), min_size=1, max_size=6))
@settings(quickly, max_examples=40)
def test_both_may_write_in_turns(server, store, ours, steps):
    server.flushdb()
    state = {}
    for is_feast, rows in steps:
        if is_feast:
            store.write_to_online_store("stock_stats", frame(rows))
        else:
            ours("write", view=view(), rows=[as_json(row) for row in rows])
        for ticker, event, created, values in rows:
            there = state.get(ticker)
            # Feast takes newer events alone. Of what it wrote the creation is unknown, and ours is as new as any.
            key = (event, -1 if is_feast else created)
            if there is None or (event > there[0][0] if is_feast else key >= there[0]):
                state[ticker] = (key, values)
    wanted = [(state[t][0][0], state[t][1]) if t in state else None for t in TICKERS]
    assert ours_of(ours) == wanted == theirs(store)


def test_a_correction_comes_in_though_feast_would_skip_it(server, store, ours):
    server.flushdb()
    row = lambda created, close: ("GOOG", NOW, NOW + created, [1.0, 1.0, 1.0, close, 1.0, None, None])
    store.write_to_online_store("stock_stats", frame([row(0, 315.0)]))
    store.write_to_online_store("stock_stats", frame([row(9, 315.32)]))
    close = lambda: theirs(store, ["GOOG"], ["stock_stats:Close"])[0][1][0]
    assert close() == 315.0, "Feast takes corrections now: the paragraph about it in docs/features.md is no longer true"
    ours("write", view=view(), rows=[as_json(row(9, 315.32))])
    assert close() == 315.32
    ours("write", view=view(), rows=[as_json(row(8, 315.1))])
    assert close() == 315.32


def test_what_is_too_old_is_said_by_us_alone(server, store, ours):
    server.flushdb()
    old = NOW - 15 * 86_400 * SECOND
    ours("write", view=view(), rows=[as_json(("GOOG", old, old, [1.0] * 6 + [None]))])
    [[goog, nobody]] = ours.read(["GOOG", "NOBODY"], time(NOW))
    assert set(goog["statuses"]) == {"OUTSIDE_MAX_AGE"} and goog["values"] == [1.0] * 6 + [None]
    assert set(nobody["statuses"]) == {"NOT_FOUND"}
    [[goog]] = ours.read(["GOOG"], time(old))
    assert goog["statuses"] == ["PRESENT"] * 6 + ["NULL_VALUE"]


def test_a_versioned_repository_is_read_and_written(server, repository, ours, tmp_path):
    server.flushdb()
    versions = "registry:\n  path: registry.db\n  enable_online_feature_view_versioning: true"
    plain = (repository / "feature_store.yaml").read_text()
    (tmp_path / "feature_store.yaml").write_text(plain.replace("registry: registry.db", versions))
    definitions = (ROOT / "deploy/feast/definitions.py").read_text()
    few = FEATURES[:5]
    for number, features in enumerate([FEATURES, few]):
        changed = definitions.replace(str(FEATURES).replace("'", '"'), str(features).replace("'", '"'))
        (tmp_path / "definitions.py").write_text(changed)
        store = applied(tmp_path)
        own, names = view(version=number, features=features), [f"stock_stats:{name}" for name in features]
        row = ("GOOG", NOW, NOW, [float(number + place) for place in range(len(features))])
        table = frame([(*row[:3], row[3] + [None] * (7 - len(features)))])
        store.write_to_online_store("stock_stats", table[["ticker", "event_timestamp", "created_timestamp", *features]])
        assert ours_of(ours, view=own, tickers=["GOOG"]) == [(NOW, row[3])]
        row = (*row[:3], [-value for value in row[3]])
        ours("write", view=own, rows=[as_json(row)])
        assert theirs(store, ["GOOG"], names) == [(NOW, row[3])]
    fields = {name for key in server.keys() for name in server.hkeys(key) if name.startswith(b"_ts:")}
    assert fields == {b"_ts:stock_stats", b"_ts:stock_stats_v1"}
