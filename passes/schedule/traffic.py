"""The communication of candidate blocks: bytes of local memory, and cycles of the bus.

Sizes of a block may be arrays, one element per candidate: everything here is plain arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects.prim import Domain, Outermost, Primitive, ScheduleAttr, SliceLayout, shape
from xnn.dialects.slices import Slice
from xnn.dialects.target import Target
from xnn.dialects.values import element_bytes, item_bytes, value_bytes
from xnn.passes.schedule.local_memory import aligned, is_small, stays_whole
from xnn.passes.schedule.slice_layouts import slot_bytes

SLOTS = 2
"""Ping-pong depth of slices that change."""


class Staging(NamedTuple):
    """How slices pass through local memory."""

    outermost: Outermost = Outermost.ROWS
    layout: SliceLayout = SliceLayout.DENSE

    @staticmethod
    def of(schedule: ScheduleAttr) -> Staging:
        """That of a schedule."""
        return Staging(schedule.outermost, schedule.layout)


@dataclass
class Traffic:
    """Communication of candidate schedules, in a nest of loops."""

    footprint: Any
    """Bytes of local memory, in whole banks."""
    tight: Any
    """The same without the banks' remainders."""
    steps: Any
    """Blocks."""
    transfers: list[tuple[Any, Any]] = field(default_factory=list[tuple[Any, Any]])
    """Of each slice, how often it is transferred and how long that takes on the bus; the result last."""

    @property
    def bus_cycles(self) -> Any:
        """Of all transfers."""
        return sum((count * cycles for count, cycles in self.transfers), start=0.0)

    @property
    def longest(self) -> Any:
        """Cycles on the bus of the largest slice."""
        longest: Any = 0.0
        for _, cycles in self.transfers:
            longest = np.maximum(longest, cycles)
        return longest

    def at(self, index: Any) -> Traffic:
        """That of some of the candidates."""
        footprint, tight, steps = (each[index] for each in (self.footprint, self.tight, self.steps))
        everywhere = np.zeros_like(self.steps)
        transfers = [
            (np.add(count, everywhere)[index], np.add(cycles, everywhere)[index])
            for count, cycles in self.transfers
        ]
        return Traffic(footprint, tight, steps, transfers)


@dataclass(frozen=True)
class _Moved:
    """What a slice takes of local memory and of the bus, unless its operand lies in local memory."""

    value: SSAValue
    held: Any
    """Bytes of a slot."""
    slots: Any
    loads: Any
    """How often it is transferred."""
    cycles: Any
    """On the bus, each time."""


class Communication:
    """The communication of candidate blocks, wherever feature maps lie.

    `depth`: of ping-pong buffers.
    """

    def __init__(
        self, op: Primitive, block: Domain, staging: Staging, target: Target, depth: int = SLOTS
    ):
        self._target = target
        domain = op.domain
        grid = domain.counts(block)
        order, layout = staging.outermost.nest(len(domain.positions)), staging.layout
        slices = op.slices(block)
        self._steps: Any = 1
        for count in grid:
            self._steps = self._steps * count
        self._moved = [_moved(each, grid, order, layout, target, depth) for each in slices]
        self._sums: Any = None
        """Bytes of partial sums, if they have a buffer of their own."""
        if op.needs_sums:
            size = slot_bytes(slices[-1], element_bytes(op.accumulator_type), layout, target)
            self._sums = np.where(block.channels < domain.channels, size, 0)

    def traffic(self, homes: Collection[SSAValue] = ()) -> Traffic:
        """What has a home in local memory does not move, and takes no room here."""
        moved = [each for each in self._moved if each.value not in homes]
        held = [(each.held, each.slots) for each in moved]
        if self._sums is not None:
            held.append((self._sums, 1))
        target = self._target
        footprint: Any = 2 * target.local.bank_bytes
        tight: Any = 0
        for bytes, slots in held:
            tight = tight + slots * aligned(bytes, target.local.alignment)
            footprint = footprint + np.where(
                is_small(bytes, target), 0, slots * aligned(bytes, target.local.bank_alignment)
            )
        return Traffic(footprint, tight, self._steps, [(each.loads, each.cycles) for each in moved])


def _moved(
    slice: Slice,
    grid: Sequence[Any],
    order: Sequence[int],
    layout: SliceLayout,
    target: Target,
    depth: int,
) -> _Moved:
    if stays_whole(slice, target):
        size, loads, slots, held = value_bytes(slice.value), 1, 1, value_bytes(slice.value)
    else:
        size, loads = _bus_bytes(slice, target), _changes(slice, grid, order)
        held = slot_bytes(slice, item_bytes(slice.value), layout, target)
        slots = np.where(loads > 1, depth, 1)
    spacing = target.external.latency_cycles / target.dma.channels
    cycles = np.maximum(size * float(target.external.cycles_per_byte), spacing)
    return _Moved(slice.value, held, slots, loads, cycles)


def slice_bytes(slice: Slice) -> Any:
    """Bytes of a whole slice."""
    return slice.elements * item_bytes(slice.value)


def _bus_bytes(slice: Slice, target: Target) -> Any:
    """Bytes of whole bursts that a slice takes on the bus, without what lies outside its operand.

    Runs go on over dimensions between whose elements there is less than a burst.
    """
    burst = target.external.burst_bytes
    pitch = item_bytes(slice.value)
    run: Any = pitch
    runs: Any = 1
    joined: Any = np.True_
    step: Any = 0
    for axis, extent in reversed(list(zip(slice.axes, shape(slice.value), strict=True))):
        size = np.minimum(axis.size, extent)
        joined = joined & ((pitch - run < burst) | (size == 1))
        runs = runs * np.where(joined, 1, size)
        run = np.where(joined, (size - 1) * pitch + run, run)
        moves = [each for _, each in axis.steps] if axis.base == 0 else [1]
        # a run begins at any multiple of what a block, or the next run, moves on
        moves = np.where(size < extent, common_step(moves), 0)
        step = common_step([step, moves * pitch, np.where(joined, 0, pitch)])
        pitch *= extent
    return runs * burst * ((burst - np.gcd(step, burst) + run - 1) // burst + 1)


def common_step(numbers: Sequence[Any]) -> Any:
    """The greatest common divisor of numbers, or of arrays of them."""
    result: Any = 0
    for number in numbers:
        result = np.gcd(result, number)
    return result


def _changes(slice: Slice, grid: Sequence[Any], order: Sequence[int]) -> Any:
    """How often a slice is transferred: once per iteration of the innermost loop that moves it."""
    total: Any = 1
    iterations: Any = 1
    for dim in order:
        iterations = iterations * grid[dim]
        if dim in slice.moving:
            total = np.where(grid[dim] > 1, iterations, total)
    return total
