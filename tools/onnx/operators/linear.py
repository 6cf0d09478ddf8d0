"""Convolutions and matrix products."""

from __future__ import annotations

from xdsl.dialects.builtin import BoolAttr, FloatAttr, f32
from xdsl.ir import Attribute, SSAValue

from xnn.dialects.xnn import ConvOp, GemmOp, integer, integers
from xnn.dialects.xnn.operation import shown
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
        "strides": integers(window.strides),
        "dilations": integers(window.dilations),
        "pads": integers(window.pads),
        "groups": integer(node.attribute("group", 1)),
    }


@imports("Conv")
def conv(node: Node) -> SSAValue:
    operands = [node.value(0), node.value(1), node.optional_value(2)]
    return node.emit(ConvOp, operands, convolution_window(node, 1))


@imports("Gemm")
def gemm(node: Node) -> SSAValue:
    return _product(
        node,
        node.optional_value(2),
        trans_a=bool(node.attribute("transA", 0)),
        trans_b=bool(node.attribute("transB", 0)),
        alpha=node.attribute("alpha", 1.0),
        beta=node.attribute("beta", 1.0),
    )


@imports("MatMul")
def matmul(node: Node) -> SSAValue:
    for index in (0, 1):
        if len(node.shape(index)) != 2:
            raise Unsupported(
                f"input {index} has shape {shown(node.shape(index))}, expected a matrix"
            )
    return _product(node, None)


def _product(
    node: Node,
    c: SSAValue | None,
    *,
    trans_a: bool = False,
    trans_b: bool = False,
    alpha: float = 1.0,
    beta: float = 1.0,
) -> SSAValue:
    properties = {
        "trans_a": BoolAttr.from_bool(trans_a),
        "trans_b": BoolAttr.from_bool(trans_b),
        "alpha": FloatAttr(alpha, f32),
        "beta": FloatAttr(beta, f32),
    }
    return node.emit(GemmOp, [node.value(0), node.value(1), c], properties)
