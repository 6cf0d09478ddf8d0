"""The `dma.blocks` of a node that moves data: slices of a view of its source go to the result."""

from __future__ import annotations

from xdsl.builder import Builder
from xdsl.dialects.builtin import AffineMapAttr, MemRefType
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineExpr, AffineMap

from xnn.dialects.dma import LOCAL, BlocksOp, LoadOp, StoreOp, ViewOp, buffer_type
from xnn.dialects.prim import TransferOp, TransferScheduleAttr
from xnn.dialects.values import dense_strides, element_type
from xnn.dialects.xnn.operation import integer, integers


def transfer_blocks(
    node: TransferOp,
    schedule: TransferScheduleAttr,
    source: SSAValue,
    out: SSAValue,
    builder: Builder,
) -> BlocksOp:
    """The operation, not inserted yet; `builder` inserts the views of both buffers that it needs."""
    offset, sizes, strides = node.layout
    views = [
        _view(builder, source, offset, sizes, strides),
        _view(builder, out, 0, sizes, dense_strides(sizes)),
    ]
    block = [min(part, size) for part, size in zip(schedule.block, sizes, strict=True)]
    counts = [-(-size // part) for size, part in zip(sizes, block, strict=True)]
    loops = [dim for dim, count in enumerate(counts) if count > 1]
    offsets = [
        AffineExpr.dimension(loops.index(dim)) * part if dim in loops else AffineExpr.constant(0)
        for dim, part in enumerate(block)
    ]
    place: dict[str, Attribute] = {
        "offsets": AffineMapAttr(AffineMap(len(loops), 0, tuple(offsets))),
        "sizes": integers(block),
    }
    slots = integer(schedule.slots if loops else 1)
    load = LoadOp.build(
        operands=[views[0]],
        properties={**place, "slots": slots},
        result_types=[buffer_type(block, element_type(source), LOCAL)],
    )
    store = StoreOp.build(operands=[load.result, views[1]], properties=place)
    body = Region(Block([load, store]))
    return BlocksOp(node.result_name.data, [counts[dim] for dim in loops], False, body)


def _view(
    builder: Builder,
    whole: SSAValue,
    offset: int,
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
) -> SSAValue:
    """The view of a buffer with these sizes and strides; the buffer itself if it has them."""
    assert isinstance(whole.type, MemRefType)
    dense = strides == dense_strides(sizes)
    element, space = whole.type.element_type, whole.type.memory_space
    type = buffer_type(sizes, element, space, None if dense else strides)
    if type == whole.type:
        return whole
    view = ViewOp.build(
        operands=[whole], properties={"offset": integer(offset)}, result_types=[type]
    )
    return builder.insert(view).result
