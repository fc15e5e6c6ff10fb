"""Forward and backward pass of the contract's network (3 x 128) on hashed numbers, into network.safetensors."""

import json
import math

import torch
from safetensors.torch import save_file

from golden import CONTEXT, FEATURES, HERE, HORIZON, Network, hashed, made_by, relative_error

HIDDEN, LAYERS, BATCH = 128, 3, 5


def run(dtype):
    """Outputs, loss and all gradients, computed in `dtype` from the same float32 numbers."""
    network = Network(HIDDEN, LAYERS).fill_hashed(1.0 / math.sqrt(HIDDEN)).to(dtype)
    x = hashed(100, (BATCH, CONTEXT, FEATURES), 2.0).to(dtype).requires_grad_()
    y = hashed(101, (BATCH, HORIZON, FEATURES), 1.0).to(dtype)
    out = network(x)
    loss = torch.nn.functional.mse_loss(out, y)
    loss.backward()
    tensors = {"out": out, "loss": loss.reshape(1), "hidden_all_steps": network.lstm(x)[0][0]}
    tensors |= {f"grad.{name}": p.grad for name, p in network.named_parameters()} | {"grad.x": x.grad}
    return {name: t.detach().contiguous() for name, t in tensors.items()}


single, double = run(torch.float32), run(torch.float64)
errors = {name: relative_error(single[name], double[name]) for name in single}
metadata = {
    "made_by": json.dumps(made_by("network.py", "torch", "numpy", "safetensors")),
    "numbers": "golden.hashed: parameter k of state_dict with bound 1/sqrt(128), x is number 100 with bound 2, target 101 with bound 1",
    "relative_error_to_float64": json.dumps(errors),
    "max_relative_error_to_float64": repr(max(errors.values())),
}
save_file(single, HERE / "network.safetensors", metadata)
