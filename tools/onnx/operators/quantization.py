"""Quantisation by itself: between numbers and integers, with scales of the model or of each input."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import prod

import numpy as np
from numpy.typing import ArrayLike
from onnx import TensorProto
from xdsl.ir import Attribute, SSAValue

from xnn.dialects.element_types import UI8
from xnn.dialects.xnn import (
    DYNAMIC,
    CastOp,
    DequantizeOp,
    NetworkOperation,
    QuantizeOp,
    ReshapeOp,
    TransposeOp,
    integer,
    integers,
    shape_of,
    tensor_type,
)
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
    rank = len(shape_of(value))
    if len(shape_of(parameter)) > 1:
        raise Unsupported(f"scale of shape {shown(shape_of(parameter))}")
    axis = node.attribute("axis", 1)
    if not shape_of(parameter):
        return {}
    return {"axis": integer(node.axis(axis, rank))}


def _in_blocks(
    node: Node, operator: type[NetworkOperation], x: SSAValue, scale: SSAValue, zero_point: SSAValue
) -> SSAValue:
    """An operator with a scale for each block along an axis: for each row, once blocks are rows."""
    sizes, size = shape_of(x), node.attribute("block_size", 0)
    axis = node.axis(node.attribute("axis", 1), len(sizes))
    blocks = (*sizes[:axis], -(-sizes[axis] // size), *sizes[axis + 1 :])
    if shape_of(scale) != blocks or sizes[axis] % size or DYNAMIC in sizes:
        raise Unsupported(
            f"scale of shape {shown(shape_of(scale))} for blocks of {size} along axis {axis} of {shown(sizes)}"
        )

    def reshaped(value: SSAValue, part: str, shape: Sequence[int]) -> SSAValue:
        properties = {"shape": integers(shape)}
        return node.emit(ReshapeOp, [value], properties, name=part_name(node.name, part))

    def turned(value: SSAValue, part: str, perm: Sequence[int]) -> SSAValue:
        properties = {"perm": integers(perm)}
        return node.emit(TransposeOp, [value], properties, name=part_name(node.name, part))

    split = (*blocks[: axis + 1], size, *blocks[axis + 1 :])
    order = [place for place in range(len(split)) if place != axis + 1] + [axis + 1]
    back = [order.index(place) for place in range(len(split))]
    count = prod(blocks)
    parameters = [reshaped(v, f"flat{i}", (count,)) for i, v in enumerate((scale, zero_point))]
    rows = reshaped(turned(reshaped(x, "split", split), "last", order), "blocks", (count, size))
    name = part_name(node.name, "rows")
    done = node.emit(operator, [rows, *parameters], {"axis": integer(0)}, name=name)
    ordered = turned(reshaped(done, "joined", [split[place] for place in order]), "back", back)
    return node.emit(ReshapeOp, [ordered], {"shape": integers(sizes)})


@imports("QuantizeLinear", f"{MICROSOFT}.QuantizeLinear")
def quantize_linear(node: Node) -> SSAValue:
    x, scale = node.value(0), scale_of(node, 1)
    output = node.attribute("output_dtype", 0)
    like = element_type(output, "output_dtype") if output else UI8
    zero_point = zero_point_of(node, 2, like)
    if output and tensor_type(zero_point).element_type != like:
        raise Unsupported(f"zero point of another type than output_dtype {like}")
    if node.attribute("block_size", 0):
        zero_point = _zeros_like(node, 2, zero_point, scale.value)
        return _in_blocks(node, QuantizeOp, x, scale.value, zero_point)
    return node.emit(QuantizeOp, [x, scale.value, zero_point], _axis(node, x, scale.value))


@imports("DequantizeLinear", f"{MICROSOFT}.DequantizeLinear")
def dequantize_linear(node: Node) -> SSAValue:
    q, scale = node.value(0), scale_of(node, 1)
    zero_point = zero_point_of(node, 2, tensor_type(q).element_type)
    if node.attribute("block_size", 0):
        zero_point = _zeros_like(node, 2, zero_point, scale.value)
        return _in_blocks(node, DequantizeOp, q, scale.value, zero_point)
    return node.emit(DequantizeOp, [q, scale.value, zero_point], _axis(node, q, scale.value))


class _Parts:
    """Builds the parts of a node."""

    def __init__(self, node: Node):
        self.node = node

    def build(
        self,
        operator: type[NetworkOperation],
        operands: Iterable[SSAValue | None],
        properties: Mapping[str, Attribute] | None = None,
        *,
        part: str,
    ) -> NetworkOperation:
        value = self.node.emit(operator, operands, properties, name=part_name(self.node.name, part))
        assert isinstance(value.owner, NetworkOperation)
        return value.owner

    def constant(self, array: ArrayLike, element_type: Attribute, part: str) -> SSAValue:
        return constant(self.node, part, np.asarray(array), element_type)


@imports("DynamicQuantizeLinear")
def dynamic_quantize_linear(node: Node) -> tuple[SSAValue, ...]:
    x = node.value(0)
    if DYNAMIC in shape_of(x) or 0 in shape_of(x):
        raise Unsupported(f"input of shape {shown(shape_of(x))}")
    scale, zero_point = dynamic_range(_Parts(node), x, UI8)
    return node.emit(QuantizeOp, [x, scale, zero_point]), scale, zero_point


def _zeros_like(node: Node, index: int, zero_point: SSAValue, scale: SSAValue) -> SSAValue:
    """The zero points that are input `index`, or a zero for each scale."""
    if node.has(index):
        return zero_point
    zeros = np.zeros(shape_of(scale))
    return constant(node, f"zeros{index}", zeros, tensor_type(zero_point).element_type)


@imports("Cast")
def cast(node: Node) -> SSAValue:
    to = element_type(node.attribute("to", TensorProto.FLOAT), "the result")
    return node.emit(CastOp, [node.value(0)], {"to": to})
