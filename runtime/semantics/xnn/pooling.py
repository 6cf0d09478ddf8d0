"""Meaning of the pooling operators."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import (
    AveragePoolOp,
    GlobalAveragePoolOp,
    MaxPoolOp,
    SumPoolOp,
    tensor_type,
)
from xnn.runtime.engines.matmul import Pads, pad, windows
from xnn.runtime.engines.sort import window_maximum


def window_sums(
    maps: np.ndarray, kernel: Sequence[int], strides: Sequence[int], dilations: Sequence[int]
) -> np.ndarray:
    """The sum of each window of maps [B, C, *spatial], in their type: [B, C, *out]."""
    taps = tuple(range(2, 2 + len(kernel)))
    return windows(maps, kernel, strides, dilations).sum(axis=taps, dtype=maps.dtype)


def average_pool(
    x: np.ndarray,
    *,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Pads,
    count_include_pad: bool,
) -> np.ndarray:
    """The mean of each window of x [B, C, *spatial]: [B, C, *out]; pads count only with `count_include_pad`."""

    def sums(maps: np.ndarray) -> np.ndarray:
        return window_sums(maps, kernel, strides, dilations)

    accumulator = np.result_type(x.dtype, np.float32)
    total = sums(pad(x.astype(accumulator, copy=False), pads, 0))
    ones = np.ones((1, 1, *x.shape[2:]), accumulator)
    count = sums(pad(ones, pads, 1 if count_include_pad else 0))
    return (total / count).astype(x.dtype, copy=False)


def global_average_pool(x: np.ndarray) -> np.ndarray:
    """The mean of each channel of x [B, C, *spatial]: [B, C, 1, ...]."""
    accumulator = np.result_type(x.dtype, np.float32)
    axes = tuple(range(2, x.ndim))
    return x.mean(axis=axes, keepdims=True, dtype=accumulator).astype(x.dtype, copy=False)


@register_impls
class PoolingFunctions(InterpreterFunctions):
    @impl(MaxPoolOp)
    def max_pool(self, interpreter: Interpreter, op: MaxPoolOp, args: PythonValues) -> PythonValues:
        result = window_maximum(
            args[0],
            kernel=op.kernel_shape.get_values(),
            strides=op.strides.get_values(),
            dilations=op.dilations.get_values(),
            pads=op.pad_pairs,
        )
        return (result,)

    @impl(SumPoolOp)
    def sum_pool(self, interpreter: Interpreter, op: SumPoolOp, args: PythonValues) -> PythonValues:
        sums = dtype_of(tensor_type(op.result).element_type)
        kernel = op.kernel_shape.get_values()
        result = window_sums(
            pad(args[0].astype(sums, copy=False), op.pad_pairs, 0),
            kernel,
            op.strides.get_values(),
            op.dilations.get_values(),
        )
        return (result,)

    @impl(AveragePoolOp)
    def average_pool(
        self, interpreter: Interpreter, op: AveragePoolOp, args: PythonValues
    ) -> PythonValues:
        result = average_pool(
            args[0],
            kernel=op.kernel_shape.get_values(),
            strides=op.strides.get_values(),
            dilations=op.dilations.get_values(),
            pads=op.pad_pairs,
            count_include_pad=bool(op.count_include_pad.value.data),
        )
        return (result,)

    @impl(GlobalAveragePoolOp)
    def global_average_pool(
        self, interpreter: Interpreter, op: GlobalAveragePoolOp, args: PythonValues
    ) -> PythonValues:
        return (global_average_pool(args[0]),)
