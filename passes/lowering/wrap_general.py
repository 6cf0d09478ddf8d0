"""The pass `wrap-general`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Block, Region, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.prim import GeneralOp, YieldOp
from xnn.dialects.xnn.constants import ConstantExpressions, ConstantOp
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.passes.fusion.scalar_forms import is_conversion


def _is_taken_in(node: NetworkOperation) -> bool:
    """Whether those who use what an operator converts do it themselves: less is moved."""
    return is_conversion(node) and all(
        isinstance(use.operation, NetworkOperation) for use in node.result.uses
    )


def _sources(node: NetworkOperation, constants: ConstantExpressions) -> list[NetworkOperation]:
    """Conversions that a node takes in, those of its operands' operands first, and itself."""
    result: dict[NetworkOperation, None] = {}
    for value in node.operands:
        owner = value.owner
        if isinstance(owner, NetworkOperation) and value not in constants and _is_taken_in(owner):
            result.update(dict.fromkeys(_sources(owner, constants)))
    return [*result, node]


def _wrapped(node: NetworkOperation, constants: ConstantExpressions) -> GeneralOp:
    nodes = _sources(node, constants)
    made = {each.result for each in nodes}
    operands = list(dict.fromkeys(v for each in nodes for v in each.operands if v not in made))
    inputs = [value for value in operands if not isinstance(value.owner, ConstantOp)]
    block = Block(arg_types=[value.type for value in inputs])
    inside: dict[SSAValue, SSAValue] = dict(zip(inputs, block.args, strict=True))
    for value in operands:
        if isinstance(value.owner, ConstantOp):  # an immediate: all others have been hoisted
            immediate = value.owner.clone()
            block.add_op(immediate)
            inside[value] = immediate.result
    for each in nodes:
        block.add_op(inner := each.clone(value_mapper=inside))
        inside[each.result] = inner.results[0]
    block.add_op(YieldOp(inside[node.result]))
    properties = {k: v for k, v in node.properties.items() if k in ("name", "layers")}
    general = GeneralOp.build(
        operands=[inputs, []],
        properties=properties,
        regions=[Region(block)],
        result_types=[[node.result.type]],
    )
    general.location = node.location
    return general


@dataclass(frozen=True)
class WrapGeneral(ModulePass):
    """Gives every operator that no primitive computes to general compute.

    ```mlir
    %y = xnn.softmax "y" %x {axis = 1 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>
    ```
    becomes
    ```mlir
    %y = prim.general "y" ins(%x : tensor<1x10xf32>) {
    ^bb0(%a: tensor<1x10xf32>):
      %r = xnn.softmax "y" %a {axis = 1 : i64} : (tensor<1x10xf32>) -> tensor<1x10xf32>
      prim.yield %r : tensor<1x10xf32>
    } -> tensor<1x10xf32>
    ```
    What only converts stored elements for others is done by each of them.
    """

    name = "wrap-general"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = ConstantExpressions()
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, NetworkOperation) and node.result not in constants:
                if not _is_taken_in(node):
                    Rewriter.replace_op(node, _wrapped(node, constants))
        for node in reversed(list(main_function(op).body.block.ops)):
            if isinstance(node, NetworkOperation) and node.result.first_use is None:
                if isinstance(node, ConstantOp) or node.result not in constants:
                    Rewriter.erase_op(node)
