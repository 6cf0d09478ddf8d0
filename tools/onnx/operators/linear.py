"""Convolutions and matrix products."""

from __future__ import annotations

from math import prod

from xdsl.dialects.builtin import BoolAttr, FloatAttr, f32
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.xnn.operation import shown
from xnn.passes.graph.building import Parts
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.operators.windows import resolve_window


def convolution_window(node: Node, weights: int) -> dict[str, Attribute]:
    """The properties of the convolution that `node` is, whose weights are input `weights`."""
    kernel = node.shape(weights)[2:]
    stated = node.attribute("kernel_shape", ())
    if stated and stated != kernel:
        raise Unsupported(f"kernel_shape {list(stated)}, but the weights have {shown(kernel)}")
    return {**resolve_window(node, kernel), "groups": xnn.integer(node.attribute("group", 1))}


@imports("Conv")
def conv(node: Node) -> SSAValue:
    operands = [node.value(0), node.value(1), node.optional_value(2)]
    return node.build(xnn.ConvOp, operands, convolution_window(node, 1))


@imports("Gemm")
def gemm(node: Node) -> SSAValue:
    operands = node.value(0), node.value(1), node.optional_value(2)
    alpha, beta = node.attribute("alpha", 1.0), node.attribute("beta", 1.0)
    return gemm_of(node, *operands, transposed=transposed(node), alpha=alpha, beta=beta)


@imports("MatMul")
def matmul(node: Node) -> SSAValue:
    return matrix_product(node, node.value(0), node.value(1))


def transposed(node: Node) -> tuple[bool, bool]:
    """Whether the operands of a Gemm are transposed."""
    return bool(node.attribute("transA", 0)), bool(node.attribute("transB", 0))


def gemm_of(
    parts: Parts,
    a: SSAValue,
    b: SSAValue,
    c: SSAValue | None = None,
    *,
    transposed: tuple[bool, bool] = (False, False),
    alpha: float = 1.0,
    beta: float = 1.0,
) -> SSAValue:
    """The product of two matrices, of integers or floats."""
    properties = {
        "trans_a": BoolAttr.from_bool(transposed[0]),
        "trans_b": BoolAttr.from_bool(transposed[1]),
        "alpha": FloatAttr(alpha, f32),
        "beta": FloatAttr(beta, f32),
    }
    return parts.build(xnn.GemmOp, [a, b, c], properties)


def matrix_product(parts: Parts, a: SSAValue, b: SSAValue) -> SSAValue:
    """The same of matrices or stacks of them."""
    for value in (a, b):
        if len(xnn.shape_of(value)) < 2:
            raise Unsupported(f"an input has shape {shown(xnn.shape_of(value))}, expected a matrix")
    if len(xnn.shape_of(b)) > 2:
        return _products(parts, a, b)
    if len(xnn.shape_of(a)) > 2:
        return _rows(parts, a, b)
    return gemm_of(parts, a, b)


def _rows(parts: Parts, a: SSAValue, b: SSAValue) -> SSAValue:
    """The product of a stack of matrices by one: of all their rows at once."""
    *stack, taps = xnn.shape_of(a)
    if xnn.DYNAMIC in (*stack, taps):
        raise Unsupported(f"a stack of shape {shown(xnn.shape_of(a))}")
    rows = parts.reshaped(a, (prod(stack), taps), "rows")
    return parts.reshaped(gemm_of(parts.of("products"), rows, b), (*stack, xnn.shape_of(b)[1]))


def _products(parts: Parts, a: SSAValue, b: SSAValue) -> SSAValue:
    """Products of the matrices of two stacks: those of the groups of a convolution without a kernel's extent."""
    (*stack, rows, taps), (*others, inner, columns) = xnn.shape_of(a), xnn.shape_of(b)
    if stack != others or inner != taps or xnn.DYNAMIC in (*stack, rows, taps, columns):
        raise Unsupported(f"stacks of shapes {shown(xnn.shape_of(a))} and {shown(xnn.shape_of(b))}")
    count = prod(stack)
    feature_map = parts.reshaped(a, (count, rows, taps), "a")
    feature_map = parts.transposed(feature_map, (1, 0, 2), "a_rows")
    weights = parts.reshaped(b, (count, taps, columns), "b")
    weights = parts.transposed(weights, (0, 2, 1), "b_columns")
    operands = [
        parts.reshaped(feature_map, (rows, count * taps, 1), "feature_map"),
        parts.reshaped(weights, (count * columns, taps, 1), "weights"),
    ]
    window = {
        "strides": xnn.integers((1,)),
        "dilations": xnn.integers((1,)),
        "pads": xnn.integers((0, 0)),
        "groups": xnn.integer(count),
    }
    sums = parts.build(xnn.ConvOp, operands, window, part="products")
    stacked = parts.reshaped(sums, (rows, count, columns), "rows")
    stacked = parts.transposed(stacked, (1, 0, 2), "stack")
    return parts.reshaped(stacked, (*stack, rows, columns))
