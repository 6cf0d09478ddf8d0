"""The schedules that a node may have: what they cost, and the local memory that they need.

A node by itself, all of whose feature maps are external, starts cold: its time is that of a pipeline of
transfers and computation (`closed_form`). Where some stay local, what it still loads comes while others
compute: its time is that of the engine, or of the bus.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import product
from math import gcd, inf, prod
from typing import Any, NamedTuple

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Domain, Outermost, Primitive, ScheduleAttr
from xnn.dialects.prim.node import NamedOp, NodeOp
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.passes.schedule.closed_form import cycles_at_most
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
from xnn.passes.schedule.local_memory import aligned
from xnn.passes.schedule.scheduled_blocks import ScheduledBlocks
from xnn.passes.schedule.slice_buffers import NOWHERE, Homes, node_buffers
from xnn.runtime.engines.engine import primitive_engine

FOOTPRINT_WEIGHT = 0.05
"""A schedule may be this much slower, relatively, if it needs no local memory at all."""
TIGHT_WEIGHT = 4.0
"""Factor by which a layer is assumed to be slower if its buffers must share banks."""
LIKELY = 200
"""Candidates of each form that are estimated in full: those whose engine and bus have least to do."""
PER_FORM = 2
"""Candidates of each form and outermost loop, of least estimated time, that may be finalists."""
FINALISTS = 4
NEAR = 1.03
"""Schedules that the closed form decides between, and how much slower, relatively, their estimates may be."""
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
LOCAL_FINALISTS = 6
"""Schedules some of whose blocks are priced where their slices lie, if feature maps stay local."""


class Front(NamedTuple):
    """The least time for each size of local memory that pays: both arrays, memory growing, time shrinking."""

    memory: np.ndarray
    time: np.ndarray

    def at(self, limit: float) -> float:
        """The least time with so many bytes; infinite if they do not suffice."""
        place = int(np.searchsorted(self.memory, limit, "right"))
        return float(self.time[place - 1]) if place else inf


def front_of(memory: np.ndarray, time: np.ndarray) -> Front:
    """That of candidates."""
    order = np.lexsort([time, memory])
    least = np.minimum.accumulate(time[order])
    pays = np.concatenate([[True], least[1:] < least[:-1]]) & (least < inf)
    return Front(memory[order][pays], least[pays])


class Strategies:
    """The schedules that a node may have on a target.

    `homes`: where what stays in local memory lies; `mixed`: whether its neighbours run on other engines.
    """

    def __init__(self, op: Primitive, target: Target, homes: Homes = NOWHERE, mixed: bool = False):
        self.op, self.target, self.homes = op, target, homes
        self._exposed = MIXED_EXPOSED_PRICE if mixed else EXPOSED_PRICE
        self.engine = primitive_engine(op)
        self.block = _candidates(op, self.engine.granule(op, target))
        if homes:  # sums of parts of the channels would be read and written again for each part
            self.block = self.block.at(np.flatnonzero(self.block.channels >= op.domain.channels))
        self._times: dict[ScheduleAttr, float] = {}

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
        if self.op.schedule is not None:
            own = node_buffers(self.op, self.op.schedule, self.target, self.homes).own
            alignment = self.target.local.alignment
            needed = sum(aligned(each.bytes, alignment) * each.slots for each in own)
            return Front(np.array([needed]), np.array([self._overlapped(self.op.schedule)]))
        memory: list[np.ndarray] = []
        times: list[np.ndarray] = []
        engine = np.minimum.reduce(list(self._engines.values()))
        for traffic in self._traffic.values():
            time = engine + BUS_PRICE * traffic.bus_cycles
            memory.append(np.broadcast_to(traffic.tight, time.shape))
            times.append(time)
        return front_of(np.concatenate(memory), np.concatenate(times))

    def best(self, limit: int) -> list[ScheduleAttr]:
        """Schedules that need no more than so many bytes, the fastest first; none if there is none."""
        finalists = self._local(limit) if self.homes else self._cold(limit)
        if len(finalists) == 1:
            return finalists
        times = {each: self.time(each) for each in finalists}
        return sorted(finalists, key=lambda each: times[each])

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
        return self._overlapped(schedule)

    def _overlapped(self, schedule: ScheduleAttr) -> float:
        """Cycles of the engine, and of the bus at their price, where both work beside other nodes."""
        draft = self.op.clone()
        draft.properties["schedule"] = schedule
        homes = dict(self.homes)
        if self.op.out in homes:
            homes[draft.out] = homes[self.op.out]
        try:
            blocks = ScheduledBlocks(draft, schedule, self.target, homes)
            engine, bus = blocks.totals()
        except UserError:
            return inf
        finally:
            draft.drop_all_references()  # else the operands' uses, which passes ask, have it for good
        pipelining = self._pipelining(engine, schedule.block, schedule.outermost)
        return engine + BUS_PRICE * bus + float(pipelining)

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
        for outermost, form, weight in self._weighted(limit, LOOP_WEIGHT):
            traffic = self._traffic[outermost]
            least = np.maximum(self._engines[form], traffic.bus_cycles)
            likely = np.argsort(least * weight)[:LIKELY]
            some = self.block.at(likely)
            time = estimated(self.op, some, form, traffic.at(likely), self.target) * weight[likely]
            for best in np.argsort(time)[:PER_FORM]:
                found.append((float(time[best]), _schedule(some.at(best), outermost, form)))
        found.sort(key=lambda each: each[0])
        near = [each for each in found if each[0] <= NEAR * found[0][0] < inf]
        return self._different(near)[:FINALISTS]

    def _local(self, limit: int) -> list[ScheduleAttr]:
        """Finalists, if feature maps stay local: those whose engine and bus have least to do."""
        found: list[tuple[float, ScheduleAttr]] = []
        for outermost, form, weight in self._weighted(limit, LOCAL_LOOP_WEIGHT):
            bus = self._traffic[outermost].bus_cycles
            least = (self._engines[form] + BUS_PRICE * bus) * weight
            likely = np.argsort(least)[:LIKELY]
            some, bus = self.block.at(likely), np.broadcast_to(bus, least.shape)[likely]
            engine = engine_cycles(self.op, some, form, self.target, self.homes)
            time = engine + BUS_PRICE * bus + self._pipelining(engine, some, outermost)
            time = time * weight[likely]
            for best in np.argsort(time)[:PER_FORM]:
                if time[best] < inf:
                    schedule = _schedule(some.at(best), outermost, form)
                    found.append((float(time[best]), schedule))
        found.sort(key=lambda each: each[0])
        return self._different(found)[:LOCAL_FINALISTS]

    def _weighted(
        self, limit: int, loop_weight: float
    ) -> Iterator[tuple[Outermost, Form, np.ndarray]]:
        """Each outermost loop and form, with factors of the time of each candidate; infinite if it does not fit."""
        capacity = self.target.local.capacity_bytes
        loops = 1 + loop_weight * irregularity(self.op.domain, self.block)
        for outermost, traffic in self._traffic.items():
            weight = (1 + FOOTPRINT_WEIGHT * traffic.footprint / capacity) * loops
            # Buffers that must share banks delay each other: only if nothing else fits.
            weight = np.where(traffic.footprint <= limit, weight, TIGHT_WEIGHT)
            weight = np.where(traffic.tight <= limit, weight, inf)
            for form in self._engines:
                yield outermost, form, weight

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


class AllStrategies:
    """The strategies of the nodes of a network: those of equal nodes are worked out once."""

    def __init__(self, target: Target):
        self.target = target
        self._known: dict[object, Strategies] = {}

    def of(self, op: Primitive, homes: Homes) -> Strategies:
        """Those of a node."""
        places = tuple(homes.get(value) for value in (*op.operands, op.out))
        mixed = _is_mixed(op)
        key = _signature(op), places, mixed
        if key not in self._known:
            self._known[key] = Strategies(op, self.target, homes, mixed)
        return self._known[key]


def _is_mixed(op: Primitive) -> bool:
    """Whether what a node reads or writes is used on another engine."""
    made = [node for value in op.operands for node in _makers(value)]
    values = [*(node.out for node in made), op.out]
    nodes = [*made, *(user for value in values for user in _users(value))]
    return any(node.engine != op.engine for node in nodes)


def _makers(value: SSAValue) -> Iterator[NodeOp]:
    """The nodes whose results lie in a value."""
    owner = value.owner
    if isinstance(owner, NodeOp):
        yield owner
    elif isinstance(owner, NamedOp):
        for part in owner.lies_in:
            yield from _makers(part)


def _users(value: SSAValue) -> Iterator[NodeOp]:
    """The nodes that use a value, or what it lies in."""
    for use in value.uses:
        user = use.operation
        if isinstance(user, NodeOp):
            yield user
        elif isinstance(user, NamedOp) and user.lies_in:
            yield from _users(user.results[0])


def _signature(op: Primitive) -> object:
    types = tuple(value.type for value in (*op.operands, op.out))
    ignored = ("name", "layers", "local", "external", "pitch", "rows")
    own = tuple((k, v) for k, v in op.properties.items() if k not in ignored)
    scalars = [
        (type(inner), *inner.result_types)
        for region in (op.pre, op.post)
        for inner in region.walk()
    ]
    return type(op), types, own, tuple(scalars)


def _schedule(block: Domain, outermost: Outermost, form: Form) -> ScheduleAttr:
    return ScheduleAttr(block=block, outermost=outermost, **form._asdict(), slots=SLOTS)


def _candidates(op: Primitive, n: int) -> Domain:
    """All combinations of block sizes, as one domain whose sizes are arrays."""
    domain = op.domain
    multiple = op.channels_multiple
    rows, channels = _splits(domain.rows, n), _splits(domain.channels, multiple, 8)
    if domain.groups > 1:  # a block ends where its group does
        rows = _divisors(domain.rows)
        divisors = (each for each in _divisors(domain.channels) if each % multiple == 0)
        channels = sorted({*divisors, domain.channels})
    rank = len(domain.positions)
    position_splits = [
        _splits(size, 1, 8 if i < rank - 1 else 1) for i, size in enumerate(domain.positions)
    ]
    if rank == 2 and (lines := n // gcd(n, domain.positions[1])) < domain.positions[0]:
        # the vectors of whole rows of the memory begin with those of the feature map
        position_splits[0] = sorted({*position_splits[0], *_splits(domain.positions[0], lines)})
    if rank == 1:
        position_splits = [_splits(domain.positions[0], n)]
    batch, groups = _splits(domain.batch), _splits(domain.groups, 1, 4)
    parts = [batch, groups, rows, channels, *position_splits]
    grid = np.array(list(product(*parts)), np.int64).T
    # Several groups in a block only with all of their rows and channels.
    whole = (grid[1] == 1) | ((grid[2] == domain.rows) & (grid[3] == domain.channels))
    return Domain.of_sizes([column[whole] for column in grid])


def _splits(size: int, multiple: int = 1, most: int = 8) -> list[int]:
    """Candidate block sizes: the size in 1, 2, ... parts, then halved, at last in ones, rounded up to multiples."""
    counts = [*range(1, most + 1), *(most * 2**i for i in range(1, 16)), size]
    blocks = {-(-size // count) for count in counts if count <= size}
    return sorted({min(size, -(-block // multiple) * multiple) for block in blocks})


def _divisors(size: int) -> list[int]:
    return [part for part in range(1, size + 1) if size % part == 0]
