"""Print the answers of `stockops backtest --json` as tables in Markdown: forecasting.py FILE.json ... (standard library only)"""

import json
import sys
from pathlib import Path

HORIZONS = ("h1", "h3", "h5")


def percent(value):
    return "" if value is None else f"{100 * value:+.1f}"


def skills(fields, field, key="skill_vs_best_rule", horizons=HORIZONS):
    return " / ".join(percent(fields[field][h][key]) for h in horizons) if field in fields else ""


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " --- |" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print()


def main(paths):
    runs = [(Path(path).stem, json.loads(Path(path).read_text())) for path in paths]
    runs = [(name, run) for name, run in runs if "fields" in run]
    print("Skill over the best simple rule in %, at 1 / 3 / 5 days; close at 1 to 5 days over persistence.\n")
    every = ("h1", "h2", "h3", "h4", "h5")
    rows = [
        [run["ticker"], name, f"{run['forecasts']}, {run['first_day']} to {run['last_day']}", skills(run["fields"], "range"),
         skills(run["fields"], "volume"), skills(run["fields"], "close", "skill_vs_persistence", every)]
        for name, run in runs
    ]
    table(["ticker", "bars", "forecasts", "range", "volume", "close"], rows)
    print("Close: share of outcomes in the 90 % interval, by thirds of volatility, and CRPS over that of the Gaussian random walk "
          "with EWMA volatility; then the 90 % intervals of range and volume at one day.\n")
    rows = []
    for _, run in runs:
        close = run["fields"]["close"]
        held = lambda score: f"{score['coverage_90']:.3f} (" + ", ".join(f"{x:.2f}" for x in score["coverage_90_by_volatility"]) + ")"
        ratio = " / ".join(f"{close[h]['crps'] / close[h]['crps_ewma']:.3f}" for h in every)
        other = [f"{run['fields'][field]['h1']['coverage_90']:.3f}" for field in ("range", "volume")]
        rows.append([run["ticker"], held(close["h1"]), held(close["h5"]), ratio, *other])
    table(["ticker", "1 day", "5 days", "CRPS ratio, 1 to 5 days", "range", "volume"], rows)
    pooled([run for _, run in runs])
    ablations([(name, run) for name, run in runs if run.get("ablation")])


def pooled(runs):
    """Coverage over the forecasts of all files together, and of the thirds of volatility."""
    print("Share of outcomes in the intervals of 80, 90 and 95 %, and in that of 90 % by thirds of volatility, all files together.\n")
    rows = []
    for field in ("open", "high", "low", "close", "volume", "range"):
        for h in ("h1", "h5"):
            scores = [run["fields"][field][h] for run in runs]
            mean = lambda value: f"{sum(score['n'] * value(score) for score in scores) / sum(score['n'] for score in scores):.3f}"
            levels = [mean(lambda score: score[f"coverage_{level}"]) for level in (80, 90, 95)]
            thirds = [mean(lambda score: score["coverage_90_by_volatility"][third]) for third in range(3)]
            rows.append([field, h[1:], " / ".join(levels), " / ".join(thirds)])
    table(["field", "days", "80 / 90 / 95 %", "calm / middle / wild"], rows)


def ablations(runs):
    """One table a field: histories and strategies down, files across."""
    for field, key in (("range", "skill_vs_best_rule"), ("volume", "skill_vs_best_rule"), ("close", "skill_vs_persistence")):
        rows = {}
        for name, run in runs:
            for one in run["ablation"]:
                row = rows.setdefault((one["history"] or "all", one["strategy"].replace("_", "-")), {})
                row[name] = skills(one["fields"], field, key, ("h1", "h5"))
        if rows:
            over = "the best rule" if field != "close" else "persistence"
            print(f"Transfer, {field}: skill over {over} in %, at 1 / 5 days.\n")
            names = [name for name, _ in runs]
            table(["history", "strategy", *names], [[*what, *(row.get(name, "") for name in names)] for what, row in rows.items()])


if __name__ == "__main__":
    main(sys.argv[1:])
