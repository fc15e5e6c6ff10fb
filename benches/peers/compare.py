"""Runs both sides in fresh processes in turn and prints median and range of each ratio. Called by run.sh.

usage: compare.py OURS_BINARY [--pairs N] [--threads N] [--raw FILE]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

PYTORCH = Path(__file__).with_name("pytorch.py")

# Item, variants of PyTorch, item of ours that it is divided by.
ITEMS = [
    ("T", ["eager", "compile"], "T"),
    ("I1", ["eager", "compile"], "I1"),
    ("I512", ["eager", "compile"], "I512"),
    ("F_cached", ["eager"], "F_cached"),
    ("F_naive", ["eager"], "F_cached"),
]
NAMES = {"T": "T, s", "I1": "I1, ms", "I512": "I512, ms", "F_cached": "F cached, s", "F_naive": "F naive, s"}
UNITS = {"I1": 1e3, "I512": 1e3}

# Floating-point operations of the products of a window: forward, and forward with backward (no gradient of the input).
FORWARD = 2 * 60 * 4 * 128 * (7 + 5 * 128)
TRAINING = 3 * FORWARD - 2 * 60 * 4 * 128 * 7
WORK = {"T": 4000 * TRAINING, "I512": 512 * FORWARD}


def run(command, threads):
    """Wall time of a fresh process and the numbers that it printed."""
    env = {**os.environ, "RAYON_NUM_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    start = time.perf_counter()
    done = subprocess.run([str(part) for part in command], env=env, stdout=subprocess.PIPE, text=True, check=True)
    wall = time.perf_counter() - start
    return {"wall": wall} | {key: float(value) for key, value in map(str.split, done.stdout.splitlines())}


def spread(values, digits=2):
    return f"{statistics.median(values):.{digits}f} [{min(values):.{digits}f}, {max(values):.{digits}f}]"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--raw", help="write every number to this file")
    args = parser.parse_args()

    version = subprocess.run([sys.executable, "-c", "import torch; print(torch.__version__)"], stdout=subprocess.PIPE, text=True, check=True)
    print(f"PyTorch {version.stdout.strip()}, {args.threads} threads, {args.pairs} pairs")
    raw = []

    def measure(side, item, command):
        result = run(command, args.threads)
        raw.append({"side": side, "item": item, "pair": pair} | result)
        shown = result.get("seconds", result["wall"])
        print(f"  pair {pair + 1} {item} {side}: {shown:.4f} s", file=sys.stderr, flush=True)

    for pair in range(args.pairs):
        measure("eager", "import", [sys.executable, "-c", "import torch"])
        measure("ours", "import", [args.ours, "start"])
        measure("eager", "first", [sys.executable, PYTORCH, "first", "eager", args.threads])
        measure("ours", "first", [args.ours, "first"])
        for item, variants, own in ITEMS:
            for variant in variants:
                measure(variant, item, [sys.executable, PYTORCH, item, variant, args.threads])
                if own == item and variant == variants[0]:
                    measure("ours", item, [args.ours, item])
    if args.raw:
        Path(args.raw).write_text("".join(json.dumps(line) + "\n" for line in raw))
    report(raw)


def report(raw):
    def of(side, item, key="seconds"):
        return [line[key] for line in raw if line["side"] == side and line["item"] == item]

    def ratios(theirs, ours):
        return spread([a / b for a, b in zip(theirs, ours)])

    print("\n| median [min, max] | PyTorch eager | PyTorch compile | stockops | eager / ours | compile / ours |")
    print("| --- | --- | --- | --- | --- | --- |")
    for item, variants, own in ITEMS:
        unit = UNITS.get(item, 1)
        digits = 2 if item != "F_cached" else 3
        cells = {side: spread([value * unit for value in of(side, item)], digits) for side in variants}
        ours = spread([value * unit for value in of("ours", item)], digits) if own == item else "(cached)"
        quotients = {side: ratios(of(side, item), of("ours", own)) for side in variants}
        row = [NAMES[item], cells["eager"], cells.get("compile", ""), ours]
        print("| " + " | ".join(row + [quotients["eager"], quotients.get("compile", "")]) + " |")

    print("\n| median [min, max] | PyTorch eager | PyTorch compile | stockops |")
    print("| --- | --- | --- | --- |")
    peaks = {item: of("ours", item, "fma_gflops") for item in WORK}
    for item, work in WORK.items():
        sides = ["eager", "compile", "ours"]
        shares = [[100 * work / s / 1e9 / p for s, p in zip(of(side, item), peaks[item])] for side in sides]
        print(f"| {item}, % of the FMA peak | " + " | ".join(spread(share, 0) for share in shares) + " |")
    for item, variants, own in ITEMS:
        if own == item:
            memory = [spread(of(side, item, "peak_mib"), 0) if side in variants + ["ours"] else "" for side in
                      ["eager", "compile", "ours"]]
            print(f"| {item.replace('_', ' ')}, peak memory in MiB | " + " | ".join(memory) + " |")
    for item, name in [("import", "start of the process: import torch, or nothing, s"),
                       ("first", "start, network and first forecast, s")]:
        print(f"| {name} | {spread(of('eager', item, 'wall'), 3)} | | {spread(of('ours', item, 'wall'), 3)} |")
    print(f"\nFMA peak: {spread([p for all in peaks.values() for p in all], 0)} GFLOP/s")


if __name__ == "__main__":
    main()
