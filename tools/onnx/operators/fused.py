"""Operators that onnxruntime's optimiser fuses: what they were fused of."""

from __future__ import annotations

from xdsl.dialects.builtin import BoolAttr
from xdsl.ir import SSAValue

from xnn.dialects import xnn
from xnn.dialects.xnn.activations import GeluOp
from xnn.tools.onnx.node import MICROSOFT, Node, Unsupported, imports
from xnn.tools.onnx.operators.linear import matrix_product, transposed


@imports(f"{MICROSOFT}.Gelu", f"{MICROSOFT}.BiasGelu", f"{MICROSOFT}.FastGelu")
def gelu(node: Node) -> SSAValue:
    """Of x, or of x and a bias; the fast one is the form with the hyperbolic tangent."""
    x = node.value(0)
    if (bias := node.optional_value(1)) is not None:
        x = node.build(xnn.AddOp, [x, bias], part="biased")
    is_fast = node.proto.op_type == "FastGelu"
    return node.build(GeluOp, [x], {"approximate": BoolAttr.from_bool(is_fast)})


@imports(f"{MICROSOFT}.QuickGelu")
def quick_gelu(node: Node) -> SSAValue:
    """x * sigmoid(alpha * x)."""
    x = node.value(0)
    alpha = node.attribute("alpha", 1.702)
    factor = node.constant(alpha, xnn.tensor_type(x).element_type, "alpha")
    scaled = node.build(xnn.MulOp, [x, factor], part="scaled")
    gate = node.build(xnn.SigmoidOp, [scaled], part="gate")
    return node.build(xnn.MulOp, [x, gate])


@imports(f"{MICROSOFT}.FusedMatMul", f"{MICROSOFT}.TransposeMatMul")
def fused_matmul(node: Node) -> SSAValue:
    """alpha times the product of matrices, each of them or its transpose."""
    if node.attribute("transBatchA", 0) or node.attribute("transBatchB", 0):
        raise Unsupported("a transposed batch")
    operands = []
    for index, is_transposed in enumerate(transposed(node)):
        value, rank = node.value(index), len(node.shape(index))
        if is_transposed and rank > 1:
            order = [*range(rank - 2), rank - 1, rank - 2]
            value = node.transposed(value, order, f"transposed{index}")
        operands.append(value)
    if (alpha := node.attribute("alpha", 1.0)) == 1:
        return matrix_product(node, operands[0], operands[1])
    product = matrix_product(node.of("product"), operands[0], operands[1])
    factor = node.constant(alpha, xnn.tensor_type(product).element_type, "alpha")
    return node.build(xnn.MulOp, [product, factor])
