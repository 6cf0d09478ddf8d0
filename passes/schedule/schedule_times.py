"""The times of schedules of a node, block by block."""

from __future__ import annotations

from math import inf

from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Primitive, ScheduleAttr
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.passes.schedule.closed_form import cycles_at_most
from xnn.passes.schedule.overlap import BUS_PRICE, Overlap
from xnn.passes.schedule.scheduled_blocks import ScheduledBlocks
from xnn.passes.schedule.slice_buffers import Homes
from xnn.passes.schedule.traffic import Communication, Staging


class ScheduleTimes:
    """How long a node takes with a schedule; worked out once for each.

    By itself, starting cold, if all of its feature maps are external; beside others if some have `homes`
    in local memory. The node, which no network uses, gets the schedules.
    """

    def __init__(self, op: Primitive, target: Target, homes: Homes, overlap: Overlap):
        self.op, self.target, self.homes = op, target, homes
        self._overlap = overlap
        self._times: dict[ScheduleAttr, float] = {}
        self._blocks: dict[ScheduleAttr, ScheduledBlocks | None] = {}
        self._moving: dict[ScheduleAttr, float] = {}
        """Cycles of the bus, and of waiting for room, at their price."""

    def of(self, schedule: ScheduleAttr) -> float:
        """Cycles with a schedule, in the sense of the module; infinite if it does not fit local memory."""
        if schedule not in self._times:
            self._times[schedule] = self._time(schedule)
        return self._times[schedule]

    def _time(self, schedule: ScheduleAttr) -> float:
        if not self.homes:
            return cycles_at_most(self.op, schedule, self.target) or inf
        return self.beside(schedule)

    def beside(self, schedule: ScheduleAttr) -> float:
        """Cycles beside other nodes; infinite if it does not fit local memory."""
        if (blocks := self._scheduled(schedule)) is None:
            return inf
        return self._overlapped(blocks, schedule, blocks.engine_cycles())

    def moving(self, schedule: ScheduleAttr) -> float:
        """The price of all transfers beside their time."""
        if not self._overlap.transfer_price:
            return 0.0
        communication = Communication(self.op, schedule.block, Staging.of(schedule), self.target)
        moved = communication.traffic(self.homes).bus_cycles
        return self._overlap.transfer_price * float(moved)

    def at_least(self, schedule: ScheduleAttr) -> float:
        """About the least that the time can be, and sooner known: without waiting for rows of memory."""
        if not self.homes:
            return 0.0
        if (blocks := self._scheduled(schedule)) is None:
            return inf
        form = Form(schedule.order, schedule.groups_per_tile, schedule.output_phases)
        return self._overlapped(blocks, schedule, blocks.least_engine_cycles(form))

    def _overlapped(self, blocks: ScheduledBlocks, schedule: ScheduleAttr, engine: float) -> float:
        """Cycles of the engine, and of the bus at their price, where both work beside other nodes."""
        if schedule not in self._moving:
            communication = Communication(
                self.op, schedule.block, Staging.of(schedule), self.target
            )
            waiting = self._overlap.waiting(communication.traffic(self.homes))
            self._moving[schedule] = BUS_PRICE * blocks.bus_cycles() + float(waiting)
        exposure = self._overlap.exposure(self.op.domain, schedule.block, schedule.outermost)
        return engine + self._moving[schedule] + float(self._overlap.pipelining(engine, exposure))

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
