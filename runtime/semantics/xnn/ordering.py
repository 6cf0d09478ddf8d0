"""Semantics of the first elements in order."""

from __future__ import annotations

import numpy as np

from xnn.dialects.xnn import TopKIndicesOp, TopKOp
from xnn.dialects.xnn.ordering import TopOperation
from xnn.runtime.semantics.operators import compute


@compute.register
def top_k(op: TopKOp, x: np.ndarray) -> np.ndarray:
    return np.take_along_axis(x, _order(op, x), op.axis.value.data)


@compute.register
def top_k_indices(op: TopKIndicesOp, x: np.ndarray) -> np.ndarray:
    return _order(op, x)


def _order(op: TopOperation, x: np.ndarray) -> np.ndarray:
    """The indices of the first k elements; of equal ones the first."""
    axis, k = op.axis.value.data, op.k.value.data
    if x.dtype.kind not in "iufb":  # bf16
        x = x.astype(np.float32)
    if op.least is not None:
        order = np.argsort(x, axis=axis, kind="stable")
    else:  # backwards, so that of equal elements the first is the last
        order = np.argsort(np.flip(x, axis), axis=axis, kind="stable")
        order = np.flip(x.shape[axis] - 1 - order, axis)
    return np.take(order, np.arange(k), axis=axis).astype(np.int64, copy=False)
