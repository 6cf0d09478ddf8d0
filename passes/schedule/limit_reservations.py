"""The pass `limit-reservations`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.passes.schedule.effort import effort_of
from xnn.passes.schedule.reservation_limits import reservation_limits, schedule_of
from xnn.passes.schedule.step_table import StepTable


@dataclass(frozen=True)
class LimitReservations(ModulePass):
    """Lets nodes reserve less of a bank than they could use, where others need it at the same time.

    ```mlir
    prim.sort "pool1" ... schedule <block = [1, 64, 1, 1, 4, 55], ..., slots = 2> ...
    ```
    becomes
    ```mlir
    prim.sort "pool1" ... schedule <block = [1, 64, 1, 1, 4, 55], ..., slots = 2, eighths = 4> ...
    ```
    if `pool1` takes longer then, but products that read the same feature map need not wait for it. What
    decides is the exact time of the whole program. Limits that are there already stay; where nothing
    is faster, so does everything.
    """

    name = "limit-reservations"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not (timed_nodes := effort_of(op).timed_nodes):
            return
        table = StepTable(op)
        limits = reservation_limits(table.lines, table.target, timed_nodes)
        for primitive, most in limits.eighths.items():
            primitive.properties["schedule"] = replace(schedule_of(primitive), eighths=most)
