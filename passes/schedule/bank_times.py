"""When banks of local memory are held, by nodes that are placed in time one after the other."""

from __future__ import annotations

from xnn.dialects.target import MAX_RESERVATION, Target
from xnn.passes.schedule.demands import Demand
from xnn.passes.schedule.prediction import Timing
from xnn.runtime.engines.reservations import least_reservations

RECENT = 32
"""Nodes that held a bank last, which the next one may meet there."""


class BankTimes:
    """The nodes that hold each bank, from when to when.

    Nodes come in any order of time: one that is early may go before those that are there already.
    """

    def __init__(self, target: Target):
        self._held: list[list[tuple[int, int, int]]] = [[] for _ in range(target.local.banks)]
        self._timings: dict[Demand, Timing] = {}

    def timing(self, demand: Demand) -> Timing:
        """That of a node by itself."""
        if (known := self._timings.get(demand)) is None:
            reservations = least_reservations(demand.cycles, demand.rows, [demand.spans])
            known = self._timings[demand] = Timing.of(demand, reservations)
        return known

    def hold(self, begin: int, timing: Timing) -> int:
        """Holds the banks of a node from `begin` on, or as soon as all of them have room; from when on."""
        waits = True
        while waits:
            waits = False
            for bank, reserved in timing.banks:
                if (room := self._room(bank, begin, begin + timing.cycles, reserved)) > begin:
                    begin, waits = room, True
        for bank, reserved in timing.banks:
            self._held[bank].append((begin, begin + timing.cycles, reserved))
        return begin

    def _room(self, bank: int, begin: int, end: int, reserved: int) -> int:
        """`begin`, if a bank has so many eighths free until `end`; else when the first node leaves it."""
        met = [
            (until, eighths)
            for start, until, eighths in self._held[bank][-RECENT:]
            if start < end and until > begin
        ]
        if reserved + sum(eighths for _, eighths in met) <= MAX_RESERVATION:
            return begin
        return min(until for until, _ in met)
