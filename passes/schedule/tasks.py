"""Tasks: what the blocks of a layer ask of the engines, without addresses, channels or tokens.

They follow from a layer alone, whether it stands in a module or is a candidate of the search. What
they cost is known once their operands have addresses (`xnn.passes.schedule.demands`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.line import Event
from xnn.dialects.dsa import Direction
from xnn.dialects.dsa.access import (
    Access,
    NodeBlock,
    gather_accesses,
    general_accesses,
    primitive_accesses,
)
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import GeneralOp, Primitive, element_type, shape
from xnn.dialects.target import MAX_RESERVATION
from xnn.dialects.values import item_bytes, strides_of
from xnn.passes.schedule.local_memory import slots
from xnn.passes.schedule.pieces import pieces

Instance = tuple[SSAValue, int]
"""A buffer, and one of its slots; 0 for a buffer that has none."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where an operand begins: bytes from the beginning of an instance."""

    buffer: SSAValue
    slot: int
    offset: int

    @property
    def instance(self) -> Instance:
        return self.buffer, self.slot


class Immediates(tuple[object, ...]):
    """Fields of an instruction other than addresses, tokens and reservations; hashed once, for many ask."""

    @cached_property
    def _hash(self) -> int:
        return super().__hash__()

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One use of an engine."""

    op: Operation
    engine: str | None
    """None: any of the transfer engines."""
    immediates: Immediates
    places: tuple[Place, ...]
    accesses: tuple[Access, ...]
    """What each operand touches from its place on."""
    block: NodeBlock | None = None
    """Of a primitive."""
    sums: bool = False
    """Whether it adds to what it wrote before."""

    @property
    def bytes(self) -> int:
        """Bytes of all operands."""
        return sum(access.bytes for access in self.accesses)

    @property
    def most_reserved(self) -> int:
        """Eighths of a bank that all operands together may reserve."""
        schedule = self.op.schedule if isinstance(self.op, Primitive) else None
        return MAX_RESERVATION if schedule is None else schedule.eighths

    @property
    def reads(self) -> list[Instance]:
        pairs = zip(self.places, self.accesses, strict=True)
        return [place.instance for place, access in pairs if access.reads and not access.writes]

    @property
    def written(self) -> Instance:
        return self.places[-1].instance


@dataclass(frozen=True)
class _Places:
    """Where a slice lies in each block."""

    buffer: SSAValue
    slots: list[int]
    offsets: list[int]
    strides: tuple[int, ...]
    ring: dma.RingOp | None = None
    """The ring that lies in the buffer."""

    def at(self, block: int) -> Place:
        return Place(self.buffer, self.slots[block], self.offsets[block])


@dataclass(frozen=True)
class _Transfer:
    """What the transfers of all blocks have in common."""

    direction: Direction
    local: tuple[bool, bool]
    """Whether source and target are."""
    sides: tuple[_Places, _Places]
    element: Attribute
    dtype: np.dtype
    sizes: list[list[int]]
    """Of the slice, by block."""


@dataclass(frozen=True)
class _Piece:
    """A transfer of a slice: where it begins in source and target, in bytes, and what it is."""

    start: int
    end: int
    immediates: Immediates
    accesses: tuple[Access, ...]


def _in_rings(
    sides: Sequence[_Places], places: Sequence[Place], accesses: tuple[Access, ...]
) -> tuple[Access, ...]:
    """What operands touch from their places on: those in rings may wrap."""
    if all(side.ring is None for side in sides):
        return accesses
    return tuple(
        access
        if (ring := side.ring) is None
        else access.in_ring(ring.rows, ring.step, place.offset)
        for side, place, access in zip(sides, places, accesses, strict=True)
    )


class LayerTasks:
    """The tasks of one layer."""

    def __init__(self, layer: LayerBlocks):
        self.layer = layer
        self._known: dict[Event, list[Task]] = {}
        self._places: dict[tuple[Operation | None, SSAValue], _Places] = {}
        self._computations: dict[NodeBlock, tuple[Immediates, tuple[Access, ...]]] = {}
        self._accesses: dict[object, tuple[Access, ...]] = {}
        """Of indexed transfers."""
        self._operands: dict[tuple[Primitive, bool], list[_Places]] = {}
        """What the last block of a sum touches, and what others do."""
        self._moves: dict[Operation, _Transfer] = {}
        self._pieces: dict[tuple[Operation, tuple[int, ...]], list[_Piece]] = {}

    def of(self, event: Event) -> list[Task]:
        """The tasks of a transfer or of the computation of a block: one, or several pieces of a transfer."""
        if event not in self._known:
            self._known[event] = list(self._of(*event))
        return self._known[event]

    def _of(self, op: Operation, block: int) -> Iterator[Task]:
        if isinstance(op, GeneralOp):
            places = tuple(self._at(None, value).at(block) for value in op.touched)
            yield Task(op, op.engine, Immediates(), places, general_accesses(op))
        elif isinstance(op, Primitive):
            yield self._compute(op, block)
        elif isinstance(op, dma.GatherOp):
            yield self._gather(op, block)
        else:
            assert isinstance(op, dma.LoadOp | dma.StoreOp | dma.CopyOp)
            yield from self._transfers(op, block)

    def _at(self, slice_op: dma.SliceOp | None, value: SSAValue) -> _Places:
        """Where a buffer of the layer, or the slice of another that `slice_op` names, begins in each block."""
        key = slice_op, value
        if key not in self._places:
            self._places[key] = self._find(slice_op, value)
        return self._places[key]

    def _find(self, slice_op: dma.SliceOp | None, value: SSAValue) -> _Places:
        owner, count, grid = value.owner, self.layer.count, self.layer.grid
        if isinstance(owner, dma.SliceInPlaceOp):
            return self._at(owner, owner.source)
        own = isinstance(owner, dma.SlottedBuffer)
        if own and (slice_op is None or slice_op.whole is not value):
            assert grid is not None
            slice = grid.slices.get(value)
            indices = [0] * count if slice is None else slice.slots(slots(owner))
            return _Places(value, indices, [0] * count, strides_of(value.type))
        root = value if own else dma.root_of(value)
        offsets = np.full(count, dma.offset_of(value) * item_bytes(value))
        if slice_op is not None:
            assert grid is not None
            offsets = offsets + grid.slices[slice_op.local].bytes_in(value)
        strides, ring = strides_of(value.type), dma.ring_in(root)
        return _Places(root, [0] * count, offsets.tolist(), strides, ring)

    def _compute(self, node: Primitive, block: int) -> Task:
        grid = self.layer.grid
        assert grid is not None
        (sizes, pads), (first, last) = grid.sizes[block], grid.ends(block)
        key = NodeBlock(sizes, pads, first, last)
        if key not in self._computations:
            edges = tuple(edge for pair in pads for edge in pair)
            immediates = Immediates((sizes.sizes, edges, first, last))
            self._computations[key] = immediates, primitive_accesses(node, key)
        immediates, accesses = self._computations[key]
        if (node, last) not in self._operands:
            values = node.touched_by(last)
            self._operands[node, last] = [self._at(None, value) for value in values]
        sides = self._operands[node, last]
        places = tuple([side.at(block) for side in sides])
        sums = not first and not (last and node.partial_sums is not None)
        accesses = _in_rings(sides, places, accesses)
        return Task(node, node.engine, immediates, places, accesses, key, sums)

    def _gather(self, op: dma.GatherOp, block: int) -> Task:
        """One transfer of rows by indices."""
        assert self.layer.grid is not None
        here = self.layer.grid.slices[op.target]
        starts, sizes = here.starts[block].tolist(), tuple(here.sizes[block].tolist())
        strides = strides_of(op.source.type), strides_of(op.target.type)
        dtypes = dtype_of(element_type(op.source)), dtype_of(element_type(op.indices))
        first = dtypes[0].itemsize * (starts[0] * strides[0][0] + starts[2])
        moved = first, dtypes[1].itemsize * starts[1]
        sides = [self._at(None, value) for value in op.operands]
        ends = [side.at(block) for side in sides]
        table, indices = (
            Place(each.buffer, 0, each.offset + more)
            for each, more in zip(ends[:2], moved, strict=True)
        )
        rows = shape(op.source)[1]
        key = op, sizes
        if key not in self._accesses:
            self._accesses[key] = gather_accesses(sizes, rows, strides, dtypes)
        places = table, indices, ends[2]
        accesses = _in_rings(sides, places, self._accesses[key])
        immediates = Immediates((sizes, rows, *strides))
        return Task(op, None, immediates, places, accesses)

    def _move(self, op: dma.LoadOp | dma.StoreOp | dma.CopyOp) -> _Transfer:
        assert self.layer.grid is not None
        source, target = op.operands[0], op.results[0] if op.results else op.operands[1]
        local = dma.is_local(source), dma.is_local(target)
        directions = {(False, True): Direction.LOAD, (True, False): Direction.STORE}
        return _Transfer(
            directions.get(local, Direction.COPY),
            local,
            (self._at(op, source), self._at(op, target)),
            element_type(source),
            dtype_of(element_type(source)),
            self.layer.grid.slices[op.local].sizes.tolist(),
        )

    def _transfers(self, op: dma.LoadOp | dma.StoreOp | dma.CopyOp, block: int) -> Iterator[Task]:
        """One transfer, or several for a slice that has more dimensions than a transfer."""
        if op not in self._moves:
            self._moves[op] = self._move(op)
        move = self._moves[op]
        one, two = move.sides
        source, target = one.at(block), two.at(block)
        for piece in self._pieces_of(op, move, block):
            places = (
                Place(source.buffer, source.slot, source.offset + piece.start),
                Place(target.buffer, target.slot, target.offset + piece.end),
            )
            accesses = _in_rings(move.sides, places, piece.accesses)
            yield Task(op, None, piece.immediates, places, accesses)

    def _pieces_of(self, op: Operation, move: _Transfer, block: int) -> list[_Piece]:
        """The transfers of a slice; blocks of one size share them."""
        key = op, tuple(move.sizes[block])
        if key not in self._pieces:
            self._pieces[key] = list(_pieces(move, key[1]))
        return self._pieces[key]


def _pieces(move: _Transfer, moved: tuple[int, ...]) -> Iterator[_Piece]:
    source, target = ((0, side.strides) for side in move.sides)
    from_source = move.direction == Direction.LOAD
    """Whether the source leads: the side in external memory does, or else both."""
    leading, other = (source, target) if from_source else (target, source)
    within = move.direction == Direction.COPY
    for sizes, first, second in pieces(
        moved, leading, other, move.dtype.itemsize, both_lead=within
    ):
        (start, strides), (end, steps) = (first, second) if from_source else (second, first)
        accesses = (
            Access("source", move.local[0], True, False, sizes, strides, move.dtype),
            Access("target", move.local[1], False, True, sizes, steps, move.dtype),
        )
        immediates = Immediates((move.direction, sizes, strides, steps, move.element))
        yield _Piece(start, end, immediates, accesses)
