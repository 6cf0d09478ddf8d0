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
    """Says what the schedule passes make small: `cycles`, `energy`, or `traffic` with external memory.

    ```mlir
    builtin.module { ... }
    ```
    becomes with `objective=traffic`
    ```mlir
    builtin.module attributes {xnn.objective = "traffic"} { ... }
    ```
    Between programs of the same energy, or with the same traffic, cycles decide.
    """

    name = "xnn-objective"

    objective: str = DEFAULT_OBJECTIVE

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        check_objective(self.objective)
        op.attributes[OBJECTIVE] = StringAttr(self.objective)
