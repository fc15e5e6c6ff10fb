"""Indicators of 600 daily bars by TA-Lib and by pandas, into indicators.json.

    python indicators.py [FILE.csv.gz]    # without a file: the bars that indicators.json already holds
"""

import json
import sys

import pandas as pd
import talib

from golden import HERE, floats, made_by, write_json

COLUMNS = ["date", "open", "high", "low", "close", "volume"]


def read_bars():
    if len(sys.argv) > 1:
        return pd.read_csv(sys.argv[1], nrows=600).rename(columns=str.lower)[COLUMNS]
    return pd.DataFrame(json.loads((HERE / "indicators.json").read_text())["bars"])


def gain_and_loss(close):
    """Rises and falls from day to day, both positive; the first difference counts as 0."""
    change = close.diff().fillna(0.0)
    return change.clip(lower=0.0), -change.clip(upper=0.0)


def strength(gain, loss):
    """100 - 100 / (1 + gain / loss); loss 0 gives 100, both 0 no value."""
    rsi = (100.0 - 100.0 / (1.0 + gain / loss)).mask(loss == 0.0, 100.0)
    return rsi.mask((gain == 0.0) & (loss == 0.0)).mask(gain.isna())


def cutler_rsi(close, n):
    gain, loss = gain_and_loss(close)
    return strength(gain.rolling(n).mean(), loss.rolling(n).mean())


def ema_rsi(close, n):
    gain, loss = gain_and_loss(close)
    return strength(gain.ewm(span=n, adjust=False).mean(), loss.ewm(span=n, adjust=False).mean())


def ema(close, n):
    return close.ewm(span=n, adjust=False).mean()


bars = read_bars()
bars["volume"] = bars["volume"].astype(int)
high, low, close = (bars[c].astype("float64") for c in ("high", "low", "close"))
upper, middle, lower = talib.BBANDS(close, timeperiod=20, nbdevup=2, nbdevdn=2, matype=0)
values = {
    "talib_rsi14": talib.RSI(close, timeperiod=14),
    "talib_macd": talib.MACD(close, fastperiod=12, slowperiod=26, signalperiod=9)[0],
    "talib_ema20": talib.EMA(close, timeperiod=20),
    "talib_sma20": talib.SMA(close, timeperiod=20),
    "talib_atr14": talib.ATR(high, low, close, timeperiod=14),
    "talib_bollinger_upper": upper,
    "talib_bollinger_middle": middle,
    "talib_bollinger_lower": lower,
    "pandas_cutler_rsi14": cutler_rsi(close, 14),
    "pandas_ema_rsi14": ema_rsi(close, 14),
    "pandas_macd": ema(close, 12) - ema(close, 26),
    "pandas_ema20": ema(close, 20),
}
notes = {
    "talib_rsi14": "Wilder: mean of the first 14 changes (rows 1 to 14), then s = (13 s + new) / 14; first value at row 14",
    "talib_macd": "EMA 12 minus EMA 26, each seeded by a simple mean that ends at row 25 (rows 14..25 and 0..25), "
    "then e += 2/(n+1) (close - e); shown from row 33 on, where the 9-day signal begins",
    "talib_ema20": "seeded by the simple mean of rows 0..19, then e += 2/21 (close - e); first value at row 19",
    "talib_sma20": "first value at row 19",
    "talib_atr14": "true range from row 1, mean of rows 1..14 at row 14, then a = (13 a + tr) / 14",
    "talib_bollinger_upper": "simple mean of 20 + 2 population deviations; lower likewise; first value at row 19",
    "pandas_cutler_rsi14": "simple means of 14 gains and losses, the first difference counted as 0; first value at row 13; "
    "loss 0 gives 100, both 0 gives null",
    "pandas_ema_rsi14": "gain and loss each smoothed by s = s + 2/15 (new - s), s = 0 at row 0 (the first difference counts "
    "as 0); 100 - 100 / (1 + gain / loss); loss 0 gives 100, both 0 gives null (row 0 at least)",
    "pandas_macd": "ewm(span=12, adjust=False) minus ewm(span=26, adjust=False), both seeded with the first close",
    "pandas_ema20": "ewm(span=20, adjust=False), seeded with the first close",
}
write_json(
    "indicators.json",
    {
        "made_by": made_by("indicators.py", "TA-Lib", "pandas", "numpy") | {"ta_lib_c": talib.__ta_version__.decode().split()[0]},
        "source": "IBM daily, first 600 rows from 2000-03-01, raw columns; PyPI bokeh-sampledata 2026.1 (Quandl WIKI, public domain)",
        "notes": notes,
        "bars": bars.to_dict(orient="list"),
        **{name: floats(series.to_numpy()) for name, series in values.items()},
    },
)
