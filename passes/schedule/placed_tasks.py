"""Tasks whose operands have addresses: what follows from them whatever the order, worked out once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from xdsl.ir import SSAValue

from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError, fault
from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.line import Event, Events, Line
from xnn.dialects.prim import GeneralOp
from xnn.dialects.values import value_bytes
from xnn.passes.schedule.demands import Demand
from xnn.passes.schedule.dependencies import Uses
from xnn.passes.schedule.known_tasks import KnownTasks
from xnn.passes.schedule.parts import Part
from xnn.passes.schedule.prediction import Timing
from xnn.passes.schedule.tasks import Instance, LayerTasks, Task


@dataclass(slots=True)
class PlacedTask:
    """A task and what follows from the addresses of its operands, whatever the order."""

    task: Task
    addresses: tuple[int, ...]
    demand: Demand
    uses: Uses
    timing: Timing | None = None
    """With reservations that it shares with those that are alike, as if they were iterations of one repeat."""


class PlacedLine(NamedTuple):
    """The tasks of a line of the order."""

    before: list[PlacedTask]
    """Those that belong to no block of it."""
    blocks: list[list[PlacedTask]]
    parts: list[Part]
    """What it reads and writes of each buffer that outlives its layer."""


def _is_slot(instance: Instance) -> bool:
    """Whether an instance of a buffer is a layer's own, no part of a feature map."""
    return isinstance(instance[0].owner, dma.SlottedBuffer)


class PlacedTasks:
    """The tasks of layers whose buffers have addresses; worked out once, for any number of orders.

    `address`: that of a buffer, in bytes.
    """

    def __init__(self, known: KnownTasks, address: Callable[[SSAValue], int]):
        self.target = known.target
        self._known, self._address = known, address
        self._ranges: dict[Instance, tuple[int, int]] = {}
        self._known_uses: dict[object, Uses] = {}
        self._numbers: dict[Instance, int] = {}
        self.slots: list[tuple[int, int]] = []
        """By number, address and bytes of the slots of buffers in local memory."""
        self._tasks: dict[LayerBlocks, LayerTasks] = {}
        self._placed: dict[Event, list[PlacedTask]] = {}
        self._lines: dict[Events, PlacedLine] = {}

    def of(self, line: Line) -> PlacedLine:
        """The tasks of a line."""
        if (known := self._lines.get(line.events)) is None:
            before, *blocks = (
                [task for event in events for task in self.of_event(line.layer, event)]
                for events in (line.events.before, *line.events.blocks)
            )
            known = self._lines[line.events] = PlacedLine(before, blocks, self._parts_of(line))
        return known

    def of_event(self, layer: LayerBlocks, event: Event) -> list[PlacedTask]:
        """The tasks of a transfer or of the computation of a block."""
        if (known := self._placed.get(event)) is None:
            if layer not in self._tasks:
                self._tasks[layer] = self._known.of(layer)
            tasks = self._tasks[layer].of(event)
            known = self._placed[event] = [self._place(layer, task) for task in tasks]
        return known

    def _place(self, layer: LayerBlocks, task: Task) -> PlacedTask:
        if isinstance(task.op, GeneralOp) and any(map(dma.is_local, task.op.operands)):
            raise UserError(str(fault(task.op, "general compute works in external memory")))
        addresses = tuple(self.range(place.instance)[0] + place.offset for place in task.places)
        demand = self._known.demands.of(layer, task, addresses)
        return PlacedTask(task, addresses, demand, self._uses(task))

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

    def _parts_of(self, line: Line) -> list[Part]:
        """What a line reads and writes of each buffer that outlives its layer."""
        found: list[Part] = []
        for op, blocks in line.events.operations.items():
            found += self._known.parts(line.layer, op, blocks)
        return found

    def range(self, instance: Instance) -> tuple[int, int]:
        """Address and bytes of a buffer, or of one of its slots."""
        if (known := self._ranges.get(instance)) is None:
            buffer, slot = instance
            owner, start = buffer.owner, self._address(buffer)
            if isinstance(owner, dma.SlottedBuffer):
                start += owner.slot_offset(slot)
            known = self._ranges[instance] = start, value_bytes(buffer)
        return known
