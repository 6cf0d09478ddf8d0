"""What each engine waits for while it is idle: the time before a node, by what it adds to what comes before.

In this order: bytes that others write or still use, control, the bus, the latency of external memory,
the banks. So a cause counts only for the cycles by which it is later than those before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import auto

from xdsl.utils.str_enum import StrEnum

from xnn.dialects.target import Target
from xnn.runtime.machine.timeline import Nodes, Timeline


class Wait(StrEnum):
    """What an idle engine waits for."""

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
    END = auto()
    """It has no more nodes."""


def waits(
    nodes: Nodes, timeline: Timeline, awaited: Callable[[int, int], Wait], target: Target
) -> list[dict[Wait, int]]:
    """For each node the idle cycles of its engine since the node before, by what they wait for.

    `awaited`: what the first of two nodes waits for with the token of the second.
    """
    issue, start, end, token = (
        each.tolist() for each in (timeline.issue, timeline.start, timeline.end, timeline.token)
    )
    of_engine: list[list[int]] = [[] for _ in target.engines]
    latency, bus_free = target.external.latency_cycles, 0
    result: list[dict[Wait, int]] = []
    for node, (engine, bus) in enumerate(
        zip(nodes.engine.tolist(), nodes.bus.tolist(), strict=True)
    ):
        line = of_engine[engine]
        idle = end[line[-1]] if line else 0
        ready = max(idle, issue[node])
        steps: list[tuple[Wait, int]] = []
        others = [of_engine[other][-back] for other, back in nodes.after[node]]
        last = max(others, key=token.__getitem__, default=None)
        if last is not None and token[last] > idle:
            ready = max(ready, token[last])
            steps.append((awaited(node, last), token[last]))
        steps.append((Wait.CONTROL, issue[node]))
        if bus:
            steps += (Wait.BUS, bus_free), (Wait.LATENCY, ready + latency)
            bus_free = start[node] + bus
        steps.append((Wait.BANK, start[node]))
        result.append(_added(idle, steps))
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
