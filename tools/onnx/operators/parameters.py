"""Scales and zero points among the inputs of a node."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.dialects.builtin import IntegerType
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import is_narrow_float
from xnn.tools.onnx.node import Node, Unsupported
from xnn.tools.onnx.tensors import Invalid


@dataclass(frozen=True)
class Scale:
    """A scale, and its value if it is a constant of the model."""

    value: SSAValue
    array: np.ndarray | None


def known(node: Node, index: int) -> np.ndarray | None:
    """The elements of input `index`, if it is a constant of the model; one element has no dimensions."""
    if (name := node.input_name(index)) not in node.constants:
        return None
    array = node.constants[name].elements()
    return array.reshape(()) if array.size == 1 else array


def single(node: Node, index: int, part: str) -> SSAValue:
    """Input `index`, without dimensions if it has one element."""
    value = node.value(index)
    if xnn.shape_of(value) != (1,):
        return value
    if (array := known(node, index)) is not None:
        return node.constant(array, xnn.tensor_type(value).element_type, part)
    return node.reshaped(value, (), part)


def scale_of(node: Node, index: int) -> Scale:
    """The scale that is input `index`; a constant one must be positive and finite."""
    array = known(node, index)
    if array is not None:
        scales = array.astype(np.float32)
        if (wrong := scales[~(np.isfinite(scales) & (scales > 0))]).size:
            raise Invalid(f"scale {wrong[0]} (input {index}) is not positive and finite")
    return Scale(single(node, index, f"scale{index}"), array)


def zero_point_of(node: Node, index: int, like: Attribute) -> SSAValue:
    """The zero point that is input `index`, or 0 of the type `like`."""
    if not node.has(index):
        return node.constant(0, like, f"zero{index}")
    value = single(node, index, f"zero{index}")
    kind = xnn.tensor_type(value).element_type
    if not isinstance(kind, IntegerType) and not is_narrow_float(kind):
        raise Unsupported(f"zero point (input {index}) of type {kind}")
    return value
