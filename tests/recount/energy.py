"""Picojoules by source, of each layer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from tests.recount.costs import Cost
from tests.recount.program import Node
from tests.recount.timeline import Timeline

Energy = dict[str, Fraction]


def energy_by_layer(
    layers: Sequence[str],
    nodes: Sequence[Node],
    costs: Sequence[Cost],
    timeline: Timeline,
    target: dict[str, Any],
) -> dict[str, Energy]:
    """Exact picojoules of each layer by source."""
    prices = {name: Fraction(str(value)) for name, value in target["energy_pj"].items()}
    found: dict[str, Energy] = {layer: defaultdict(Fraction) for layer in layers}
    ends = dict.fromkeys(layers, 0)
    for node, cost, token in zip(nodes, costs, timeline.token):
        energy = found[node.layer]
        ends[node.layer] = max(ends[node.layer], token)
        if cost.mac_format:
            mac = prices["mac_" + cost.mac_format]
            energy["mac"] += cost.macs * mac
            energy["idle"] += cost.idle * mac * Fraction(str(target["matmul"]["idle_fraction"]))
        for format, units in cost.operations.items():
            energy["operations"] += units * prices["op_" + format]
        energy["accumulators"] += cost.accumulator_bytes * prices["accumulator_byte"]
        row_bytes = sum(cost.rows) * target["local"]["row_bytes"]
        energy["local"] += row_bytes * prices["local_byte"]
        energy["external"] += cost.burst_bytes * prices["external_byte"]
        energy["wires"] += cost.burst_bytes * prices["wire_byte"]
    before = 0
    for layer in layers:  # from the end of the layer before to its own
        cycles, before = max(0, ends[layer] - before), max(before, ends[layer])
        watts = Fraction(str(target["static_mw"])) / 1000
        found[layer]["static"] = cycles * watts / target["clock_hz"] * 10**12
    return found
