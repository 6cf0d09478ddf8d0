"""The pass `choose-schedules`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from xdsl.context import Context
from xdsl.dialects.builtin import ModuleOp
from xdsl.passes import ModulePass

from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa.operations import element_bytes
from xnn.dialects.prim import Domain, MatmulOp, Primitive, ScheduleAttr, element_type, shape
from xnn.dialects.target import Target
from xnn.dialects.windows import Window, nest_order, operand_windows, stays_whole
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.local_memory import aligned, is_small
from xnn.runtime.engines.matmul import (
    ORDERS,
    Product,
    accumulator_rows,
    packings,
    streamed_elements,
    tile_cycles,
)
from xnn.runtime.engines.sort import window_cycles
from xnn.runtime.targets import DEFAULT_TARGET, load_target
from xnn.runtime.work import taps, value_bytes

SLOTS = 2
FOOTPRINT_WEIGHT = 0.05
"""A schedule may be this much slower, relatively, if it takes no local memory at all."""
TIGHT_WEIGHT = 4.0
"""How much slower a layer is taken to be whose windows must share banks."""
LOOP_WEIGHT = 0.02
"""Few loops of equal rounds make a short program: how much slower one may be per loop, relatively."""
BUS_WEIGHT = 0.1
"""Bytes cost energy even where they cost no time."""


@dataclass(frozen=True)
class ChooseSchedules(ModulePass):
    """Attaches to every primitive the fastest schedule that fits local memory by itself.

    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) filter <...> -> tensor<1x64x56x56xf32>
    ```
    becomes
    ```mlir
    %y = prim.matmul "y" "conv" ins(%w, %x : ...) filter <...> schedule <block = [1, 1, 64, 64, 14, 56],
      outermost = rows, order = outer, pack = 1, slots = 2> -> tensor<1x64x56x56xf32>
    ```
    A schedule that is there already stays. A module without a target gets `edge`. Layers of the same sizes are searched once.
    """

    name = "choose-schedules"

    def apply(self, ctx: Context, op: ModuleOp) -> None:
        if not Target.has(op):
            load_target(DEFAULT_TARGET).attach(op)
        target = Target.of(op)
        known: dict[object, ScheduleAttr] = {}
        for node in main_function(op).body.block.ops:
            if isinstance(node, Primitive) and node.result is not None and node.schedule is None:
                key = _signature(node)
                if key not in known:
                    known[key] = best_schedule(node, target)
                node.properties["schedule"] = known[key]


def _signature(op: Primitive) -> object:
    types = tuple(value.type for value in op.operands)
    return type(op), types, op.out.type, op.filter, op.pre_maps, op.post_maps


def _splits(size: int, multiple: int = 1, most: int = 8) -> list[int]:
    """Block sizes worth a try: the size in 1, 2, ... parts, then halved, in whole multiples."""
    counts = [*range(1, most + 1), *(most * 2**i for i in range(1, 16))]
    blocks = {-(-size // count) for count in counts if count <= size}
    return sorted({min(size, -(-block // multiple) * multiple) for block in blocks})


def _divisors(size: int) -> list[int]:
    return [part for part in range(1, size + 1) if size % part == 0]


def _candidates(op: Primitive, n: int) -> Domain:
    """All combinations of block sizes, as one domain whose sizes are arrays."""
    domain = op.domain
    rows, channels = _splits(domain.rows, n), _splits(domain.channels, 1, 8)
    if domain.groups > 1:  # a block ends where its group does
        rows, channels = _divisors(domain.rows), _divisors(domain.channels)
    rank = len(domain.positions)
    position_splits = [
        _splits(size, 1, 12 if i < rank - 1 else 1) for i, size in enumerate(domain.positions)
    ]
    if rank == 1:
        position_splits = [_splits(domain.positions[0], n)]
    parts = [
        _splits(domain.batch),
        _splits(domain.groups, 1, 4),
        rows,
        channels,
        *position_splits,
    ]
    grid = np.array(list(product(*parts)), np.int64).T
    # Several groups in a block only with all of their rows and channels.
    whole = (grid[1] == 1) | ((grid[2] == domain.rows) & (grid[3] == domain.channels))
    return Domain.of_sizes([column[whole] for column in grid])


def _edges(domain: Domain, block: Domain) -> Iterator[tuple[Any, Domain]]:
    """The kinds of blocks in a grid, whole or cut at an edge: how many there are, and their sizes."""
    options: list[list[tuple[Any, Any]]] = []
    for size, part in zip(domain.sizes, block.sizes, strict=True):
        whole, rest = size // part, size % part
        kinds = [(whole, part)]
        if np.any(rest):
            kinds.append((rest > 0, np.maximum(rest, 1)))
        options.append(kinds)
    for kinds in product(*options):
        count: Any = 1
        for number, _ in kinds:
            count = count * number
        yield count, Domain.of_sizes([size for _, size in kinds])


def _computation(op: Primitive, block: Domain, target: Target) -> list[tuple[str, int, Any]]:
    """Cycles of all blocks for each order and packing; infinite where accumulators do not suffice."""
    bits = 8 * element_bytes(element_type(op.maps))
    banks = _Banks(op, block, target)
    edges = list(_edges(op.domain, block))
    if not isinstance(op, MatmulOp):
        lanes = target.sort_lanes(bits)
        window = op.filter
        cycles: Any = 0.0
        for count, part in edges:
            cost = window_cycles(part, window.kernel, window.strides, lanes)
            cycles = cycles + count * np.maximum(cost, banks.rows("maps", cost * 2 * lanes))
        return [("outer", 1, cycles)]
    n, results = target.matmul_n(bits), []
    stride = op.filter.strides[-1] if op.filter.strides else 1
    splits = block.channels < op.domain.channels
    for order, pack in product(ORDERS, packings(op.domain.groups, op.shared, n)):
        cycles = 0.0
        for count, part in edges:
            sizes = Product.of(part, taps(op), op.shared)
            left, right = streamed_elements(sizes, order, pack, n)
            out = part.groups * part.rows * part.columns * np.where(splits, 2, 1)
            cost = np.maximum.reduce(
                np.broadcast_arrays(
                    tile_cycles(sizes, order, pack, n) + np.where(splits, 2 * n, 0),
                    banks.rows("coefficients", left),
                    banks.rows("maps", right * stride),
                    banks.rows("out", out),
                )
            )
            cycles = cycles + count * cost
        rows = accumulator_rows(Product.of(block, taps(op), op.shared), order, pack)
        results.append(
            (order, pack, np.where(rows <= target.matmul.accumulator_rows, cycles, np.inf))
        )
    return results


class _Banks:
    """Rows that an operand's busiest bank has to serve, if its window begins on a bank."""

    def __init__(self, op: Primitive, block: Domain, target: Target):
        bank, self.row_bytes = target.local.bank_bytes, target.local.row_bytes
        self.covered = {
            window.kind: -(-_window_bytes(window) // bank)
            for window in operand_windows(op, op.domain, block)
        }
        self.item = element_bytes(element_type(op.maps))

    def rows(self, kind: str, elements: Any) -> Any:
        return -(-elements * self.item // (self.row_bytes * self.covered[kind]))


@dataclass
class _Traffic:
    """Communication of candidate schedules, in a nest of loops."""

    footprint: Any
    """Bytes of local memory, in whole banks."""
    tight: Any
    """The same without the banks' remainders."""
    bus_cycles: Any
    first_cycles: Any
    last_cycles: Any
    steps: Any


def _traffic(op: Primitive, block: Domain, outermost: str, target: Target) -> _Traffic:
    domain = op.domain
    grid = [-(-size // part) for size, part in zip(domain.sizes, block.sizes, strict=True)]
    order = nest_order(outermost, len(domain.positions))
    per_byte = float(target.external.cycles_per_byte)
    spacing = target.external.latency_cycles / target.dma.channels
    result = _Traffic(2 * target.local.bank_bytes, 0, 0.0, 0.0, 0.0, 1)
    for count in grid:
        result.steps = result.steps * count
    for window in operand_windows(op, domain, block):
        if stays_whole(window, target):
            size, loads, slots, held = value_bytes(window.value), 1, 1, value_bytes(window.value)
        else:
            size, loads = _bus_bytes(window, target), _changes(window, grid, order)
            held, slots = _window_bytes(window), np.where(loads > 1, SLOTS, 1)
        result.tight = result.tight + slots * aligned(held, target.external.burst_bytes)
        result.footprint = result.footprint + np.where(
            is_small(held, target), 0, slots * aligned(held, target.local.bank_bytes)
        )
        result.bus_cycles = result.bus_cycles + loads * np.maximum(size * per_byte, spacing)
        if window.kind == "out":
            result.last_cycles = result.last_cycles + size * per_byte
        else:
            result.first_cycles = result.first_cycles + size * per_byte
    return result


def _window_bytes(window: Window) -> Any:
    return window.elements * element_bytes(element_type(window.value))


def _bus_bytes(window: Window, target: Target) -> Any:
    """Bytes of whole bursts that a window takes on the bus, without what lies outside its operand.

    Runs are contiguous over trailing dimensions that the window covers; one that is not made of
    whole bursts is taken to start anywhere in one.
    """
    item, burst = element_bytes(element_type(window.value)), target.external.burst_bytes
    run: Any = item
    runs: Any = 1
    covered: Any = np.True_
    whole_bursts: Any = np.True_
    for axis, extent in reversed(list(zip(window.axes, shape(window.value), strict=True))):
        size = np.minimum(axis.size, extent)
        run = run * np.where(covered, size, 1)
        runs = runs * np.where(covered, 1, size)
        whole_bursts = whole_bursts & (~covered | (axis.base == 0) | (size == extent))
        covered = covered & (size == extent)
    return runs * np.where(whole_bursts & (run % burst == 0), run, run + burst - item)


def _changes(window: Window, grid: Sequence[Any], order: Sequence[int]) -> Any:
    """How often a window is transferred: once per round of the innermost loop that moves it."""
    total: Any = 1
    rounds: Any = 1
    for dim in order:
        rounds = rounds * grid[dim]
        if dim in window.moving:
            total = np.where(grid[dim] > 1, rounds, total)
    return total


def best_schedule(op: Primitive, target: Target) -> ScheduleAttr:
    """The schedule of least estimated time; raises UserError if none fits local memory."""
    bits = 8 * element_bytes(element_type(op.maps))
    block = _candidates(op, target.matmul_n(bits))
    capacity = target.local.capacity_bytes
    computations = _computation(op, block, target)
    best: tuple[float, int, str, str, int] | None = None
    for outermost in ScheduleAttr.OUTERMOST:
        traffic = _traffic(op, block, outermost, target)
        weight = 1 + FOOTPRINT_WEIGHT * traffic.footprint / capacity
        weight = weight * (1 + LOOP_WEIGHT * _irregularity(op.domain, block))
        # Windows that must share banks hinder each other: only if nothing else fits.
        weight = np.where(traffic.footprint <= capacity, weight, TIGHT_WEIGHT)
        weight = np.where(traffic.tight <= capacity, weight, np.inf)
        for order, pack, computation in computations:
            time = _pipelined(computation, traffic, target) * weight
            index = int(np.argmin(time))
            if time[index] < np.inf and (best is None or time[index] < best[0]):
                best = float(time[index]), index, outermost, order, pack
    if best is None:
        raise _too_small(op, block, target)
    _, index, outermost, order, pack = best
    sizes = [int(size[index]) for size in block.sizes]
    return ScheduleAttr.of(sizes, outermost, order, pack, SLOTS)


def _irregularity(domain: Domain, block: Domain) -> Any:
    """Loops around a block, and those of them whose last round is cut."""
    result: Any = 0
    for size, part in zip(domain.sizes, block.sizes, strict=True):
        result = result + (size > part) + (size % part > 0)
    return result


def _pipelined(computation: Any, traffic: _Traffic, target: Target) -> Any:
    """Time of a layer with ping-pong windows.

    With two slots, the transfer for block i + 2 follows the computation of block i, which follows
    the transfer for block i: two blocks take at least one of each and a latency.
    """
    bus = traffic.bus_cycles
    chained = (computation + bus + traffic.steps * target.external.latency_cycles) / SLOTS
    steady = np.maximum(np.maximum(computation, bus), chained)
    return steady + traffic.first_cycles + traffic.last_cycles + BUS_WEIGHT * bus


def _too_small(op: Primitive, block: Domain, target: Target) -> UserError:
    """Names the largest buffer of the candidate that needs the least memory."""
    traffic = _traffic(op, block, "rows", target)
    index = int(np.argmin(traffic.tight))
    least = Domain.of_sizes([int(size[index]) for size in block.sizes])
    largest = max(operand_windows(op, op.domain, least), key=_window_bytes)
    return UserError(
        f'layer "{op.result_name.data}" needs at least {int(traffic.tight[index])} bytes of local '
        f"memory, but the target has {target.local.capacity_bytes}; its largest buffer, {largest.kind}, "
        f"takes {_window_bytes(largest)} bytes",
        hint="a larger [local] memory: more banks, rows or row_bytes",
    )
