"""One batch on whatever runs it: bundles are equal bit by bit, and what is killed in the middle goes on."""

import concurrent.futures
import json
import multiprocessing
import os
import pathlib
import signal
import subprocess
import threading
import time

import pytest
import stockops

NAMES = [f"C{number:02}" for number in range(24)]
SHARDS = 6
#: With so few epochs a ticker takes some tenths of a second.
SETTINGS = {"epochs": 3}
SHIPPED = ["MSFT", "GOOGL", "AMZN"]


@pytest.fixture(scope="session")
def bars(tmp_path_factory):
    """A folder with a file for each name, made of the shipped bars."""
    folder = tmp_path_factory.mktemp("bars")
    for number, name in enumerate(NAMES):
        series = stockops.load_bars(SHIPPED[number % 3]).tail(500 + 7 * number)
        rows = [f"{b.date},{b.open!r},{b.high!r},{b.low!r},{b.close!r},{b.volume!r}" for b in series]
        (folder / f"{name}.csv").write_text("\n".join(["Date,Open,High,Low,Close,Volume", *rows]) + "\n")
    return folder


def batch(home, bars, executor=None, **options):
    return stockops.batch("train", NAMES, home, bars=bars, executor=executor, shards=SHARDS, **{**SETTINGS, **options})


def bundles(report):
    assert not report.failed, report.failed
    assert list(report.lines) == NAMES
    return {name: line["bundle_sha256"] for name, line in report.lines.items()}


@pytest.fixture(scope="session")
def alone(tmp_path_factory, bars):
    """What one process makes of them."""
    return bundles(batch(tmp_path_factory.mktemp("alone"), bars, threads=1))


def one_version_each(home):
    registry = stockops.ModelRegistry(home)
    assert all(len(registry.versions(name)) == 1 for name in NAMES)


def kill_in_the_middle(home, victim):
    """Kill `victim` with -9 as soon as some versions are there."""

    def watch():
        while len(list(pathlib.Path(home).glob("registry/C*/1/bundle.safetensors"))) < 4:
            time.sleep(0.02)
        os.kill(victim(), signal.SIGKILL)
        killed.set()

    killed = threading.Event()
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    return killed


def test_threads_and_two_processes(tmp_path, bars, alone):
    assert bundles(batch(tmp_path / "threads", bars, threads=2)) == alone
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        assert bundles(batch(tmp_path / "processes", bars, executor)) == alone


def test_a_pool_whose_process_is_killed_is_gone_on_by_another(tmp_path, bars, alone):
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        executor.submit(os.getpid).result()
        killed = kill_in_the_middle(tmp_path, lambda: next(iter(executor._processes)))
        report = batch(tmp_path, bars, executor)
    assert killed.wait(10) and report.failed, "a broken pool takes no more"
    assert all("BrokenProcessPool" in text for text in report.failed.values())
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        report = batch(tmp_path, bars, executor, resume=True)
    # What was done is noted once a second; what was not noted yet is done again and kept once.
    assert bundles(report) == alone
    one_version_each(tmp_path)
    assert batch(tmp_path, bars, resume=True).skipped == NAMES


def test_dask_with_two_processes_one_of_which_is_killed(tmp_path, bars, alone):
    import dask
    import distributed

    dask.config.set({"distributed.scheduler.allowed-failures": 10})
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(tmp_path / "dask")
    ) as cluster, distributed.Client(cluster) as client:
        executor = stockops.DaskExecutor(client)
        parent = stockops.shipped_parent()
        here = stockops.train_children(["MSFT"], parent=parent, trainer=stockops.TransferTrainer(n_epochs=1), compare=False)
        there = stockops.train_children(["MSFT"], executor, parent=parent, trainer=stockops.TransferTrainer(n_epochs=1), compare=False)
        assert there["MSFT"].to_bytes() == here["MSFT"].to_bytes(), there.errors
        home = tmp_path / "home"
        killed = kill_in_the_middle(home, lambda: next(iter(client.run(os.getpid).values())))
        report = batch(home, bars, executor)
    assert killed.is_set(), "it was over before it was killed"
    assert bundles(report) == alone
    one_version_each(home)


def test_ray_with_two_nodes_one_of_which_is_killed(tmp_path, bars, alone):
    import ray
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True,
        head_node_args={"num_cpus": 1, "object_store_memory": 100 * 2**20, "include_dashboard": False},
    )
    try:
        second = cluster.add_node(num_cpus=1, object_store_memory=100 * 2**20)
        ray.init(address=cluster.address, log_to_driver=False)
        cluster.wait_for_nodes()
        executor = stockops.RayExecutor(scheduling_strategy="SPREAD")
        parent = stockops.shipped_parent()
        trainer = stockops.TransferTrainer(n_epochs=1)
        here = stockops.train_children(["MSFT", "GOOGL"], parent=parent, trainer=trainer, compare=False)
        there = stockops.train_children(["MSFT", "GOOGL"], executor, parent=parent, trainer=trainer, compare=False)
        assert [child.to_bytes() for child in there.values()] == [child.to_bytes() for child in here.values()], there.errors
        home = tmp_path / "home"
        raylet = second.all_processes["raylet"][0].process.pid
        killed = kill_in_the_middle(home, lambda: raylet)
        report = batch(home, bars, executor)
        assert killed.is_set(), "it was over before it was killed"
        assert bundles(report) == alone
        one_version_each(home)
    finally:
        ray.shutdown()
        cluster.shutdown()


def command(home, bars, index, *words):
    """The call of one pod of an Indexed Job."""
    names = pathlib.Path(bars).parent / "names.txt"
    names.write_text("\n".join(NAMES) + "\n")
    call = [os.environ["STOCKOPS"], "batch", "train", "--tickers", names, "--bars-dir", bars, "--home", home, "--json"]
    call += ["--shard", f"job/{SHARDS}", "--resume", "--threads", "1", "--epochs", str(SETTINGS["epochs"]), *words]
    return subprocess.Popen(call, stdout=subprocess.PIPE, text=True, env={**os.environ, "JOB_COMPLETION_INDEX": str(index)})


def test_an_indexed_job_whose_shard_is_killed_and_started_again(tmp_path, bars, alone):
    lines = {}
    for index in range(SHARDS):
        pod = command(tmp_path, bars, index)
        if index == 1:
            first = json.loads(pod.stdout.readline())
            pod.kill()
            assert pod.wait() == -signal.SIGKILL
            pod = command(tmp_path, bars, index)
        for line in map(json.loads, pod.stdout):
            if "ticker" in line:
                lines[line["ticker"]] = line
        assert pod.wait() == 0
    assert first["outcome"] == "done"
    assert {name: lines[name]["bundle_sha256"] for name in NAMES} == alone
    one_version_each(tmp_path)


def test_what_cannot_be_done_ends_an_indexed_job_with_the_code_for_it(tmp_path, bars):
    """Exit 2 is FailIndex in a podFailurePolicy: to try again changes nothing."""
    pod = command(tmp_path, bars, 0, "--history", "20")
    pod.communicate()
    assert pod.returncode == 2
