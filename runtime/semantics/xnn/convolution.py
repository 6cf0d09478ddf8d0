"""Meaning of xnn.conv."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import ConvOp, tensor_type
from xnn.runtime.engines.matmul import Pads, contract


def conv(
    x: np.ndarray,
    w: np.ndarray,
    b: np.ndarray | None = None,
    *,
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Pads,
    groups: int,
    result: np.dtype | None = None,
) -> np.ndarray:
    """y[i, m, o] = b[m] + sum over c, t of w[m, c, t] x[i, c0 + c, o * strides + t * dilations - pads].

    x [B, C, *spatial], w [M, C / groups, *kernel], b [M] -> y [B, M, *out]; c0 is the first channel of the
    group of m, and x is zero outside. Sums and bias are added in the accumulator's type, then given the
    type `result`, by default that of x.
    """
    result = result or x.dtype
    sums = result if result.kind == "i" else None
    y = contract(w, x, strides=strides, dilations=dilations, pads=pads, groups=groups, sums=sums)
    if b is not None:
        y += b.reshape(-1, *(1 for _ in strides)).astype(y.dtype, copy=False)
    return y.astype(result, copy=False)


@register_impls
class ConvolutionFunctions(InterpreterFunctions):
    @impl(ConvOp)
    def conv(self, interpreter: Interpreter, op: ConvOp, args: PythonValues) -> PythonValues:
        dtype = dtype_of(tensor_type(op.result).element_type)
        result = conv(
            *args,
            strides=op.strides.get_values(),
            dilations=op.dilations.get_values(),
            pads=op.pad_pairs,
            groups=op.groups.value.data,
            result=dtype,
        )
        return (result,)
