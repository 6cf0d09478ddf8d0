"""Elementwise operators."""

from __future__ import annotations

import numpy as np
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, IntegerType
from xdsl.ir import SSAValue

from xnn.dialects.xnn import (
    AddOp,
    ClipOp,
    DivOp,
    ExpOp,
    IdentityOp,
    MulOp,
    NegOp,
    NetworkOperation,
    ReluOp,
    SigmoidOp,
    SqrtOp,
    SubOp,
    TanhOp,
    tensor_type,
)
from xnn.tools.onnx.node import Node, Unsupported, imports

_OPERATORS: dict[str, type[NetworkOperation]] = {
    "Add": AddOp,
    "Sub": SubOp,
    "Mul": MulOp,
    "Div": DivOp,
    "Relu": ReluOp,
    "Sqrt": SqrtOp,
    "Exp": ExpOp,
    "Sigmoid": SigmoidOp,
    "Tanh": TanhOp,
    "Neg": NegOp,
}
_BINARY = (AddOp, SubOp, MulOp, DivOp)


@imports(*_OPERATORS)
def same_operator(node: Node) -> SSAValue:
    operator = _OPERATORS[node.proto.op_type]
    count = 2 if operator in _BINARY else 1
    return node.emit(operator, [node.value(i) for i in range(count)])


@imports("Sum")
def sum_of_inputs(node: Node) -> SSAValue:
    """A chain of additions, the last of which bears the name."""
    total, *others = (node.value(i) for i in range(node.input_count))
    if not others:
        return node.emit(IdentityOp, [total])
    for i, other in enumerate(others, 1):
        name = node.name if i == len(others) else f"{node.name}/{i}"
        total = node.emit(AddOp, [total, other], name=name)
    return total


@imports("Clip")
def clip(node: Node) -> SSAValue:
    """Bounds are attributes before opset 11, then inputs."""
    x = node.value(0)
    element_type = tensor_type(x).element_type
    bounds = {}
    for index, name in enumerate(("min", "max"), 1):
        if node.opset < 11:
            bound = node.attribute(name)
        else:
            bound = node.constant(index, name)
        if bound is None:
            continue
        if np.size(bound) != 1:
            raise Unsupported(f"{name} is not one number")
        number = np.asarray(bound).reshape(()).item()
        if isinstance(element_type, AnyFloat):
            bounds[name] = FloatAttr(number, element_type)
        elif isinstance(element_type, IntegerType):
            bounds[name] = IntegerAttr(number, element_type)
        else:
            raise Unsupported(f"elements of type {element_type}")
    return node.emit(ClipOp, [x], bounds)
