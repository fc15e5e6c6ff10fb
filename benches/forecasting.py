"""Print the answers of `stockops backtest --json` as tables in Markdown: forecasting.py FILE.json ... (standard library only)"""

import json
import sys
from pathlib import Path

from risk import table


def sessions(key):
    """Of the key `h5` the number 5."""
    return int(key[1:])


def every(run):
    """Keys of all horizons, in order."""
    return sorted({key for rows in run["fields"].values() for key in rows}, key=sessions)


def some(run, places=3):
    """The first and the last horizon, and with three places the one in the middle."""
    keys = every(run)
    chosen = [keys[0], keys[-1]] if places == 2 else [keys[0], keys[len(keys) // 2], keys[-1]]
    return list(dict.fromkeys(chosen))


def days(keys):
    """`1 / 3 / 5 days`, `1 day`."""
    return " / ".join(str(sessions(key)) for key in keys) + (" day" if keys == ["h1"] else " days")



def percent(value):
    return "" if value is None else f"{100 * value:+.1f}"


def skills(fields, field, horizons, key="skill_vs_best_rule"):
    return " / ".join(percent(fields[field][h][key]) for h in horizons) if field in fields else ""


def main(paths):
    runs = [(Path(path).stem, json.loads(Path(path).read_text())) for path in paths]
    runs = [(name, run) for name, run in runs if "fields" in run]
    if not runs:
        sys.exit("no backtest among the files")
    shown, last = some(runs[0][1]), every(runs[0][1])[-1]
    close_days = f"1 to {sessions(last)} days" if last != "h1" else "1 day"
    print(f"Skill over the best simple rule in %, at {days(shown)}; close at {close_days} over persistence.\n")
    rows = [
        [run["ticker"], name, f"{run['forecasts']}, {run['first_day']} to {run['last_day']}",
         skills(run["fields"], "range", some(run)), skills(run["fields"], "volume", some(run)),
         skills(run["fields"], "close", every(run), "skill_vs_persistence")]
        for name, run in runs
    ]
    table(["ticker", "bars", "forecasts", "range", "volume", "close"], rows)
    print("Close: share of outcomes in the 90 % interval, by thirds of volatility, and CRPS over that of the Gaussian random walk "
          "with EWMA volatility; share of forecasts of which all closes lay in the path intervals of 80, 90 and 95 %; then the "
          "90 % intervals of range and volume at one day.\n")
    rows = []
    for _, run in runs:
        close = run["fields"]["close"]
        held = lambda score: f"{score['coverage_90']:.3f} (" + ", ".join(f"{x:.2f}" for x in score["coverage_90_by_volatility"]) + ")"
        ratio = " / ".join(f"{close[h]['crps'] / close[h]['crps_ewma']:.3f}" for h in every(run))
        end = close[every(run)[-1]]
        other = [f"{run['fields'][field]['h1']['coverage_90']:.3f}" for field in ("range", "volume")]
        ends = [held(close[h]) for h in some(run, 2)]
        rows.append([run["ticker"], *ends, ratio, path_coverage([end]), *other])
    table(["ticker", *(days([h]) for h in some(runs[0][1], 2)), f"CRPS ratio, {close_days}", "path", "range", "volume"], rows)
    pooled([run for _, run in runs])
    ablations([(name, run) for name, run in runs if run.get("ablation")])


def path_coverage(scores):
    """Share of paths that held at 80, 90 and 95 %, over all forecasts of these scores; empty where none was judged."""
    held = [score["path"] for score in scores if score.get("path")]
    if not held:
        return ""
    count = sum(path["n"] for path in held)
    return " / ".join(f"{sum(p['n'] * p[f'coverage_{level}'] for p in held) / count:.3f}" for level in (80, 90, 95))


def pooled(runs):
    """Coverage over the forecasts of all files together, and of the thirds of volatility."""
    print("Share of outcomes in the intervals of 80, 90 and 95 %, and in that of 90 % by thirds of volatility, all files together.\n")
    rows = []
    for field in ("open", "high", "low", "close", "volume", "range"):
        for h in some(runs[0], 2):
            scores = [run["fields"][field][h] for run in runs]
            mean = lambda value: f"{sum(score['n'] * value(score) for score in scores) / sum(score['n'] for score in scores):.3f}"
            levels = [mean(lambda score: score[f"coverage_{level}"]) for level in (80, 90, 95)]
            thirds = [mean(lambda score: score["coverage_90_by_volatility"][third]) for third in range(3)]
            rows.append([field, sessions(h), " / ".join(levels), " / ".join(thirds)])
    last = every(runs[0])[-1]
    rows.append(["path", f"1 to {sessions(last)}", path_coverage([run["fields"]["close"][last] for run in runs]), ""])
    table(["field", "days", "80 / 90 / 95 %", "calm / middle / wild"], rows)


def ablations(runs):
    """One table a field: histories and strategies down, files across."""
    for field, key in (("range", "skill_vs_best_rule"), ("volume", "skill_vs_best_rule"), ("close", "skill_vs_persistence")):
        rows = {}
        for name, run in runs:
            for one in run["ablation"]:
                row = rows.setdefault((one["history"] or "all", one["strategy"].replace("_", "-")), {})
                row[name] = skills(one["fields"], field, some(run, 2), key)
        if rows:
            over = "the best rule" if field != "close" else "persistence"
            print(f"Transfer, {field}: skill over {over} in %, at {days(some(runs[0][1], 2))}.\n")
            names = [name for name, _ in runs]
            table(["history", "strategy", *names], [[*what, *(row.get(name, "") for name in names)] for what, row in rows.items()])


if __name__ == "__main__":
    main(sys.argv[1:])
