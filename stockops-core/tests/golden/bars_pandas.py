"""Bars as pandas and pyarrow write them: bars_pandas.parquet (like yfinance) and features_pandas.parquet (the contract)."""

import pandas as pd

DAYS = ["2024-07-02", "2024-07-03", "2024-07-05"]
CLOSES_UTC = ["2024-07-02 20:00", "2024-07-03 17:00", "2024-07-05 20:00"]
PRICES = {"Open": [10.0, 11.0, 12.0], "High": [11.5, 12.5, 13.5], "Low": [9.5, 10.5, 11.5], "Close": [11.0, 12.0, 13.0]}
VOLUME = [1000, 2000, 3000]

index = pd.DatetimeIndex(DAYS, name="Date", tz="America/New_York")
bars = pd.DataFrame({**PRICES, "Volume": VOLUME, "Dividends": [0.0, 0.1, 0.0]}, index=index)
bars.to_parquet("bars_pandas.parquet")

goog = pd.DataFrame({"ticker": "GOOG", "event_timestamp": pd.to_datetime(CLOSES_UTC, utc=True)})
goog["created_timestamp"] = pd.Timestamp("2024-07-06", tz="UTC")
goog = goog.assign(**PRICES, Volume=[float(v) for v in VOLUME], RSI14=50.0, MACD=[0.0, 0.1, 0.2])
amzn = goog.assign(ticker="AMZN", Close=[10.5, 11.5, 12.5])
features = pd.concat([goog, amzn], ignore_index=True)
features["ticker"] = features["ticker"].astype("category")
features.to_parquet("features_pandas.parquet", index=False)
