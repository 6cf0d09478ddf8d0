"""Semantics of xnn.gemm."""

from __future__ import annotations

import numpy as np

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import GemmOp, tensor_type
from xnn.runtime.engines.matmul import contract
from xnn.runtime.semantics.operators import compute


@compute.register
def gemm(op: GemmOp, a: np.ndarray, b: np.ndarray, c: np.ndarray | None = None) -> np.ndarray:
    """All is done in the accumulator's type, then given that of the result."""
    result = dtype_of(tensor_type(op.result).element_type)
    lhs = b if op.trans_b.value.data else b.T
    rhs = a.T if op.trans_a.value.data else a
    y = contract(lhs, rhs, sums=dtype_of(op.accumulator_type))
    alpha, beta = (y.dtype.type(factor.value.data) for factor in (op.alpha, op.beta))
    if alpha != 1:
        y *= alpha
    if c is not None:
        c = c.astype(y.dtype, copy=False)
        y = y + (c if beta == 1 else c * beta)
    return y.astype(result, copy=False)
