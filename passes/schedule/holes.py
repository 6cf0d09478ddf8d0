"""Places in local memory for buffers that stay, and for loads that go wherever a hole lasts long enough.

Buffers that stay go first, as low as they can; parts of them that are written later leave room until then. Then
operands, in the order in which they are needed, take the places where they can be loaded soonest, and where no bank
is read meanwhile; of equal ones the highest, so that holes stay large, or the lowest if there is room for all of
them. While the bus waits for a hole that is large enough, what is needed later may be loaded to another one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects.target import MAX_RESERVATION
from xnn.passes.schedule.block_times import BlockTimes
from xnn.passes.schedule.block_work import OrderWork
from xnn.passes.schedule.local_memory import aligned
from xnn.passes.schedule.ordered_blocks import Held, Operand

GRANULES = 4096
"""Parts of local memory that are free or not, at most."""
NEVER = 2**40
SLACK = 4
"""Positions by which a place had better be free, and a slice be in its queue, before it is needed: stores, and loads
that come later than foreseen, would delay it."""


def place_held(
    buffers: Iterable[Held],
    company: Mapping[SSAValue, set[SSAValue]],
    by: Callable[[Held], tuple[int, ...]],
    capacity: int,
    bank: int,
) -> bool:
    """First fit in so many bytes; whether all have found a place.

    `company`: those that some node uses together with a buffer, to lie in other banks where there is room.
    """
    placed: list[Held] = []
    for each in sorted(buffers, key=by):
        friends = company.get(each.op.result, set())
        others = [o for o in placed if o.first <= each.last and each.first <= o.last]
        taken = [(o.address, o.end) for o in others]
        apart = [
            (low // bank * bank, aligned(high, bank)) if o.op.result in friends else (low, high)
            for o, (low, high) in zip(others, taken, strict=True)
        ]
        dense = each.pitch
        for each.pitch, ranges in ((aligned(dense, bank), apart), (dense, apart), (dense, taken)):
            if (address := _first_fit(each.size, ranges, capacity)) is not None:
                break
        else:
            return False
        each.address = address
        placed.append(each)
    return True


def _first_fit(size: int, taken: Iterable[tuple[int, int]], capacity: int) -> int | None:
    start = 0
    for low, high in sorted(taken):
        if start + size <= low:
            break
        start = max(start, high)
    return start if start + size <= capacity else None


class _Gap(NamedTuple):
    """A time in which the bus is free."""

    start: int
    end: int


class _Found(NamedTuple):
    """Holes for a slice."""

    places: np.ndarray
    """Their first granules."""
    starts: np.ndarray
    """The positions from which they are free."""
    low: np.ndarray
    """The bank of their first byte, and that of their last."""
    high: np.ndarray


class _Load(NamedTuple):
    """Of a slice."""

    address: int
    position: int
    """From which it is loaded."""
    begin: int
    """When its data start."""


class Holes:
    """From when on each part of local memory is free, as slices take their places in order of need."""

    def __init__(
        self,
        held: Sequence[Held],
        work: OrderWork,
        times: BlockTimes,
        capacity: int,
    ):
        target = work.target
        self._times = times
        alignment = target.local.alignment
        self._granule = alignment * max(1, -(-capacity // (alignment * GRANULES)))
        self._bank = target.local.bank_bytes
        self._borders = np.arange(target.local.banks + 1) * self._bank // self._granule
        self._spacing = target.external.latency_cycles // target.dma.channels
        self._free = np.zeros(capacity // self._granule, np.int64)
        """By granule, the position from which nobody needs what is there."""
        self._top = max((each.end for each in held), default=0)
        self._stays = sorted(
            (stay.first, slot + stay.start, slot + stay.end, stay.last)
            for each in held
            for slot in range(each.address, each.end, each.pitch)
            for stay in each.stays
        )
        """Of buffers that stay: the first position that uses them, their bytes, and the last position."""
        self._next = 0
        self._upwards = True
        """Whether slices take the lowest of the places that are equal else."""
        self._gaps: list[_Gap] = []
        """When the bus waits for a hole, before it is free at last."""
        self._taken = work.taken(held)
        """Eighths of each bank that the block at a position needs."""

    def place(self, operands: Sequence[Operand]) -> list[Operand]:
        """Chooses addresses and starts of all slices; the operands of those for which there is no hole in time."""
        slices = [
            (need, place, number)
            for place, each in enumerate(operands)
            for number, need in enumerate(each.needs)
        ]
        needed = self._top + sum(each.size * len(each.needs) for each in operands)
        self._upwards = needed <= len(self._free) * self._granule
        stuck: dict[Operand, None] = {}
        for _, place, number in sorted(slices):
            operand = operands[place]
            if operand not in stuck and not self._place(operand, number):
                stuck[operand] = None
        return list(stuck)

    def _place(self, operand: Operand, number: int) -> bool:
        """Chooses address and start of a slice; whether there is a hole by the time it is needed."""
        times, need, last = self._times, operand.needs[number], operand.lasts[number]
        self._hold(last)
        times.run(need)
        holes = self._holes(operand, need)
        if not len(holes.places):
            return False
        crowded = self._crowded(operand, need, last, holes)
        loads = (
            (gap, self._load(operand, need, holes, crowded, gap))
            for gap in self._gaps_for(operand, holes)
        )
        gap, load = next((g, one) for g, one in loads if one.begin + operand.cycles <= g.end)
        self._use(gap, load.begin, load.begin + max(operand.cycles, self._spacing))
        operand.addresses.append(load.address)
        operand.starts.append(load.position)
        operand.begins.append(load.begin)
        times.loads[need] = max(times.loads[need], load.begin + operand.cycles)
        self._occupy(load.address, load.address + operand.size, last)
        low, high = load.address // self._bank, (load.address + operand.size - 1) // self._bank
        self._taken[low : high + 1, need : last + 1] += self._eighths(operand, need, last)
        return True

    def _gaps_for(self, operand: Operand, holes: _Found) -> Iterator[_Gap]:
        """When the bus is free for a slice, the earliest time first: slices of an operand keep their order."""
        times = self._times
        ready = int(times.over[holes.starts.min()]) + times.latency
        ready = max([ready, *operand.begins[-1:]])
        first = bisect_left(self._gaps, ready + operand.cycles, key=lambda gap: gap.end)
        for start, end in islice(self._gaps, first, None):
            if max(start, ready) + operand.cycles <= end:
                yield _Gap(max(start, ready), end)
        yield _Gap(times.bus_free, NEVER)

    def _load(
        self, operand: Operand, need: int, holes: _Found, crowded: np.ndarray, gap: _Gap
    ) -> _Load:
        """The best of the holes for a slice that is loaded from a time on."""
        times, free = self._times, gap.start
        places, starts, low, high = holes
        # When the bus comes to it, then when the banks of each place have room for it.
        moved = np.searchsorted(times.over[: need + 1], free - times.latency, "right")
        moved = min(max(int(moved) - 1, 0), need)
        quiet = self._quiet(operand, moved, need, free)
        due = np.maximum(starts, moved)
        wanted = quiet[low, due - moved]
        for more in range(1, 1 + int((high - low).max())):
            np.maximum(wanted, quiet[np.minimum(low + more, high), due - moved], out=wanted)
        late = wanted > need
        wanted = np.where(late, starts, wanted)
        begin = np.maximum(times.over[wanted] + times.latency, free)
        spare = np.maximum(starts, need - SLACK)
        order = places if self._upwards else -places
        best = int(np.lexsort((order, spare, begin + late * operand.cycles, crowded))[0])
        waits_for_bank = wanted[best] > due[best]
        position = wanted[best] if waits_for_bank else min(due[best], spare[best])
        return _Load(int(places[best]) * self._granule, int(position), int(begin[best]))

    def _crowded(self, operand: Operand, need: int, last: int, holes: _Found) -> np.ndarray:
        """Whether banks of a hole have no room for what the blocks that need a slice read."""
        needed = self._eighths(operand, need, last).max()
        full = self._taken[:, need : last + 1].max(axis=1) + needed > MAX_RESERVATION
        before = np.concatenate(([0], np.cumsum(full)))  # of each bank
        return before[holes.high + 1] > before[holes.low]

    def _use(self, gap: _Gap, begin: int, end: int) -> None:
        """The bus is not free from `begin` to `end`, which lie in a gap."""
        times = self._times
        left = [_Gap(gap.start, begin), _Gap(end, gap.end)]
        if gap.end == NEVER:
            times.bus_free = left.pop().start
        else:
            number = next(i for i, each in enumerate(self._gaps) if each.end == gap.end)
            left[0] = _Gap(self._gaps.pop(number).start, begin)
        self._gaps += [each for each in left if each.end - each.start > times.latency]
        self._gaps.sort()

    def _hold(self, last: int) -> None:
        """Buffers that stay have their places, if they are needed up to a position."""
        while self._next < len(self._stays) and self._stays[self._next][0] <= last:
            _, start, end, until = self._stays[self._next]
            self._next += 1
            self._occupy(start, end, until)

    def _holes(self, operand: Operand, need: int) -> _Found:
        """Where a slice may lie by the time it is needed."""
        width = -(-operand.size // self._granule)
        edges = np.concatenate((np.flatnonzero(np.diff(self._free)) + 1, self._borders))
        places = np.unique(np.concatenate((edges, edges - width)))
        places = places[(places >= 0) & (places <= len(self._free) - width)]
        starts = np.maximum(_highest(self._free, places, width), operand.after)
        in_time = starts <= need
        places, starts = places[in_time], starts[in_time]
        low = places * self._granule // self._bank
        high = (places * self._granule + operand.size - 1) // self._bank
        return _Found(places, starts, low, high)

    def _eighths(self, operand: Operand, need: int, last: int) -> np.ndarray:
        """What the blocks from a position to another need of a bank for an operand."""
        blocks = self._times.blocks[need : last + 1]
        return np.array([block.eighths.get(operand.op.result, 0) for block in blocks], np.int64)

    def _occupy(self, start: int, end: int, last: int) -> None:
        part = self._free[start // self._granule : -(-end // self._granule)]
        np.maximum(part, last + 1, out=part)

    def _quiet(self, operand: Operand, first: int, need: int, free: int) -> np.ndarray:
        """By bank and position from `first` on, the next one from which the bank has room for a load.

        `free`: when the bus is.
        """
        times = self._times
        over = times.over[first : need + 1]
        moves = np.maximum(over + times.latency, free)
        begin = np.searchsorted(over, moves, "right") - 1
        end = np.searchsorted(over, moves + operand.cycles, "right")
        busy = self._taken[:, first : need + 1] + operand.eighths > MAX_RESERVATION
        counts = np.zeros((len(busy), len(over) + 1), np.int64)
        np.cumsum(busy, axis=1, out=counts[:, 1:])
        clear = counts[:, np.minimum(end, len(over))] == counts[:, begin]
        found = np.where(clear, np.arange(first, need + 1), NEVER)
        return np.minimum.accumulate(found[:, ::-1], axis=1)[:, ::-1]


def _highest(values: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    """The maxima of ranges of equal width."""
    step, level = 1, values
    while 2 * step <= width:
        level = np.maximum(level[:-step], level[step:])
        step *= 2
    return np.maximum(level[starts], level[starts + width - step])
