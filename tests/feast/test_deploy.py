"""deploy/feast over a home that the command filled, by Feast's own command and its feature server."""

import json
import os
import pathlib
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from conftest import FEATURES, free_port, kill, start_redis

STOCKOPS = os.environ["STOCKOPS"]
# They trade every day, so that no test meets a holiday.
TICKERS = ["BTC-USD", "ETH-USD"]
NAMES = [word for name in FEATURES for word in ["-f", f"stock_stats:{name}"]]


def bars(seed, count=80):
    """A random walk up to two days ago, which is over everywhere."""
    rng = np.random.default_rng(seed)
    days = pd.date_range(end=datetime.now(timezone.utc).date() - timedelta(days=2), periods=count)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, count)))
    table = pd.DataFrame({"Date": days.date, "Open": close * 1.001, "High": close * 1.01, "Low": close * 0.99, "Close": close})
    return table.assign(Volume=rng.integers(4_184_120_000, 4_184_129_999, count))


class Flow:
    """The command over one home, and Feast over the same."""

    def __init__(self, home, repository, port):
        self.home, self.repository, self.redis = home, repository, f"redis://127.0.0.1:{port}"

    def run(self, *words):
        command = [STOCKOPS, "--home", str(self.home), "--redis", self.redis, "--json", *words]
        return subprocess.run(command, capture_output=True, text=True)

    def stockops(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, done.stderr + done.stdout
        return json.loads(done.stdout)

    def feast(self, *words):
        command = [pathlib.Path(sys.executable).with_name("feast"), *words]
        environment = {**os.environ, "STOCKOPS_HOME": str(self.home), "PYTHONWARNINGS": "ignore"}
        done = subprocess.run(command, cwd=self.repository, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def get(self):
        """Values of each ticker as our side reads them online."""
        return {row["ticker"]: row["values"] for row in self.stockops("features", "get", *TICKERS)["rows"]}

    def newest(self):
        """The same out of the files."""
        rows = {ticker: self.stockops("features", "history", ticker)["rows"] for ticker in TICKERS}
        key = lambda row: (row["event_timestamp"], row["created_timestamp"])
        return {ticker: max(of_ticker, key=key)["values"] for ticker, of_ticker in rows.items()}

    def online(self):
        """What Feast's command reads."""
        entities = [word for ticker in TICKERS for word in ["-e", f"ticker={ticker}"]]
        found = json.loads(self.feast("get-online-features", *entities, *NAMES))
        return {t: {name: found[name][place] for name in FEATURES} for place, t in enumerate(found["ticker"])}


@pytest.fixture(scope="module")
def flow(server, port, repository, tmp_path_factory):
    server.flushdb()
    home = tmp_path_factory.mktemp("filled")
    flow = Flow(home, repository, port)
    flow.stockops("features", "apply")
    for seed, ticker in enumerate(TICKERS):
        bars(seed).to_csv(home / f"{ticker}.csv", index=False)
        flow.stockops("features", "materialize", ticker, "--bars", str(home / f"{ticker}.csv"))
    flow.feast("apply")
    return flow


def test_feast_reads_online_what_the_command_materialised(flow):
    assert flow.online() == flow.newest() == flow.get()


def test_the_command_reads_what_feast_materialised(flow, server):
    server.flushdb()
    flow.feast("materialize-incremental", datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S"))
    assert flow.get() == flow.newest()


def test_the_command_and_feast_join_alike(flow):
    times = [row["event_timestamp"] for row in flow.stockops("features", "history", TICKERS[0])["rows"]][20:]
    asked = [{"ticker": ticker, "event_timestamp": at} for at in times for ticker in TICKERS]
    pd.DataFrame(asked).to_csv(flow.home / "asked.csv", index=False)
    ours = flow.stockops("features", "history", "--entities", str(flow.home / "asked.csv"))["rows"]
    theirs = json.loads(flow.feast("get-historical-features", "-d", json.dumps(asked), *NAMES))
    key = lambda row: (row["ticker"], pd.Timestamp(row["event_timestamp"], unit="ms" if "Open" in row else None).value)
    assert len(theirs) == len(ours) == len(asked)
    for one, other in zip(sorted(ours, key=key), sorted(theirs, key=key)):
        # The command prints ten digits after the point.
        assert [one["row"]["values"][name] for name in FEATURES] == pytest.approx([other[n] for n in FEATURES], abs=1e-9)


def test_a_corrected_bar_reaches_the_feature_server(flow):
    ticker = TICKERS[0]
    path = flow.home / f"{ticker}.csv"
    table = pd.read_csv(path)
    table.loc[table.index[-1], ["High", "Close"]] *= 1.002
    table.to_csv(path, index=False)
    sent = flow.stockops("features", "materialize", ticker, "--bars", str(path))
    assert sent["online"]["problem"] is None
    port = free_port()
    command = [pathlib.Path(sys.executable).with_name("feast"), "serve", "-h", "127.0.0.1", "-p", str(port)]
    environment = {**os.environ, "STOCKOPS_HOME": str(flow.home)}
    server = subprocess.Popen(command, cwd=flow.repository, env=environment, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/health")
        body = {"features": [f"stock_stats:{name}" for name in FEATURES], "entities": {"ticker": TICKERS}}
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/get-online-features", json.dumps(body).encode(), {"content-type": "application/json"}
        )
        answer = json.load(urllib.request.urlopen(request, timeout=60))
        columns = dict(zip(answer["metadata"]["feature_names"], answer["results"]))
        found = {t: {name: columns[name]["values"][place] for name in FEATURES} for place, t in enumerate(TICKERS)}
        assert found == flow.get() == flow.newest()
        assert found[ticker]["Close"] == table["Close"].iloc[-1]
    finally:
        # Its workers are one group with it.
        os.killpg(server.pid, 9)
        server.wait()


def test_a_redis_that_was_away_has_all_after_the_next_materialisation(tmp_path):
    port, path = free_port(), tmp_path / "bars.csv"
    flow = Flow(tmp_path, None, port)
    bars(7, 60).to_csv(path, index=False)
    flow.stockops("features", "apply")
    take = lambda ticker: flow.run("features", "materialize", ticker, "--bars", str(path))
    process, _ = start_redis(port)
    assert take(TICKERS[0]).returncode == 0
    kill(process)
    # The bars are in the files, and the answer says what is missing.
    away = take(TICKERS[1])
    assert away.returncode != 0 and "could not be reached" in away.stderr + away.stdout, (away.stdout, away.stderr)
    assert len(flow.stockops("features", "history", TICKERS[1])["rows"]) == 60
    process, _ = start_redis(port)
    try:
        assert take(TICKERS[1]).returncode == 0
        assert flow.get() == flow.newest(), "also of the ticker that the first server had"
    finally:
        kill(process)


def wait_for(address):
    for _ in range(240):
        try:
            return urllib.request.urlopen(address, timeout=1)
        except OSError:
            time.sleep(0.5)
    raise AssertionError("the feature server did not start")
