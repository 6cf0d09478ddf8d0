"""Quantised operators, as integer operators where the model says what integers to multiply.

Additions, concatenations and means of quantised maps become operators on the numbers that these stand for; the pass
`fold-quantization` finds the integers in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from onnx import TensorProto
from xdsl.dialects.builtin import (
    BoolAttr,
    FloatAttr,
    IntegerType,
    Signedness,
    f32,
    i8,
    i32,
)
from xdsl.ir import Attribute, SSAValue

from xnn.dialects.element_types import integer_range
from xnn.dialects.xnn import (
    DYNAMIC,
    AddOp,
    AveragePoolOp,
    CastOp,
    CenterOp,
    ConcatOp,
    ConstantOp,
    ConvOp,
    DequantizeOp,
    DivOp,
    GemmOp,
    GlobalAveragePoolOp,
    MulOp,
    NetworkOperation,
    QuantizeOp,
    RequantizeOp,
    ReshapeOp,
    SigmoidOp,
    SoftmaxOp,
    integer,
    integers,
    shape_of,
    tensor_type,
)
from xnn.dialects.xnn.operation import part_name, shown
from xnn.passes.quantization.dynamic_range import dynamic_range
from xnn.runtime.arrays import dense_of
from xnn.tools.onnx.node import MICROSOFT, Node, Unsupported, imports
from xnn.tools.onnx.operators.linear import convolution_window
from xnn.tools.onnx.operators.normalization import softmax_properties
from xnn.tools.onnx.operators.windows import average_pool_window
from xnn.tools.onnx.tensors import element_type

UI8 = IntegerType(8, Signedness.UNSIGNED)


@dataclass(frozen=True)
class Scale:
    """A scale, and its value if it is a constant of the model."""

    value: SSAValue
    array: np.ndarray | None


def _constant(node: Node, part: str, array: np.ndarray, element: Attribute) -> SSAValue:
    name = part_name(node.name, part)
    return node.insert(ConstantOp.dense(name, dense_of(array, element))).results[0]


def _known(node: Node, index: int) -> np.ndarray | None:
    """The elements of input `index`, if it is a constant of the model; one element has no dimensions."""
    name = node.proto.input[index] if index < len(node.proto.input) else ""
    if name not in node.constants:
        return None
    array = node.constants[name].elements()
    return array.reshape(()) if array.size == 1 else array


def _single(node: Node, index: int, part: str) -> SSAValue:
    """Input `index`, without dimensions if it has one element."""
    value = node.value(index)
    if shape_of(value) != (1,):
        return value
    if (array := _known(node, index)) is not None:
        return _constant(node, part, array, tensor_type(value).element_type)
    return node.emit(ReshapeOp, [value], {"shape": integers(())}, name=part_name(node.name, part))


def _scale(node: Node, index: int) -> Scale:
    """The scale that is input `index`; a constant one must be positive and finite."""
    array = _known(node, index)
    if array is not None:
        numbers = array.astype(np.float32)
        if not (np.isfinite(numbers) & (numbers > 0)).all():
            bad = numbers[~(np.isfinite(numbers) & (numbers > 0))].flat[0]
            raise Unsupported(f"scale {bad} (input {index}) is not positive and finite")
    return Scale(_single(node, index, f"scale{index}"), array)


def _zero_point(node: Node, index: int, like: Attribute) -> SSAValue:
    """The zero point that is input `index`, or 0 of the type `like`."""
    if not node.has(index):
        return _constant(node, f"zero{index}", np.array(0), like)
    value = _single(node, index, f"zero{index}")
    if not isinstance(kind := tensor_type(value).element_type, IntegerType):
        raise Unsupported(f"zero point (input {index}) of type {kind}")
    return value


def _axis(node: Node, value: SSAValue, parameter: SSAValue) -> dict[str, Attribute]:
    """Property `axis` of a quantisation of `value`: where `parameter` has an element for each index."""
    rank = len(shape_of(value))
    if len(shape_of(parameter)) > 1:
        raise Unsupported(f"scale of shape {shown(shape_of(parameter))}")
    axis = node.attribute("axis", 1)
    if not shape_of(parameter):
        return {}
    return {"axis": integer(node.axis(axis, rank))}


@imports("QuantizeLinear", f"{MICROSOFT}.QuantizeLinear")
def quantize_linear(node: Node) -> SSAValue:
    _no_blocks(node)
    x, scale = node.value(0), _scale(node, 1)
    output = node.attribute("output_dtype", 0)
    like = element_type(output, "output_dtype") if output else UI8
    zero_point = _zero_point(node, 2, like)
    if output and tensor_type(zero_point).element_type != like:
        raise Unsupported(f"zero point of another type than output_dtype {like}")
    return node.emit(QuantizeOp, [x, scale.value, zero_point], _axis(node, x, scale.value))


@imports("DequantizeLinear", f"{MICROSOFT}.DequantizeLinear")
def dequantize_linear(node: Node) -> SSAValue:
    _no_blocks(node)
    q, scale = node.value(0), _scale(node, 1)
    zero_point = _zero_point(node, 2, tensor_type(q).element_type)
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
        return _constant(self.node, part, np.asarray(array), element_type)


@imports("DynamicQuantizeLinear")
def dynamic_quantize_linear(node: Node) -> tuple[SSAValue, ...]:
    x = node.value(0)
    if DYNAMIC in shape_of(x) or 0 in shape_of(x):
        raise Unsupported(f"input of shape {shown(shape_of(x))}")
    scale, zero_point = dynamic_range(_Parts(node), x, UI8)
    return node.emit(QuantizeOp, [x, scale, zero_point]), scale, zero_point


def _no_blocks(node: Node) -> None:
    if node.attribute("block_size", 0):
        raise Unsupported("a scale for each block (block_size)")


@imports("Cast")
def cast(node: Node) -> SSAValue:
    to = element_type(node.attribute("to", TensorProto.FLOAT), "the result")
    return node.emit(CastOp, [node.value(0)], {"to": to})


def _centred(node: Node, index: int, zero_index: int, axis: int) -> SSAValue:
    """Input `index` without its zero point, in the fewest bits that are sure to hold it."""
    q = node.value(index)
    zero = _known(node, zero_index)
    if not node.has(zero_index) or zero is not None and not zero.any():
        return q
    zero_point = _zero_point(node, zero_index, tensor_type(q).element_type)
    sizes = shape_of(zero_point)
    if len(sizes) > 1:
        raise Unsupported(f"zero points of shape {shown(sizes)} (input {zero_index})")
    name = part_name(node.name, f"centred{index}")
    centred = node.emit(CenterOp, [q, zero_point], {"axis": integer(axis)}, name=name)
    kind = tensor_type(q).element_type
    if zero is None or not isinstance(kind, IntegerType) or kind.width.data != 8:
        return centred
    low, high = integer_range(kind)
    if low - int(zero.max()) < -128 or high - int(zero.min()) > 127:
        return centred
    return node.emit(CastOp, [centred], {"to": i8}, name=f"{name}_i8")


def _ratio(
    node: Node, factors: Sequence[Scale], divisor: Scale | None, constant: float = 1.0
) -> SSAValue:
    """The product of scales over another, in float32 from left to right, as the exact rule has it."""
    arrays = [each.array for each in factors]
    known = [each for each in arrays if each is not None]
    if len(known) == len(arrays) and (divisor is None or divisor.array is not None):
        ratio = np.float32(constant)
        for each in known:
            ratio = ratio * each.astype(np.float32)
        if divisor is not None and divisor.array is not None:
            ratio = ratio / divisor.array.astype(np.float32)
        return _constant(node, "multiplier", np.asarray(ratio, np.float32), f32)
    ratio, *others = (each.value for each in factors)
    for i, each in enumerate(others):
        ratio = node.emit(MulOp, [ratio, each], name=part_name(node.name, f"scales{i}"))
    if divisor is not None:
        ratio = node.emit(DivOp, [ratio, divisor.value], name=part_name(node.name, "multiplier"))
    if constant != 1.0:
        number = _constant(node, "alpha", np.array(constant, np.float32), f32)
        ratio = node.emit(MulOp, [ratio, number], name=part_name(node.name, "scaled"))
    return ratio


def _sums(node: Node) -> str:
    return part_name(node.name, "sums")


def _requantized(
    node: Node, sums: SSAValue, factors: Sequence[Scale], scale_index: int, constant: float = 1.0
) -> SSAValue:
    multiplier = _ratio(node, factors, _scale(node, scale_index), constant)
    zero_point = _zero_point(node, scale_index + 1, UI8)
    return node.emit(RequantizeOp, [sums, multiplier, zero_point])


@imports("QLinearConv")
def qlinear_conv(node: Node) -> SSAValue:
    window = convolution_window(node, 3)
    x, w = _centred(node, 0, 2, 1), _centred(node, 3, 5, 0)
    sums = node.emit(ConvOp, [x, w, node.optional_value(8)], window, name=_sums(node))
    return _requantized(node, sums, [_scale(node, 1), _scale(node, 4)], 6)


@imports("ConvInteger")
def conv_integer(node: Node) -> SSAValue:
    x, w = _centred(node, 0, 2, 1), _centred(node, 1, 3, 0)
    return node.emit(ConvOp, [x, w], convolution_window(node, 1))


def _integer_product(
    node: Node,
    a: SSAValue,
    b: SSAValue,
    c: SSAValue | None = None,
    *,
    name: str | None = None,
    transposed: tuple[bool, bool] = (False, False),
) -> SSAValue:
    for value in (a, b):
        if len(shape_of(value)) != 2:
            raise Unsupported(f"an input has shape {shown(shape_of(value))}, expected a matrix")
    properties = {
        "trans_a": BoolAttr.from_bool(transposed[0]),
        "trans_b": BoolAttr.from_bool(transposed[1]),
        "alpha": FloatAttr(1.0, f32),
        "beta": FloatAttr(1.0, f32),
    }
    return node.emit(GemmOp, [a, b, c], properties, name=name)


@imports("QLinearMatMul")
def qlinear_matmul(node: Node) -> SSAValue:
    a_scale, b_scale = _scale(node, 1), _scale(node, 4)
    if shape_of(a_scale.value):
        raise Unsupported("a scale for each row of a")
    a, b = _centred(node, 0, 2, 0), _centred(node, 3, 5, 1)
    sums = _integer_product(node, a, b, name=_sums(node))
    return _requantized(node, sums, [a_scale, b_scale], 6)


@imports("MatMulInteger")
def matmul_integer(node: Node) -> SSAValue:
    return _integer_product(node, _centred(node, 0, 2, 0), _centred(node, 1, 3, 1))


@imports(f"{MICROSOFT}.QGemm")
def qgemm(node: Node) -> SSAValue:
    """Its bias is an integer of scale alpha * a_scale * b_scale; without an output scale it gives numbers."""
    transposed = bool(node.attribute("transA", 0)), bool(node.attribute("transB", 0))
    alpha = node.attribute("alpha", 1.0)
    a = _centred(node, 0, 2, int(transposed[0]))
    b = _centred(node, 3, 5, int(not transposed[1]))
    c = node.optional_value(6)
    sums = _integer_product(node, a, b, c, name=_sums(node), transposed=transposed)
    scales = [_scale(node, 1), _scale(node, 4)]
    if node.has(7):
        return _requantized(node, sums, scales, 7, alpha)
    zero_point = _constant(node, "zero", np.array(0), i32)
    return node.emit(DequantizeOp, [sums, _ratio(node, scales, None, alpha), zero_point])


def _dequantized(node: Node, index: int) -> SSAValue:
    """The numbers that input `index` stands for: its scale and zero point are the next inputs."""
    q = node.value(index)
    zero_point = _zero_point(node, index + 2, tensor_type(q).element_type)
    operands = [q, _scale(node, index + 1).value, zero_point]
    return node.emit(DequantizeOp, operands, name=part_name(node.name, f"value{index}"))


def _quantized(node: Node, value: SSAValue, scale_index: int, like: Attribute) -> SSAValue:
    zero_point = _zero_point(node, scale_index + 1, like)
    return node.emit(QuantizeOp, [value, _scale(node, scale_index).value, zero_point])


@imports(f"{MICROSOFT}.QLinearAdd", f"{MICROSOFT}.QLinearMul")
def qlinear_elementwise(node: Node) -> SSAValue:
    operator = AddOp if node.proto.op_type == "QLinearAdd" else MulOp
    operands = [_dequantized(node, 0), _dequantized(node, 3)]
    value = node.emit(operator, operands, name=part_name(node.name, "value"))
    return _quantized(node, value, 6, tensor_type(node.value(0)).element_type)


@imports(f"{MICROSOFT}.QLinearSigmoid", f"{MICROSOFT}.QLinearSoftmax")
def qlinear_unary(node: Node) -> SSAValue:
    name, x = part_name(node.name, "value"), _dequantized(node, 0)
    if node.proto.op_type == "QLinearSigmoid":
        value = node.emit(SigmoidOp, [x], name=name)
    else:
        properties = softmax_properties(node, node.attribute("opset", 13))
        value = node.emit(SoftmaxOp, [x], properties, name=name)
    return _quantized(node, value, 3, tensor_type(node.value(0)).element_type)


@imports(f"{MICROSOFT}.QLinearConcat")
def qlinear_concat(node: Node) -> SSAValue:
    starts = range(2, node.input_count, 3)
    values = [_dequantized(node, index) for index in starts]
    axis = node.axis(node.attribute("axis", 1), len(shape_of(values[0])))
    name = part_name(node.name, "value")
    value = node.emit(ConcatOp, values, {"axis": integer(axis)}, name=name)
    return _quantized(node, value, 0, tensor_type(node.value(2)).element_type)


@imports(f"{MICROSOFT}.QLinearGlobalAveragePool", f"{MICROSOFT}.QLinearAveragePool")
def qlinear_average_pool(node: Node) -> SSAValue:
    if node.attribute("channels_last", 0):
        raise Unsupported("channels_last")
    name = part_name(node.name, "value")
    if node.proto.op_type == "QLinearAveragePool":
        window = average_pool_window(node)
        value = node.emit(AveragePoolOp, [_dequantized(node, 0)], window, name=name)
    else:
        value = node.emit(GlobalAveragePoolOp, [_dequantized(node, 0)], name=name)
    return _quantized(node, value, 3, tensor_type(node.value(0)).element_type)
