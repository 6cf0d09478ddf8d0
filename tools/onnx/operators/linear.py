"""Convolutions and matrix products."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xdsl.dialects.builtin import BoolAttr, FloatAttr, StringAttr, f32
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.windows import span
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


@imports("ConvTranspose")
def conv_transpose(node: Node) -> SSAValue:
    operands = [node.value(0), node.value(1), node.optional_value(2)]
    spatial, kernel = node.shape()[2:], node.shape(1)[2:]
    rank = len(spatial)
    if (stated := node.attribute("kernel_shape", ())) and stated != kernel:
        raise Unsupported(f"kernel_shape {list(stated)}, but the weights have {shown(kernel)}")
    strides = node.attribute("strides", (1,) * rank)
    dilations = node.attribute("dilations", (1,) * rank)
    added = list(node.attribute("output_padding", (0,) * rank))
    pads = list(node.attribute("pads", (0,) * 2 * rank))
    sizes = node.attribute("output_shape", ())[-rank:]
    auto_pad = node.attribute("auto_pad", "NOTSET")
    if not len(strides) == len(dilations) == len(added) == len(kernel) == len(pads) / 2 == rank:
        raise Unsupported(f"window attributes do not fit {rank} spatial dimensions")
    if auto_pad.startswith("SAME") and not sizes:
        sizes = tuple(size * stride for size, stride in zip(spatial, strides))
    if auto_pad == "VALID":
        pads = [0] * 2 * rank
    for i, wanted in enumerate(sizes):
        if spatial[i] == xnn.DYNAMIC:
            raise Unsupported("an output_shape or auto_pad for a dimension of unknown size")
        more = span(spatial[i], kernel[i], strides[i], dilations[i]) + added[i] - wanted
        added[i] += max(0, -more)
        less, most = max(0, more) // 2, max(0, more) - max(0, more) // 2
        pads[i], pads[i + rank] = (less, most) if auto_pad == "SAME_UPPER" else (most, less)
    lists = {"strides": strides, "dilations": dilations, "pads": pads, "output_padding": added}
    properties: dict[str, Attribute] = {name: xnn.integers(each) for name, each in lists.items()}
    properties["groups"] = xnn.integer(node.attribute("group", 1))
    return node.build(xnn.ConvTransposeOp, operands, properties)


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
    """The product of matrices, of stacks of them, which broadcast, or of vectors, as NumPy's."""
    first, second = xnn.shape_of(a), xnn.shape_of(b)
    if not first or not second:
        raise Unsupported(f"inputs of shapes {shown(first)} and {shown(second)}")
    if len(first) == len(second) == 2:
        return gemm_of(parts, a, b)
    if len(second) == 2 and xnn.DYNAMIC not in first:
        return _rows(parts, a, b)
    return _stacks(parts, a, b)


def _rows(parts: Parts, a: SSAValue, b: SSAValue) -> SSAValue:
    """The product of a vector or a stack of matrices by one: of all their rows at once."""
    *stack, taps = xnn.shape_of(a)
    rows = parts.reshaped(a, (prod(stack), taps), "rows")
    return parts.reshaped(gemm_of(parts.of("products"), rows, b), (*stack, xnn.shape_of(b)[1]))


STACK = "zyxwvutsrqpojihgfedcba"
"""Labels of the axes of stacks, from the last to the first; those of matrices are `m`, `k` and `n`."""


def _stacks(parts: Parts, a: SSAValue, b: SSAValue) -> SSAValue:
    """The products of the matrices of two stacks: an axis of one element is left out where the other has more."""
    ranks = [max(0, len(xnn.shape_of(value)) - 2) for value in (a, b)]
    labels = STACK[: max(ranks)][::-1]
    if len(labels) < max(ranks):
        raise Unsupported(f"{max(ranks)} axes of stacks")
    sizes = [
        dict(zip(labels[len(labels) - rank :], xnn.shape_of(value)))
        for value, rank in zip((a, b), ranks)
    ]
    terms, values = [], []
    for value, rank, own, other, matrix, part in (
        (a, ranks[0], sizes[0], sizes[1], "mk", "a"),
        (b, ranks[1], sizes[1], sizes[0], "kn", "b"),
    ):
        kept = "".join(x for x in own if own[x] != 1 or other.get(x, 1) == 1)
        shape = [*(own[x] for x in kept), *xnn.shape_of(value)[rank:]]
        values.append(_without_axes(parts, value, shape, part))
        terms.append(kept + matrix)
    first = terms[0] if len(xnn.shape_of(a)) > 1 else terms[0].replace("m", "")
    second = terms[1] if len(xnn.shape_of(b)) > 1 else terms[1].replace("n", "")
    out = "".join(x for x in labels + "mn" if x in first or x in second)
    equation = StringAttr(f"{first},{second}->{out}")
    return parts.build(xnn.EinsumOp, values, {"equation": equation})


def _without_axes(parts: Parts, value: SSAValue, shape: Sequence[int], part: str) -> SSAValue:
    """A value without some of its axes of one element."""
    if len(shape) == len(xnn.shape_of(value)):
        return value
    if shape.count(xnn.DYNAMIC) > 1:
        raise Unsupported(f"a stack of shape {shown(xnn.shape_of(value))} that broadcasts")
    return parts.reshaped(value, [-1 if size == xnn.DYNAMIC else size for size in shape], part)
