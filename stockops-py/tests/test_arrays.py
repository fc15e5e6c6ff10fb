"""One table: what arrays are taken, and what is said of the others."""

import threading

import numpy as np
import pytest
import stockops

MODEL = stockops.LSTMModel(hidden_dim=8, n_layers=1)
X = np.random.default_rng(1).normal(size=(4, 60, 7)).astype(np.float32)


def read_only(x):
    x = x.copy()
    x.flags.writeable = False
    return x


GOOD = {
    "contiguous": lambda x: x,
    "fortran": np.asfortranarray,
    "every other of twice as many": lambda x: np.repeat(x, 2, axis=0)[::2],
    "backwards twice": lambda x: np.ascontiguousarray(x[:, ::-1])[:, ::-1],
    "columns out of a wider one": lambda x: np.concatenate([x, x], axis=2)[:, :, :7],
    "read-only": read_only,
    "byte offset": lambda x: np.frombuffer(b"1234" + x.tobytes(), np.float32)[1:].reshape(x.shape),
    "big-endian made native": lambda x: x.astype(">f4").astype("=f4"),
    "subclass": lambda x: x.view(np.recarray).view(np.ndarray),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD.keys())
def test_any_layout_of_float32_gives_the_same(make):
    np.testing.assert_array_equal(MODEL(make(X)), MODEL(X))


BAD = [
    (X.astype(np.float64), stockops.DtypeError, TypeError, r'x must be a numpy array of float32, got float64; use x.astype\("float32"\)'),
    (X.astype(np.int64), stockops.DtypeError, TypeError, "got int64"),
    (X.astype(">f4"), stockops.DtypeError, TypeError, "got >f4"),
    (X.astype(object), stockops.DtypeError, TypeError, "got object"),
    (X.tolist(), stockops.DtypeError, TypeError, "x must be a numpy array of float32, got list; use numpy.asarray"),
    (None, stockops.DtypeError, TypeError, "got NoneType"),
    (X[0], stockops.ShapeError, ValueError, r"x: expected 3 dimensions, got shape \[60, 7\]"),
    (X[:, :, :5], stockops.ShapeError, ValueError, r"x \(batch, context, features\): expected shape \[4, 60, 7\], got \[4, 60, 5\]"),
    (X[:, :0], stockops.ShapeError, ValueError, r"expected shape \[4, 1, 7\], got \[4, 0, 7\]"),
]  # fmt: skip


@pytest.mark.parametrize(("x", "error", "natural", "text"), BAD)
def test_what_is_no_window_is_refused(x, error, natural, text):
    with pytest.raises(error, match=text) as raised:
        MODEL(x)
    assert isinstance(raised.value, natural) and isinstance(raised.value, stockops.StockopsError)


def test_nan_stays_in_its_window():
    x = X.copy()
    x[1, 30, 2] = np.nan
    out = MODEL(x)
    assert np.isnan(out[1]).any()
    np.testing.assert_array_equal(out[[0, 2, 3]], MODEL(X)[[0, 2, 3]])


def test_no_windows_give_no_predictions():
    assert MODEL(X[:0]).shape == (0, 5, 7)


@pytest.mark.parametrize("rows", [np.zeros((3, 2), np.float32), [[1.0, 2.0]]])
def test_the_scaler_wants_float64(rows):
    scaler = stockops.StandardScaler.fit(np.arange(6.0).reshape(3, 2))
    with pytest.raises(stockops.DtypeError, match="rows must be a numpy array of float64"):
        scaler.transform(rows)
    with pytest.raises(stockops.ShapeError, match=r"scaler input: expected shape \[3, 2\], got \[3, 4\]"):
        scaler.transform(np.zeros((3, 4)))
    with pytest.raises(stockops.ShapeError, match="rows: expected 2 dimensions"):
        scaler.transform(np.zeros(2))
    flipped = np.arange(6.0).reshape(3, 2)[::-1]
    np.testing.assert_array_equal(scaler.transform(flipped), scaler.transform(flipped.copy()))


def test_windows_are_views_of_the_rows(bars):
    dataset = stockops.Dataset(bars)
    for part, numbers in dataset.parts.items():
        x, y = dataset.windows(part)
        assert x.shape == (numbers["n"], 60, 7) and y.shape == (numbers["n"], 5, 7)
        assert np.shares_memory(x, dataset.rows) and np.shares_memory(y, dataset.rows)
        assert not x.flags.writeable and not y.flags.writeable
    x, y = dataset.windows("train")
    np.testing.assert_array_equal(x[1, :-1], x[0, 1:])
    np.testing.assert_array_equal(y[0], x[5, -5:])
    np.testing.assert_array_equal(x[0], dataset.rows[:60])
    with pytest.raises(stockops.ConfigError, match="unknown word `training`, expected one of `train`, `validation`"):
        dataset.windows("training")


def test_no_target_crosses_a_border(bars):
    dataset = stockops.Dataset(bars)
    rows, dates = dataset.rows, dataset.dates
    for part, about in dataset.parts.items():
        _, y = dataset.windows(part)
        for window in (y[0], y[-1]):
            at = np.flatnonzero((rows == window[0]).all(axis=1))[0]
            assert np.datetime64(about["first_day"]) <= dates[at]
            assert dates[at + 4] <= np.datetime64(about["last_day"]), part


def test_two_threads_at_once_get_what_one_gets(bars, child):
    alone, forecast = MODEL(X), child.predict(bars)
    wrong = []

    def work():
        for _ in range(20):
            if not (MODEL(X) == alone).all() or child.predict(bars) != forecast:
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
