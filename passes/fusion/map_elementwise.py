"""The pass `map-elementwise`."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.names import part_name
from xnn.dialects.prim import TransferOp, element_type, shape
from xnn.dialects.strides import joined
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.fusion.fuse_predecessors import fuse_producers
from xnn.passes.fusion.fuse_successors import fuse_users, put_in_place
from xnn.passes.fusion.prices import map_of
from xnn.passes.fusion.primitive_regions import discard, insert_draft, layers_attribute
from xnn.passes.fusion.scalar_forms import is_absorbed, is_elementwise
from xnn.passes.fusion.streams import Step, step_after
from xnn.passes.fusion.views import viewed


def _map(
    node: ElementwiseOperation,
    places: dict[Operation, int],
    constants: ConstantExpressions,
    module: ModuleOp,
) -> None:
    """Puts a map in the place of an operator."""
    sizes = shape(node.result)
    whole = [value for value in node.operands if shape(value) == sizes]
    streamed = next((v for v in whole if v not in constants), whole[0] if whole else None)
    if streamed is None:
        streamed = _repeat(node, constants)
    step = step_after(streamed, places)
    # All users of what streams, if they lead to one result; else this one alone.
    if step is None or not _map_of_step(step, places, constants, module):
        _map_of_step(Step([node], streamed), places, constants, module)


def _repeat(node: ElementwiseOperation, constants: ConstantExpressions) -> SSAValue:
    """Gives an operator whose operands are smaller than its result one of its shape: a transfer repeats the largest."""
    sizes = shape(node.result)
    computed = [(i, value) for i, value in enumerate(node.operands) if value not in constants]
    index, value = max(computed, key=lambda each: prod(shape(each[1])))
    own = (1,) * (len(sizes) - len(shape(value))) + shape(value)
    name = part_name(node.result_name.data, "repeated")
    if own == sizes:
        node.operands[index] = viewed(value, sizes, name, node)
        return node.operands[index]
    steps = (stride if size > 1 else 0 for size, stride in zip(own, dense_strides(own)))
    axes = joined(zip(sizes, steps, strict=True))
    new = TransferOp.create(
        operands=[value],
        properties={
            "name": StringAttr(name),
            "operator": StringAttr("broadcast"),
            "offset": integer(0),
            "sizes": integers(size for size, _ in axes),
            "strides": integers(stride for _, stride in axes),
        },
        result_types=[TensorType(element_type(value), sizes)],
    )
    new.location = node.location
    Rewriter.insert_op(new, InsertPoint.before(node))
    node.operands[index] = new.result
    return new.result


def _map_of_step(
    step: Step, places: dict[Operation, int], constants: ConstantExpressions, module: ModuleOp
) -> bool:
    """Puts a map in the place of operators, and fuses what is around it; False if it has no room for their operands."""
    last = step.ops[-1]
    sizes = shape(last.result)
    seen = (1,) * (2 - len(sizes)) + sizes
    name = last.result_name.data
    new = map_of([step], seen, name, step.ops[0].name.removeprefix("xnn."))
    if not new.post.blocks:
        discard([new])
        return False
    if layers := step.names[:-1]:
        new.properties["layers"] = layers_attribute(layers)
    new.location = last.location
    places[new] = places[last]
    insert_draft(new, last)
    put_in_place(new, [step])
    fused = fuse_producers(new, constants, module)
    places[fused] = places[new]
    fuse_users(fused, places, module)
    return True


@dataclass(frozen=True)
class MapElementwise(ModulePass):
    """Makes maps of the elementwise operators that no primitive has fused, one map of a chain of them.

    ```mlir
    %a = xnn.add "a" %x, %y : (tensor<1x8x4x4xf32>, tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    %z = xnn.relu "z" %a : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    ```
    becomes
    ```mlir
    %z = prim.map "z" "add" ins(%x : tensor<1x8x4x4xf32>) window <kernel = [1, 1]>
      post [affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>] (%y : tensor<1x8x4x4xf32>) {
      ^bb0(%element: f32, %other: f32):
        %s = arith.addf %element, %other : f32
        %zero = arith.constant 0.0 : f32
        %r = arith.maximumf %s, %zero : f32
        prim.yield %r : f32
      } {layers = ["a"]} -> tensor<1x8x4x4xf32>
    ```
    Conversions are done by the maps that use them; those that nothing else does become maps of their
    own. If all operands are smaller than the result, a transfer repeats the largest first.
    """

    name = "map-elementwise"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        block, constants = main_function(op).body.block, ConstantExpressions()
        for _ in range(2):  # the second time for conversions that no map has absorbed
            places = {node: place for place, node in enumerate(block.ops)}
            for node in list(block.ops):
                if (
                    node.parent is not None  # no map has it
                    and is_elementwise(node)
                    and node.result not in constants
                    and not is_absorbed(node)
                ):
                    _map(node, places, constants, op)
            region_dce(op.body)  # what maps have absorbed
