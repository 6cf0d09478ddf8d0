"""What twice of each resource gains: the network compiled again for each machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from xnn.dialects.diagnostics import UserError
from xnn.runtime.report.energy import energy_text
from xnn.runtime.report.table import Column, Table
from xnn.tools.advice.measurements import Measurements

RESOURCES = (
    "matmul.n",
    "sort.lanes",
    "vector.lanes",
    "general.lanes",
    "external.bytes_per_cycle",
    "local.banks",
    "local.rows",
)


@dataclass(frozen=True)
class MarginalGain:
    """A run with twice of one resource, everything else as it is."""

    resource: str
    """A field of the target."""
    has: float
    twice: float
    cycles: int | None = None
    picojoules: float | None = None
    refused: str = ""
    """Why there is no such machine, or no program for it."""

    def saved(self, cycles: int) -> float:
        """The share of so many cycles that it saves."""
        return 1 - self.cycles / cycles if self.cycles is not None and cycles else 0.0


@dataclass(frozen=True)
class MarginalGains:
    """All resources that the target has, the one that saves most first."""

    cycles: int
    """As the machine is."""
    gains: tuple[MarginalGain, ...]

    def lines(self) -> list[str]:
        """For people."""
        shown = [each for each in self.gains if not each.refused]
        columns = (
            Column("has", tuple(f"{each.has:,g}" for each in shown)),
            Column("twice", tuple(f"{each.twice:,g}" for each in shown)),
            Column("cycles", tuple(f"{each.cycles:,}" for each in shown)),
            Column("saves", tuple(f"{each.saved(self.cycles):.1%}" for each in shown)),
            Column("energy", tuple(energy_text(each.picojoules or 0) for each in shown)),
        )
        table = Table("with twice", tuple(each.resource for each in shown), columns)
        refused = [f"{each.resource}: {each.refused}" for each in self.gains if each.refused]
        return [*table.text(), *refused]


def marginal_gains(measured: Measurements) -> MarginalGains:
    """Exactly what runs with `--set` of each resource have."""
    gains = [_gain(measured, each) for each in RESOURCES if _value(measured, each) is not None]
    cycles = measured.cycles
    return MarginalGains(cycles, tuple(sorted(gains, key=lambda gain: -gain.saved(cycles))))


def _value(measured: Measurements, resource: str) -> Any:
    section, field = resource.split(".")
    return getattr(getattr(measured.target, section), field, None)


def _gain(measured: Measurements, resource: str) -> MarginalGain:
    value = _value(measured, resource)
    try:
        report = measured.compiled([f"{resource}={2 * value}"]).report
    except UserError as error:
        return MarginalGain(resource, value, 2 * value, refused=str(error))
    return MarginalGain(resource, value, 2 * value, report.cycles, report.energy_pj["total"])
