"""Layers as a table for people, and as rows of plain values for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from io import StringIO
from typing import Any

from xnn.runtime.report.energy import energy_text
from xnn.runtime.report.layer import LayerReport
from xnn.runtime.report.limits import limit_text
from xnn.runtime.report.table import Column, Table, si


def layer_table(layers: Sequence[LayerReport], cycles: int, order: str | None = None) -> Table:
    """A row for each layer of a run that takes so many cycles, with what it is sorted by."""

    def column(
        title: str, cells: Iterator[str], importance: int = 0, *, is_text: bool = False
    ) -> Column:
        return Column(title, tuple(cells), is_text, importance)

    shown = [
        column("operator", (each.op for each in layers), 5, is_text=True),
        column("output", (shape_text(each.shape) for each in layers), 2, is_text=True),
        column("cycles", (f"{each.cycles:,}" for each in layers)),
        column("share", (f"{each.cycles / max(1, cycles):.1%}" for each in layers), 6),
        column("MACs", (si(each.macs) if each.macs else "-" for each in layers), 3),
        column("util", (f"{each.utilisation:.0%}" if each.macs else "-" for each in layers), 7),
        column("ext. bytes", (si(each.external_bytes) for each in layers), 4),
        column("bound", (f"{each.bound:,}" for each in layers), 1),
        column("limited by", map(_limit, layers), 8, is_text=True),
    ]
    if order == "waste":
        shown.insert(3, column("waste", (f"{each.waste:,.0f}" for each in layers)))
    if order == "energy":
        shown.insert(3, column("energy", (energy_text(each.picojoules) for each in layers)))
    return Table("layer", tuple(each.name for each in layers), tuple(shown))


def layers_as_csv(layers: Sequence[LayerReport]) -> str:
    """A line for each layer; titles are the keys of the report's values, as in `energy_pj.mac`."""
    rows = [dict(_flat(asdict(layer))) for layer in layers]
    titles = list(dict.fromkeys(title for row in rows for title in row))
    keys = [title.partition(".")[0] for title in titles]
    text = StringIO()
    together = sorted(titles, key=lambda title: keys.index(title.partition(".")[0]))
    writer = csv.DictWriter(text, together, restval=0, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().removesuffix("\n")


def shape_text(shape: Sequence[int]) -> str:
    """As in `1x3x224x224`."""
    return "x".join(map(str, shape))


def _limit(layer: LayerReport) -> str:
    return limit_text(layer.limited_by, layer.causes)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str | int | float]]:
    """Values that fit into cells, by title. A cause or a source that a layer lacks is 0."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        elif name == "shape":
            yield prefix + name, shape_text(value)
        elif isinstance(value, tuple):
            yield prefix + name, ", ".join(value)
        else:
            yield prefix + name, value
