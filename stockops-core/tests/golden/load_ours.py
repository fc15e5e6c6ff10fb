"""Loads a safetensors file that stockops wrote into the torch network, and writes what it answers.

    python load_ours.py FILE [OUT.json]    # OUT is ours_io.json in the current directory unless given

Sizes come from the shapes; keys other than lstm.* and fc.* are ignored. The input is hashed number 100 with bound 2.
"""

import json
import pathlib
import sys

import torch
from safetensors.torch import load_file

from golden import CONTEXT, Network, floats, hashed, made_by

state = {name: t.float() for name, t in load_file(sys.argv[1]).items() if name.startswith(("lstm.", "fc."))}
layers = sum(name.startswith("lstm.weight_ih_l") for name in state)
features, hidden, outputs = state["lstm.weight_ih_l0"].shape[1], state["fc.weight"].shape[1], state["fc.bias"].numel()
network = Network(hidden, layers, features, outputs).eval()
network.load_state_dict(state)
with torch.no_grad():
    output = network(hashed(100, (3, CONTEXT, features), 2.0))
fields = {"made_by": made_by("load_ours.py", "torch", "safetensors"), "hidden": hidden, "layers": layers, "output": floats(output)}
pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "ours_io.json").write_text(json.dumps(fields) + "\n")
