"""Operators on quantised feature maps, as operators on the real values that these stand for.

The pass `fold-quantization` turns additions, concatenations and means back into operators on integers.
"""

from __future__ import annotations

from collections.abc import Callable

from xdsl.dialects.builtin import FloatAttr, f32
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.xnn.activations import LeakyReluOp
from xnn.tools.onnx.node import MICROSOFT, Node, Unsupported, imports
from xnn.tools.onnx.operators.normalization import softmax_properties
from xnn.tools.onnx.operators.parameters import scale_of, zero_point_of
from xnn.tools.onnx.operators.windows import average_pool_window


def _dequantized(node: Node, index: int) -> SSAValue:
    """The real values that input `index` stands for: its scale and zero point are the next inputs."""
    q = node.value(index)
    zero_point = zero_point_of(node, index + 2, xnn.tensor_type(q).element_type)
    operands = [q, scale_of(node, index + 1).value, zero_point]
    return node.build(xnn.DequantizeOp, operands, part=f"value{index}")


def _quantized(node: Node, value: SSAValue, scale_index: int, like: int = 0) -> SSAValue:
    """`value` as integers of the type of input `like`: its scale and zero point are inputs from `scale_index` on."""
    kind = xnn.tensor_type(node.value(like)).element_type
    zero_point = zero_point_of(node, scale_index + 1, kind)
    return node.build(xnn.QuantizeOp, [value, scale_of(node, scale_index).value, zero_point])


@imports(f"{MICROSOFT}.QLinearAdd", f"{MICROSOFT}.QLinearMul")
def qlinear_elementwise(node: Node) -> SSAValue:
    operator = xnn.AddOp if node.proto.op_type == "QLinearAdd" else xnn.MulOp
    operands = [_dequantized(node, 0), _dequantized(node, 3)]
    return _quantized(node, node.build(operator, operands, part="value"), 6)


def _sigmoid(node: Node, x: SSAValue) -> SSAValue:
    return node.build(xnn.SigmoidOp, [x], part="value")


def _softmax(node: Node, x: SSAValue) -> SSAValue:
    properties = softmax_properties(node, node.attribute("opset", 13))
    return node.build(xnn.SoftmaxOp, [x], properties, part="value")


def _leaky_relu(node: Node, x: SSAValue) -> SSAValue:
    alpha = FloatAttr(node.attribute("alpha", 0.01), f32)
    return node.build(LeakyReluOp, [x], {"alpha": alpha}, part="value")


_UNARY: dict[str, Callable[[Node, SSAValue], SSAValue]] = {
    "QLinearSigmoid": _sigmoid,
    "QLinearSoftmax": _softmax,
    "QLinearLeakyRelu": _leaky_relu,
}


@imports(*(f"{MICROSOFT}.{name}" for name in _UNARY))
def qlinear_unary(node: Node) -> SSAValue:
    return _quantized(node, _UNARY[node.proto.op_type](node, _dequantized(node, 0)), 3)


@imports(f"{MICROSOFT}.QLinearWhere")
def qlinear_where(node: Node) -> SSAValue:
    operands = [node.value(0), _dequantized(node, 1), _dequantized(node, 4)]
    return _quantized(node, node.build(xnn.WhereOp, operands, part="value"), 7, like=1)


@imports(f"{MICROSOFT}.QLinearConcat")
def qlinear_concat(node: Node) -> SSAValue:
    starts = range(2, node.input_count, 3)
    values = [_dequantized(node, index) for index in starts]
    axis = node.axis(node.attribute("axis", 1), len(xnn.shape_of(values[0])))
    value = node.build(xnn.ConcatOp, values, {"axis": xnn.integer(axis)}, part="value")
    return _quantized(node, value, 0, like=2)


@imports(f"{MICROSOFT}.QLinearGlobalAveragePool", f"{MICROSOFT}.QLinearAveragePool")
def qlinear_average_pool(node: Node) -> SSAValue:
    if node.attribute("channels_last", 0):
        raise Unsupported("channels_last")
    if node.proto.op_type == "QLinearAveragePool":
        window = average_pool_window(node)
        value = node.build(xnn.AveragePoolOp, [_dequantized(node, 0)], window, part="value")
    else:
        value = node.build(xnn.GlobalAveragePoolOp, [_dequantized(node, 0)], part="value")
    return _quantized(node, value, 3)
