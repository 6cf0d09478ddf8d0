"""The pass `fuse-predecessors`."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.names import part_name
from xnn.dialects.prim import Primitive, shape
from xnn.dialects.xnn import QuantizeOp
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import NetworkOperation
from xnn.passes.fusion.primitive_regions import layers_attribute, with_pre
from xnn.passes.fusion.scalar_forms import fits, is_conversion, is_elementwise, scalars_of
from xnn.passes.fusion.views import erase_unused, in_shape, is_used_once, source_of, viewed


def _fuse(node: Primitive, constants: ConstantExpressions) -> Primitive | None:
    """The primitive with the producer of its rhs fused into `pre`, or None if it cannot be fused."""
    before = source_of(node.rhs).owner
    if not is_elementwise(before):
        return None
    scalars = [value for value in before.operands if _is_scalar(value, before)]
    streamed = [v for v in before.operands if v not in constants and v not in scalars]
    # A feature map is stored before its dynamic scale is known: rounding it in each use saves storing it twice.
    rounds = isinstance(before, QuantizeOp) and before.scale in scalars
    if not is_used_once(node.rhs) and not is_conversion(before) and not rounds:
        return None
    if len(streamed) != 1 or shape(streamed[0]) != shape(before.result):
        return None
    sizes = shape(node.rhs)
    more = in_shape(scalars_of(before, streamed[0]), shape(before.result), sizes)
    if more is None or not fits(more, node):
        return None
    old, name = node.rhs, part_name(node.result_name.data, "rhs")
    fused = with_pre(node, viewed(streamed[0], sizes, name, node), more)
    layers = (*before.layer_names, before.result_name.data, *node.layer_names)
    fused.properties["layers"] = layers_attribute(layers)
    Rewriter.replace_op(node, fused)
    erase_unused(old)
    return fused


def fuse_producers(node: Primitive, constants: ConstantExpressions) -> Primitive:
    """The primitive, in its place, with all producers of its rhs fused that can be, one by one."""
    while (fused := _fuse(node, constants)) is not None:
        node = fused
    return node


def _is_scalar(value: SSAValue, op: NetworkOperation) -> bool:
    """Whether an operand of an elementwise operator has one element, for many of the result."""
    return prod(shape(value)) == 1 < prod(shape(op.result))


@dataclass(frozen=True)
class FusePredecessors(ModulePass):
    """Fuses elementwise operators into the `pre` of the primitive that uses them.

    All their operands but one are constants, or have one element each.

    ```mlir
    %a = xnn.relu "a" %x : (tensor<1x8x4x4xf32>) -> tensor<1x8x4x4xf32>
    %y = prim.matmul "y" "conv" ins(%w, %a : ...) window <...> -> tensor<1x8x4x4xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> pre [] ( : ) {
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
            if isinstance(node, Primitive):
                fuse_producers(node, constants)
