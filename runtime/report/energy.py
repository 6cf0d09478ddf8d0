"""Energy by what takes it: counts of a run, times the prices of the target."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from xnn.dialects.target import Target
from xnn.runtime.report.sums import sum_by_name

STEP = 1024
"""Energies are multiples of 1 / 1024 pJ, so that sums of them are exact in floating point."""
PJ_PER_MW_SECOND = 10**9


@dataclass
class Activity:
    """What a layer, or a whole run, does that takes energy."""

    macs: dict[str, int] = field(default_factory=dict[str, int])
    """Multiply-accumulates by format."""
    idle_macs: dict[str, int] = field(default_factory=dict[str, int])
    operations: dict[str, int] = field(default_factory=dict[str, int])
    """Units of price by format."""
    accumulator_bytes: int = 0
    local_bytes: int = 0
    """Bytes of the rows of local memory."""
    bus_bytes: int = 0
    """Bytes of the bursts of external memory."""
    cycles: int = 0


def energy_pj(activity: Activity, target: Target) -> dict[str, float]:
    """Picojoules by source; their sums are exact."""
    table = target.energy_pj
    idle = _exact(target.matmul.idle_fraction)
    sources = {
        "mac": _by_format(activity.macs, target.mac_pj),
        "idle": idle * _by_format(activity.idle_macs, target.mac_pj),
        "operations": _by_format(activity.operations, target.operation_pj),
        "accumulators": activity.accumulator_bytes * _exact(table.accumulator_byte),
        "local": activity.local_bytes * _exact(table.local_byte),
        "external": activity.bus_bytes * _exact(table.external_byte),
        "wires": activity.bus_bytes * _exact(table.wire_byte),
        "static": _exact(target.static_mw) * PJ_PER_MW_SECOND * activity.cycles / target.clock_hz,
    }
    return {name: round(value * STEP) / STEP for name, value in sources.items()}


@cache  # a target has few prices, and each layer asks for all
def _exact(price: float) -> Fraction:
    return Fraction(str(price))


def _by_format(counts: Mapping[str, int], price: Callable[[str], float | None]) -> Fraction:
    return sum((count * _exact(price(form) or 0) for form, count in counts.items()), Fraction())


def total(energies: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Sums by source, and the total of all."""
    sums = sum_by_name(energies)
    return {"total": sum(sums.values()), **sums}


def energy_text(picojoules: float) -> str:
    """An energy in the unit that suits it."""
    for limit, unit in ((1e9, "mJ"), (1e6, "uJ"), (1e3, "nJ")):
        if picojoules >= limit:
            return f"{picojoules / limit:.2f} {unit}"
    return f"{picojoules:.0f} pJ"
