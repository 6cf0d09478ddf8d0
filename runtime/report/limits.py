"""What limits a layer: its cycles by cause, put together by the resource that they are spent on."""

from __future__ import annotations

from collections.abc import Mapping

from xnn.runtime.machine.critical_path import Cause

RESOURCES = {
    str(Cause.BUS): "bus",
    str(Cause.LATENCY): "latency",
    str(Cause.ROWS): "banks",
    str(Cause.BANK): "banks",
    str(Cause.ISSUE): "control",
    str(Cause.DRAIN): "drain",
}
"""By cause; all others are parts of what a node costs on its engine."""


def limited_by(engine: str, causes: Mapping[str, int]) -> str:
    """The resource that takes most cycles of a layer on this engine; "" if it has no cycles."""
    resources: dict[str, int] = {}
    for cause, cycles in causes.items():
        resource = RESOURCES.get(cause, engine)
        resources[resource] = resources.get(resource, 0) + cycles
    return max(resources, key=resources.__getitem__, default="")


def limit_text(limit: str, causes: Mapping[str, int]) -> str:
    """What limits a layer, as a share of its cycles, and the largest part of that if it has a name of its own."""
    if not limit:
        return "-"
    shared = limit if limit in RESOURCES.values() else None
    parts = {cause: each for cause, each in causes.items() if RESOURCES.get(cause) == shared}
    total, largest = sum(causes.values()), max(parts, key=parts.__getitem__)
    text = f"{limit} {sum(parts.values()) / total:.0%}"
    if largest == limit:
        return text
    return (
        f"{text} ({largest})"
        if len(parts) == 1
        else f"{text} ({largest} {parts[largest] / total:.0%})"
    )


def shares(parts: Mapping[str, float], total: float) -> str:
    """Cycles, or energies, by name as shares of a total: the largest first, without those next to nothing."""
    largest = sorted(parts.items(), key=lambda each: -each[1])
    return ", ".join(
        f"{name.replace('_', ' ')} {each / total:.0%}"
        for name, each in largest
        if 200 * each >= total > 0
    )
