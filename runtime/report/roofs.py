"""The roofs of a machine: what no layer's rate of MACs exceeds."""

from __future__ import annotations

from dataclasses import dataclass

from xnn.runtime.engines.work import Work
from xnn.runtime.machine.machine import Machine


@dataclass(frozen=True)
class Roofs:
    """MACs per cycle are at most the bytes per cycle times a layer's MACs per byte, and the peak."""

    bytes_per_cycle: float
    """Of external memory."""
    macs_per_cycle: dict[int, int]
    """The peak by the bits of what is multiplied, of those that the program multiplies."""


def roofs_of(machine: Machine) -> Roofs:
    """The roofs of a machine with its program."""
    works = map(Work.of, machine.program.layers.values())
    bits = sorted({work.precision for work in works if work.macs})
    return Roofs(
        bytes_per_cycle=float(1 / machine.target.external.cycles_per_byte),
        macs_per_cycle={each: machine.target.matmul_n(each) ** 2 for each in bits},
    )
