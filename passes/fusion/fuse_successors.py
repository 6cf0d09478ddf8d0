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
from xnn.dialects.prim import Primitive
from xnn.dialects.values import element_bytes
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import tensor_type
from xnn.passes.fusion.primitive_regions import layers_attribute, with_post
from xnn.passes.fusion.scalar_forms import fits, scalars_of
from xnn.passes.fusion.streams import operators_after


def _widens_for_primitives(node: ElementwiseOperation) -> bool:
    """Whether an operator widens stored elements for primitives alone, whose `pre` can do it."""
    ends = node.operands[0], node.result
    stored, wide = (element_bytes(tensor_type(value).element_type) for value in ends)
    users = [use.operation for use in node.result.uses]
    for_primitives = all(isinstance(u, Primitive) and u.rhs is node.result for u in users)
    return node.is_conversion and stored < wide and for_primitives


def fuse_users(node: Primitive, places: dict[Operation, int]) -> Primitive:
    """The primitive with all users of its result fused that can be, step by step, in the place of the last one.

    `places`: of the operations in the block, to which the new primitive is added.
    """
    while (fused := _fuse(node, places)) is not None:
        node = fused
    return node


def _fuse(node: Primitive, places: dict[Operation, int]) -> Primitive | None:
    """The primitive with the users of its result fused into `post`, or None if they cannot be fused."""
    ops = operators_after(node.out, places)
    if ops is None or len(ops) == 1 and _widens_for_primitives(ops[0]):
        return None
    more, last = scalars_of(ops, node.out), ops[-1]
    if not fits(more, node):
        return None
    fused = with_post(node, more, last.result.type)
    own = [name for op in ops for name in (*op.layer_names, op.result_name.data)]
    name = own.pop()
    layers = (*node.layer_names, node.result_name.data, *own)
    tensor = split_name(name)[0]  # a part of a fused layer, such as its rounding, is not new
    fused.properties["name"] = StringAttr(tensor if tensor in layers else name)
    fused.properties["layers"] = layers_attribute(layers)
    places[fused] = places[last]
    Rewriter.replace_op(last, fused)
    for op in (*reversed(ops[:-1]), node):
        Rewriter.erase_op(op)
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
    Operators between which the result takes several ways (x * sigmoid(x)) fuse together. The
    primitive must have no other use. Of several candidates the last fuses the operator, so that the
    others' results exist by then.
    """

    name = "fuse-successors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        block = main_function(op).body.block
        places = {node: place for place, node in enumerate(block.ops)}
        for node in reversed(list(block.ops)):
            if isinstance(node, Primitive):
                fuse_users(node, places)
        region_dce(op.body)  # conversions of operands, which regions compute now
