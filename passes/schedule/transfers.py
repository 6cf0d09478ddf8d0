"""The block of a node that moves data: few, large transfers that fit local memory."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa.access import Access
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import TransferOp, TransferScheduleAttr
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, element_type, item_bytes
from xnn.passes.schedule.local_memory import aligned
from xnn.passes.schedule.pieces import pieces
from xnn.runtime.engines.transfer import bus_bytes, bus_cycles

FOOTPRINT_WEIGHT = 0.05
"""A block may be this much slower, relatively, if it needs no local memory at all."""


def best_transfer_schedule(op: TransferOp, target: Target) -> TransferScheduleAttr:
    """The block of least estimated time among those found by halving one dimension after the other.

    Raises UserError if not even one element fits local memory.
    """
    capacity = target.local.capacity_bytes
    best: tuple[float, tuple[int, ...]] | None = None
    block = op.layout[1]
    while True:
        if (footprint := _footprint(op, block, target)) <= capacity:
            weight = 1 + FOOTPRINT_WEIGHT * footprint / capacity
            time = _cycles(op, block, target) * weight
            if best is None or time < best[0]:
                best = time, block
        halves = [
            (*block[:dim], -(-size // 2), *block[dim + 1 :])
            for dim, size in enumerate(block)
            if size > 1
        ]
        if not halves:
            break
        block = min(halves, key=lambda each: _cycles(op, each, target))
    if best is None:
        raise UserError(
            f'layer "{op.shown_name}" needs at least {_footprint(op, block, target)} bytes of local '
            f"memory, but the target has {capacity}",
            hint="a larger [local] memory: more banks, rows or row_bytes",
        )
    return TransferScheduleAttr(block=best[1])


def _counts(op: TransferOp, block: Sequence[int]) -> int:
    """Blocks that cover the domain."""
    return prod(-(-size // part) for size, part in zip(op.layout[1], block, strict=True))


def _footprint(op: TransferOp, block: Sequence[int], target: Target) -> int:
    """Bytes of local memory that blocks pass through."""
    slots = TransferScheduleAttr().slots if _counts(op, block) > 1 else 1
    return slots * aligned(prod(block) * item_bytes(op.source), target.local.alignment)


def _cycles(op: TransferOp, block: tuple[int, ...], target: Target) -> float:
    """Estimated time, if source and result are external.

    A slot is loaded again once it has been stored: each block waits for a latency.
    """
    offset, sizes, strides = op.layout
    dtype, inside = dtype_of(element_type(op.source)), (0, dense_strides(block))
    item = dtype.itemsize
    spacing = target.external.latency_cycles / target.dma.channels
    total: float = target.external.latency_cycles
    for outside in ((offset * item, strides), (0, dense_strides(sizes))):
        moved, (address, steps), _ = next(pieces(block, outside, inside, item))
        access = Access("source", False, True, False, moved, steps, dtype)
        cycles = bus_cycles(bus_bytes(address, access, target), target)
        total += prod(block) // prod(moved) * max(cycles, spacing)
    return _counts(op, block) * total
