"""Numbers against the golden files of the core: pandas, TA-Lib, scikit-learn and PyTorch made them."""

import numpy as np
import pytest
import stockops


INDICATORS = {
    "RSI14": "pandas_cutler_rsi14",
    "RSI14_wilder": "talib_rsi14",
    "RSI14_ema": "pandas_ema_rsi14",
    "MACD": "pandas_macd",
    "EMA20": "pandas_ema20",
    "SMA20": "talib_sma20",
    "ATR14": "talib_atr14",
    "BB20_upper": "talib_bollinger_upper",
    "BB20_lower": "talib_bollinger_lower",
}


@pytest.mark.parametrize(("word", "name"), INDICATORS.items())
def test_indicators_are_those_of_talib_and_pandas(golden, word, name):
    golden = golden("indicators.json")
    bars = stockops.Bars.from_dataframe(golden["bars"], "IBM")
    frame = stockops.FeatureSet([word]).transform(bars)
    wanted = np.array(golden[name], dtype=float)[-len(frame) :]
    # As in the core's own test: both sides round in a different order, 600 times at most; MACD crosses 0.
    np.testing.assert_allclose(frame.values[:, 0], wanted, rtol=1e-9, atol=1e-12)


VOLATILITIES = {
    "GK20": "garman_klass20",
    "RS20": "rogers_satchell20",
    "YZ20": "yang_zhang20",
    "Overnight": "overnight",
    "SV20_down": "semivariance20_down",
    "SV20_up": "semivariance20_up",
}


@pytest.mark.parametrize(("word", "name"), VOLATILITIES.items())
def test_volatilities_are_those_of_ttrs_formulas(golden, word, name):
    bars = stockops.Bars.from_dataframe(golden("indicators.json")["bars"], "IBM")
    frame = stockops.FeatureSet([word]).transform(bars)
    wanted = np.array(golden("volatility.json")[name], dtype=float)[-len(frame) :]
    np.testing.assert_allclose(frame.values[:, 0], wanted, rtol=1e-9, atol=1e-12)


def test_the_scaler_is_scikit_learns(golden):
    golden = golden("scaler.json")
    rows, other = np.array(golden["rows"]), np.array(golden["other_rows"])
    scaler = stockops.StandardScaler.fit(rows)
    np.testing.assert_allclose(scaler.mean_, golden["mean"], rtol=1e-9)
    np.testing.assert_allclose(scaler.scale_, golden["scale"], rtol=1e-9)
    for given, name in ((rows, "transformed"), (other, "other_transformed")):
        # Column 6 is about 50,000 with a spread of 0.01: a last bit of its mean moves a value by 3e-9.
        np.testing.assert_allclose(scaler.transform(given), golden[name], rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(other)), golden["other_inverse"], rtol=1e-12)


def test_the_forward_pass_is_pytorchs(golden_path, hashed):
    from safetensors.numpy import load_file

    shapes = {name: array.shape for name, array in stockops.LSTMModel().state_dict().items()}
    weights = {name: hashed(k, shape, 128**-0.5) for k, (name, shape) in enumerate(shapes.items())}
    model = stockops.LSTMModel.from_state_dict(weights)
    wanted = load_file(golden_path("network.safetensors"))["out"]
    error = np.abs(model(hashed(100, (5, 60, 7), 2.0)) - wanted).max() / np.abs(wanted).max()
    assert error < 1e-5  # float32 with 60 steps; PyTorch's own distance from float64 is 7e-7


@pytest.mark.parametrize("name", ["small.pt", "small_checkpoint.pt"])
def test_weights_that_torch_saved_answer_as_torch_does(golden, golden_path, name):
    io = golden("small_io.json")
    model = stockops.LSTMModel.load(golden_path(name), dropout=0.0)
    wanted = np.array(io["output"], np.float32)
    error = np.abs(model(np.array(io["input"], np.float32)) - wanted).max() / np.abs(wanted).max()
    assert error < 1e-5


def test_weights_that_we_saved_answer_as_torch_does(golden, golden_path, hashed):
    """`ours.safetensors` is what the core writes; torch read it and wrote `ours_io.json`."""
    model = stockops.LSTMModel(hidden_dim=16, n_layers=2, random_state=5)
    assert model.to_safetensors() == golden_path("ours.safetensors").read_bytes()
    wanted = np.array(golden("ours_io.json")["output"], np.float32)
    error = np.abs(model(hashed(100, (3, 60, 7), 2.0)) - wanted).max() / np.abs(wanted).max()
    assert error < 1e-5


def test_weights_go_to_torch_and_back():
    torch = pytest.importorskip("torch")
    from safetensors.torch import load, save

    class Network(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = torch.nn.LSTM(7, 16, 2, batch_first=True)
            self.fc = torch.nn.Linear(16, 35)

        def forward(self, x):
            return self.fc(self.lstm(x)[0][:, -1]).reshape(len(x), 5, 7)

    network = Network()
    x = torch.randn(3, 60, 7)
    for model in (
        stockops.LSTMModel.from_safetensors(save(network.state_dict())),
        stockops.LSTMModel.from_state_dict(network.state_dict()),
    ):
        np.testing.assert_allclose(model(x.numpy()), network(x).detach().numpy(), rtol=1e-4, atol=1e-5)
    ours = stockops.LSTMModel(hidden_dim=16, n_layers=2, random_state=1)
    network.load_state_dict(load(ours.to_safetensors()))
    np.testing.assert_allclose(ours(x.numpy()), network(x).detach().numpy(), rtol=1e-4, atol=1e-5)
