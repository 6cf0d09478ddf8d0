"""What the layers of each kind of operator cost together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from xnn.runtime.report.energy import energy_text
from xnn.runtime.report.layer import LayerReport
from xnn.runtime.report.sums import sum_by_name
from xnn.runtime.report.table import Column, Table, si


@dataclass(frozen=True, kw_only=True)
class OperatorReport:
    """Sums over all layers of one operator. Those of all operators are the totals of the run, exactly."""

    operator: str
    layers: int
    """How many there are."""
    cycles: int
    causes: dict[str, int]
    macs: int
    auxiliary_macs: int
    communication: int
    computation: int
    external_bytes: int
    weight_bytes: int
    local_bytes: int
    energy_pj: dict[str, float]

    @property
    def picojoules(self) -> float:
        """Its energy from all sources."""
        return sum(self.energy_pj.values())


def operator_reports(layers: Iterable[LayerReport]) -> list[OperatorReport]:
    """The costs of each operator, those with most cycles first."""
    kinds: dict[str, list[LayerReport]] = {}
    for layer in layers:
        kinds.setdefault(layer.operator, []).append(layer)
    found = [_sum(operator, group) for operator, group in kinds.items()]
    return sorted(found, key=lambda each: each.cycles, reverse=True)


def operator_table(operators: Sequence[OperatorReport], cycles: int) -> Table:
    """A row for each operator of a run that takes so many cycles."""
    columns = (
        Column("layers", tuple(f"{each.layers:,}" for each in operators)),
        Column("cycles", tuple(f"{each.cycles:,}" for each in operators)),
        Column("share", tuple(f"{each.cycles / max(1, cycles):.1%}" for each in operators)),
        Column("MACs", tuple(si(each.macs) if each.macs else "-" for each in operators)),
        Column("ext. bytes", tuple(si(each.external_bytes) for each in operators)),
        Column("energy", tuple(energy_text(each.picojoules) for each in operators)),
    )
    return Table("operator", tuple(each.operator for each in operators), columns)


def _sum(operator: str, layers: Sequence[LayerReport]) -> OperatorReport:
    return OperatorReport(
        operator=operator,
        layers=len(layers),
        cycles=sum(each.cycles for each in layers),
        causes=sum_by_name(each.causes for each in layers),
        macs=sum(each.macs for each in layers),
        auxiliary_macs=sum(each.auxiliary_macs for each in layers),
        communication=sum(each.communication for each in layers),
        computation=sum(each.computation for each in layers),
        external_bytes=sum(each.external_bytes for each in layers),
        weight_bytes=sum(each.weight_bytes for each in layers),
        local_bytes=sum(each.local_bytes for each in layers),
        energy_pj=sum_by_name(each.energy_pj for each in layers),
    )
