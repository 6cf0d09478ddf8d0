"""Semantics of xnn.conv."""

from __future__ import annotations

import numpy as np

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import ConvOp, tensor_type
from xnn.runtime.engines.matmul import contract
from xnn.runtime.semantics.operators import compute


@compute.register
def conv(op: ConvOp, x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None) -> np.ndarray:
    """y[i, m, o] = b[m] + sum over c, t of w[m, c, t] x[i, c0 + c, o * strides + t * dilations - pads].

    x [B, C, *spatial], w [M, C / groups, *kernel], b [M] -> y [B, M, *out]; c0 is the first channel of the
    group of m, and x is zero outside. Sums and bias are added in the accumulator's type, then given the
    type of the result.
    """
    result = dtype_of(tensor_type(op.result).element_type)
    y = contract(
        w,
        x,
        strides=op.strides.get_values(),
        dilations=op.dilations.get_values(),
        pads=op.pad_pairs,
        groups=op.groups.value.data,
        sums=dtype_of(op.accumulator_type),
    )
    if b is not None:
        y += b.reshape(-1, *(1 for _ in x.shape[2:])).astype(y.dtype, copy=False)
    return y.astype(result, copy=False)
