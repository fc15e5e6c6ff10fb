"""The same work as child_ours.py with pandas, scikit-learn and PyTorch.

usage: child_pytorch.py FILE WEIGHTS cached|naive

Read the file, compute seven columns of about the same cost, scale them by the training rows, cut windows, freeze the LSTM
and train the head for 10 epochs (batch 32, Adam 3e-4, clip 5.0), then forecast the windows of all four parts twice, as
calibration, judgement and the original's metrics do, and the next five sessions. `cached` computes the hidden states once,
as ours does; `naive` computes them for every batch, as most programs do. Checks, calibration, skill and charts, which ours
does as well, are left out here.
"""

import sys
import time

start = time.perf_counter()

import numpy as np
import pandas as pd
import torch
from safetensors.torch import load_file
from sklearn.preprocessing import StandardScaler
from torch import nn

imported = time.perf_counter()
CONTEXT, HORIZON = 60, 5


class Net(nn.Module):
    def __init__(self, state):
        super().__init__()
        hidden = state["lstm.weight_hh_l0"].shape[1]
        self.lstm = nn.LSTM(7, hidden, sum("weight_hh" in name for name in state), batch_first=True)
        self.fc = nn.Linear(hidden, 35)
        self.load_state_dict(state)

    def hidden(self, x):
        return self.lstm(x)[0][:, -1]


def columns(bars):
    """Close to close, width of the day and places in it, volume and its mean, RSI, MACD; all relative."""
    close, width = bars.close, np.log(bars.high / bars.low).clip(lower=2e-4)
    change = close.diff().fillna(0.0)
    gain, loss = change.clip(lower=0.0).rolling(14).mean(), (-change.clip(upper=0.0)).rolling(14).mean()
    macd = close.ewm(span=12, adjust=False).mean() - close.ewm(span=26, adjust=False).mean()
    usual = width.rolling(20, min_periods=13).mean()
    volume = np.log(bars.volume.where(bars.volume > 0).ffill())
    table = {
        "change": np.log(close).diff() / usual,
        "width": np.log(width / usual),
        "opened": (bars.open - bars.low) / (bars.high - bars.low).clip(lower=1e-9),
        "closed": (close - bars.low) / (bars.high - bars.low).clip(lower=1e-9),
        "volume": volume - volume.rolling(20, min_periods=13).mean(),
        "rsi": 100 - 100 / (1 + gain / loss.clip(lower=1e-12)),
        "macd": macd / close / usual,
    }
    return pd.DataFrame(table).iloc[13:].to_numpy()


def main():
    torch.manual_seed(42)
    bars = pd.read_csv(sys.argv[1], parse_dates=["date"])
    rows = columns(bars)
    ends = [len(rows) * share // 10 for share in (7, 8, 9, 10)]
    rows = torch.from_numpy(StandardScaler().fit(rows[: ends[0]]).transform(rows).astype(np.float32))
    x = rows.unfold(0, CONTEXT, 1).transpose(1, 2)[:-HORIZON]
    y = rows[CONTEXT:].unfold(0, HORIZON, 1).transpose(1, 2)
    borders = [0] + [end - CONTEXT for end in ends[:3]] + [len(x)]
    parts = [slice(a, max(a, b - HORIZON + 1)) for a, b in zip(borders, borders[1:])]
    net = Net(load_file(sys.argv[2])).eval()
    net.lstm.requires_grad_(False)
    optimizer = torch.optim.Adam(net.fc.parameters(), lr=3e-4, weight_decay=1e-6, fused=True)
    cached = sys.argv[3] == "cached"

    def hidden(x):
        with torch.no_grad():
            return torch.cat([net.hidden(part) for part in x.split(512)])

    train, validation = ((x[part], y[part].reshape(-1, 35)) for part in parts[:2])
    inputs, inputs_validation = (hidden(train[0]), hidden(validation[0])) if cached else (train[0], validation[0])
    for _ in range(10):
        for batch in torch.randperm(len(inputs)).split(32):
            optimizer.zero_grad(set_to_none=True)
            state = inputs[batch] if cached else net.hidden(inputs[batch])
            loss = nn.functional.mse_loss(net.fc(state), train[1][batch])
            loss.backward()
            nn.utils.clip_grad_norm_(net.fc.parameters(), 5.0)
            optimizer.step()
        with torch.no_grad():
            state = inputs_validation if cached else hidden(inputs_validation)
            nn.functional.mse_loss(net.fc(state), validation[1]).item()
    with torch.no_grad():
        for part in [parts[2], parts[3], parts[1], parts[0], parts[1]]:
            net.fc(hidden(x[part]))
        net.fc(net.hidden(rows[None, -CONTEXT:]))


main()
end = time.perf_counter()
with open("/proc/self/status") as status:
    peak = next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))
print(f"seconds {end - imported:.4f}")
print(f"peak_mib {peak:.1f}")
print(f"import {imported - start:.4f}")
