"""Tensors of the IR as NumPy arrays: element types and constants, both ways."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import as_strided
from xdsl.dialects.builtin import (
    AffineMapAttr,
    AnyFloat,
    BytesAttr,
    DenseIntOrFPElementsAttr,
    IntegerType,
    TensorType,
)
from xdsl.ir import Attribute
from xdsl.ir.affine import AffineDimExpr

from xnn.dialects.element_types import dtype_of


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


def broadcast(indexing_map: AffineMapAttr, operand: np.ndarray, rank: int) -> np.ndarray:
    """The operand with a dimension for each of the element's `rank` indices."""
    results = indexing_map.data.results
    positions = [result.position if isinstance(result, AffineDimExpr) else -1 for result in results]
    kept = [axis for axis, position in enumerate(positions) if position >= 0]
    order = sorted(kept, key=lambda axis: positions[axis])
    sizes = [1] * rank
    for axis in order:
        sizes[positions[axis]] = operand.shape[axis]
    dropped = [axis for axis in range(len(positions)) if axis not in kept]
    return operand.transpose(order + dropped).reshape(sizes)


def strided(
    elements: np.ndarray, offset: int, sizes: Sequence[int], strides: Sequence[int]
) -> np.ndarray:
    """A view of a one-dimensional array: `sizes` of its elements from `offset` on, `strides` elements apart."""
    step = elements.strides[0]
    words = elements.view(f"u{elements.itemsize}")  # NumPy knows no floats of a byte
    taken = as_strided(words[offset:], sizes, [stride * step for stride in strides])
    return taken.view(elements.dtype)
