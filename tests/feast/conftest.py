"""What the tests share: a real Redis, a Feast repository over our files, and our own side as a process."""

import json
import os
import pathlib
import runpy
import shutil
import socket
import subprocess
import time

import feast
import pytest
import redis

ROOT = pathlib.Path(__file__).resolve().parents[2]
FEATURES = ["Open", "High", "Low", "Close", "Volume", "RSI14", "MACD"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def view(name="stock_stats", version=0, features=FEATURES, ttl=14 * 86_400):
    """A view in our words."""
    return {"name": name, "version": version, "features": features, "ttl_seconds": ttl}


class Ours:
    """Our own side: examples/features.rs, a request a line."""

    def __init__(self, home, port):
        program = os.environ["STOCKOPS_FEATURES"]
        command = [program, str(home), f"redis://127.0.0.1:{port}", "stockops"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, verb, **words):
        print(json.dumps({verb: words}), file=self.process.stdin, flush=True)
        answer = json.loads(self.process.stdout.readline())
        assert not (isinstance(answer, dict) and "error" in answer), answer
        return answer

    def read(self, tickers, now, *views):
        """A list of rows for each view."""
        return self("read", views=list(views) or [view()], tickers=tickers, now=now.isoformat())


def start_redis(port):
    """A Redis that keeps nothing on a disk, and a connection to it."""
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    connection = redis.Redis(port=port)
    wait_for(connection)
    return process, connection


def wait_for(connection):
    """Until the server answers, ten seconds at most."""
    for _ in range(200):
        try:
            connection.ping()
            return
        except redis.ConnectionError:
            time.sleep(0.05)


def kill(process):
    """As `kill -9` does."""
    process.kill()
    process.wait()


@pytest.fixture(scope="session")
def server():
    """A connection to a Redis of its own."""
    process, connection = start_redis(free_port())
    yield connection
    kill(process)


@pytest.fixture(scope="session")
def port(server):
    return server.connection_pool.connection_kwargs["port"]


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A home whose offline store keeps the view."""
    home = tmp_path_factory.mktemp("home")
    os.environ["STOCKOPS_HOME"] = str(home)
    (home / "features/rows/stock_stats").mkdir(parents=True)
    return home


@pytest.fixture(scope="session")
def ours(home, port):
    ours = Ours(home, port)
    yield ours
    ours.process.stdin.close()
    ours.process.wait()


@pytest.fixture(scope="session")
def repository(home, port, tmp_path_factory):
    """deploy/feast with the address of this Redis."""
    folder = tmp_path_factory.mktemp("feast") / "repository"
    shutil.copytree(ROOT / "deploy/feast", folder)
    settings = folder / "feature_store.yaml"
    settings.write_text(settings.read_text().replace("127.0.0.1:6379", f"127.0.0.1:{port}"))
    return folder


@pytest.fixture(scope="session")
def store(repository):
    """Feast with the definitions applied."""
    return applied(repository)


def applied(repository):
    """What `feast apply` does, without another process."""
    store = feast.FeatureStore(str(repository))
    made = runpy.run_path(str(repository / "definitions.py"))
    store.apply([made["ticker"], made["stock_stats"]])
    return store
