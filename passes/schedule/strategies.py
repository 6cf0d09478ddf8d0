"""The schedules that a node may have: what they cost, and the local memory that they need.

A node by itself, all of whose feature maps are external, starts cold: its time is that of a pipeline of
transfers and computation (`closed_form`). Where some stay local, what it still loads comes while others
compute: its time is that of the engine, or of the bus (`overlap`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from functools import cached_property
from heapq import heapify, heappop, heappush

import numpy as np

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Domain, Outermost, ScheduleAttr, SliceLayout
from xnn.dialects.prim.node import has_rows_first
from xnn.dialects.prim.tiling import Form
from xnn.passes.schedule.candidates import Candidates, PlacedCandidates
from xnn.passes.schedule.effort import Effort
from xnn.passes.schedule.estimate import engine_cycles
from xnn.passes.schedule.finalists import finalists
from xnn.passes.schedule.front import Front
from xnn.passes.schedule.local_memory import aligned
from xnn.passes.schedule.neighbours import Neighbours
from xnn.passes.schedule.overlap import BUS_PRICE, Overlap
from xnn.passes.schedule.schedule_times import ScheduleTimes
from xnn.passes.schedule.slice_buffers import Homes, node_buffers
from xnn.passes.schedule.traffic import Communication, Staging
from xnn.runtime.engines.engine import primitive_engine


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

    `homes`: where what stays in local memory lies, by values of the copy of the node that `candidates` are for;
    `transfer_price`: of a cycle of the bus beside its time, by the objective.
    """

    def __init__(
        self,
        candidates: Candidates,
        effort: Effort,
        homes: Homes,
        neighbours: Neighbours,
        transfer_price: float,
    ):
        self.op, self.target, self.homes = candidates.op, candidates.target, homes
        self._effort, self._given = effort, candidates.given
        read = [homes[value] for value in self.op.operands if value in homes]
        reads_rows = any(has_rows_first(strides) for _, strides in read)
        self._overlap = Overlap(self.target, neighbours, transfer_price, reads_rows)
        self._times = ScheduleTimes(self.op, self.target, homes, self._overlap)
        self._all = candidates

    @cached_property
    def _candidates(self) -> PlacedCandidates:
        return PlacedCandidates(self._all, self.homes, self._overlap, self._overlap.layout)

    @cached_property
    def _dense(self) -> PlacedCandidates:
        if self._overlap.layout == SliceLayout.DENSE:
            return self._candidates
        return PlacedCandidates(self._all, self.homes, self._overlap, SliceLayout.DENSE)

    def _finalists(self, limit: int) -> list[ScheduleAttr]:
        """Those of dense slices as well where more memory would change what is best."""
        found = finalists(self._candidates, limit, self._effort)
        capacity = self.target.local.capacity_bytes
        if found != finalists(self._candidates, capacity, self._effort):
            found += finalists(self._dense, limit, self._effort)
        return list(dict.fromkeys(found))

    @cached_property
    def front(self) -> Front:
        """What local memory buys; of a node that has a schedule already, what that one needs."""
        if self._given is None:
            return self._candidates.front
        own = node_buffers(self.op, self._given, self.target, self.homes).own
        alignment = self.target.local.alignment
        needed = sum(aligned(each.bytes, alignment) * each.slots for each in own)
        time = self._times.beside(self._given) + self._times.moving(self._given)
        return Front(np.array([needed]), np.array([time]))

    def best(self, limit: int, fits: Callable[[ScheduleAttr, bool], bool]) -> ScheduleAttr | None:
        """The schedule of least cost that needs no more than so many bytes, and fits; None if there is none.

        `fits`: whether the buffers of a schedule have room, and if asked, in banks of their own.
        """
        found = self._finalists(limit)
        first = _Known.TIME if len(found) == 1 else _Known.LEAST_TIME
        moving = [self._times.moving(each) for each in found]
        queue = [
            (self._times.at_least(each) + moving[place], first, place)
            for place, each in enumerate(found)
        ]
        heapify(queue)
        while queue:
            _, known, place = heappop(queue)
            schedule = found[place]
            if known == _Known.LEAST_TIME:
                cost = self._times.of(schedule) + moving[place]
                heappush(queue, (cost, _Known.TIME, place))
            elif fits(schedule, known == _Known.TIME):
                return schedule
            elif known == _Known.TIME:
                tight = self._candidates.tight_weight * self._times.of(schedule)
                heappush(queue, (tight + moving[place], _Known.TIGHT_TIME, place))
        return None

    def in_blocks(
        self, block: Domain, outermost: Outermost, slots: int
    ) -> tuple[list[Form], list[SliceLayout], np.ndarray, np.ndarray]:
        """Of blocks whose sizes are arrays: the best forms, layouts, times where feature maps stay local, and bytes.

        Times are infinite where no form is allowed.
        """
        dense, traffic = (
            Communication(self.op, block, Staging(outermost, layout), self.target, slots).traffic(
                self.homes
            )
            for layout in (SliceLayout.DENSE, self._overlap.layout)
        )
        exposure = self._overlap.exposure(self.op.domain, block, outermost)
        forms = primitive_engine(self.op).forms(self.op, self.target)
        cycles = np.stack(
            [
                engine_cycles(self.op, block, form, self._overlap.layout, self.target, self.homes)
                for form in forms
            ]
        )
        best = np.argmin(cycles, axis=0)
        engine = np.min(cycles, axis=0)
        price = BUS_PRICE if slots > 1 else 1  # nothing moves while the node itself computes
        price += self._overlap.transfer_price
        time = engine + price * traffic.bus_cycles + self._overlap.pipelining(engine, exposure)
        own, least = (np.broadcast_to(each.tight, time.shape) for each in (traffic, dense))
        layouts = [self._overlap.layout if more else SliceLayout.DENSE for more in own != least]
        return [forms[each] for each in best], layouts, time, own

    def smallest(self) -> ScheduleAttr | None:
        """The schedule that needs the least memory; none if the engine can do no block."""
        return self._candidates.smallest()

    def too_small(self, layer: str) -> UserError:
        """Says which buffer of the node is too large; `layer`: the name that the user knows."""
        return self._candidates.too_small(layer)
