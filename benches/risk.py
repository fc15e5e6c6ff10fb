"""Print how risk was kept as tables in Markdown (standard library only).

risk.py FILE.json ...                 answers of `stockops backtest --json`
risk.py --portfolios FILE.json ...    answers of `stockops risk --portfolio FILE --json`
"""

import json
import sys
from pathlib import Path


def table(head, rows):
    print("| " + " | ".join(head) + " |")
    print("| --- |" + " --- |" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(map(str, row)) + " |")
    print()


def ends(by_horizon):
    """The first and the last horizon."""
    keys = sorted(by_horizon, key=lambda key: int(key[1:]))
    return list(dict.fromkeys([keys[0], keys[-1]]))


def cells(tail):
    """How often more was lost, p of Kupiec, of Christoffersen's independence, and Z2 with its p."""
    test, shortfall = tail["value_at_risk"], tail["expected_shortfall"]
    return [
        f"{100 * tail['exceeded']:.1f}", f"{test['kupiec_p']:.2f}", f"{test['independence_p']:.2f}",
        f"{shortfall['z2']:+.2f} ({shortfall['z2_p']:.2f})",
    ]


HEAD = ["beyond, %", "Kupiec", "independence", "Z2 (p)"]


def backtests(runs):
    for h in ends(runs[0][1]["risk"]):
        print(f"Losses of {h[1:]} day{'s' if h != 'h1' else ''}: value at risk at 95 and at 99 %.\n")
        rows = [
            [run["ticker"], name, run["risk"][h]["n"], *cells(run["risk"][h]["tail"]["95"]), *cells(run["risk"][h]["tail"]["99"])]
            for name, run in runs
        ]
        table(["ticker", "bars", "forecasts", *(f"95: {head}" for head in HEAD), *(f"99: {head}" for head in HEAD)], rows)
    print("Touches of eight levels, half to two standard deviations away: Brier score, that of the walk, and skill over it.\n")
    rows = []
    for name, run in runs:
        touches = [run["risk"][h]["touch"] for h in ends(run["risk"])]
        rows.append([run["ticker"], name, *(f"{t['brier']:.4f} / {t['brier_walk']:.4f}, {100 * t['skill']:+.1f} %" for t in touches)])
    table(["ticker", "bars", *(f"{h[1:]} days" if h != "h1" else "1 day" for h in ends(runs[0][1]["risk"]))], rows)
    reliability([run["risk"] for _, run in runs])


def reliability(risks):
    """Said and come, over all files, by classes of what was said."""
    print("Touches of all files: mean probability that was said, share that came, levels times days.\n")
    columns = []
    for h in ends(risks[0]):
        classes = {}
        for risk in risks:
            for one in risk[h]["touch"]["reliability"]:
                classes.setdefault(min(int(one["said"] * 10), 9), []).append(one)
        columns.append(classes)
    rows = []
    for key in sorted(set().union(*columns)):
        row = [f"{10 * key} to {10 * key + 10} %"]
        for classes in columns:
            own = classes.get(key, [])
            n = sum(one["n"] for one in own)
            mean = lambda what: sum(one["n"] * one[what] for one in own) / n
            row.append(f"{mean('said'):.3f} / {mean('came'):.3f}, {n}" if n else "")
        rows.append(row)
    table(["said", *(f"{h[1:]} days" if h != "h1" else "1 day" for h in ends(risks[0]))], rows)


def portfolios(runs):
    print("Portfolios: losses of 1 and 5 days on held-out days that all positions share.\n")
    rows = []
    for name, run in runs:
        for h in ends(run["skill"]):
            for level in ("95", "99"):
                tail = run["skill"][h][level]
                rows.append([name, h[1:], level, tail["value_at_risk"]["n"], *cells(tail)])
    table(["portfolio", "days", "level, %", "tested", *HEAD], rows)


def main(arguments):
    of_portfolios = arguments[:1] == ["--portfolios"]
    paths = arguments[1:] if of_portfolios else arguments
    runs = [(Path(path).stem, json.loads(Path(path).read_text())) for path in paths]
    runs = [(name, run) for name, run in runs if run.get("skill" if of_portfolios else "risk")]
    if not runs:
        sys.exit("no judged risk among the files")
    (portfolios if of_portfolios else backtests)(runs)


if __name__ == "__main__":
    main(sys.argv[1:])
