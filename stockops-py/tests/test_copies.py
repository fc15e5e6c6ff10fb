"""Pickled and copied objects, on disk and in memory."""

import copy
import pickle

import pytest
import stockops

MAKE = {
    "bars": lambda bars, child: bars,
    "features": lambda bars, child: stockops.FeatureSet(["Close", "SMA20"]),
    "scaler": lambda bars, child: child.scaler,
    "trainer": lambda bars, child: stockops.TransferTrainer("fine-tune", lr=0.1, device="cpu"),
    "forecast": lambda bars, child: child.predict(bars),
    "drift": lambda bars, child: stockops.DriftMonitor(child).report(bars),
    "chart": lambda bars, child: bars.plot(),
}


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE.keys())
def test_a_pickle_is_equal(bars, child, make, protocol):
    made = make(bars, child)
    assert pickle.loads(pickle.dumps(made, protocol)) == made


@pytest.mark.parametrize("make", MAKE.values(), ids=MAKE.keys())
def test_a_copy_is_equal(bars, child, make):
    made = make(bars, child)
    assert copy.copy(made) == made and copy.deepcopy(made) == made


def test_a_pickled_forecaster_forecasts_the_same(bars, child):
    for made in (child, stockops.shipped_parent()):
        again = pickle.loads(pickle.dumps(made))
        assert again.to_bytes() == made.to_bytes()
        assert again.predict(bars) == made.predict(bars)
        assert again.version == made.version and repr(again) == repr(made)
        assert again.history.epochs == made.history.epochs and again.charts == made.charts


def test_a_pickled_model_is_the_same(child):
    again = pickle.loads(pickle.dumps(child.model))
    assert again.to_safetensors() == child.model.to_safetensors() and again.config == child.model.config


def test_a_pickled_monitor_watches_the_same(bars, child):
    for reference in (child, bars):
        monitor = stockops.DriftMonitor(reference)
        made, again = monitor.report(bars).to_dict(), pickle.loads(pickle.dumps(monitor)).report(bars).to_dict()
        assert made | {"timestamp": ""} == again | {"timestamp": ""}


def test_found_things_travel_with_their_bars(bars):
    assert pickle.loads(pickle.dumps(bars)).quality == bars.quality


def test_a_pickled_forecast_says_what_it_left_behind(bars, child):
    forecast = child.predict(bars)
    assert forecast.samples(10).shape == (10, 5)
    with pytest.raises(stockops.NotFoundError, match="ask a forecast as a forecaster made it"):
        pickle.loads(pickle.dumps(forecast)).samples(10)


def test_a_damaged_pickle_is_an_error(bars):
    broken = pickle.dumps(bars).replace(b"MSFT", b"MS/T")
    with pytest.raises(stockops.StockopsError):
        pickle.loads(broken)


def test_a_registry_in_memory_says_that_it_stays(tmp_path, child):
    with pytest.raises(TypeError, match="a registry in memory cannot be pickled; give it a folder"):
        pickle.dumps(stockops.ModelRegistry())
    registry = stockops.ModelRegistry(tmp_path / "home")
    registry.publish(child)
    assert pickle.loads(pickle.dumps(registry)).tickers() == ["MSFT"]


def test_a_saved_forecaster_is_the_same(tmp_path, bars, child):
    child.save(tmp_path / "child.safetensors")
    loaded = stockops.Forecaster.load(tmp_path / "child.safetensors")
    assert loaded.to_bytes() == child.to_bytes() and loaded.predict(bars) == child.predict(bars)
    child.model.save(tmp_path / "weights.safetensors")
    assert stockops.LSTMModel.load(tmp_path / "weights.safetensors").state_dict().keys() == child.model.state_dict().keys()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["child.safetensors", "weights.safetensors"]


@pytest.mark.parametrize("home", [None, "home"])
def test_a_registry_keeps_versions(tmp_path, bars, child, home):
    registry = stockops.ModelRegistry(home and tmp_path / home)
    assert registry.champion("MSFT") is None and registry.parent().version == "^GSPC@0"
    assert registry.publish(child, charts=True)["artifacts"] == [
        "forecast.svg", "residuals.svg", "skill.svg", "coverage.svg"
    ]
    assert registry.champion("MSFT")["alias"] == ["champion"]
    # The same again is not worse, so it takes over.
    assert registry.publish(child)["alias"] == ["champion"]
    assert registry.promote("MSFT", 2)["version"] == 2
    assert registry.rollback("msft")["version"] == 1
    assert [version["version"] for version in registry.versions("MSFT")] == [1, 2]
    assert registry.load("MSFT", 2).version == "MSFT@2"
    assert registry.artifact("MSFT", 1, "residuals.svg").decode() == str(child.charts["residuals.svg"])
    assert registry.versions("MSFT")[1]["artifacts"] == [], "nobody asked for charts"
    forecast = registry.predict(bars)
    assert forecast.model_version == "MSFT@1"
    assert forecast.close.tolist() == child.predict(bars).close.tolist()
    loaded = registry.load("MSFT")
    # Without bars there is nothing to compare on.
    with pytest.raises(stockops.ConfigError, match="`bars` must be given, to hold the new version against the champion on"):
        registry.publish(loaded)
    assert registry.publish(loaded, bars)["alias"] == ["champion"]
    assert registry.predict(stockops.load_bars("IBM")).strategy == "zero_shot"


def test_a_copied_forecast_still_has_its_past_errors(bars, child):
    forecast = child.predict(bars)
    assert (copy.deepcopy(forecast).samples(5) == forecast.samples(5)).all()
    assert (forecast.interval(0.9) == forecast.interval(90)).all() and (forecast.interval(90.0) == forecast.interval(90)).all()
    with pytest.raises(stockops.NotFoundError, match="no record of past errors named MSFT; ask a forecast as"):
        pickle.loads(pickle.dumps(forecast)).samples(5)
