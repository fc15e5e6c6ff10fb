"""Volatilities of the bars in indicators.json by numpy and pandas, into volatility.json.

The formulas are those of R's TTR, `volatility(OHLC, n, calc, N = 1)`, written with pandas' rolling windows.
"""

import json

import numpy as np
import pandas as pd

from golden import HERE, floats, made_by, write_json


def root_of_mean(daily, n):
    return np.sqrt(daily.rolling(n).mean())


def garman_klass(o, h, l, c, n):
    return root_of_mean(0.5 * np.log(h / l) ** 2 - (2 * np.log(2) - 1) * np.log(c / o) ** 2, n)


def rogers_satchell(o, h, l, c, n):
    return root_of_mean(np.log(h / c) * np.log(h / o) + np.log(l / c) * np.log(l / o), n)


def yang_zhang(o, h, l, c, n, alpha=1.34):
    k = (alpha - 1) / (alpha + (n + 1) / (n - 1))
    night = np.log(o / c.shift()).rolling(n).var()
    day = np.log(c / o).rolling(n).var()
    # TTR's first value stands where the first night has n days, too.
    return np.sqrt(night + k * day + (1 - k) * rogers_satchell(o, h, l, c, n) ** 2)


def semivariance(c, n, is_counted):
    r = np.log(c / c.shift())
    squares = np.where(r.isna(), np.nan, np.where(is_counted(r), r**2, 0.0))
    return pd.Series(squares).rolling(n).mean()


bars = pd.DataFrame(json.loads((HERE / "indicators.json").read_text())["bars"])
prices = [bars[name].astype("float64") for name in ("open", "high", "low", "close")]
o, _, _, c = prices
values = {
    "garman_klass20": garman_klass(*prices, 20),
    "rogers_satchell20": rogers_satchell(*prices, 20),
    "yang_zhang20": yang_zhang(*prices, 20),
    "overnight": np.log(o / c.shift()),
    "semivariance20_down": semivariance(c, 20, lambda r: r < 0),
    "semivariance20_up": semivariance(c, 20, lambda r: r > 0),
}
write_json(
    "volatility.json",
    {
        "made_by": made_by("volatility.py", "pandas", "numpy"),
        "source": "the bars of indicators.json",
        "notes": "volatilities are per day; rolling variances divide by n - 1; semivariances are means of squared log returns",
        **{name: floats(series.to_numpy()) for name, series in values.items()},
    },
)
