"""Quantisation operators: between real values and integers, with scales of the model or of each input."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import ml_dtypes
import numpy as np
from onnx import TensorProto
from xdsl.dialects.builtin import (
    AnyFloat,
    Float4E2M1FNType,
    Float8E8M0FNUType,
    FloatAttr,
    f32,
)
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import FLOATS, UI8, dtype_of, is_narrow_float
from xnn.dialects.xnn.operation import shown
from xnn.passes.graph.building import Parts
from xnn.passes.quantize.dynamic_range import dynamic_range
from xnn.tools.onnx.node import MICROSOFT, Node, Unsupported, imports
from xnn.tools.onnx.operators.parameters import scale_of, zero_point_of
from xnn.tools.onnx.tensors import element_type

Scaling = Callable[[Parts, SSAValue, SSAValue, SSAValue, int | None], SSAValue]
"""Builds what makes real values integers, or the reverse, with a scale and a zero point for each index of an axis."""


def _integers(operator: type[xnn.NetworkOperation]) -> Scaling:
    """`operator`, between real values and integers."""

    def build(
        parts: Parts, x: SSAValue, scale: SSAValue, zero_point: SSAValue, axis: int | None
    ) -> SSAValue:
        properties = {} if axis is None else {"axis": xnn.integer(axis)}
        return parts.build(operator, [x, scale, zero_point], properties)

    return build


def _along(parts: Parts, value: SSAValue, x: SSAValue, axis: int | None, part: str) -> SSAValue:
    """Values for each index of an axis of x in a shape that broadcasts to it."""
    after = 0 if axis is None else len(xnn.shape_of(x)) - 1 - axis
    return parts.reshaped(value, (*xnn.shape_of(value), *[1] * after), part)


def _narrow(
    parts: Parts, x: SSAValue, scale: SSAValue, zero_point: SSAValue, axis: int | None
) -> SSAValue:
    """x / scale + zero point as floats of a byte or less, within their range."""
    wide = xnn.tensor_type(x).element_type
    factor = _cast(parts, _along(parts, scale, x, axis, "scale"), wide, "factor")
    y = parts.build(xnn.DivOp, [x, factor], part="scaled")
    zero = _cast(parts, _along(parts, zero_point, x, axis, "zero"), wide, "zero_point")
    y = parts.build(xnn.AddOp, [y, zero], part="shifted")
    return cast_to(parts, y, xnn.tensor_type(zero_point).element_type, saturates=True)


def _wide(
    parts: Parts, q: SSAValue, scale: SSAValue, zero_point: SSAValue, axis: int | None
) -> SSAValue:
    """(q - zero point) * scale, in the type of the scale."""
    wide = xnn.tensor_type(scale).element_type
    zero = _cast(parts, _along(parts, zero_point, q, axis, "zero"), wide, "zero_point")
    y = parts.build(xnn.SubOp, [_cast(parts, q, wide, "wide"), zero], part="shifted")
    return parts.build(xnn.MulOp, [y, _along(parts, scale, q, axis, "scale")])


def _scaled(
    node: Node, scaling: Scaling, x: SSAValue, scale: SSAValue, zero_point: SSAValue
) -> SSAValue:
    """A scaling with one scale, with one for each index of an axis, or for each block along it."""
    sizes = xnn.shape_of(scale)
    if size := node.attribute("block_size", 0):
        if not node.has(2):
            kind = xnn.tensor_type(zero_point).element_type
            zero_point = node.constant(np.zeros(sizes), kind, "zeros2")
        return _in_blocks(node, scaling, x, scale, zero_point, size)
    if len(sizes) > 1:
        raise Unsupported(f"scale of shape {shown(sizes)}")
    axis = node.axis(node.attribute("axis", 1), len(xnn.shape_of(x))) if sizes else None
    return scaling(node, x, scale, zero_point, axis)


def _in_blocks(
    node: Node,
    scaling: Scaling,
    x: SSAValue,
    scale: SSAValue,
    zero_point: SSAValue,
    size: int,
) -> SSAValue:
    """A scaling with a scale for each block of `size` along an axis: for each row, once blocks are rows."""
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
    done = scaling(node.of("rows"), rows, parameters[0], parameters[1], 0)
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
    scaling = (
        _narrow
        if is_narrow_float(xnn.tensor_type(zero_point).element_type)
        else _integers(xnn.QuantizeOp)
    )
    return _scaled(node, scaling, x, scale.value, zero_point)


@imports("DequantizeLinear", f"{MICROSOFT}.DequantizeLinear")
def dequantize_linear(node: Node) -> SSAValue:
    q, scale = node.value(0), scale_of(node, 1)
    zero_point = zero_point_of(node, 2, xnn.tensor_type(q).element_type)
    scaling = (
        _wide if is_narrow_float(xnn.tensor_type(q).element_type) else _integers(xnn.DequantizeOp)
    )
    return _scaled(node, scaling, q, scale.value, zero_point)


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
    return cast_to(node, node.value(0), to, saturates=bool(node.attribute("saturate", 1)))


@imports("CastLike")
def cast_like(node: Node) -> SSAValue:
    """To the type of the second input, whose elements do not matter."""
    to = xnn.tensor_type(node.value(1)).element_type
    return cast_to(node, node.value(0), to, saturates=bool(node.attribute("saturate", 1)))


def cast_to(parts: Parts, x: SSAValue, to: Attribute, *, saturates: bool) -> SSAValue:
    """x in the type `to`; what floats of a byte cannot hold becomes the largest of these if it `saturates`."""
    if isinstance(to, Float8E8M0FNUType):
        raise Unsupported("a conversion to powers of two")
    if is_narrow_float(to) and not isinstance(to, Float4E2M1FNType) and saturates:
        if not FLOATS.holds(xnn.tensor_type(x).element_type):
            x = _cast(parts, x, f32, "wide")
        kind, largest = xnn.tensor_type(x).element_type, float(ml_dtypes.finfo(dtype_of(to)).max)
        assert isinstance(kind, AnyFloat)
        bounds = {"min": FloatAttr(-largest, kind), "max": FloatAttr(largest, kind)}
        x = parts.build(xnn.ClipOp, [x], bounds, part="inside")
    return _cast(parts, x, to)


def _cast(parts: Parts, x: SSAValue, to: Attribute, part: str = "") -> SSAValue:
    return parts.build(xnn.CastOp, [x], {"to": to}, part=part)
