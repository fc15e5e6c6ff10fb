"""What a reader sees: repr, HTML, SVG, plotly, frames."""

import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import stockops


@pytest.fixture(scope="module")
def forecast(child, bars):
    return child.predict(bars)


@pytest.mark.parametrize("thing", ["bars", "child", "forecast"])
def test_html_has_charts_and_no_script(request, thing):
    html = request.getfixturevalue(thing)._repr_html_()
    assert "<svg" in html and "<table>" in html
    assert not re.search(r"<script|javascript:|\son\w+=|<link|<img|url\(", html, re.IGNORECASE)
    assert not re.search(r"(href|src)\s*=", html)
    for svg in re.findall(r"<svg.*?</svg>", html, re.DOTALL):
        ElementTree.fromstring(svg)
    ElementTree.fromstring(f"<div>{re.sub(r'<svg.*?</svg>', '', html, flags=re.DOTALL)}</div>")


def test_a_chart_shows_itself_and_is_saved(tmp_path, forecast, bars):
    chart = forecast.plot(bars)
    assert chart._repr_svg_() == str(chart)
    chart.save(tmp_path / "fan.svg")
    assert (tmp_path / "fan.svg").read_text() == str(chart)
    ElementTree.fromstring(str(forecast.plot()))
    assert "last 60 sessions" in str(chart) and "last 30 sessions" in str(forecast.plot())


def test_plotly_draws_the_same_numbers(forecast, bars):
    pytest.importorskip("plotly")
    figure = forecast.plot(bars, backend="plotly")
    line = next(trace for trace in figure.data if trace.name == "forecast")
    np.testing.assert_allclose(list(line.y)[1:], forecast.close)
    band = next(trace for trace in figure.data if trace.name == "90 %")
    np.testing.assert_allclose(list(band.y)[1:6], forecast.interval(90)[:, 1])
    assert type(bars.plot(backend="plotly")).__name__ == "Figure"
    assert type(forecast.plot(backend="plotly")).__name__ == "Figure"


def test_a_missing_library_and_a_wrong_word_are_told(forecast, bars, monkeypatch):
    import sys

    with pytest.raises(stockops.ConfigError, match="`backend` must be one of svg, plotly, got png"):
        forecast.plot(backend="png")
    with pytest.raises(stockops.ConfigError, match="`backend` must be one of pandas, polars, pyarrow, got dask"):
        bars.to_frame("dask")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ModuleNotFoundError, match="this needs pandas: pip install pandas"):
        forecast.to_frame()


@pytest.mark.parametrize("backend", ["pandas", "polars", "pyarrow"])
def test_a_forecast_is_a_frame(forecast, backend):
    frame = forecast.to_frame(90, backend=backend)
    columns = list(frame.column_names if backend == "pyarrow" else frame.columns)
    wanted = ["open", "high", "low", "close", "volume", "open_lower", "open_upper"]
    assert columns[-len(columns) + (backend != "pandas") :][:7] == wanted
    np.testing.assert_allclose(np.asarray(frame["close_lower"]), forecast.interval(90)[:, 0])
    assert len(frame) == 5


def test_the_frame_and_the_json_agree(forecast):
    frame, document = forecast.to_frame(), forecast.to_dict()
    days = document["predictions"]["full_forecast"]
    assert [str(day.date()) for day in frame.index] == [day["date"] for day in days] == document["next_business_days"]
    assert frame["close"].tolist() == [day["close"] for day in days] == forecast.close.tolist()
    assert forecast.next_day._asdict()["close"] == document["predictions"]["next_day"]["close"]
    bounds = [[day["close"] for day in document["intervals"]["90"]]]
    np.testing.assert_array_equal(forecast.interval(90), bounds[0])


def test_every_forecast_day_is_a_possible_bar(forecast):
    assert (forecast.low <= np.minimum(forecast.open, forecast.close)).all()
    assert (forecast.high >= np.maximum(forecast.open, forecast.close)).all()
    assert (forecast.volume >= 0).all()
    lower, upper = forecast.interval(95, "volume").T
    assert (lower < upper).all() and (np.diff(forecast.dates) > np.timedelta64(0, "D")).all()


def test_samples_are_paths_of_possible_bars(forecast):
    paths = {field: forecast.samples(500, field, random_state=1) for field in ("open", "high", "low", "close", "volume")}
    assert all(path.shape == (500, 5) and np.isfinite(path).all() for path in paths.values())
    assert (paths["low"] <= np.minimum(paths["open"], paths["close"])).all()
    assert (paths["high"] >= np.maximum(paths["open"], paths["close"])).all()
    np.testing.assert_allclose(
        forecast.samples(500, "range", random_state=1), np.log(paths["high"] / paths["low"]).clip(2e-4), atol=1e-9
    )
    np.testing.assert_array_equal(forecast.samples(3), forecast.samples(3, random_state=42))
    with pytest.raises(stockops.ConfigError, match="`n` must be from 1 to 1000000, got 0"):
        forecast.samples(0)


def test_all_sessions_together_need_more_room_than_one(forecast):
    one, path = forecast.interval(90), forecast.interval(90, "path")
    assert (path[:, 0] <= one[:, 0]).all() and (path[:, 1] >= one[:, 1]).all()
    assert forecast.outlook["stance"] in ("BULLISH", "BEARISH", "NEUTRAL")


def test_another_level_or_field_is_told(forecast):
    with pytest.raises(stockops.NotFoundError, match="no interval named 50 %; there are 80, 90, 95"):
        forecast.interval(50)
    with pytest.raises(stockops.ConfigError, match="unknown word `price`, expected one of `open`"):
        forecast.interval(90, "price")


def test_skill_is_a_frame(child):
    frame = child.skill_frame()
    assert list(frame.columns) == ["field", "horizon", "vs_persistence", "vs_best_rule", "best_rule"]
    assert set(frame["horizon"]) == {1, 2, 3, 4, 5}
    assert frame["vs_best_rule"].iloc[0] == child.skill[frame["field"].iloc[0]]["h1"]["vs_best_rule"]


def test_reprs_are_worth_reading(bars, child, forecast, parent):
    assert repr(bars) == "Bars('MSFT', 1511 sessions, 2015-04-01 to 2021-03-31, last close 235.77)"
    assert re.fullmatch(r"Forecaster\('MSFT', freeze, saw days up to \d{4}-\d\d-\d\d\)", repr(child))
    assert repr(forecast).startswith("Forecast('MSFT', 5 sessions from 2021-04-01 after 2021-03-31, last close 235.77")
    assert repr(stockops.Dataset(bars)).startswith("Dataset('MSFT', windows: ")
    assert repr(stockops.ModelRegistry()) == "ModelRegistry(in memory, 0 tickers)"
    assert repr(bars[0:0]) == "Bars('MSFT', 0 sessions)"


def test_a_name_cannot_become_markup():
    frame = {"date": ["2024-05-01"], "open": [1.0], "high": [1.0], "low": [1.0], "close": [1.0], "volume": [0.0]}
    assert "<b>" not in stockops.Bars.from_dataframe(frame, "A")._repr_html_()
    with pytest.raises(stockops.TickerError):
        stockops.Bars.from_dataframe(frame, "<b>A</b>")
