"""The pass `fuse-successors`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.names import split_name
from xnn.dialects.prim import Primitive, shape
from xnn.dialects.values import element_bytes
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import tensor_type
from xnn.passes.fusion.primitive_regions import layers_attribute, with_post
from xnn.passes.fusion.scalar_forms import fits, is_elementwise, scalars_of


def _widens_for_primitives(node: ElementwiseOperation) -> bool:
    """Whether an operator widens stored elements for primitives alone, whose `pre` can do it."""
    ends = node.operands[0], node.result
    stored, wide = (element_bytes(tensor_type(value).element_type) for value in ends)
    users = [use.operation for use in node.result.uses]
    for_primitives = all(isinstance(u, Primitive) and u.rhs is node.result for u in users)
    return node.is_conversion and stored < wide and for_primitives


def _fuse(node: ElementwiseOperation, places: dict[Operation, int]) -> Primitive | None:
    """The primitive with `node` fused into `post`, or None if none can fuse it."""
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
    primitive = max(candidates, key=lambda candidate: places[candidate])
    more = scalars_of(node, primitive.out)
    if not fits(more, primitive):
        return None
    fused = with_post(primitive, more, node.result.type)
    layers = (*primitive.layer_names, primitive.result_name.data, *node.layer_names)
    name = node.result_name.data
    tensor = split_name(name)[0]  # a part of a fused layer, such as its rounding, is not new
    fused.properties["name"] = StringAttr(tensor if tensor in layers else name)
    fused.properties["layers"] = layers_attribute(layers)
    Rewriter.replace_op(node, fused)
    Rewriter.erase_op(primitive)
    return fused


@dataclass(frozen=True)
class FuseSuccessors(ModulePass):
    """Fuses elementwise operators (bias, ReLU, clip, residual addition) into the `post` of their producer.

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
    The primitive must have no other use. Of several candidates the last fuses the operator, so
    that the others' results exist by then.
    """

    name = "fuse-successors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        block = main_function(op).body.block
        places = {node: place for place, node in enumerate(block.ops)}
        for node in list(block.ops):
            if is_elementwise(node) and (fused := _fuse(node, places)) is not None:
                places[fused] = places[node]
        region_dce(op.body)  # conversions of operands, which regions compute now
