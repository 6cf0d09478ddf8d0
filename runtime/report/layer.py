"""What one layer of a run cost."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from xnn.runtime.report.formats import LayerFormats


@dataclass(frozen=True, kw_only=True)
class LayerReport(LayerFormats):
    """One layer. Cycles of all layers add up to the total."""

    op: str
    """The operator with its kernel and strides, as in `conv 3x3/2`."""
    operator: str
    """Without them: its kind."""
    layers: tuple[str, ...]
    shape: tuple[int, ...]
    cycles: int
    causes: dict[str, int]
    """The same by what takes them (`xnn.runtime.machine.critical_path`)."""
    macs: int
    auxiliary_macs: int
    utilisation: float
    """MACs over those that the matmul engine could have done in the layer's cycles, or while it is busy with it if
    that is longer: other layers may hide it."""
    communication: int
    """Cycles in which the layer's transfers hold the bus."""
    computation: int
    """Cycles in which the layer's engine is busy."""
    external_bytes: int
    weight_bytes: int
    """Those of them that are weights and other constants, as often as they are loaded."""
    local_bytes: int
    energy_pj: dict[str, float]
    bound: int
    limited_by: str
    """The resource that takes most of its cycles; "" if it has none."""

    @property
    def waste(self) -> float:
        """Of its cycles those that its MACs would not take at the peak rate."""
        return self.cycles * (1 - self.utilisation)

    @property
    def picojoules(self) -> float:
        """Its energy from all sources."""
        return sum(self.energy_pj.values())


ORDERS: dict[str, Callable[[LayerReport], float]] = {
    "cycles": lambda layer: layer.cycles,
    "waste": lambda layer: layer.waste,
    "energy": lambda layer: layer.picojoules,
}
"""What layers may be sorted by, the largest first."""


def in_order(layers: Iterable[LayerReport], order: str | None) -> list[LayerReport]:
    """Layers by one of ORDERS, equal ones as the network has them; without one all are."""
    return sorted(layers, key=ORDERS[order], reverse=True) if order else list(layers)
