"""Random rows, and how they look to either side."""

import pandas as pd
from hypothesis import strategies as st

from conftest import FEATURES

TICKERS = ["^GSPC", "GOOG", "BRK-B"]
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.one_of(st.none(), NUMBER)
SECOND = 1_000_000


def time(micros):
    return pd.Timestamp(micros, unit="us", tz="UTC")


def frame(rows):
    """Rows as the table of the contract."""
    table = pd.DataFrame([[ticker, time(event), time(created), *values] for ticker, event, created, values in rows])
    table.columns = ["ticker", "event_timestamp", "created_timestamp", *FEATURES]
    for name in ["event_timestamp", "created_timestamp"]:
        table[name] = table[name].astype("datetime64[us, UTC]")
    return table.astype({name: "float64" for name in FEATURES})


def as_json(row):
    """A row as our side reads it."""
    ticker, event, created, values = row
    times = {"event_timestamp": time(event).isoformat(), "created_timestamp": time(created).isoformat()}
    return {"ticker": ticker, "values": values, **times}


def plain(numbers):
    """Numbers with none for what is missing."""
    return [None if number is None or number != number else float(number) for number in numbers]
