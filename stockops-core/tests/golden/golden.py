"""What the golden scripts share: numbers made by a hash, the contract's network, and the writing of JSON."""

import importlib.metadata
import json
import math
import pathlib
import platform

import numpy as np
import torch

HERE = pathlib.Path(__file__).resolve().parent
CONTEXT, FEATURES, HORIZON = 60, 7, 5

torch.set_num_threads(1)  # one thread, one order of summation


def hashed(number, shape, bound):
    """Tensor `number`: float32 in [-bound, bound), element i a function of (number, i) alone.

    h = (i * 2654435761 + number * 40503 + 12345) mod 2^32, mixed once (all products mod 2^32), then
    v = ((h >> 8) / 2^24 - 0.5) * 2 * bound in float64, rounded to float32.
    """
    mask = np.uint64(0xFFFFFFFF)
    i = np.arange(math.prod(shape), dtype=np.uint64)
    h = (i * np.uint64(2654435761) + np.uint64(number * 40503 + 12345)) & mask
    h ^= h >> np.uint64(16)
    h = (h * np.uint64(0x7FEB352D)) & mask
    h ^= h >> np.uint64(15)
    h = (h * np.uint64(0x846CA68B)) & mask
    h ^= h >> np.uint64(16)
    v = ((h >> np.uint64(8)).astype(np.float64) / 2.0**24 - 0.5) * 2.0 * bound
    return torch.from_numpy(v.astype(np.float32).reshape(shape))


class Network(torch.nn.Module):
    """Stacked LSTM, its last step, a linear head: (batch, context, features) to (batch, horizon, features)."""

    def __init__(self, hidden, layers, features=FEATURES, outputs=HORIZON * FEATURES):
        super().__init__()
        self.features = features
        self.lstm = torch.nn.LSTM(features, hidden, layers, batch_first=True)
        self.fc = torch.nn.Linear(hidden, outputs)

    def forward(self, x):
        steps, _ = self.lstm(x)
        return self.fc(steps[:, -1]).reshape(len(x), -1, self.features)

    def fill_hashed(self, bound):
        """Parameter k, in the order of state_dict, becomes hashed tensor k."""
        state = self.state_dict()
        self.load_state_dict({name: hashed(k, tuple(t.shape), bound) for k, (name, t) in enumerate(state.items())})
        return self


def relative_error(a, b):
    """max|a - b| / max|b|."""
    a, b = a.detach().double(), b.detach().double()
    return ((a - b).abs().max() / b.abs().max()).item()


def made_by(script, *packages):
    """Script and versions, for the field of that name."""
    versions = {"python": platform.python_version()} | {p: importlib.metadata.version(p) for p in packages}
    return {"script": script, **versions}


def floats(values):
    """Nested lists; float32 in the shortest form that reads back the same, NaN as None."""
    if isinstance(values, torch.Tensor):
        values = values.detach().numpy()
    if isinstance(values, (list, tuple, np.ndarray)) and not np.isscalar(values) and np.ndim(values) > 0:
        return [floats(v) for v in values]
    if isinstance(values, np.ndarray):
        values = values[()]
    number = float(str(values)) if isinstance(values, np.float32) else float(values)
    return None if math.isnan(number) else number


def write_json(name, fields):
    """One line a field, so that a change shows where it is."""
    lines = [f"  {json.dumps(key)}: {json.dumps(value, allow_nan=False)}" for key, value in fields.items()]
    (HERE / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")
