"""Where every cycle of a run goes: the walk back from the last token along what each node waited for.

Each cycle belongs to one node and one cause, so that the cycles of layers that overlap add up to the
whole. A node starts when the last of what it waits for allows it; of several that come at once, the
first of token, engine, bus, bank, issue counts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from enum import auto
from typing import NamedTuple

import numpy as np
from xdsl.utils.str_enum import StrEnum

from xnn.dialects.target import Target
from xnn.runtime.machine.timeline import Nodes, Timeline


class Cause(StrEnum):
    """What a node spends a cycle of the walk on."""

    COMPUTING = auto()
    BUS = auto()
    LATENCY = auto()
    ROWS = auto()
    """The banks of its operands are slower than its engine or the bus."""
    ISSUE = auto()
    DRAIN = auto()


class Part(NamedTuple):
    """Cycles of the walk that belong to one node and one cause."""

    node: int
    cause: Cause
    cycles: int


def critical_path(
    nodes: Nodes, timeline: Timeline, costs: Sequence[int], target: Target
) -> list[Part]:
    """The parts of the walk, from the end of a program to its start; their cycles add up to its cycles.

    `costs`: of each node, without what its banks add.
    """
    return _Walk(nodes, timeline, costs, target).parts() if len(nodes) else []


class _Walk:
    def __init__(self, nodes: Nodes, timeline: Timeline, costs: Sequence[int], target: Target):
        self.nodes, self.target, self.costs = nodes, target, costs
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
        self.of_bank: dict[int, list[int]] = {}
        self.place: list[int] = []
        """How many nodes of its engine come before a node."""
        for node, engine in enumerate(self.engine):
            line = self.of_engine.setdefault(engine, [])
            self.place.append(len(line))
            line.append(node)
            for bank, _ in nodes.demand[node]:
                self.of_bank.setdefault(bank, []).append(node)
        self.longest = int(nodes.cycles.max())
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

    def _take(self, node: int, cause: Cause, cycles: int) -> None:
        if cycles:
            self.found.append(Part(node, cause, cycles))

    def _through(self, node: int, time: int) -> tuple[int, int]:
        """From a time at which a node is busy back to a time at which the one that it waited for is."""
        begin = self.start[node]
        own = min(self.costs[node], time - begin)
        self._take(node, Cause.ROWS, time - begin - own)
        holds = self.bus[node] >= self.costs[node]
        self._take(node, Cause.BUS if holds else Cause.COMPUTING, own)
        base = self.ready[node] + (self.target.external.latency_cycles if self.bus[node] else 0)
        if base == begin and (before := self._awaited(node)) is not None:
            self._take(node, Cause.LATENCY, begin - self.ready[node])
            return before
        if (before := self._before_on_bus(node) or self._before_in_bank(node)) is not None:
            return before
        self._take(node, Cause.LATENCY, begin - self.ready[node])
        return self._issued(node)

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

    def _before_on_bus(self, node: int) -> tuple[int, int] | None:
        """The node that held the bus until a node could start."""
        number = bisect_left(self.on_bus, node)
        if self.bus[node] and number:
            other = self.on_bus[number - 1]
            if self.start[other] + self.bus[other] == self.start[node]:
                return other, self.start[node]
        return None

    def _before_in_bank(self, node: int) -> tuple[int, int] | None:
        """The node that ended, or started, in one of a node's banks when that could start."""
        begin = self.start[node]
        for bank, _ in self.nodes.demand[node]:
            line = self.of_bank[bank]
            for place in range(bisect_left(line, node) - 1, -1, -1):
                other = line[place]
                if begin in (self.end[other], self.start[other]):
                    return other, begin
                if self.start[other] + self.longest < begin:  # those before started no later
                    break
        return None

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
