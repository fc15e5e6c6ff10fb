"""Out to ONNX and safetensors, and in from the original: held against onnxruntime, safetensors and scikit-learn themselves."""

import datetime
import hashlib
import json
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import stockops
from safetensors import safe_open
from sklearn.preprocessing import StandardScaler

SCRIPT = Path(__file__).parents[2] / "docs/scaler_to_json.py"
# float32: both add up thousands of products, in different orders.
NEAR = 1e-5


def answered(path, windows):
    """What onnxruntime makes of windows."""
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    [into], [out] = session.get_inputs(), session.get_outputs()
    return session.run([out.name], {into.name: windows})[0]


def card(path):
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def contract():
    """The original's network: three layers of 128, 338,851 weights."""
    trainer = stockops.TransferTrainer("scratch", hidden_dim=128, n_layers=3, n_epochs=1)
    return trainer.fit(stockops.load_bars("MSFT").tail(250))


@pytest.mark.parametrize("which", ["shipped", "child", "contract", "imported"])
def test_onnxruntime_gives_what_we_give(which, tmp_path, child, golden_path, hashed):
    forecaster = {
        "shipped": stockops.shipped_parent,
        "child": lambda: child,
        "contract": contract,
        "imported": lambda: imported(tmp_path, golden_path("small.pt")),
    }[which]()
    path = tmp_path / "forecaster.onnx"
    forecaster.export(path)
    onnx.checker.check_model(onnx.load(path), full_check=True)
    for batch in (1, 7):
        windows = hashed(batch, (batch, 60, 7), 3.0)
        ours = forecaster.model(windows)
        theirs = answered(path, windows)
        assert theirs.shape == ours.shape == (batch, forecaster.horizon, 7)
        assert np.abs(theirs - ours).max() < NEAR


def test_the_network_alone_takes_any_number_of_rows(tmp_path, hashed, golden_path):
    """The head's numbers come one after the other."""
    network = stockops.LSTMModel.load(golden_path("small.pt"))
    path = tmp_path / "network.onnx"
    imported(tmp_path, golden_path("small.pt")).export(path, part="network")
    onnx.checker.check_model(onnx.load(path), full_check=True)
    for rows in (1, 60, 90):
        windows = hashed(rows, (4, rows, 7), 3.0)
        theirs = answered(path, windows)
        assert theirs.shape == (4, 35)
        assert np.abs(theirs - network(windows).reshape(4, 35)).max() < NEAR


def test_a_stranger_forecasts_from_bars_with_the_card_alone(tmp_path, golden_path, bars):
    """Encoded rows, scaled by the card, through onnxruntime, and back: the closes that we forecast."""
    forecaster = imported(tmp_path, golden_path("small.pt"))
    path = tmp_path / "forecaster.onnx"
    forecaster.export(path)
    known = card(path)
    assert known["encoding"] == "levels"  # so the encoded rows are the columns as they are
    rows = np.asarray(stockops.FeatureSet(json.loads(known["columns"])).transform(bars).values)[-int(known["context"]) :]
    mean, scale = (np.array(json.loads(known[name])) for name in ("scaler_mean", "scaler_scale"))
    scaled = ((rows - mean) / scale).astype(np.float32)
    decoded = answered(path, scaled[None])[0] * scale + mean
    closes = forecaster.predict(bars).close
    np.testing.assert_allclose(decoded[:, 3], closes, rtol=1e-5)


def test_the_card_says_what_a_stranger_needs(tmp_path, child):
    onnx_path, weights = tmp_path / "a.onnx", tmp_path / "a.safetensors"
    child.export(onnx_path)
    child.export(weights, format="safetensors")
    known = card(onnx_path)
    with safe_open(weights, "numpy") as file:
        assert file.metadata() == known
    about = child.about
    assert json.loads(known["columns"]) == about["features"]
    assert json.loads(known["scaler_mean"]) == about["scaler"]["mean"]
    assert json.loads(known["scaler_scale"]) == about["scaler"]["scale"]
    assert (known["encoding"], known["context"], known["horizon"]) == ("stationary", "60", "5")
    assert (known["ticker"], known["last_seen_day"]) == ("MSFT", about["last_seen_day"])
    assert known["data_sha256"] == about["data_sha256"] and "licence" in known
    assert onnx.load(onnx_path).producer_name == "stockops"


def test_safetensors_has_the_weights_under_pytorchs_names(tmp_path, child):
    path, again = tmp_path / "a.safetensors", tmp_path / "b.safetensors"
    child.export(path, format="safetensors")
    child.export(again, format="safetensors")
    assert path.read_bytes() == again.read_bytes()
    ours = child.model.state_dict()
    with safe_open(path, "numpy") as file:
        assert sorted(file.keys()) == sorted(ours)
        for name, values in ours.items():
            np.testing.assert_array_equal(file.get_tensor(name), values)
    assert stockops.LSTMModel.load(path).state_dict().keys() == ours.keys()


def test_what_cannot_be_exported_is_said(tmp_path, child):
    with pytest.raises(stockops.ConfigError, match="`format` must be safetensors or onnx, got pickle"):
        child.export(tmp_path / "a", format="pickle")
    with pytest.raises(stockops.ConfigError, match="`part` must be network or forecaster, got head"):
        child.export(tmp_path / "a", part="head")
    with pytest.raises(stockops.ConfigError, match="`part` must be left out with safetensors"):
        child.export(tmp_path / "a", format="safetensors", part="network")
    with pytest.raises(stockops.StorageError):
        child.export(tmp_path / "none" / "a.onnx")


def imported(folder, weights, **options):
    """The small network with a scaler of prices around those of MSFT."""
    path = folder / "scaler.json"
    path.write_text(json.dumps({"mean": [80, 80, 80, 80, 3e7, 50, 0], "scale": [30, 30, 30, 30, 1e7, 20, 1]}))
    options = {"last_seen_day": "2018-12-31"} | options
    return stockops.Forecaster.import_pt(weights, scaler=path, ticker="MSFT", **options)


def test_a_pickled_scaler_comes_in_through_the_script(tmp_path, golden_path, bars):
    rows = np.asarray(stockops.FeatureSet().transform(bars).values)
    scaler = StandardScaler().fit(rows)
    (tmp_path / "scaler.pkl").write_bytes(pickle.dumps(scaler))
    out = subprocess.run([sys.executable, SCRIPT, tmp_path / "scaler.pkl"], capture_output=True, check=True, text=True)
    (tmp_path / "scaler.json").write_text(out.stdout)
    forecaster = stockops.Forecaster.import_pt(golden_path("small.pt"), scaler=tmp_path / "scaler.json", ticker="MSFT")
    assert forecaster.last_seen_day == datetime.datetime.now(datetime.timezone.utc).date()
    np.testing.assert_allclose(forecaster.scaler.mean_, scaler.mean_, rtol=1e-15)

    # The original's own way from bars to bars.
    scaled = scaler.transform(rows[-60:]).astype(np.float32)
    decoded = scaler.inverse_transform(stockops.LSTMModel.load(golden_path("small.pt"))(scaled[None])[0].astype(float))
    np.testing.assert_allclose(forecaster.predict(bars).close, decoded[:, 3], rtol=1e-9)

    wrong = subprocess.run(
        [sys.executable, SCRIPT, tmp_path / "scaler.pkl", "--columns", "Open,Close"], capture_output=True, text=True
    )
    assert wrong.returncode == 1 and "the scaler has 7 columns, and 2 names were given" in wrong.stderr


def test_an_imported_network_is_judged_on_days_that_it_has_not_seen(tmp_path, golden_path, bars):
    plain = imported(tmp_path, golden_path("small.pt"))
    assert plain.skill is None and "has not been judged" in plain.note
    judged = imported(tmp_path, golden_path("small.pt"), bars=bars)
    assert judged.skill["close"]["h1"]["vs_persistence"] < 1.0
    assert judged.predict(bars).interval(90).shape == (5, 2)
    registry = stockops.ModelRegistry(tmp_path / "home")
    assert registry.publish(judged)["alias"] == ["champion"]
    assert registry.load("MSFT").to_bytes() == judged.to_bytes()


def test_a_pickle_in_the_place_of_weights_or_scaler_is_refused(tmp_path, golden_path):
    (tmp_path / "scaler.pkl").write_bytes(pickle.dumps(StandardScaler()))
    with pytest.raises(stockops.FileError, match="it is no scaler .*scaler_to_json.py makes it of the pickle"):
        stockops.Forecaster.import_pt(golden_path("small.pt"), scaler=tmp_path / "scaler.pkl", ticker="MSFT")
    with pytest.raises(stockops.FileError, match="not a PyTorch state_dict"):
        imported(tmp_path, tmp_path / "scaler.pkl")


def test_a_bundle_that_was_altered_is_refused(tmp_path, child):
    bundle = bytearray(child.to_bytes())
    bundle[-1] ^= 1
    path = tmp_path / "altered.safetensors"
    path.write_bytes(bundle)
    for read in (lambda: stockops.Forecaster.from_bytes(bytes(bundle)), lambda: stockops.Forecaster.load(path)):
        with pytest.raises(stockops.BundleError, match="it was altered after it was written: its own checksum differs"):
            read()


def of_another_formula(bundle):
    """The bundle of one that was trained when RSI14 was computed otherwise, with the checksums of both."""
    now, before = b'RSI14\\",\\"type\\":\\"Float64\\",\\"formula\\":1', b'RSI14\\",\\"type\\":\\"Float64\\",\\"formula\\":0'
    assert bundle.count(now) == 1
    names = ["Open", "High", "Low", "Close", "Volume", "RSI14", "MACD"]
    hashes = []
    for formula in (1, 0):
        lines = [f"{name} Float64 {formula if name == 'RSI14' else 1}\n" for name in names]
        hashes.append(hashlib.sha256("".join(lines).encode()).hexdigest().encode())
    assert bundle.count(hashes[0]) == 1
    bundle = bundle.replace(now, before).replace(*hashes)
    mark = b'\\"sha256\\":\\"'
    place = bundle.index(mark) + len(mark)
    blank = bundle[:place] + b"0" * 64 + bundle[place + 64 :]
    return blank[:place] + hashlib.sha256(blank).hexdigest().encode() + blank[place + 64 :]


def test_a_model_of_other_features_serves_nothing(child, bars):
    forecaster = stockops.Forecaster.from_bytes(of_another_formula(child.to_bytes()))
    with pytest.raises(stockops.SkewError, match="MSFT was trained on other features .*: RSI14 was computed by version 0") as raised:
        forecaster.predict(bars)
    assert raised.value.kind == "skew" and isinstance(raised.value, ValueError)
    with pytest.raises(stockops.SkewError):
        forecaster.zero_shot(stockops.load_bars("IBM"))


def test_versions_that_nobody_needs_are_removed(tmp_path, child, bars):
    registry = stockops.ModelRegistry(tmp_path)
    for _ in range(4):
        registry.publish(child, bars)
    champion = registry.champion("MSFT")["version"]
    dry = registry.gc(keep=0, dry_run=True)
    assert dry["dry_run"] and len(registry.versions("MSFT")) == 4
    done = registry.gc(keep=0)
    assert done["removed"] == dry["removed"] and done["bytes"] == sum(one["bytes"] for one in done["removed"])
    left = {one["version"] for one in registry.versions("MSFT")}
    assert champion in left and len(left) == done["kept"] == 4 - len(done["removed"])
    assert registry.load("MSFT").to_bytes() == child.to_bytes()


def test_a_home_comes_back_from_its_backup(tmp_path, child, bars):
    registry = stockops.ModelRegistry(tmp_path / "home")
    registry.publish(child, bars)
    taken = registry.backup(tmp_path / "copy")
    assert any(one["key"] == "registry/MSFT/1/bundle.safetensors" for one in taken["objects"])
    restored = stockops.restore(tmp_path / "copy", tmp_path / "other")
    assert restored["objects"] == len(taken["objects"]) and restored["moved_aside"] is None
    assert stockops.ModelRegistry(tmp_path / "other").load("MSFT").to_bytes() == child.to_bytes()
    with pytest.raises(stockops.ConfigError, match="`home` must be a folder that is empty or not there yet"):
        stockops.restore(tmp_path / "copy", tmp_path / "other")
    (tmp_path / "copy/home/registry/MSFT/1/bundle.safetensors").write_bytes(b"torn")
    with pytest.raises(stockops.FileError, match="it has 4 bytes where"):
        stockops.restore(tmp_path / "copy", tmp_path / "third")


def test_analyses_are_runs_of_a_tracker(tmp_path, child, bars):
    tracker = stockops.Tracker(tmp_path)
    registry = stockops.ModelRegistry(tmp_path, tracker=tracker)
    registry.publish(child)
    report = registry.drift(bars)
    registry.monitor(bars)
    stockops.backtest(bars.tail(300), strategy="zero-shot", n_folds=2, tracker=tracker)
    runs = {run["tags"]["kind"]: run for run in tracker.runs("MSFT")}
    assert {kind: run["status"] for kind, run in runs.items()} == dict.fromkeys(["drift", "monitor", "backtest"], "finished")
    assert runs["drift"]["metrics"]["drift_score"] == pytest.approx(report.to_dict()["drift_score"])
    kept = json.loads(tracker.artifact(runs["drift"]["run_id"], "drift.json"))
    assert kept["ticker"] == "MSFT" and kept["model_version"] == "MSFT@1"
    assert "rmse_close_h1" in runs["backtest"]["metrics"]
    stockops.ModelRegistry(tmp_path).drift(bars)
    assert len(tracker.runs("MSFT")) == 3  # without a tracker an analysis is no run
