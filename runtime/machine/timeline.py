"""The simulated time of a program: the timing contract, on nodes decoded from instructions.

All times are integers; program order decides every conflict:

1. `after` names earlier nodes only.
2. issue(i) = max(issue(i - 1) + issue_cycles, start of the node queue_depth earlier on its engine).
3. ready(i) = max(issue(i), end of the node before on its engine, tokens of all in after(i)).
4. A node takes D = max(cost, ceil(8 * rows / reservation) over its operands).
5. It starts no earlier than any earlier node that reserves the same bank, and once the reservations
   in each of its banks add up to at most 8. It waits; nothing stretches.
6. External memory is exclusive and in program order: data starts at max(ready + latency, bus free),
   subject to rule 5, and holds the bus for D (general compute: for its bus cycles).
7. The token comes at the end; a matrix product's drain later. The program ends with the last token.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xnn.dialects.target import MAX_RESERVATION, Target


@dataclass(frozen=True)
class Nodes:
    """Nodes in program order, as the machine sees them."""

    engine: np.ndarray
    """Number of the engine, as in Target.engines."""
    cycles: np.ndarray
    """Duration D."""
    drain: np.ndarray
    bus: np.ndarray
    """Cycles for which the node holds the bus of external memory; 0 if it does not use it."""
    after: Sequence[tuple[tuple[int, int], ...]]
    """Per node, pairs of an engine and how many nodes back on it."""
    demand: Sequence[tuple[tuple[int, int], ...]]
    """Per node, pairs of a bank and the reservation there."""

    def __len__(self) -> int:
        return len(self.engine)


@dataclass(frozen=True)
class Timeline:
    """When each node was issued, could start, started, ended and signalled."""

    issue: np.ndarray
    ready: np.ndarray
    start: np.ndarray
    end: np.ndarray
    token: np.ndarray

    @property
    def cycles(self) -> int:
        return int(self.token.max(initial=0))


def simulate(nodes: Nodes, target: Target) -> Timeline:
    """Times of all nodes."""
    count = len(nodes)
    times = np.zeros((5, count), np.int64)
    engines = len(target.engines)
    order: list[list[int]] = [[] for _ in range(engines)]
    token: list[int] = [0] * count
    start: list[int] = [0] * count
    engine_free = [0] * engines
    bank_floor = [0] * target.local.banks
    bank_holders: list[list[int]] = [[] for _ in range(target.local.banks)]
    end: list[int] = [0] * count
    reservation_of = [dict(demand) for demand in nodes.demand]
    pause, depth = target.control.issue_cycles, target.control.queue_depth
    latency = target.external.latency_cycles
    bus_free = issue = 0
    for i, (engine, cycles, drain, bus) in enumerate(
        zip(
            nodes.engine.tolist(),
            nodes.cycles.tolist(),
            nodes.drain.tolist(),
            nodes.bus.tolist(),
            strict=True,
        )
    ):
        line = order[engine]
        if i:
            issue += pause
        if len(line) >= depth:
            issue = max(issue, start[line[-depth]])
        ready = max(issue, engine_free[engine])
        for other, back in nodes.after[i]:
            ready = max(ready, token[order[other][-back]])
        begin = max(ready + latency, bus_free) if bus else ready
        demand = nodes.demand[i]
        for bank, _ in demand:
            begin = max(begin, bank_floor[bank])
        begin = _admit(begin, demand, bank_holders, end, reservation_of)
        finish = begin + cycles
        for bank, _ in demand:
            bank_floor[bank] = begin
            bank_holders[bank] = [j for j in bank_holders[bank] if end[j] > begin]
            bank_holders[bank].append(i)
        if bus:
            bus_free = begin + bus
        start[i], end[i], token[i] = begin, finish, finish + drain
        engine_free[engine] = finish
        line.append(i)
        times[0, i], times[1, i] = issue, ready
    times[2], times[3], times[4] = start, end, token
    return Timeline(*times)


def _admit(
    begin: int,
    demand: Sequence[tuple[int, int]],
    holders: list[list[int]],
    end: list[int],
    reservation_of: list[dict[int, int]],
) -> int:
    """The first cycle from `begin` on at which every bank can grant its reservation."""
    waiting = True
    while waiting:
        waiting = False
        for bank, reservation in demand:
            active = [j for j in holders[bank] if end[j] > begin]
            while (
                active
                and sum(reservation_of[j][bank] for j in active) + reservation > MAX_RESERVATION
            ):
                begin = min(end[j] for j in active)
                active = [j for j in active if end[j] > begin]
                waiting = True
    return begin
