"""scipy's exact two-sample Kolmogorov-Smirnov test, and the original's drift rule in pandas, into drift.json."""

import json

import numpy as np
import pandas as pd
from scipy.stats import ks_2samp

from golden import HERE, floats, made_by, write_json

SIZES = [(21, 99, 0.0), (21, 99, 0.8), (21, 105, 0.3), (5, 7, 0.0), (5, 7, 3.0), (1, 10, 0.5), (40, 40, 0.5), (21, 105, 1.5)]


def ks_cases():
    """Samples without ties, then two of whole numbers with ties."""
    rng = np.random.default_rng(5)
    samples = [(np.sort(rng.standard_normal(n) + shift), np.sort(rng.standard_normal(m))) for n, m, shift in SIZES]
    samples += [(np.array([1.0, 2.0, 2.0, 3.0]), np.array([2.0, 2.0, 4.0])), (np.arange(6.0), np.arange(6.0))]
    for a, b in samples:
        result = ks_2samp(a, b, method="exact")
        yield {"a": floats(a), "b": floats(b), "statistic": float(result.statistic), "p": float(result.pvalue)}


def legacy(bars):
    """Means of 150 calendar days against the last 30, in sample deviations; deviation of returns now over then."""
    last = bars.index[-1]
    start, middle = last - pd.Timedelta(days=180), last - pd.Timedelta(days=30)
    reference, current = bars[(bars.index >= start) & (bars.index < middle)], bars[bars.index >= middle]
    shifts = (current.mean() - reference.mean()).abs() / reference.std()
    volatility = current.close.pct_change().std() / reference.close.pct_change().std()
    metrics = {
        column.capitalize(): {
            "ref_mean": float(reference[column].mean()),
            "curr_mean": float(current[column].mean()),
            "shift_score": float(shifts[column]),
        }
        for column in bars
    }
    return {"drift_score": float(shifts.mean()), "volatility_index": float(volatility), "feature_metrics": metrics}


if __name__ == "__main__":
    table = pd.DataFrame(json.loads((HERE / "indicators.json").read_text())["bars"])
    table.index = pd.to_datetime(table.pop("date"))
    table = table[["open", "high", "low", "close", "volume"]]
    write_json(
        "drift.json",
        {
            "made_by": made_by("drift.py", "scipy", "pandas", "numpy"),
            "ks": list(ks_cases()),
            "legacy": [{"bars": n, **legacy(table[:n])} for n in (150, 260, 410, 600)],
        },
    )
