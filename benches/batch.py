"""Times `stockops batch` on synthetic bars and prints a table in Markdown.

A hundred series are walks whose volatility clusters as that of stocks does. All further tickers are the same files under other names: a
ticker's work does not depend on what others there are.
"""

import argparse
import datetime
import math
import os
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

SERIES = 100


def begin(days):
    """The weekday from which on so many end on 2024-06-28."""
    day = datetime.date(2024, 6, 28)
    while days > 1:
        day -= datetime.timedelta(days=1)
        days -= day.weekday() < 5
    return day


def series(number, first, days):
    """Daily bars as CSV: log returns of a GARCH(1, 1) around 1.5 % a day, ranges and volume that follow it."""
    chance = random.Random(number)
    day, close, variance = first, 20.0 + number, 2e-4
    dates = []
    while len(dates) < days:
        if day.weekday() < 5:
            dates.append(day)
        day += datetime.timedelta(days=1)
    lines = ["Date,Open,High,Low,Close,Volume"]
    for day in dates:
        step = math.sqrt(variance) * chance.gauss(0, 1)
        variance = 8e-6 + 0.08 * step * step + 0.88 * variance
        opened = close * math.exp(0.3 * math.sqrt(variance) * chance.gauss(0, 1))
        close *= math.exp(step)
        wide = [math.exp(abs(0.5 * math.sqrt(variance) * chance.gauss(0, 1))) for _ in range(2)]
        high, low = max(opened, close) * wide[0], min(opened, close) / wide[1]
        volume = round(1e6 * math.exp(20 * math.sqrt(variance) + 0.3 * chance.gauss(0, 1)))
        lines.append(f"{day},{opened:.4f},{high:.4f},{low:.4f},{close:.4f},{volume}")
    return "\n".join(lines) + "\n"


def write(folder, tickers, texts):
    """Every file of bars is written anew, whole or not at all, as a download does."""
    for number in range(tickers):
        file = folder / f"S{number:05}.csv"
        fresh = file.with_suffix(".new")
        fresh.write_text(texts[number % SERIES])
        fresh.rename(file)


def nights(count, command, bars, home, names, tickers, days, threads):
    """Nights after a training: all bars get a day, forecasts are made, outcomes settled and drift reported."""
    texts = [series(number, begin(days), days + count).splitlines(keepends=True) for number in range(SERIES)]
    print("\n| night | bars written, s | forecasts, s | outcomes and drift, s | in all, s |")
    print("| --- | --- | --- | --- | --- |")
    for night in range(1, count + 1):
        begun = time.monotonic()
        write(bars, tickers, ["".join(lines[: 1 + days + night]) for lines in texts])
        spent = [time.monotonic() - begun]
        spent += [run(command, bars, home, names, work, threads, 1)[0] for work in ("forecast", "monitor")]
        print(f"| {night} | {' | '.join(f'{each:.1f}' for each in [*spent, sum(spent)])} |", flush=True)
    write(bars, tickers, ["".join(lines[: 1 + days]) for lines in texts])


def prepare(folder, tickers, days):
    """A folder of bars and a list of as many tickers."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(tickers):
        file = folder / f"S{number:05}.csv"
        if file.exists():
            continue
        if number < SERIES:
            file.write_text(series(number, begin(days), days))
        else:
            os.link(folder / f"S{number % SERIES:05}.csv", file)
    names = folder.parent / f"{tickers}.txt"
    names.write_text("".join(f"S{number:05}\n" for number in range(tickers)))
    return names


def run(command, bars, home, names, work, threads, processes):
    """Seconds, seconds of the processor, and the largest memory of a process in MiB, of one batch."""
    begun = time.monotonic()
    call = [command, "batch", work, "--tickers", names, "--bars-dir", bars, "--home", home, "--quiet", "--threads", str(threads)]
    shards = [subprocess.Popen([*call, "--shard", f"{k + 1}/{processes}"], stdout=subprocess.DEVNULL) for k in range(processes)]
    largest = worked = 0
    for shard in shards:
        _, status, usage = os.wait4(shard.pid, 0)
        if status != 0:
            sys.exit(f"{' '.join(map(str, call))} ended with status {status}")
        largest = max(largest, usage.ru_maxrss)
        worked += usage.ru_utime + usage.ru_stime
    return time.monotonic() - begun, worked, largest / 1024


def size(folder):
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*"))


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command", type=pathlib.Path)
    parser.add_argument("--tickers", type=numbers, default=[100, 1000])
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--processes", type=numbers, default=[1])
    parser.add_argument("--days", type=int, default=1000)
    parser.add_argument("--work", default="train,forecast")
    parser.add_argument("--nights", type=int, default=0, help="so many nights after the works, each with a new day of bars, in one process")
    parser.add_argument("--keep", type=pathlib.Path, help="folder for bars and homes, which stays")
    asked = parser.parse_args()
    place = asked.keep or pathlib.Path(tempfile.mkdtemp())
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{os.cpu_count()} processors, load {load} at the beginning, {asked.days} days a ticker\n")
    print("| work | tickers | processes x threads | seconds | tickers a minute | ms of processor a ticker | largest memory, MiB | home, KiB a ticker |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for count in asked.tickers:
        names = prepare(place / "bars", count, asked.days)
        for processes in asked.processes:
            for threads in asked.threads:
                home = place / f"home-{count}-{processes}-{threads}"
                for work in asked.work.split(","):
                    before = size(home) if home.exists() else 0
                    seconds, worked, memory = run(asked.command, place / "bars", home, names, work, threads, processes)
                    kept = (size(home) - before) / 1024 / count
                    rate = 60 * count / seconds
                    speed = [f"{seconds:.1f}", f"{rate:,.0f}", f"{1000 * worked / count:.0f}"]
                    cells = [work, f"{count:,}", f"{processes} x {threads}", *speed, f"{memory:.0f}", f"{kept:.0f}"]
                    print(f"| {' | '.join(cells)} |", flush=True)
                if asked.nights:
                    nights(asked.nights, asked.command, place / "bars", home, names, count, asked.days, threads)
                if not asked.keep:
                    shutil.rmtree(home)
    if not asked.keep:
        shutil.rmtree(place)


main()
