"""Meaning of xnn.gemm."""

from __future__ import annotations

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import GemmOp, tensor_type
from xnn.runtime.engines.matmul import contract


def gemm(
    a: np.ndarray,
    b: np.ndarray,
    c: np.ndarray | None = None,
    *,
    trans_a: bool = False,
    trans_b: bool = False,
    alpha: float = 1.0,
    beta: float = 1.0,
    result: np.dtype | None = None,
) -> np.ndarray:
    """alpha * a' b' + beta * c: a' [M, K] and b' [K, N] are the operands or their transposes, c broadcasts.

    All is done in the accumulator's type, then given the type `result`, by default that of a.
    """
    result = result or a.dtype
    sums = result if result.kind == "i" else None
    y = contract(b if trans_b else b.T, a.T if trans_a else a, sums=sums)
    if alpha != 1:
        y *= y.dtype.type(alpha)
    if c is not None:
        c = c.astype(y.dtype, copy=False)
        y = y + (c if beta == 1 else c * c.dtype.type(beta))
    return y.astype(result, copy=False)


@register_impls
class LinearFunctions(InterpreterFunctions):
    @impl(GemmOp)
    def gemm(self, interpreter: Interpreter, op: GemmOp, args: PythonValues) -> PythonValues:
        dtype = dtype_of(tensor_type(op.result).element_type)
        result = gemm(
            *args,
            trans_a=bool(op.trans_a.value.data),
            trans_b=bool(op.trans_b.value.data),
            alpha=op.alpha.value.data,
            beta=op.beta.value.data,
            result=dtype,
        )
        return (result,)
