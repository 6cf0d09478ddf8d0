"""The pass `pack-weights`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Operation, SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint

from xnn.dialects import xnn
from xnn.dialects.packing import format_for
from xnn.dialects.prim import MatmulOp, PackedAttr, element_type, shape
from xnn.dialects.xnn.interface import function, main_function, results_by_name
from xnn.passes.graph.building import Parts


def _format(value: SSAValue, parameters: Mapping[str, SSAValue]) -> str | None:
    """The format for weights: that of the levels that they are restricted to, or of their type."""
    origin: SSAValue | None = value
    while origin is not None and isinstance(origin.owner, Operation):
        made = origin.owner
        if isinstance(made, xnn.RestrictOp):
            return made.levels.data
        if isinstance(made, xnn.ParameterOp):
            origin = parameters.get(made.result_name.data)
        else:
            origin = made.operands[0] if isinstance(made, xnn.TransposeOp | xnn.ReshapeOp) else None
    return format_for(element_type(value))


@dataclass(frozen=True)
class PackWeights(ModulePass):
    """Packs weights of few bits, several to a byte; pre-processing expands them.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : tensor<8x4x3x3xi4>, ...) window <kernel = [3, 3]> ...
    ```
    becomes
    ```mlir
    %p = xnn.pack "y#packed" %w {format = "i4"} : (tensor<8x4x3x3xi4>) -> tensor<8x18xui8>
    %y = prim.matmul "y" "conv" ins(%p, %x : tensor<8x18xui8>, ...)
      packed <format = i4, taps = 36> window <kernel = [3, 3]> ...
    ```
    Integers of up to 4 bits, and those restricted to binary or ternary values or powers of two. What
    is not known before the network runs stays unpacked.
    """

    name = "pack-weights"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        constants, weights = xnn.ConstantExpressions(), function(op, "weights")
        parameters = {} if weights is None else results_by_name(weights)
        for node in list(main_function(op).body.block.ops):
            if not isinstance(node, MatmulOp) or node.packed is not None:
                continue
            w = node.lhs
            format = _format(w, parameters) if w in constants else None
            if format is None:
                continue
            parts = Parts(node.result_name.data, InsertPoint.before(node))
            packed = parts.build(xnn.PackOp, [w], {"format": StringAttr(format)}, part="packed")
            node.properties["packed"] = PackedAttr(format=format, taps=prod(shape(w)[1:]))
            node.operands[0] = packed
