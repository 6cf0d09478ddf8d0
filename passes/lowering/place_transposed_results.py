"""The pass `place-transposed-results`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp
from xdsl.passes import ModulePass
from xdsl.rewriter import Rewriter

from xnn.dialects.prim import MatmulOp, PlaceAttr, PlaceOp, TransferOp, shape
from xnn.dialects.strides import divided
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.interface import main_function
from xnn.passes.fusion.views import is_used_within, source_of


def _strides(op: TransferOp) -> tuple[int, ...] | None:
    """Where the elements of its source have their places in its result; None if it is no transposition or no
    strides say so."""
    offset, sizes, steps = op.layout
    goes_to = zip(steps, sizes, dense_strides(sizes), strict=True)
    axes = sorted((axis for axis in goes_to if axis[1] > 1), reverse=True)
    counts = [size for _, size, _ in axes]
    if offset or dense_strides(counts) != tuple(step for step, _, _ in axes):
        return None
    return divided([(size, stride) for _, size, stride in axes], shape(op.source))


def _place(op: TransferOp) -> PlaceOp | None:
    """The result of a product written as a transfer leaves it; None if the product cannot write it so."""
    made = source_of(op.source)
    strides = _strides(op)
    if not isinstance(made.owner, MatmulOp) or strides is None:
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
    nothing else uses the result, and each dimension of the product has one stride in the other order.
    """

    name = "place-transposed-results"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        for node in list(main_function(op).body.block.ops):
            if isinstance(node, TransferOp) and node.schedule is None:
                if (place := _place(node)) is not None:
                    place.location = node.location
                    Rewriter.replace_op(node, place)
