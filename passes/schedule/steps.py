"""Steps: tasks in an order, with the channels that they take and the nodes that they wait for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from xdsl.ir import SSAValue

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerBlocks, LayerOp
from xnn.dialects.dma.line import Event, Line, Loop
from xnn.dialects.target import COMPUTE
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
        return Node(self.engine, self.waits, Timing.of(self.placed.demand, self.reservations))


def common_reservations(demands: Set[Demand]) -> tuple[int, ...]:
    """The reservations that the demands of one instruction, of all iterations of a repeat, have in common.

    They hold for the largest rows of each operand and the least cost, wherever the operands of an
    iteration lie.
    """
    rows = [max(each) for each in zip(*(demand.rows for demand in demands), strict=True)]
    cost = min(demand.cycles for demand in demands)
    return least_reservations(cost, rows, {demand.spans for demand in demands})


def reserve(steps: Sequence[Step]) -> None:
    """Gives the steps of one instruction their common reservations."""
    reservations = common_reservations({step.placed.demand for step in steps})
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


class _Issue:
    """Turns tasks into steps, one line of the order after the other."""

    def __init__(self, tasks: PlacedTasks):
        self._placed = tasks
        target = tasks.target
        own = (name for name in COMPUTE if name in target.engines)
        draining = {name for name in own if engine_named(name).drains}
        self._dependencies = Dependencies(draining, tasks.slots)
        self._channels = [f"dma{number}" for number in range(target.dma.channels)]
        self._channel = 0
        self._local: dict[SSAValue, int] = {}
        """Addresses of the feature maps in local memory."""

    def all(self, lines: Iterable[Line | Loop]) -> list[LineSteps | LoopSteps]:
        return [
            LoopSteps([self.all(iteration) for iteration in each.iterations])
            if isinstance(each, Loop)
            else self._line(each)
            for each in lines
        ]

    def _line(self, line: Line) -> LineSteps:
        """The steps of a line.

        Transfers take the channels in turn, so that the latency of one is hidden by another: from the
        first channel on where a layer begins, and at each new row of blocks, so that rows are alike.
        """
        parts = self._placed.parts(line)
        for part in parts:
            if dma.is_local(part.root) and part.root not in self._local:
                self._local[part.root] = self._placed.range((part.root, 0))[0]
        self._dependencies.begin(parts, self._local)
        result = LineSteps(line)
        if line.blocks and line.first == 0:
            self._channel = 0
        result.before = self._steps(line.layer, line.before)
        row = (line.layer.extents or (1,))[-1]
        for block, events in enumerate(line.blocks, line.first):
            if block % row == 0:
                self._channel = 0
            result.blocks.append(self._steps(line.layer, events))
        return result

    def _steps(self, layer: LayerBlocks, events: Iterable[Event]) -> list[Step]:
        return [self._step(each) for event in events for each in self._placed.of(layer, event)]

    def _step(self, placed: PlacedTask) -> Step:
        engine = placed.task.engine
        if engine is None:
            engine = self._channels[self._channel]
            self._channel = (self._channel + 1) % len(self._channels)
        return Step(placed, engine, self._dependencies.issue(engine, placed.uses))


def steps_of(tasks: PlacedTasks, lines: Iterable[Line | Loop]) -> list[LineSteps | LoopSteps]:
    """The steps of an order, without tokens."""
    return _Issue(tasks).all(lines)


def cycles_of(tasks: PlacedTasks, lines: Iterable[Line | Loop]) -> int:
    """The time of an order.

    Tasks that are alike share reservations, as if they were iterations of one repeat.
    """
    steps = [step for each in steps_of(tasks, lines) for step in each.steps()]
    alike: dict[object, list[PlacedTask]] = {}
    for step in steps:
        if step.placed.timing is None:
            alike.setdefault((step.task.op, step.task.immediates), []).append(step.placed)
    for each in alike.values():
        reservations = common_reservations({placed.demand for placed in each})
        for placed in each:
            placed.timing = Timing.of(placed.demand, reservations)
    timed = ((step.engine, step.waits, step.placed.timing) for step in steps)
    return predict((Node(e, waits, timing) for e, waits, timing in timed if timing), tasks.target)
