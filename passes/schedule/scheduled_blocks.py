"""What the blocks of a primitive with a schedule transfer and compute, found without carrying the schedule out.

Most iterations of a loop are alike: its *steady* ones, whose slices lie wholly inside their operands.
Where a loop is `folded`, its steady iterations have the costs of a *period* of them, over and over;
none of those exceeds them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd, lcm, prod
from typing import Any

import numpy as np

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.prim import Domain, Primitive, ScheduleAttr
from xnn.dialects.prim.attributes import CHANNELS
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import MAX_RESERVATION, Target
from xnn.passes.schedule.local_memory import Room, place_slots
from xnn.passes.schedule.pieces import pieces
from xnn.passes.schedule.placement import Placement
from xnn.passes.schedule.slice_buffers import NOWHERE, Homes, Index, SliceBuffer, node_buffers
from xnn.runtime.engines.engine import NodeCost, primitive_engine
from xnn.runtime.engines.reservations import Span, banks_of, duration, least_reservations
from xnn.runtime.engines.transfer import bus_cycles, most_units

FAR = 2
"""Capacities of local memory between the assumed places of feature maps that stay there, the first, and the rest."""
LONGEST_PERIOD = 16
"""Iterations after which the bursts of a slice must be those from before, or else they count as the most of any."""


@dataclass(frozen=True)
class Cost:
    """Of a transfer, or of the computation of a block: no less than what it takes."""

    cycles: int
    buffers: tuple[tuple[SliceBuffer, int], ...]
    """What it touches in local memory, and no less than the eighths of a bank that it reserves for each."""


class ScheduledBlocks:
    """The blocks of a node on tensors that has this schedule; raises UserError if local memory is too small.

    `homes`: of what stays in local memory, each in banks of its own.
    """

    def __init__(
        self, node: Primitive, schedule: ScheduleAttr, target: Target, homes: Homes = NOWHERE
    ):
        self.target = target
        self.node, self.schedule = node, schedule
        self.engine = primitive_engine(node)
        loops = schedule.loops(node.domain)
        self.counts = list(loops.values())
        self.summed = loops.get(CHANNELS, 1)
        """Blocks of a sum."""
        own = node_buffers(node, schedule, target, homes)
        self.inputs, self.result, self.sums = own
        self.slices, self.buffers, self._own = own.slices, own.all, own.own
        self.strides = [prod(self.counts[level:]) for level in range(len(loops) + 1)]
        """Blocks of an iteration of the loop outside of each level; of all loops, first."""
        self._place()
        self.shared = self._shared_banks()
        """Banks in which several slots lie."""
        self.periods = [self._period(level) for level in range(len(loops))]
        self.steady = [self._steady(level) for level in range(len(loops))]
        self.folded = [False] * len(loops)
        self._transfers: dict[object, list[Cost]] = {}
        self._computations: dict[object, Cost] = {}
        self._costs: dict[object, NodeCost] = {}

    def _place(self) -> None:
        rooms = {key: Room(each.bytes, each.slots) for key, each in enumerate(self._own)}
        placed = place_slots(Placement(self.target.local.capacity_bytes), rooms, self.target)
        if placed is None:
            raise UserError("the blocks do not fit local memory")
        for key, (address, pitch) in placed.items():
            self._own[key].address, self._own[key].pitch = address, pitch
        local = (each for each in self.buffers if each.is_local)
        for number, each in enumerate(local, 1):  # nobody knows where: where nothing else is
            each.address = number * FAR * self.target.local.capacity_bytes

    def _steady(self, level: int) -> range:
        """The longest run of indices of a loop at which no slice is clipped and no sum begins or ends."""
        count = self.counts[level]
        special = np.zeros(count, np.bool_)
        if self.summed > 1 and level == len(self.counts) - 1:
            special[[0, -1]] = True
        others = [0 if other == level else size - 1 for other, size in enumerate(self.counts)]
        for each in self.slices:
            base = np.array([axis.base for axis in each.axes], np.int64)
            size = np.array([axis.size for axis in each.axes], np.int64)
            low = base + np.arange(count)[:, None] * each.offsets[level]
            high = low + np.array(others, np.int64) @ each.offsets
            moved = each.offsets[level] > 0
            special |= ((low < 0) & moved).any(axis=1)
            special |= ((high + size > np.array(each.extents)) & moved).any(axis=1)
        edges = np.concatenate([[-1], np.flatnonzero(special), [count]])
        longest = int(np.argmax(np.diff(edges)))
        return range(int(edges[longest]) + 1, int(edges[longest + 1]))

    def _period(self, level: int) -> int:
        """Iterations of a loop after which slots, channels and bursts are those from before."""
        slots = lcm(self.target.dma.channels, *(each.slots for each in self.buffers))
        burst = self.target.external.burst_bytes
        moved = (each for each in self.slices if not each.is_local)
        bursts = (burst // gcd(burst, each.steps[level]) for each in moved)
        period = lcm(slots, *bursts)
        return period if period <= LONGEST_PERIOD else slots

    def _shared_banks(self) -> set[int]:
        found: set[int] = set()
        shared: set[int] = set()
        for each in self._own:
            for slot in range(each.slots):
                first, last = each.span(slot, self.target)
                banks = set(range(first, last + 1))
                shared |= banks & found
                found |= banks
        return shared

    def index(self, block: int) -> Index:
        """The iteration of each loop that a block is."""
        pairs = zip(self.strides, self.strides[1:], strict=False)
        return tuple(block % outer // inner for outer, inner in pairs)

    def slot(self, buffer: SliceBuffer, block: Any) -> Any:
        """The slot of a buffer that a block uses."""
        return block // self.strides[buffer.changes + 1] % buffer.slots

    def _key(self, index: Index, levels: Sequence[int]) -> Index:
        """What a cost depends on: iterations of loops, of a folded one a negative number for each of its period."""
        return tuple(
            -1 - index[level] % self.periods[level]
            if self.folded[level] and index[level] in self.steady[level]
            else index[level]
            for level in levels
        )

    def transfers(self, buffer: SliceBuffer, block: int) -> list[Cost]:
        """Of the slice that a block loads or stores; none if all of it lies in pads, or nothing moves."""
        if buffer.is_local:
            return []
        levels, index = () if buffer.changes < 0 else buffer.moves, self.index(block)
        key = buffer, self._key(index, levels)
        if key not in self._transfers:
            self._transfers[key] = list(self._moved(buffer, index, key[1], levels))
        return self._transfers[key]

    def _moved(
        self, buffer: SliceBuffer, index: Index, key: Index, levels: Sequence[int]
    ) -> Iterator[Cost]:
        starts, sizes = buffer.moved(index)
        if 0 in sizes:
            return
        item, external, local = buffer.dtype.itemsize, self.target.external, self.target.local
        place = buffer.offset(starts), buffer.whole_strides
        steady = [
            buffer.steps[level] * self.periods[level]
            for level, at in zip(levels, key, strict=True)
            if at < 0
        ]
        step = gcd(external.burst_bytes, *steady)
        for moved, (at, far), (start, near) in pieces(sizes, place, (0, buffer.strides), item):
            phases = range(at % step, external.burst_bytes, step) if steady else (at,)
            places = tuple(sorted({phase % external.burst_bytes for phase in phases}))
            bursts = most_units(places, moved, far, item, external.burst_bytes)
            rows = most_units((start % local.row_bytes,), moved, near, item, local.row_bytes)
            least = bus_cycles(prod(moved) * item, self.target)
            cycles = max(1, rows, bus_cycles(bursts * external.burst_bytes, self.target))
            yield Cost(cycles, ((buffer, _eighths(rows, least)),))

    def computation(self, block: int) -> Cost:
        """Of a block."""
        index, (first, last) = self.index(block), self.ends(block)
        key = self._key(index, range(len(index))), first, last
        if key not in self._computations:
            computed, offsets = self._computed_block(index, first, last)
            phases = tuple(self._phases(*each) for each in offsets.items())
            if (computed, phases) not in self._computations:
                cost = self._computed(block, computed, offsets)
                self._computations[computed, phases] = cost
            self._computations[key] = self._computations[computed, phases]
        return self._computations[key]

    def engine_cycles(self) -> int:
        """About those of the engine in all blocks.

        Of each loop, the iterations but the last count as the one in the middle does.
        """
        samples = self._samples(len(self.counts))
        return sum(count * self._priced(block).cycles for block, count in samples)

    def least_engine_cycles(self, form: Form) -> float:
        """The same, if memory keeps up."""
        total = 0.0
        cycles: dict[Domain, float] = {}
        for block, count in self._samples(len(self.counts)):
            sizes = self._computed_block(self.index(block), *self.ends(block))[0].sizes
            if sizes not in cycles:
                each = self.engine.computation(self.node, sizes, form, self.target)
                cycles[sizes] = float(each)
            total += count * cycles[sizes]
        return total

    def bus_cycles(self) -> int:
        """About those of the bus for all blocks, in the same way."""
        return sum(
            count * sum(cost.cycles for cost in self.transfers(buffer, block))
            for buffer in self.slices
            for block, count in self._samples(buffer.changes + 1)
        )

    def _samples(self, levels: int) -> Iterator[tuple[int, int]]:
        """Blocks that stand for all, of the outer loops, and how many each stands for."""
        kinds = [
            (((count - 1) // 2, count - 1), (count - 1, 1)) if count > 1 else ((0, 1),)
            for count in self.counts[:levels]
        ]
        for each in product(*kinds):
            places = zip(each, self.strides[1:], strict=False)
            yield sum(at * stride for (at, _), stride in places), prod(n for _, n in each)

    def _priced(self, block: int) -> Cost:
        """Of a block where its slices lie."""
        index, (first, last) = self.index(block), self.ends(block)
        computed, offsets = self._computed_block(index, first, last)
        return self._computed(block, computed, offsets, alone=True)

    def _computed_block(
        self, index: Index, first: bool, last: bool
    ) -> tuple[NodeBlock, dict[SliceBuffer, int]]:
        """What a block computes, and the offsets of its slices in their buffers, in bytes."""
        parts = {each: each.part(index) for each in self.slices}
        factors = {each.role: each for each in parts if each.role in ("lhs", "rhs", "out")}
        sizes, pads = self.node.block_of(
            {role: parts[each][1] for role, each in factors.items()}, parts[factors["rhs"]][2]
        )
        offsets = {
            each: each.offset(part[0]) if each.in_place else 0 for each, part in parts.items()
        }
        return NodeBlock(sizes, tuple(pads), first, last), offsets

    def ends(self, block: Any) -> tuple[Any, Any]:
        """Whether a block is the first of its sum, and the last."""
        return block % self.summed == 0, (block + 1) % self.summed == 0

    def _phases(self, buffer: SliceBuffer, offset: int) -> range:
        """Where in a row of local memory its slices may begin, the one at an offset and all that are a step apart."""
        row = self.target.local.row_bytes
        if not buffer.in_place:
            return range(0, row, row)
        step = gcd(row, *(buffer.steps[level] for level in buffer.moves))
        return range(offset % step, row, step)

    def _computed(
        self,
        number: int,
        block: NodeBlock,
        offsets: dict[SliceBuffer, int],
        alone: bool = False,
    ) -> Cost:
        """Cost of a block; `offsets`: of its slices in their buffers, in bytes.

        `alone`: of this one, not the most of all that are like it.
        """
        *inputs, result = (each.sizes for each in self.node.slices(block.sizes, block.pads))
        sizes = dict(zip(self.buffers, [*inputs, result, result], strict=False))
        touched = self.touched(block.last)
        accesses = [self._access(each, sizes[each], block) for each in touched]
        row = self.target.local.row_bytes
        phases = [
            (offsets.get(each, 0) % row,) if alone else self._phases(each, offsets.get(each, 0))
            for each in touched
        ]
        target = self.target
        costs = [
            self._cost(block, accesses, tuple(each[turn % len(each)] for each in phases))
            for turn in range(max(map(len, phases)))
        ]
        cycles = costs[0].cycles
        most, least = (
            [pick(rows) for rows in zip(*(each.rows for each in costs), strict=True)]
            for pick in (max, min)
        )
        own = [
            banks_of(
                each.place(self.slot(each, number)) + offsets.get(each, 0), access.span, target
            )
            for each, access in zip(touched, accesses, strict=True)
        ]
        # All blocks like this one have the reservations of one duration: not below the shortest.
        most_reserved = self.schedule.eighths
        reservations = least_reservations(cycles, least, [own], most_reserved)
        shortest = duration(cycles, least, reservations)
        if alone:
            return Cost(shortest, ())
        longest = duration(
            cycles,
            most,
            least_reservations(cycles, most, self._spans(touched, block), most_reserved),
        )
        eighths = [_eighths(rows, shortest) for rows in most]
        return Cost(longest, tuple(zip(touched, eighths, strict=True)))

    def _cost(
        self, block: NodeBlock, accesses: Sequence[Access], starts: tuple[int, ...]
    ) -> NodeCost:
        """What the engine takes for a block whose slices begin at some bytes of a row."""
        key = block, starts
        if key not in self._costs:
            engine, node = self.engine, self.node
            self._costs[key] = engine.cost(node, block, accesses, starts, self.target)
        return self._costs[key]

    def _spans(self, touched: Sequence[SliceBuffer], block: NodeBlock) -> list[list[Span]]:
        """The banks of buffers, in each way in which their slots come together in blocks like one."""
        blocks = np.arange(self.strides[0] if self.shared else 1)
        if self.shared and self.summed > 1:
            first, last = self.ends(blocks)
            blocks = blocks[(first == block.first) & (last == block.last)]
        slots = np.stack([self.slot(each, blocks) for each in touched])
        return [
            [each.span(slot, self.target) for each, slot in zip(touched, column, strict=True)]
            for column in np.unique(slots, axis=1).T.tolist()
        ]

    def touched(self, last: bool) -> list[SliceBuffer]:
        """What the computation of a block touches, the last of a sum or another one; what it writes comes last."""
        inputs = [each for each in self.inputs if self.node.is_touched(each.role, last)]
        if self.sums is None:
            return [*inputs, self.result]
        return [*inputs, self.sums, self.result] if last else [*inputs, self.sums]

    def _access(self, buffer: SliceBuffer, sizes: Index, block: NodeBlock) -> Access:
        summed = buffer is (self.sums or self.result)
        return Access(
            role=buffer.role,
            local=True,
            reads=not block.first if summed else buffer is not self.result,
            writes=buffer is self.result or buffer is self.sums and not block.last,
            sizes=sizes,
            strides=buffer.strides,
            dtype=buffer.dtype,
        )


def _eighths(rows: int, cycles: int) -> int:
    """The most eighths of a bank that so many rows in no fewer cycles need."""
    return min(MAX_RESERVATION, max(1, -(-MAX_RESERVATION * rows // cycles)))
