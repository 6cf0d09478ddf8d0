"""Amdahl's law: what is not accelerated limits all that acceleration can gain."""

from __future__ import annotations

from dataclasses import dataclass

from xnn.runtime.report.table import listed
from xnn.tools.advice.measurements import Measurements


@dataclass(frozen=True)
class AccelerationAdvice:
    """The share of a run that general compute takes."""

    cycles: int
    """Of the layers that run there."""
    share: float
    """Of all cycles."""
    layers: tuple[str, ...]

    def lines(self) -> list[str]:
        """For people."""
        if not self.layers:
            return ["every layer is accelerated: nothing runs on general compute"]
        where = (
            f"{self.share:.1%} of the cycles are those of general compute ({listed(self.layers)})"
        )
        if not self.share:
            return [f"{where}: they limit nothing"]
        return [
            f"{where}: however fast all else becomes, the network gains at most {1 / self.share:,.2f} times"
        ]


def acceleration_advice(measured: Measurements) -> AccelerationAdvice:
    """Of the cycles of the critical path, which layers share without overlap."""
    works = measured.works.values()
    general = [
        layer
        for layer, work in zip(measured.report.layers, works, strict=True)
        if work.engine == "general"
    ]
    cycles = sum(layer.cycles for layer in general)
    share = cycles / measured.cycles if measured.cycles else 0.0
    return AccelerationAdvice(cycles, share, tuple(layer.name for layer in general))
