"""Meaning of xnn.conv."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.xnn import ConvOp, tensor_type
from xnn.runtime.arrays import dtype_of
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
) -> np.ndarray:
    """y[i, m, o] = b[m] + sum over c, t of w[m, c, t] x[i, c0 + c, o * strides + t * dilations - pads].

    x [B, C, *spatial], w [M, C / groups, *kernel], b [M] -> y [B, M, *out]; c0 is the first channel of the
    group of m, and x is zero outside.
    """
    y = contract(w, x, strides=strides, dilations=dilations, pads=pads, groups=groups)
    y = y.astype(x.dtype, copy=False)
    return y if b is None else y + b.reshape(-1, *(1 for _ in strides))


@register_impls
class ConvolutionFunctions(InterpreterFunctions):
    @impl(ConvOp)
    def conv(self, interpreter: Interpreter, op: ConvOp, args: PythonValues) -> PythonValues:
        dtype = dtype_of(tensor_type(op.result).element_type)
        x, w, *b = (array.astype(dtype, copy=False) for array in args)
        result = conv(
            x,
            w,
            *b,
            strides=op.strides.get_values(),
            dilations=op.dilations.get_values(),
            pads=op.pad_pairs,
            groups=op.groups.value.data,
        )
        return (result,)
