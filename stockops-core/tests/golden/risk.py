"""Value at risk, shortfall and tests of them by numpy and scipy, into risk.json. It needs these two alone."""

import importlib.metadata
import json
import pathlib
import platform

import numpy as np
from scipy import stats

HERE = pathlib.Path(__file__).resolve().parent
RNG = np.random.default_rng(7)


def losses_case(count, level):
    """The quantile by numpy, the shortfall as the minimum of Rockafellar and Uryasev (2000), which is taken at the quantile."""
    losses = np.round(0.01 * RNG.standard_t(4, count), 6)
    at_risk = np.quantile(losses, level, method="inverted_cdf")
    objective = lambda v: v + np.maximum(losses - v, 0).mean() / (1 - level)
    shortfall = objective(at_risk)
    assert all(objective(v) >= shortfall - 1e-12 for v in losses)
    return {"losses": losses.tolist(), "level": level, "value_at_risk": float(at_risk), "expected_shortfall": float(shortfall)}


def exceedance_case(name, n, hits, level):
    """Kupiec from binomial likelihoods, independence as the G-test of a two by two table, both with scipy's chi-square."""
    days = np.zeros(n, dtype=bool)
    days[hits] = True
    x = int(days.sum())
    coverage = 2 * (stats.binom.logpmf(x, n, x / n) - stats.binom.logpmf(x, n, 1 - level))
    table = np.zeros((2, 2))
    np.add.at(table, (days[:-1].astype(int), days[1:].astype(int)), 1)
    filled = table[:, table.sum(axis=0) > 0][table.sum(axis=1) > 0]
    independence = 0.0
    if filled.shape == (2, 2):
        independence = stats.chi2_contingency(filled, lambda_="log-likelihood", correction=False).statistic
    return {
        "name": name, "n": n, "hits": np.flatnonzero(days).tolist(), "level": level,
        "exceeded": x, "expected": n * (1 - level),
        "kupiec_p": float(stats.chi2.sf(coverage, 1)),
        "independence_p": float(stats.chi2.sf(independence, 1)),
        "conditional_p": float(stats.chi2.sf(coverage + independence, 2)),
    }  # fmt: skip


def exceedance_cases():
    clustered = np.concatenate([np.arange(5) + 100 * k for k in range(4)])
    yield exceedance_case("nearly as many as expected", 500, RNG.choice(500, 27, replace=False), 0.95)
    yield exceedance_case("too many", 1103, RNG.choice(1103, 24, replace=False), 0.99)
    yield exceedance_case("too few", 1103, RNG.choice(1103, 3, replace=False), 0.99)
    yield exceedance_case("clustered", 400, clustered, 0.95)
    yield exceedance_case("none", 200, np.array([], dtype=int), 0.99)
    yield exceedance_case("on the last day", 50, np.array([49]), 0.99)


def shortfall_case(level):
    """Statistics of Acerbi and Szekely (2014), and their p from draws of numpy's own generator."""
    days, members = 250, 200
    scale = np.round(0.01 * np.exp(0.3 * RNG.standard_normal(days)), 6)
    shape = np.round(RNG.standard_normal(members), 6)
    forecasts = scale[:, None] * shape
    came = np.round(1.15 * scale * RNG.standard_normal(days), 6)
    at_risk = np.quantile(forecasts, level, axis=1, method="inverted_cdf")
    shortfall = at_risk + np.maximum(forecasts - at_risk[:, None], 0).mean(axis=1) / (1 - level)

    def z(losses):
        beyond = losses > at_risk
        ratios = np.where(beyond, losses / shortfall, 0.0).sum(axis=-1)
        with np.errstate(invalid="ignore"):
            return 1 - ratios / beyond.sum(axis=-1), 1 - ratios / (days * (1 - level))

    z1, z2 = z(came)
    draws = RNG.integers(members, size=(40_000, days))
    z1s, z2s = z(forecasts[np.arange(days), draws])
    z1s = z1s[~np.isnan(z1s)]  # pasts without a day beyond have no z1
    return {
        "level": level, "scale": scale.tolist(), "shape": shape.tolist(), "came": came.tolist(),
        "z1": float(z1), "z1_p": float((z1s <= z1).mean()), "z2": float(z2), "z2_p": float((z2s <= z2).mean()),
    }  # fmt: skip


def touch_case(last, level, sigma, days):
    away = abs(np.log(level / last)) / (sigma * np.sqrt(days))
    return {"last": last, "level": level, "sigma": sigma, "days": days, "probability": float(2 * stats.norm.sf(away))}


document = {
    "made_by": {"script": "risk.py", "python": platform.python_version()}
    | {name: importlib.metadata.version(name) for name in ("numpy", "scipy")},
    "losses": [losses_case(n, level) for n, level in [(400, 0.99), (400, 0.95), (137, 0.975), (137, 0.9), (100, 0.99)]],
    "exceedances": list(exceedance_cases()),
    "shortfall": [shortfall_case(level) for level in (0.95, 0.99)],
    "touches": [touch_case(*case) for case in [(100.0, 103.0, 0.012, 5.0), (50.0, 40.0, 0.03, 3.0), (10.0, 10.01, 0.02, 1.0)]],
}
(HERE / "risk.json").write_text(json.dumps(document) + "\n")
