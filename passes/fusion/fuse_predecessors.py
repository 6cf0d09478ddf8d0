"""The pass `fuse-predecessors`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.ir import Operation
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.prim import Primitive, shape
from xnn.dialects.xnn import QuantizeOp
from xnn.dialects.xnn.constants import ConstantExpressions
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.prices import STEPS, best_fused, fused_before, map_of
from xnn.passes.fusion.primitive_regions import discard, insert_draft, layers_attribute
from xnn.passes.fusion.scalar_forms import is_conversion
from xnn.passes.fusion.streams import Step, is_scalar, step_before
from xnn.passes.fusion.views import erase_unused, is_used_within, source_of
from xnn.runtime.targets import target_of


def fuse_producers(node: Primitive, constants: ConstantExpressions, module: ModuleOp) -> Primitive:
    """The primitive, in its place, with the producers of its rhs fused that it pays to fuse."""
    while (fused := _fuse(node, constants, module)) is not node:
        node = fused
    return node


def _fuse(node: Primitive, constants: ConstantExpressions, module: ModuleOp) -> Primitive:
    """The primitive with the next steps fused, or itself if that does not pay."""
    drafts = fused_before(node, steps := _steps(node, constants))
    steps = steps[: len(drafts) - 1]
    if not steps:
        return node
    sizes = shape(node.rhs)

    def rest_of(count: int) -> Primitive:
        return map_of(steps[count:][::-1], sizes, "rest", "map")

    count = best_fused(drafts, rest_of, target_of(module))
    fused = drafts[count].clone() if count else node
    discard(drafts[1:], [fused])
    if fused is node:
        return node
    fused.location = node.location
    own = (name for step in reversed(steps[:count]) for name in step.names)
    fused.properties["layers"] = layers_attribute((*own, *node.layer_names))
    insert_draft(fused, node)
    rhs = node.rhs
    Rewriter.replace_op(node, [], [fused.out])
    erase_unused(rhs)
    for step in steps[:count]:
        for op in reversed(step.ops):
            if op.parent is not None:
                erase_unused(op.result)
    return fused


def _steps(node: Primitive, constants: ConstantExpressions) -> list[Step]:
    """What may be fused into a primitive, the last producers first."""
    value, result, alone = node.rhs, list[Step](), True
    inside: Sequence[Operation] = [node]
    while len(result) < STEPS and (step := step_before(source_of(value), constants)) is not None:
        alone = alone and is_used_within(value, inside)
        if not alone and not _is_repeated(step):
            break
        result.append(step)
        value, inside = step.streamed, step.ops
    return result


def _is_repeated(step: Step) -> bool:
    """Whether each user of a result computes it.

    So it is with conversions, and with rounding to a dynamic scale: a feature map is stored before its
    scale is known, and would be stored twice.
    """
    last = step.ops[-1]
    rounds = isinstance(last, QuantizeOp) and is_scalar(last.scale, last)
    return len(step.ops) == 1 and (is_conversion(last) or rounds)


@dataclass(frozen=True)
class FusePredecessors(ModulePass):
    """Fuses elementwise operators into the `pre` of the primitive that uses them.

    All their operands but one are constants, or have one element for many of the result.

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
    This is the pre-activation batch norm and ReLU of DenseNet; the factors of squeeze and excitation, which are
    computed, are fused as well. Pads apply after it. As many operators are fused as make the layer, and a map of
    its own for the rest, take least time: a module without a target gets `edge`.
    """

    name = "fuse-predecessors"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants = ConstantExpressions()
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, Primitive):
                fuse_producers(node, constants, op)
