"""Batch normalisation, local response normalisation, softmax, dropout."""

from __future__ import annotations

from xdsl.dialects.builtin import FloatAttr, UnitAttr, f32
from xdsl.ir import Attribute, SSAValue

from xnn.dialects.xnn import BatchNormOp, DropoutOp, LrnOp, SoftmaxOp, integer
from xnn.tools.onnx.node import Node, Unsupported, imports


@imports("BatchNormalization")
def batch_normalization(node: Node) -> SSAValue:
    if node.attribute("training_mode", 0) or any(node.used[1:]):
        raise Unsupported("training mode")
    if not node.attribute("spatial", 1):
        raise Unsupported("spatial = 0")
    epsilon = FloatAttr(node.attribute("epsilon", 1e-5), f32)
    return node.build(BatchNormOp, [node.value(i) for i in range(5)], {"epsilon": epsilon})


@imports("LRN")
def lrn(node: Node) -> SSAValue:
    defaults = {"alpha": 1e-4, "beta": 0.75, "bias": 1.0}
    floats = {name: FloatAttr(node.attribute(name, each), f32) for name, each in defaults.items()}
    size = integer(node.attribute("size", 0))
    return node.build(LrnOp, [node.value(0)], {"size": size, **floats})


def softmax_properties(node: Node, opset: int) -> dict[str, Attribute]:
    """Before opset 13 over all axes from `axis` on, which is 1 by default; since then over one, by default the last."""
    flattens = opset < 13
    rank = len(node.shape())
    axis = node.axis(node.attribute("axis", 1 if flattens else -1), rank)
    together = {"to_end": UnitAttr()} if flattens and axis < rank - 1 else {}
    return {"axis": integer(axis), **together}


@imports("Softmax")
def softmax(node: Node) -> SSAValue:
    return node.build(SoftmaxOp, [node.value(0)], softmax_properties(node, node.opset))


@imports("Dropout")
def dropout(node: Node) -> SSAValue:
    if any(node.used[1:]):
        raise Unsupported("the output mask is used")
    training = node.elements(2, "training_mode")
    if training is not None and training.any():
        raise Unsupported("training mode")
    ratio = node.attribute("ratio", 0.5)
    if (given := node.elements(1, "ratio")) is not None:
        if given.size != 1:
            raise Unsupported("ratio is not one number")
        ratio = float(given.item())
    return node.build(DropoutOp, [node.value(0)], {"ratio": FloatAttr(ratio, f32)})
