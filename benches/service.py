"""Load on the service and on a stand-in of the original's stack, on the same machine in the same minutes.

usage: service.py STOCKOPS_BINARY BARS.csv.gz [--seconds N] [--rounds N]     (called by service.sh)

Each side is asked by `wrk` in a process of its own over 16 connections; limits are off. Rounds alternate, and each ratio is the
median of its rounds with the least and the most.
"""

import argparse
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent


def free_port():
    with socket.socket() as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def wait(url, seconds=60):
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        try:
            urllib.request.urlopen(url, timeout=1).read()
            return time.perf_counter() - begun
        except OSError:
            time.sleep(0.005)
    raise SystemExit(f"{url} did not answer")


def post(url, body):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=300) as answer:
        return answer.status, json.loads(answer.read())


def resident(pid):
    """MiB of a process and of its children."""
    total, todo = 0, [pid]
    while todo:
        one = todo.pop()
        status = Path(f"/proc/{one}/status").read_text()
        total += int(re.search(r"VmRSS:\s+(\d+)", status)[1])
        todo += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    return total / 1024


# Ours goes round what is kept by a header, the stand-in by its address.
NO_CACHE = object()


def wrk(url, seconds, body=None, connections=16):
    """Requests a second, and milliseconds of the 99th percentile."""
    script = ""
    if body is NO_CACHE:
        script = "wrk.headers['cache-control']='no-cache'\n"
    elif body is not None:
        script = f"wrk.method='POST' wrk.body='{json.dumps(body)}' wrk.headers['content-type']='application/json'\n"
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        file.write(script)
        file.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "-s", file.name, url]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise SystemExit(said)
    late = re.search(r"99%\s+([\d.]+)(us|ms|s)", said)
    scale = {"us": 1e-3, "ms": 1.0, "s": 1e3}[late[2]]
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1]), float(late[1]) * scale


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("bars")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    work = tempfile.TemporaryDirectory()
    running = []
    try:
        redis_port, peer_port, port = free_port(), free_port(), free_port()
        running.append(subprocess.Popen(["redis-server", "--port", str(redis_port), "--save", ""], stdout=subprocess.DEVNULL))
        env = {**os.environ, "REDIS_PORT": str(redis_port), "BARS": args.bars, "PYTHONPATH": str(HERE / "peers")}
        command = [sys.executable, "-m", "uvicorn", "service:app", "--port", str(peer_port), "--log-level", "warning"]
        peer = subprocess.Popen(command, env=env)
        running.append(peer)
        peer_ready = wait(f"http://127.0.0.1:{peer_port}/health")
        command = [args.ours, "serve", "--port", str(port), "--home", work.name, "--source", "builtin", "--no-limits", "--quiet"]
        env = {name: value for name, value in os.environ.items() if not name.startswith("STOCKOPS_")} | {"RUST_LOG": "warn"}
        ours = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
        running.append(ours)
        ready = wait(f"http://127.0.0.1:{port}/readyz")
        us, them, body = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peer_port}", {"ticker": "AMZN"}
        print(f"ready after {ready:.2f} s, the stand-in after {peer_ready:.2f} s")
        at_start = resident(ours.pid)
        status, task = post(f"{us}/predict-child", body)
        begun, least = time.perf_counter(), []
        if status == 202:
            while post(f"{us}/predict-child", body)[0] == 202:
                # Other answers while a model trains.
                moment = time.perf_counter()
                urllib.request.urlopen(f"{us}/forecast?tickers=MSFT").read()
                least.append((time.perf_counter() - moment) * 1e3)
                time.sleep(0.05)
            print(f"trained in {time.perf_counter() - begun:.1f} s; an uncached forecast beside it took {statistics.median(least):.1f} ms, {max(least):.1f} at most")
        items = [
            ("cached prediction", f"{us}/predict-child", f"{them}/predict-child", body),
            ("uncached prediction, batch 1", f"{us}/forecast?tickers=AMZN", f"{them}/predict-child?cache=no", NO_CACHE),
            ("page", f"{us}/app?ticker=AMZN", None, None),
        ]
        for name, ours_url, their_url, sent in items:
            pairs = []
            for _ in range(args.rounds):
                mine = wrk(ours_url, args.seconds, sent)
                theirs = wrk(their_url, args.seconds, body) if their_url else None
                pairs.append((mine, theirs))
            mine = [pair[0][0] for pair in pairs]
            line = f"{name}: {statistics.median(mine):.0f} a second [{min(mine):.0f}, {max(mine):.0f}], 99 % within {statistics.median(p[0][1] for p in pairs):.1f} ms"
            if their_url:
                theirs = [pair[1][0] for pair in pairs]
                ratio = [a / b for a, b in zip(mine, theirs)]
                line += f"; the stand-in {statistics.median(theirs):.0f} [{min(theirs):.0f}, {max(theirs):.0f}]; ratio {statistics.median(ratio):.1f} [{min(ratio):.1f}, {max(ratio):.1f}]"
            print(line)
        print(f"resident: {at_start:.0f} MiB at the start, {resident(ours.pid):.0f} under load; the stand-in {resident(peer.pid):.0f}")
    finally:
        for process in running:
            process.kill()
            process.wait()
        work.cleanup()


if __name__ == "__main__":
    main()
