"""The memory map: which bytes of local memory are live from when to when, and what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xnn.runtime.report.live_buffers import FEATURE_MAP, PART, WEIGHTS, LiveBuffer, live_buffers
from xnn.runtime.report.pictures.figure import (
    COLOURS,
    INK,
    cycle_axis,
    ink_on,
    legend,
    picture,
)
from xnn.runtime.report.report import Report
from xnn.runtime.report.slices import Slices

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_COLOURS: dict[str, str] = dict(zip((FEATURE_MAP, WEIGHTS, PART), COLOURS, strict=False))
KIB = 1024
EDGE = 0.3
"""Points, around what is high enough for a name."""
CHARACTER = 1 / 125
"""The part of the whole width that a character of a name takes."""
LINE = 1 / 35
"""The part of the whole height that a name takes."""


def draw_memory_map(path: str, report: Report, slices: Slices) -> None:
    """A rectangle for each slot of a buffer; large ones have their names, a line is at the capacity."""
    from matplotlib.collections import PatchCollection
    from matplotlib.patches import Rectangle

    capacity, cycles = slices.machine.target.local.capacity_bytes, report.cycles or 0
    title = f"Local memory of {report.target} while it runs {report.model}"
    with picture(path, 3.4, title) as (_, axes):
        buffers = list(live_buffers(slices))
        for holds, colour in _COLOURS.items():
            mine = [each for each in buffers if each.holds == holds]
            rectangles = [
                Rectangle(
                    (each.start, each.low / KIB),
                    each.end - each.start,
                    (each.high - each.low) / KIB,
                )
                for each in mine
            ]
            edges = [EDGE * (LINE * capacity < each.high - each.low) for each in mine]
            axes.add_collection(
                PatchCollection(rectangles, facecolor=colour, edgecolor="white", linewidths=edges)
            )
        for each in buffers:
            _name(axes, each, capacity, cycles)
        axes.axhline(capacity / KIB, color=INK, linewidth=0.8, linestyle="--")
        axes.text(cycles, capacity / KIB, "capacity", ha="right", va="bottom", fontsize=7)
        cycle_axis(axes, cycles)
        axes.set_ylim(0, capacity / KIB * 1.06)
        axes.yaxis.set_major_formatter("{x:,.0f}")
        axes.set_ylabel("address (KiB)")
        axes.grid(True)
        legend(axes, _COLOURS, loc="lower center", bbox_to_anchor=(0.5, 1.06), ncols=3)


def _name(axes: Axes, buffer: LiveBuffer, capacity: int, cycles: int) -> None:
    """The name of a buffer, if its rectangle has room for it."""
    wide = len(buffer.name) * CHARACTER * cycles < buffer.end - buffer.start
    if wide and LINE * capacity < buffer.high - buffer.low:
        middle = (buffer.start + buffer.end) / 2, (buffer.low + buffer.high) / 2 / KIB
        ink = ink_on(_COLOURS[buffer.holds])
        axes.text(*middle, buffer.name, ha="center", va="center", fontsize=5.5, color=ink)
