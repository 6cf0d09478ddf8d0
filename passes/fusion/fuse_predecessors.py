"""The pass `fuse-predecessors`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.prim import Primitive
from xnn.dialects.xnn import QuantizeOp
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.primitive_regions import layers_attribute, with_pre
from xnn.passes.fusion.scalar_forms import fits, is_conversion, scalars_of
from xnn.passes.fusion.streams import Operators, is_scalar, operators_before, streamed_into


def fuse_producers(node: Primitive, constants: ConstantExpressions) -> Primitive:
    """The primitive, in its place, with all producers of its rhs fused that can be, step by step."""
    while (fused := _fuse(node, constants)) is not None:
        node = fused
    return node


def _fuse(node: Primitive, constants: ConstantExpressions) -> Primitive | None:
    """The primitive with the producers of its rhs fused into `pre`, or None if they cannot be fused."""
    ops = operators_before(node.rhs, constants)
    if ops is None or not (node.rhs.has_one_use() or _is_repeated(ops)):
        return None
    (streamed,) = streamed_into(ops, constants)
    more = scalars_of(ops, streamed)
    if not fits(more, node):
        return None
    fused = with_pre(node, streamed, more)
    own = (name for op in ops for name in (*op.layer_names, op.result_name.data))
    fused.properties["layers"] = layers_attribute((*own, *node.layer_names))
    Rewriter.replace_op(node, fused)
    for op in reversed(ops):
        if op.result.first_use is None:
            Rewriter.erase_op(op)
    return fused


def _is_repeated(ops: Operators) -> bool:
    """Whether each user of a result computes it.

    So it is with conversions, and with rounding to a dynamic scale: a feature map is stored before its
    scale is known, and would be stored twice.
    """
    last = ops[-1]
    rounds = isinstance(last, QuantizeOp) and is_scalar(last.scale, last)
    return len(ops) == 1 and (is_conversion(last) or rounds)


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
