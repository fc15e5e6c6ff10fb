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
    for name, run in runs:
        if run.get("ablation"):
            print(f"{run['ticker']} ({name}), {run['forecasts']} forecasts: the same days for all\n")
            rows = [
                [one["history"] or "all", one["strategy"].replace("_", "-"), skills(one["fields"], "range"), skills(one["fields"], "volume"),
                 skills(one["fields"], "close", "skill_vs_persistence")]
                for one in run["ablation"]
            ]
            table(["history", "strategy", "range", "volume", "close"], rows)


if __name__ == "__main__":
    main(sys.argv[1:])
