"""The `dma.blocks` of a node that moves data: slices of a view of its source go to the result."""

from __future__ import annotations

from collections.abc import Mapping

from xdsl.builder import Builder
from xdsl.dialects.builtin import AffineMapAttr, MemRefType
from xdsl.ir import Attribute, Block, Region, SSAValue
from xdsl.ir.affine import AffineExpr, AffineMap

from xnn.dialects import dma
from xnn.dialects.dma import LOCAL, BlocksOp, BufferOp, LoadOp, StoreOp, ViewOp, buffer_type
from xnn.dialects.prim import DataMovement, GatherOp, TransferOp
from xnn.dialects.strides import divided, within
from xnn.dialects.values import dense_strides, element_type, shape, strides_of
from xnn.dialects.xnn.operation import integer, integers
from xnn.passes.schedule.local_memory import slice_in_place


def transfer_blocks(
    node: DataMovement, buffers: Mapping[SSAValue, SSAValue], out: SSAValue, builder: Builder
) -> BlocksOp:
    """The operation, not inserted yet; `builder` inserts the views of `buffers` and of `out` that it needs."""
    assert node.schedule is not None
    source, domain = buffers[node.moved], node.domain
    assert isinstance(out.type, MemRefType)
    place = divided(zip(shape(out), strides_of(out.type), strict=True), domain)
    assert place is not None, "else it would not lie there"
    target = _view(builder, out, 0, domain, place)
    block = [min(part, size) for part, size in zip(node.schedule.block, domain, strict=True)]
    counts = [-(-size // part) for size, part in zip(domain, block, strict=True)]
    loops = [dim for dim, count in enumerate(counts) if count > 1]
    offsets = [
        AffineExpr.dimension(loops.index(dim)) * part if dim in loops else AffineExpr.constant(0)
        for dim, part in enumerate(block)
    ]
    slice: dict[str, Attribute] = {
        "offsets": AffineMapAttr(AffineMap(len(loops), 0, tuple(offsets))),
        "sizes": integers(block),
    }
    slots = {"slots": integer(node.schedule.slots if loops else 1)}
    types = [buffer_type(block, element_type(source), LOCAL)]
    body = Block()
    in_place = dma.is_local(target)
    if isinstance(node, GatherOp):
        table = _view(builder, source, 0, node.table, dense_strides(node.table))
        count = domain[1:2]
        indices = _view(builder, buffers[node.indices], 0, count, dense_strides(count))
        local = (
            slice_in_place(target, slice["offsets"], block)
            if in_place
            else BufferOp.build(properties=slots, result_types=types)
        )
        gather = dma.GatherOp.build(operands=[table, indices, local.result])
        body.add_ops([local, gather])
        if not in_place:
            body.add_op(StoreOp.build(operands=[local.result, target], properties=slice))
    else:
        assert isinstance(node, TransferOp)
        view = _read(builder, source, *node.layout)
        if in_place or dma.is_local(view):
            body.add_op(dma.CopyOp.build(operands=[view, target], properties=slice))
        else:
            load = LoadOp.build(operands=[view], properties={**slice, **slots}, result_types=types)
            store = StoreOp.build(operands=[load.result, target], properties=slice)
            body.add_ops([load, store])
    grid = [counts[dim] for dim in loops]
    return BlocksOp(node.result_name.data, grid, False, Region(body))


def _read(
    builder: Builder,
    source: SSAValue,
    offset: int,
    sizes: tuple[int, ...],
    strides: tuple[int, ...],
) -> SSAValue:
    """The view of the elements of a buffer, wherever they lie, counted in order."""
    assert isinstance(source.type, MemRefType)
    own = strides_of(source.type)
    if own != dense_strides(shape(source)):
        place = within(sizes, (offset, strides), shape(source), (0, own))
        assert place is not None, "else it would not lie there"
        offset, strides = place
    return _view(builder, source, offset, sizes, strides)


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
