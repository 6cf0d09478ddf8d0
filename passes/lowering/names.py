"""Names of the layers that a node took in."""

from __future__ import annotations

from collections.abc import Iterable

from xdsl.dialects.builtin import ArrayAttr, StringAttr

from xnn.dialects.prim import NamedOp


def take_in(op: NamedOp, layers: Iterable[str]) -> None:
    """Make `layers` the names that fusion took into `op`; they keep their order."""
    names = dict.fromkeys(layers)
    op.properties["layers"] = ArrayAttr(StringAttr(name) for name in names)
