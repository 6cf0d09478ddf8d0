"""The pass `copy-read-positions`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr, TensorType
from xdsl.ir import SSAValue
from xdsl.passes import ModulePass
from xdsl.rewriter import InsertPoint, Rewriter

from xnn.dialects import Level
from xnn.dialects.levels import has_reached
from xnn.dialects.names import part_name
from xnn.dialects.prim import MatmulOp, TransferOp, element_type, shape
from xnn.dialects.prim.attributes import WindowAttr
from xnn.dialects.prim.transfers import COPY
from xnn.dialects.strides import joined
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer, integers
from xnn.runtime.targets import target_of

SHARE = 0.5
"""Of local memory: a feature map and a result that are larger together do not stay there, as a rule."""


def _skips(op: MatmulOp, target: Target) -> bool:
    """Whether a product reads few positions of a feature map that is likely to be external."""
    window = op.window
    return (
        op.schedule is None
        and window.taps == 1
        and max(window.strides, default=1) > 1
        and not any(window.pads)
        and not op.pre_operands
        and value_bytes(op.rhs) + value_bytes(op.out) > SHARE * target.local.capacity_bytes
    )


def _read(op: MatmulOp, window: WindowAttr) -> TransferOp:
    """The positions of rhs that a product reads, by a transfer."""
    sizes = shape(op.rhs)
    steps = (1, 1, *window.strides)
    read = (*sizes[:2], *window.positions(sizes[2:]))
    strides = [step * stride for step, stride in zip(steps, dense_strides(sizes), strict=True)]
    axes = joined(zip(read, strides, strict=True))
    return TransferOp.create(
        operands=[op.rhs],
        properties={
            "name": StringAttr(part_name(op.result_name.data, "read")),
            "operator": StringAttr(COPY),
            "offset": integer(0),
            "sizes": integers(size for size, _ in axes),
            "strides": integers(stride for _, stride in axes),
        },
        result_types=[TensorType(element_type(op.rhs), read)],
    )


@dataclass(frozen=True)
class CopyReadPositions(ModulePass):
    """Copies what strided products without a kernel read of feature maps that have no room in local memory.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ..., tensor<1x256x56x56xi8>) window <kernel = [1, 1], strides = [2, 2]>
    ```
    becomes
    ```mlir
    %0 = prim.transfer "y#read" "copy" %x offset 0 sizes [7168, 28] strides [112, 2] : ...
    %y = prim.matmul "y" "conv" ins(%w, %0 : ..., tensor<1x256x28x28xi8>) window <kernel = [1, 1]>
    ```
    The copy takes a quarter of the room, and vectors of positions half of the rows of memory. It comes for the
    loads that the product needs in any case; in local memory the product reads faster where the map lies.
    """

    name = "copy-read-positions"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if has_reached(op, Level.DMA):
            return
        target = target_of(op)
        copies: dict[tuple[SSAValue, WindowAttr], TransferOp] = {}
        for node in main_function(op).body.block.ops:
            if not isinstance(node, MatmulOp) or not _skips(node, target):
                continue
            window = replace(node.window, groups=1)
            if (node.rhs, window) not in copies:
                copy = copies[node.rhs, window] = _read(node, window)
                copy.location = node.location
                Rewriter.insert_op(copy, InsertPoint.before(node))
            dense = (1,) * len(window.strides)
            number = node.operands.index(node.rhs)
            node.properties["window"] = replace(node.window, strides=dense)
            node.operands[number] = copies[node.rhs, window].result
