"""Elementwise operators."""

from __future__ import annotations

from math import inf

import numpy as np
from xdsl.dialects.builtin import AnyFloat, FloatAttr, IntegerAttr, IntegerType
from xdsl.ir import Attribute, SSAValue

from xnn.dialects.element_types import dtype_of
from xnn.dialects.xnn import AddOp, ClipOp, IdentityOp, tensor_type
from xnn.tools.onnx.node import Node, Unsupported, imports


@imports("Sum")
def sum_of_inputs(node: Node) -> SSAValue:
    """A chain of additions, the last of which has the name."""
    total, *others = [node.value(i) for i in range(max(1, node.input_count))]
    if not others:
        return node.build(IdentityOp, [total])
    for i, other in enumerate(others, 1):
        part = "" if i == len(others) else str(i)
        total = node.build(AddOp, [total, other], part=part)
    return total


@imports("Clip")
def clip(node: Node) -> SSAValue:
    """Bounds are attributes before opset 11, then inputs."""
    x = node.value(0)
    element_type = tensor_type(x).element_type
    dtype = dtype_of(element_type)
    bounds: dict[str, Attribute] = {}
    for index, (name, none) in enumerate((("min", -inf), ("max", inf)), 1):
        if node.opset < 11:
            with np.errstate(over="ignore"):  # beyond the type is no bound
                bound = np.array(node.attribute(name, none)).astype(dtype)
        elif (bound := node.elements(index, name)) is None:
            continue
        if bound.size != 1 or bound.dtype != dtype:
            raise Unsupported(f"{name} is not one number of type {element_type}")
        if isinstance(element_type, IntegerType):
            bounds[name] = IntegerAttr(bound.item(), element_type)
        elif isinstance(element_type, AnyFloat) and bound.item() != none:
            bounds[name] = FloatAttr(bound.item(), element_type)
    return node.build(ClipOp if bounds else IdentityOp, [x], bounds)
