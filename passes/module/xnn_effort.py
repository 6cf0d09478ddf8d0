"""The pass `xnn-effort`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.passes import ModulePass

from xnn.dialects.xnn.interface import EFFORT
from xnn.passes.schedule.effort import DEFAULT_EFFORT, effort_named


@dataclass(frozen=True)
class XnnEffort(ModulePass):
    """Says how much the schedule passes try for a faster program: `fast`, `default` or `thorough`.

    ```mlir
    builtin.module { ... }
    ```
    becomes with `effort=fast`
    ```mlir
    builtin.module attributes {xnn.effort = "fast"} { ... }
    ```
    `fast` compiles in a fraction of the time; `thorough` tries all that `default` does, and more.
    """

    name = "xnn-effort"

    effort: str = DEFAULT_EFFORT

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        effort_named(self.effort)
        op.attributes[EFFORT] = StringAttr(self.effort)
