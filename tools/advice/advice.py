"""All advice on one network and one machine, as text and as values."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from xdsl.dialects.builtin import ModuleOp

from xnn.dialects import LEVELS
from xnn.tools.advice.acceleration import AccelerationAdvice, acceleration_advice
from xnn.tools.advice.marginal_gains import MarginalGains, marginal_gains
from xnn.tools.advice.measurements import Measurements
from xnn.tools.advice.memory import MemoryAdvice, memory_advice
from xnn.tools.advice.precision import PrecisionAdvice, precision_advice
from xnn.tools.advice.tile_waste import TileAdvice, tile_advice
from xnn.tools.api import compile
from xnn.tools.program import Program

if TYPE_CHECKING:
    from onnx import ModelProto

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


def advise(
    source: str | os.PathLike[str] | bytes | ModelProto | ModuleOp,
    *,
    target: str | os.PathLike[str] | None = None,
    settings: Iterable[str] = (),
    bindings: Mapping[str, int] | None = None,
    input_shapes: Mapping[str, Sequence[int]] | None = None,
    quantize: str | None = None,
    calibrate: str | os.PathLike[str] | None = None,
    effort: str | None = None,
) -> Advice:
    """What would make a network faster on a machine, and the machine fit for the network.

    Arguments are those of `compile`, which is called some twenty times. Raises UserError.
    """

    first, given = tuple(settings), (quantize, calibrate)

    def compiled(
        settings: Iterable[str] = (), quantize: str | None = None, level: str = LEVELS[-1]
    ) -> Program:
        number_format, samples = (quantize, None) if quantize else given
        return compile(
            source,
            target=target,
            settings=[*first, *settings],
            bindings=bindings,
            input_shapes=input_shapes,
            quantize=number_format,
            calibrate=samples,
            level=level,
            effort=effort,
        )

    return advice_of(Measurements(compiled(), compiled))


def advice_of(measured: Measurements) -> Advice:
    """Measures, and compiles the network some twenty times."""
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
