"""The pass `wrap-general`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Block, OpResult, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.names import part_name
from xnn.dialects.prim import GeneralOp, YieldOp
from xnn.dialects.xnn.constants import ConstantExpressions, ConstantOp
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import NetworkOperation, shape_of, tensor_type
from xnn.passes.fusion.scalar_forms import is_absorbed
from xnn.runtime.semantics.arrays import dense_of


def _sources(node: NetworkOperation, constants: ConstantExpressions) -> list[NetworkOperation]:
    """The conversions that a node absorbs, those of its operands' operands first, and itself."""
    result: dict[NetworkOperation, None] = {}
    for value in node.operands:
        owner = value.owner
        if isinstance(owner, NetworkOperation) and value not in constants and is_absorbed(owner):
            result.update(dict.fromkeys(_sources(owner, constants)))
    return [*result, node]


def _stated(value: SSAValue) -> ConstantOp | None:
    """A constant for a value that is an immediate, as all constants are that were not hoisted, or has no elements."""
    if isinstance(value.owner, ConstantOp):
        return value.owner.clone()
    if 0 not in shape_of(value) or not isinstance(value.owner, NetworkOperation):
        return None
    empty = dense_of(np.empty(shape_of(value)), tensor_type(value).element_type)
    return ConstantOp.of(value.owner.result_name.data, (), {"value": empty})


def _wrapped(node: NetworkOperation, result: OpResult, constants: ConstantExpressions) -> GeneralOp:
    """The node of general compute for one result of an operator."""
    nodes = _sources(node, constants)
    made = {each.result for each in nodes}
    operands = list(dict.fromkeys(v for each in nodes for v in each.operands if v not in made))
    stated = {value: each for value in operands if (each := _stated(value)) is not None}
    inputs = [value for value in operands if value not in stated]
    block = Block(arg_types=[value.type for value in inputs])
    inside: dict[SSAValue, SSAValue] = dict(zip(inputs, block.args, strict=True))
    for value, constant in stated.items():
        block.add_op(constant)
        inside[value] = constant.result
    for each in nodes:
        block.add_op(inner := each.clone(value_mapper=inside))
        inside.update(zip(each.results, inner.results, strict=True))
    block.add_op(YieldOp(inside[result]))
    properties = {k: v for k, v in node.properties.items() if k in ("name", "layers")}
    if result.index:
        name = part_name(node.result_name.data, f"result{result.index}")
        properties["name"] = StringAttr(name)
    general = GeneralOp.build(
        operands=[inputs, []],
        properties=properties,
        regions=[Region(block)],
        result_types=[[result.type]],
    )
    general.location = node.location
    return general


@dataclass(frozen=True)
class WrapGeneral(ModulePass):
    """Wraps every operator that no primitive computes into a node of general compute.

    ```mlir
    %y = xnn.cast "y" %x {to = i1} : (tensor<1x10xf32>) -> tensor<1x10xi1>
    ```
    becomes
    ```mlir
    %y = prim.general "y" ins(%x : tensor<1x10xf32>) {
    ^bb0(%a: tensor<1x10xf32>):
      %r = xnn.cast "y" %a {to = i1} : (tensor<1x10xf32>) -> tensor<1x10xi1>
      prim.yield %r : tensor<1x10xi1>
    } -> tensor<1x10xi1>
    ```
    An operator of several results is computed once for each result that is used. Each user of a
    conversion converts its own operand.
    """

    name = "wrap-general"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = ConstantExpressions()
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, NetworkOperation) and node.result not in constants:
                if not is_absorbed(node):
                    # a result that nothing uses costs nothing; each other one has a node of its own
                    used = [r for r in node.results if r.first_use is not None] or [node.result]
                    new = {result: _wrapped(node, result, constants) for result in used}
                    values = [new[r].result if r in new else None for r in node.results]
                    Rewriter.replace_op(node, list(new.values()), values)
        region_dce(op.body)  # what the regions hold copies of
