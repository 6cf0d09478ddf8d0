"""Energy of each layer by what takes it, as stacked bars."""

from __future__ import annotations

from collections.abc import Sequence

from xnn.runtime.report.energy import energy_text
from xnn.runtime.report.layer import LayerReport, in_order
from xnn.runtime.report.pictures.figure import colours_of, picture
from xnn.runtime.report.report import Report
from xnn.runtime.report.sums import sum_by_name
from xnn.runtime.report.table import shortened

MOST_BARS = 60
"""Layers beyond it, those with least energy, share one bar."""
BAR = 0.13
"""Inches."""


def draw_energy(path: str, report: Report) -> None:
    """A bar for each layer, in the order of the network."""
    names, energies = _bars(report.layers)
    total = report.energy_pj["total"]
    sums = {each: value for each, value in report.energy_pj.items() if each != "total" and value}
    sources = sorted(sums, key=lambda source: -sums[source])
    colours = colours_of(sources)
    title = f"Energy of {report.model} on {report.target}: {energy_text(total)}"
    with picture(path, 1.2 + BAR * len(names), title) as (_, axes):
        ends = [0.0] * len(names)
        scale, unit = (1e9, "mJ") if total >= 1e10 else (1e6, "uJ") if total >= 1e7 else (1e3, "nJ")
        for source in sources:
            parts = [each.get(source, 0.0) / scale for each in energies]
            label = f"{source} {sums[source] / total:.1%}"
            axes.barh(range(len(names)), parts, 0.8, ends, color=colours[source], label=label)
            ends = [end + part for end, part in zip(ends, parts, strict=True)]
        axes.set_yticks(range(len(names)), names, fontsize=6)
        axes.set_ylim(len(names) - 0.5, -0.5)
        axes.set_xlabel(f"energy ({unit})")
        axes.grid(True, axis="x")
        axes.tick_params(axis="y", length=0)
        axes.legend(loc="best")


def _bars(layers: Sequence[LayerReport]) -> tuple[list[str], list[dict[str, float]]]:
    """A name and the energy by source for each bar."""
    rest: list[LayerReport] = []
    if len(layers) > MOST_BARS:
        rest = in_order(layers, "energy")[MOST_BARS - 1 :]
    alone = [layer for layer in layers if layer not in rest]
    names = shortened([layer.name for layer in alone])
    energies = [layer.energy_pj for layer in alone]
    if not rest:
        return names, energies
    return [*names, f"{len(rest)} others"], [*energies, sum_by_name(r.energy_pj for r in rest)]
