"""Number formats as a table for people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xnn.runtime.engines.formats import Formats
from xnn.runtime.report.table import columns, shortened

_COLUMNS = ("layer", "operands", "arithmetic", "result", "has floats because")
_PLAIN = {"f32", "f64", "i1", "i32", "i64"}
"""Formats of networks that were never quantised."""


@dataclass(frozen=True, kw_only=True)
class LayerFormats:
    """The formats of a layer."""

    name: str
    formats: Formats
    kept_because: str
    """If it computes floats, or leaves one, though the network was quantised: why."""


def format_table(layers: Sequence[LayerFormats]) -> list[str]:
    """A row for each layer, with why it has floats; nothing for networks that were never quantised."""
    if {each for layer in layers for each in layer.formats.all} <= _PLAIN:
        return []
    names = shortened([layer.name for layer in layers])
    rows = [
        (
            name,
            ", ".join(layer.formats.operands),
            layer.formats.arithmetic,
            layer.formats.result,
            layer.kept_because,
        )
        for name, layer in zip(names, layers, strict=True)
    ]
    return columns([_COLUMNS, *rows], left=range(len(_COLUMNS)))
