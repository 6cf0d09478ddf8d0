"""Semantics of the operators that change the size of feature maps."""

from __future__ import annotations

import numpy as np

from xnn.dialects.element_types import accumulator_type, dtype_of
from xnn.dialects.values import element_type
from xnn.dialects.xnn import InterpolateOp
from xnn.runtime.semantics.operators import compute


@compute.register
def interpolate(op: InterpolateOp, x: np.ndarray, w: np.ndarray) -> np.ndarray:
    axis, sums = op.axis.value.data, dtype_of(accumulator_type(element_type(op.x)))
    moved = np.moveaxis(x.astype(sums), axis, -1) @ w.astype(sums).T
    return np.moveaxis(moved, -1, axis).astype(x.dtype)
