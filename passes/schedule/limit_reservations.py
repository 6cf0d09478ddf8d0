"""The pass `limit-reservations`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.prim import Primitive, ScheduleAttr
from xnn.dialects.target import MAX_RESERVATION
from xnn.passes.lowering.rolled_steps import instructions, reserve_all, rolled
from xnn.passes.schedule.effort import effort_of
from xnn.passes.schedule.prediction import Timing, predict
from xnn.passes.schedule.step_table import StepTable
from xnn.passes.schedule.steps import Step, common_reservations

LIMITS = (7, 6, 5, 4, 3)
"""Eighths of a bank that are tried."""

Timings = dict[int, Timing]
"""Of steps, by their numbers in the program."""


class _Program:
    """The nodes of a module, and the time that it takes if some of them have other reservations."""

    def __init__(self, table: StepTable):
        self._target = table.target
        self._steps: list[Step] = []
        self.instructions: dict[Primitive, list[list[int]]] = {}
        """By primitive that has a schedule, the numbers of the steps of each of its instructions."""
        for line in table.lines:
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


def _limit(program: _Program, timed_nodes: int) -> dict[Primitive, int]:
    """The limits that make a program faster, chosen for one primitive after the other.

    Those come first for whose banks others wait longest. Limits that are there already stay.
    `timed_nodes`: over all trials.
    """
    trials = timed_nodes // max(1, len(program))
    free = [op for op in program.instructions if _schedule(op).eighths == MAX_RESERVATION]
    if len(free) > trials:
        return {}
    best = program.cycles({})
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
    return chosen


def _schedule(op: Primitive) -> ScheduleAttr:
    assert op.schedule is not None
    return op.schedule


@dataclass(frozen=True)
class LimitReservations(ModulePass):
    """Lets nodes reserve less of a bank than they could use, where others need it at the same time.

    ```mlir
    prim.sort "pool1" ... schedule <block = [1, 64, 1, 1, 4, 55], ..., slots = 2> ...
    ```
    becomes
    ```mlir
    prim.sort "pool1" ... schedule <block = [1, 64, 1, 1, 4, 55], ..., slots = 2, eighths = 4> ...
    ```
    if `pool1` takes longer then, but products that read the same feature map need not wait for it. What
    decides is the exact time of the whole program. Limits that are there already stay; where nothing
    is faster, so does everything.
    """

    name = "limit-reservations"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not (timed_nodes := effort_of(op).timed_nodes):
            return
        for primitive, most in _limit(_Program(StepTable(op)), timed_nodes).items():
            primitive.properties["schedule"] = replace(_schedule(primitive), eighths=most)
