"""What each engine, and the bus, waits for while it is idle: the time before a node, by what makes it longer.

In this order: bytes that others write or still use, control, the bus, the latency of external memory,
the banks. So a cause counts only for the cycles by which it is later than those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import auto
from typing import NamedTuple

from xdsl.utils.str_enum import StrEnum

from xnn.dialects.target import Target
from xnn.runtime.machine.timeline import Nodes, Timeline


class Wait(StrEnum):
    """What an idle engine, or the idle bus, waits for."""

    WEIGHTS = auto()
    """A transfer that loads constants which the next node reads."""
    FEATURE_MAPS = auto()
    """Another node that writes what the next node reads."""
    ROOM = auto()
    """A node that still uses the bytes which the next node writes."""
    CONTROL = auto()
    """The next node has not been issued."""
    BUS = auto()
    """A node before it in the order has not left the bus."""
    LATENCY = auto()
    """The bus is free, the data are on their way."""
    BANK = auto()
    """Other nodes reserve too much of the banks."""
    ENGINE = auto()
    """Of the bus: general compute, which has left it, is still computing."""
    END = auto()
    """There are no more nodes."""


class Waits(NamedTuple):
    """Idle cycles before each node, by what they wait for."""

    engine: list[dict[Wait, int]]
    """Of its engine, since the node before ended there."""
    bus: list[dict[Wait, int]]
    """Of the bus, since the node before left it; none for a node that does not use it."""


def waits(
    nodes: Nodes, timeline: Timeline, awaited: Callable[[int, int], Wait], target: Target
) -> Waits:
    """What the engines and the bus wait for before each node.

    `awaited`: what the first of two nodes waits for with the token of the second.
    """
    issue, start, end, token = (
        each.tolist() for each in (timeline.issue, timeline.start, timeline.end, timeline.token)
    )
    of_engine: list[list[int]] = [[] for _ in target.engines]
    latency, bus_free = target.external.latency_cycles, 0
    result = Waits([], [])
    for node, (engine, bus) in enumerate(
        zip(nodes.engine.tolist(), nodes.bus.tolist(), strict=True)
    ):
        line = of_engine[engine]
        free = end[line[-1]] if line else 0
        others = [of_engine[other][-back] for other, back in nodes.after[node]]
        last = max(others, key=token.__getitem__, default=None)
        ready, steps = max(free, issue[node]), [(Wait.CONTROL, issue[node])]
        if last is not None:
            ready = max(ready, token[last])
            if token[last] > (min(free, bus_free) if bus else free):
                steps.insert(0, (awaited(node, last), token[last]))
        bank = Wait.BANK, start[node]
        if bus:
            data = Wait.LATENCY, ready + latency
            found = _added(bus_free, [(Wait.ENGINE, free), *steps, data, bank])
            steps += (Wait.BUS, bus_free), data
            bus_free = start[node] + bus
        else:
            found = {}
        result.bus.append(found)
        result.engine.append(_added(free, [*steps, bank]))
        line.append(node)
    return result


def _added(time: int, steps: Iterable[tuple[Wait, int]]) -> dict[Wait, int]:
    """The cycles that each step adds, from a time on, to those before it."""
    result: dict[Wait, int] = {}
    for wait, until in steps:
        if until > time:
            result[wait] = until - time
            time = until
    return result
