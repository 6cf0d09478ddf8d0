"""The step table: every machine node that a module of the memory level stands for, in the module's order.

One table serves prediction and code generation. The order gives tasks (`xnn.passes.schedule.tasks`);
here they get channels, addresses, and the tokens that they wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from xdsl.dialects.builtin import IntegerAttr, ModuleOp
from xdsl.dialects.func import FuncOp
from xdsl.ir import BlockArgument, SSAValue

from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError, fault
from xnn.dialects.dma.layer_blocks import LayerBlocks, LayerOp
from xnn.dialects.dma.line import Event, Line, Loop
from xnn.dialects.dma.sequence import expand_order, order_of
from xnn.dialects.prim import GeneralOp
from xnn.dialects.target import COMPUTE, Target
from xnn.dialects.values import item_bytes, value_bytes
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.demands import Demand, Demands
from xnn.passes.schedule.dependencies import Dependencies, Nodes, Uses
from xnn.passes.schedule.parts import Part, parts_of
from xnn.passes.schedule.prediction import Node, Timing, predict
from xnn.passes.schedule.tasks import Instance, LayerTasks, Task
from xnn.passes.schedule.tokens import Token, Tokens
from xnn.runtime.engines.engine import engine_named
from xnn.runtime.engines.reservations import least_reservations

ADDRESS = "dma.address"
"""Attribute of the function's arguments: where the input lies in external memory."""


@dataclass(slots=True)
class PlacedTask:
    """A task and what follows from the addresses of its operands, whatever the order."""

    task: Task
    addresses: tuple[int, ...]
    demand: Demand
    uses: Uses
    timing: Timing | None = None
    """With reservations that it shares with those that are alike, as if they were iterations of one repeat."""


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


def address_of(value: SSAValue, main: FuncOp) -> int:
    """Planned address in bytes of a buffer or view; raises UserError if there is none yet.

    0 stands for that of a dynamic buffer: costs depend on its place in a burst alone.
    """
    offset, value = dma.offset_of(value) * item_bytes(value), dma.root_of(value)
    attribute = None
    if dma.is_dynamic(value):
        return offset
    if isinstance(value, BlockArgument):
        attributes = main.arg_attrs
        attribute = attributes.data[value.index].data.get(ADDRESS) if attributes else None
    elif isinstance(value.owner, dma.AllocOp | dma.ParameterOp | dma.LoadOp | dma.BufferOp):
        attribute = value.owner.address
    if not isinstance(attribute, IntegerAttr):
        raise UserError(
            f"a buffer of type {value.type} has no address", hint="run --plan-memory first"
        )
    return attribute.value.data + offset


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


def _is_slot(instance: Instance) -> bool:
    """Whether an instance of a buffer is a layer's own, no part of a feature map."""
    return isinstance(instance[0].owner, dma.LoadOp | dma.BufferOp)


class PlacedTasks:
    """The tasks of layers whose buffers have addresses; worked out once, for any number of orders.

    `address`: that of a buffer, in bytes.
    """

    def __init__(self, target: Target, address: Callable[[SSAValue], int]):
        self.target = target
        self._demands = Demands(target)
        self._address = address
        self._parts: dict[object, list[Part]] = {}
        self._ranges: dict[Instance, tuple[int, int]] = {}
        self._known_uses: dict[object, Uses] = {}
        self._numbers: dict[Instance, int] = {}
        self.slots: list[tuple[int, int]] = []
        """By number, address and bytes of the slots of buffers in local memory."""
        self._tasks: dict[LayerBlocks, LayerTasks] = {}
        self._placed: dict[Event, list[PlacedTask]] = {}

    def of(self, layer: LayerBlocks, event: Event) -> list[PlacedTask]:
        """The tasks of a transfer or of the computation of a block."""
        if (known := self._placed.get(event)) is None:
            if layer not in self._tasks:
                self._tasks[layer] = LayerTasks(layer)
            tasks = self._tasks[layer].of(event)
            known = self._placed[event] = [self._place(task) for task in tasks]
        return known

    def _place(self, task: Task) -> PlacedTask:
        if isinstance(task.op, GeneralOp) and any(map(dma.is_local, task.op.operands)):
            raise UserError(str(fault(task.op, "general compute works in external memory")))
        addresses = tuple(self.range(place.instance)[0] + place.offset for place in task.places)
        return PlacedTask(task, addresses, self._demands.of(task, addresses), self._uses(task))

    def _uses(self, task: Task) -> Uses:
        reads, written = tuple(task.reads), task.written
        key = reads, written, task.sums
        if (known := self._known_uses.get(key)) is None:
            own = _is_slot(written)
            known = self._known_uses[key] = Uses(
                tuple(self._number(each) for each in reads if _is_slot(each)),
                tuple(each[0] for each in reads if not _is_slot(each)),
                self._number(written) if own else None,
                None if own else written[0],
                task.sums,
            )
        return known

    def _number(self, slot: Instance) -> int:
        """The number of a slot of a buffer in local memory."""
        if slot not in self._numbers:
            self._numbers[slot] = len(self.slots)
            self.slots.append(self.range(slot))
        return self._numbers[slot]

    def parts(self, line: Line) -> list[Part]:
        """What a line reads and writes of each buffer that outlives its layer."""
        found: list[Part] = []
        for op, blocks in line.operations.items():
            key = op, tuple(blocks)
            if (known := self._parts.get(key)) is None:
                known = self._parts[key] = parts_of(line.layer.touches(op), blocks)
            found += known
        return found

    def range(self, instance: Instance) -> tuple[int, int]:
        """Address and bytes of a buffer, or of one of its slots."""
        if (known := self._ranges.get(instance)) is None:
            buffer, slot = instance
            owner, start = buffer.owner, self._address(buffer)
            if isinstance(owner, dma.LoadOp | dma.BufferOp) and owner.pitch is not None:
                start += slot * owner.pitch.value.data
            known = self._ranges[instance] = start, value_bytes(buffer)
        return known

    def steps(self, lines: Iterable[Line | Loop]) -> list[LineSteps | LoopSteps]:
        """The steps of an order, without tokens: channels for its tasks, and what they wait for."""
        return _Issue(self).all(lines)

    def cycles(self, lines: Iterable[Line | Loop]) -> int:
        """The time of an order."""
        steps = [step for each in self.steps(lines) for step in each.steps()]
        alike: dict[object, list[PlacedTask]] = {}
        for step in steps:
            if step.placed.timing is None:
                alike.setdefault((step.task.op, step.task.immediates), []).append(step.placed)
        for each in alike.values():
            reservations = common_reservations({placed.demand for placed in each})
            for placed in each:
                placed.timing = Timing.of(placed.demand, reservations)
        timed = ((step.engine, step.waits, step.placed.timing) for step in steps)
        return predict(
            (Node(e, waits, timing) for e, waits, timing in timed if timing), self.target
        )


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


class StepTable:
    """All steps of a module at the memory level, after planning."""

    def __init__(self, module: ModuleOp):
        self.main = main = main_function(module)
        self.target = Target.of(module)
        if (order := order_of(main)) is None:
            raise UserError("the module has no dma.order", hint="run --order-layers first")
        self._layers: dict[LayerOp, LayerBlocks] = {}
        self._tasks = PlacedTasks(self.target, lambda value: address_of(value, main))
        self.lines = self._tasks.steps(expand_order(main, order, self._layers))
        tokens = Tokens()
        for step in self.steps():
            step.after = tokens.of(step.engine, step.waits)

    def cycles_in(self, order: dma.OrderOp) -> int:
        """The time of another order of the same layers, at the same addresses.

        Tasks that are alike share reservations, as if they were iterations of one repeat.
        """
        return self._tasks.cycles(expand_order(self.main, order, self._layers))

    def steps(self) -> Iterator[Step]:
        """All steps in order."""
        for each in self.lines:
            yield from each.steps()
