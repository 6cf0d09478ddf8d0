"""Where every cycle of a run goes: the walk back from the last token along what each node waited for.

Each cycle belongs to one node and one cause, so that the cycles of layers that overlap add up to the
whole. A node starts when the last of what it waits for allows it; of several that come at once, the
first of token, engine, bus, issue counts. What it waits for banks beyond that is lost to the bank: the
walk goes on from when it could have started.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping
from enum import auto
from typing import NamedTuple

import numpy as np
from xdsl.utils.str_enum import StrEnum

from xnn.dialects.target import Target
from xnn.runtime.machine.timeline import Nodes, Timeline


class Cause(StrEnum):
    """What takes a cycle of the walk, beside the parts of a node's price (`NodeCost.parts`)."""

    BUS = auto()
    """One of those parts too."""
    LATENCY = auto()
    ROWS = auto()
    """The rows of a node in its banks take longer than its engine or the bus."""
    BANK = auto()
    """It waits until other nodes leave enough of its banks."""
    ISSUE = auto()
    DRAIN = auto()


class Part(NamedTuple):
    """Cycles of the walk that belong to one node and one cause: a `Cause` or a part of its price."""

    node: int
    cause: str
    cycles: int


def critical_path(
    nodes: Nodes, timeline: Timeline, price: Callable[[int], Mapping[str, int]], target: Target
) -> list[Part]:
    """The parts of the walk, from the end of a program to its start; their cycles add up to its cycles.

    `price`: what makes up the cycles of a node, without what its banks add.
    """
    return _Walk(nodes, timeline, price, target).parts() if len(nodes) else []


class _Walk:
    def __init__(
        self,
        nodes: Nodes,
        timeline: Timeline,
        price: Callable[[int], Mapping[str, int]],
        target: Target,
    ):
        self.nodes, self.target, self.price = nodes, target, price
        self.issue, self.ready, self.start, self.end, self.token = (
            each.tolist()
            for each in (
                timeline.issue,
                timeline.ready,
                timeline.start,
                timeline.end,
                timeline.token,
            )
        )
        self.engine, self.bus = nodes.engine.tolist(), nodes.bus.tolist()
        self.of_engine: dict[int, list[int]] = {}
        self.place: list[int] = []
        """How many nodes of its engine come before a node."""
        for node, engine in enumerate(self.engine):
            line = self.of_engine.setdefault(engine, [])
            self.place.append(len(line))
            line.append(node)
        self.on_bus = [node for node, bus in enumerate(self.bus) if bus]
        self.found: list[Part] = []

    def parts(self) -> list[Part]:
        node = int(np.argmax(self.token))
        time = self.token[node]
        self._take(node, Cause.DRAIN, time - self.end[node])
        time = self.end[node]
        while time:
            node, time = self._through(node, time)
        return self.found

    def _take(self, node: int, cause: str, cycles: int) -> None:
        if cycles:
            self.found.append(Part(node, str(cause), cycles))

    def _through(self, node: int, time: int) -> tuple[int, int]:
        """From the start or the end of a node back to when the one that it waited for starts or ends."""
        begin, ready = self.start[node], self.ready[node]
        if time > begin:
            price = self.price(node)
            self._take(node, Cause.ROWS, time - begin - sum(price.values()))
            for part, cycles in price.items():
                self._take(node, part, cycles)
        base = ready + (self.target.external.latency_cycles if self.bus[node] else 0)
        before, free = self._before_on_bus(node)
        could = max(base, free)
        self._take(node, Cause.BANK, begin - could)
        awaited = self._awaited(node) if base == could else None
        if awaited is None and before is not None and free == could:
            return self._held_bus(before)
        self._take(node, Cause.LATENCY, base - ready)
        return awaited or self._issued(node)

    def _awaited(self, node: int) -> tuple[int, int] | None:
        """The node whose token, or whose end on the same engine, makes a node ready."""
        ready, line = self.ready[node], self.of_engine
        for engine, back in self.nodes.after[node]:
            others = line.get(engine, [])
            other = others[bisect_left(others, node) - back]
            if self.token[other] == ready:
                self._take(other, Cause.DRAIN, ready - self.end[other])
                return other, self.end[other]
        if self.place[node]:
            other = line[self.engine[node]][self.place[node] - 1]
            if self.end[other] == ready:
                return other, ready
        return None

    def _before_on_bus(self, node: int) -> tuple[int | None, int]:
        """The node that held the bus before a node on it, and until when."""
        number = bisect_left(self.on_bus, node)
        if not self.bus[node] or not number:
            return None, 0
        other = self.on_bus[number - 1]
        return other, self.start[other] + self.bus[other]

    def _held_bus(self, node: int) -> tuple[int, int]:
        """From when a node leaves the bus back to its start; transfers end then."""
        if self.start[node] + self.bus[node] == self.end[node]:
            return node, self.end[node]
        self._take(node, Cause.BUS, self.bus[node])
        return node, self.start[node]

    def _issued(self, node: int) -> tuple[int, int]:
        """From the issue of a node back to the start of one that filled its queue, or to the start of all."""
        depth = self.target.control.queue_depth
        while node:
            if self.place[node] >= depth:
                other = self.of_engine[self.engine[node]][self.place[node] - depth]
                if self.start[other] == self.issue[node]:
                    return other, self.start[other]
            self._take(node, Cause.ISSUE, self.issue[node] - self.issue[node - 1])
            node -= 1
        return 0, 0
