"""Small records."""

from __future__ import annotations

import datetime
from typing import NamedTuple


class Bar(NamedTuple):
    """One session of one ticker: prices in the currency of the listing, volume in shares or contracts.

    >>> import stockops
    >>> stockops.load_bars("MSFT")[-1].close
    235.77
    """

    date: datetime.date
    """Day of the session, in the exchange's own time zone."""
    open: float
    """First price."""
    high: float
    """Highest price."""
    low: float
    """Lowest price."""
    close: float
    """Last price."""
    volume: float
    """Shares traded; 0 where the source does not know."""
