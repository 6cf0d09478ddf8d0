"""Semantics of the pooling operators."""

from __future__ import annotations

import numpy as np

from xnn.dialects import xnn
from xnn.dialects.element_types import dtype_of
from xnn.runtime.engines.matmul import pad, windows
from xnn.runtime.engines.sort import window_maximum
from xnn.runtime.semantics.operators import compute


@compute.register
def max_pool(op: xnn.MaxPoolOp, x: np.ndarray) -> np.ndarray:
    return window_maximum(
        x,
        kernel=op.kernel_shape.get_values(),
        strides=op.strides.get_values(),
        dilations=op.dilations.get_values(),
        pads=op.pad_pairs,
    )


def _window_sums(op: xnn.PoolOperation, x: np.ndarray, padding: float) -> np.ndarray:
    """The sum of each window of x [B, C, *spatial], in its type: [B, C, *out]."""
    kernel = op.kernel_shape.get_values()
    strides, dilations = op.strides.get_values(), op.dilations.get_values()
    taps = tuple(range(2, 2 + len(kernel)))
    found = windows(pad(x, op.pad_pairs, padding), kernel, strides, dilations)
    return found.sum(axis=taps, dtype=x.dtype)


@compute.register
def sum_pool(op: xnn.SumPoolOp, x: np.ndarray) -> np.ndarray:
    result = dtype_of(xnn.tensor_type(op.result).element_type)
    sums = result if result.kind in "iu" else np.result_type(result, np.float32)
    return _window_sums(op, x.astype(sums, copy=False), 0).astype(result, copy=False)


@compute.register
def average_pool(op: xnn.AveragePoolOp, x: np.ndarray) -> np.ndarray:
    accumulator = np.result_type(x.dtype, np.float32)
    ones = np.ones((1, 1, *x.shape[2:]), accumulator)
    count = _window_sums(op, ones, 1 if op.count_include_pad.value.data else 0)
    total = _window_sums(op, x.astype(accumulator, copy=False), 0)
    return (total / count).astype(x.dtype, copy=False)


@compute.register
def global_average_pool(op: xnn.GlobalAveragePoolOp, x: np.ndarray) -> np.ndarray:
    accumulator = np.result_type(x.dtype, np.float32)
    axes = tuple(range(2, x.ndim))
    return x.mean(axis=axes, keepdims=True, dtype=accumulator).astype(x.dtype, copy=False)
