"""Steps: tasks in an order, with the channels that they take and the nodes that they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import chain

from xdsl.ir import SSAValue

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerOp
from xnn.dialects.dma.line import Line, Loop, flat
from xnn.dialects.target import COMPUTE, Target
from xnn.passes.schedule.demands import Demand
from xnn.passes.schedule.dependencies import Dependencies, Nodes
from xnn.passes.schedule.placed_tasks import PlacedTask, PlacedTasks
from xnn.passes.schedule.prediction import Node, Timing, predict
from xnn.passes.schedule.tasks import Task
from xnn.passes.schedule.tokens import Token
from xnn.runtime.engines.engine import engine_named
from xnn.runtime.engines.reservations import least_reservations


@dataclass(slots=True)
class Step:
    """One machine node: a task at its place in the order, with an engine of its own."""

    placed: PlacedTask
    engine: str
    waits: Nodes
    """For which nodes it waits: their numbers on their engines."""
    after: tuple[Token, ...] = ()
    reservations: tuple[int, ...] = ()

    @property
    def task(self) -> Task:
        return self.placed.task

    @property
    def node(self) -> Node:
        """What its time depends on."""
        return self.engine, self.waits, Timing.of(self.placed.demand, self.reservations)


def common_reservations(demands: Set[Demand], most: int) -> tuple[int, ...]:
    """The reservations that the demands of one instruction, of all iterations of a repeat, have in common.

    They hold for the largest rows of each operand and the least cost, wherever the operands of an
    iteration lie. `most`: eighths of a bank that they take together.
    """
    rows = [max(each) for each in zip(*(demand.rows for demand in demands), strict=True)]
    cost = min(demand.cycles for demand in demands)
    return least_reservations(cost, rows, {demand.spans for demand in demands}, most)


def reserve(steps: Sequence[Step]) -> None:
    """Gives the steps of one instruction their common reservations."""
    most = steps[0].task.most_reserved
    reservations = common_reservations({step.placed.demand for step in steps}, most)
    for step in steps:
        step.reservations = reservations


@dataclass
class LineSteps:
    """The steps of a line: those that belong to no block of it, and those of each block."""

    line: Line
    before: list[Step] = field(default_factory=list[Step])
    blocks: list[list[Step]] = field(default_factory=list[list[Step]])

    def steps(self) -> Iterator[Step]:
        yield from self.before
        for steps in self.blocks:
            yield from steps

    def layers(self) -> Iterator[LayerOp]:
        yield self.line.layer.op


@dataclass
class LoopSteps:
    """The steps of a repeat in the order, by iteration."""

    iterations: list[list[LineSteps | LoopSteps]]

    def steps(self) -> Iterator[Step]:
        for iteration in self.iterations:
            for each in iteration:
                yield from each.steps()

    def layers(self) -> Iterator[LayerOp]:
        """The layers of its lines, in the order of their first."""
        for each in self.iterations[0]:
            yield from each.layers()


Issued = tuple[PlacedTask, str, Nodes]
"""A task, its engine, and for which nodes it waits."""


def draining(target: Target) -> set[str]:
    """The engines whose results come after their next node has started."""
    own = (name for name in COMPUTE if name in target.engines)
    return {name for name in own if engine_named(name).drains}


class Issue:
    """Gives tasks their engines and finds what they wait for, one line of the order after the other."""

    def __init__(self, tasks: PlacedTasks):
        self._placed = tasks
        target = tasks.target
        self._dependencies = Dependencies(draining(target), tasks.slots)
        self._channels = [f"dma{number}" for number in range(target.dma.channels)]
        self._channel = self._between = 0
        self._first = 0
        """The channel with which the last layer began."""
        self._busy = [0] * len(self._channels)
        """For how long about each of them has something to do still."""
        self._local: dict[SSAValue, int] = {}
        """Addresses of the feature maps in local memory."""

    def line(self, line: Line) -> tuple[list[Issued], list[list[Issued]]]:
        """The tasks of a line: those that belong to no block of it, and those of each block.

        Transfers take the channels in turn, so that the latency of one is hidden by another: from the one that
        has least to do where a layer begins, and from there again at each new row of blocks, so that rows are
        alike. Those between blocks take turns among themselves.
        """
        tasks = self._placed.of(line)
        for part in tasks.parts:
            if dma.is_local(part.root) and part.root not in self._local:
                self._local[part.root] = self._placed.range((part.root, 0))[0]
        self._dependencies.begin(tasks.parts, self._local)
        if not tasks.blocks:
            self._channel, self._between = self._between, self._channel
            before = self._issue(tasks.before)
            self._channel, self._between = self._between, self._channel
            return before, []
        first = line.events.first
        if first == 0:
            self._channel = self._first = self._busy.index(min(self._busy))
        before = self._issue(tasks.before)
        blocks: list[list[Issued]] = []
        row = (line.layer.extents or (1,))[-1]
        for block, each in enumerate(tasks.blocks, first):
            if block % row == 0:
                self._channel = self._first
            blocks.append(self._issue(each))
        return before, blocks

    def line_waits(self) -> Nodes:
        """For what the last line waits because of feature maps, all its nodes together."""
        return self._dependencies.line_waits()

    def _issue(self, tasks: Iterable[PlacedTask]) -> list[Issued]:
        issued: list[Issued] = []
        for placed in tasks:
            engine = placed.task.engine or self.channel(placed)
            issued.append((placed, engine, self._dependencies.issue(engine, placed.uses)))
            self._pass(engine, placed.demand.cycles)
        return issued

    def _pass(self, engine: str, cycles: int) -> None:
        """So long an engine is at work; meanwhile channels are."""
        self._busy = [max(0, left - cycles) for left in self._busy]
        if engine in self._channels:
            self._busy[self._channels.index(engine)] += cycles

    def channel(self, placed: PlacedTask) -> str:
        """The transfer engine of the next transfer."""
        engine = self._channels[self._channel]
        self._channel = (self._channel + 1) % len(self._channels)
        return engine


def steps_of(tasks: PlacedTasks, lines: Iterable[Line | Loop]) -> list[LineSteps | LoopSteps]:
    """The steps of an order, without tokens."""
    issue = Issue(tasks)

    def steps(issued: Iterable[Issued]) -> list[Step]:
        return [Step(*each) for each in issued]

    def walk(lines: Iterable[Line | Loop]) -> list[LineSteps | LoopSteps]:
        result: list[LineSteps | LoopSteps] = []
        for each in lines:
            if isinstance(each, Loop):
                result.append(LoopSteps([walk(iteration) for iteration in each.iterations]))
            else:
                before, blocks = issue.line(each)
                result.append(LineSteps(each, steps(before), list(map(steps, blocks))))
        return result

    return walk(lines)


def cycles_of(tasks: PlacedTasks, lines: Iterable[Line | Loop]) -> int:
    """The time of an order.

    Tasks that are alike share reservations, as if they were iterations of one repeat.
    """
    issue = Issue(tasks)
    nodes: list[Issued] = []
    for line in flat(lines):
        before, blocks = issue.line(line)
        nodes += chain(before, *blocks)
    alike: dict[object, list[PlacedTask]] = {}
    for placed, _, _ in nodes:
        if placed.timing is None:
            alike.setdefault((placed.task.op, placed.task.immediates), []).append(placed)
    for each in alike.values():
        most = each[0].task.most_reserved
        reservations = common_reservations({placed.demand for placed in each}, most)
        for placed in each:
            placed.timing = Timing.of(placed.demand, reservations)
    timed = ((e, waits, task.timing) for task, e, waits in nodes if task.timing)
    return predict(timed, tasks.target)
