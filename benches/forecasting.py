"""Print the answers of `stockops backtest --json` as tables in Markdown: forecasting.py FILE.json ... (standard library only)"""

import json
import sys
from pathlib import Path


def horizons(fields):
    """The keys of all horizons, nearest first."""
    return sorted(fields["close"], key=lambda key: int(key[1:]))


def some(fields):
    """The first, the middle and the last horizon."""
    every = horizons(fields)
    return list(dict.fromkeys([every[0], every[len(every) // 2], every[-1]]))


def ends(fields):
    return list(dict.fromkeys([horizons(fields)[0], horizons(fields)[-1]]))


def percent(value):
    return "" if value is None else f"{100 * value:+.1f}"


def skills(fields, field, key="skill_vs_best_rule", of=some):
    return " / ".join(percent(fields[field][h][key]) for h in of(fields)) if field in fields else ""


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " --- |" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print()


def main(paths):
    runs = [(Path(path).stem, json.loads(Path(path).read_text())) for path in paths]
    runs = [(name, run) for name, run in runs if "fields" in run]
    print("Skill over the best simple rule in %, at the first / middle / last horizon; close at every one over persistence.\n")
    rows = [
        [run["ticker"], name, f"{run['forecasts']}, {run['first_day']} to {run['last_day']}", skills(run["fields"], "range"),
         skills(run["fields"], "volume"), skills(run["fields"], "close", "skill_vs_persistence", horizons)]
        for name, run in runs
    ]
    table(["ticker", "bars", "forecasts", "range", "volume", "close"], rows)
    print("Close: share of outcomes in the 90 % interval, by thirds of volatility, and CRPS over that of the Gaussian random walk "
          "with EWMA volatility; then the 90 % intervals of range and volume at one day.\n")
    rows = []
    for _, run in runs:
        close = run["fields"]["close"]
        held = lambda score: f"{score['coverage_90']:.3f} (" + ", ".join(f"{x:.2f}" for x in score["coverage_90_by_volatility"]) + ")"
        ratio = " / ".join(f"{close[h]['crps'] / close[h]['crps_ewma']:.3f}" for h in horizons(run["fields"]))
        other = [f"{run['fields'][field]['h1']['coverage_90']:.3f}" for field in ("range", "volume")]
        rows.append([run["ticker"], held(close["h1"]), held(close[horizons(run["fields"])[-1]]), ratio, *other])
    table(["ticker", "1 day", "last day", "CRPS ratio, first to last day", "range", "volume"], rows)
    pooled([run for _, run in runs])
    ablations([(name, run) for name, run in runs if run.get("ablation")])


def pooled(runs):
    """Coverage over the forecasts of all files together, and of the thirds of volatility."""
    print("Share of outcomes in the intervals of 80, 90 and 95 %, and in that of 90 % by thirds of volatility, all files together.\n")
    rows = []
    for field in ("open", "high", "low", "close", "volume", "range"):
        for h in ends(runs[0]["fields"]):
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
                row[name] = skills(one["fields"], field, key, ends)
        if rows:
            over = "the best rule" if field != "close" else "persistence"
            print(f"Transfer, {field}: skill over {over} in %, at the first / last day.\n")
            names = [name for name, _ in runs]
            table(["history", "strategy", *names], [[*what, *(row.get(name, "") for name in names)] for what, row in rows.items()])


if __name__ == "__main__":
    main(sys.argv[1:])
