"""The step table: every machine node that a module of the memory level stands for, in the module's order.

One table serves prediction and code generation. The order gives tasks (`xnn.passes.schedule.tasks`);
here they get channels, addresses, and the tokens that they wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
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
from xnn.passes.schedule.dependencies import Dependencies, Token, Users
from xnn.passes.schedule.prediction import Node, Timing
from xnn.passes.schedule.regions import regions_of
from xnn.passes.schedule.tasks import Instance, LayerTasks, Task
from xnn.runtime.engines.engine import engine_named
from xnn.runtime.engines.reservations import least_reservations

ADDRESS = "dma.address"
"""Attribute of the function's arguments: where the input lies in external memory."""


@dataclass(slots=True)
class Step:
    """One machine node: a task with an engine of its own, addresses and tokens."""

    task: Task
    engine: str
    addresses: tuple[int, ...]
    demand: Demand
    after: tuple[Token, ...]
    reservations: tuple[int, ...] = ()

    @property
    def node(self) -> Node:
        """What its time depends on."""
        return Node(self.engine, self.after, Timing.of(self.demand, self.reservations))


def reserve(steps: Sequence[Step]) -> None:
    """Gives the steps of one instruction, the iterations of a repeat, their common reservations.

    They hold for the largest rows of each operand and the least cost, wherever the operands of an
    iteration lie.
    """
    demands = {step.demand for step in steps}
    rows = [max(each) for each in zip(*(demand.rows for demand in demands), strict=True)]
    cost = min(demand.cycles for demand in demands)
    reservations = least_reservations(cost, rows, {demand.spans for demand in demands})
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


class Assembly:
    """Turns tasks into steps, one line of the order after the other.

    `address`: that of a buffer, in bytes.
    """

    def __init__(self, target: Target, address: Callable[[SSAValue], int]):
        self.target = target
        self.demands = Demands(target)
        self._address = address
        own = (name for name in COMPUTE if name in target.engines)
        self._dependencies = Dependencies({name for name in own if engine_named(name).drains})
        self._channel = 0
        self._starts: dict[Instance, int] = {}
        self._tasks: dict[LayerBlocks, LayerTasks] = {}
        self._local: dict[SSAValue, int] = {}
        """Addresses of the feature maps in local memory."""

    def line(self, line: Line) -> LineSteps:
        """The steps of a line.

        Transfers take the channels in turn, so that the latency of one is hidden by another: from the
        first channel on where a layer begins, and at each new row of blocks, so that rows are alike.
        """
        regions = list(regions_of(line))
        for region in regions:
            if dma.is_local(region.root) and region.root not in self._local:
                self._local[region.root] = self._start((region.root, 0))
        self._dependencies.begin(regions, self._local)
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

    def all(self, lines: Iterable[Line | Loop]) -> list[LineSteps | LoopSteps]:
        """The steps of lines and loops, in order."""
        return [
            LoopSteps([self.all(iteration) for iteration in each.iterations])
            if isinstance(each, Loop)
            else self.line(each)
            for each in lines
        ]

    def _steps(self, layer: LayerBlocks, events: Iterable[Event]) -> list[Step]:
        if layer not in self._tasks:
            self._tasks[layer] = LayerTasks(layer)
        tasks = self._tasks[layer]
        return [self._step(task) for event in events for task in tasks.of(event)]

    def _step(self, task: Task) -> Step:
        engine = task.engine
        if engine is None:
            engine = f"dma{self._channel}"
            self._channel = (self._channel + 1) % self.target.dma.channels
        elif isinstance(task.op, GeneralOp) and any(map(dma.is_local, task.op.operands)):
            raise UserError(str(fault(task.op, "general compute works in external memory")))
        addresses = tuple(self._start(place.instance) + place.offset for place in task.places)
        reads = [self._users(instance) for instance in task.reads]
        after = self._dependencies.issue(engine, reads, self._users(task.written), task.sums)
        return Step(task, engine, addresses, self.demands.of(task, addresses), after)

    def _users(self, instance: Instance) -> Users | SSAValue:
        buffer = instance[0]
        if not isinstance(buffer.owner, dma.LoadOp | dma.BufferOp):
            return buffer
        return self._dependencies.slot(instance, self._start(instance), value_bytes(buffer))

    def _start(self, instance: Instance) -> int:
        """Address of a buffer, or of one of its slots."""
        if instance not in self._starts:
            buffer, slot = instance
            owner, start = buffer.owner, self._address(buffer)
            if isinstance(owner, dma.LoadOp | dma.BufferOp) and owner.pitch is not None:
                start += slot * owner.pitch.value.data
            self._starts[instance] = start
        return self._starts[instance]


class StepTable:
    """All steps of a module at the memory level, after planning."""

    def __init__(self, module: ModuleOp):
        self.main = main = main_function(module)
        self.target = Target.of(module)
        if (order := order_of(main)) is None:
            raise UserError("the module has no dma.order", hint="run --order-layers first")
        assembly = Assembly(self.target, lambda value: address_of(value, main))
        self.parts = assembly.all(expand_order(main, order))

    def steps(self) -> Iterator[Step]:
        """All steps in order."""
        for part in self.parts:
            yield from part.steps()
