"""The timeline: what each engine and the bus do from when to when, coloured by kind of operator."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from xnn.runtime.report.pictures.figure import (
    colours_of,
    cycle_axis,
    ink_on,
    legend,
    picture,
)
from xnn.runtime.report.report import Report
from xnn.runtime.report.slices import Slices

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LANE = 0.3
"""Inches."""
FINEST = 2000
"""What is nearer than this part of the whole looks like one."""
EDGE, WIDE = 0.3, 200
"""Points around bars that are wider than this part of the whole."""
CHARACTER = 1 / 135
"""The part of the whole that a character of a name takes."""


class Bar(NamedTuple):
    """From one cycle to before another a layer is on a lane, or so it looks."""

    lane: int
    start: int
    end: int
    layer: int


def draw_timeline(path: str, report: Report, slices: Slices) -> None:
    """A lane for each engine that the program uses, and one for the bus; wide bars have the names of their layers."""
    bars, cycles = list(_bars(slices)), report.cycles or 0
    used = sorted({bar.lane for bar in bars})
    rows = {lane: row for row, lane in enumerate(used)}
    colours = colours_of(each.operator for each in report.operators)
    title = f"{report.model} on {report.target}: {cycles:,} cycles"
    with picture(path, 1.1 + LANE * len(used), title) as (_, axes):
        groups: dict[tuple[int, str], list[Bar]] = {}
        for bar in bars:
            groups.setdefault((bar.lane, report.layers[bar.layer].operator), []).append(bar)
        for (lane, kind), group in groups.items():
            spans = [(bar.start, bar.end - bar.start) for bar in group]
            edges = [EDGE * (length * WIDE > cycles) for _, length in spans]
            y, colour = (rows[lane] - 0.4, 0.8), colours[kind]
            axes.broken_barh(spans, y, facecolor=colour, edgecolor="white", linewidths=edges)
            for bar in group:
                _name(axes, bar, rows[lane], report, ink_on(colours[kind]))
        axes.set_yticks(range(len(used)), [slices.lanes[lane] for lane in used])
        axes.set_ylim(len(used) - 0.5, -0.5)
        axes.grid(True, axis="x")
        axes.tick_params(axis="y", length=0)
        cycle_axis(axes, cycles)
        legend(axes, colours, loc="upper left", bbox_to_anchor=(1, 1))


def _bars(slices: Slices) -> Iterator[Bar]:
    """Slices of one layer that look like one are."""
    places, near = slices.layer_places, slices.machine.timeline.cycles // FINEST
    last: dict[int, Bar] = {}
    for each in chain(slices.on_engines(), slices.on_bus()):
        layer, before = places[each.node], last.get(each.lane)
        if before and before.layer == layer and each.start - before.end <= near:
            last[each.lane] = before._replace(end=each.end)
            continue
        if before:
            yield before
        last[each.lane] = Bar(each.lane, each.start, each.end, layer)
    yield from last.values()


def _name(axes: Axes, bar: Bar, row: int, report: Report, ink: str) -> None:
    """The name of a layer on its bar, if the bar is wide enough for it."""
    name = report.layers[bar.layer].name
    if len(name) * CHARACTER * (report.cycles or 0) < bar.end - bar.start:
        middle = (bar.start + bar.end) / 2
        axes.text(middle, row, name, ha="center", va="center", fontsize=5.5, color=ink)
