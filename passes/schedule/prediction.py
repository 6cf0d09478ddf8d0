"""Cycles predicted from the step table: the scheduler's own reading of the timing contract.

It never sees instructions or addresses; `xnn.runtime.machine.machine` simulates those by separate code, and
the two must agree exactly.
"""

from __future__ import annotations

from collections.abc import Iterable

from xnn.dialects.target import Target
from xnn.passes.schedule.steps import Step, Timing

MAX_RESERVATION = 8


def predict(steps: Iterable[Step], target: Target) -> int:
    """The cycle at which the last token of a sequence of steps is signalled."""
    queue, pause = target.control.queue_depth, target.control.issue_cycles
    latency = target.external.latency_cycles
    issue = -pause
    bus_free = total = 0
    starts: dict[str, list[int]] = {engine: [] for engine in target.engines}
    tokens: dict[str, list[int]] = {engine: [] for engine in target.engines}
    free = dict.fromkeys(target.engines, 0)
    banks = [_Bank() for _ in range(target.local.banks)]
    for step in steps:
        engine, timing = step.engine, step.timing
        own_starts, own_tokens = starts[engine], tokens[engine]
        issue += pause
        if len(own_starts) >= queue:
            issue = max(issue, own_starts[-queue])
        ready = max(issue, free[engine])
        for other, distance in step.after:
            ready = max(ready, tokens[other][-distance])
        begin = max(ready + latency, bus_free) if timing.bus else ready
        demand = _demand(timing)
        begin = max([begin, *(banks[bank].last_start for bank in demand)])
        while True:
            rooms = [banks[bank].room(begin, reserved) for bank, reserved in demand.items()]
            later = max([begin, *rooms])
            if later == begin:
                break
            begin = later
        end = begin + timing.cycles
        for bank, reservation in demand.items():
            banks[bank].reserve(begin, end, reservation)
        if timing.bus:
            bus_free = begin + timing.bus
        own_starts.append(begin)
        free[engine] = end
        own_tokens.append(end + timing.drain)
        total = max(total, end + timing.drain)
    return total


def _demand(timing: Timing) -> dict[int, int]:
    """Eighths that a step reserves, by bank."""
    demand: dict[int, int] = {}
    for (first, last), reservation in zip(timing.spans, timing.reservations, strict=True):
        for bank in range(first, last + 1):
            demand[bank] = demand.get(bank, 0) + reservation
    return demand


class _Bank:
    """Reservations of one bank of local memory."""

    def __init__(self) -> None:
        self.last_start = 0
        self._held: list[tuple[int, int]] = []

    def room(self, time: int, reservation: int) -> int:
        """The first cycle from `time` on at which `reservation` eighths are free."""
        held = sorted(entry for entry in self._held if entry[0] > time)
        taken = sum(other for _, other in held)
        for end, other in held:
            if taken + reservation <= MAX_RESERVATION:
                break
            time, taken = end, taken - other
        return time

    def reserve(self, begin: int, end: int, reservation: int) -> None:
        """Holds a reservation from `begin` to `end`; no later node starts before `begin`."""
        self.last_start = begin
        self._held = [entry for entry in self._held if entry[0] > begin]
        if end > begin:
            self._held.append((end, reservation))
