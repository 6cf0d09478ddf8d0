"""The pass `xnn-set`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.target import Target
from xnn.runtime.targets import DEFAULT_TARGET, load_target


@dataclass(frozen=True)
class XnnSet(ModulePass):
    """Sets one field of the module's target, given as "SECTION.KEY=VALUE".

    A module without a target gets `edge` first.

    ```mlir
    builtin.module attributes {xnn.target = {..., matmul = {n = 64 : i64, ...}, ...}} { ... }
    ```
    becomes, with `field="matmul.n=32"`,
    ```mlir
    builtin.module attributes {xnn.target = {..., matmul = {n = 32 : i64, ...}, ...}} { ... }
    ```
    """

    name = "xnn-set"

    field: str

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        target = Target.of(op) if Target.has(op) else load_target(DEFAULT_TARGET)
        target.with_setting(self.field).attach(op)
