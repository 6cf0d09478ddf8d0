"""Sorting: the first elements of each row, and their indices."""

from __future__ import annotations

from xdsl.dialects.builtin import UnitAttr
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.names import name_in_ir
from xnn.passes.graph.building import Parts
from xnn.tools.onnx.node import Node, Unsupported, imports


@imports("TopK")
def top_k(node: Node) -> tuple[SSAValue | None, ...]:
    """Always sorted; before operator set 10 k is an attribute, before 11 only the largest are sought."""
    if node.opset < 10:
        k = node.attribute("k", 0)
    else:
        given = node.integers(1, "K")
        if given is None or len(given) != 1:
            raise Unsupported("K is not one number")
        (k,) = given
    axis = node.axis(node.attribute("axis", -1), len(node.shape()))
    properties: dict[str, Attribute] = {"axis": xnn.integer(axis), "k": xnn.integer(k)}
    if not node.attribute("largest", 1):
        properties["least"] = UnitAttr()
    made: list[SSAValue | None] = [None, None]
    for place, operator in enumerate((xnn.TopKOp, xnn.TopKIndicesOp)):
        if place < len(node.used) and node.used[place]:
            parts = Parts(name_in_ir(node.proto.output[place]), node.place)
            made[place] = parts.build(operator, [node.value(0)], properties)
    return tuple(made)
