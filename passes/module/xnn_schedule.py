"""The pass `xnn-schedule`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.diagnostics import UserError
from xnn.dialects.levels import has_reached, level_of
from xnn.dialects.xnn.interface import SCHEDULES, main_function, tensors_in
from xnn.passes.schedule.forced_schedules import force_schedules
from xnn.passes.schedule.schedule_text import parse_forced
from xnn.runtime.targets import target_of


@dataclass(frozen=True)
class XnnSchedule(ModulePass):
    """Forces the schedule of one layer, "LAYER=key=value, ..."; at the graph level the module says it.

    ```mlir
    builtin.module { ... }
    ```
    becomes with `layer="y=block=[1, 1, 8, 4, 2, 16], local"`
    ```mlir
    builtin.module attributes {xnn.schedules = ["y=block=[1, 1, 8, 4, 2, 16], local"]} { ... }
    ```
    for `force-schedules`. At the primitive level it is carried out at once.
    """

    name = "xnn-schedule"

    layer: str

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        forced = parse_forced(self.layer)
        if has_reached(op, Level.DMA):
            raise UserError(
                f'layer "{forced.layer}": its schedule is carried out already, for the module is at level '
                f"{level_of(op)}",
                hint=f"start from level {Level.PRIM} or above",
            )
        if has_reached(op, Level.PRIM):
            force_schedules(main_function(op), target_of(op), [forced])
        else:
            said = [*tensors_in(op, SCHEDULES), self.layer]
            op.attributes[SCHEDULES] = ArrayAttr(map(StringAttr, said))
