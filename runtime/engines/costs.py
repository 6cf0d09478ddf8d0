"""What one machine node costs: cycles of its engine and rows of the banks that it touches.

The one cost model: schedule search, step table and machine ask the engines through here. Cost never
sees data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa.access import Access
from xnn.dialects.dsa.operations import MAX_RESERVATION
from xnn.dialects.prim import Domain, MatmulOp, Primitive
from xnn.dialects.target import Target
from xnn.runtime.engines.matmul import Product, streamed_elements, tile_cycles
from xnn.runtime.engines.sort import streamed_elements as streamed_window
from xnn.runtime.engines.sort import window_cycles
from xnn.runtime.engines.transfer import local_cycles
from xnn.runtime.engines.vector import streamed_elements as streamed_vectors
from xnn.runtime.engines.vector import vector_cycles


@dataclass(frozen=True)
class NodeCost:
    """Cycles of a node on its engine, and what it takes of local memory."""

    cycles: int
    rows: tuple[int, ...] = ()
    """Rows of the banks, for each operand in local memory."""
    local_read: int = 0
    """Bytes streamed from local memory."""
    macs: int = 0
    drain: int = 0
    """Cycles from its end to its token."""


def rows_of(streamed_bytes: int, stride: int, target: Target) -> int:
    """Bank rows of an operand: its streamed bytes times its innermost stride, over a row's bytes."""
    return -(-streamed_bytes * stride // target.local.row_bytes)


def primitive_cost(
    node: Primitive, block: Domain, accesses: Sequence[Access], target: Target
) -> NodeCost:
    """Cost of a block of a primitive, whose operands touch `accesses`."""
    sizes = [access.bytes for access in accesses]
    stride = node.window.strides[-1] if node.window.strides else 1
    strides = [1] * len(accesses)
    if isinstance(node, MatmulOp):
        if node.schedule is None:
            raise UserError(
                f'layer "{node.shown_name}" has no schedule', hint="run --choose-schedules"
            )
        n = target.matmul_n(node.precision)
        order, per_tile = node.schedule.order, node.schedule.groups_per_tile
        product = Product.of(block, node.window.taps, node.shared)
        cycles = int(tile_cycles(product, order, per_tile, n))
        lhs, rhs = streamed_elements(product, order, per_tile, n)
        sizes[0] = -(-int(lhs) * node.lhs_bits // 8)
        sizes[1] = int(rhs) * accesses[1].itemsize
        strides[1] = stride
        macs, drain = product.macs, 2 * n
    else:
        cycles, streamed = map(int, streaming_cost(node, block, target))
        sizes[0] = streamed * accesses[0].itemsize
        macs, drain = 0, 0
    written = sizes[-1]
    if accesses[-1].reads:
        sizes[-1] *= 2
    rows = tuple(rows_of(size, step, target) for size, step in zip(sizes, strides, strict=True))
    return NodeCost(cycles, rows, sum(sizes) - written, macs, drain)


def streaming_cost(node: Primitive, block: Domain, target: Target) -> tuple[Any, Any]:
    """Cycles of a block on an engine that rhs streams through, and the elements of rhs that it reads.

    Sizes of the block may be arrays of candidates.
    """
    if node.engine == "vector":
        return vector_cycles(node, block, target), streamed_vectors(node, block)
    window, lanes = node.window, target.sort_lanes(node.precision)
    streamed = streamed_window(block, window.kernel, window.strides)
    cycles = window_cycles(block, window.kernel, window.strides, lanes)
    return cycles, block.batch * block.groups * streamed


def transfer_cost(accesses: Sequence[Access], target: Target) -> NodeCost:
    """Cost of a transfer within local memory; the cycles of one on the bus depend on its address."""
    rows = tuple(rows_of(access.bytes, 1, target) for access in accesses if access.local)
    source = accesses[0]
    return NodeCost(local_cycles(target, source.bytes), rows, source.bytes * source.local)


Span = tuple[int, int]
"""First and last bank of an operand."""


def banks_of(address: int, span_bytes: int, target: Target) -> Span:
    """Banks that `span_bytes` from an address on cover; at least the one of the address."""
    bank = target.local.bank_bytes
    return address // bank, (address + max(span_bytes, 1) - 1) // bank


def duration(
    cost: int, rows: Sequence[int], spans: Sequence[Span], reservations: Sequence[int]
) -> int:
    """Cycles of a node under its reservations: rule 4 of the timing contract."""
    result = cost
    for row, (first, last), reservation in zip(rows, spans, reservations, strict=True):
        per_bank = -(-row // (last - first + 1))
        result = max(result, -(-MAX_RESERVATION * per_bank // reservation))
    return result


def least_reservations(
    cost: int, rows: Sequence[int], sizes: Sequence[int], spans: Sequence[Span], target: Target
) -> tuple[int, ...]:
    """The least reservations that keep a node at its cost, or as close to it as its banks allow.

    An operand is assumed to cover as few banks as its size allows, wherever it lies: so slices of one
    size have the same reservation, and their instructions differ in addresses alone.
    """
    bank = target.local.bank_bytes
    per_bank = [-(-row // -(-max(size, 1) // bank)) for row, size in zip(rows, sizes, strict=True)]
    cycles = max(cost, 1)
    while True:
        reservations = tuple(max(1, -(-MAX_RESERVATION * each // cycles)) for each in per_bank)
        if all(reservation <= MAX_RESERVATION for reservation in reservations) and _fit(
            reservations, spans
        ):
            return reservations
        if all(reservation == 1 for reservation in reservations):
            raise UserError("more than eight operands of one node meet in one bank")
        cycles += max(1, cycles // 64)


def _fit(reservations: Sequence[int], spans: Sequence[Span]) -> bool:
    """Whether no bank's reservations add up to more than the whole."""
    for first, _ in spans:
        total = sum(
            reservation
            for reservation, (low, high) in zip(reservations, spans, strict=True)
            if low <= first <= high
        )
        if total > MAX_RESERVATION:
            return False
    return True
