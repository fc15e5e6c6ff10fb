"""Drift: reports of data and of a model, and the loop of a registry."""

import re

import numpy as np
import pytest
import stockops


@pytest.fixture(scope="module")
def index():
    return stockops.load_bars("^GSPC")


@pytest.fixture(scope="module")
def crash(index):
    return stockops.DriftMonitor(index.between(None, "2017-12-31")).report(index)


def altered(bars, last, factor):
    """`bars` whose last returns are `factor` times as large."""
    moves = np.diff(np.log(bars.close), prepend=np.log(bars.close[0]))
    moves[-last:] *= factor
    scale = np.exp(np.cumsum(moves)) * bars.close[0] / bars.close
    frame = bars.to_frame()
    for name in ("open", "high", "low", "close"):
        frame[name] *= scale
    return stockops.Bars.from_dataframe(frame, bars.ticker, adjust="none")


def test_the_crash_of_2020_is_unusual_and_no_reason_to_train(crash):
    assert (crash.health, crash.retrain) == ("Degraded", False)
    tests = crash.to_frame()
    assert list(tests["name"]) == ["return_mean", "return_shape", "variance", "range", "volume", "tail"]
    assert tests.set_index("name").loc["range", "alarm"]
    trail = crash.to_frame("trail")
    assert len(trail) == 250
    # The data alone decide here: an episode begins where the distance reaches 1.
    assert (trail["data"] >= 1).any() and set(trail["health"]) == {"Healthy", "Degraded"}
    assert trail[trail["data"] >= 1]["health"].eq("Degraded").all()


def test_a_forecaster_is_watched_too(child, bars):
    report = stockops.DriftMonitor(child).report(bars)
    names = set(report.to_frame()["name"])
    assert {"coverage_close", "skill_range"} <= names
    assert report.scored > 0 and report.model_version is None


def test_the_legacy_rule_is_that_of_pandas(bars):
    """The contract's rule, made here from the same bars with pandas."""
    frame = bars.to_frame()
    last = frame.index[-1]
    days = np.timedelta64(1, "D")
    reference = frame[(frame.index >= last - 180 * days) & (frame.index < last - 30 * days)]
    current = frame[frame.index >= last - 30 * days]
    scores = (current.mean() - reference.mean()).abs() / reference.std()
    index = current["close"].pct_change().std() / reference["close"].pct_change().std()
    document = stockops.DriftMonitor(bars).report(bars).to_dict()
    # Means of 105 volumes around 1e8, summed in another order.
    np.testing.assert_allclose(document["drift_score"], scores[["open", "high", "low", "close", "volume"]].mean(), 1e-9)
    np.testing.assert_allclose(document["volatility_index"], index, 1e-9)


def test_threefold_volatility_of_a_month_is_found_and_measured(bars):
    monitor = stockops.DriftMonitor(bars[:-60])
    usual, wild, wilder = (
        monitor.report(altered(bars, 21, factor)).to_frame().set_index("name") for factor in (1.0, 3.0, 6.0)
    )
    assert not usual["alarm"].any() and wild["alarm"].any()
    # The statistic is the logarithm of a ratio of variances, of the last 21 days over those before.
    statistics = [frame.loc["variance", "statistic"] for frame in (usual, wild, wilder)]
    np.testing.assert_allclose(np.diff(statistics), [2 * np.log(3), 2 * np.log(2)], atol=1e-9)
    assert wilder.loc["variance", "alarm"] and wilder.loc["variance", "direction"] == "up"


def test_it_shows_itself(crash, child):
    assert re.fullmatch(r"DriftReport\('\^GSPC', Degraded on 2020-04-17, 6 tests, 3 alarms\)", repr(crash))
    html = crash._repr_html_()
    assert html.count("<svg") == 1 and "<table>" in html and "<script" not in html
    assert str(crash.plot()).startswith("<svg")
    assert repr(stockops.DriftMonitor(child)) == "DriftMonitor(data and forecaster of 'MSFT')"
    with pytest.raises(stockops.ConfigError, match="`table` must be one of tests, trail, got days"):
        crash.to_frame("days")


def test_what_cannot_be_watched_is_told(bars):
    with pytest.raises(stockops.DtypeError, match="`reference` must be a Forecaster or Bars, got str"):
        stockops.DriftMonitor("MSFT")
    with pytest.raises(stockops.TooShortError, match="what is usual for MSFT"):
        stockops.DriftMonitor(bars.tail(100))
    skipped = stockops.DriftMonitor(bars).report(bars.tail(100))
    assert (skipped.health, skipped.retrain) == (None, False)
    assert repr(skipped) == "DriftReport('MSFT', skipped)"
    assert "at least 146 bars, got 100" in skipped.summary
    assert skipped.to_frame().empty and skipped.to_frame("trail").empty
    assert "skipped" in skipped._repr_html_()


def test_a_registry_keeps_scores_and_remembers(tmp_path, child, bars):
    registry = stockops.ModelRegistry(tmp_path)
    registry.publish(child)
    registry.predict(bars[:-3])
    (kept,) = registry.forecasts("MSFT")
    assert kept["outcomes"] == []
    report, decision = registry.monitor(bars)
    assert report.model_version == "MSFT@1"
    assert decision["verdict"] in ("keep", "wait", "recommend") and decision["reason"]
    again = stockops.ModelRegistry(tmp_path)
    assert len(again.forecasts("MSFT")[0]["outcomes"]) == 3
    assert [one.as_of for one in again.drift_reports("MSFT")] == [bars.last_day]
    assert again.decisions("MSFT") == [decision]


def test_a_model_that_lost_its_skill_is_trained_again(child, bars):
    """Every second day moves six times as far: the child's intervals do not hold, so the loop trains a challenger."""
    frame = bars.to_frame()
    rng = np.random.default_rng(7)
    closes = frame["close"].to_numpy().copy()
    tail = slice(-120, None)
    closes[tail] = closes[-121] * np.exp(np.cumsum(rng.normal(0, 0.02, 120) * np.where(np.arange(120) % 2, 3, 0.2)))
    frame["close"] = closes
    frame["open"] = np.roll(closes, 1)
    frame.iloc[0, frame.columns.get_loc("open")] = closes[0]
    frame["high"] = frame[["open", "close"]].max(axis=1) * 1.001
    frame["low"] = frame[["open", "close"]].min(axis=1) / 1.001
    broken = stockops.Bars.from_dataframe(frame, "MSFT", adjust="none")
    registry = stockops.ModelRegistry()
    registry.publish(child)
    report, decision = registry.monitor(broken, retrain=True)
    assert (report.health, report.retrain) == ("Critical", True)
    assert decision["verdict"] in ("swap", "reject", "fail")
    assert registry.decisions("MSFT") == [decision]


def test_a_rollback_is_remembered(small, parent, bars):
    registry = stockops.ModelRegistry()
    for seed in (1, 2):
        registry.publish(stockops.TransferTrainer(n_epochs=1, random_state=seed).fit(bars, parent, compare=False))
    registry.promote("MSFT", 2)
    registry.promote("MSFT", 1)
    registry.promote("MSFT", 2)
    assert registry.rollback("MSFT")["version"] == 1
    assert [one["verdict"] for one in registry.decisions("MSFT")] == ["rollback"]
