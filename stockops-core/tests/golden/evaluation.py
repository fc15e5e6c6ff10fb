"""Scores, tests and simple rules by scoringrules, statsmodels, scipy, scikit-learn and pandas, into evaluation.json."""

import functools
import json

import numpy as np
import pandas as pd
import scoringrules
import statsmodels.api as sm
from scipy import stats
from sklearn.metrics import mean_pinball_loss
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.sandwich_covariance import weights_bartlett, weights_uniform

from golden import HERE, floats, hashed, made_by, write_json

FIRST, COUNT, HORIZONS = 480, 115, 5  # the judged forecasts: made at the close of bars 480 to 594
BEFORE = 300  # rules are chosen on forecasts from this bar on
PROBABILITIES = [0.05, 0.25, 0.5, 0.75, 0.95]
BARS = pd.DataFrame(json.loads((HERE / "indicators.json").read_text())["bars"])
LOGS = pd.DataFrame({"volume": np.log(BARS.volume), "range": np.log(np.log(BARS.high / BARS.low).clip(lower=2e-4))})


def table(number, shape, bound):
    return hashed(number, shape, bound).numpy().astype(float)


def har(x, history, known, ahead):
    """OLS by statsmodels on the first `history` values of x, forecast at the close of bar `known`."""
    rows = sm.add_constant(pd.DataFrame({"day": x, "week": x.rolling(5).mean(), "month": x.rolling(22).mean()}))
    fitted = rows[:history].assign(target=x[:history].shift(-ahead)).dropna()
    model = sm.OLS(fitted.target, fitted.drop(columns="target")).fit()
    return float(model.predict(rows.iloc[[known]]).iloc[0])


def day_facts(days):
    """What a calendar of weekdays without holidays knows of each day, in the order of KnownDay::regressors."""
    days = pd.DatetimeIndex(days)
    month, day, weekday = days.month, days.day, days.day_of_week
    session = weekday < 5
    next_one = days + pd.offsets.BDay(1)
    before = days - pd.offsets.BDay(1)
    month_end = session & (next_one.month != month)
    month_start = session & (before.month != month)
    never = np.zeros(len(days), bool)
    facts = [never] * 12
    facts += [(month == 12) & (day >= 20) & (day < 26), (month == 12) & (day >= 26), (month == 1) & (day <= 5)]
    facts += [month_end, month_start, month_end & month.isin([2, 5, 8, 11]), month_end & (month % 3 == 0)]
    facts += [weekday == w for w in (0, 1, 3, 4, 5, 6)]
    return np.array(facts, float).T


DAYS = pd.date_range("2015-01-01", periods=len(BARS))
FACTS = day_facts(DAYS)


@functools.cache
def day_effects(field, fitted):
    """Effects of days on the first `fitted` bars: ridge towards 0 worth ten days of a kind, three passes."""
    x = LOGS[field].to_numpy()[:fitted]
    facts = FACTS[:fitted]
    effects = np.zeros(facts.shape[1])
    for _ in range(3):
        ordinary = pd.Series(x - facts @ effects)
        month = ordinary.rolling(22).mean().shift(1)
        past = np.c_[ordinary.shift(1) - month, ordinary.rolling(5).mean().shift(1) - month, np.ones(fitted)]
        design, target = np.c_[past, facts][22:], (x - month)[22:]
        ridge = np.c_[np.zeros((len(effects), 3)), np.sqrt(10.0) * np.eye(len(effects))]
        solved = np.linalg.lstsq(np.r_[design, ridge], np.r_[target, np.zeros(len(effects))], rcond=None)[0]
        effects = solved[3:]
    return effects


def calendar_values(field, known, h, fitted, target):
    """The rules that know the calendar: on ordinary days, plus the effect of the day `target`."""
    effects = day_effects(field, fitted)
    ordinary = LOGS[field] - FACTS @ effects
    recent = ordinary[: known + 1][-250:]
    effect = float((day_facts([target]) @ effects)[0])
    return {
        "mean_20_calendar": recent.iloc[-20:].mean() + effect,
        "har_calendar": har(ordinary, fitted, known, h) + effect,
        "ewma_calendar": recent.ewm(alpha=0.06, adjust=True).mean().iloc[-1] + effect,
    }


def diebold_mariano(a, b, h):
    """statsmodels' long-run variance of the mean loss difference, HLN's factor, scipy's Student t."""
    d = np.asarray(a) ** 2 - np.asarray(b) ** 2
    n = len(d)
    for weights in (weights_uniform, weights_bartlett):
        cov = {"maxlags": h - 1, "kernel": weights, "use_correction": False}
        variance = sm.OLS(d, np.ones(n)).fit(cov_type="HAC", cov_kwds=cov).cov_params()[0, 0]
        if variance > 0:
            break
    factor = (n + 1 - 2 * h + h * (h - 1) / n) / n
    error = np.sqrt(variance / factor)
    statistic = d.mean() / error
    return {"mean": d.mean(), "standard_error": error, "statistic": statistic, "p": 2 * stats.t.sf(abs(statistic), n - 1)}


def difference_cases():
    """White, overlapping and alternating losses; the last has no positive variance with equal weights."""
    noise = table(11, (240,), 1.0)
    smooth = np.convolve(noise, np.ones(5) / 5, mode="same")
    alternating = np.sqrt(1.0 + 0.9 * (-1.0) ** np.arange(40) + 0.05 * noise[:40])
    for name, a, b, h in [
        ("white", noise[:120], 1.2 * noise[120:], 1),
        ("overlapping", smooth[:120], 1.3 * smooth[120:], 5),
        ("short", smooth[:24], 1.1 * smooth[100:124], 3),
        ("alternating", alternating, np.ones(40), 2),
    ]:
        result = {k: float(v) for k, v in diebold_mariano(a, b, h).items()}
        yield {"name": name, "horizon": h, "a": floats(a), "b": floats(b)} | result


def crps_cases():
    values = table(12, (37,), 2.0)
    for location, scale, y in [(0.0, 1.0, 0.3), (1.5, 0.2, 1.1), (-2.0, 3.0, 40.0), (0.0, 1.0, float(values[4]))]:
        ensemble = location + scale * values
        exact = scoringrules.crps_ensemble(y, ensemble, estimator="int", backend="numpy")
        by_pairs = scoringrules.crps_ensemble(y, ensemble, estimator="nrg", backend="numpy")
        assert abs(exact - by_pairs) < 1e-9
        normal = scoringrules.crps_normal(y, location, scale, backend="numpy")
        quantiles = np.quantile(ensemble, PROBABILITIES, method="inverted_cdf")
        yield {
            "location": location, "scale": scale, "y": y, "crps": float(exact), "normal": float(normal),
            "quantiles": floats(quantiles),
            "pinball": [float(mean_pinball_loss([y], [q], alpha=p)) for p, q in zip(PROBABILITIES, quantiles)],
        }  # fmt: skip


def rule_values(field, known, h, fitted, target=None):
    """Forecasts of the rules at the close of bar `known`, h sessions ahead, fitted on the first `fitted` bars.

    `target` is the day that is forecast: that of bar `known + h` where none is given.
    """
    past = BARS[: known + 1]
    last = past.iloc[-1]
    moves = np.log(last.close / past.close.iloc[0]) / known
    if field in LOGS:
        x = LOGS[field][: known + 1]
        return {
            "persistence": x.iloc[-1],
            "drift": x.iloc[-1],
            "mean_20": x.rolling(20).mean().iloc[-1],
            "seasonal_naive": x.iloc[-5 + (h - 1) % 5],
            "har": har(LOGS[field], fitted, known, h),
            "ewma": x.ewm(alpha=0.06, adjust=True).mean().iloc[-1],
            **calendar_values(field, known, h, fitted, DAYS[known + h] if target is None else target),
        }
    if field in ("open", "close"):
        persistence, weekday = 0.0, 0.0
        mean = np.log(past[field].rolling(20).mean().iloc[-1] / last.close)
    else:
        offset = np.log(past[field] / past.close.shift(1))
        persistence, weekday = np.log(last[field] / last.close), offset.iloc[-5 + (h - 1) % 5]
        mean = offset.rolling(20).mean().iloc[-1]
    drift = persistence + moves * (h - 1 if field == "open" else h)
    return {"persistence": persistence, "drift": drift, "mean_20": mean, "seasonal_naive": weekday}


def value(field, bar, close):
    if field == "volume":
        return np.log(bar.volume)
    if field == "range":
        return np.log(max(np.log(bar.high / bar.low), 2e-4))
    return np.log(bar[field] / close)


def predicted(i, h):
    """A made-up model: bars around the last close."""
    u = table(13, (COUNT, HORIZONS, 5), 0.02)[i, h - 1]
    last = BARS.iloc[FIRST + i]
    start, end = last.close * np.exp(u[0]), last.close * np.exp(u[1])
    high, low = max(start, end) * np.exp(abs(u[2])), min(start, end) * np.exp(-abs(u[3]))
    return pd.Series({"open": start, "high": high, "low": low, "close": end, "volume": last.volume * np.exp(20 * u[4])})


def persistence_scale(field, h):
    """Mean absolute error of persistence on the bars known at the first judged forecast."""
    past = BARS[: FIRST + 1]
    if field in LOGS:
        return float(LOGS[field][: FIRST + 1].diff(h).abs().mean())
    guess = 0.0 if field in ("open", "close") else np.log(past[field] / past.close)
    return float((np.log(past[field].shift(-h) / past.close) - guess).abs().mean())


def cell(field, h, shape):
    errors, rules, rows = [], [], []
    for i in range(COUNT):
        t = FIRST + i
        close = BARS.close[t]
        actual = value(field, BARS.iloc[t + h], close)
        errors.append(actual - value(field, predicted(i, h), close))
        rules.append({k: actual - v for k, v in rule_values(field, t, h, FIRST + 1).items()})
        unit = np.exp(LOGS.range[t - 19 : t + 1].mean())
        moves = np.log(BARS.close[: t + 1]).diff().dropna() ** 2
        volatility = np.sqrt(moves.ewm(alpha=0.06, adjust=True).mean().iloc[-1] * h)
        rows.append((actual, actual - errors[-1], unit, volatility))
    errors, rules, rows = np.array(errors), pd.DataFrame(rules), np.array(rows)
    rmse = lambda e: float(np.sqrt(np.mean(np.asarray(e) ** 2)))
    # The judged forecasts begin with day FIRST + 1; all five days of an earlier one must lie before.
    early = range(BEFORE, FIRST - HORIZONS + 1)
    choices = ["persistence", "mean_20", "har", "ewma", "mean_20_calendar", "har_calendar", "ewma_calendar"]
    past = pd.DataFrame(
        [
            {k: value(field, BARS.iloc[t + h], BARS.close[t]) - v for k, v in rule_values(field, t, h, BEFORE + 1).items()}
            for t in early
        ]
    )
    best = min((k for k in choices if k in past), key=lambda k: rmse(past[k]))
    result = {
        "n": COUNT,
        "rmse": rmse(errors),
        "mae": float(np.abs(errors).mean()),
        "mase": float(np.abs(errors).mean() / persistence_scale(field, h)),
        "bias": float(errors.mean()),
        "skill_vs_persistence": 1 - rmse(errors) / rmse(rules.persistence),
        "skill_vs_best_rule": 1 - rmse(errors) / rmse(rules[best]),
        "best_rule": best,
        "dm_p": float(diebold_mariano(errors, rules[best], h)["p"]),
        "rules": {k: rmse(v) for k, v in rules.items()},
    }
    if field == "close":
        result |= close_cell(h, rows, shape)
    return result


def close_cell(h, rows, shape):
    """Interval, distribution and direction: scale is unit times root h, interval half-widths are 1, 1.5 and 2 of it."""
    actual, location, unit, volatility = rows.T
    scale = unit * np.sqrt(h)
    within = {k: np.abs(actual - location) <= w * scale for k, w in [("80", 1.0), ("90", 1.5), ("95", 2.0)]}
    thirds = np.array_split(np.argsort(unit, kind="stable"), [COUNT // 3, COUNT - COUNT // 3])
    ensembles = location[:, None] + scale[:, None] * shape
    quantiles = np.quantile(ensembles, PROBABILITIES, axis=1, method="inverted_cdf")
    right = (actual > 0) == (location > 0)
    interval = proportion_confint(right.mean() * COUNT / h, COUNT / h, method="wilson")
    rose = float((actual > 0).mean())
    return {
        **{f"coverage_{k}": float(v.mean()) for k, v in within.items()},
        "coverage_90_by_volatility": [float(within["90"][third].mean()) for third in thirds],
        "width_90": float((3.0 * scale).mean()),
        "crps": float(scoringrules.crps_ensemble(actual, ensembles, estimator="int", backend="numpy").mean()),
        "crps_ewma": float(scoringrules.crps_normal(actual, 0.0, volatility, backend="numpy").mean()),
        "pinball": {
            str(p): float(mean_pinball_loss(actual, q, alpha=p)) for p, q in zip(PROBABILITIES, quantiles, strict=True)
        },
        "direction": {
            "accuracy": float(right.mean()), "majority": max(rose, 1 - rose), "n": COUNT, "interval": floats(interval)
        },
    }  # fmt: skip


shape = table(14, (50,), 2.0)
write_json(
    "evaluation.json",
    {
        "made_by": made_by(
            "evaluation.py", "scoringrules", "statsmodels", "scipy", "scikit-learn", "pandas", "numpy", "torch"
        ),
        "differences": list(difference_cases()),
        "crps_values": floats(table(12, (37,), 2.0)),
        "probabilities": PROBABILITIES,
        "crps": list(crps_cases()),
        "wilson": [
            {"hits": hits, "n": n, "interval": floats(proportion_confint(hits, n, method="wilson"))}
            for hits, n in [(0, 20), (20, 20), (13, 25), (141, 250), (56.4, 101.2)]
        ],
        "rules": [
            {"field": field, "known": known, "horizon": h, "forecasts": floats_of}
            for field in ("open", "high", "low", "close", "volume", "range")
            for known, h in [(500, 1), (550, 3), (598, 5), (599, 7)]
            for floats_of in [{k: float(v) for k, v in rule_values(field, known, h, 500, DAYS[known] + pd.offsets.BDay(h)).items()}]
        ],
        "volatility": [
            float(np.sqrt((np.log(BARS.close[:n]).diff().dropna() ** 2).ewm(alpha=0.06, adjust=True).mean().iloc[-1]))
            for n in (2, 30, 600)
        ],
        "table": {
            field: {f"h{h}": cell(field, h, shape) for h in (1, 3, 5)}
            for field in ("open", "high", "low", "close", "volume", "range")
        },
    },
)
