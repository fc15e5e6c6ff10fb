"""The columns of Evidently's default beside ours: usage `evidently_columns.py DIR`, of bars that drift-simulate wrote.

The default for 126 rows is one Kolmogorov-Smirnov test a column at p < .05, and drift of the whole where at least half of the
columns drift. Its report is made by the package on a few windows, to see that the verdict is that; on all windows its own
test function is called, which takes a millisecond where the report takes a second.
"""

import collections
import json
import pathlib
import statistics
import sys

import evidently
import numpy as np
import pandas as pd
from evidently import Report
from evidently.legacy.calculations.stattests import ks_stat_test
from evidently.legacy.core import ColumnType
from evidently.presets import DataDriftPreset

CURRENT, BEFORE, QUIET = 21, 105, 250
REPORTS = 20


def inputs(path):
    """The bars as they are, and returns, ranges and volume changes made of them."""
    bars = pd.read_csv(path)[["Open", "High", "Low", "Close", "Volume"]]
    changes = pd.DataFrame(
        {
            "return": np.log(bars.Close).diff(),
            "range": np.log(np.log(bars.High / bars.Low)),
            "volume change": np.log(bars.Volume).diff(),
        }
    )
    return {"bars": bars[1:].reset_index(drop=True), "changes": changes[1:].reset_index(drop=True)}


def window(table, end):
    return table[end - CURRENT - BEFORE : end - CURRENT], table[end - CURRENT : end]


def is_drift(table, end):
    before, current = window(table, end)
    drifted = [ks_stat_test.func(before[c], current[c], ColumnType.Numerical, 0.05)[1] for c in table]
    return bool(np.mean(drifted) >= 0.5)


def reported(table, end):
    before, current = window(table, end)
    report = Report([DataDriftPreset()]).run(current.reset_index(drop=True), before.reset_index(drop=True))
    metrics = json.loads(report.json())["metrics"]
    methods = {m["config"]["method"] for m in metrics if "method" in m["config"]}
    assert methods == {"K-S p_value"}, methods
    share = next(m["value"]["share"] for m in metrics if m["metric_name"].startswith("DriftedColumnsCount"))
    return share >= 0.5


def cell_quiet(paths):
    days = np.array(paths)
    begins = days[:, 0].sum() + (days[:, 1:] & ~days[:, :-1]).sum()
    return f"{begins / days.size * 250:.2f} a year, {100 * days.mean():.1f} % of days"


def cell_change(paths):
    open_before = [days for days in paths if not days[0]]
    delays = sorted(days[1:].index(True) + 1 for days in open_before if any(days[1:]))
    if not open_before:
        return "all in alarm before"
    share = 100 * len(delays) / len(open_before)
    return f"{share:.0f} %, {statistics.median_high(delays)}" if delays else "0 %"


def main():
    cells, checked = collections.defaultdict(lambda: {"bars": [], "changes": []}), 0
    for path in sorted(pathlib.Path(sys.argv[1]).glob("*.csv")):
        name = path.name.split(";")[0]
        for kind, table in inputs(path).items():
            last = len(table)
            first = BEFORE + CURRENT + 1 if name.endswith(": none") else BEFORE + CURRENT + QUIET
            alarms = [is_drift(table, end) for end in range(first, last + 1)]
            cells[name][kind].append(alarms)
            if checked < REPORTS:
                assert reported(table, last) == alarms[-1], path
                checked += 1
    print(f"evidently {evidently.__version__}; its report gave the same verdict on {checked} of {checked} windows\n")
    print("| | Evidently's default on bars | on returns, ranges, volume changes |\n| --- | ---: | ---: |")
    for name, kinds in cells.items():
        cell = cell_quiet if name.endswith(": none") else cell_change
        print(f"| {name} | {cell(kinds['bars'])} | {cell(kinds['changes'])} |")


main()
