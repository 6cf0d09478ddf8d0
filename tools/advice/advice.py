"""All advice on one network and one machine, as text and as values."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from xnn.tools.advice.acceleration import AccelerationAdvice, acceleration_advice
from xnn.tools.advice.marginal_gains import MarginalGains, marginal_gains
from xnn.tools.advice.measurements import Measurements
from xnn.tools.advice.memory import MemoryAdvice, memory_advice
from xnn.tools.advice.precision import PrecisionAdvice, precision_advice
from xnn.tools.advice.tile_waste import TileAdvice, tile_advice

SCHEMA = 1
"""Version of the form as values."""


@dataclass(frozen=True)
class Advice:
    """What would make the network faster, and what limits it."""

    model: str
    target: str
    cycles: int
    memory: MemoryAdvice
    gains: MarginalGains
    acceleration: AccelerationAdvice
    tiles: TileAdvice
    precision: PrecisionAdvice

    def json(self) -> dict[str, Any]:
        """As plain values, with the version of this form as `schema`."""
        return {"schema": SCHEMA, **asdict(self)}

    def text(self) -> str:
        """For people."""
        lines = [f"{self.model} on {self.target}: {self.cycles:,} cycles"]
        for each in (self.memory, self.gains, self.acceleration, self.tiles, self.precision):
            lines += ["", *each.lines()]
        return "\n".join(lines)


def advise(measured: Measurements) -> Advice:
    """Measures, and compiles the network about a dozen times."""
    return Advice(
        model=measured.report.model,
        target=measured.report.target,
        cycles=measured.cycles,
        memory=memory_advice(measured),
        gains=marginal_gains(measured),
        acceleration=acceleration_advice(measured),
        tiles=tile_advice(measured),
        precision=precision_advice(measured),
    )
