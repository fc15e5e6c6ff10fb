"""What the tests share: shipped bars, a small parent and its child, the golden files of the core."""

import json
from pathlib import Path

import numpy as np
import pytest
import stockops

GOLDEN = Path(__file__).parents[2] / "stockops-core/tests/golden"


@pytest.fixture(scope="session")
def golden():
    """One of the core's golden files by name, read as JSON."""
    return lambda name: json.loads((GOLDEN / name).read_text())


@pytest.fixture(scope="session")
def golden_path():
    return lambda name: GOLDEN / name


@pytest.fixture(scope="session")
def bars():
    return stockops.load_bars("MSFT")


@pytest.fixture(scope="session")
def small():
    """A trainer whose networks take a second."""
    return stockops.TransferTrainer(hidden_dim=8, n_layers=1, n_epochs=2)


@pytest.fixture(scope="session")
def parent(small):
    """A small parent on the index up to 2016, so that the children of the shipped series have a test."""
    return small.fit_parent(stockops.load_bars("^GSPC").between("2008-01-01", None), to="2016-12-30")


@pytest.fixture(scope="session")
def child(small, parent, bars):
    return small.fit(bars, parent)


@pytest.fixture(scope="session")
def hashed():
    """`golden.py`'s tensor `number`: float32 in [-bound, bound), element i a function of (number, i) alone."""

    def make(number, shape, bound):
        mask = np.uint64(0xFFFFFFFF)
        i = np.arange(np.prod(shape), dtype=np.uint64)
        h = (i * np.uint64(2654435761) + np.uint64(number * 40503 + 12345)) & mask
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B), (16, 1)):
            h ^= h >> np.uint64(shift)
            h = (h * np.uint64(factor)) & mask
        v = ((h >> np.uint64(8)).astype(np.float64) / 2.0**24 - 0.5) * 2.0 * bound
        return v.astype(np.float32).reshape(shape)

    return make
