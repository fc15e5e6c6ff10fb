"""Trainings and other work as runs: at home, and at a server that may be away."""

import json
import math

import pytest
import stockops

AWAY = "http://127.0.0.1:1"


def test_a_training_is_a_run(tmp_path):
    tracker = stockops.Tracker(tmp_path)
    trainer = stockops.TransferTrainer(n_epochs=2, random_state=7)
    child = trainer.fit(stockops.load_bars("MSFT"), compare=False, tracker=tracker)
    plain = trainer.fit(stockops.load_bars("MSFT"), compare=False)
    assert child.to_bytes() == plain.to_bytes()  # to be a run changes nothing

    [run] = stockops.Tracker(tmp_path).runs("MSFT")
    assert (run["name"], run["status"], run["tags"]["model_type"]) == ("MSFT freeze", "finished", "child")
    assert run["params"]["seed"] == "7" and run["params"]["parent_ticker"] == "^GSPC"
    points = tracker.run(run["run_id"])["points"]
    losses = [point["value"] for point in points if point["metric"] == "train_loss"]
    assert losses == [epoch["train_loss"] for epoch in child.history.epochs]
    assert tracker.artifact(run["run_id"], "bundle.safetensors") == child.to_bytes()
    assert json.loads(tracker.artifact(run["run_id"], "evaluation.json"))["forecasts"] > 0
    assert tracker.runs("IBM") == []


def test_a_parent_is_a_run():
    tracker = stockops.Tracker()
    small = stockops.TransferTrainer(hidden_dim=8, n_layers=1, n_epochs=1)
    small.fit_parent(stockops.load_bars("IBM"), tracker=tracker)
    [run] = tracker.runs()
    assert (run["name"], run["params"]["hidden_size"], run["tags"]["model_type"]) == ("IBM parent", "8", "parent")


def test_work_of_ones_own_is_a_run():
    tracker = stockops.Tracker()
    with tracker.start("my own", params={"depth": 3}, tags={"who": "me"}) as run:
        run.log({"loss": 0.5}, step=1)
        run.log({"loss": math.nan}, step=2)
        run.keep("notes.txt", b"none")
        run.tag("who", "you")
    found = tracker.run(run.run_id)
    assert (found["status"], found["params"], found["tags"]) == ("finished", {"depth": "3"}, {"who": "you"})
    assert [point["value"] for point in found["points"]] == [0.5, "NaN"]
    assert found["artifacts"] == ["notes.txt"]
    with pytest.raises(stockops.ConfigError, match="has ended; start another"):
        run.log({"loss": 1.0})


def test_a_run_fails_with_its_work():
    tracker = stockops.Tracker()
    with pytest.raises(ZeroDivisionError), tracker.start("fails") as run:
        run.log({"loss": 1 / 0})
    assert tracker.run(run.run_id)["status"] == "failed"
    too_few = stockops.load_bars("MSFT").tail(30)
    with pytest.raises(stockops.TooShortError):
        stockops.TransferTrainer().fit(too_few, tracker=tracker)
    assert tracker.runs("MSFT")[0]["status"] == "failed"


def test_a_server_that_is_away_is_a_warning(tmp_path):
    tracker = stockops.Tracker(tmp_path, tracking_uri=AWAY)
    trainer = stockops.TransferTrainer(strategy="zero-shot")
    with pytest.warns(UserWarning, match="is at home, and not whole at the server: .* could not be reached"):
        trainer.fit(stockops.load_bars("MSFT"), tracker=tracker)
    answer = tracker.sync()
    assert (answer["sent"], answer["failed"][0]["kind"]) == ([], "offline")


def test_what_is_wrong_is_said():
    with pytest.raises(stockops.ConfigError, match="`tracking_uri` must be an address of a server"):
        stockops.Tracker(tracking_uri="file:///tmp/mlruns")
    with pytest.raises(stockops.ConfigError, match="`tracking_uri` must be the address of a server of MLflow"):
        stockops.Tracker().sync()
    with pytest.raises(stockops.NotFoundError):
        stockops.Tracker().run("20240501-120000-3f9a1c2e07b1")
    with pytest.raises(stockops.ConfigError, match="`run_id` must be"):
        stockops.Tracker().run("yesterday")
