"""Convolutions and matrix products."""

from __future__ import annotations

from math import prod

from xdsl.dialects.builtin import BoolAttr, FloatAttr, f32
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.xnn.operation import part_name, shown
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.operators.windows import resolve_window


def convolution_window(node: Node, weights: int) -> dict[str, Attribute]:
    """The properties of the convolution that `node` is, whose weights are input `weights`."""
    kernel = node.shape(weights)[2:]
    stated = node.attribute("kernel_shape", ())
    if stated and stated != kernel:
        raise Unsupported(f"kernel_shape {list(stated)}, but the weights have {shown(kernel)}")
    window = resolve_window(node, kernel)
    return {
        "strides": xnn.integers(window.strides),
        "dilations": xnn.integers(window.dilations),
        "pads": xnn.integers(window.pads),
        "groups": xnn.integer(node.attribute("group", 1)),
    }


@imports("Conv")
def conv(node: Node) -> SSAValue:
    operands = [node.value(0), node.value(1), node.optional_value(2)]
    return node.emit(xnn.ConvOp, operands, convolution_window(node, 1))


@imports("Gemm")
def gemm(node: Node) -> SSAValue:
    return gemm_of(
        node,
        *(node.value(0), node.value(1), node.optional_value(2)),
        transposed=(bool(node.attribute("transA", 0)), bool(node.attribute("transB", 0))),
        alpha=node.attribute("alpha", 1.0),
        beta=node.attribute("beta", 1.0),
    )


@imports("MatMul")
def matmul(node: Node) -> SSAValue:
    return matrix_product(node, node.value(0), node.value(1))


def gemm_of(
    node: Node,
    a: SSAValue,
    b: SSAValue,
    c: SSAValue | None = None,
    *,
    name: str | None = None,
    transposed: tuple[bool, bool] = (False, False),
    alpha: float = 1.0,
    beta: float = 1.0,
) -> SSAValue:
    """The product of two matrices, of integers or floats, that is `node` or its part `name`."""
    properties = {
        "trans_a": BoolAttr.from_bool(transposed[0]),
        "trans_b": BoolAttr.from_bool(transposed[1]),
        "alpha": FloatAttr(alpha, f32),
        "beta": FloatAttr(beta, f32),
    }
    return node.emit(xnn.GemmOp, [a, b, c], properties, name=name)


def matrix_product(node: Node, a: SSAValue, b: SSAValue, *, name: str | None = None) -> SSAValue:
    """The same of matrices or stacks of them."""
    for value in (a, b):
        if len(xnn.shape_of(value)) < 2:
            raise Unsupported(f"an input has shape {shown(xnn.shape_of(value))}, expected a matrix")
    if len(xnn.shape_of(b)) > 2:
        return _products(node, a, b, name or node.name)
    if len(xnn.shape_of(a)) > 2:
        return _rows(node, a, b, name or node.name)
    return gemm_of(node, a, b, name=name)


def _rows(node: Node, a: SSAValue, b: SSAValue, name: str) -> SSAValue:
    """The product of a stack of matrices by one: of all their rows at once."""
    *stack, taps = xnn.shape_of(a)
    if xnn.DYNAMIC in (*stack, taps):
        raise Unsupported(f"a stack of shape {shown(xnn.shape_of(a))}")
    flat = {"shape": xnn.integers((prod(stack), taps))}
    rows = node.emit(xnn.ReshapeOp, [a], flat, name=part_name(name, "rows"))
    sums = matrix_product(node, rows, b, name=part_name(name, "products"))
    properties = {"shape": xnn.integers((*stack, xnn.shape_of(b)[1]))}
    return node.emit(xnn.ReshapeOp, [sums], properties, name=name)


def _products(node: Node, a: SSAValue, b: SSAValue, name: str) -> SSAValue:
    """Products of the matrices of two stacks: those of the groups of a convolution without a kernel's extent."""
    (*stack, rows, taps), (*others, inner, columns) = xnn.shape_of(a), xnn.shape_of(b)
    if stack != others or inner != taps or xnn.DYNAMIC in (*stack, rows, taps, columns):
        raise Unsupported(f"stacks of shapes {shown(xnn.shape_of(a))} and {shown(xnn.shape_of(b))}")
    count = prod(stack)

    def reshaped(value: SSAValue, part: str, *shape: int) -> SSAValue:
        properties = {"shape": xnn.integers(shape)}
        return node.emit(xnn.ReshapeOp, [value], properties, name=part_name(name, part))

    def turned(value: SSAValue, part: str, *perm: int) -> SSAValue:
        return node.emit(
            xnn.TransposeOp, [value], {"perm": xnn.integers(perm)}, name=part_name(name, part)
        )

    maps = turned(reshaped(a, "a", count, rows, taps), "a_rows", 1, 0, 2)
    weights = turned(reshaped(b, "b", count, taps, columns), "b_columns", 0, 2, 1)
    window = {"strides": (1,), "dilations": (1,), "pads": (0, 0)}
    sums = node.emit(
        xnn.ConvOp,
        [
            reshaped(maps, "maps", rows, count * taps, 1),
            reshaped(weights, "coefficients", count * columns, taps, 1),
        ],
        {
            **{key: xnn.integers(value) for key, value in window.items()},
            "groups": xnn.integer(count),
        },
        name=part_name(name, "products"),
    )
    stacked = turned(reshaped(sums, "rows", rows, count, columns), "stack", 1, 0, 2)
    return node.emit(
        xnn.ReshapeOp, [stacked], {"shape": xnn.integers((*stack, rows, columns))}, name=name
    )
