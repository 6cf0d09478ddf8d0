"""Picojoules of each layer by source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tests.recount.costs import Cost
from tests.recount.program import Node

Energy = dict[str, Fraction]


def energy_by_layer(
    nodes: Sequence[Node], costs: Sequence[Cost], target: dict[str, Any]
) -> dict[str, Energy]:
    """Exact picojoules of the nodes of each layer by source."""
    prices = {name: Fraction(str(value)) for name, value in target["energy_pj"].items()}
    found: dict[str, Energy] = defaultdict(lambda: defaultdict(Fraction))
    for node, cost in zip(nodes, costs):
        energy = found[node.layer]
        if cost.mac_format:
            mac = prices["mac_" + cost.mac_format]
            energy["mac"] += cost.macs * mac
            energy["idle"] += cost.idle * mac * Fraction(str(target["matmul"]["idle_fraction"]))
        for format, units in cost.operations.items():
            energy["operations"] += units * prices["op_" + format]
        energy["accumulators"] += cost.accumulator_bytes * prices["accumulator_byte"]
        energy["local"] += sum(cost.rows) * target["local"]["row_bytes"] * prices["local_byte"]
        energy["external"] += cost.burst_bytes * prices["external_byte"]
        energy["wires"] += cost.burst_bytes * prices["wire_byte"]
    return found


def static_energy(cycles: int, target: dict[str, Any]) -> Fraction:
    """What the whole die takes in so many cycles: a milliwatt is a picojoule in a nanosecond."""
    nanoseconds = Fraction(cycles * 10**9, target["clock_hz"])
    return Fraction(str(target["static_mw"])) * nanoseconds


def rounded(energy: Fraction) -> Fraction:
    """As reported: to 1/1024 pJ."""
    return Fraction(round(energy * 1024), 1024)
