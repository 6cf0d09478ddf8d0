"""The pass `fuse-predecessors`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.prim import Primitive
from xnn.dialects.xnn import QuantizeOp
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.prices import best_fused, fused_before, inserted, map_of
from xnn.passes.fusion.primitive_regions import layers_attribute
from xnn.passes.fusion.scalar_forms import is_conversion
from xnn.passes.fusion.streams import Operators, is_scalar, operators_before, streamed_into
from xnn.runtime.targets import target_of


def fuse_producers(node: Primitive, constants: ConstantExpressions, module: ModuleOp) -> Primitive:
    """The primitive, in its place, with the producers of its rhs fused that it pays to fuse."""
    steps = _steps(node, constants)
    values = [node.rhs, *(streamed_into(ops, constants)[0] for ops in steps)]
    drafts = fused_before(node, values, steps)
    steps, values = steps[: len(drafts) - 1], values[: len(drafts)]
    if not steps:
        return node
    rests = [map_of(values[-1], steps[i:][::-1]) for i in range(len(steps))]
    count = best_fused(drafts, [*rests, None], target_of(module))
    fused = inserted(drafts, count)
    for rest in rests:
        rest.drop_all_references()
    if count == 0:
        return node
    ops = [op for each in reversed(steps[:count]) for op in each]
    own = (name for op in ops for name in (*op.layer_names, op.result_name.data))
    fused.properties["layers"] = layers_attribute((*own, *node.layer_names))
    Rewriter.replace_op(node, fused)
    for op in reversed(ops):
        if op.result.first_use is None:
            Rewriter.erase_op(op)
    return fused


def _steps(node: Primitive, constants: ConstantExpressions) -> list[Operators]:
    """What may be fused into a primitive, the last producers first."""
    value, result, alone = node.rhs, list[Operators](), True
    inside: set[Operation] = {node}
    while (ops := operators_before(value, constants)) is not None:
        alone = alone and all(use.operation in inside for use in value.uses)
        if not alone and not _is_repeated(ops):
            break
        result.append(ops)
        inside.update(ops)
        (value,) = streamed_into(ops, constants)
    return result


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
    This is the pre-activation batch norm and ReLU of DenseNet. Pads apply after it. As many operators
    are fused as make the layer, and a map of its own for the rest, take least time: a module without a
    target gets `edge`.
    """

    name = "fuse-predecessors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = ConstantExpressions()
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, Primitive):
                fuse_producers(node, constants, op)
