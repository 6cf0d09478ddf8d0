"""Cycles of nodes in an order: the scheduler's own reading of the timing contract.

It never sees instructions or addresses; `xnn.runtime.machine.machine` simulates those by separate code, and
the two must agree exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from xnn.dialects.target import Target
from xnn.passes.schedule.demands import Demand
from xnn.passes.schedule.dependencies import Token
from xnn.runtime.engines.reservations import duration

MAX_RESERVATION = 8


class Timing(NamedTuple):
    """What the timing contract needs to know of a node by itself."""

    cycles: int
    """Duration with its reservations: rule 4 of the timing contract."""
    drain: int
    """Cycles from its end to its token."""
    bus: int
    """Cycles for which it holds the bus; 0 if it does not use it."""
    banks: tuple[tuple[int, int], ...]
    """Banks, and the eighths that it reserves of each."""

    @staticmethod
    def of(demand: Demand, reservations: tuple[int, ...]) -> Timing:
        cycles = duration(demand.cycles, demand.rows, reservations)
        banks: dict[int, int] = {}
        for (first, last), reservation in zip(demand.spans, reservations, strict=True):
            for bank in range(first, last + 1):
                banks[bank] = banks.get(bank, 0) + reservation
        bus = cycles if demand.bus and demand.rows else demand.bus
        return Timing(cycles, demand.drain, bus, tuple(banks.items()))


class Node(NamedTuple):
    """A node in the order."""

    engine: str
    after: tuple[Token, ...]
    timing: Timing


def predict(nodes: Iterable[Node], target: Target) -> int:
    """The cycle at which the last token of nodes in an order is signalled."""
    queue, pause = target.control.queue_depth, target.control.issue_cycles
    latency = target.external.latency_cycles
    issue = -pause
    bus_free = total = 0
    starts: dict[str, list[int]] = {engine: [] for engine in target.engines}
    tokens: dict[str, list[int]] = {engine: [] for engine in target.engines}
    free = dict.fromkeys(target.engines, 0)
    banks: dict[int, _Bank] = {}
    for engine, after, (cycles, drain, bus, demand) in nodes:
        own_starts = starts[engine]
        issue += pause
        if len(own_starts) >= queue and own_starts[-queue] > issue:
            issue = own_starts[-queue]
        begin = free[engine]
        if issue > begin:
            begin = issue
        for other, distance in after:
            if (token := tokens[other][-distance]) > begin:
                begin = token
        if bus:
            begin = max(begin + latency, bus_free)
        for bank, _ in demand:
            if bank not in banks:
                banks[bank] = _Bank()
            elif banks[bank].last_start > begin:
                begin = banks[bank].last_start
        waits = True
        while waits:
            waits = False
            for bank, reserved in demand:
                if (room := banks[bank].room(begin, reserved)) > begin:
                    begin, waits = room, True
        end = begin + cycles
        for bank, reserved in demand:
            banks[bank].reserve(begin, end, reserved)
        if bus:
            bus_free = begin + bus
        own_starts.append(begin)
        free[engine] = end
        token = end + drain
        tokens[engine].append(token)
        if token > total:
            total = token
    return total


class _Bank:
    """Reservations of one bank of local memory."""

    __slots__ = ("_held", "last_start")

    def __init__(self) -> None:
        self.last_start = 0
        self._held: list[tuple[int, int]] = []
        """Until when, and how many eighths."""

    def room(self, time: int, reservation: int) -> int:
        """The first cycle from `time` on at which `reservation` eighths are free."""
        taken = reservation
        for end, other in self._held:
            if end > time:
                taken += other
        if taken <= MAX_RESERVATION:
            return time
        for end, other in sorted(self._held):
            if end > time:
                time, taken = end, taken - other
                if taken <= MAX_RESERVATION:
                    break
        return time

    def reserve(self, begin: int, end: int, reservation: int) -> None:
        """Holds a reservation from `begin` to `end`; no later node starts before `begin`."""
        self.last_start = begin
        held = [entry for entry in self._held if entry[0] > begin]
        if end > begin:
            held.append((end, reservation))
        self._held = held
