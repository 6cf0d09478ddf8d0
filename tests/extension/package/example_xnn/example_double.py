"""The pass `example-double`."""

from __future__ import annotations

from dataclasses import dataclass

from xdsl.context import Context
from xdsl.dialects.builtin import FloatAttr, ModuleOp
from xdsl.passes import ModulePass

from example_xnn.dialect import Scale2Op


@dataclass(frozen=True)
class ExampleDouble(ModulePass):
    """Multiplies the factor of every `example.scale2` by `by`."""

    name = "example-double"
    changes_values = True

    by: float = 2.0

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if self.by == 0:
            raise LookupError("nothing is doubled")
        for each in op.walk():
            if isinstance(each, Scale2Op):
                factor = each.factor
                each.properties["factor"] = FloatAttr(factor.value.data * self.by, factor.type)
