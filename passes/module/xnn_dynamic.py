"""The pass `xnn-dynamic`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.passes import ModulePass

from xnn.dialects.xnn.interface import DYNAMIC, tensors_in


@dataclass(frozen=True)
class XnnDynamic(ModulePass):
    """Leaves the address of an input, an output or a parameter to the session: `plan-memory` plans none.

    ```mlir
    builtin.module { ... }
    ```
    becomes with tensor="x"
    ```mlir
    builtin.module attributes {xnn.dynamic = ["x"]} { ... }
    ```
    """

    name = "xnn-dynamic"

    tensor: str

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        names = dict.fromkeys([*tensors_in(op, DYNAMIC), self.tensor])
        op.attributes[DYNAMIC] = ArrayAttr(map(StringAttr, names))
