"""The block of a node that moves data: few, large transfers that fit local memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa.access import Access, gather_accesses
from xnn.dialects.element_types import dtype_of
from xnn.dialects.prim import DataMovement, GatherOp, TransferOp, TransferScheduleAttr
from xnn.dialects.target import Target
from xnn.dialects.values import dense_strides, element_type, item_bytes
from xnn.passes.schedule.local_memory import aligned
from xnn.passes.schedule.pieces import pieces
from xnn.runtime.engines.transfer import bus_bytes, bus_cycles

FOOTPRINT_WEIGHT = 0.05
"""A block may be this much slower, relatively, if it needs no local memory at all."""


def best_transfer_schedule(
    op: DataMovement, target: Target, fits: Callable[[int, int], bool]
) -> TransferScheduleAttr:
    """The block of least estimated time among those found by halving one dimension after the other.

    `fits` says whether there is room for slots of so many bytes, and so many of them. Raises UserError
    if there is none for not even one element.
    """
    capacity = target.local.capacity_bytes
    best: tuple[float, tuple[int, ...]] | None = None
    block = op.domain
    while True:
        slot, slots = _slots(op, block, target)
        if fits(slot, slots):
            footprint = slots * aligned(slot, target.local.alignment)
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
        slot, slots = _slots(op, block, target)
        needed = slots * aligned(slot, target.local.alignment)
        raise UserError(
            f'layer "{op.shown_name}" needs at least {needed} bytes of local '
            f"memory, but the target has {capacity}",
            hint="a larger [local] memory: more banks, rows or row_bytes",
        )
    return TransferScheduleAttr(block=best[1])


def _counts(op: DataMovement, block: Sequence[int]) -> int:
    """Blocks that cover the domain."""
    return prod(-(-size // part) for size, part in zip(op.domain, block, strict=True))


def _slots(op: DataMovement, block: Sequence[int], target: Target) -> tuple[int, int]:
    """Bytes of a local buffer that blocks pass through, and how many of these there are."""
    slots = TransferScheduleAttr().slots if _counts(op, block) > 1 else 1
    return prod(block) * item_bytes(op.moved), slots


def _cycles(op: DataMovement, block: tuple[int, ...], target: Target) -> float:
    """Estimated time, if source and result are external.

    A slot is loaded again once it has been stored: each block waits for a latency.
    """
    total: float = target.external.latency_cycles
    if isinstance(op, TransferOp):
        offset, _, strides = op.layout
        total += _strided_cycles(op, block, offset, strides, target)
    elif isinstance(op, GatherOp):
        strides = dense_strides(op.table), dense_strides(block)
        dtypes = dtype_of(element_type(op.moved)), dtype_of(element_type(op.indices))
        read = gather_accesses(block, op.table[1], strides, dtypes)
        moved = sum(bus_bytes(0, access, target) for access in read if not access.local)
        total += bus_cycles(moved, target)
    total += _strided_cycles(op, block, 0, dense_strides(op.domain), target)
    return _counts(op, block) * total


def _strided_cycles(
    op: DataMovement, block: tuple[int, ...], offset: int, strides: tuple[int, ...], target: Target
) -> float:
    """Time of all transfers of a block between external memory and a dense local buffer."""
    dtype, inside = dtype_of(element_type(op.moved)), (0, dense_strides(block))
    item = dtype.itemsize
    spacing = target.external.latency_cycles / target.dma.channels
    moved, (address, steps), _ = next(pieces(block, (offset * item, strides), inside, item))
    access = Access("source", False, True, False, moved, steps, dtype)
    cycles = bus_cycles(bus_bytes(address, access, target), target)
    return prod(block) // prod(moved) * max(cycles, spacing)
