"""Semantics of convolutions."""

from __future__ import annotations

import numpy as np

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import ConvOp, ConvTransposeOp, shape_of, tensor_type
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


@compute.register
def conv_transpose(
    op: ConvTransposeOp, x: np.ndarray, w: np.ndarray, b: np.ndarray | None = None
) -> np.ndarray:
    """y[i, m, o] = b[m] + sum over c, t, p of w[c, m, t] x[i, c, p] where o = p * strides + t * dilations - pads."""
    sums, groups = dtype_of(op.accumulator_type), op.groups.value.data
    channels, per_group, *kernel = w.shape
    strides, dilations, pads = op.strides.get_values(), op.dilations.get_values(), op.pad_pairs
    sizes = shape_of(op.result)[2:]
    spans = [
        (n - 1) * s + (k - 1) * d + 1 for n, s, k, d in zip(x.shape[2:], strides, kernel, dilations)
    ]
    whole = [max(span, out + low) for span, out, (low, _) in zip(spans, sizes, pads)]
    y = np.zeros((len(x), groups * per_group, *whole), sums)
    ones = (1,) * len(kernel)
    for tap in np.ndindex(*kernel):
        lhs = w[(..., *tap)].reshape(groups, channels // groups, per_group).swapaxes(1, 2)
        part = contract(
            np.ascontiguousarray(lhs).reshape(-1, channels // groups, *ones),
            x,
            strides=ones,
            dilations=ones,
            pads=((0, 0),) * len(kernel),
            groups=groups,
            sums=sums,
        )
        places = (
            slice(t * d, t * d + (n - 1) * s + 1, s)
            for t, d, n, s in zip(tap, dilations, x.shape[2:], strides)
        )
        y[(slice(None), slice(None), *places)] += part
    inner = (slice(low, low + size) for size, (low, _) in zip(sizes, pads))
    y = y[(slice(None), slice(None), *inner)]
    if b is not None:
        y = y + b.reshape(-1, *ones).astype(sums, copy=False)
    return y.astype(dtype_of(tensor_type(op.result).element_type), copy=False)
