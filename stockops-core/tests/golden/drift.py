"""scipy's exact Kolmogorov-Smirnov test, the original's drift rule in pandas, run lengths of CUSUM charts: drift.json."""

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


def run_lengths(steps, threshold, runs=4000):
    """Mean days from 0 to the first sum above `threshold`; `steps(rng, n)` draws one day of n charts."""
    rng = np.random.default_rng(9)
    total, day, sums = 0, 0, np.zeros(runs)
    while len(sums):
        day += 1
        sums = np.maximum(sums + steps(rng, len(sums)), 0.0)
        alarmed = sums > threshold
        total += day * int(alarmed.sum())
        sums = sums[~alarmed]
    return total / runs


def coverage_steps(share):
    """Log likelihood ratio of 30 % against 10 % misses, of outcomes that are covered with chance `share`."""
    return lambda rng, n: np.where(rng.random(n) < share, np.log(0.7 / 0.9), np.log(0.3 / 0.1))


def skill_steps(factor):
    """Squared errors of two forecasts whose errors correlate 0.9, the first times `factor`, less the second's."""
    deviation = np.sqrt(4 * (1 - 0.81**2))

    def steps(rng, n):
        shared, own, other = rng.standard_normal((3, n))
        model, rule = ((0.9 * shared + np.sqrt(0.19) * noise) ** 2 for noise in (own, other))
        return np.clip((factor * model - rule) / deviation, -3, 3) - 0.25

    return steps


if __name__ == "__main__":
    table = pd.DataFrame(json.loads((HERE / "indicators.json").read_text())["bars"])
    table.index = pd.to_datetime(table.pop("date"))
    table = table[["open", "high", "low", "close", "volume"]]
    write_json(
        "drift.json",
        {
            "made_by": made_by("drift.py", "scipy", "pandas", "numpy"),
            "ks": list(ks_cases()),
            "run_lengths": {
                "coverage": [[share, run_lengths(coverage_steps(share), 6.0)] for share in (0.9, 0.85, 0.7, 0.5)],
                "skill": [[factor, run_lengths(skill_steps(factor), 11.0)] for factor in (1.0, 1.5, 2.0)],
            },
            "legacy": [{"bars": n, **legacy(table[:n])} for n in (150, 260, 410, 600)],
        },
    )
