"""A slice of a candidate schedule, and the buffer that it would have in local memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from xdsl.ir import Attribute, SSAValue

from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import Primitive, ScheduleAttr
from xnn.dialects.prim.attributes import CHANNELS
from xnn.dialects.slices import Slice, clip
from xnn.dialects.strides import Place
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, element_bytes, element_type, shape
from xnn.passes.schedule.local_memory import stays_whole
from xnn.passes.schedule.slice_layouts import slot_strides, strided_bytes
from xnn.runtime.engines.reservations import Span, banks_of

Homes = Mapping[SSAValue, Place]
"""Where operands and results lie in the buffers of the feature maps that stay in local memory."""
NOWHERE: Homes = {}

Index = tuple[int, ...]
"""A number for each loop, or for each dimension of an operand."""


class SliceBuffer:
    """A slice of an operand, or of the result, and its buffer: `slots` of them if blocks have different slices.

    `dims`: the dimensions of the loops, outermost first; `strides`: in a slot, in elements; `whole`: it is
    loaded whole, once, and each block uses its slice of it where it lies; `home`: where it lies in local
    memory, if it stays there and nothing moves; `element`: its type.
    """

    def __init__(
        self,
        slice: Slice,
        dims: Sequence[int],
        slots: int,
        strides: tuple[int, ...],
        element: Attribute,
        whole: bool,
        home: Place | None,
    ):
        self.role, self.value, self.axes = slice.role, slice.value, slice.axes
        self.dtype = dtype_of(element)
        self.extents = shape(slice.value)
        self.is_local = home is not None
        self.start, whole_strides = home or (0, dense_strides(self.extents))
        offsets = [
            [sum(step for at, step in axis.steps if at == dim) for axis in slice.axes]
            for dim in dims
        ]
        self.offsets = np.array(offsets, np.int64).reshape(len(dims), len(whole_strides))
        """Elements along each dimension from one block of a loop to the next."""
        self.steps = (
            self.offsets @ np.array(whole_strides, np.int64) * self.dtype.itemsize
        ).tolist()
        """The same in bytes."""
        self.moves = [level for level, dim in enumerate(dims) if dim in slice.moving]
        self.in_place = self.is_local or whole and bool(self.moves)
        self.changes = -1 if self.in_place or not self.moves else self.moves[-1]
        """The innermost loop that moves it; -1 if none does."""
        self.slots = 1 if self.changes < 0 else slots
        sizes = self.extents if self.in_place else slice.sizes
        self.whole_strides = whole_strides
        """Of the operand, in elements."""
        self.strides = whole_strides if self.in_place else strides
        self.bytes = strided_bytes(sizes, self.strides, self.dtype.itemsize)
        self.address = self.pitch = 0

    def part(self, index: Index) -> tuple[Index, Index, Index]:
        """Where the slice of a block starts, what there is of it, and what is clipped off before it."""
        offsets = np.array([axis.base for axis in self.axes], np.int64)
        offsets = offsets + np.array(index, np.int64) @ self.offsets
        starts, sizes, before = clip(offsets, [axis.size for axis in self.axes], self.extents)
        return tuple(starts.tolist()), tuple(sizes.tolist()), tuple(before.tolist())

    def moved(self, index: Index) -> tuple[Index, Index]:
        """Where what is loaded or stored for a block starts, and its sizes."""
        if self.in_place:
            return (0,) * len(self.extents), self.extents
        starts, sizes, _ = self.part(index)
        return starts, sizes

    def offset(self, starts: Index) -> int:
        """Bytes from the address of the buffer of the whole to an element."""
        steps = zip(starts, self.whole_strides, strict=True)
        return (self.start + sum(a * b for a, b in steps)) * self.dtype.itemsize

    def place(self, slot: int) -> int:
        """The address of a slot."""
        return self.address + slot * self.pitch

    def span(self, slot: int, target: Target) -> Span:
        """The banks of a slot."""
        return banks_of(self.place(slot), self.bytes, target)


class NodeBuffers(NamedTuple):
    """The buffers that the blocks of a node on tensors pass through."""

    inputs: list[SliceBuffer]
    result: SliceBuffer
    sums: SliceBuffer | None
    """Of partial sums, if the result cannot hold them."""

    @property
    def slices(self) -> list[SliceBuffer]:
        """Those of slices of the operands and of the result."""
        return [*self.inputs, self.result]

    @property
    def all(self) -> list[SliceBuffer]:
        return [*self.slices, *([] if self.sums is None else [self.sums])]

    @property
    def own(self) -> list[SliceBuffer]:
        """Those that need room of their own: of what does not lie in local memory anyway."""
        return [each for each in self.all if not each.is_local]


def node_buffers(
    node: Primitive, schedule: ScheduleAttr, target: Target, homes: Homes = NOWHERE
) -> NodeBuffers:
    """Those of a node that has this schedule; `homes`: of what stays in local memory."""
    loops = schedule.loops(node.domain)
    dims, slots = list(loops), schedule.slots
    *inputs, result = node.slices(schedule.clamped(node.domain))

    def buffer(slice: Slice) -> SliceBuffer:
        element = element_type(slice.value)
        strides = slot_strides(slice, element_bytes(element), schedule.layout, target)
        whole, home = stays_whole(slice, target), homes.get(slice.value)
        return SliceBuffer(slice, dims, slots, strides, element, whole, home)

    sums = None
    if loops.get(CHANNELS, 1) > 1 and node.needs_sums:
        slice, element = replace(result, role="sums"), node.accumulator_type
        strides = slot_strides(slice, element_bytes(element), schedule.layout, target)
        sums = SliceBuffer(slice, [], 1, strides, element, False, None)
    return NodeBuffers([buffer(each) for each in inputs], buffer(result), sums)
