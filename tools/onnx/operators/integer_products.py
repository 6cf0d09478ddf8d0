"""Convolutions and matrix products of integers, requantised or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from xdsl.dialects.builtin import IntegerType, f32, i8, i32
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import UI8, integer_range
from xnn.dialects.xnn.operation import shown
from xnn.passes.quantize.dynamic_range import dynamic_range
from xnn.tools.onnx.node import MICROSOFT, Node, Unsupported, imports
from xnn.tools.onnx.operators.linear import convolution_window, gemm_of, matrix_product, transposed
from xnn.tools.onnx.operators.parameters import Scale, known, scale_of, zero_point_of


def _centred(node: Node, index: int, zero_index: int, axis: int) -> SSAValue:
    """Input `index` without its zero point, in the fewest bits that are sure to hold it.

    Several zero points are those of the indices of `axis`, which may count from the end.
    """
    q = node.value(index)
    zero = known(node, zero_index)
    if not node.has(zero_index) or zero is not None and not zero.any():
        return q
    zero_point = zero_point_of(node, zero_index, xnn.tensor_type(q).element_type)
    sizes = xnn.shape_of(zero_point)
    if len(sizes) > 1:
        raise Unsupported(f"zero points of shape {shown(sizes)} (input {zero_index})")
    axis %= max(1, len(xnn.shape_of(q)))
    parts = node.of(f"centred{index}")
    centred = parts.build(xnn.CenterOp, [q, zero_point], {"axis": xnn.integer(axis)})
    kind = xnn.tensor_type(q).element_type
    if zero is None or not isinstance(kind, IntegerType) or kind.width.data != 8:
        return centred
    low, high = integer_range(kind)
    if low - int(zero.max()) < -128 or high - int(zero.min()) > 127:
        return centred
    return parts.build(xnn.CastOp, [centred], {"to": i8}, part="i8")


def _ratio(
    node: Node, factors: Sequence[Scale], divisor: Scale | None, factor: float = 1.0
) -> SSAValue:
    """The product of scales over another, in float32 from left to right, which decides how it rounds."""
    arrays = [each.array for each in factors]
    known = [each for each in arrays if each is not None]
    if len(known) == len(arrays) and (divisor is None or divisor.array is not None):
        ratio = np.float32(factor)
        for each in known:
            ratio = ratio * each.astype(np.float32)
        if divisor is not None and divisor.array is not None:
            ratio = ratio / divisor.array.astype(np.float32)
        return node.constant(ratio, f32, "multiplier")
    ratio, *others = (each.value for each in factors)
    for i, each in enumerate(others):
        ratio = node.build(xnn.MulOp, [ratio, each], part=f"scales{i}")
    if divisor is not None:
        ratio = node.build(xnn.DivOp, [ratio, divisor.value], part="multiplier")
    if factor != 1.0:
        number = node.constant(factor, f32, "alpha")
        ratio = node.build(xnn.MulOp, [ratio, number], part="scaled")
    return ratio


def _requantized(
    node: Node,
    sums: SSAValue,
    factors: Sequence[Scale],
    scale_index: int,
    factor: float = 1.0,
    axis: int = 1,
) -> SSAValue:
    multiplier = _ratio(node, factors, scale_of(node, scale_index), factor)
    zero_point = zero_point_of(node, scale_index + 1, UI8)
    operands = [sums, multiplier, zero_point]
    return node.build(xnn.RequantizeOp, operands, {"axis": xnn.integer(axis)})


@imports("QLinearConv")
def qlinear_conv(node: Node) -> SSAValue:
    window = convolution_window(node, 3)
    x, w = _centred(node, 0, 2, 1), _centred(node, 3, 5, 0)
    sums = node.build(xnn.ConvOp, [x, w, node.optional_value(8)], window, part="sums")
    return _requantized(node, sums, [scale_of(node, 1), scale_of(node, 4)], 6)


@imports("ConvInteger")
def conv_integer(node: Node) -> SSAValue:
    x, w = _centred(node, 0, 2, 1), _centred(node, 1, 3, 0)
    return node.build(xnn.ConvOp, [x, w], convolution_window(node, 1))


@imports("QLinearMatMul")
def qlinear_matmul(node: Node) -> SSAValue:
    a_scale, b_scale = scale_of(node, 1), scale_of(node, 4)
    by_row, by_column = bool(xnn.shape_of(a_scale.value)), bool(xnn.shape_of(b_scale.value))
    if by_row and by_column:
        raise Unsupported("a scale for each row of a and for each column of b")
    if (by_row or by_column) and max(len(node.shape(0)), len(node.shape(3))) > 2:
        raise Unsupported("a scale for each row or column of a stack of matrices")
    a, b = _centred(node, 0, 2, -2), _centred(node, 3, 5, -1)
    sums = matrix_product(node.of("sums"), a, b)
    return _requantized(node, sums, [a_scale, b_scale], 6, axis=0 if by_row else 1)


@imports("MatMulInteger")
def matmul_integer(node: Node) -> SSAValue:
    return matrix_product(node, _centred(node, 0, 2, -2), _centred(node, 1, 3, -1))


@imports(f"{MICROSOFT}.QGemm")
def qgemm(node: Node) -> SSAValue:
    """Its bias is an integer of scale alpha * a_scale * b_scale; without an output scale it returns real values."""
    sides, alpha = transposed(node), node.attribute("alpha", 1.0)
    a = _centred(node, 0, 2, int(sides[0]))
    b = _centred(node, 3, 5, int(not sides[1]))
    sums = gemm_of(node.of("sums"), a, b, node.optional_value(6), transposed=sides)
    scales = [scale_of(node, 1), scale_of(node, 4)]
    if node.has(7):
        return _requantized(node, sums, scales, 7, alpha)
    zero_point = node.constant(0, i32, "zero")
    return node.build(xnn.DequantizeOp, [sums, _ratio(node, scales, None, alpha), zero_point])


@imports(f"{MICROSOFT}.MatMulIntegerToFloat")
def matmul_integer_to_float(node: Node) -> SSAValue:
    a, b = _centred(node, 0, 4, -2), _centred(node, 1, 5, -1)
    return _real_product(node, a, b, [scale_of(node, 2), scale_of(node, 3)], 6)


@imports(f"{MICROSOFT}.DynamicQuantizeMatMul")
def dynamic_quantize_matmul(node: Node) -> SSAValue:
    """Its first operand is rounded at the scale of its range in each run."""
    a, parts = node.value(0), node.of("a")
    scale, zero_point = dynamic_range(parts, a, UI8)
    q = parts.build(xnn.QuantizeOp, [a, scale, zero_point], part="quantized")
    centred = parts.build(xnn.CenterOp, [q, zero_point], part="centred")
    scales = [Scale(scale, None), scale_of(node, 2)]
    return _real_product(node, centred, _centred(node, 1, 3, -1), scales, 4)


def _real_product(
    node: Node, a: SSAValue, b: SSAValue, scales: Sequence[Scale], bias: int
) -> SSAValue:
    """The real values of a product of integers, plus input `bias`."""
    if any(len(xnn.shape_of(each.value)) > 1 for each in scales):
        raise Unsupported("scales of more than one dimension")
    sums = matrix_product(node.of("sums"), a, b)
    values = node.build(xnn.CastOp, [sums], {"to": f32}, part="integers")
    factor, part = _ratio(node, scales, None), "product" if node.has(bias) else ""
    values = node.build(xnn.MulOp, [values, factor], part=part)
    return node.build(xnn.AddOp, [values, node.value(bias)]) if node.has(bias) else values
