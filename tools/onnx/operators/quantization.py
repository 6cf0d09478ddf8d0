"""Quantisation operators: between real values and integers, with scales of the model or of each input."""

from __future__ import annotations

from math import prod

import numpy as np
from onnx import TensorProto
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import UI8
from xnn.dialects.xnn.operation import shown
from xnn.passes.quantize.dynamic_range import dynamic_range
from xnn.tools.onnx.node import MICROSOFT, Node, Unsupported, imports
from xnn.tools.onnx.operators.parameters import scale_of, zero_point_of
from xnn.tools.onnx.tensors import element_type


def _scaled(
    node: Node,
    operator: type[xnn.NetworkOperation],
    x: SSAValue,
    scale: SSAValue,
    zero_point: SSAValue,
) -> SSAValue:
    """`operator` with one scale, with one for each index of an axis, or for each block along it."""
    sizes = xnn.shape_of(scale)
    if size := node.attribute("block_size", 0):
        if not node.has(2):
            kind = xnn.tensor_type(zero_point).element_type
            zero_point = node.constant(np.zeros(sizes), kind, "zeros2")
        return _in_blocks(node, operator, x, scale, zero_point, size)
    if len(sizes) > 1:
        raise Unsupported(f"scale of shape {shown(sizes)}")
    properties: dict[str, Attribute] = {}
    if sizes:
        axis = node.axis(node.attribute("axis", 1), len(xnn.shape_of(x)))
        properties["axis"] = xnn.integer(axis)
    return node.build(operator, [x, scale, zero_point], properties)


def _in_blocks(
    node: Node,
    operator: type[xnn.NetworkOperation],
    x: SSAValue,
    scale: SSAValue,
    zero_point: SSAValue,
    size: int,
) -> SSAValue:
    """`operator` with a scale for each block of `size` along an axis: for each row, once blocks are rows."""
    sizes = xnn.shape_of(x)
    axis = node.axis(node.attribute("axis", 1), len(sizes))
    blocks = (*sizes[:axis], -(-sizes[axis] // size), *sizes[axis + 1 :])
    if xnn.shape_of(scale) != blocks or sizes[axis] % size or xnn.DYNAMIC in sizes:
        raise Unsupported(
            f"scale of shape {shown(xnn.shape_of(scale))} for blocks of {size} along axis {axis} of {shown(sizes)}"
        )

    split = (*blocks[: axis + 1], size, *blocks[axis + 1 :])
    order = [place for place in range(len(split)) if place != axis + 1] + [axis + 1]
    back = [order.index(place) for place in range(len(split))]
    count = prod(blocks)
    parameters = [node.reshaped(v, (count,), f"flat{i}") for i, v in enumerate((scale, zero_point))]
    last = node.transposed(node.reshaped(x, split, "split"), order, "last")
    rows = node.reshaped(last, (count, size), "blocks")
    done = node.build(operator, [rows, *parameters], {"axis": xnn.integer(0)}, part="rows")
    joined = node.reshaped(done, [split[place] for place in order], "joined")
    return node.reshaped(node.transposed(joined, back, "back"), sizes)


@imports("QuantizeLinear", f"{MICROSOFT}.QuantizeLinear")
def quantize_linear(node: Node) -> SSAValue:
    x, scale = node.value(0), scale_of(node, 1)
    output = node.attribute("output_dtype", 0)
    like = element_type(output, "output_dtype") if output else UI8
    zero_point = zero_point_of(node, 2, like)
    if output and xnn.tensor_type(zero_point).element_type != like:
        raise Unsupported(f"zero point of another type than output_dtype {like}")
    return _scaled(node, xnn.QuantizeOp, x, scale.value, zero_point)


@imports("DequantizeLinear", f"{MICROSOFT}.DequantizeLinear")
def dequantize_linear(node: Node) -> SSAValue:
    q, scale = node.value(0), scale_of(node, 1)
    zero_point = zero_point_of(node, 2, xnn.tensor_type(q).element_type)
    return _scaled(node, xnn.DequantizeOp, q, scale.value, zero_point)


@imports("DynamicQuantizeLinear")
def dynamic_quantize_linear(node: Node) -> tuple[SSAValue, ...]:
    x = node.value(0)
    if xnn.DYNAMIC in xnn.shape_of(x) or 0 in xnn.shape_of(x):
        raise Unsupported(f"input of shape {shown(xnn.shape_of(x))}")
    scale, zero_point = dynamic_range(node, x, UI8)
    return node.build(xnn.QuantizeOp, [x, scale, zero_point]), scale, zero_point


@imports("Cast")
def cast(node: Node) -> SSAValue:
    to = element_type(node.attribute("to", TensorProto.FLOAT), "the result")
    return node.build(xnn.CastOp, [node.value(0)], {"to": to})


@imports("CastLike")
def cast_like(node: Node) -> SSAValue:
    """To the type of the second input, whose elements do not matter."""
    return node.build(
        xnn.CastOp, [node.value(0)], {"to": xnn.tensor_type(node.value(1)).element_type}
    )
