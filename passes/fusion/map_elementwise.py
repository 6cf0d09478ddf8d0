"""The pass `map-elementwise`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter
from xdsl.transforms.dead_code_elimination import region_dce

from xnn.dialects.names import part_name
from xnn.dialects.prim import MapOp, WindowAttr, element_type, shape
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.elementwise import ElementwiseOperation
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.fuse_predecessors import fuse_producers
from xnn.passes.fusion.fuse_successors import fuse_into_producer
from xnn.passes.fusion.primitive_regions import primitive, with_post
from xnn.passes.fusion.scalar_forms import fits, is_absorbed, is_elementwise, scalars_of
from xnn.passes.fusion.views import in_shape, view_of, viewed


def _map(
    node: ElementwiseOperation, places: dict[Operation, int], constants: ConstantExpressions
) -> None:
    """Puts a map in the place of an operator, unless none of its operands has the shape of its result."""
    sizes = shape(node.result)
    whole = [value for value in node.operands if shape(value) == sizes]
    streamed = next((v for v in whole if v not in constants), whole[0] if whole else None)
    if streamed is None:
        return
    seen = (1,) * (2 - len(sizes)) + sizes
    name = node.result_name.data
    kept = {k: v for k, v in node.properties.items() if k in ("name", "layers")}
    window = WindowAttr(kernel=(1,) * (len(seen) - 2))
    properties = {
        **kept,
        "operator": StringAttr(node.name.removeprefix("xnn.")),
        "window": window,
    }
    rhs = viewed(streamed, seen, part_name(name, "rhs"), node)
    identity = primitive(MapOp, properties, {"rhs": rhs}, TensorType(element_type(rhs), seen))
    more = in_shape(scalars_of(node, streamed), sizes, seen)
    assert more is not None  # the shapes differ in ones alone
    if not fits(more, identity):
        return
    new = with_post(identity, more, TensorType(element_type(node.result), seen))
    new.location = node.location
    views = [view_of(new.out, sizes, name)] if seen != sizes else []
    places[new] = places[node]
    Rewriter.replace_op(node, [new, *views])
    fused = fuse_producers(new, constants)
    places[fused] = places[new]


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
                    is_elementwise(node)
                    and node.result not in constants
                    and not is_absorbed(node)
                    and fuse_into_producer(node, places) is None
                ):
                    _map(node, places, constants)
            region_dce(op.body)  # what maps have absorbed
