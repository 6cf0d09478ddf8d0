"""The pass `xnn-objective`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.passes import ModulePass

from xnn.dialects.xnn.interface import OBJECTIVE
from xnn.passes.schedule.objective import DEFAULT_OBJECTIVE, check_objective


@dataclass(frozen=True)
class XnnObjective(ModulePass):
    """Says what the schedule passes make small: `cycles`, `energy`, or `traffic` of external memory, in whole bursts.

    ```mlir
    builtin.module { ... }
    ```
    becomes with `objective=traffic`
    ```mlir
    builtin.module attributes {xnn.objective = "traffic"} { ... }
    ```
    Schedules of layers are compared so, not whole programs; of those that move the same, the fastest is taken.
    """

    name = "xnn-objective"

    objective: str = DEFAULT_OBJECTIVE

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        check_objective(self.objective)
        op.attributes[OBJECTIVE] = StringAttr(self.objective)
