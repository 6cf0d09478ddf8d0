"""Questions about values of any level: tensors and buffers alike."""

from __future__ import annotations

from xdsl.dialects.builtin import MemRefType, ShapedType, TensorType
from xdsl.ir import Attribute, SSAValue


def shape(value: SSAValue) -> tuple[int, ...]:
    """Shape of a tensor or buffer."""
    assert isinstance(value.type, ShapedType)
    return value.type.get_shape()


def element_type(value: SSAValue) -> Attribute:
    """Element type of a tensor or buffer."""
    assert isinstance(value.type, TensorType | MemRefType)
    return value.type.element_type
