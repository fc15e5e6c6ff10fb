"""Many children: any executor, the same results."""

import concurrent.futures
import multiprocessing

import pytest
import stockops

TICKERS = ["MSFT", "GOOGL", "NONE", "AMZN"]
TRAINER = stockops.TransferTrainer(n_epochs=1)


class Bytes:
    """An executor that checks what goes through it."""

    def submit(self, function, order):
        assert type(order) is bytes
        future = concurrent.futures.Future()
        answer = function(order)
        assert type(answer) is bytes
        future.set_result(answer)
        return future


@pytest.fixture(scope="module")
def here(parent):
    return stockops.train_children(TICKERS, trainer=TRAINER, parent=parent, compare=False)


def check(children, here):
    assert list(children) == list(here) == ["MSFT", "GOOGL", "AMZN"]
    for ticker, child in children.items():
        assert child.to_bytes() == here[ticker].to_bytes()
        assert child.charts == here[ticker].charts
    assert [(name, str(error)) for name, error in children.errors.items()] == [
        ("NONE", "no shipped bars named NONE; there are ^GSPC, AMZN, GOOGL, IBM, MSFT")
    ]


def test_one_child_is_that_of_fit(here, parent, bars):
    assert here["MSFT"].to_bytes() == TRAINER.fit(bars, parent, compare=False).to_bytes()


def test_payload_and_result_are_bytes(here, parent):
    check(stockops.train_children(TICKERS, Bytes(), trainer=TRAINER, parent=parent, compare=False), here)


def test_a_parent_is_shared_once_where_the_executor_can(here, parent):
    class Shares(Bytes):
        shared, orders = [], []

        def share(self, value):
            self.shared.append(value)
            return value

        def submit(self, function, order, parent):
            self.orders.append(order)
            return super().submit(lambda order: function(order, parent), order)

    executor = Shares()
    check(stockops.train_children(TICKERS, executor, trainer=TRAINER, parent=parent, compare=False), here)
    assert executor.shared == [parent.to_bytes()]
    assert not any(parent.to_bytes() in order for order in executor.orders)


def test_threads(here, parent):
    with concurrent.futures.ThreadPoolExecutor(3) as executor:
        check(stockops.train_children(TICKERS, executor, trainer=TRAINER, parent=parent, compare=False), here)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_processes_however_they_start(here, parent, method, bars):
    """A forked child has none of the threads of its parent, which have been at work here."""
    parent.predict(bars)
    context = multiprocessing.get_context(method)
    with concurrent.futures.ProcessPoolExecutor(2, mp_context=context) as executor:
        check(stockops.train_children(TICKERS, executor, trainer=TRAINER, parent=parent, compare=False), here)


def test_one_failure_stands_alone_with_its_text(parent):
    short = stockops.load_bars("IBM").tail(50)
    children = stockops.train_children([short, "MSFT"], Bytes(), trainer=TRAINER, parent=parent, compare=False)
    assert repr(children) == "Children(1 trained, 1 failed)"
    error = children.errors["IBM"]
    assert isinstance(error, stockops.TooShortError)
    assert str(error) == "training on IBM needs at least 78 bars, got 50; give a longer history"


def test_progress_and_the_shipped_parent(bars):
    seen = []
    children = stockops.train_children([bars], trainer=TRAINER, compare=False, progress=seen.append)
    assert seen == ["MSFT"]
    assert children["MSFT"].to_bytes() == TRAINER.fit(bars, compare=False).to_bytes()


def test_a_ticker_twice_is_refused_and_not_lost(bars):
    for twice in ([bars, "GOOGL", bars.tail(300)], ["MSFT", "msft"]):
        with pytest.raises(stockops.ConfigError, match="`tickers` must be of tickers that differ, got MSFT twice"):
            stockops.train_children(twice, trainer=TRAINER)
    # A source of one's own may have two names for one ticker.
    short = stockops.TransferTrainer("zero-shot")
    children = stockops.train_children(["A", "B"], source=lambda _: bars, trainer=short, compare=False)
    assert list(children) == ["MSFT"] and str(children.errors["B"]) == "the source gave bars of MSFT before"


def test_bytes_that_were_cut_are_refused():
    class Cut(Bytes):
        def submit(self, function, order):
            future = concurrent.futures.Future()
            future.set_result(function(order)[:5])
            return future

    children = stockops.train_children(["MSFT"], Cut(), trainer=stockops.TransferTrainer("zero-shot"), compare=False)
    assert str(children.errors["MSFT"]) == "these are not the bytes of a child; send them whole"


def test_a_dead_worker_and_a_source_that_fails_stop_nobody_else(here, parent):
    class Dies:
        def submit(self, function, order):
            future = concurrent.futures.Future()
            if self.calls == 0:
                future.set_exception(concurrent.futures.BrokenExecutor("a worker died"))
            else:
                future.set_result(function(order))
            self.calls += 1
            return future

        calls = 0

    def source(ticker):
        if ticker == "GOOGL":
            raise ConnectionError("no network")
        return stockops.load_bars(ticker)

    heard = []
    children = stockops.train_children(
        ["AMZN", "GOOGL", "MSFT"], Dies(), source=source, trainer=TRAINER, parent=parent, compare=False, progress=heard.append
    )
    assert list(children) == ["MSFT"] and children["MSFT"].to_bytes() == here["MSFT"].to_bytes()
    assert {name: type(error).__name__ for name, error in children.errors.items()} == {
        "GOOGL": "ConnectionError",
        "AMZN": "BrokenExecutor",
    }
    assert heard == ["AMZN", "GOOGL", "MSFT"], "each when it is over, whatever became of it"


def test_a_bar_by_tqdm(parent, capsys):
    stockops.train_children(["MSFT"], trainer=TRAINER, parent=parent, compare=False, progress=True)
    assert "1/1" in capsys.readouterr().err
