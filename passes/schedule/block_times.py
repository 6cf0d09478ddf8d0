"""When blocks run, as far as their loads are known, and what they need of the banks meanwhile."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.line import Line
from xnn.dialects.target import MAX_RESERVATION
from xnn.passes.schedule.dependencies import Dependencies
from xnn.passes.schedule.ordered_blocks import Operand
from xnn.passes.schedule.placed_tasks import PlacedTask, PlacedTasks
from xnn.passes.schedule.steps import draining


@dataclass
class TimedBlock:
    """What a block computes."""

    engine: str
    cycles: int
    drain: int
    waits: list[int]
    """The positions of the blocks for whose tokens it waits."""
    stored: int
    """Cycles on the bus for its result."""
    held: list[tuple[int, int, int]]
    """First and last bank, and eighths, of what it reads and writes in buffers that stay."""
    loaded: dict[SSAValue, int]
    """Eighths that it needs of a bank for each operand that is loaded."""


def eighths_of(cycles: int, rows: int) -> int:
    """What a node needs of a bank for an operand."""
    return min(max(-(-MAX_RESERVATION * rows // max(cycles, 1)), 1), MAX_RESERVATION)


class BlockTimes:
    """The blocks of an order, one after the other, were there no banks, queues and issue."""

    def __init__(self, lines: list[Line], tasks: PlacedTasks, loaded: Container[SSAValue]):
        self.latency = tasks.target.external.latency_cycles
        self.blocks = list(_timed_blocks(lines, tasks, loaded))
        count = len(self.blocks)
        self.over = np.zeros(count + 1, np.int64)
        """By position, when the tokens of all blocks before it are there, as far as that is known."""
        self.loads = [0] * count
        """By position, when what the block needs is loaded."""
        self.known = 0
        self.bus_free = 0
        self._free: defaultdict[str, int] = defaultdict(int)
        self._tokens = [0] * count

    def run(self, end: int, tentative: bool = False) -> None:
        """Up to a position; `tentative`: more of what the blocks need may still be loaded."""
        free = self._free.copy() if tentative else self._free
        for position in range(self.known, end):
            block = self.blocks[position]
            ready = max(free[block.engine], self.loads[position])
            for other in block.waits:
                if (token := self._tokens[other]) > ready:
                    ready = token
            free[block.engine] = over = ready + block.cycles
            self._tokens[position] = over = over + block.drain
            self.over[position + 1] = max(self.over[position], over)
            if not tentative:
                self.bus_free += block.stored
        if not tentative:
            self.known = max(self.known, end)


def price(operand: Operand, layer: LayerBlocks, tasks: PlacedTasks) -> None:
    """What its first slice costs, wherever it lies."""
    load = layer.loads[operand.number]
    demands = [task.demand for task in tasks.of_event(layer, (load.op, load.blocks[0]))]
    operand.cycles = sum(demand.cycles for demand in demands)
    operand.eighths = max(eighths_of(each.cycles, sum(each.rows)) for each in demands)


def _timed_blocks(
    lines: list[Line], tasks: PlacedTasks, loaded: Container[SSAValue]
) -> Iterator[TimedBlock]:
    dependencies = Dependencies(draining(tasks.target), [])
    positions: defaultdict[str, list[int]] = defaultdict(list)
    local: dict[SSAValue, int] = {}
    latency = tasks.target.external.latency_cycles
    position = 0
    for line in lines:
        placed = tasks.of(line)
        for part in placed.parts:
            if dma.is_local(part.root):
                local[part.root] = tasks.range((part.root, 0))[0]
        dependencies.begin(placed.parts, local)
        for each in placed.blocks:
            block = TimedBlock("", 0, 0, [], 0, [], {})
            for task in each:
                demand = task.demand
                if task.task.engine is None:
                    bus = demand.cycles if demand.rows else demand.bus
                    if isinstance(task.task.op, dma.StoreOp):
                        block.stored += bus
                    elif task.task.written[0] not in loaded:
                        block.cycles += latency + bus
                    continue
                engine = block.engine = task.task.engine
                block.cycles, block.drain = block.cycles + demand.cycles, demand.drain
                uses = replace(task.uses, read_slots=(), written_slot=None)
                waits = dependencies.issue(engine, uses)
                block.waits = [positions[other][number] for other, number in waits.items()]
                positions[engine].append(position)
                _note_streams(block, task, loaded)
            yield block
            position += 1


def _note_streams(block: TimedBlock, placed: PlacedTask, loaded: Container[SSAValue]) -> None:
    pairs = zip(placed.task.places, placed.task.accesses, strict=True)
    inside = [place.buffer for place, access in pairs if access.local]
    for buffer, rows, span in zip(inside, placed.demand.rows, placed.demand.spans, strict=True):
        eighths = eighths_of(placed.demand.cycles, rows)
        if buffer in loaded:
            block.loaded[buffer] = block.loaded.get(buffer, 0) + eighths
        else:
            block.held.append((*span, eighths))
