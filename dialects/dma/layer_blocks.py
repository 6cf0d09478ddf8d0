"""What the blocks of a layer move and compute, for all of its blocks at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from xdsl.ir import Operation, SSAValue

from xnn.dialects.dma.buffers import RingOp, offset_of, root_of
from xnn.dialects.dma.operations import (
    BlocksOp,
    CopyOp,
    GatherOp,
    LoadOp,
    SliceInPlaceOp,
    SlottedBuffer,
    StoreOp,
)
from xnn.dialects.dma.slices import GridSlice, GridSlices
from xnn.dialects.prim import GeneralOp, Primitive
from xnn.dialects.values import item_bytes, shape, strides_of

PLACES = ("address", "pitch", "slot_offsets", "slots")
"""The properties of a layer's own buffers that say where slices lie, not what they are."""

AnyLoad = LoadOp | CopyOp | GatherOp
"""What moves data for a block before anything else in it."""
LayerOp = BlocksOp | GeneralOp
"""What the order runs."""


@dataclass(frozen=True)
class Touch:
    """A slice of a feature map, or of another buffer that outlives its layer, that an operation reads or writes."""

    value: SSAValue
    """The buffer, or a view of one."""
    slice: GridSlice | None
    """None: all of it."""
    writes: bool

    @cached_property
    def root(self) -> SSAValue:
        return root_of(self.value)

    @cached_property
    def offset(self) -> int:
        """Elements from the beginning of the root to that of the value."""
        return offset_of(self.value)

    @cached_property
    def strides(self) -> tuple[int, ...]:
        """Of the value, in elements."""
        return strides_of(self.value.type)

    @cached_property
    def item_bytes(self) -> int:
        """Bytes of an element."""
        return item_bytes(self.value)

    @cached_property
    def root_dimensions(self) -> list[tuple[int, int]]:
        """Sizes and strides of the root."""
        return list(zip(shape(self.root), strides_of(self.root.type), strict=True))


class Moves:
    """What one load or store of a layer moves, in order."""

    def __init__(self, op: AnyLoad | StoreOp, slice: GridSlice, at: np.ndarray, used: np.ndarray):
        self.op = op
        self.local: SSAValue = op.local
        self.blocks: list[int] = np.flatnonzero(at & ~slice.empty).tolist()
        """The block that each transfer is for."""
        self.begins: list[int] = np.flatnonzero(used).tolist()
        """The block with which each slice begins, also one without elements."""
        self.slice_of: list[int] = (np.cumsum(used) - 1).tolist()
        """The slice that each block uses."""

    @property
    def slots(self) -> int:
        """Of its local buffer; 0 if that has none."""
        owner = self.local.owner
        return owner.slots.value.data if isinstance(owner, SlottedBuffer) else 0

    def slice(self, number: int) -> int:
        """The slice that a transfer moves."""
        return self.slice_of[self.blocks[number]]


class LayerBlocks:
    """What the blocks of a layer move and compute, wherever its buffers lie and however many slots they have.

    Raises VerifyException for slices that do not hold what their blocks need.
    """

    def __init__(self, op: LayerOp):
        self.op = op
        self.count = 1
        self.node: Operation | None = op
        self.extents: tuple[int, ...] = ()
        self.grid: GridSlices | None = None
        self.loads: list[Moves] = []
        self.stores: Moves | None = None
        self._touches: dict[Operation, tuple[Touch, ...]] = {}
        if isinstance(op, BlocksOp):
            self._evaluate(op)
        self.loads_of: list[list[tuple[int, int]]] = [[] for _ in range(self.count)]
        """By block, the loads that move something for it, and how often they have moved before."""
        for place, load in enumerate(self.loads):
            for number, block in enumerate(load.blocks):
                self.loads_of[block].append((place, number))

    @property
    def result_slots(self) -> int:
        """Of the buffer that is stored; 0 if there is none."""
        return self.stores.slots if self.stores is not None else 0

    def _evaluate(self, op: BlocksOp) -> None:
        self.grid = grid = GridSlices(op)
        self.count, self.node, self.extents = grid.count, op.primitive, op.grid
        for each in op.body.block.ops:
            if isinstance(each, AnyLoad):
                slice = grid.slices[each.local]
                self.loads.append(Moves(each, slice, slice.is_new, slice.is_new))
            elif isinstance(each, StoreOp):
                slice = grid.slices[each.source]
                self.stores = Moves(each, slice, slice.is_over, slice.is_new)

    def buffers(self) -> list[SlottedBuffer]:
        """Of its slices."""
        ops = self.op.body.block.ops if isinstance(self.op, BlocksOp) else ()
        return [each for each in ops if isinstance(each, SlottedBuffer)]

    def all_touches(self) -> Iterator[Touch]:
        """What its transfers and its computation touch outside of its own buffers."""
        ops = [each.op for each in (*self.loads, self.stores) if each is not None]
        for op in (*ops, *([] if self.node is None else [self.node])):
            yield from self.touches(op)

    def touches(self, op: Operation) -> tuple[Touch, ...]:
        """What a transfer, or the computation of a block, reads and writes outside of the layer's own buffers."""
        if op not in self._touches:
            self._touches[op] = tuple(self._find_touches(op))
        return self._touches[op]

    def _find_touches(self, op: Operation) -> Iterator[Touch]:
        if isinstance(op, GeneralOp):
            yield from (Touch(value, None, value is op.out) for value in op.touched)
            return
        assert self.grid is not None and isinstance(self.op, BlocksOp)
        slices = self.grid.slices
        if isinstance(op, LoadOp | StoreOp | CopyOp):
            ends = *op.operands, *op.results
            for value, writes in zip(ends, (False, True), strict=True):
                if not isinstance(value.owner, SlottedBuffer):
                    yield Touch(value, slices[op.local], writes)
            return
        assert isinstance(op, GatherOp | Primitive)
        written = op.target if isinstance(op, GatherOp) else op.out
        reads = op.operands[:-1] if isinstance(op, GatherOp) else op.reads
        yield from self._in_place(reads, False)
        yield from self._in_place((written,), True)

    def _in_place(self, values: Iterable[SSAValue], writes: bool) -> Iterator[Touch]:
        """Whole buffers among the operands of an operation, and the slices of others that are used in place."""
        assert self.grid is not None
        for value in values:
            owner = value.owner
            if isinstance(owner, SliceInPlaceOp):
                if not isinstance(owner.source.owner, SlottedBuffer):
                    yield Touch(owner.source, self.grid.slices[value], writes)
            elif not isinstance(owner, SlottedBuffer):
                yield Touch(value, None, writes)


def layer_blocks(op: LayerOp) -> LayerBlocks:
    """The blocks of a layer, evaluated once for the same slices and primitive: one pass after the other asks."""
    if not isinstance(op, BlocksOp):
        return LayerBlocks(op)
    return op.once(LayerBlocks, list(_basis(op)))


def _basis(op: BlocksOp) -> Iterator[object]:
    """What the slices of a layer and the sizes of its blocks depend on."""
    yield from op.properties.items()
    for inner in op.body.block.ops:
        yield from inner.walk()
        yield from ((key, value) for key, value in inner.properties.items() if key not in PLACES)
        for value in (*inner.operands, *inner.results):
            yield value
            yield value.type
            if isinstance(ring := value.owner, RingOp):
                yield ring.rows
