"""Tensors of the IR as NumPy arrays: element types and constants, both ways."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import (
    AnyFloat,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    Float16Type,
    Float32Type,
    Float64Type,
    IntegerType,
    TensorType,
)
from xdsl.ir import Attribute

from xnn.dialects.diagnostics import UserError

_FLOATS = {Float16Type: "<f2", Float32Type: "<f4", Float64Type: "<f8"}


def dtype_of(element_type: Attribute) -> np.dtype:
    """The NumPy type of elements of `element_type`; integers without a sign are read as signed."""
    if isinstance(element_type, IntegerType):
        width = element_type.width.data
        if width == 1:
            return np.dtype(np.bool_)
        if width in (8, 16, 32, 64):
            kind = "u" if element_type.signedness.data.name == "UNSIGNED" else "i"
            return np.dtype(f"<{kind}{width // 8}")
    if name := _FLOATS.get(type(element_type)):
        return np.dtype(name)
    raise UserError(f"elements of type {element_type} cannot be computed with")


def array_of(constant: DenseIntOrFPElementsAttr) -> np.ndarray:
    """The read-only array that `constant` stands for, without a copy; a splat is one element, broadcast."""
    data = np.frombuffer(constant.data.data, dtype_of(constant.get_element_type()))
    shape = constant.get_shape()
    if len(constant) == 1:
        return np.broadcast_to(data[0], shape)
    return data.reshape(shape)


def dense_of(array: np.ndarray, element_type: Attribute) -> DenseIntOrFPElementsAttr:
    """The constant that stands for `array`; of one element, broadcast, it holds no more than that."""
    shape = array.shape
    if array.size and not any(array.strides):
        array = array[(0,) * array.ndim]
    data = np.ascontiguousarray(array, dtype_of(element_type)).tobytes()
    assert isinstance(element_type, IntegerType | AnyFloat)
    return DenseIntOrFPElementsAttr(TensorType(element_type, shape), BytesAttr(data))
