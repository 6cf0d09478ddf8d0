"""The pass `xnn-target`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.runtime.targets import DEFAULT_TARGET, load_target


@dataclass(frozen=True)
class XnnTarget(ModulePass):
    """Makes the module's target the one called `target`: a shipped one, or a TOML file.

    ```mlir
    builtin.module { ... }
    ```
    becomes
    ```mlir
    builtin.module attributes {xnn.target = {name = "edge", clock_hz = 1000000000 : i64, ...}} { ... }
    ```
    """

    name = "xnn-target"

    target: str = DEFAULT_TARGET

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        load_target(self.target).attach(op)
