"""PyTorch's side of run.sh: one item of work in a fresh process, its seconds and its peak of memory.

usage: pytorch.py ITEM VARIANT THREADS [DEVICE] [BATCH]   with ITEM one of first, T, I1, I512, F_naive, F_cached and VARIANT eager or compile.
DEVICE is such as cuda; BATCH is that of T, 32, and of I512, 512, where nothing else is said. `ours.rs` does the same work.
"""

import sys
import time

import torch
from torch import nn

CONTEXT, HORIZON, FEATURES, HIDDEN = 60, 5, 7, 128
DEVICE = sys.argv[4] if len(sys.argv) > 4 else "cpu"
BATCH = int(sys.argv[5]) if len(sys.argv) > 5 else 32
FORECASTS = int(sys.argv[5]) if len(sys.argv) > 5 else 512


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(FEATURES, HIDDEN, 3, batch_first=True, dropout=0.2)
        self.fc = nn.Linear(HIDDEN, HORIZON * FEATURES)

    def hidden(self, x):
        return self.lstm(x)[0][:, -1]

    def forward(self, x):
        return self.fc(self.hidden(x))


def windows(count):
    """Windows cut out of one table, as ours are, each its own copy: gathering a batch is one index."""
    rows = torch.randn(count + CONTEXT + HORIZON - 1, FEATURES, device=DEVICE)
    x = rows[: count + CONTEXT - 1].unfold(0, CONTEXT, 1).transpose(1, 2).contiguous()
    y = rows[CONTEXT:].unfold(0, HORIZON, 1).transpose(1, 2).reshape(count, -1)
    return x, y


def adam(module):
    return torch.optim.Adam(module.parameters(), lr=1e-3, weight_decay=1e-6, fused=True)


def epoch(run, parameters, optimizer, x, y):
    """One pass in a random order: forward, backward, clipping of the global norm, Adam."""
    for batch in torch.randperm(len(x), device=DEVICE).split(BATCH):
        optimizer.zero_grad(set_to_none=True)
        loss = nn.functional.mse_loss(run(x[batch]), y[batch])
        loss.backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        loss.item()


def train(net, run, count):
    net.train()
    x, y = windows(count)
    optimizer, parameters = adam(net), list(net.parameters())
    epoch(run, parameters, optimizer, x, y)
    start = time.perf_counter()
    epoch(run, parameters, optimizer, x, y)
    return time.perf_counter() - start


def forecasts(net, run, batch, warm, repeats):
    net.eval()
    x, _ = windows(batch)
    seconds = []
    with torch.inference_mode():
        for turn in range(warm + repeats):
            start = time.perf_counter()
            run(x)[0, 0].item()
            if turn >= warm:
                seconds.append(time.perf_counter() - start)
    return sorted(seconds)[len(seconds) // 2]


def frozen(net, count, epochs, cached):
    """Head training on a frozen network: hidden states once, in batches of 512, or again for every batch."""
    net.eval()
    x, y = windows(count)

    def hidden(x):
        with torch.no_grad():
            return net.hidden(x)

    def run_all():
        head = nn.Linear(HIDDEN, HORIZON * FEATURES, device=DEVICE)
        optimizer, parameters = adam(head), list(head.parameters())
        inputs = torch.cat([hidden(part) for part in x.split(512)]) if cached else x
        run = head if cached else lambda x: head(hidden(x))
        for _ in range(epochs):
            epoch(run, parameters, optimizer, inputs, y)

    if cached:
        run_all()
    else:
        hidden(x[:BATCH])
    start = time.perf_counter()
    run_all()
    return time.perf_counter() - start


def peak_memory():
    with open("/proc/self/status") as status:
        return next(float(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM:"))


def main():
    item, variant, threads = sys.argv[1:4]
    torch.set_num_threads(int(threads))
    torch.manual_seed(1)
    net = Net().to(DEVICE)
    run = torch.compile(net) if variant == "compile" else net
    work = {
        "first": lambda: forecasts(net, run, 1, 0, 1),
        "T": lambda: train(net, run, 4000),
        "I1": lambda: forecasts(net, run, 1, 50, 300),
        "I512": lambda: forecasts(net, run, FORECASTS, 3, 8),
        "F_naive": lambda: frozen(net, 1000, 10, cached=False),
        "F_cached": lambda: frozen(net, 1000, 10, cached=True),
    }
    print(f"seconds {work[item]():.6f}")
    print(f"peak_mib {peak_memory():.1f}")


main()
