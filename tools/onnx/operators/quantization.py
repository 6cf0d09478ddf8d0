"""Quantisation by itself: between numbers and integers, with scales of the model or of each input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

import numpy as np
from numpy.typing import ArrayLike
from onnx import TensorProto
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import UI8
from xnn.dialects.xnn.operation import part_name, shown
from xnn.passes.quantize.dynamic_range import dynamic_range
from xnn.tools.onnx.node import MICROSOFT, Node, Unsupported, imports
from xnn.tools.onnx.operators.parameters import (
    constant,
    scale_of,
    zero_point_of,
)
from xnn.tools.onnx.tensors import element_type


def _axis(node: Node, value: SSAValue, parameter: SSAValue) -> dict[str, Attribute]:
    """Property `axis` of a quantisation of `value`: where `parameter` has an element for each index."""
    rank = len(xnn.shape_of(value))
    if len(xnn.shape_of(parameter)) > 1:
        raise Unsupported(f"scale of shape {shown(xnn.shape_of(parameter))}")
    axis = node.attribute("axis", 1)
    if not xnn.shape_of(parameter):
        return {}
    return {"axis": xnn.integer(node.axis(axis, rank))}


def _in_blocks(
    node: Node,
    operator: type[xnn.NetworkOperation],
    x: SSAValue,
    scale: SSAValue,
    zero_point: SSAValue,
) -> SSAValue:
    """An operator with a scale for each block along an axis: for each row, once blocks are rows."""
    sizes, size = xnn.shape_of(x), node.attribute("block_size", 0)
    axis = node.axis(node.attribute("axis", 1), len(sizes))
    blocks = (*sizes[:axis], -(-sizes[axis] // size), *sizes[axis + 1 :])
    if xnn.shape_of(scale) != blocks or sizes[axis] % size or xnn.DYNAMIC in sizes:
        raise Unsupported(
            f"scale of shape {shown(xnn.shape_of(scale))} for blocks of {size} along axis {axis} of {shown(sizes)}"
        )

    def reshaped(value: SSAValue, part: str, shape: Sequence[int]) -> SSAValue:
        properties = {"shape": xnn.integers(shape)}
        return node.emit(xnn.ReshapeOp, [value], properties, name=part_name(node.name, part))

    def turned(value: SSAValue, part: str, perm: Sequence[int]) -> SSAValue:
        properties = {"perm": xnn.integers(perm)}
        return node.emit(xnn.TransposeOp, [value], properties, name=part_name(node.name, part))

    split = (*blocks[: axis + 1], size, *blocks[axis + 1 :])
    order = [place for place in range(len(split)) if place != axis + 1] + [axis + 1]
    back = [order.index(place) for place in range(len(split))]
    count = prod(blocks)
    parameters = [reshaped(v, f"flat{i}", (count,)) for i, v in enumerate((scale, zero_point))]
    rows = reshaped(turned(reshaped(x, "split", split), "last", order), "blocks", (count, size))
    name = part_name(node.name, "rows")
    done = node.emit(operator, [rows, *parameters], {"axis": xnn.integer(0)}, name=name)
    ordered = turned(reshaped(done, "joined", [split[place] for place in order]), "back", back)
    return node.emit(xnn.ReshapeOp, [ordered], {"shape": xnn.integers(sizes)})


@imports("QuantizeLinear", f"{MICROSOFT}.QuantizeLinear")
def quantize_linear(node: Node) -> SSAValue:
    x, scale = node.value(0), scale_of(node, 1)
    output = node.attribute("output_dtype", 0)
    like = element_type(output, "output_dtype") if output else UI8
    zero_point = zero_point_of(node, 2, like)
    if output and xnn.tensor_type(zero_point).element_type != like:
        raise Unsupported(f"zero point of another type than output_dtype {like}")
    if node.attribute("block_size", 0):
        zero_point = _zeros_like(node, 2, zero_point, scale.value)
        return _in_blocks(node, xnn.QuantizeOp, x, scale.value, zero_point)
    return node.emit(xnn.QuantizeOp, [x, scale.value, zero_point], _axis(node, x, scale.value))


@imports("DequantizeLinear", f"{MICROSOFT}.DequantizeLinear")
def dequantize_linear(node: Node) -> SSAValue:
    q, scale = node.value(0), scale_of(node, 1)
    zero_point = zero_point_of(node, 2, xnn.tensor_type(q).element_type)
    if node.attribute("block_size", 0):
        zero_point = _zeros_like(node, 2, zero_point, scale.value)
        return _in_blocks(node, xnn.DequantizeOp, q, scale.value, zero_point)
    return node.emit(xnn.DequantizeOp, [q, scale.value, zero_point], _axis(node, q, scale.value))


class _Parts:
    """Builds the parts of a node."""

    def __init__(self, node: Node):
        self.node = node

    def build(
        self,
        operator: type[xnn.NetworkOperation],
        operands: Iterable[SSAValue | None],
        properties: Mapping[str, Attribute] | None = None,
        *,
        part: str,
    ) -> xnn.NetworkOperation:
        value = self.node.emit(operator, operands, properties, name=part_name(self.node.name, part))
        assert isinstance(value.owner, xnn.NetworkOperation)
        return value.owner

    def constant(self, array: ArrayLike, element_type: Attribute, part: str) -> SSAValue:
        return constant(self.node, part, np.asarray(array), element_type)


@imports("DynamicQuantizeLinear")
def dynamic_quantize_linear(node: Node) -> tuple[SSAValue, ...]:
    x = node.value(0)
    if xnn.DYNAMIC in xnn.shape_of(x) or 0 in xnn.shape_of(x):
        raise Unsupported(f"input of shape {shown(xnn.shape_of(x))}")
    scale, zero_point = dynamic_range(_Parts(node), x, UI8)
    return node.emit(xnn.QuantizeOp, [x, scale, zero_point]), scale, zero_point


def _zeros_like(node: Node, index: int, zero_point: SSAValue, scale: SSAValue) -> SSAValue:
    """The zero points that are input `index`, or a zero for each scale."""
    if node.has(index):
        return zero_point
    zeros = np.zeros(xnn.shape_of(scale))
    return constant(node, f"zeros{index}", zeros, xnn.tensor_type(zero_point).element_type)


@imports("Cast")
def cast(node: Node) -> SSAValue:
    to = element_type(node.attribute("to", TensorProto.FLOAT), "the result")
    return node.emit(xnn.CastOp, [node.value(0)], {"to": to})
