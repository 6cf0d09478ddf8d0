"""Meaning of the operators between numbers and the integers that stand for them."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import IntegerType
from xdsl.interpreter import Interpreter, InterpreterFunctions, PythonValues, impl, register_impls
from xdsl.ir import Attribute

from xnn.dialects.element_types import convert, dtype_of, integer_range, rounding_shift
from xnn.dialects.packing import LEVELS, pack
from xnn.dialects.xnn import (
    CastOp,
    CenterOp,
    DequantizeOp,
    PackOp,
    QuantizationOperation,
    QuantizeOp,
    RequantizeOp,
    RescaleOp,
    RestrictOp,
    tensor_type,
)


def along(axis: int, parameter: np.ndarray, rank: int) -> np.ndarray:
    """A parameter with one element, or one per index of `axis`, as it broadcasts to arrays of `rank`."""
    if parameter.ndim == 0:
        return parameter
    return parameter.reshape([-1 if each == axis else 1 for each in range(rank)])


def rounded(value: np.ndarray, zero_point: np.ndarray, to: Attribute) -> np.ndarray:
    """The nearest integers, ties to even, plus the zero point, saturated in the type `to`."""
    return convert(np.rint(value) + zero_point.astype(value.dtype), to)


def quantize(x: np.ndarray, scale: np.ndarray, zero_point: np.ndarray, to: Attribute) -> np.ndarray:
    """clip(round(x / scale) + zero_point) in integers of type `to`; the quotient is of the scale's type."""
    return rounded(x.astype(scale.dtype, copy=False) / scale, zero_point, to)


def requantize(
    sums: np.ndarray, multiplier: np.ndarray, zero_point: np.ndarray, to: Attribute
) -> np.ndarray:
    """clip(round(sums * multiplier) + zero_point) in integers of type `to`."""
    return rounded(sums.astype(multiplier.dtype) * multiplier, zero_point, to)


def rescale(
    sums: np.ndarray, multiplier: np.ndarray, zero_point: np.ndarray, shift: int, to: Attribute
) -> np.ndarray:
    """clip(round(sums * multiplier / 2^shift) + zero_point) in integers of type `to`, in 64 bits throughout."""
    product = sums.astype(np.int64) * multiplier
    return convert(rounding_shift(product, np.int64(shift)) + zero_point, to)


def difference(q: np.ndarray, zero_point: np.ndarray) -> np.ndarray:
    """q - zero_point without overflow."""
    if not zero_point.any():
        return q
    wide = np.int32 if q.dtype.itemsize <= 4 else np.int64
    return q.astype(wide, copy=False) - zero_point.astype(wide)


def cast(x: np.ndarray, to: Attribute) -> np.ndarray:
    """x in the type `to`: floats become integers towards zero and saturate, integers wrap around.

    What becomes an integer of fewer than 8 bits wraps around too, as in ONNX.
    """
    is_float = x.dtype.kind not in "iub"
    if isinstance(to, IntegerType) and 1 < (width := to.width.data) < 8:
        low, _ = integer_range(to)
        whole = np.trunc(x.astype(np.float64)).astype(np.int64) if is_float else x.astype(np.int64)
        return ((whole - low & 2**width - 1) + low).astype(dtype_of(to))
    if is_float and isinstance(to, IntegerType) and to.width.data > 1:
        return convert(np.trunc(x), to)
    return x.astype(dtype_of(to), copy=False)


def restrict(x: np.ndarray, scale: np.ndarray, levels: str) -> np.ndarray:
    """The nearest of a few integers, which are symmetric, to x / scale; half way the one of larger size."""
    sizes = np.array([level for level in LEVELS[levels] if level >= 0], np.int8)
    quotient = x / scale
    found = sizes[np.searchsorted((sizes[1:] + sizes[:-1]) / 2, np.abs(quotient), side="right")]
    return np.where(quotient < 0, -found, found)


@register_impls
class QuantizationFunctions(InterpreterFunctions):
    @impl(QuantizeOp)
    def quantize(
        self, interpreter: Interpreter, op: QuantizeOp, args: PythonValues
    ) -> PythonValues:
        x, scale, zero_point = _aligned(op, args)
        return (quantize(x, scale, zero_point, tensor_type(op.result).element_type),)

    @impl(RequantizeOp)
    def requantize(
        self, interpreter: Interpreter, op: RequantizeOp, args: PythonValues
    ) -> PythonValues:
        sums, multiplier, zero_point = _aligned(op, args)
        return (requantize(sums, multiplier, zero_point, tensor_type(op.result).element_type),)

    @impl(RescaleOp)
    def rescale(self, interpreter: Interpreter, op: RescaleOp, args: PythonValues) -> PythonValues:
        sums, multiplier, zero_point = _aligned(op, args)
        to = tensor_type(op.result).element_type
        return (rescale(sums, multiplier, zero_point, op.shift.value.data, to),)

    @impl(DequantizeOp)
    def dequantize(
        self, interpreter: Interpreter, op: DequantizeOp, args: PythonValues
    ) -> PythonValues:
        q, scale, zero_point = _aligned(op, args)
        return (difference(q, zero_point).astype(scale.dtype) * scale,)

    @impl(CenterOp)
    def center(self, interpreter: Interpreter, op: CenterOp, args: PythonValues) -> PythonValues:
        to = dtype_of(tensor_type(op.result).element_type)
        return (difference(*_aligned(op, args)).astype(to, copy=False),)

    @impl(RestrictOp)
    def restrict(
        self, interpreter: Interpreter, op: RestrictOp, args: PythonValues
    ) -> PythonValues:
        x, scale = _aligned(op, args)
        return (restrict(x, scale, op.levels.data),)

    @impl(PackOp)
    def pack(self, interpreter: Interpreter, op: PackOp, args: PythonValues) -> PythonValues:
        x = np.asarray(args[0])
        return (pack(x.reshape(len(x), -1), op.format.data),)

    @impl(CastOp)
    def cast(self, interpreter: Interpreter, op: CastOp, args: PythonValues) -> PythonValues:
        return (cast(args[0], op.to),)


def _aligned(op: QuantizationOperation, args: PythonValues) -> list[np.ndarray]:
    """The first operand, and the others as they broadcast to it."""
    x, *parameters = (np.asarray(each) for each in args)
    return [x, *(along(op.axis.value.data, each, x.ndim) for each in parameters)]
