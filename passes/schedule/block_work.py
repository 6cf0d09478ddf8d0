"""What the blocks of an order compute, load and wait for, wherever their buffers lie.

Addresses of buffers are multiples of rows, so that what a block costs does not depend on them; the banks
that it needs do, and for whom it waits that had its bytes before.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.line import Line
from xnn.dialects.target import MAX_RESERVATION
from xnn.passes.schedule.dependencies import Dependencies
from xnn.passes.schedule.local_ranges import LocalRanges
from xnn.passes.schedule.ordered_blocks import Held, Operand
from xnn.passes.schedule.parts import Part
from xnn.passes.schedule.placed_tasks import PlacedTask, PlacedTasks
from xnn.passes.schedule.steps import draining


@dataclass
class Block:
    """What a block computes."""

    engine: str = ""
    cycles: int = 0
    drain: int = 0
    waits: list[int] = field(default_factory=list[int])
    """The positions of the blocks for whose tokens it waits, whoever had its bytes before."""
    stored: int = 0
    """Cycles on the bus for its result."""
    loads: list[tuple[SSAValue, int]] = field(default_factory=list[tuple[SSAValue, int]])
    """Buffers that are loaded right before it, and how long it waits for that."""
    eighths: dict[SSAValue, int] = field(default_factory=dict[SSAValue, int])
    """That it needs of a bank for each buffer."""


@dataclass
class _Use:
    """What a line of the order reads or writes of a local feature map: bytes from its first."""

    start: int
    end: int
    writes: bool
    engine: str
    last: int
    """The position of the last block of the line."""


@dataclass
class _LineUses:
    """What a line uses of local feature maps, and the positions of its blocks."""

    uses: list[tuple[SSAValue, _Use]]
    positions: range


def eighths_of(cycles: int, rows: int) -> int:
    """What a node needs of a bank for an operand."""
    return min(max(-(-MAX_RESERVATION * rows // max(cycles, 1)), 1), MAX_RESERVATION)


def price(operand: Operand, layer: LayerBlocks, tasks: PlacedTasks) -> None:
    """What its first slice costs, wherever it lies."""
    load = layer.loads[operand.number]
    demands = [task.demand for task in tasks.of_event(layer, (load.op, load.blocks[0]))]
    operand.cycles = sum(demand.cycles for demand in demands)
    operand.eighths = max(eighths_of(each.cycles, sum(each.rows)) for each in demands)


class OrderWork:
    """The blocks of an order, by position. `tasks`: of buffers that begin at rows, wherever."""

    def __init__(self, lines: Iterable[Line], tasks: PlacedTasks):
        self.target = tasks.target
        self.blocks: list[Block] = []
        self._lines: list[_LineUses] = []
        """Those that use local feature maps."""
        self._streams: list[tuple[SSAValue, int, int, int, int, int]] = []
        """Of each block and buffer: buffer, slot, first byte, last byte, position, eighths of a bank."""
        self._add(lines, tasks)
        self._buffers = list(dict.fromkeys(each[0] for each in self._streams))
        numbers = {buffer: number for number, buffer in enumerate(self._buffers)}
        table = [(numbers[buffer], *rest) for buffer, *rest in self._streams]
        self._table = np.array(table, np.int64).reshape(-1, 6).T

    def _add(self, lines: Iterable[Line], tasks: PlacedTasks) -> None:
        dependencies = Dependencies(draining(self.target), [])
        positions: defaultdict[str, list[int]] = defaultdict(list)
        for line in lines:
            placed = tasks.of(line)
            dependencies.begin(placed.parts, {})
            start = len(self.blocks)
            for each in placed.blocks:
                block = self._block(each)
                for task in each:
                    if (engine := task.task.engine) is not None:
                        uses = replace(task.uses, read_slots=(), written_slot=None)
                        waits = dependencies.issue(engine, uses)
                        block.waits = [positions[other][number] for other, number in waits.items()]
                        positions[engine].append(len(self.blocks))
                        for buffer, eighths in self._note_streams(task, len(self.blocks)):
                            block.eighths[buffer] = block.eighths.get(buffer, 0) + eighths
                    elif isinstance(task.task.op, dma.StoreOp):  # while the next block runs
                        self._note_streams(task, len(self.blocks) + 1)
                self.blocks.append(block)
            self._note_uses(placed.parts, range(start, len(self.blocks)))

    def _block(self, tasks: Iterable[PlacedTask]) -> Block:
        """A block without what it waits for."""
        block = Block()
        for each in tasks:
            task, demand = each.task, each.demand
            if task.engine is not None:
                block.engine, block.drain = task.engine, demand.drain
                block.cycles += demand.cycles
                continue
            bus = demand.cycles if demand.rows else demand.bus
            if isinstance(task.op, dma.StoreOp):
                block.stored += bus
            else:
                wait = self.target.external.latency_cycles + bus
                block.loads.append((task.written[0], wait))
        return block

    def _note_streams(self, placed: PlacedTask, position: int) -> list[tuple[SSAValue, int]]:
        """What a task, at a position, needs of banks: its local buffers and the eighths of a bank for each."""
        found: list[tuple[SSAValue, int]] = []
        pairs = zip(placed.task.places, placed.task.accesses, strict=True)
        inside = [(place, access) for place, access in pairs if access.local]
        for (place, access), rows in zip(inside, placed.demand.rows, strict=True):
            eighths = eighths_of(placed.demand.cycles, rows)
            low = place.offset + access.low
            high = low + max(access.span, 1) - 1
            self._streams.append((place.buffer, place.slot, low, high, position, eighths))
            found.append((place.buffer, eighths))
        return found

    def _note_uses(self, parts: Iterable[Part], positions: range) -> None:
        if not positions or not (engine := self.blocks[positions[-1]].engine):
            return
        uses = [
            (part.root, _Use(part.start, part.end, part.writes, engine, positions[-1]))
            for part in parts
            if dma.is_local(part.root)
        ]
        if uses:
            self._lines.append(_LineUses(uses, positions))

    def taken(self, held: Iterable[Held]) -> np.ndarray:
        """[bank, position]: eighths that blocks need of each bank for these buffers."""
        local = self.target.local
        places: dict[SSAValue, tuple[int, int]] = {
            each.op.result: (each.address, each.pitch) for each in held
        }
        known = np.array([buffer in places for buffer in self._buffers], np.bool_)
        where = np.array([places.get(each, (0, 0)) for each in self._buffers], np.int64)
        buffer, slot, low, high, position, eighths = self._table[:, known[self._table[0]]]
        address, pitch = where.reshape(-1, 2)[buffer].T
        address = address + slot * pitch
        after_all = len(self.blocks)  # where a store may come
        change = np.zeros((local.banks + 1, after_all + 1), np.int64)
        np.add.at(change, ((address + low) // local.bank_bytes, position), eighths)
        np.subtract.at(change, ((address + high) // local.bank_bytes + 1, position), eighths)
        return np.cumsum(change, axis=0)[:-1]

    def waits(self, held: Iterable[Held]) -> list[list[int]]:
        """By position, those of the blocks for whose tokens it waits, if buffers lie there."""
        result = [block.waits for block in self.blocks]
        addresses: dict[SSAValue, int] = {each.op.result: each.address for each in held}
        for positions, more in _claims(self._lines, addresses):
            for position in positions:
                result[position] = [*result[position], *more]
        return result


def _claims(
    lines: Iterable[_LineUses], addresses: Mapping[SSAValue, int]
) -> Iterator[tuple[range, list[int]]]:
    """Positions of blocks, and those of the last users of other feature maps that had their bytes."""
    ranges = LocalRanges[SSAValue]()
    before: defaultdict[SSAValue, list[_Use]] = defaultdict(list)
    claimed: defaultdict[SSAValue, dict[str, int]] = defaultdict(dict)
    for line in lines:
        waits: dict[str, int] = {}
        for root, use in line.uses:
            if not use.writes or root not in addresses:
                continue
            start, last = addresses[root], claimed[root]
            for low, high, other in ranges.claim(start + use.start, start + use.end, root):
                low, high = low - addresses[other], high - addresses[other]
                for each in before[other]:
                    if (
                        each.start < high
                        and low < each.end
                        and each.last > last.get(each.engine, -1)
                    ):
                        last[each.engine] = each.last
            for engine, position in last.items():
                if engine != use.engine:
                    waits[engine] = max(position, waits.get(engine, -1))
        if waits:
            yield line.positions, list(waits.values())
        for root, use in line.uses:
            before[root].append(use)
