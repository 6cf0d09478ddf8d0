"""The pass `fuse-successors`."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.names import split_name
from xnn.dialects.prim import Primitive
from xnn.dialects.values import element_bytes
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import tensor_type
from xnn.passes.fusion.prices import best_fused, fused_after, inserted, map_of
from xnn.passes.fusion.primitive_regions import layers_attribute
from xnn.passes.fusion.streams import Operators, operators_after
from xnn.runtime.targets import target_of


def _widens_for_primitives(node: ElementwiseOperation) -> bool:
    """Whether an operator widens stored elements for primitives alone, whose `pre` can do it."""
    ends = node.operands[0], node.result
    stored, wide = (element_bytes(tensor_type(value).element_type) for value in ends)
    users = [use.operation for use in node.result.uses]
    for_primitives = all(isinstance(u, Primitive) and u.rhs is node.result for u in users)
    return node.is_conversion and stored < wide and for_primitives


def fuse_users(node: Primitive, places: dict[Operation, int], module: ModuleOp) -> Primitive:
    """The primitive with the users of its result fused that it pays to fuse, in the place of the last one.

    `places`: of the operations in the block, to which the new primitive is added.
    """
    steps = _steps(node.out, places)
    drafts = fused_after(node, node.out, steps)
    steps = steps[: len(drafts) - 1]
    if not steps:
        return node
    values = [node.out, *(ops[-1].result for ops in steps)]
    rests = [map_of(values[i], steps[i:]) for i in range(len(steps))]
    count = best_fused(drafts, [*rests, None], target_of(module))
    fused = inserted(drafts, count)
    for rest in rests:
        rest.drop_all_references()
    if count == 0:
        return node
    name, layers = _names(node, steps[:count])
    fused.properties["name"] = StringAttr(name)
    fused.properties["layers"] = layers_attribute(layers)
    *ops, last = chain.from_iterable(steps[:count])
    places[fused] = places[last]
    Rewriter.replace_op(last, fused)
    for op in (*reversed(ops), node):
        Rewriter.erase_op(op)
    return fused


def _steps(value: SSAValue, places: dict[Operation, int]) -> list[Operators]:
    """What may be fused one after the other into the primitive whose result a value is."""
    result: list[Operators] = []
    while (ops := operators_after(value, places)) is not None:
        if len(ops) == 1 and _widens_for_primitives(ops[0]):
            break
        result.append(ops)
        value = ops[-1].result
    return result


def _names(node: Primitive, steps: list[Operators]) -> tuple[str, list[str]]:
    """The name of a primitive with steps fused, and the layers fused into it."""
    name, layers = node.result_name.data, list(node.layer_names)
    for ops in steps:
        own = [each for op in ops for each in (*op.layer_names, op.result_name.data)]
        layers += [name, *own[:-1]]
        tensor = split_name(own[-1])[0]  # a part of a fused layer, such as its rounding, is not new
        name = tensor if tensor in layers else own[-1]
    return name, layers


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

    As many operators are fused as make the layer, and a map of its own for the rest, take least time: a
    module without a target gets `edge`.
    """

    name = "fuse-successors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        block = main_function(op).body.block
        places = {node: place for place, node in enumerate(block.ops)}
        for node in reversed(list(block.ops)):
            if isinstance(node, Primitive):
                fuse_users(node, places, op)
        region_dce(op.body)  # conversions of operands, which regions compute now
