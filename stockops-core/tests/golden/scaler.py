"""scikit-learn's StandardScaler on columns of wildly different scales, one of them constant, into scaler.json."""

import numpy as np
from sklearn.preprocessing import StandardScaler

from golden import floats, made_by, write_json

CENTRE = np.array([100.0, 0.0, 1e9, -3.0, 0.1, 1e-6, 5e4])
SPREAD = np.array([1.0, 1e-8, 1e7, 1e3, 0.0, 1e-7, 1e-2])  # column 4 is constant

rows = CENTRE + SPREAD * np.random.default_rng(3).standard_normal((50, 7))
other = CENTRE + 4.0 * (SPREAD + 0.5) * np.random.default_rng(4).standard_normal((5, 7))
scaler = StandardScaler().fit(rows)
write_json(
    "scaler.json",
    {
        "made_by": made_by("scaler.py", "scikit-learn", "numpy"),
        "rows": floats(rows),
        "mean": floats(scaler.mean_),
        "scale": floats(scaler.scale_),
        "transformed": floats(scaler.transform(rows)),
        "inverse": floats(scaler.inverse_transform(scaler.transform(rows))),
        "other_rows": floats(other),
        "other_transformed": floats(scaler.transform(other)),
        "other_inverse": floats(scaler.inverse_transform(scaler.transform(other))),
    },
)
