"""Training: settings, progress, Ctrl-C, the same result each time."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
import stockops


def test_one_seed_gives_the_same_bytes(small, parent, bars, child):
    assert small.fit(bars, parent).to_bytes() == child.to_bytes()  # comparison included
    other = stockops.TransferTrainer(**{**small.get_params(), "random_state": 7}).fit(bars, parent)
    assert other.to_bytes() != child.to_bytes()


@pytest.mark.parametrize("strategy", ["freeze", "fine-tune", "fine_tune", "zero-shot", "scratch"])
def test_every_strategy_gives_a_forecaster(small, parent, bars, strategy):
    trainer = stockops.TransferTrainer(**{**small.get_params(), "strategy": strategy, "n_epochs": 1})
    made = trainer.fit(bars, parent, compare=False)
    assert made.strategy == strategy.replace("-", "_")
    assert len(made.history) == (0 if strategy == "zero-shot" else 1)
    assert made.model.config["hidden_dim"] == 8
    assert made.predict(bars).close.shape == (5,)
    if strategy == "freeze":
        ours, theirs = made.model.state_dict(), parent.model.state_dict()
        assert all((ours[name] == theirs[name]).all() for name in ours if name.startswith("lstm."))


def test_a_network_alone_is_trained_on_a_dataset(small, parent, bars):
    data = stockops.Dataset(bars, scaler=parent.scaler)
    model, history = small.fit_model(data, parent.model)
    assert model.config == parent.model.config and len(history) == 2
    x, y = data.windows("train")
    before = ((parent.model(x) - y) ** 2).mean()
    assert ((model(x) - y) ** 2).mean() < before


def test_the_shape_of_a_parent_is_free(small, bars):
    features = stockops.FeatureSet(["Close", "High", "Low", "Open", "Volume", "RSI7"])
    parent = small.fit_parent([bars, stockops.load_bars("IBM")], features=features, context=20, horizon=3)
    assert parent.about["trained_on"] == ["MSFT", "IBM"]
    assert parent.features == features and parent.horizon == 3
    assert len(parent.predict(bars)) == 3


@pytest.mark.parametrize("horizon", [1, 10, 21])
def test_a_horizon_goes_from_training_to_every_table(small, bars, horizon):
    """A parent's horizon is its children's, that of a network from nothing beside them, and that of a backtest."""
    index = stockops.load_bars("^GSPC").between("2010-01-01", None)
    parent = small.fit_parent(index, horizon=horizon, context=20, to="2016-12-30")
    every = [f"h{h}" for h in range(1, horizon + 1)]
    for strategy in ("freeze", "scratch"):
        child = stockops.TransferTrainer(strategy, n_epochs=1).fit(bars, parent)
        forecast = child.predict(bars)
        assert len(forecast) == child.horizon == horizon
        assert forecast.interval(90).shape == (horizon, 2) and forecast.samples(3).shape == (3, horizon)
        assert sorted(child.skill["range"], key=lambda key: int(key[1:])) == every
        assert child.skill_frame()["horizon"].max() == horizon
        assert f"{horizon} day{'s' if horizon > 1 else ''}: persistence</th>" in child._repr_html_()
    assert child.about["context"] == 20 and child.model.config["hidden_dim"] == 8
    walked = stockops.backtest(bars.tail(500), parent=parent, strategy="zero-shot", n_folds=1)
    assert set(walked.to_frame()["horizon"]) == set(range(1, horizon + 1))
    children = stockops.train_children([bars], trainer=stockops.TransferTrainer(n_epochs=1), parent=parent)
    assert children["MSFT"].horizon == horizon


def test_samples_of_another_horizon_are_refused(small, parent, bars):
    data = stockops.Dataset(bars, scaler=parent.scaler, horizon=10)
    with pytest.raises(stockops.ShapeError, match=r"expected shape \[60, 5, 7\], got \[60, 10, 7\]"):
        small.fit_model(data, parent.model)
    assert small.fit_model(data)[0].config["horizon"] == 10


def test_a_training_that_diverges_names_its_epoch(bars):
    with pytest.raises(stockops.DivergedError, match="training diverged in epoch 1: "):
        stockops.TransferTrainer(lr=1e39).fit(bars)


def test_history_is_a_frame(child):
    frame = child.history.to_frame()
    assert list(frame.columns) == ["epoch", "train_loss", "val_loss", "lr", "seconds"]
    assert frame["epoch"].tolist() == [1, 2]


def test_events_come_in_order_on_the_callers_thread(small, parent, bars):
    events, threads = [], set()

    def hear(event):
        threads.add(threading.get_ident())
        events.append(event)

    child = small.fit(bars, parent, compare=False, progress=hear)
    kinds = [event.kind for event in events]
    begin = events[kinds.index("begin")]
    assert threads == {threading.get_ident()}
    assert kinds.count("batch") == begin.n_epochs * begin.n_batches
    assert [event.val_loss for event in events if event.kind == "epoch"] == [e["val_loss"] for e in child.history.epochs]
    assert [event.stage for event in events if event.kind == "stage"][0] == "windows"
    assert repr(begin) == f"Progress(kind='begin', n_epochs=2, n_batches={begin.n_batches})"


def test_an_exception_of_the_callback_stops_the_work_and_is_raised(small, parent, bars):
    seen = []

    def hear(event):
        seen.append(event.kind)
        if event.kind == "batch":
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        small.fit(bars, parent, progress=hear)
    assert seen.count("batch") == 1


def test_a_bar_of_tqdm_counts_batches(small, parent, bars, capsys):
    pytest.importorskip("tqdm")
    small.fit(bars, parent, progress=True)
    assert "100%" in capsys.readouterr().err


def test_without_tqdm_there_is_no_bar(small, parent, bars, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    small.fit(bars, parent, progress=True)
    assert capsys.readouterr().err == ""


def test_ctrl_c_stops_within_a_batch_and_leaves_nothing(tmp_path):
    """In a process of its own, as a user does: the registry stays empty, and the error is Python's own."""
    script = textwrap.dedent(
        """
        import sys, stockops
        registry = stockops.ModelRegistry(sys.argv[1])
        trainer = stockops.TransferTrainer(n_epochs=1000, early_stopping=1000)
        try:
            tell = lambda event: event.kind == "begin" and print("go", flush=True)
            registry.publish(trainer.fit_parent(stockops.load_bars("^GSPC"), progress=tell))
        except KeyboardInterrupt:
            print("stopped", registry.tickers(), flush=True)
        """
    )
    run = [sys.executable, "-c", script, str(tmp_path / "home")]
    process = subprocess.Popen(run, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "go\n"
    time.sleep(0.3)
    begin = time.monotonic()
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=60)
    assert out == "stopped []\n" and process.returncode == 0
    assert not os.listdir(tmp_path)
    print(f"stopped after {time.monotonic() - begin:.2f} s")


def test_other_threads_go_on_while_one_trains(small, parent, bars):
    ticks, done = [], threading.Event()

    def tick():
        while not done.wait(0.002):
            ticks.append(time.monotonic())

    thread = threading.Thread(target=tick)
    thread.start()
    begin = time.monotonic()
    small.fit(bars, parent)
    end = time.monotonic()
    done.set()
    thread.join()
    assert sum(begin < at < end for at in ticks) >= 3


def test_defaults_are_the_librarys(bars):
    """None is what the library does, not a number of this package: the contract's settings of a frozen child."""
    about = stockops.TransferTrainer(n_epochs=1).fit(bars, compare=False).about
    wanted = {"epochs": 1, "batch": 32, "lr": 3e-4, "weight_decay": 0.0, "clip": 5.0, "patience": 3, "stop_after": 5}
    assert {name: about["training"][name] for name in wanted} == wanted
    assert about["training"]["seed"] == 42
    assert about["strategy"] == "freeze" and about["parent"]["version"] == "^GSPC@0"


def test_a_setting_changes_that_setting_alone(bars):
    settings = [
        stockops.TransferTrainer(n_epochs=1, **changed).fit(bars, compare=False).about["training"]
        for changed in ({}, {"lr": 1e-5, "max_grad_norm": 1.0, "early_stopping": 2})
    ]
    assert settings[1] == settings[0] | {"lr": 1e-5, "clip": 1.0, "stop_after": 2}


def test_a_child_says_what_transfer_gave(small, parent, bars, child):
    assert child.about["transfer"]["forecasts"] > 60
    assert small.fit(bars, parent, compare=False).about["transfer"] is None


def test_get_params_makes_the_same_trainer(small):
    assert stockops.TransferTrainer(**small.get_params()) == small
    assert repr(stockops.TransferTrainer("fine_tune", lr=1e-4)) == "TransferTrainer(strategy='fine-tune', lr=0.0001)"


def test_a_model_is_what_numpy_says(bars, parent):
    """The forecast is the network on the last window, decoded by the core."""
    data = stockops.Dataset(bars, scaler=parent.scaler)
    assert np.isfinite(parent.model(data.rows[None, -60:])).all()
