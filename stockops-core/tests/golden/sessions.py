"""Holidays and early closes of stock exchanges from exchange_calendars, into sessions.json."""

import exchange_calendars
import pandas as pd

from golden import made_by, write_json


def days(index):
    return [day.strftime("%Y-%m-%d") for day in index]


def calendar(name, first, last):
    """Weekdays without a session and sessions that end early, from `first` to `last`, both included."""
    sessions = exchange_calendars.get_calendar(name, start=first, end=last)
    weekdays = pd.date_range(first, last, freq="B")
    holidays, early = days(weekdays.difference(sessions.sessions)), days(sessions.early_closes)
    return {
        "first": first,
        "last": last,
        "holiday_count": len(holidays),
        "holidays": holidays,
        "early_close_count": len(early),
        "early_closes": early,
    }


write_json(
    "sessions.json",
    {
        "made_by": made_by("sessions.py", "exchange_calendars", "pandas"),
        "note": "holidays: weekdays (Monday to Friday) without a session; days after the making are the calendar's rules, not history",
        "XNYS": calendar("XNYS", "2000-01-01", "2027-12-31"),
        "XLON": calendar("XLON", "2024-01-01", "2026-12-31"),
        "XTKS": calendar("XTKS", "2024-01-01", "2026-12-31"),
        "XFRA": calendar("XFRA", "2024-01-01", "2026-12-31"),
        "XETR": calendar("XETR", "2024-01-01", "2026-12-31"),
    },
)
