"""What local memory has to hold in every layer, and where.

Shared by the pass that decides which feature maps stay local and the pass that fixes the addresses: both
use the same placement, so the second can place what the first admits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from xdsl.ir import Attribute, Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.slices import Slice
from xnn.dialects.target import Target
from xnn.dialects.values import element_type, strides_of, value_bytes
from xnn.dialects.xnn.operation import integers
from xnn.passes.schedule.placement import Item, Placement


def slots(buffer: dma.SlottedBuffer) -> int:
    """The ping-pong depth of a buffer."""
    return buffer.slots.value.data


def aligned(size: Any, alignment: int) -> Any:
    """The next multiple of an alignment; sizes may be arrays."""
    return -(-size // alignment) * alignment


def row_pitch(elements: Any, itemsize: int, target: Target) -> Any:
    """Elements from one run of so many to the next, if each begins in a row of local memory: vectors that begin in the
    middle of one end in another. Runs smaller than a row share it with their neighbours, which are read next.

    `elements` may be an array.
    """
    row = target.local.row_bytes // itemsize
    if row * itemsize < target.local.row_bytes:
        return elements
    pitch = np.where(np.greater(elements, row), aligned(elements, row), elements)
    return pitch if np.ndim(pitch) else int(pitch)


def cell_pitch(elements: int, itemsize: int, target: Target) -> int:
    """Elements from one run of so many to the next, if none has parts of more rows of local memory than it has to.

    Several runs share a row where it holds them whole.
    """
    row = target.local.row_bytes // itemsize
    if row * itemsize < target.local.row_bytes:
        return elements
    return aligned(elements, row) if elements > row else row // (row // elements)


def is_small(size: Any, target: Target) -> Any:
    """Whether a buffer is too small for banks of its own."""
    return size * 32 <= target.local.bank_bytes


def stays_whole(slice: Slice, target: Target) -> bool:
    """Whether an operand of a region is loaded once, whole, and used in place.

    Biases and scales are small; a transfer for each of their slices would be all latency.
    """
    size = 16 * value_bytes(slice.value)
    return slice.role in ("pre", "post") and size <= target.local.capacity_bytes


class Room(NamedTuple):
    """What a buffer of slices needs."""

    size: int
    """Bytes of a slot."""
    slots: int
    first: int = 0
    last: int = 0
    """The first and the last line in which it is used."""


def place_slots(
    placement: Placement, rooms: Mapping[int, Room], target: Target, exclusive_only: bool = False
) -> dict[int, tuple[int, int]] | None:
    """Places the buffers of slices of a layer: address, and bytes from slot to slot, by key; None if they do not fit.

    They get banks of their own where there is room, so that engines that work on different slots at
    the same time do not meet in a bank; else they are packed densely. Small buffers share banks, but
    first slots only with first slots, second ones with second ones.
    """
    keys = sorted(rooms, key=lambda key: -rooms[key].size * rooms[key].slots)
    small: dict[int, list[int]] = {}
    for key in keys:
        if is_small(rooms[key].size, target):
            small.setdefault(rooms[key].slots, []).append(key)
    alone = [[key] for key in keys if not is_small(rooms[key].size, target)]
    placed = _place_groups(placement, rooms, [*alone, *small.values()], target, True)
    if placed is None and not exclusive_only:
        placed = place_densely(placement, rooms, target)
    return placed


def place_densely(
    placement: Placement, rooms: Mapping[int, Room], target: Target
) -> dict[int, tuple[int, int]] | None:
    """The same, wherever there is room."""
    keys = sorted(rooms, key=lambda key: -rooms[key].size * rooms[key].slots)
    return _place_groups(placement, rooms, [[key] for key in keys], target, False)


def _place_groups(
    placement: Placement,
    rooms: Mapping[int, Room],
    groups: Sequence[Sequence[int]],
    target: Target,
    exclusive: bool,
) -> dict[int, tuple[int, int]] | None:
    """Places groups of buffers whose equal slots stand side by side."""
    alignment = target.local.bank_alignment if exclusive else target.local.alignment
    placed: dict[int, tuple[int, int]] = {}
    done: list[int] = []
    for group in groups:
        offsets: list[int] = []
        size = 0
        for key in group:
            offsets.append(size)
            size = aligned(size + rooms[key].size, target.local.alignment)
        pitch = aligned(size, alignment)
        total = pitch * (rooms[group[0]].slots - 1) + size
        first, last = min(rooms[key].first for key in group), max(rooms[key].last for key in group)
        if not placement.place(Item(group[0], total, first, last), alignment, exclusive):
            placement.remove(done)
            return None
        done.append(group[0])
        start = placement.addresses[group[0]]
        placed |= {key: (start + at, pitch) for key, at in zip(group, offsets, strict=True)}
    return placed


@dataclass
class FeatureMap:
    """A feature map that may stay in local memory from the first line that uses it to the last."""

    op: Operation
    """The buffer; before there are buffers, the node whose result it is."""
    size: int
    """Bytes."""
    first: int
    last: int
    in_ring: bool = False


def by_gain(maps: Iterable[FeatureMap]) -> list[FeatureMap]:
    """Those with the shortest lives first, which save most transfers for the room they take; rings before them.

    A ring lies in no other memory.
    """
    return sorted(maps, key=lambda m: (not m.in_ring, m.last - m.first, -m.size, m.first))


class LocalMemory:
    """Addresses of local feature maps, and of the buffers that blocks pass through.

    `dense`: none has banks of its own.
    """

    def __init__(self, target: Target, dense: bool = False):
        self.target, self.dense = target, dense
        self.bank = target.local.alignment if dense else target.local.bank_alignment
        self.alignment = target.local.alignment
        self.placement = Placement(target.local.capacity_bytes)
        self.addresses: dict[object, int] = {}
        self.pitches: dict[object, int] = {}
        self._keys: dict[object, int] = {}

    def _key(self, buffer: object) -> int:
        return self._keys.setdefault(buffer, len(self._keys))

    def keep(self, local: FeatureMap) -> bool:
        """Places a feature map for its whole lifetime."""
        item = Item(self._key(local.op), local.size, local.first, local.last)
        if self.placement.place(item, self.bank) or self.placement.place(item, self.alignment):
            self.addresses[local.op] = self.placement.addresses[item.key]
            return True
        return False

    def reserve(self, what: object, start: int, size: int, first: int, last: int) -> None:
        """Keeps others from bytes where something, a buffer or one of its slots, lies already."""
        self.placement.insert(Item(self._key(what), size, first, last), start)

    def drop(self, local: FeatureMap) -> None:
        """Removes a feature map."""
        self.placement.remove([self._key(local.op)])
        self.addresses.pop(local.op, None)

    def fit(
        self, rooms: Mapping[Any, Room], exclusive_only: bool = False, dense: bool = False
    ) -> bool:
        """Places the buffers of a layer. `exclusive_only`: in banks of their own, or not at all; `dense`: in none."""
        buffers = {self._key(each): each for each in rooms}
        by_key = {key: rooms[buffer] for key, buffer in buffers.items()}
        if dense or self.dense:
            placed = place_densely(self.placement, by_key, self.target)
        else:
            placed = place_slots(self.placement, by_key, self.target, exclusive_only)
        if placed is None:
            return False
        for key, (address, pitch) in placed.items():
            self.addresses[buffers[key]], self.pitches[buffers[key]] = address, pitch
        return True

    def fits(self, rooms: Mapping[Any, Room], exclusive_only: bool = False) -> bool:
        """Whether the buffers of a layer could be placed."""
        fits = self.fit(rooms, exclusive_only)
        self.placement.remove(map(self._key, rooms))
        return fits


def slice_in_place(whole: SSAValue, offsets: Attribute, sizes: Sequence[int]) -> dma.SliceInPlaceOp:
    """The slice of a local buffer at each block, used where it lies."""
    type = dma.buffer_type(sizes, element_type(whole), dma.LOCAL, strides_of(whole.type))
    properties = {"offsets": offsets, "sizes": integers(sizes)}
    return dma.SliceInPlaceOp.build(operands=[whole], properties=properties, result_types=[type])
