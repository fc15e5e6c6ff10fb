"""Each error: its class, the natural built-in beside it, and its text."""

import pickle

import numpy as np
import pytest
import stockops


def short():
    return stockops.load_bars("IBM").tail(50)


def leak(parent_to="2020-01-01"):
    parent = stockops.TransferTrainer(hidden_dim=4, n_layers=1, n_epochs=1).fit_parent(stockops.load_bars("^GSPC"))
    return stockops.TransferTrainer("zero-shot").fit(stockops.load_bars("IBM"), parent)


def forecast():
    return stockops.shipped_parent().predict(stockops.load_bars("^GSPC"))


def frame():
    return stockops.load_bars("MSFT").to_frame().reset_index()


def columns(**changed):
    """A frame whose named columns hold something else, beside numbers."""
    first = {name: values + frame()[name].astype(object).tolist()[1:] for name, values in changed.items()}
    return stockops.Bars.from_dataframe(frame().assign(**first), "MSFT")


def twice():
    return stockops.Bars.from_dataframe(frame().rename(columns={"close": "open"}), "MSFT")


def other_ticker():
    import pandas

    two = frame().set_index("date")
    two.columns = pandas.MultiIndex.from_product([two.columns, ["MSFT"]])
    return stockops.Bars.from_dataframe(two, "GOOG")


TABLE = [
    (lambda: stockops.load_bars("../etc"), "TickerError", ValueError, "`../etc` is not a ticker: only letters, digits and ^ . - = _ & are allowed"),
    (lambda: stockops.ModelRegistry("ftp://a"), "ConfigError", ValueError, "`home` must be a folder, or an address such as s3://bucket/prefix, gs://bucket/prefix or az://container/prefix, without credentials, got another address of ftp://"),
    (lambda: stockops.load_bars("TSLA"), "NotFoundError", KeyError, "no shipped bars named TSLA; there are ^GSPC, AMZN, GOOGL, IBM, MSFT"),
    (lambda: stockops.Bars.from_csv("/nowhere/a.csv", "A"), "MissingFileError", FileNotFoundError, "/nowhere/a.csv: no such file; check the path"),
    (lambda: stockops.Bars.from_csv("/", "A"), "FileError", ValueError, "/: a folder, not a file; name a CSV, CSV.gz or Parquet file in it"),
    (lambda: stockops.FeatureSet([]), "ConfigError", ValueError, "`features` must be a list of at least one feature, got an empty list"),
    (lambda: stockops.FeatureSet(["RSI0"]), "ConfigError", ValueError, "`period` must be from 1 to 1000 sessions, got RSI0"),
    (lambda: stockops.FeatureSet().transform(short().tail(13)), "TooShortError", ValueError, "the feature frame of IBM needs at least 14 bars, got 13; give a longer history"),
    (lambda: stockops.Dataset(short()), "TooShortError", ValueError, "training on IBM needs at least 78 bars, got 50; give a longer history"),
    (lambda: stockops.shipped_parent().predict(short()), "TooShortError", ValueError, "a forecast of IBM needs at least 73 bars, got 50; give a longer history"),
    (lambda: stockops.LSTMModel(dropout=1.0), "ConfigError", ValueError, "`dropout` must be from 0 up to but not including 1, got 1"),
    (lambda: stockops.LSTMModel(hidden_dim=0), "ConfigError", ValueError, "`hidden_dim` must be at least 1, got 0"),
    (lambda: stockops.LSTMModel(hidden_dim=2**20), "ConfigError", ValueError, "`hidden_dim` must be such that a network has at most 268435456 weights, got "),
    (lambda: stockops.LSTMModel(hidden_dim=2**63), "ConfigError", ValueError, "`hidden_dim` must be such that a network has at most 268435456 weights, got "),
    (lambda: stockops.LSTMModel(device="cuda"), "DeviceError", ValueError, "device `cuda`: this build has no feature `cuda`; build it with that feature, or use cpu; the wheel has cpu alone"),
    (lambda: stockops.LSTMModel(device="tpu"), "DeviceError", ValueError, "device `tpu`: not one of cpu, libtorch, libtorch:cuda, cuda"),
    (lambda: stockops.LSTMModel.from_safetensors(b"no"), "BundleError", ValueError, "bundle of weights: not a whole safetensors file"),
    (lambda: stockops.LSTMModel.from_state_dict({}), "BundleError", ValueError, "bundle of weights: it has no weights named lstm.weight_ih_l0"),
    (lambda: stockops.LSTMModel.from_state_dict({"fc.bias": np.zeros(3)}), "DtypeError", TypeError, "fc.bias must be float32, got float64"),
    (lambda: stockops.LSTMModel.from_state_dict(3), "DtypeError", TypeError, "a state_dict must be a mapping of names to arrays, got int"),
    (lambda: stockops.LSTMModel.load("/nowhere/a.safetensors"), "StorageError", OSError, "could not read /nowhere/a.safetensors; check that the folder exists"),
    (lambda: stockops.TransferTrainer("melt"), "ConfigError", ValueError, "`strategy` must be one of freeze, fine-tune, zero-shot, scratch, got melt"),
    (lambda: stockops.TransferTrainer(batch_size=0).fit(stockops.load_bars("MSFT")), "ConfigError", ValueError, "`batch_size` must be at least 1, got 0"),
    (lambda: stockops.TransferTrainer(lr=float("nan")).fit(stockops.load_bars("MSFT")), "ConfigError", ValueError, "`lr` must be above 0 and finite, got NaN"),
    (leak, "LeakError", ValueError, "IBM: the parent saw days up to "),
    (lambda: stockops.TransferTrainer().fit_parent([]), "TooShortError", ValueError, "a pooled dataset needs at least 1 bars, got 0"),
    (lambda: stockops.Forecaster.from_bytes(b""), "BundleError", ValueError, "bundle in memory: not a whole safetensors file"),
    (lambda: stockops.Forecaster.load("/nowhere/a"), "MissingFileError", FileNotFoundError, "/nowhere/a: no such file; check the path"),
    (lambda: stockops.StandardScaler.fit(np.full((3, 2), np.nan)), "ConfigError", ValueError, "`rows` must be finite numbers, got a value that is not"),
    (lambda: stockops.TransferTrainer("zero-shot").fit_model(stockops.Dataset(stockops.load_bars("IBM"))), "ConfigError", ValueError, "`strategy` zero-shot trains nothing and needs a `parent`"),
    (lambda: stockops.backtest(stockops.load_bars("MSFT"), histories=[150]), "ConfigError", ValueError, "`strategies` and `histories` are those of an ablation"),
    (lambda: stockops.train_children("AMZN"), "DtypeError", TypeError, "tickers must be a list of names or Bars, got one str"),
    (lambda: stockops.train_children([3]), "DtypeError", TypeError, "a ticker must be a name or Bars, got int"),
    (lambda: stockops.train_children([], progress=3), "DtypeError", TypeError, "progress must be True, False or a function of one event, got int"),
    (lambda: forecast().interval(0), "ConfigError", ValueError, "`level` must be a share of outcomes in percent, such as 90, got 0"),
    (lambda: forecast().interval(90, "Close"), "ConfigError", ValueError, "unknown word `Close`, expected one of"),
    (lambda: forecast().samples(0), "ConfigError", ValueError, "`n` must be from 1 to 1000000, got 0"),
    (lambda: forecast().plot(stockops.load_bars("MSFT")), "ConfigError", ValueError, "`bars` must be those of ^GSPC, got those of MSFT"),
    (lambda: stockops.ModelRegistry().publish(stockops.shipped_parent(), stockops.load_bars("MSFT")), "ConfigError", ValueError, "`bars` must be those of ^GSPC, got those of MSFT"),
    (lambda: columns(open=["a"]), "DtypeError", TypeError, "DataFrame cannot be read as a table: "),
    (lambda: columns(volume=[1j]), "DtypeError", TypeError, "DataFrame cannot be read as a table: "),
    (lambda: twice(), "FileError", ValueError, "the frame has more than one column named open; keep one of each"),
    (lambda: other_ticker(), "FileError", ValueError, "the frame has columns of columns, and none of GOOG; there are MSFT, close"),
    (lambda: stockops.ModelRegistry("/dev/null"), "StorageError", OSError, "could not read /dev/null; check that the folder exists"),
    (lambda: stockops.ModelRegistry().load("GOOG"), "NotFoundError", KeyError, "no version named GOOG; publish one first"),
    (lambda: stockops.ModelRegistry().load("GOOG", 3), "NotFoundError", KeyError, "no version named GOOG@3"),
    (lambda: stockops.ModelRegistry().rollback("GOOG"), "NotFoundError", KeyError, "no "),
]  # fmt: skip


def test_a_forecaster_without_bars_is_not_held_against_a_champion_in_silence(child, bars):
    registry = stockops.ModelRegistry()
    read = stockops.Forecaster.from_bytes(child.to_bytes())
    assert registry.publish(read)["version"] == 1
    with pytest.raises(stockops.ConfigError, match="`bars` must be given, .* got none, and MSFT@1 forecasts"):
        registry.publish(read)
    assert registry.publish(read, bars)["alias"] == ["champion"]
    zero_shot = stockops.shipped_parent().zero_shot(bars)
    assert registry.publish(zero_shot)["version"] == 3, "it was made from bars, and has them"


def test_advice_is_in_words_of_python():
    with pytest.raises(stockops.LeakError, match="allow_parent_leak=True") as raised:
        leak()
    assert "--" not in str(raised.value)
    with pytest.raises(stockops.LeakError, match="`index`") as raised:
        stockops.backtest(stockops.load_bars("IBM"))
    assert "--" not in str(raised.value)


@pytest.mark.parametrize(("call", "name", "natural", "text"), TABLE)
def test_class_built_in_and_text(call, name, natural, text):
    with pytest.raises(stockops.StockopsError) as raised:
        call()
    error = raised.value
    assert type(error).__name__ == name
    assert isinstance(error, natural)
    assert str(error).startswith(text)
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.kind) == (type(error), str(error), error.kind)


def test_the_cause_of_a_disk_error_is_the_systems():
    with pytest.raises(stockops.StorageError) as raised:
        stockops.Forecaster.load("/")
    assert isinstance(raised.value.__cause__, IsADirectoryError)


@pytest.mark.parametrize(
    "call",
    [
        lambda: stockops.load_bars(3),
        lambda: stockops.LSTMModel(hidden_dim="wide"),
        lambda: stockops.LSTMModel(hidden_dim=-1),
        lambda: stockops.LSTMModel(7),
        lambda: stockops.TransferTrainer(epochs=3),
        lambda: stockops.TransferTrainer().fit("MSFT"),
        lambda: stockops.Dataset(None),
        lambda: stockops.TransferTrainer().fit(stockops.load_bars("MSFT"), progress=3),
    ],
)
def test_calls_that_cannot_be_meant_are_type_errors(call):
    with pytest.raises((TypeError, OverflowError)):
        call()
