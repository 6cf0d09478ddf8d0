"""Scales of coefficients that are restricted to few levels."""

from __future__ import annotations

import numpy as np

from xnn.dialects.packing import LEVELS
from xnn.runtime.xnn.quantization import restrict

SHARES = np.geomspace(0.1, 1.5, 24)
"""Of the scale at which the largest level stands for the largest coefficient."""


def fit_levels(rows: np.ndarray, levels: str) -> tuple[np.ndarray, np.ndarray]:
    """Per row the scale that says which level is nearest, and what a level then stands for.

    Of each candidate for the first, the second follows by least squares; the pair of least squared
    error is taken. For binary levels that is the mean size (Rastegari et al., XNOR-Net, 2016), for
    ternary ones the threshold and mean of Li et al., Ternary Weight Networks, 2016, searched.
    """
    found = [_fit_row(row.astype(np.float64), levels) for row in rows]
    nearest, steps = np.array(found, np.float32).T
    return nearest, steps


def _fit_row(row: np.ndarray, levels: str) -> tuple[float, float]:
    largest = float(np.abs(row).max())
    if largest == 0:
        return 1.0, 1.0
    best, result = -1.0, (1.0, 1.0)
    for scale in largest / max(LEVELS[levels]) * SHARES:
        q = restrict(row, scale, levels).astype(np.float64)
        along, size = float(row @ q), float(q @ q)
        if size and along**2 / size > best:  # what of the row's energy the levels explain
            best, result = along**2 / size, (float(scale), along / size)
    return result
