"""Cycles of nodes in an order: the scheduler's own reading of the timing contract.

It never sees instructions or addresses; `xnn.runtime.machine.machine` simulates those by separate code, and
the two must agree exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from xnn.dialects.target import MAX_RESERVATION, Target
from xnn.passes.schedule.demands import Demand
from xnn.runtime.engines.reservations import duration


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


Node = tuple[str, Mapping[str, int], Timing]
"""A node in the order: its engine, for which nodes it waits, by their numbers on their engines, and its timing."""


def predict(nodes: Iterable[Node], target: Target) -> int:
    """The cycle at which the last token of nodes in an order is signalled."""
    queue, pause = target.control.queue_depth, target.control.issue_cycles
    latency = target.external.latency_cycles
    issue = -pause
    bus_free = total = 0
    starts: dict[str, list[int]] = {engine: [] for engine in target.engines}
    tokens: dict[str, list[int]] = {engine: [] for engine in target.engines}
    free = dict.fromkeys(target.engines, 0)
    banks = target.local.banks
    last_start = [0] * banks
    """By bank, when the last node that reserves some of it began."""
    held: list[list[tuple[int, int]]] = [[] for _ in range(banks)]
    """By bank, until when its reservations last, and how many eighths they are."""
    until = [0] * banks
    """By bank, when the last of them ends."""
    for engine, waits, (cycles, drain, bus, demand) in nodes:
        own_starts = starts[engine]
        issue += pause
        if len(own_starts) >= queue and own_starts[-queue] > issue:
            issue = own_starts[-queue]
        begin = free[engine]
        if issue > begin:
            begin = issue
        for other, number in waits.items():
            if (token := tokens[other][number]) > begin:
                begin = token
        if bus:
            begin = max(begin + latency, bus_free)
        for bank, _ in demand:
            if last_start[bank] > begin:
                begin = last_start[bank]
        waits_for_bank = True
        while waits_for_bank:
            waits_for_bank = False
            for bank, reserved in demand:
                if until[bank] > begin and (room := _room(held[bank], begin, reserved)) > begin:
                    begin, waits_for_bank = room, True
        end = begin + cycles
        for bank, reserved in demand:
            last_start[bank] = begin
            left = (
                [entry for entry in held[bank] if entry[0] > begin] if until[bank] > begin else []
            )
            left.append((end, reserved))
            held[bank] = left
            if end > until[bank]:
                until[bank] = end
        if bus:
            bus_free = begin + bus
        own_starts.append(begin)
        free[engine] = end
        token = end + drain
        tokens[engine].append(token)
        if token > total:
            total = token
    return total


def _room(held: list[tuple[int, int]], time: int, reservation: int) -> int:
    """The first cycle from `time` on at which a bank with reservations `held` has `reservation` eighths free."""
    taken = reservation
    for end, other in held:
        if end > time:
            taken += other
    if taken > MAX_RESERVATION:
        for end, other in sorted(held):
            if end > time:
                time, taken = end, taken - other
                if taken <= MAX_RESERVATION:
                    break
    return time
