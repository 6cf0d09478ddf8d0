"""What a candidate schedule is estimated to cost, for arrays of candidates at once.

Sizes of a block may be arrays, one element per candidate: everything here is plain arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects.prim import Domain, Outermost, Primitive, shape
from xnn.dialects.prim.tiling import Form
from xnn.dialects.slices import Slice
from xnn.dialects.strides import Place
from xnn.dialects.target import Target
from xnn.dialects.values import element_bytes, item_bytes, value_bytes
from xnn.passes.schedule.local_memory import aligned, is_small, stays_whole
from xnn.passes.schedule.slice_buffers import NOWHERE, Homes
from xnn.runtime.engines.engine import primitive_engine

SLOTS = 2
"""Ping-pong depth of slices that change."""


@dataclass
class Traffic:
    """Communication of candidate schedules, in a nest of loops."""

    footprint: Any
    """Bytes of local memory, in whole banks."""
    tight: Any
    """The same without the banks' remainders."""
    steps: Any
    """Blocks."""
    transfers: list[tuple[Any, Any]] = field(default_factory=list[tuple[Any, Any]])
    """Of each slice, how often it is transferred and how long that takes on the bus; the result last."""

    @property
    def bus_cycles(self) -> Any:
        """Of all transfers."""
        return sum((count * cycles for count, cycles in self.transfers), start=0.0)

    @property
    def longest(self) -> Any:
        """Cycles on the bus of the largest slice."""
        longest: Any = 0.0
        for _, cycles in self.transfers:
            longest = np.maximum(longest, cycles)
        return longest

    def at(self, index: Any) -> Traffic:
        """That of some of the candidates."""
        footprint, tight, steps = (each[index] for each in (self.footprint, self.tight, self.steps))
        everywhere = np.zeros_like(self.steps)
        transfers = [
            (np.add(count, everywhere)[index], np.add(cycles, everywhere)[index])
            for count, cycles in self.transfers
        ]
        return Traffic(footprint, tight, steps, transfers)


def least_cycles(op: Primitive, block: Domain, kinds: Kinds, form: Form, target: Target) -> Any:
    """Cycles of the engine in all blocks, if memory keeps up; infinite where the form is not allowed."""
    engine, (counts, parts) = primitive_engine(op), kinds
    cycles = (counts * engine.computation(op, parts, form, target)).sum(axis=0)
    return np.where(engine.allows(op, block, form, target), cycles, np.inf)


def estimated(op: Primitive, block: Domain, form: Form, traffic: Traffic, target: Target) -> Any:
    """Time of a layer in blocks, with ping-pong buffers."""
    cycles = engine_cycles(op, block, form, target)
    allowed, drain = cycles < np.inf, primitive_engine(op).drain(op, target)
    time = _pipelined(np.where(allowed, cycles, 0), traffic, target, drain)
    return np.where(allowed, time, np.inf)


def engine_cycles(
    op: Primitive, block: Domain, form: Form, target: Target, homes: Homes = NOWHERE
) -> Any:
    """About the cycles of the engine in all blocks; infinite where the form is not allowed.

    `homes`: where operands lie that stay in local memory.
    """
    engine, (counts, parts) = primitive_engine(op), kinds_of_blocks(op.domain, block)
    steps = {
        each.role: _step(each, homes[each.value])
        for each in op.slices(block)
        if each.value in homes
    }
    cycles = (counts * engine.estimate(op, parts, form, target, steps)).sum(axis=0)
    return np.where(engine.allows(op, block, form, target), cycles, np.inf)


def _step(slice: Slice, home: Place) -> Any:
    """Bytes of which the places of the channels of a slice in its buffer are multiples."""
    offset, strides = home
    moves = [
        np.where(axis.size < size, move * stride, 0)
        for axis, size, stride in zip(slice.axes, shape(slice.value), strides, strict=True)
        for _, move in axis.steps
    ]
    return _common([offset, *strides[1:2], *moves]) * item_bytes(slice.value)


def traffic_of(
    op: Primitive,
    block: Domain,
    outermost: Outermost,
    target: Target,
    homes: Collection[SSAValue] = (),
    depth: int = SLOTS,
) -> Traffic:
    """The communication of candidate blocks, with rows or positions in the outermost loop.

    What has a home in local memory does not move, and takes no room here. `depth`: of ping-pong buffers.
    """
    domain = op.domain
    grid = domain.counts(block)
    order = outermost.nest(len(domain.positions))
    slices = op.slices(block)
    per_byte = float(target.external.cycles_per_byte)
    spacing = target.external.latency_cycles / target.dma.channels
    result = Traffic(2 * target.local.bank_bytes, 0, 1)
    for count in grid:
        result.steps = result.steps * count
    for slice in slices:
        if slice.value in homes:
            continue
        if stays_whole(slice, target):
            size, loads, slots, held = value_bytes(slice.value), 1, 1, value_bytes(slice.value)
        else:
            size, loads = _bus_bytes(slice, target), _changes(slice, grid, order)
            held, slots = slice_bytes(slice), np.where(loads > 1, depth, 1)
        result.tight = result.tight + slots * aligned(held, target.local.alignment)
        result.footprint = result.footprint + np.where(
            is_small(held, target), 0, slots * aligned(held, target.local.bank_alignment)
        )
        result.transfers.append((loads, np.maximum(size * per_byte, spacing)))
    if op.needs_sums:
        out = slices[-1].elements
        held = np.where(
            block.channels < domain.channels, out * element_bytes(op.accumulator_type), 0
        )
        result.tight = result.tight + aligned(held, target.local.alignment)
        result.footprint = result.footprint + np.where(
            is_small(held, target), 0, aligned(held, target.local.bank_alignment)
        )
    return result


def _pipelined(computation: Any, traffic: Traffic, target: Target, drain: int) -> Any:
    """Time of a layer with ping-pong buffers.

    The first slices are loaded, then in each block but one the engine and the bus work at the same time,
    and the last result is stored. With two slots, the transfers for block i + 2 follow the computation
    of block i, which follows the transfers for block i: two blocks take at least one of each, a latency,
    a drain. Where a slice changes, so do those of the loops further in.
    """
    latency, each = target.external.latency_cycles, computation / traffic.steps
    counts, cycles = (np.stack(part) for part in zip(*traffic.transfers, strict=True))
    order = np.argsort(-counts, axis=0, kind="stable")
    counts = np.take_along_axis(counts, order, axis=0)
    bus = np.cumsum(np.take_along_axis(cycles, order, axis=0), axis=0)
    blocks = counts - np.concatenate([counts[1:], np.ones_like(counts[:1])])
    chained = (each + bus + latency + drain) / SLOTS
    busy = blocks * np.maximum(bus, np.maximum(each, chained))
    quiet = (traffic.steps - counts[0] + 1) * each
    return 2 * latency + drain + bus[-1] + busy.sum(axis=0) + quiet


def irregularity(domain: Domain, block: Domain) -> Any:
    """The number of loops around a block, plus those whose last block is cut."""
    result: Any = 0
    for size, part in zip(domain.sizes, block.sizes, strict=True):
        result = result + (size > part) + (size % part > 0)
    return result


def slice_bytes(slice: Slice) -> Any:
    """Bytes of a whole slice."""
    return slice.elements * item_bytes(slice.value)


Kinds = tuple[np.ndarray, Domain]


def kinds_of_blocks(domain: Domain, block: Domain) -> Kinds:
    """The kinds of blocks in a grid, whole or cut at an edge: how many there are, and their sizes.

    Arrays [kinds, candidates].
    """
    options: list[list[tuple[Any, Any]]] = []
    for size, part in zip(domain.sizes, block.sizes, strict=True):
        whole, rest = size // part, size % part
        kinds = [(whole, part)]
        if np.any(rest):
            kinds.append((rest > 0, np.maximum(rest, 1)))
        options.append(kinds)
    combined = list(product(*options))
    counts = np.stack([np.multiply.reduce([n for n, _ in kinds]) for kinds in combined])
    sizes: list[Any] = [
        np.stack([kinds[axis][1] for kinds in combined]) for axis in range(len(options))
    ]
    return counts, Domain.of_sizes(sizes)


def _bus_bytes(slice: Slice, target: Target) -> Any:
    """Bytes of whole bursts that a slice takes on the bus, without what lies outside its operand.

    Runs go on over dimensions between whose elements there is less than a burst.
    """
    burst = target.external.burst_bytes
    pitch = item_bytes(slice.value)
    run: Any = pitch
    runs: Any = 1
    joined: Any = np.True_
    step: Any = 0
    for axis, extent in reversed(list(zip(slice.axes, shape(slice.value), strict=True))):
        size = np.minimum(axis.size, extent)
        joined = joined & ((pitch - run < burst) | (size == 1))
        runs = runs * np.where(joined, 1, size)
        run = np.where(joined, (size - 1) * pitch + run, run)
        moves = [each for _, each in axis.steps] if axis.base == 0 else [1]
        # a run begins at any multiple of what a block, or the next run, moves on
        moves = np.where(size < extent, _common(moves), 0)
        step = _common([step, moves * pitch, np.where(joined, 0, pitch)])
        pitch *= extent
    return runs * burst * ((burst - np.gcd(step, burst) + run - 1) // burst + 1)


def _common(numbers: Sequence[Any]) -> Any:
    """The greatest common divisor of numbers, or of arrays of them."""
    result: Any = 0
    for number in numbers:
        result = np.gcd(result, number)
    return result


def _changes(slice: Slice, grid: Sequence[Any], order: Sequence[int]) -> Any:
    """How often a slice is transferred: once per iteration of the innermost loop that moves it."""
    total: Any = 1
    iterations: Any = 1
    for dim in order:
        iterations = iterations * grid[dim]
        if dim in slice.moving:
            total = np.where(grid[dim] > 1, iterations, total)
    return total
