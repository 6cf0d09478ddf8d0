"""The pass `fuse-predecessors`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.prim import Primitive, shape
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.passes.lowering.names import take_in
from xnn.passes.lowering.primitive_regions import with_pre
from xnn.passes.lowering.scalar_forms import Fusion, is_conversion, is_elementwise


def _fuse(node: Primitive, constants: ConstantExpressions) -> Primitive | None:
    """The primitive with the operator before its maps taken in, or None if there is none."""
    before = node.maps.owner
    if not is_elementwise(before):
        return None
    assert isinstance(before, NetworkOperation)
    if not node.maps.has_one_use() and not is_conversion(before):
        return None
    streamed = [value for value in before.operands if value not in constants]
    if len(streamed) != 1 or shape(streamed[0]) != shape(before.result):
        return None
    fusion = Fusion(before, streamed[0])
    fused = with_pre(node, streamed[0], fusion.operands, fusion.maps, fusion.build)
    take_in(fused, (*before.layer_names, before.result_name.data, *node.layer_names))
    Rewriter.replace_op(node, fused)
    if before.result.first_use is None:
        Rewriter.erase_op(before)
    return fused


@dataclass(frozen=True)
class FusePredecessors(ModulePass):
    """Moves elementwise operators with constant operands into the `pre` of the primitive they feed.

    ```mlir
    %a = xnn.relu "a" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    %y = prim.matmul "y" "conv" ins(%w, %a : ...) filter <...> -> tensor<1x8x4x4xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) filter <...> pre [] ( : ) {
      ^bb0(%element: f32):
        %zero = arith.constant 0.0 : f32
        %s = arith.maximumf %element, %zero : f32
        prim.yield %s : f32
      } {layers = ["a"]} -> tensor<1x8x4x4xf32>
    ```
    This is the pre-activation batch norm and ReLU of DenseNet. Pads apply after it.
    """

    name = "fuse-predecessors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = ConstantExpressions()
        for node in list(main_function(op).body.block.ops):
            while isinstance(node, Primitive):
                fused = _fuse(node, constants)
                if fused is None:
                    break
                node = fused
