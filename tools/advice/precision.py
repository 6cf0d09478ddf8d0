"""Layers that would gain from a lower precision: the network compiled again with integers."""

from __future__ import annotations

from dataclasses import dataclass

from xnn.dialects.diagnostics import UserError
from xnn.runtime.report.energy import energy_text
from xnn.runtime.report.table import Column, Table
from xnn.tools.advice.measurements import Measurements

MOST_LAYERS = 10


@dataclass(frozen=True)
class LayerGain:
    """Cycles of a layer as it is, and with integers."""

    layer: str
    cycles: int
    lower: int


@dataclass(frozen=True)
class PrecisionAdvice:
    """A run in a lower precision. Time does not depend on data, so ranges need no calibration for it."""

    format: str
    cycles: int = 0
    lower: int | None = None
    picojoules: float | None = None
    layers: tuple[LayerGain, ...] = ()
    """Those that have the same name there, and save cycles; those that save most first."""
    refused: str = ""

    def lines(self) -> list[str]:
        """For people."""
        if self.lower is None:
            return [f"in {self.format}: {self.refused}"]
        saved = 1 - self.lower / max(1, self.cycles)
        energy = energy_text(self.picojoules or 0)
        change = f"{abs(saved):.1%} {'more' if saved < 0 else 'less'}"
        first = f"in {self.format} {self.lower:,} cycles, {change}, and {energy}"
        shown = self.layers[:MOST_LAYERS]
        if not shown:
            return [first]
        columns = (
            Column("cycles", tuple(f"{each.cycles:,}" for each in shown)),
            Column(f"in {self.format}", tuple(f"{each.lower:,}" for each in shown)),
        )
        return [first, *Table("layer", tuple(each.layer for each in shown), columns).text()]


def precision_advice(measured: Measurements) -> PrecisionAdvice:
    """The network in 8-bit integers, unless it computes in them already."""
    formats = {form for work in measured.works.values() for form in work.formats.operands}
    if any("8" in form for form in formats):
        return PrecisionAdvice("int8", refused="the network computes in 8-bit integers already")
    try:
        report = measured.compiled(quantize="int8").report
    except UserError as error:
        return PrecisionAdvice("int8", refused=str(error))
    lower = {layer.name: layer.cycles for layer in report.layers}
    gains = [
        LayerGain(layer.name, layer.cycles, lower[layer.name])
        for layer in measured.report.layers
        if lower.get(layer.name, layer.cycles) < layer.cycles
    ]
    gains.sort(key=lambda gain: gain.lower - gain.cycles)
    energy = report.energy_pj["total"]
    return PrecisionAdvice("int8", measured.cycles, report.cycles, energy, tuple(gains))
