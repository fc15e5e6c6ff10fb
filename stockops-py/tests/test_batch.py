"""Many tickers in one home: shards, what was done before, and executors that fail."""

import concurrent.futures
import datetime
import json
import time
import types

import pytest
import stockops

TICKERS = ["MSFT", "googl", "NONE", "AMZN"]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    report = stockops.batch("train", TICKERS, home, epochs=1, shards=2)
    assert list(report.lines) == ["MSFT", "GOOGL", "NONE", "AMZN"]
    assert repr(report) == "BatchReport(3 done, 0 skipped, 1 failed)"
    assert report.failed["NONE"].startswith("no shipped bars named NONE")
    return home


class Later:
    """An executor that sends text alone, and whose worker dies now and then."""

    def __init__(self, deaths=0):
        self.deaths, self.orders = deaths, []

    def submit(self, function, order):
        assert type(order) is str
        self.orders.append(json.loads(order)["request"])
        future = concurrent.futures.Future()
        if len(self.orders) <= self.deaths:
            future.set_exception(concurrent.futures.BrokenExecutor("a worker died"))
        else:
            future.set_result(function(order))
        return future


def bundles(report):
    return {ticker: line.get("bundle_sha256") for ticker, line in report.lines.items()}


def test_results_do_not_depend_on_the_executor(home, tmp_path):
    known = bundles(stockops.batch("train", TICKERS, home, epochs=1, shards=2, resume=True))
    executor = Later()
    assert bundles(stockops.batch("train", TICKERS, tmp_path / "a", epochs=1, shards=2, executor=executor)) == known
    assert [(order["shard"], order["threads"]) for order in executor.orders] == [("1/2", 1), ("2/2", 1)]
    with concurrent.futures.ThreadPoolExecutor(2) as executor:
        assert bundles(stockops.batch("train", TICKERS, tmp_path / "b", epochs=1, size=1, executor=executor)) == known


def test_a_task_whose_worker_died_goes_on_where_it_was(tmp_path):
    executor = Later(deaths=2)
    report = stockops.batch("forecast", ["MSFT"], tmp_path, executor=executor)
    assert report.done == ["MSFT"]
    assert len(executor.orders) == 3 and len({order["call"] for order in executor.orders}) == 1
    report = stockops.batch("forecast", ["MSFT"], tmp_path, executor=Later(deaths=9), retries=1)
    assert report.failed == {"MSFT": "BrokenExecutor: a worker died"}


@pytest.mark.parametrize("work", ["forecast", "monitor"])
def test_a_task_that_is_sent_again_by_the_cluster_leaves_out_what_was_done(tmp_path, work):
    """Ray and Dask send the same words once more where a worker died, and know nothing of `resume`."""

    class Twice(Later):
        def submit(self, function, order):
            function(order)  # the answer of this one never came
            return super().submit(function, order)

    report = stockops.batch(work, ["MSFT", "GOOGL"], tmp_path, executor=Twice())
    assert report.skipped == ["MSFT", "GOOGL"] and not report.failed
    report = stockops.batch(work, ["MSFT", "GOOGL"], tmp_path, executor=Later())
    assert report.done == ["MSFT", "GOOGL"], "another call does them again"


def test_shards_are_those_of_the_command(tmp_path):
    """By `printf AMZN | sha256sum` the name of AMZN begins with 31ac18dc22b89690, which is 0 modulo 8."""
    executor = Later()
    stockops.batch("forecast", ["AMZN", "goog", "MSFT", "^GSPC", " AMZN"], tmp_path, shards=8, executor=executor)
    parts = {order["shard"]: order["tickers"] for order in executor.orders}
    assert parts == {"1/8": ["AMZN", "^GSPC"], "2/8": ["MSFT"], "8/8": ["GOOG"]}


def test_what_was_done_is_left_out(home):
    report = stockops.batch("train", TICKERS, home, epochs=1, shards=2, resume=True)
    assert report.skipped == ["MSFT", "GOOGL", "AMZN"] and not report.done
    assert len(stockops.ModelRegistry(home).versions("MSFT")) == 1
    forecast = stockops.batch("forecast", ["MSFT"], home).lines["MSFT"]
    assert forecast["model_version"] == "MSFT@1" and len(forecast["close"]) == 5
    monitored = stockops.batch("monitor", ["MSFT"], home, retrain=False).lines["MSFT"]
    assert monitored["verdict"] in {"keep", "wait", "recommend"}


def test_bars_by_folder_and_by_file(tmp_path, bars):
    rows = [f"{b.date},{b.open!r},{b.high!r},{b.low!r},{b.close!r},{b.volume!r}" for b in bars]
    file = tmp_path / "ABC.csv"
    file.write_text("\n".join(["Date,Open,High,Low,Close,Volume", *rows]))
    settings = {"strategy": "zero-shot", "to": datetime.date(2019, 12, 31), "seed": 7}
    by_folder = stockops.batch("train", ["ABC"], tmp_path / "a", bars=tmp_path, **settings)
    by_file = stockops.batch("train", ["ABC"], tmp_path / "b", bars={"ABC": file}, **settings)
    assert by_folder.done == ["ABC"] and bundles(by_folder) == bundles(by_file)


def test_what_failed_is_told_with_its_cause(tmp_path):
    loop = tmp_path / "LOOP.csv"
    loop.symlink_to(loop)  # a file that the system refuses to open
    failed = stockops.batch("forecast", ["LOOP"], tmp_path / "home", bars={"LOOP": loop}).failed["LOOP"]
    assert failed.startswith(f"could not read {loop}; ") and ": Too many levels of symbolic links" in failed

    def gone(function, order):
        try:
            raise ConnectionResetError("the node is away")
        except ConnectionResetError as error:
            raise concurrent.futures.BrokenExecutor("a worker died") from error

    executor = types.SimpleNamespace(submit=gone)
    report = stockops.batch("forecast", ["MSFT"], tmp_path / "home", executor=executor, retries=0)
    assert report.failed == {"MSFT": "BrokenExecutor: a worker died: ConnectionResetError: the node is away"}


def test_progress_tells_shards(tmp_path):
    heard = []
    stockops.batch("forecast", ["MSFT", "GOOGL"], tmp_path, size=1, progress=heard.append)
    assert heard and all(shard.endswith("/2") for shard in heard)


def test_progress_is_told_while_others_are_still_to_be_sent(tmp_path):
    heard, when_sent = [], []

    class Slow(Later):
        def submit(self, function, order):
            when_sent.append(len(heard))
            time.sleep(0.1)  # an executor whose window is full
            return super().submit(function, order)

    stockops.batch("forecast", ["AMZN", "MSFT", "GOOG"], tmp_path, shards=8, executor=Slow(), progress=heard.append)
    assert (when_sent, heard) == ([0, 1, 2], ["1/8", "2/8", "8/8"])


def test_others_go_on_while_a_shard_is_held(tmp_path):
    class Held(Later):
        """An executor whose first shard another worker holds for a while."""

        def submit(self, function, order):
            request = json.loads(order)["request"]
            if request["shard"] != "1/2" or sum(one["shard"] == "1/2" for one in self.orders) == 2:
                return super().submit(function, order)
            self.orders.append(request)
            future = concurrent.futures.Future()
            future.set_exception(stockops.BusyError("another process works on it"))
            return future

    executor, told = Held(), []
    begun = time.monotonic()
    report = stockops.batch("forecast", ["MSFT", "AMZN", "GOOGL"], tmp_path, executor=executor, shards=2, progress=lambda shard: told.append((shard, time.monotonic() - begun)))
    assert len(report.done) == 3 and [order["shard"] for order in executor.orders] == ["1/2", "2/2", "1/2", "1/2"]
    (first, soon), (last, late) = told
    assert (first, last) == ("2/2", "1/2")
    assert late - soon > 1.9, "two pauses of a second, of which the other shard waits for none"


def test_a_future_that_cannot_say_whether_it_is_done_is_waited_for(tmp_path):
    class Mute(Later):
        def submit(self, function, order):
            return types.SimpleNamespace(result=super().submit(function, order).result)

    assert stockops.batch("forecast", ["AMZN", "MSFT"], tmp_path, shards=8, executor=Mute()).done == ["AMZN", "MSFT"]


def test_wrong_calls(tmp_path):
    with pytest.raises(stockops.DtypeError, match="a list of names, got one str"):
        stockops.batch("train", "MSFT", tmp_path)
    with pytest.raises(stockops.ConfigError, match="unknown field `epoch`"):
        stockops.batch("train", ["MSFT"], tmp_path, epoch=1)
    with pytest.raises(stockops.ConfigError, match="unknown variant `walk`"):
        stockops.batch("walk", ["MSFT"], tmp_path)
    with pytest.raises(stockops.TickerError, match="`../x` is not a ticker"):
        stockops.batch("train", ["../x"], tmp_path)
    with pytest.raises(stockops.ConfigError, match="`size` must be at least 1, got 0"):
        stockops.batch("train", ["MSFT"], tmp_path, size=0)
    with pytest.raises(stockops.MissingFileError):
        stockops.batch("train", ["MSFT"], tmp_path, bars=tmp_path / "nowhere")
