"""Figures of plotly, where it is installed: they show the numbers that the SVG shows."""

from __future__ import annotations

from typing import Any

from ._errors import ConfigError
from ._frames import required


def _go(backend: str) -> Any:
    if backend != "plotly":
        raise ConfigError(f"`backend` must be one of svg, plotly, got {backend}")
    return required("plotly.graph_objects")


def bars(bars: Any, backend: str) -> Any:
    """Candles of the last 60 sessions and their volume as hover text."""
    go = _go(backend)
    last = bars.tail(60)
    candles = go.Candlestick(
        x=last.dates, open=last.open, high=last.high, low=last.low, close=last.close, name=last.ticker
    )
    return go.Figure(candles, layout={"title": last.ticker, "xaxis": {"type": "category"}})


def forecast(forecast: Any, bars: Any, backend: str) -> Any:
    """Past closes, forecast closes, and a band for each level."""
    go = _go(backend)
    if bars is None:
        past = forecast.to_dict()["history"]
        days, closes = [close["date"] for close in past], [close["close"] for close in past]
    else:
        last = bars.tail(60)
        days, closes = [str(day) for day in last.dates], list(last.close)
    ahead = [days[-1], *(str(day) for day in forecast.dates)]
    figure = go.Figure(layout={"title": f"{forecast.ticker}: {len(forecast)} sessions ahead", "xaxis": {"type": "category"}})
    for level in sorted(forecast.levels, reverse=True):
        lower, upper = forecast.interval(level).T
        band = [closes[-1], *upper, *lower[::-1], closes[-1]]
        figure.add_scatter(
            x=ahead + ahead[::-1], y=band, fill="toself", mode="none", opacity=0.4, name=f"{level} %", hoverinfo="skip"
        )
    figure.add_scatter(x=days, y=closes, mode="lines", name="close")
    figure.add_scatter(x=ahead, y=[closes[-1], *forecast.close], mode="lines+markers", name="forecast")
    return figure
