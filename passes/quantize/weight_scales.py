"""Scales of weights, from the weights: by their range, or for the few levels that they may take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import IntegerType

from xnn.dialects.element_types import integer_range
from xnn.dialects.packing import LEVELS, expanded_type
from xnn.runtime.semantics.xnn.quantization import restrict

SHARES = np.geomspace(0.1, 1.5, 24)
"""Scales that are tried, relative to that at which the largest level stands for the largest weight."""


@dataclass(frozen=True)
class Fit:
    """How rows of weights become integers."""

    kind: IntegerType
    steps: np.ndarray
    """Per row, the real value of the integer 1."""
    nearest: np.ndarray | None = None
    """Per row, the scale by which the nearest level is chosen, if it is another."""


def fit_range(rows: np.ndarray, bits: int) -> Fit:
    """Steps at which the largest integer stands for the largest weight of a row."""
    kind, largest = IntegerType(bits), np.abs(rows).max(axis=1)
    return Fit(kind, np.where(largest > 0, largest / integer_range(kind)[1], 1.0))


def fit_levels(rows: np.ndarray, levels: str) -> Fit:
    """The pair of `nearest` and step with the least squared error: a step follows from each candidate for `nearest`.

    For binary levels the step is the mean size (Rastegari et al., XNOR-Net, 2016), for ternary ones
    threshold and mean are those of Li et al., Ternary Weight Networks, 2016, searched.
    """
    found = [_fit_row(row.astype(np.float64), levels) for row in rows]
    nearest, steps = np.array(found, np.float32).T
    return Fit(expanded_type(levels), steps, nearest)


def _fit_row(row: np.ndarray, levels: str) -> tuple[float, float]:
    largest = float(np.abs(row).max())
    if largest == 0:  # no level is 0 in binary: a step that leaves nothing of the others
        return 1.0, 1.0 if 0 in LEVELS[levels] else 0.0
    best, result = -1.0, (1.0, 1.0)
    for scale in largest / max(LEVELS[levels]) * SHARES:
        q = restrict(row, scale, levels).astype(np.float64)
        along, size = float(row @ q), float(q @ q)
        if size and along**2 / size > best:  # the part of the row's energy that the levels explain
            best, result = along**2 / size, (float(scale), along / size)
    return result
