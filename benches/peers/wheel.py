"""The wheel beside PyTorch with pandas and scikit-learn: import, size, memory, a child. Called by wheel.sh.

usage: wheel.py WHEEL OURS_PYTHON THEIR_PYTHON [--pairs N] [--threads N] [--raw FILE]

Fresh processes in turn. OURS_PYTHON has numpy and the wheel, THEIR_PYTHON torch, pandas, scikit-learn and safetensors.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from compare import run, spread

HERE = Path(__file__).parent
NEEDED = """
import importlib.metadata as metadata, re, sys
def needs(name, seen):
    try: found = metadata.distribution(name)
    except metadata.PackageNotFoundError: return
    if found.metadata["Name"].lower() in seen: return
    seen[found.metadata["Name"].lower()] = sum(f.locate().stat().st_size for f in found.files or [] if f.locate().is_file())
    for line in found.requires or []:
        if "extra ==" not in line: needs(re.match(r"[A-Za-z0-9._-]+", line)[0], seen)
seen = {}
for name in sys.argv[1:]: needs(name, seen)
print("bytes", sum(seen.values()))
"""
IMPORT = "import time; start = time.perf_counter(); import {0}; print('seconds', time.perf_counter() - start)"
PEAK = "; print('peak_mib', next(float(l.split()[1]) / 1024 for l in open('/proc/self/status') if l.startswith('VmHWM:')))"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("wheel", type=Path)
    parser.add_argument("ours")
    parser.add_argument("theirs")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--raw", help="write every number to this file")
    args = parser.parse_args()
    raw = []

    def measure(side, item, *command):
        result = run(command, args.threads)
        raw.append({"side": side, "item": item} | result)
        print(f"  {item} {side}: {result}", file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory() as folder:
        table, weights = Path(folder, "amzn.csv"), Path(folder, "parent.safetensors")
        write = (
            "import sys, stockops; b = stockops.load_bars('AMZN'); stockops.shipped_parent().model.save(sys.argv[2]); "
            "open(sys.argv[1], 'w').write('date,open,high,low,close,volume\\n' + ''.join(','.join(map(str, r)) + '\\n' for r in b))"
        )
        subprocess.run([args.ours, "-c", write, table, weights], check=True)
        for _ in range(args.pairs):
            measure("numpy", "import", args.ours, "-c", IMPORT.format("numpy") + PEAK)
            measure("ours", "import", args.ours, "-c", IMPORT.format("numpy, stockops") + PEAK)
            measure("theirs", "import", args.theirs, "-c", IMPORT.format("torch, pandas, sklearn.preprocessing") + PEAK)
            measure("ours", "child", args.ours, HERE / "child_ours.py", table)
            measure("theirs", "child", args.theirs, HERE / "child_pytorch.py", table, weights, "cached")
            measure("naive", "child", args.theirs, HERE / "child_pytorch.py", table, weights, "naive")
    sizes = {
        "ours": run([args.ours, "-c", NEEDED, "stockops"], 1)["bytes"],
        "theirs": run([args.theirs, "-c", NEEDED, "torch", "pandas", "scikit-learn", "safetensors"], 1)["bytes"],
    }
    if args.raw:
        Path(args.raw).write_text("".join(json.dumps(line) + "\n" for line in raw))
    report(raw, sizes, args.wheel.stat().st_size)


def report(raw, sizes, wheel):
    def of(side, item, key="seconds"):
        return [line[key] for line in raw if line["side"] == side and line["item"] == item]

    def row(name, theirs, naive, ours, digits, unit=1):
        cells = [spread([value * unit for value in side], digits) if side else "" for side in (theirs, naive, ours)]
        quotients = [spread([a / b for a, b in zip(side, ours)], 2) if side else "" for side in (theirs, naive)]
        print(f"| {name} | " + " | ".join(cells + quotients) + " |")

    print("\n| median [min, max] | PyTorch, cached | PyTorch, naive | stockops | cached / ours | naive / ours |")
    print("| --- | --- | --- | --- | --- | --- |")
    row("child: file to forecast, s", of("theirs", "child"), of("naive", "child"), of("ours", "child"), 2)
    whole = [of(side, "child", "wall") for side in ("theirs", "naive", "ours")]
    row("the same, whole process, s", *whole, 2)
    peaks = [of(side, "child", "peak_mib") for side in ("theirs", "naive", "ours")]
    row("child: peak memory, MiB", *peaks, 0)
    row("import, s", of("theirs", "import"), [], of("ours", "import"), 3)
    row("import: peak memory, MiB", of("theirs", "import", "peak_mib"), [], of("ours", "import", "peak_mib"), 0)
    over = [a - b for a, b in zip(of("ours", "import"), of("numpy", "import"))]
    print(f"\nimport over numpy's own: {spread([value * 1e3 for value in over], 1)} ms (numpy: "
          f"{spread([value * 1e3 for value in of('numpy', 'import')], 1)} ms)")
    print(f"wheel: {wheel / 1e6:.2f} MB; installed with all that is needed: ours {sizes['ours'] / 1e6:.0f} MB, "
          f"theirs {sizes['theirs'] / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
