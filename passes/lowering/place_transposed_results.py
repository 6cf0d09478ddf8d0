"""The pass `place-transposed-results`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.prim import MatmulOp, PlaceAttr, PlaceOp, TransferOp, shape
from xnn.dialects.strides import divided
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, item_bytes, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.views import is_used_within, source_of
from xnn.runtime.targets import target_of

SHARE = 0.5
"""Of local memory: a larger result is not likely to stay there."""
WIDEST = 2
"""Bytes of an element: a transfer takes as long for wide ones, a product that writes them longer."""


def strides_in_result(op: TransferOp) -> tuple[int, ...] | None:
    """Where the elements of its source have their places in its result; None if it is no transposition or no
    strides say so."""
    offset, sizes, steps = op.layout
    goes_to = zip(steps, sizes, dense_strides(sizes), strict=True)
    axes = sorted((axis for axis in goes_to if axis[1] > 1), reverse=True)
    counts = [size for _, size, _ in axes]
    if offset or dense_strides(counts) != tuple(step for step, _, _ in axes):
        return None
    return divided([(size, stride) for _, size, stride in axes], shape(op.source))


def _place(op: TransferOp, target: Target) -> PlaceOp | None:
    """The result of a product written as a transfer leaves it; None if the product had better not write it so."""
    made, strides = source_of(op.source), strides_in_result(op)
    node = made.owner
    if not isinstance(node, MatmulOp) or strides is None:
        return None
    if node.window.groups > 1 or item_bytes(node.out) > WIDEST:
        return None
    if value_bytes(node.out) > SHARE * target.local.capacity_bytes:
        return None
    own = divided(zip(shape(op.source), strides, strict=True), shape(made))
    if own is None or not is_used_within(op.source, [op]):
        return None
    placement = {key: op.properties[key] for key in PlaceOp.PLACEMENT if key in op.properties}
    names = {key: op.properties[key] for key in ("name", "layers") if key in op.properties}
    places = ArrayAttr([PlaceAttr(strides=strides)])
    return PlaceOp.create(
        operands=[op.source],
        properties={**names, **placement, "places": places},
        result_types=[op.result.type],
    )


@dataclass(frozen=True)
class PlaceTransposedResults(ModulePass):
    """Makes products write their results in the order of axes in which a transposition leaves them.

    ```mlir
    %y = prim.matmul "y" "gemm" ins(%w, %x : ...) window <> -> tensor<197x768xi8>
    %t = prim.transfer "t" "transpose" %y offset 0 sizes [768, 197] strides [1, 768] : ... to tensor<768x197xi8>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "gemm" ins(%w, %x : ...) window <> -> tensor<197x768xi8>
    %t = prim.place "t" %y at [#prim.place_of<strides = [1, 197]>] : (tensor<197x768xi8>) -> tensor<768x197xi8>
    ```
    A product writes vectors along whichever dimension has the smaller stride, so nothing moves twice. Only where
    nothing else uses the result, and each dimension of the product has one stride in the other order. Not of groups:
    their rows, which vectors would be written along, are few; nor of wide elements, nor of results that are large for
    local memory: their parts would be short in external memory.
    """

    name = "place-transposed-results"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        target = target_of(op)
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, TransferOp) and node.schedule is None:
                if (place := _place(node, target)) is not None:
                    place.location = node.location
                    Rewriter.replace_op(node, place)
