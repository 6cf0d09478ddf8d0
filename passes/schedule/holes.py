"""Places in local memory for buffers that stay, and for loads that go wherever a hole lasts long enough.

Buffers that stay go first. Then operands, in the order in which they are needed, take the places where
they can be loaded soonest, and where no bank is read meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
MAX_SLOTS = 256
"""Of an operand."""
NEVER = 2**40


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


class _Place(NamedTuple):
    """Where an operand may lie."""

    cost: int
    slots: int
    pitch: int
    granule: int


class Holes:
    """From when on each part of local memory is free, as operands take their places in order of need."""

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
        self._bank, self._banks = target.local.bank_bytes, target.local.banks
        self._spacing = target.external.latency_cycles // target.dma.channels
        self._free = np.zeros(capacity // self._granule, np.int64)
        """By granule, the position from which nobody needs what is there."""
        self._held = sorted(held, key=lambda each: each.first)
        self._next = 0
        self._taken = work.taken(held)
        """Eighths of each bank that the block at a position needs."""

    def place(self, operand: Operand) -> bool:
        """Chooses slots, address and starts of an operand; whether there is a hole by the time it is needed."""
        times, needs, lasts = self._times, operand.needs, operand.lasts
        while self._next < len(self._held) and self._held[self._next].first <= lasts[-1]:
            each, self._next = self._held[self._next], self._next + 1
            for slot in range(each.slots):
                start = each.address + slot * each.pitch
                self._occupy(start, start + each.slot_size, each.last)
        times.run(needs[0])
        times.run(lasts[-1] + 1, tentative=True)
        quiet = self._quiet(operand)
        for free in (self._apart(operand), self._free):
            if found := self._best(operand, free, quiet):
                break
        else:
            return False
        operand.slots, operand.address = found.slots, found.granule * self._granule
        operand.pitch = found.pitch * self._granule
        self._load(operand, quiet)
        return True

    def _occupy(self, start: int, end: int, last: int) -> None:
        part = self._free[start // self._granule : -(-end // self._granule)]
        np.maximum(part, last + 1, out=part)

    def _load(self, operand: Operand, quiet: np.ndarray) -> None:
        """Takes the place of an operand: when its slices are loaded, and what its blocks need of banks."""
        times = self._times
        starts: list[int] = []
        for number, (need, last) in enumerate(zip(operand.needs, operand.lasts, strict=True)):
            address = operand.address + number % operand.slots * operand.pitch
            end = address + aligned(operand.size, self._granule)
            low, high = address // self._bank, (end - 1) // self._bank
            free = int(self._free[address // self._granule : end // self._granule].max())
            start = max(free, operand.after, starts[-1] if starts else 0)
            over = times.over[: need + 1]
            moved = int(np.searchsorted(over, times.bus_free - times.latency, "right")) - 1
            moved = max(moved, 0)
            wanted = int(quiet[low : high + 1, max(start, min(moved, need))].max())
            if wanted <= need:
                start = max(start, wanted)
            starts.append(start)
            begin = max(int(times.over[start]) + times.latency, times.bus_free)
            times.loads[need] = max(times.loads[need], begin + operand.cycles)
            times.bus_free = begin + max(operand.cycles, self._spacing)
            self._occupy(address, end, last)
            for position in range(need, last + 1):
                eighths = times.blocks[position].eighths.get(operand.op.result, 0)
                self._taken[low : high + 1, position] += eighths
        operand.starts = tuple(starts)

    def _apart(self, operand: Operand) -> np.ndarray:
        """When parts are free, without the banks that its blocks need for others."""
        blocks = self._times.blocks
        needed = max(
            blocks[p].eighths.get(operand.op.result, 0)
            for p in range(operand.needs[0], operand.lasts[-1] + 1)
        )
        taken = self._taken[:, operand.needs[0] : operand.lasts[-1] + 1].max(axis=1)
        free = self._free.copy()
        for bank in np.flatnonzero(taken + needed > MAX_RESERVATION):
            free[bank * self._bank // self._granule : (bank + 1) * self._bank // self._granule] = (
                NEVER
            )
        return free

    def _quiet(self, operand: Operand) -> np.ndarray:
        """By bank and position, the next position from which the bank has room for a load."""
        over, latency = self._times.over[: operand.needs[-1] + 1], self._times.latency
        first = np.searchsorted(over, over + latency, "right") - 1
        last = np.searchsorted(over, over + latency + operand.cycles, "right")
        busy = self._taken[:, : len(over)] + operand.eighths > MAX_RESERVATION
        counts = np.zeros((len(busy), len(over) + 1), np.int64)
        np.cumsum(busy, axis=1, out=counts[:, 1:])
        clear = counts[:, np.minimum(last, len(over))] == counts[:, first]
        found = np.where(clear, np.arange(len(over)), NEVER)
        return np.minimum.accumulate(found[:, ::-1], axis=1)[:, ::-1]

    def _best(self, operand: Operand, free: np.ndarray, quiet: np.ndarray) -> _Place | None:
        """The place of least cost; None if there is none in time."""
        times, width = self._times, -(-operand.size // self._granule)
        needs, count = np.array(operand.needs), len(operand.needs)
        borders = np.arange(self._banks + 1) * self._bank // self._granule
        edges = np.concatenate((np.flatnonzero(np.diff(free)) + 1, borders))
        step = max(operand.cycles, self._spacing)
        bus = times.bus_free + step * np.arange(count)
        moved = np.searchsorted(times.over[: needs[-1] + 1], bus - times.latency, "right") - 1
        moved = np.clip(moved, 0, needs)
        best: _Place | None = None
        for slots in _depths(count):
            for pitch in self._pitches(width, slots):
                total = (slots - 1) * pitch + width
                places = np.unique(np.concatenate((edges, edges - total)))
                places = places[(places >= 0) & (places <= len(free) - total)]
                first = places[:, None] + np.arange(slots) * pitch
                starts = np.maximum(_highest(free, first, width), operand.after)
                starts = np.maximum.accumulate(starts, axis=1)
                fits = (starts <= needs[:slots]).all(axis=1)
                if not fits.any():
                    continue
                places, first, starts = places[fits], first[fits], starts[fits]
                costs = self._costs(operand, first, width, starts, quiet, moved, bus)
                index = int(np.argmin(costs))
                if best is None or costs[index] < best.cost:
                    best = _Place(int(costs[index]), slots, pitch, int(places[index]))
        return best

    def _pitches(self, width: int, slots: int) -> list[int]:
        """Granules from slot to slot: side by side, or each in a bank of its own."""
        apart = aligned(width * self._granule, self._bank) // self._granule
        return [width, apart] if slots > 1 and apart > width else [width]

    def _costs(
        self,
        operand: Operand,
        first: np.ndarray,
        width: int,
        starts: np.ndarray,
        quiet: np.ndarray,
        moved: np.ndarray,
        bus: np.ndarray,
    ) -> np.ndarray:
        """The sum of when the slices begin to move, and of the time that they and blocks keep each other waiting.

        By place: `first` granules of slots of a `width`, and the positions from which they are free.
        """
        over, needs, slots = self._times.over, np.array(operand.needs), first.shape[1]
        numbers = np.arange(len(needs))
        turns = np.array(operand.lasts[: len(needs) - slots], np.int64) + 1
        turns = np.broadcast_to(turns, (len(first), len(turns)))
        starts = np.maximum(np.concatenate((starts, turns), axis=1), moved)
        first = first[:, numbers % slots]
        low = first * self._granule // self._bank
        high = ((first + width) * self._granule - 1) // self._bank
        wanted = np.maximum(quiet[low, starts], quiet[high, starts])
        late = wanted > needs
        begin = np.maximum(over[np.where(late, starts, wanted)] + self._times.latency, bus)
        # the slices before it in its bank, which are read one after the other
        other = np.zeros_like(low)
        other[:, 1:] = np.where(low[:, 1:] != high[:, :-1], numbers[1:], 0)
        other = np.maximum(np.maximum.accumulate(other, axis=1), numbers - slots + 1)
        streams = max(
            self._times.blocks[p].eighths.get(operand.op.result, 0) for p in operand.needs
        )
        if streams + operand.eighths > MAX_RESERVATION:
            late |= (other < numbers) & (begin + operand.cycles > over[needs[other]])
        return (begin + late * operand.cycles).sum(axis=1)


def _depths(count: int) -> list[int]:
    """Numbers of slots to try for so many slices."""
    depths = [min(count, MAX_SLOTS)]
    while depths[-1] > 1:
        depths.append(depths[-1] // 2 if depths[-1] > 3 else depths[-1] - 1)
    return depths


def _highest(values: np.ndarray, starts: np.ndarray, width: int) -> np.ndarray:
    """The maxima of ranges of equal width."""
    step, level = 1, values
    while 2 * step <= width:
        level = np.maximum(level[:-step], level[step:])
        step *= 2
    return np.maximum(level[starts], level[starts + width - step])
