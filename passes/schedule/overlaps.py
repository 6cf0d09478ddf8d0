"""Whether what an order reads from local memory is still there, at the addresses of the buffers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from xdsl.dialects.func import FuncOp
from xdsl.ir import Operation, SSAValue

from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError, location_of
from xnn.dialects.dma.buffers import RingOp, buffer_name
from xnn.dialects.dma.layer_blocks import LayerBlocks, Touch
from xnn.dialects.dma.line import Line, flat
from xnn.dialects.dma.sequence import expand_order, order_of
from xnn.dialects.target import Target
from xnn.dialects.values import item_bytes, value_bytes
from xnn.passes.schedule.addresses import address_of
from xnn.passes.schedule.parts import parts_of


class _Access(NamedTuple):
    """A read or write of a slot of a layer's buffer, or of a part of a feature map."""

    buffer: SSAValue
    slot: int
    start: int
    end: int
    """Bytes of local memory."""
    writes: bool
    """Whether what was there before is no longer needed."""


class _Accesses:
    """The accesses of the events of lines."""

    def __init__(self, main: FuncOp):
        self._main = main
        self._parts: dict[Touch, list[list[tuple[int, int]]]] = {}
        self._ranges: dict[tuple[SSAValue, int], tuple[int, int]] = {}

    def of(self, layer: LayerBlocks, op: Operation, block: int) -> Iterator[_Access]:
        """Those of a transfer, or of what a block computes: reads come first."""
        is_node, stores = op is layer.node, layer.stores
        moves_on = layer.node is None and stores is not None and op is stores.op
        for load in layer.loads:
            if load.slots and (is_node or moves_on or op is load.op):
                slot = load.slice_of[block] % load.slots
                yield self._slot(load.local, slot, op is load.op)
        for touch in sorted(layer.touches(op), key=lambda each: each.writes):
            if dma.is_local(touch.root):
                for start, end in self._ranges_of(touch, layer.count)[block]:
                    yield _Access(touch.root, 0, start, end, touch.writes)
        if layer.node is None or layer.grid is None or not isinstance(layer.op, dma.BlocksOp):
            return
        is_first, is_last = layer.grid.ends(block)
        ops = layer.op.body.block.ops
        sums = [op.result for op in ops if isinstance(op, dma.BufferOp) and op.holds_sums]
        if (
            stores is not None
            and stores.slots
            and (is_node and (is_last or not sums) or op is stores.op)
        ):
            number = stores.slice_of[block]
            fills = is_node and (block == stores.begins[number] or bool(sums))
            yield self._slot(stores.local, number % stores.slots, fills)
        if is_node:
            yield from (self._slot(each, 0, is_first) for each in sums)

    def _slot(self, buffer: SSAValue, slot: int, fills: bool) -> _Access:
        if (buffer, slot) not in self._ranges:
            start, owner = address_of(buffer, self._main), buffer.owner
            if isinstance(owner, dma.SlottedBuffer):
                start += owner.slot_offset(slot)
            self._ranges[buffer, slot] = start, start + value_bytes(buffer)
        return _Access(buffer, slot, *self._ranges[buffer, slot], fills)

    def _ranges_of(self, touch: Touch, blocks: int) -> list[list[tuple[int, int]]]:
        """From its first byte to its last, by block; two ranges where a ring wraps."""
        if touch not in self._parts:
            start, item = address_of(touch.root, self._main), touch.item_bytes
            if touch.slice is None or isinstance(touch.value.owner, RingOp):
                ranges = [
                    [(start + part.start, start + part.end) for part in parts_of([touch], [block])]
                    for block in range(blocks)
                ]
            else:
                low = start + touch.offset * item + touch.slice.bytes_in(touch.value)
                sizes = np.maximum(touch.slice.sizes - 1, 0)
                high = low + (sizes @ np.array(touch.strides) + 1) * item
                ranges = [[each] for each in zip(low.tolist(), high.tolist(), strict=True)]
            self._parts[touch] = ranges
        return self._parts[touch]


class _Memory:
    """Whose bytes are where: from each border on a buffer, slot and how often it was filled."""

    def __init__(self, borders: Iterable[int]):
        self._borders = np.unique(np.fromiter(borders, np.int64))
        self._owner = np.full(len(self._borders), -1, np.int64)
        self._owners: list[tuple[_Access, Line]] = []
        self._current: dict[tuple[SSAValue, int], int] = {}
        self._written: dict[SSAValue, np.ndarray] = {}
        """Of feature maps, what has been written of them."""

    def access(self, access: _Access, line: Line) -> tuple[_Access, Line] | None:
        """Notes an access; another one that has overwritten what it needs."""
        low, high = np.searchsorted(self._borders, (access.start, access.end)).tolist()
        key, part = (access.buffer, access.slot), slice(low, high)
        is_slot = isinstance(access.buffer.owner, dma.SlottedBuffer)
        if key not in self._current or is_slot and access.writes:
            self._current[key] = len(self._owners)
            self._owners.append((access, line))
        number = self._current[key]
        written = self._written.setdefault(access.buffer, np.zeros(len(self._owner), bool))
        if access.writes:
            self._owner[part], written[part] = number, True
            return None
        lost = (self._owner[part] != number) & written[part]
        return self._owners[int(self._owner[part][np.argmax(lost)])] if lost.any() else None


def require_apart(main: FuncOp, target: Target) -> None:
    """Raises UserError, with names, if local buffers are outside of the memory or overwrite what others need."""
    order = order_of(main)
    if order is None:
        raise UserError("the module has no dma.order", hint="run --order-layers first")
    accesses = _Accesses(main)
    events = [
        (access, line)
        for line in flat(expand_order(main, order))
        for op, block in line.events.all()
        for access in accesses.of(line.layer, op, block)
    ]
    memory = _Memory(at for access, _ in events for at in access[2:4])
    for access, line in events:
        if access.start % item_bytes(access.buffer) or access.end > target.local.capacity_bytes:
            raise _fault(
                access,
                line,
                f"lies at {access.start}, whose last byte is {access.end - 1} of "
                f"{target.local.capacity_bytes} bytes of local memory",
            )
        if (other := memory.access(access, line)) is not None:
            raise _fault(access, line, f"is overwritten by {_name(*other)} before it is used")


def _name(access: _Access, line: Line) -> str:
    owner = access.buffer.owner
    if isinstance(owner, dma.AllocOp):
        return f'feature map "{owner.shown_name}"'
    what = (
        f'"{buffer_name(dma.root_of(owner.source))}"'
        if isinstance(owner, dma.LoadOp)
        else "results"
    )
    return f'slot {access.slot} for {what} of layer "{line.layer.op.shown_name}"'


def _fault(access: _Access, line: Line, what: str) -> UserError:
    return UserError(
        f"{_name(access, line)} {what}",
        location=location_of(line.op),
        hint="another address, or none: plan-memory finds those that are missing",
    )
