"""Which nodes had better reserve less of a bank than they could use, as others need it at the same time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from xnn.dialects.prim import Primitive, ScheduleAttr
from xnn.dialects.target import MAX_RESERVATION, Target
from xnn.passes.lowering.rolled_steps import instructions, reserve_all, rolled
from xnn.passes.schedule.prediction import Timing, predict
from xnn.passes.schedule.steps import LineSteps, LoopSteps, Step, common_reservations

LIMITS = (7, 6, 5, 4, 3)
"""Eighths of a bank that are tried."""

Timings = dict[int, Timing]
"""Of steps, by their numbers in the program."""


class _Program:
    """The nodes of a program, and the time that it takes if some of them have other reservations."""

    def __init__(self, lines: Iterable[LineSteps | LoopSteps], target: Target):
        self._target = target
        self._steps: list[Step] = []
        self.instructions: dict[Primitive, list[list[int]]] = {}
        """By primitive that has a schedule, the numbers of the steps of each of its instructions."""
        for line in lines:
            steps, nodes = list(line.steps()), rolled(line)
            reserve_all(nodes, steps)
            for places in instructions(nodes):
                op = steps[places[0]].task.op
                if isinstance(op, Primitive) and op.schedule is not None:
                    numbers = [len(self._steps) + place for place in places]
                    self.instructions.setdefault(op, []).append(numbers)
            self._steps += steps
        self._nodes = [step.node for step in self._steps]

    def __len__(self) -> int:
        return len(self._nodes)

    def cycles(self, other: Timings) -> int:
        """The time if steps have other timings."""
        nodes = self._nodes.copy()
        for number, timing in other.items():
            nodes[number] = *nodes[number][:2], timing
        return predict(nodes, self._target)

    def change(self, timings: Timings) -> None:
        """Gives steps other timings for good."""
        for number, timing in timings.items():
            self._nodes[number] = *self._nodes[number][:2], timing

    def without_banks(self, op: Primitive) -> Timings:
        """Of a primitive, if it reserved nothing."""
        numbers = [number for each in self.instructions[op] for number in each]
        return {number: self._nodes[number][2]._replace(banks=()) for number in numbers}

    def limited(self, op: Primitive, most: int) -> Timings:
        """Of a primitive, if it reserved no more than so many eighths of a bank."""
        timings: Timings = {}
        for numbers in self.instructions[op]:
            demands = {number: self._steps[number].placed.demand for number in numbers}
            reservations = common_reservations(set(demands.values()), most)
            timings |= {n: Timing.of(demand, reservations) for n, demand in demands.items()}
        return timings


class Limits(NamedTuple):
    """Limits that make a program faster."""

    eighths: dict[Primitive, int]
    """Of a bank, by the primitives that are to reserve no more."""
    cycles: int
    """Of the program then."""


def reservation_limits(
    lines: Iterable[LineSteps | LoopSteps], target: Target, timed_nodes: int
) -> Limits:
    """The limits that make a program faster, chosen for one primitive after the other.

    Those come first for whose banks others wait longest. Limits that are there already stay.
    `timed_nodes`: over all trials.
    """
    program = _Program(lines, target)
    trials = timed_nodes // max(1, len(program))
    free = [op for op in program.instructions if schedule_of(op).eighths == MAX_RESERVATION]
    best = program.cycles({})
    if len(free) > trials:
        return Limits({}, best)
    without = {op: program.cycles(program.without_banks(op)) for op in free}
    waited = sorted((op for op in free if without[op] < best), key=without.__getitem__)
    chosen: dict[Primitive, int] = {}
    for op in waited[: (trials - len(free)) // len(LIMITS)]:
        tried = [(program.limited(op, most), most) for most in LIMITS]
        cycles, timings, most = min(
            ((program.cycles(timings), timings, most) for timings, most in tried),
            key=lambda each: each[0],
        )
        if cycles < best:
            best, chosen[op] = cycles, most
            program.change(timings)
    return Limits(chosen, best)


def schedule_of(op: Primitive) -> ScheduleAttr:
    """That of a primitive that has one."""
    assert op.schedule is not None
    return op.schedule
