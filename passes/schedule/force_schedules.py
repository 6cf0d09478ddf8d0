"""The pass `force-schedules`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects import Level
from xnn.dialects.levels import has_reached
from xnn.dialects.xnn.interface import SCHEDULES, main_function, tensors_in
from xnn.passes.schedule.forced_schedules import force_schedules
from xnn.passes.schedule.schedule_text import parse_forced
from xnn.runtime.targets import target_of


@dataclass(frozen=True)
class ForceSchedules(ModulePass):
    """Gives layers the schedules that the module says for them, and their results the memory.

    ```mlir
    builtin.module attributes {xnn.schedules = ["y=block=[1, 1, 8, 4, 2, 16], external"]} {
      ...
      %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> -> tensor<1x8x16x16xf32>
    ```
    becomes
    ```mlir
    builtin.module {
      ...
      %y = prim.matmul "y" "conv" ins(%w, %x : ...) window <...> schedule <block = [1, 1, 8, 4, 2, 16],
        outermost = positions, order = output_stationary, ...> external -> tensor<1x8x16x16xf32>
    ```
    Fields that are not said are those of the schedule that the layer has, or else those that make it
    fastest by itself. A layer has its own name, or that of one that is fused into it. The passes that
    choose keep what is forced.
    """

    name = "force-schedules"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        said = tensors_in(op, SCHEDULES)
        if said and not has_reached(op, Level.DMA):
            force_schedules(main_function(op), target_of(op), map(parse_forced, said))
            del op.attributes[SCHEDULES]
