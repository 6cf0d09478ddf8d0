"""The pass `copy-parts`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Block
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects.names import part_name
from xnn.dialects.prim import PlaceOp, TransferOp, shape
from xnn.dialects.strides import Place, divided, joined, refined
from xnn.dialects.values import dense_strides
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.fusion.views import source_of
from xnn.passes.lowering.places import Places


def _refine_transfers(block: Block) -> None:
    """Divides the axes of transfers so that they are those of the parts that they make."""
    places = Places(block)
    for op, number in places.others:
        transfer = source_of(op.parts[number]).owner
        if isinstance(transfer, TransferOp) and transfer.schedule is None:
            _, sizes, strides = transfer.layout
            finer = refined(sizes, _sizes(op, number, places.of(op, number)[1]))
            if finer is not None:
                finer_strides = divided(zip(sizes, strides, strict=True), finer)
                assert finer_strides is not None
                transfer.properties["sizes"] = integers(finer)
                transfer.properties["strides"] = integers(finer_strides)


def _sizes(op: PlaceOp, number: int, place: Place) -> tuple[int, ...]:
    """The fewest dimensions that a part can be written with."""
    axes = joined(zip(shape(op.parts[number]), place[1], strict=True))
    return tuple(size for size, _ in axes) or (1,)


def _copy(op: PlaceOp, number: int, place: Place) -> None:
    value = op.parts[number]
    sizes = refined(
        _sizes(op, number, place), shape(value)
    )  # those of the value, if it lies elsewhere
    assert sizes is not None
    copy = TransferOp.create(
        operands=[value],
        properties={
            "name": StringAttr(part_name(op.result_name.data, f"copy{number}")),
            "operator": StringAttr("place"),
            "offset": integer(0),
            "sizes": integers(sizes),
            "strides": integers(dense_strides(sizes)),
        },
        result_types=[value.type],
    )
    copy.location = op.location
    Rewriter.insert_op(copy, InsertPoint.before(op))
    op.operands[number] = copy.result


@dataclass(frozen=True)
class CopyParts(ModulePass):
    """Copies the parts of tensors that cannot be made where they lie, as constants and what several tensors have.

    ```mlir
    %y = prim.place "y" %a, %a at [#prim.place_of<offset = 0, strides = [16, 1]>,
      #prim.place_of<offset = 8, strides = [16, 1]>] : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x16xf32>
    ```
    becomes
    ```mlir
    %0 = prim.transfer "y#copy1" "place" %a offset 0 sizes [2, 8] strides [8, 1] : tensor<2x8xf32> to tensor<2x8xf32>
    %y = prim.place "y" %a, %0 at [#prim.place_of<offset = 0, strides = [16, 1]>,
      #prim.place_of<offset = 8, strides = [16, 1]>] : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x16xf32>
    ```
    A part that is not contiguous is made in place by a primitive or by a transfer, if only primitives and transfers
    read it besides.
    """

    name = "copy-parts"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        block = main_function(op).body.block
        _refine_transfers(block)
        while (places := Places(block)).others:  # a copy reads what was only a part before
            for part, number in places.others:
                _copy(part, number, places.of(part, number)[1])
