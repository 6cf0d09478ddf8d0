"""Number formats as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xnn.runtime.engines.formats import Formats
from xnn.runtime.report.table import Column, Table

_PLAIN = {"f32", "f64", "i1", "i32", "i64"}
"""Formats of networks that were never quantised."""


@dataclass(frozen=True, kw_only=True)
class LayerFormats:
    """The formats of a layer."""

    name: str
    formats: Formats
    kept_because: str
    """If it computes floats, or leaves one, though the network was quantised: why."""


def format_table(layers: Sequence[LayerFormats]) -> Table | None:
    """A row for each layer, with why it has floats; nothing for networks that were never quantised."""
    if {each for layer in layers for each in layer.formats.all} <= _PLAIN:
        return None
    columns = (
        Column("operands", tuple(", ".join(each.formats.operands) for each in layers), True),
        Column("arithmetic", tuple(each.formats.arithmetic for each in layers), True),
        Column("result", tuple(each.formats.result for each in layers), True),
        Column("has floats because", tuple(each.kept_because for each in layers), True),
    )
    return Table("layer", tuple(each.name for each in layers), columns)
