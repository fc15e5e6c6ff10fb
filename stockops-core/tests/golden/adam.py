"""Twelve steps of torch's Adam behind a global norm clip, float32, into adam.json.

The contract's weight decay and epsilon are too small to leave a trace in twelve steps, so a second case takes large ones.
"""

import torch

from golden import floats, hashed, made_by, write_json

SHAPES = [(8, 7), (8,), (5, 8), (5,)]
STEPS, MAX_NORM = 12, 0.5
GRADIENT_BOUNDS = [0.2, 0.04, 0.5, 0.1]  # taken in turn; norms near 1.2, 0.23, 3.1, 0.62: the clip rests at steps 1, 5, 9


def gradient(step, k):
    return hashed(1000 + 100 * step + k, SHAPES[k], GRADIENT_BOUNDS[step % len(GRADIENT_BOUNDS)])


def run(lr, eps, weight_decay):
    parameters = [torch.nn.Parameter(hashed(k, shape, 0.5)) for k, shape in enumerate(SHAPES)]
    optimiser = torch.optim.Adam(parameters, lr=lr, eps=eps, weight_decay=weight_decay)
    norms, values = [], []
    for step in range(STEPS):
        for k, parameter in enumerate(parameters):
            parameter.grad = gradient(step, k)
        norms.append(floats(torch.nn.utils.clip_grad_norm_(parameters, MAX_NORM)))
        optimiser.step()
        values.append([floats(p.reshape(-1)) for p in parameters])
    settings = {"lr": lr, "beta1": 0.9, "beta2": 0.999, "eps": eps, "weight_decay": weight_decay, "max_norm": MAX_NORM}
    return settings | {"norms_before_clip": norms, "values_after_step": values}


write_json(
    "adam.json",
    {
        "made_by": made_by("adam.py", "torch", "numpy"),
        "numbers": "golden.hashed: parameter k is number k with bound 0.5; its gradient at step s (from 0) is number "
        "1000 + 100 s + k with bound gradient_bounds[s mod 4]",
        "shapes": SHAPES,
        "gradient_bounds": GRADIENT_BOUNDS,
        "contract": run(lr=1e-3, eps=1e-8, weight_decay=1e-6),
        "strong": run(lr=1e-2, eps=1e-2, weight_decay=0.1),
    },
)
