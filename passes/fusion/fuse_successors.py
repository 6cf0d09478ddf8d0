"""The pass `fuse-successors`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.names import part_name, split_name
from xnn.dialects.prim import Primitive, element_type, shape
from xnn.dialects.values import element_bytes
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import tensor_type
from xnn.passes.fusion.primitive_regions import layers_attribute, with_post
from xnn.passes.fusion.scalar_forms import fits, is_elementwise, scalars_of
from xnn.passes.fusion.views import erase_unused, in_shape, is_used_once, source_of, view_of


def _widens_for_primitives(node: ElementwiseOperation) -> bool:
    """Whether an operator widens stored elements for primitives alone, whose `pre` can do it."""
    ends = node.operands[0], node.result
    stored, wide = (element_bytes(tensor_type(value).element_type) for value in ends)
    users = [use.operation for use in node.result.uses]
    for_primitives = all(isinstance(u, Primitive) and u.rhs is node.result for u in users)
    return node.is_conversion and stored < wide and for_primitives


def _producer(value: SSAValue) -> Primitive | None:
    """The primitive that a value, or what it is a view of, is the result of, if nothing else uses it."""
    owner = source_of(value).owner
    return owner if isinstance(owner, Primitive) and is_used_once(value) else None


def fuse_into_producer(
    node: ElementwiseOperation, places: dict[Operation, int]
) -> Primitive | None:
    """The primitive with `node` fused into `post`, in its place, or None if none can fuse it.

    `places`: of the operations in the block, to which the primitive is added.
    """
    if _widens_for_primitives(node):
        return None
    candidates = {
        primitive: value
        for value in node.operands
        if (primitive := _producer(value)) is not None and shape(value) == shape(node.result)
    }
    if not candidates:
        return None
    primitive = max(candidates, key=lambda candidate: places[candidate])
    sizes = shape(primitive.out)
    more = in_shape(scalars_of(node, candidates[primitive]), shape(node.result), sizes)
    if more is None or not fits(more, primitive):
        return None
    fused = with_post(primitive, more, TensorType(element_type(node.result), sizes))
    name, own = node.result_name.data, primitive.result_name.data
    tensor = split_name(name)[0]  # a part of a fused layer, such as its rounding, is not new
    new = () if own == part_name(name, split_name(own)[1]) else (own,)  # nor is a part of its own
    layers = (*primitive.layer_names, *new, *node.layer_names)
    fused.properties["name"] = StringAttr(tensor if tensor in layers else name)
    fused.properties["layers"] = layers_attribute(layers)
    places[fused] = places[node]
    views = [view_of(fused.out, shape(node.result), name)] if sizes != shape(node.result) else []
    Rewriter.replace_op(node, [fused, *views])
    erase_unused(candidates[primitive])
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
    The primitive must have no other use; its result may be seen through views. Of several candidates
    the last fuses the operator, so that the others' results exist by then.
    """

    name = "fuse-successors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        block = main_function(op).body.block
        places = {node: place for place, node in enumerate(block.ops)}
        for node in list(block.ops):
            if is_elementwise(node):
                fuse_into_producer(node, places)
        region_dce(op.body)  # conversions of operands, which regions compute now
