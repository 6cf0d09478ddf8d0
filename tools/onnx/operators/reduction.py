"""Reductions along given axes, or all."""

from __future__ import annotations

from functools import partial

from xdsl.dialects.builtin import AnyFloat, UnitAttr
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.operators.shape import given_axes

_REDUCTIONS: dict[str, tuple[type[xnn.NetworkOperation], int]] = {
    "ReduceSum": (xnn.ReduceSumOp, 13),
    "ReduceMean": (xnn.ReduceMeanOp, 18),
    "ReduceMax": (xnn.ReduceMaxOp, 18),
    "ReduceMin": (xnn.ReduceMinOp, 18),
    "ReduceProd": (xnn.ReduceProdOp, 18),
    "ReduceSumSquare": (xnn.ReduceSumSquareOp, 18),
    "ReduceL1": (xnn.ReduceL1Op, 18),
    "ReduceL2": (xnn.ReduceL2Op, 18),
    "ReduceLogSum": (xnn.ReduceLogSumOp, 18),
    "ReduceLogSumExp": (xnn.ReduceLogSumExpOp, 18),
}
"""The operator, and the operator set from which on its axes are an input."""


def _reduce(operator: type[xnn.NetworkOperation], input_since: int, node: Node) -> SSAValue:
    """Without axes all are reduced, unless `noop_with_empty_axes`."""
    rank = len(node.shape())
    axes = given_axes(node, rank, input_since)
    if axes is None:
        axes = () if node.attribute("noop_with_empty_axes", 0) else range(rank)
    axes = sorted(set(axes))
    keepdims = bool(node.attribute("keepdims", 1))
    if operator is xnn.ReduceMeanOp and rank > 2 and axes == [*range(2, rank)]:
        if isinstance(xnn.tensor_type(node.value(0)).element_type, AnyFloat):
            return _global_mean(node, keepdims)
    properties: dict[str, Attribute] = {"axes": xnn.integers(axes)}
    if keepdims:
        properties["keepdims"] = UnitAttr()
    return node.build(operator, [node.value(0)], properties)


def _global_mean(node: Node, keepdims: bool) -> SSAValue:
    """The mean of all spatial axes, which quantisation takes for integers."""
    if keepdims:
        return node.build(xnn.GlobalAveragePoolOp, [node.value(0)])
    means = node.build(xnn.GlobalAveragePoolOp, [node.value(0)], part="means")
    return node.reshaped(means, (0, -1))


for _name, (_operator, _since) in _REDUCTIONS.items():
    imports(_name)(partial(_reduce, _operator, _since))


@imports("GlobalMaxPool")
def global_max_pool(node: Node) -> SSAValue:
    axes = xnn.integers(range(2, len(node.shape())))
    return node.build(xnn.ReduceMaxOp, [node.value(0)], {"axes": axes, "keepdims": UnitAttr()})


@imports("CumSum")
def cumsum(node: Node) -> SSAValue:
    if (axis := node.elements(1, "axis")) is None or axis.size != 1:
        raise Unsupported("axis is not one number")
    axis = node.axis(int(axis.item()), len(node.shape()))
    given = {name: UnitAttr() for name in ("exclusive", "reverse") if node.attribute(name, 0)}
    return node.build(xnn.CumSumOp, [node.value(0)], {"axis": xnn.integer(axis), **given})


@imports("ArgMax", "ArgMin")
def arg_extreme(node: Node) -> SSAValue:
    operator = xnn.ArgMaxOp if node.proto.op_type == "ArgMax" else xnn.ArgMinOp
    axis = node.axis(node.attribute("axis", 0), len(node.shape()))
    given = {
        name: UnitAttr()
        for name, is_given in (
            ("keepdims", node.attribute("keepdims", 1)),
            ("last", node.attribute("select_last_index", 0)),
        )
        if is_given
    }
    return node.build(operator, [node.value(0)], {"axis": xnn.integer(axis), **given})
