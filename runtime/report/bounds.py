"""Lower bounds that do not depend on the schedule, from the layers' compulsory work.

A layer is a node left by graph optimisation, after fusion; views and placed concatenations cost
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from xnn.dialects.target import Target
from xnn.runtime.engines.work import Work


@dataclass(frozen=True)
class Bounds:
    """All in cycles."""

    ideal: int
    """MACs over the peak MACs per cycle at their precision: holds always."""
    network: int
    """The largest total work of an engine or of the bus: holds for direct algorithms layer by layer."""
    order_floor: int
    """An estimate, no bound: the largest, over all cuts of the layer order, of the matrix products
    before the cut and the streaming of the weights after it that local memory cannot hold."""
    parallel: int
    """Sum over layers of the larger of communication and computation: ordinary double buffering."""
    serial: int
    """Sum over layers of communication plus computation."""


def layer_bound(work: Work, target: Target) -> int:
    """The larger of a layer's communication and computation."""
    return max(work.communication_cycles(target), work.computation_cycles)


def least_cycles(works: Sequence[Work], bus_bytes: int, target: Target) -> dict[str, int]:
    """Cycles of the compulsory work of each engine, and of the bus: the network bound is the largest."""
    result = {"bus": ceil(bus_bytes * target.external.cycles_per_byte)}
    for work in works:
        result[work.engine] = result.get(work.engine, 0) + work.computation_cycles
    return result


def bounds_of(works: Sequence[Work], bus_bytes: int, target: Target) -> Bounds:
    """Bounds of a network whose layers do `works`, in their order.

    `bus_bytes`: weights, biases, inputs and outputs of the network that pass the bus, once each.
    """
    communication = [work.communication_cycles(target) for work in works]
    return Bounds(
        ideal=ceil(sum(work.peak_cycles(target) for work in works)),
        network=max(least_cycles(works, bus_bytes, target).values()),
        order_floor=_order_floor(works, target),
        parallel=sum(layer_bound(work, target) for work in works),
        serial=sum(communication) + sum(work.computation_cycles for work in works),
    )


def _order_floor(works: Sequence[Work], target: Target) -> int:
    after = sum(work.constant_bytes for work in works)
    before = floor = 0
    for work in works:
        streamed = max(0, after - target.local.capacity_bytes)
        floor = max(floor, before + ceil(streamed * target.external.cycles_per_byte))
        after -= work.constant_bytes
        if work.macs or work.auxiliary_macs:
            before += work.computation_cycles
    return max(floor, before)
