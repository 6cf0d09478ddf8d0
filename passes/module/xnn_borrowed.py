"""The pass `xnn-borrowed`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import ArrayAttr, ModuleOp, StringAttr
from xdsl.passes import ModulePass

from xnn.dialects.xnn.interface import BORROWED, tensors_in


@dataclass(frozen=True)
class XnnBorrowed(ModulePass):
    """Lets the caller own the bytes of an input, an output or state, which is dynamic then.

    ```mlir
    builtin.module { ... }
    ```
    becomes with tensor="x"
    ```mlir
    builtin.module attributes {xnn.borrowed = ["x"]} { ... }
    ```
    """

    name = "xnn-borrowed"

    tensor: str

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        names = dict.fromkeys([*tensors_in(op, BORROWED), self.tensor])
        op.attributes[BORROWED] = ArrayAttr(map(StringAttr, names))
