"""scipy's two-sample Kolmogorov-Smirnov test with exact p values, with ties and odd sizes, into ks.json."""

import numpy as np
from scipy.stats import ks_2samp

from golden import floats, made_by, write_json

rng = np.random.default_rng(5)
SIZES = [(21, 99, 0.0), (21, 99, 0.8), (21, 105, 0.3), (5, 7, 0.0), (5, 7, 3.0), (1, 10, 0.5), (40, 40, 0.5), (21, 105, 1.5)]
samples = [(np.sort(rng.standard_normal(n) + shift), np.sort(rng.standard_normal(m))) for n, m, shift in SIZES]
samples += [(np.array([1.0, 2.0, 2.0, 3.0]), np.array([2.0, 2.0, 4.0])), (np.arange(6.0), np.arange(6.0))]


def case(a, b):
    result = ks_2samp(a, b, method="exact")
    return {"a": floats(a), "b": floats(b), "statistic": float(result.statistic), "p": float(result.pvalue)}


write_json("ks.json", {"made_by": made_by("ks.py", "scipy", "numpy"), "cases": [case(a, b) for a, b in samples]})
