"""The blocks of all layers in the order in which they run, and from where to where their buffers are in use.

A *position* is the number of a block in this order, over all layers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from xdsl.dialects.func import FuncOp
from xdsl.ir import SSAValue

from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import LayerBlocks, Touch, layer_blocks
from xnn.dialects.dma.sequence import layers_of, lines_of
from xnn.dialects.values import value_bytes
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.local_memory import aligned, slots
from xnn.passes.schedule.parts import parts_of
from xnn.passes.schedule.program_items import Run


class Stay(NamedTuple):
    """Some bytes of a slot, from its beginning, and the positions from which to which they are in use."""

    start: int
    end: int
    first: int
    last: int


@dataclass(eq=False)
class Held:
    """A buffer, with all of its slots, that keeps its place from its first use to its last."""

    op: dma.AllocOp | dma.SlottedBuffer
    slot_size: int
    """Bytes of a slot."""
    pitch: int
    """Bytes from slot to slot."""
    slots: int
    first: int
    last: int
    """The positions that use it."""
    stays: Sequence[Stay]
    """Of its parts, in each slot: as those of a concatenation, which are written one after the other."""
    address: int = -1

    @property
    def size(self) -> int:
        """Bytes from the first of its slots to the last."""
        return self.pitch * (self.slots - 1) + self.slot_size

    @property
    def end(self) -> int:
        """The byte after its last."""
        return self.address + self.size


@dataclass(eq=False)
class Operand:
    """What a layer loads slice by slice, each as early as its slot is free."""

    op: dma.LoadOp
    layer: str
    number: int
    """Of the layer's loads."""
    size: int
    """Bytes of a slot."""
    needs: list[int]
    """By slice, the position of the first block that needs it."""
    lasts: list[int]
    """By slice, that of the last one."""
    after: int
    """The position before which there is nothing to load: other layers have not stored it yet."""
    cycles: int = 0
    """Of a slice on the bus."""
    eighths: int = 1
    """Of a bank that it needs to be written."""
    addresses: list[int] = field(default_factory=list[int])
    """By slice."""
    starts: list[int] = field(default_factory=list[int])
    """By slice, the position from which it is loaded."""
    begins: list[int] = field(default_factory=list[int])
    """By slice, when its data start, as far as is foreseen."""


@dataclass
class Blocks:
    """The blocks of a layer in the order."""

    layer: LayerBlocks
    positions: list[int]


def _range_of(touch: Touch, blocks: int, size: int) -> tuple[int, int]:
    """The bytes of a buffer of some size that a layer touches, from the first to the last."""
    if isinstance(touch.value.owner, dma.RingOp):
        return 0, size
    parts = parts_of([touch], range(blocks))
    return min(part.start for part in parts), max(part.end for part in parts)


class OrderedBlocks:
    """What an order of `dma.run` alone stands for, without its loads."""

    def __init__(self, main: FuncOp, order: dma.OrderOp, alignment: int):
        self.main = main
        self._alignment = alignment
        ops = layers_of(main)
        self.layers: dict[str, Blocks] = {}
        self.order: list[Run] = []
        """By position."""
        for line in lines_of(order):
            assert isinstance(line, dma.RunOp)
            name = line.layer.data
            if (blocks := self.layers.get(name)) is None:
                blocks = self.layers[name] = Blocks(layer_blocks(ops[name]), [])
            left = blocks.layer.count - len(blocks.positions)
            count = left if line.blocks is None else line.blocks.value.data
            start = len(self.order)
            blocks.positions += range(start, start + count)
            run = Run(name, line.ahead.value.data, line.behind.value.data)
            self.order += [run] * count
        self._touched: dict[SSAValue, list[tuple[Blocks, Touch]]] = {}
        for blocks in self.layers.values():
            for touch in blocks.layer.all_touches():
                self._touched.setdefault(touch.root, []).append((blocks, touch))
        self._depths: dict[dma.SlottedBuffer, int] = {}
        """The slots that buffers have in the text."""
        for blocks in self.layers.values():
            self._depths |= {op: slots(op) for op in blocks.layer.buffers()}
        self.movable = frozenset(n for n, each in self.layers.items() if self._is_movable(each))
        """The layers all of whose loads may come at any time before their blocks."""

    def leaving(self, layers: Iterable[str]) -> OrderedBlocks:
        """The same, but layers keep their loads where they are."""
        result = copy(self)
        result.movable = self.movable.difference(layers)
        return result

    def forget(self) -> None:
        """Removes addresses, and gives buffers the slots that they had."""
        for op in self.main.body.block.ops:
            if isinstance(op, dma.AllocOp) and dma.is_local(op.result):
                op.properties.pop("address", None)
        for op, depth in self._depths.items():
            op.properties.pop("address", None)
            op.properties.pop("pitch", None)
            op.properties.pop("slot_offsets", None)
            op.properties["slots"] = integer(depth)

    def _is_movable(self, blocks: Blocks) -> bool:
        layer = blocks.layer
        return layer.node is not None and all(
            isinstance(load.op, dma.LoadOp)
            and len(load.blocks) == len(load.begins)
            and self._written(load.op.source, blocks) is not None
            for load in layer.loads
        )

    def _written(self, source: SSAValue, reader: Blocks) -> int | None:
        """The position from which all of a buffer is written; None if some writer comes after the reader."""
        lasts = [
            blocks.positions[-1]
            for blocks, touch in self._touched.get(dma.root_of(source), ())
            if touch.writes
        ]
        last = max(lasts, default=-1)
        return last + 1 if last < reader.positions[0] else None

    def runs(self) -> Iterator[Run]:
        """All blocks, what they load right before them."""
        return (Run(run.layer, 0, run.behind) for run in self.order)

    def operands(self) -> Iterator[Operand]:
        """What the movable layers load."""
        for name, blocks in self.layers.items():
            if name not in self.movable:
                continue
            at, count = blocks.positions, blocks.layer.count
            for number, load in enumerate(blocks.layer.loads):
                op, ends = load.op, [*load.begins[1:], count]
                assert isinstance(op, dma.LoadOp)
                after = self._written(op.source, blocks)
                assert after is not None
                needs, lasts = [at[each] for each in load.begins], [at[each - 1] for each in ends]
                size = aligned(value_bytes(op.result), self._alignment)
                yield Operand(op, name, number, size, needs, lasts, after)

    def held(self, lead: int) -> Iterator[Held]:
        """All other local buffers; their lives begin `lead` positions earlier and end as much later."""
        end = len(self.order) - 1

        for op in self.main.body.block.ops:
            if isinstance(op, dma.AllocOp) and dma.is_local(op.result):
                size = aligned(value_bytes(op.result), self._alignment)
                stays = [
                    Stay(
                        stay.start, stay.end, max(stay.first - lead, 0), min(stay.last + lead, end)
                    )
                    for stay in self._stays(op.result, size)
                ]
                if stays:
                    first, last = min(s.first for s in stays), max(s.last for s in stays)
                    yield Held(op, size, size, 1, first, last, stays)
        for name, blocks in self.layers.items():
            first, last = blocks.positions[0], blocks.positions[-1]
            for op in blocks.layer.buffers():
                if not (name in self.movable and isinstance(op, dma.LoadOp)):
                    slots, size = self._depths[op], aligned(value_bytes(op.result), self._alignment)
                    yield Held(op, size, size, slots, first, last, [Stay(0, size, first, last)])

    def _stays(self, root: SSAValue, size: int) -> list[Stay]:
        """Of the parts of a feature map that different layers use, in order."""
        uses = [
            (*_range_of(touch, blocks.layer.count, size), blocks.positions[0], blocks.positions[-1])
            for blocks, touch in self._touched.get(root, ())
        ]
        borders = sorted({border for start, end, _, _ in uses for border in (start, end)})
        found: list[Stay] = []
        for start, end in pairwise(borders):
            here = [use for use in uses if use[0] < end and start < use[1]]
            if here:
                first, last = min(use[2] for use in here), max(use[3] for use in here)
                found.append(Stay(start, end, first, last))
        return found

    def stores(self) -> set[int]:
        """The positions after which there is a result to store, of movable layers."""
        found: set[int] = set()
        for name in self.movable:
            blocks = self.layers[name]
            if (stores := blocks.layer.stores) is not None:
                found.update(blocks.positions[each] for each in stores.blocks)
        return found

    def company(self) -> dict[SSAValue, set[SSAValue]]:
        """For each local buffer that stays those that some node uses together with it."""
        company: dict[SSAValue, set[SSAValue]] = {}
        for blocks in self.layers.values():
            layer = blocks.layer
            if not isinstance(layer.op, dma.BlocksOp) or layer.node is None:
                continue
            used = {op.result for op in blocks.layer.buffers()}
            used |= {touch.root for touch in layer.touches(layer.node)}
            for each in used:
                company.setdefault(each, set()).update(used - {each})
        return company
