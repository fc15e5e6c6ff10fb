"""Load on several replicas of `stockops serve` that share one Redis and one home: how answers a second grow with them.

usage: replicas.py STOCKOPS_BINARY [--replicas 1,2] [--seconds N] [--rounds N]     wanted: wrk, redis-server and taskset

Each replica has a processor of its own, as far as there are so many, and is asked by a `wrk` of its own over 8 connections. wrk and Redis have none of
their own: where there are no more processors than replicas the growth is understated. Rounds go through the numbers of replicas in turn; stated are
medians with the least and the most.
"""

import argparse
import os
import statistics
import subprocess
import tempfile
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from service import NO_CACHE, free_port, post, resident, wait, wrk

ITEMS = [
    ("cached prediction", "/predict-child", {"ticker": "AMZN"}),
    ("uncached prediction", "/forecast?tickers=AMZN", NO_CACHE),
]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("command")
    parser.add_argument("--replicas", default="1,2")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    counts = [int(word) for word in args.replicas.split(",")]
    home = tempfile.TemporaryDirectory()
    running = []
    try:
        redis = free_port()
        running.append(subprocess.Popen(["redis-server", "--port", str(redis), "--save", ""], stdout=subprocess.DEVNULL))
        while subprocess.run(["redis-cli", "-p", str(redis), "ping"], capture_output=True).returncode:
            time.sleep(0.05)
        ports = [free_port() for _ in range(max(counts))]
        env = {name: value for name, value in os.environ.items() if not name.startswith("STOCKOPS_")} | {"RUST_LOG": "warn"}
        servers = []
        for number, port in enumerate(ports):
            processor = str(number % os.cpu_count())
            command = ["taskset", "-c", processor, args.command, "serve", "--port", str(port), "--home", home.name]
            command += ["--redis", f"redis://127.0.0.1:{redis}", "--source", "builtin", "--no-limits", "--quiet", "--threads", "1"]
            servers.append(subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL))
            running.append(servers[-1])
        addresses = [f"http://127.0.0.1:{port}" for port in ports]
        for address in addresses:
            wait(f"{address}/readyz")
        while post(f"{addresses[0]}/predict-child", {"ticker": "AMZN"})[0] == 202:
            time.sleep(0.2)
        for address in addresses:
            urllib.request.urlopen(f"{address}/forecast?tickers=AMZN").read()
        rates = {(name, count): [] for name, _, _ in ITEMS for count in counts}
        lates = {key: [] for key in rates}
        for _ in range(args.rounds):
            for name, path, sent in ITEMS:
                for count in counts:
                    with ThreadPoolExecutor(count) as pool:
                        asked = list(pool.map(lambda address: wrk(address + path, args.seconds, sent, 8), addresses[:count]))
                    rates[name, count].append(sum(rate for rate, _ in asked))
                    lates[name, count].append(max(late for _, late in asked))
        print(f"{os.cpu_count()} processors, {args.rounds} rounds of {args.seconds} s\n")
        print(f"| | replicas | a second | against {counts[0]} | 99 % within, ms |")
        print("| --- | --- | --- | --- | --- |")
        for (name, count), own in rates.items():
            ratio = [a / b for a, b in zip(own, rates[name, counts[0]])]
            spread = f"{statistics.median(own):,.0f} [{min(own):,.0f}, {max(own):,.0f}]"
            against = f"{statistics.median(ratio):.2f} [{min(ratio):.2f}, {max(ratio):.2f}]"
            print(f"| {name} | {count} | {spread} | {against} | {statistics.median(lates[name, count]):.1f} |")
        print(f"\nresident under load, each: {', '.join(f'{resident(server.pid):.0f}' for server in servers)} MiB")
    finally:
        for process in running:
            process.kill()
            process.wait()
        home.cleanup()


main()
