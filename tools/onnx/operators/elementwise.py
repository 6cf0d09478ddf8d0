"""Elementwise operators."""

from __future__ import annotations

from math import inf

import numpy as np
from xdsl.dialects.builtin import (
    AnyFloat,
    BoolAttr,
    FloatAttr,
    IntegerAttr,
    IntegerType,
    StringAttr,
)
from xdsl.ir import Attribute, SSAValue

from xnn.dialects import xnn
from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn.activations import GeluOp
from xnn.passes.graph.building import Parts
from xnn.tools.onnx.node import Node, Unsupported, imports
from xnn.tools.onnx.operators.parameters import known

VARIADIC: dict[str, type[xnn.BinaryOperation]] = {
    "Sum": xnn.AddOp,
    "Max": xnn.MaxOp,
    "Min": xnn.MinOp,
}
BITWISE: dict[str, type[xnn.NetworkOperation]] = {
    "BitwiseAnd": xnn.AndOp,
    "BitwiseOr": xnn.OrOp,
    "BitwiseXor": xnn.XorOp,
    "BitwiseNot": xnn.NotOp,
}
"""What operators of booleans do, to each bit of integers."""


def _chain(node: Node, parts: Parts, operator: type[xnn.BinaryOperation]) -> SSAValue:
    """All inputs of a node combined by an operator of two; the last of the chain has the name."""
    total, *others = [node.value(i) for i in range(max(1, node.input_count))]
    if not others:
        return parts.build(xnn.IdentityOp, [total])
    for i, other in enumerate(others, 1):
        part = "" if i == len(others) else f"step{i}"
        total = parts.build(operator, [total, other], part=part)
    return total


@imports(*VARIADIC)
def variadic(node: Node) -> SSAValue:
    return _chain(node, node, VARIADIC[node.proto.op_type])


@imports("Mean")
def mean(node: Node) -> SSAValue:
    """The sum over the number of inputs."""
    if node.input_count < 2:
        return _chain(node, node, xnn.AddOp)
    total = _chain(node, node.of("sum"), xnn.AddOp)
    count = node.constant(node.input_count, xnn.tensor_type(total).element_type, "count")
    return node.build(xnn.DivOp, [total, count])


@imports(*BITWISE)
def bitwise(node: Node) -> SSAValue:
    operands = [node.value(i) for i in range(node.input_count)]
    return node.build(BITWISE[node.proto.op_type], operands)


@imports("BitShift")
def bit_shift(node: Node) -> SSAValue:
    direction = StringAttr(node.attribute("direction", "").lower())
    return node.build(xnn.BitShiftOp, [node.value(0), node.value(1)], {"direction": direction})


@imports("Gelu")
def gelu(node: Node) -> SSAValue:
    form = node.attribute("approximate", "none")
    if form not in ("none", "tanh"):
        raise Unsupported(f"approximate is {form}, expected none or tanh")
    return node.build(GeluOp, [node.value(0)], {"approximate": BoolAttr.from_bool(form == "tanh")})


@imports("Clip")
def clip(node: Node) -> SSAValue:
    """Bounds are attributes before opset 11, then inputs; those that are computed make a maximum and a minimum."""
    x, bounds = node.value(0), dict[str, Attribute]()
    limits: list[tuple[str, type[xnn.BinaryOperation], SSAValue]] = []
    kinds = (("min", -inf, xnn.MaxOp), ("max", inf, xnn.MinOp))
    for index, (name, none, operator) in enumerate(kinds, 1):
        if node.opset < 11:
            with np.errstate(over="ignore"):  # beyond the type is no bound
                stated = node.attribute(name, none)
                bounds |= _bound(x, name, np.array(stated).astype(_dtype(x)), none)
        elif (array := known(node, index)) is not None:
            bounds |= _bound(x, name, array, none)
        elif node.has(index):
            limits.append((name, operator, node.value(index)))
    inside = "" if not limits else "inside"
    x = node.build(xnn.ClipOp if bounds else xnn.IdentityOp, [x], bounds, part=inside)
    for i, (name, operator, limit) in enumerate(limits, 1):
        x = node.build(operator, [x, limit], part="" if i == len(limits) else name)
    return x


def _dtype(x: SSAValue) -> np.dtype:
    return dtype_of(xnn.tensor_type(x).element_type)


def _bound(x: SSAValue, name: str, array: np.ndarray, none: float) -> dict[str, Attribute]:
    """The property of one bound; none if it is infinite."""
    element_type = xnn.tensor_type(x).element_type
    if array.size != 1 or array.dtype != _dtype(x):
        raise Unsupported(f"{name} is not one number of type {element_type}")
    if isinstance(element_type, IntegerType):
        return {name: IntegerAttr(array.item(), element_type)}
    if isinstance(element_type, AnyFloat) and array.item() != none:
        return {name: FloatAttr(array.item(), element_type)}
    return {}
