"""Shapes, types and sizes of values of any level, tensors and buffers alike."""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import prod

from xdsl.dialects import builtin
from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects.diagnostics import fault
from xnn.dialects.element_types import dtype_of

INTEGER = builtin.IntegerAttr.constr(builtin.i64)
INTEGERS = builtin.DenseArrayBase.constr(builtin.i64)
"""Properties of operations: an integer, or several."""


def ssa_hint(name: str) -> str | None:
    """The SSA name of the tensor `name`; None if it has no ASCII letter or digit.

    xDSL appends `_1`, `_2`, ... to equal hints, so a hint must not end like this.
    """
    hint = re.sub(r"(_\d+)*_*$", "", re.sub(r"[^A-Za-z0-9$.-]+", "_", name)).lstrip("_")
    return f"t{hint}" if hint[:1].isdigit() else hint or None


def shape(value: SSAValue) -> tuple[int, ...]:
    """Shape of a tensor or buffer."""
    assert isinstance(value.type, builtin.ShapedType)
    return value.type.get_shape()


def element_type(value: SSAValue) -> Attribute:
    """Element type of a tensor or buffer."""
    assert isinstance(value.type, builtin.TensorType | builtin.MemRefType)
    return value.type.element_type


def verify_bytes(op: Operation, type: Attribute) -> None:
    """Raises VerifyException unless a buffer of this type, in `op`, has a known number of bytes."""
    assert isinstance(type, builtin.MemRefType)
    known = isinstance(type.element_type, builtin.FixedBitwidthType)
    if builtin.DYNAMIC_INDEX in type.get_shape() or not known:
        raise fault(op, f"{type} has no known number of bytes")


def element_bytes(element: Attribute) -> int:
    """Bytes in memory of an element of this type: integers of odd widths take the next larger container."""
    return dtype_of(element).itemsize


def item_bytes(value: SSAValue) -> int:
    """Bytes in memory of an element of a tensor or buffer."""
    return element_bytes(element_type(value))


def type_bytes(type: builtin.TensorType | builtin.MemRefType) -> int:
    """Bytes of a tensor or buffer of this type: of all elements, and of what lies between them."""
    is_buffer = isinstance(type, builtin.MemRefType)
    count = extent(type) if is_buffer else prod(type.get_shape())
    return count * element_bytes(type.element_type)


def value_bytes(value: SSAValue) -> int:
    """Bytes of a tensor or buffer: of all elements, and of what lies between them."""
    assert isinstance(value.type, builtin.TensorType | builtin.MemRefType)
    return type_bytes(value.type)


def dense_strides(sizes: Sequence[int]) -> tuple[int, ...]:
    """Strides of a row-major buffer of these sizes, in elements."""
    return tuple(prod(sizes[axis + 1 :]) for axis in range(len(sizes)))


def strides_of(buffer: Attribute) -> tuple[int, ...]:
    """Strides of a buffer of this type, in elements."""
    assert isinstance(buffer, builtin.MemRefType)
    strides = buffer.get_strides()
    assert strides is not None
    return tuple(int(stride or 0) for stride in strides)


def extent(buffer: Attribute) -> int:
    """Elements of memory from the first to the last of a buffer of this type."""
    assert isinstance(buffer, builtin.MemRefType)
    if isinstance(buffer.layout, builtin.NoneAttr):
        return prod(buffer.get_shape())
    steps = zip(buffer.get_shape(), strides_of(buffer), strict=True)
    return sum((size - 1) * stride for size, stride in steps) + 1
