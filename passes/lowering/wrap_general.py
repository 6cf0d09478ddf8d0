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


def _wrapped(node: NetworkOperation) -> GeneralOp:
    operands = list(dict.fromkeys(node.operands))
    inputs = [value for value in operands if not isinstance(value.owner, ConstantOp)]
    block = Block(arg_types=[value.type for value in inputs])
    inside: dict[SSAValue, SSAValue] = dict(zip(inputs, block.args, strict=True))
    for value in operands:
        if isinstance(value.owner, ConstantOp):  # an immediate: all others have been hoisted
            immediate = value.owner.clone()
            block.add_op(immediate)
            inside[value] = immediate.result
    inner = node.clone(value_mapper=inside)
    block.add_ops([inner, YieldOp(inner.results[0])])
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
    """

    name = "wrap-general"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = ConstantExpressions()
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, NetworkOperation) and node.result not in constants:
                Rewriter.replace_op(node, _wrapped(node))
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, ConstantOp) and node.result.first_use is None:
                Rewriter.erase_op(node)
