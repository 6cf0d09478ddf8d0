"""Durations, reservations, and the seven rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.recount.block import Operand
from tests.recount.costs import Cost
from tests.recount.program import Node, ceil

EIGHTHS = 8


def duration(cost: Cost, reservations: Sequence[int]) -> int:
    """D: long enough for the cost, and for the rows of each operand at its share of a bank."""
    return max(1, cost.cycles, *(ceil(8 * r, e) for r, e in zip(cost.rows, reservations)))


def banks_of(operand: Operand, local: dict[str, int]) -> range:
    """The banks that an operand covers, from its first to its last byte."""
    bank = local["rows"] * local["row_bytes"]
    return range(operand.first_byte // bank, operand.last_byte // bank + 1)


def chosen_reservations(costs: Sequence[Cost], local: dict[str, int], most: int) -> list[int]:
    """The reservations of an instruction, for the costs of its nodes: one, or all iterations of a repeat.

    `most`: eighths of a bank for all of its operands, which have one each at least.
    """
    rows = [max(each) for each in zip(*(cost.rows for cost in costs))]
    shared = set[tuple[int, ...]]()  # operands that cover a bank, for each bank
    for cost in costs:
        covered = [banks_of(operand, local) for operand in cost.operands]
        for bank in set().union(*covered):
            shared.add(tuple(i for i, banks in enumerate(covered) if bank in banks))

    def needed(cycles: int) -> list[int]:
        return [max(1, ceil(8 * each, cycles)) for each in rows]

    def fits(cycles: int) -> bool:
        shares = needed(cycles)
        return all(
            sum(shares[i] for i in operands) <= max(most, len(operands)) for operands in shared
        )

    low = max(1, min(cost.cycles for cost in costs))
    high = low
    while not fits(high):
        low, high = high + 1, 2 * high
    while low < high:  # shares fall as cycles grow
        middle = (low + high) // 2
        low, high = (low, middle) if fits(middle) else (middle + 1, high)
    return needed(low)


class Timeline:
    """Issue, ready, start, end and token of each node, by the seven rules."""

    def __init__(self, nodes: Sequence[Node], costs: Sequence[Cost], target: dict[str, Any]):
        control, local = target["control"], target["local"]
        latency = target["external"]["latency_cycles"]
        self.issue, self.start, self.end, self.token = [], [], [], []
        on_engine = dict[str, list[int]]()
        in_bank = dict[int, list[int]]()
        reserved = list[dict[int, int]]()
        bus_free = 0
        for i, (node, cost) in enumerate(zip(nodes, costs)):
            before = on_engine.setdefault(node.engine, [])
            reservations = node.reservations
            cycles = duration(cost, reservations)
            # rule 2
            issue = self.issue[-1] + control["issue_cycles"] if i else 0
            if len(before) >= control["queue_depth"]:
                issue = max(issue, self.start[before[-control["queue_depth"]]])
            # rule 3
            ready = max(issue, self.end[before[-1]] if before else 0)
            for engine, back in node.op.tokens:
                ready = max(ready, self.token[on_engine[engine][-back]])
            # rule 6
            start = max(ready + latency, bus_free) if cost.bus else ready
            # rule 5
            own = dict[int, int]()
            for operand, eighths in zip(cost.operands, reservations):
                for bank in banks_of(operand, local):
                    own[bank] = own.get(bank, 0) + eighths
            for bank in own:
                start = max([start, *(self.start[j] for j in in_bank.get(bank, ()))])
            while held_up := [
                j
                for bank, eighths in own.items()
                if sum(reserved[j][bank] for j in self._active(in_bank, bank, start)) + eighths
                > EIGHTHS
                for j in self._active(in_bank, bank, start)
            ]:
                start = min(self.end[j] for j in held_up)
            for bank in own:
                in_bank[bank] = [*self._active(in_bank, bank, start), i]
            if cost.bus:
                bus_free = start + (cycles if node.is_transfer else cost.bus)
            reserved.append(own)
            before.append(i)
            self.issue.append(issue)
            self.start.append(start)
            self.end.append(start + cycles)
            self.token.append(start + cycles + cost.drain)

    def _active(self, in_bank: dict[int, list[int]], bank: int, time: int) -> list[int]:
        """Nodes that reserve a bank and have not ended."""
        return [j for j in in_bank.get(bank, ()) if self.end[j] > time]

    @property
    def cycles(self) -> int:
        """The program ends with the last token."""
        return max(self.token, default=0)
