"""The pass `fuse-successors`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.names import part_name, split_name, whole_name
from xnn.dialects.prim import Primitive, shape
from xnn.dialects.values import element_bytes
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import tensor_type
from xnn.passes.fusion.prices import STEPS, best_fused, fused_after, map_of
from xnn.passes.fusion.primitive_regions import discard, insert_draft, layers_attribute
from xnn.passes.fusion.streams import Step, step_after
from xnn.passes.fusion.views import erase_unused, readers_of, view_for_all, view_of
from xnn.runtime.targets import target_of


def _widens_for_primitives(node: ElementwiseOperation) -> bool:
    """Whether an operator widens stored elements for primitives alone, whose `pre` can do it."""
    ends = node.operands[0], node.result
    stored, wide = (element_bytes(tensor_type(value).element_type) for value in ends)
    readers = readers_of(node.result)
    for_primitives = all(isinstance(op, Primitive) and op.rhs is value for op, value in readers)
    return node.is_conversion and stored < wide and for_primitives


def fuse_users(node: Primitive, places: dict[Operation, int], module: ModuleOp) -> Primitive:
    """The primitive with the users of its result fused that it pays to fuse, in the place of the last one.

    `places`: of the operations in the block, to which the new primitive is added.
    """
    while (fused := _fuse(node, places, module)) is not node:
        node = fused
    return node


def _fuse(node: Primitive, places: dict[Operation, int], module: ModuleOp) -> Primitive:
    """The primitive with the next steps fused, or itself if that does not pay."""
    steps = _steps(node.out, places)
    drafts = fused_after(node, steps)
    steps = steps[: len(drafts) - 1]
    if not steps:
        return node
    sizes = shape(node.out)

    def rest_of(count: int) -> Primitive:
        return map_of(steps[count:], sizes, "rest", "map")

    count = best_fused(drafts, rest_of, target_of(module))
    fused = drafts[count].clone() if count else node
    discard(drafts[1:], [fused])
    if fused is node:
        return node
    fused.location = node.location
    name, layers = _names(node, steps[:count])
    fused.properties["name"] = StringAttr(name)
    fused.properties["layers"] = layers_attribute(layers)
    last = steps[count - 1].ops[-1]
    places[fused] = places[last]
    insert_draft(fused, last)
    put_in_place(fused, steps[:count])
    return fused


def put_in_place(new: Primitive, steps: list[Step]) -> None:
    """Lets a primitive, which stands before their last operator, take the place of steps."""
    last = steps[-1].ops[-1]
    new.out.name_hint = last.result.name_hint
    if shape(new.out) != shape(last.result):
        Rewriter.replace_op(last, view_of(new.out, shape(last.result), last.result_name.data))
    else:
        Rewriter.replace_op(last, [], [new.out])
    for step in reversed(steps):
        for op in reversed(step.ops):
            if op.parent is not None:
                erase_unused(op.result)
        erase_unused(step.streamed)


def _steps(value: SSAValue, places: dict[Operation, int]) -> list[Step]:
    """What may be fused one after the other into the primitive whose result a value is."""
    result: list[Step] = []
    while len(result) < STEPS and (step := step_after(view_for_all(value), places)) is not None:
        if len(step.ops) == 1 and _widens_for_primitives(step.ops[0]):
            break
        result.append(step)
        value = step.result
    return result


def _names(node: Primitive, steps: list[Step]) -> tuple[str, list[str]]:
    """The name of a primitive with steps fused, and the layers fused into it."""
    name, layers = node.result_name.data, list(node.layer_names)
    for step in steps:
        *before, last = step.names
        own = name == part_name(last, split_name(name)[1])  # a part of it is no layer
        layers += [*([] if own else [name]), *before]
        fused = split_name(last)[0] in layers
        name = whole_name(last) if fused else last  # a part of it, such as its rounding, is not new
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
    primitive must have no other use; its result may be seen through a view. Of several candidates the
    last fuses the operator, so that the others' results exist by then.

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
