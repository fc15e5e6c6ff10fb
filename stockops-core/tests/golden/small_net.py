"""A small network's .pt files as PyTorch users write them, and what it answers: small.pt, small_checkpoint.pt, small_io.json."""

import torch

from golden import CONTEXT, FEATURES, HERE, Network, floats, hashed, made_by, write_json

torch.manual_seed(7)
network = Network(hidden=16, layers=2).eval()
torch.save(network.state_dict(), HERE / "small.pt")
torch.save({"epoch": 3, "model_state_dict": network.state_dict()}, HERE / "small_checkpoint.pt")

x = hashed(100, (3, CONTEXT, FEATURES), 2.0)
with torch.no_grad():
    output = network(x)
write_json(
    "small_io.json",
    {
        "made_by": made_by("small_net.py", "torch", "numpy"),
        "state_dict": {name: list(t.shape) for name, t in network.state_dict().items()},
        "input": floats(x),
        "output": floats(output),
    },
)
