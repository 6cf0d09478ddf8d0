"""The pass `convert-to-primitives`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects import builtin
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects import Level, xnn
from xnn.dialects.levels import set_level
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.passes.lowering.primitives.conversions import CONVERSIONS
from xnn.passes.module.xnn_bind import require_static


def _converted(node: Operation, constants: xnn.ConstantExpressions) -> Operation | None:
    """What takes the place of a node; None if it stays."""
    convert = CONVERSIONS.get(type(node)) if isinstance(node, NetworkOperation) else None
    if convert is None or node.results[0] in constants:
        return None
    return convert(node)


@dataclass(frozen=True)
class ConvertToPrimitives(ModulePass):
    """Converts operators to the primitives that compute them; operators without one stay.

    ```mlir
    %y = xnn.conv "y" %x, %w, %b {pads = array<i64: 1, 1, 1, 1>, ...} : (...) -> tensor<1x8x4x4xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <kernel = [3, 3], pads = [1, 1, 1, 1]>
      post [affine_map<(d0, d1, d2, d3) -> (d1)>] (%b : tensor<8xf32>) {
      ^bb0(%acc: f32, %bias: f32):
        %s = arith.addf %acc, %bias : f32
        prim.yield %s : f32
      } -> tensor<1x8x4x4xf32>
    ```
    Softmax and local response normalisation are maps and reductions of the vector engine. Average
    pooling is a product whose lhs is one row, a reshape a view, a transposition or a gather a
    transfer, a concatenation a placement of its inputs.
    """

    name = "convert-to-primitives"

    def apply(self, ctx: Context, op: builtin.ModuleOp) -> None:
        require_static(op)
        constants, block, seen = xnn.ConstantExpressions(), main_function(op).body.block, set()
        while nodes := [node for node in block.ops if node not in seen]:
            seen.update(nodes)  # conversions may leave operators to convert
            for node in nodes:
                if (new := _converted(node, constants)) is not None:
                    new.location = node.location
                    Rewriter.replace_op(node, new)
        set_level(op, Level.PRIM)
