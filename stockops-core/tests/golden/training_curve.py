"""A whole training run of a small network on real bars, without dropout or shuffling, into training_curve.json.

Reads the bars from indicators.json.
"""

import json
import math

import numpy as np
import pandas as pd
import torch

from golden import CONTEXT, HERE, HORIZON, Network, floats, made_by, write_json

HIDDEN, LAYERS, WINDOWS, BATCH, EPOCHS = 16, 2, 300, 32, 5


def standardized_rows():
    """Seven stationary columns of 600 bars, float32; five rows go to warm-up."""
    bars = pd.DataFrame(json.loads((HERE / "indicators.json").read_text())["bars"])
    change = np.log(bars.close).diff()
    rows = pd.DataFrame(
        {
            "return": change,
            "range": np.log(bars.high / bars.low),
            "volume_change": np.log(bars.volume).diff(),
            "intraday": np.log(bars.close / bars.open),
            "overnight": np.log(bars.open / bars.close.shift()),
            "absolute_return": change.abs(),
            "mean_return_5": change.rolling(5).mean(),
        }
    ).dropna()
    return ((rows - rows.mean()) / rows.std(ddof=0)).astype("float32")


def train(rows, dtype):
    """Loss of each batch of each epoch, before its step; the largest gradient norm; the final head bias."""
    rows = torch.from_numpy(rows).to(dtype)
    x = torch.stack([rows[w : w + CONTEXT] for w in range(WINDOWS)])
    y = torch.stack([rows[w + CONTEXT : w + CONTEXT + HORIZON] for w in range(WINDOWS)])
    network = Network(HIDDEN, LAYERS).fill_hashed(1.0 / math.sqrt(HIDDEN)).to(dtype)
    optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-6)
    losses, norms = [], []
    for _ in range(EPOCHS):
        losses.append([])
        for start in range(0, WINDOWS, BATCH):
            loss = torch.nn.functional.mse_loss(network(x[start : start + BATCH]), y[start : start + BATCH])
            optimiser.zero_grad()
            loss.backward()
            norms.append(torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0).item())
            optimiser.step()
            losses[-1].append(loss.detach())
    return torch.tensor(losses, dtype=dtype), max(norms), network.fc.bias.detach()


frame = standardized_rows()
rows = np.ascontiguousarray(frame.to_numpy())
losses, largest_norm, bias = train(rows, torch.float32)
losses_double, _, bias_double = train(rows, torch.float64)
sizes = np.array([min(BATCH, WINDOWS - start) for start in range(0, WINDOWS, BATCH)])
write_json(
    "training_curve.json",
    {
        "made_by": made_by("training_curve.py", "torch", "pandas", "numpy"),
        "numbers": "golden.hashed: parameter k of state_dict with bound 1/sqrt(16); window w sees rows w..w+59, its target is rows w+60..w+64",
        "hidden": HIDDEN,
        "layers": LAYERS,
        "windows": WINDOWS,
        "batch": BATCH,
        "epochs": EPOCHS,
        "lr": 1e-3,
        "weight_decay": 1e-6,
        "max_norm": 5.0,
        "largest_norm": largest_norm,
        "columns": list(frame.columns),
        "rows": floats(rows),
        "epoch_losses": floats((losses.double().numpy() * sizes).sum(axis=1) / WINDOWS),
        "batch_losses": floats(losses),
        "final_fc_bias": floats(bias),
        "relative_difference_to_float64": {
            "batch_losses": ((losses.double() - losses_double) / losses_double).abs().max().item(),
            "final_fc_bias": ((bias.double() - bias_double).abs().max() / bias_double.abs().max()).item(),
        },
    },
)
