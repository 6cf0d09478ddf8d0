"""The schedules that a node may have: what they cost, and the local memory that they need.

A node by itself, all of whose feature maps are external, starts cold: its time is that of a pipeline of
transfers and computation (`closed_form`). Where some stay local, what it still loads comes while others
compute: its time is that of the engine, or of the bus.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from functools import cached_property
from heapq import heapify, heappop, heappush
from math import inf, prod
from typing import Any

import numpy as np
from xdsl.ir import Block

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Domain, Outermost, Primitive, ScheduleAttr
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.passes.schedule.candidate_blocks import candidate_blocks
from xnn.passes.schedule.closed_form import cycles_at_most
from xnn.passes.schedule.effort import Effort
from xnn.passes.schedule.estimate import (
    SLOTS,
    Traffic,
    engine_cycles,
    estimated,
    irregularity,
    kinds_of_blocks,
    least_cycles,
    slice_bytes,
    traffic_of,
)
from xnn.passes.schedule.front import Front, front_of
from xnn.passes.schedule.local_memory import aligned
from xnn.passes.schedule.scheduled_blocks import ScheduledBlocks
from xnn.passes.schedule.slice_buffers import NOWHERE, Homes, node_buffers
from xnn.runtime.engines.engine import primitive_engine

FOOTPRINT_WEIGHT = 0.05
"""A schedule may be this much slower, relatively, if it needs no local memory at all."""
TIGHT_WEIGHT = 4.0
"""Factor by which a layer is assumed to be slower if its buffers must share banks."""
LOCAL_TIGHT_WEIGHT = 1.15
"""The same, if feature maps stay local: slices come while others compute, wherever a bank is quiet then."""
LIKELY = 200
"""Candidates of each form that are estimated in full: those whose engine and bus have least to do."""
PER_SIZE = 24
"""The same, if feature maps stay local, of those that need about as much local memory."""
SIZES_PER_OCTAVE = 2
"""What counts as about as much."""
SIZES = 16
"""The smallest of all."""
PER_FORM = 2
"""Candidates of each form and outermost loop, of least estimated time, that may be finalists."""
NEAR = 1.03
"""How much slower, relatively, the estimates of schedules may be that the closed form decides between."""
LOOP_WEIGHT = 0.06
"""A schedule may be this much slower, relatively, per loop that it saves: fewer loops make a shorter program."""
LOCAL_LOOP_WEIGHT = 0.005
"""The same, if feature maps stay local."""
BUS_PRICE = 0.5
"""Of a cycle of the bus, in cycles of an engine, where both work at the same time."""
EXPOSED_PRICE = 0.02
"""Of a cycle for which nodes wait for the first positions of a result, or of what they need, on the same engine."""
MIXED_EXPOSED_PRICE = 0.2
"""The same, where neighbours run on other engines: beside this one, once they have something to do."""
BLOCK_CYCLES = 50
"""That a schedule may be slower for each block that it saves."""
SLICE_PRICE = 0.2
"""Of a cycle of the bus for the largest slice, beyond what finds a hole anywhere: large holes are rare."""
EASY_PART = 16
"""A slice of this part of local memory finds one."""


class _Known(IntEnum):
    """What is known of a finalist; what comes first is never more than what comes after."""

    LEAST_TIME = 0
    """The least that its time can be."""
    TIME = 1
    """Its time, if its buffers have banks of their own."""
    TIGHT_TIME = 2
    """Its time, if they must share banks."""


class Strategies:
    """The schedules that a node may have on a target.

    `homes`: where what stays in local memory lies; `mixed`: whether its neighbours run on other engines.
    """

    def __init__(
        self,
        op: Primitive,
        target: Target,
        effort: Effort,
        homes: Homes = NOWHERE,
        mixed: bool = False,
    ):
        self.target, self._effort, self._given = target, effort, op.schedule
        self.op, self.homes = _detached(op, homes)
        self._exposed = MIXED_EXPOSED_PRICE if mixed else EXPOSED_PRICE
        self._tight_weight = LOCAL_TIGHT_WEIGHT if homes else TIGHT_WEIGHT
        self.engine = primitive_engine(op)
        self.block = candidate_blocks(op, self.engine.granule(op, target))
        self._times: dict[ScheduleAttr, float] = {}
        self._blocks: dict[ScheduleAttr, ScheduledBlocks | None] = {}

    @cached_property
    def _traffic(self) -> dict[Outermost, Traffic]:
        return {
            each: traffic_of(self.op, self.block, each, self.target, self.homes)
            for each in Outermost
        }

    @cached_property
    def _engines(self) -> dict[Form, np.ndarray]:
        kinds = kinds_of_blocks(self.op.domain, self.block)
        return {
            form: least_cycles(self.op, self.block, kinds, form, self.target)
            for form in self.engine.forms(self.op, self.target)
        }

    @cached_property
    def front(self) -> Front:
        """What local memory buys, by what the engine and the bus have at least to do.

        Of a node that has a schedule already, what that one needs.
        """
        if self._given is not None:
            own = node_buffers(self.op, self._given, self.target, self.homes).own
            alignment = self.target.local.alignment
            needed = sum(aligned(each.bytes, alignment) * each.slots for each in own)
            return Front(np.array([needed]), np.array([self._time_beside(self._given)]))
        memory: list[np.ndarray] = []
        times: list[np.ndarray] = []
        for (outermost, _), (places, time) in self._likely.items():
            traffic = self._traffic[outermost]
            for needed, weight in ((traffic.footprint, 1), (traffic.tight, self._tight_weight)):
                memory.append(np.broadcast_to(needed, self._everywhere)[places])
                times.append(weight * time)
        return front_of(np.concatenate(memory), np.concatenate(times))

    def best(self, limit: int, fits: Callable[[ScheduleAttr, bool], bool]) -> ScheduleAttr | None:
        """The fastest schedule that needs no more than so many bytes, and fits; None if there is none.

        `fits`: whether the buffers of a schedule have room, and if asked, in banks of their own.
        """
        if self.homes:
            finalists = self._different(self._local(limit))[: self._effort.local_finalists]
        else:
            finalists = self._cold(limit)
        first = _Known.TIME if len(finalists) == 1 else _Known.LEAST_TIME
        queue = [(self._least_time(each), first, place) for place, each in enumerate(finalists)]
        heapify(queue)
        while queue:
            time, known, place = heappop(queue)
            schedule = finalists[place]
            if known == _Known.LEAST_TIME:
                heappush(queue, (self.time(schedule), _Known.TIME, place))
            elif fits(schedule, known == _Known.TIME):
                return schedule
            elif known == _Known.TIME:
                heappush(queue, (self._tight_weight * time, _Known.TIGHT_TIME, place))
        return None

    def in_blocks(
        self, block: Domain, outermost: Outermost, slots: int
    ) -> tuple[list[Form], np.ndarray, np.ndarray]:
        """Of blocks whose sizes are arrays: the best forms, their times where feature maps stay local, and bytes.

        Times are infinite where no form is allowed.
        """
        traffic = traffic_of(self.op, block, outermost, self.target, self.homes, slots)
        forms = self.engine.forms(self.op, self.target)
        cycles = np.stack(
            [engine_cycles(self.op, block, form, self.target, self.homes) for form in forms]
        )
        best = np.argmin(cycles, axis=0)
        engine = np.min(cycles, axis=0)
        price = BUS_PRICE if slots > 1 else 1  # nothing moves while the node itself computes
        time = engine + price * traffic.bus_cycles + self._pipelining(engine, block, outermost)
        return [forms[each] for each in best], time, np.broadcast_to(traffic.tight, time.shape)

    def smallest(self) -> ScheduleAttr | None:
        """The schedule that needs the least memory; none if the engine can do no block."""
        found: list[tuple[int, float, ScheduleAttr]] = []
        for outermost, traffic in self._traffic.items():
            for form, cycles in self._engines.items():
                memory = np.where(cycles < inf, traffic.tight, inf)
                best = int(np.lexsort([cycles, memory])[0])
                if memory[best] < inf:
                    schedule = _schedule(self.block.at(best), outermost, form)
                    found.append((int(memory[best]), float(cycles[best]), schedule))
        return min(found, key=lambda each: each[:2])[2] if found else None

    def time(self, schedule: ScheduleAttr) -> float:
        """Cycles with a schedule, in the sense of the module; infinite if it does not fit local memory."""
        if schedule not in self._times:
            self._times[schedule] = self._time(schedule)
        return self._times[schedule]

    def _time(self, schedule: ScheduleAttr) -> float:
        if not self.homes:
            return cycles_at_most(self.op, schedule, self.target) or inf
        return self._time_beside(schedule)

    def _time_beside(self, schedule: ScheduleAttr) -> float:
        """Cycles beside other nodes; infinite if it does not fit local memory."""
        if (blocks := self._scheduled(schedule)) is None:
            return inf
        return self._overlapped(blocks, schedule, blocks.engine_cycles())

    def _least_time(self, schedule: ScheduleAttr) -> float:
        """About the least that the time can be, and sooner known: without waiting for rows of memory."""
        if not self.homes:
            return 0.0
        if (blocks := self._scheduled(schedule)) is None:
            return inf
        form = Form(schedule.order, schedule.groups_per_tile, schedule.output_phases)
        return self._overlapped(blocks, schedule, blocks.least_engine_cycles(form))

    def _overlapped(self, blocks: ScheduledBlocks, schedule: ScheduleAttr, engine: float) -> float:
        """Cycles of the engine, and of the bus at their price, where both work beside other nodes."""
        block, outermost = schedule.block, schedule.outermost
        traffic = traffic_of(self.op, block, outermost, self.target, self.homes)
        moving = BUS_PRICE * blocks.bus_cycles() + float(self._waiting(traffic))
        return engine + moving + float(self._pipelining(engine, block, outermost))

    def _waiting(self, traffic: Traffic) -> Any:
        """What it costs to wait until there is room for the largest slice that is transferred."""
        bytes = self.target.local.capacity_bytes / EASY_PART
        easy = bytes * float(self.target.external.cycles_per_byte)
        return SLICE_PRICE * np.maximum(traffic.longest - easy, 0)

    def _scheduled(self, schedule: ScheduleAttr) -> ScheduledBlocks | None:
        """The blocks of a schedule, which the node has from now on; None if they do not fit local memory."""
        self.op.properties["schedule"] = schedule
        if schedule not in self._blocks:
            try:
                blocks = ScheduledBlocks(self.op, schedule, self.target, self.homes)
            except UserError:
                blocks = None
            self._blocks[schedule] = blocks
        return self._blocks[schedule]

    def _pipelining(self, engine: Any, block: Domain, outermost: Outermost) -> Any:
        """What it costs others to wait for parts of the result, or for operands to be read, and each block.

        Once the first positions of all channels are there, the next node begins; this one did so when
        it had its own first positions.
        """
        batch, groups, rows, channels, *positions = self.op.domain.counts(block)
        parts, pieces = groups * rows, batch * prod(positions)
        first = 1 / pieces
        if outermost == Outermost.ROWS:
            first = (parts - 1 + first) / parts
        blocks = parts * pieces * channels
        return self._exposed * engine * (first + 1 / pieces) + BLOCK_CYCLES * blocks

    def _cold(self, limit: int) -> list[ScheduleAttr]:
        """Finalists: those of least estimated time of each form and outermost loop."""
        found: list[tuple[float, ScheduleAttr]] = []
        for outermost, weight in self._weights(limit, LOOP_WEIGHT).items():
            traffic = self._traffic[outermost]
            for form, engine in self._engines.items():
                least = np.maximum(engine, traffic.bus_cycles)
                likely = np.argsort(least * weight)[:LIKELY]
                some = self.block.at(likely)
                time = estimated(self.op, some, form, traffic.at(likely), self.target)
                time = time * weight[likely]
                for best in np.argsort(time)[:PER_FORM]:
                    found.append((float(time[best]), _schedule(some.at(best), outermost, form)))
        found.sort(key=lambda each: each[0])
        near = [each for each in found if each[0] <= NEAR * found[0][0] < inf]
        return self._different(near)[: self._effort.finalists]

    @cached_property
    def _everywhere(self) -> tuple[int, ...]:
        """The shape of what is known of all candidates."""
        return np.broadcast_shapes(*(np.shape(size) for size in self.block.sizes))

    @cached_property
    def _likely(self) -> dict[tuple[Outermost, Form], tuple[np.ndarray, np.ndarray]]:
        """By loop and form, the candidates that may be best in some size of memory, and about their times.

        Those whose engine and bus have least to do, if their buffers have banks of their own.
        """
        buses = {
            each: np.broadcast_to(
                BUS_PRICE * traffic.bus_cycles + self._waiting(traffic), self._everywhere
            )
            for each, traffic in self._traffic.items()
        }
        likely = {
            (outermost, form): self._least_by_size(
                self._traffic[outermost],
                engine + bus + self._pipelining(engine, self.block, outermost),
            )
            for outermost, bus in buses.items()
            for form, engine in self._engines.items()
        }
        engines = {
            form: self._estimated(form, [likely[each, form] for each in buses])
            for form in self._engines
        }
        return {
            (outermost, form): (
                places,
                engines[form][places]
                + buses[outermost][places]
                + self._pipelining(engines[form][places], self.block.at(places), outermost),
            )
            for (outermost, form), places in likely.items()
        }

    def _least_by_size(self, traffic: Traffic, time: np.ndarray) -> np.ndarray:
        """Of the candidates that need about the same local memory, those of least time."""
        capacity = self.target.local.capacity_bytes
        needed = np.maximum(np.broadcast_to(traffic.tight, time.shape), 1)
        size = np.minimum(np.floor(SIZES_PER_OCTAVE * np.log2(capacity / needed)), SIZES)
        order = np.lexsort([time, size])
        rank = np.arange(len(order)) - np.searchsorted(size[order], size[order])
        return order[(rank < PER_SIZE) & (size[order] >= 0) & (time[order] < inf)]

    def _local(self, limit: int) -> list[tuple[float, ScheduleAttr]]:
        """If feature maps stay local, the schedules whose engine and bus have least to do, by weighted time."""
        found: list[tuple[float, ScheduleAttr]] = []
        weights = self._weights(limit, LOCAL_LOOP_WEIGHT)
        for (outermost, form), (places, time) in self._likely.items():
            weighted = time * weights[outermost][places]
            for best in np.argsort(weighted)[:PER_FORM]:
                if weighted[best] < inf:
                    schedule = _schedule(self.block.at(places[best]), outermost, form)
                    found.append((float(weighted[best]), schedule))
        return sorted(found, key=lambda each: each[0])

    def _estimated(self, form: Form, places: Sequence[np.ndarray]) -> np.ndarray:
        """About the cycles of the engine with candidates at some places; of no others."""
        some = np.unique(np.concatenate(places))
        cycles = np.full(self._everywhere, inf)
        cycles[some] = engine_cycles(self.op, self.block.at(some), form, self.target, self.homes)
        return cycles

    def _weights(self, limit: int, loop_weight: float) -> dict[Outermost, np.ndarray]:
        """By outermost loop, factors of the time of each candidate; infinite if it does not fit."""
        capacity = self.target.local.capacity_bytes
        loops = 1 + loop_weight * irregularity(self.op.domain, self.block)
        weights: dict[Outermost, np.ndarray] = {}
        for outermost, traffic in self._traffic.items():
            weight = (1 + FOOTPRINT_WEIGHT * traffic.footprint / capacity) * loops
            # Buffers that must share banks delay each other: by itself only if nothing else fits.
            tight = self._tight_weight * weight
            weight = np.where(traffic.footprint <= limit, weight, tight)
            weights[outermost] = np.where(traffic.tight <= limit, weight, inf)
        return weights

    def _different(self, found: Iterable[tuple[float, ScheduleAttr]]) -> list[ScheduleAttr]:
        """Schedules with the same blocks in the same order are one."""
        different: dict[object, ScheduleAttr] = {}
        for _, each in found:
            form = each.order, each.groups_per_tile, each.output_phases
            different.setdefault((each.block, form, *each.loops(self.op.domain)), each)
        return list(different.values())

    def too_small(self) -> UserError:
        """Names the largest buffer of the candidate that needs the least memory, of those that the engine can do."""
        op, target, block = self.op, self.target, self.block
        tight = self._traffic[Outermost.ROWS].tight
        allowed = np.logical_or.reduce([each < inf for each in self._engines.values()])
        if not allowed.any():
            return UserError(
                f'layer "{op.shown_name}" has no block that the {op.engine} engine can do'
            )
        index = int(np.argmin(np.where(allowed, tight, inf)))
        largest = max(op.slices(block.at(index)), key=slice_bytes)
        needed = int(np.broadcast_to(tight, allowed.shape)[index])
        return UserError(
            f'layer "{op.shown_name}" needs at least {needed} bytes of local '
            f"memory, but the target has {target.local.capacity_bytes}; its largest buffer, {largest.role}, "
            f"takes {slice_bytes(largest)} bytes",
            hint="a larger [local] memory: more banks, rows or row_bytes",
        )


def _detached(op: Primitive, homes: Homes) -> tuple[Primitive, Homes]:
    """A copy of a node that uses no values of the network, and the homes of what it uses."""
    operands = Block(arg_types=[value.type for value in op.operands]).args
    copy = op.clone(dict(zip(op.operands, operands, strict=True)))
    pairs = zip((*op.operands, op.out), (*copy.operands, copy.out), strict=True)
    return copy, {new: homes[old] for old, new in pairs if old in homes}


def _schedule(block: Domain, outermost: Outermost, form: Form) -> ScheduleAttr:
    return ScheduleAttr(block=block, outermost=outermost, **form._asdict(), slots=SLOTS)
