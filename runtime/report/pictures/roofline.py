"""The roofline: how many MACs per cycle each layer does, against what its traffic and the machine allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from xnn.runtime.report.layer import LayerReport
from xnn.runtime.report.pictures.figure import INK, colours_of, legend, picture
from xnn.runtime.report.report import Report
from xnn.runtime.report.roofs import Roofs
from xnn.runtime.report.table import shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAMED = 10
"""How many layers have their names beside them at most."""
SMALLEST_DOT, LARGEST_DOT = 6, 150
"""Square points, of layers with few and with most cycles."""
CHARACTER, LINE = 1 / 100, 1 / 30
"""Parts of the width and of the height that a character of a name takes."""


def draw_roofline(path: str, report: Report, roofs: Roofs) -> None:
    """A dot for each layer with MACs and external bytes; its area goes with its cycles."""
    dots = [each for each in report.layers if each.macs and each.external_bytes]
    with picture(path, 4.0, f"Roofline of {report.model} on {report.target}") as (_, axes):
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.set_xlabel("MACs per byte of external memory")
        axes.set_ylabel("MACs per cycle")
        axes.xaxis.set_major_formatter("{x:,g}")
        axes.yaxis.set_major_formatter("{x:,g}")
        axes.grid(True)
        _roofs(axes, dots, roofs)
        _dots(axes, dots, report)


def intensity(layer: LayerReport) -> float:
    """MACs per byte of external memory."""
    return layer.macs / layer.external_bytes


def rate(layer: LayerReport) -> float:
    """MACs per cycle, of its cycles or of those in which its engine or the bus is busy with it if they are more."""
    return layer.macs / max(1, layer.cycles, layer.computation, layer.communication)


def _roofs(axes: Axes, dots: Sequence[LayerReport], roofs: Roofs) -> None:
    peak = max(roofs.macs_per_cycle.values(), default=1)
    found = [intensity(layer) for layer in dots]
    ridge = peak / roofs.bytes_per_cycle
    low, high = min([*found, ridge / 4]) / 2, max([*found, ridge * 4]) * 2
    x = np.geomspace(low, high, 200)
    for bits, most in roofs.macs_per_cycle.items():
        axes.plot(x, np.minimum(most, x * roofs.bytes_per_cycle), color=INK, linewidth=1)
        axes.annotate(
            f"{most:,} MACs/cycle at {bits} bits",
            (high, most),
            (-2, 3),
            textcoords="offset points",
            ha="right",
            fontsize=7,
        )
    start = min(low * 1.3, ridge)
    axes.annotate(
        f"{roofs.bytes_per_cycle:g} bytes/cycle",
        (start, start * roofs.bytes_per_cycle),
        (0, 6),
        textcoords="offset points",
        fontsize=7,
        rotation=35,
        rotation_mode="anchor",
    )
    axes.set_xlim(low, high)
    lowest = min([rate(layer) for layer in dots], default=1)
    axes.set_ylim(min(lowest, peak / 4) / 2, peak * 2)


def _dots(axes: Axes, dots: Sequence[LayerReport], report: Report) -> None:
    colours = colours_of(each.operator for each in report.operators if each.macs)
    most = max([1, *(layer.cycles for layer in dots)])
    axes.scatter(
        [intensity(layer) for layer in dots],
        [rate(layer) for layer in dots],
        s=[max(SMALLEST_DOT, LARGEST_DOT * layer.cycles / most) for layer in dots],
        c=[colours[layer.operator] for layer in dots],
        edgecolors="white",
        linewidths=0.4,
        zorder=3,
    )
    _names(axes, dots)
    legend(axes, colours, loc="lower right", title="area: cycles")


def _names(axes: Axes, dots: Sequence[LayerReport]) -> None:
    """The names of the layers with most cycles, but for those that would cover another."""
    named = zip(dots, shortened([layer.name for layer in dots]), strict=True)
    taken: list[tuple[float, float, float]] = []
    for layer, name in sorted(named, key=lambda each: -each[0].cycles):
        x, y = axes.transAxes.inverted().transform(
            axes.transData.transform((intensity(layer), rate(layer)))
        )
        end = x + CHARACTER * len(name)
        if any(x < right and left < end and abs(y - at) < LINE for left, right, at in taken):
            continue
        taken.append((x, end, y))
        axes.annotate(
            name,
            (intensity(layer), rate(layer)),
            (5, -7),
            textcoords="offset points",
            fontsize=6,
        )
        if len(taken) == NAMED:
            break
