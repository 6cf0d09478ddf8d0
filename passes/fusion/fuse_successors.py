"""The pass `fuse-successors`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.prim import Primitive, shape
from xnn.dialects.values import element_bytes
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import PART, tensor_type
from xnn.passes.fusion.primitive_regions import with_post
from xnn.passes.fusion.scalar_forms import Fusion, is_conversion, is_elementwise
from xnn.passes.lowering.names import take_in


def _widens_for_primitives(node: ElementwiseOperation) -> bool:
    """Whether an operator gives wider values of stored ones to primitives alone, whose `pre` does it as well."""
    ends = node.operands[0], node.result
    stored, wide = (element_bytes(tensor_type(value).element_type) for value in ends)
    users = [use.operation for use in node.result.uses]
    for_primitives = all(isinstance(u, Primitive) and u.rhs is node.result for u in users)
    return node.is_conversion and stored < wide and for_primitives


def _fuse(node: ElementwiseOperation, places: dict[Operation, int]) -> Primitive | None:
    """The primitive that took `node` in, or None."""
    if _widens_for_primitives(node):
        return None
    candidates = [
        value.owner
        for value in node.operands
        if isinstance(value.owner, Primitive)
        and value.has_one_use()
        and shape(value) == shape(node.result)
    ]
    if not candidates:
        return None
    taker = max(candidates, key=lambda candidate: places[candidate])
    fusion = Fusion(node, taker.out)
    if not fusion.fits(taker):
        return None
    result = tensor_type(node.result)
    fused = with_post(taker, fusion.operands, fusion.indexing_maps, fusion.build, result)
    layers = (*taker.layer_names, taker.result_name.data, *node.layer_names)
    name = node.result_name.data
    tensor = name.partition(PART)[0]  # a part of what is taken in, such as its rounding, is not new
    fused.properties["name"] = StringAttr(tensor if tensor in layers else name)
    take_in(fused, layers)
    Rewriter.replace_op(node, fused)
    Rewriter.erase_op(taker)
    return fused


@dataclass(frozen=True)
class FuseSuccessors(ModulePass):
    """Moves elementwise operators (bias, ReLU, clip, residual addition) into the `post` before them.

    ```mlir
    %a = prim.matmul "a" "conv" ins(%w, %x : ...) window <...> -> tensor<1x8x4x4xf32>
    %y = xnn.add "y" %a, %r : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...>
      post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>] (%r : tensor<1x8x4x4xf32>) {
      ^bb0(%acc: f32, %element: f32):
        %s = arith.addf %acc, %element : f32
        prim.yield %s : f32
      } {layers = ["a"]} -> tensor<1x8x4x4xf32>
    ```
    What only widens elements for other primitives is left to their `pre`, so that less is stored.
    The primitive must have no other use. Of several candidates the last takes the operator in, so
    that the others' results exist by then.
    """

    name = "fuse-successors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        block = main_function(op).body.block
        places = {node: place for place, node in enumerate(block.ops)}
        for node in list(block.ops):
            if is_elementwise(node):
                fused = _fuse(node, places)
                if fused is not None:
                    places[fused] = places[node]
        for node in reversed(list(block.ops)):
            if is_conversion(node) and node.results[0].first_use is None:
                Rewriter.erase_op(node)
