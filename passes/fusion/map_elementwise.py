"""The pass `map-elementwise`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.prim import shape
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.fuse_predecessors import fuse_producers
from xnn.passes.fusion.fuse_successors import fuse_users, put_in_place
from xnn.passes.fusion.prices import map_of
from xnn.passes.fusion.primitive_regions import discard, insert_draft, layers_attribute
from xnn.passes.fusion.scalar_forms import is_absorbed, is_elementwise
from xnn.passes.fusion.streams import Step, step_after


def _map(
    node: ElementwiseOperation,
    places: dict[Operation, int],
    constants: ConstantExpressions,
    module: ModuleOp,
) -> None:
    """Puts a map in the place of an operator, unless none of its operands has the shape of its result."""
    sizes = shape(node.result)
    whole = [value for value in node.operands if shape(value) == sizes]
    streamed = next((v for v in whole if v not in constants), whole[0] if whole else None)
    if streamed is None:
        return
    step = step_after(streamed, places)
    # All users of what streams, if they lead to one result; else this one alone.
    if step is None or not _map_of_step(step, places, constants, module):
        _map_of_step(Step([node], streamed), places, constants, module)


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
    own. An operator all of whose operands are smaller than its result stays, for general compute.
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
