"""What a candidate schedule is estimated to cost, for arrays of candidates at once.

Sizes of a block may be arrays, one element per candidate: everything here is plain arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from xnn.dialects.prim import Domain, Primitive, SliceLayout, shape
from xnn.dialects.prim.tiling import Form
from xnn.dialects.slices import Slice
from xnn.dialects.strides import Place
from xnn.dialects.target import Target
from xnn.dialects.values import element_bytes, item_bytes
from xnn.passes.schedule.slice_buffers import NOWHERE, Homes
from xnn.passes.schedule.slice_layouts import slot_strides
from xnn.passes.schedule.traffic import SLOTS, Traffic, common_step
from xnn.runtime.engines.engine import Spacing, primitive_engine


def least_cycles(op: Primitive, block: Domain, kinds: Kinds, form: Form, target: Target) -> Any:
    """Cycles of the engine in all blocks, if memory keeps up; infinite where the form is not allowed."""
    engine = primitive_engine(op)
    cycles = kinds.sums(engine.computation(op, kinds.sizes, form, target))
    return np.where(engine.allows(op, block, form, target), cycles, np.inf)


def estimated(
    op: Primitive, block: Domain, form: Form, layout: SliceLayout, traffic: Traffic, target: Target
) -> Any:
    """Time of a layer in blocks, with ping-pong buffers."""
    cycles = engine_cycles(op, block, form, layout, target)
    allowed, drain = cycles < np.inf, primitive_engine(op).drain(op, target)
    time = _pipelined(np.where(allowed, cycles, 0), traffic, target, drain)
    return np.where(allowed, time, np.inf)


def engine_cycles(
    op: Primitive,
    block: Domain,
    form: Form,
    layout: SliceLayout,
    target: Target,
    homes: Homes = NOWHERE,
) -> Any:
    """About the cycles of the engine in all blocks; infinite where the form is not allowed.

    `layout`: of slices; `homes`: where operands lie that stay in local memory.
    """
    engine, kinds = primitive_engine(op), kinds_of_blocks(op.domain, block)
    spacings = {
        role: Spacing(*(each[kinds.candidates] if np.ndim(each) else each for each in spacing))
        for role, spacing in _spacings(op, block, layout, target, homes)
    }
    cycles = kinds.sums(engine.estimate(op, kinds.sizes, form, target, spacings))
    return np.where(engine.allows(op, block, form, target), cycles, np.inf)


def _spacings(
    op: Primitive, block: Domain, layout: SliceLayout, target: Target, homes: Homes
) -> Iterator[tuple[str, Spacing]]:
    """Those of what the engine combines, of the result and of partial sums, by role."""
    *inputs, result = op.slices(block)
    for each in (*inputs[: len(op.factors)], result):
        home, item = homes.get(each.value), item_bytes(each.value)
        yield each.role, _spacing(each, item, layout, target, home)
    sums = element_bytes(op.accumulator_type) if op.needs_sums else item_bytes(result.value)
    home = None if op.needs_sums else homes.get(result.value)
    yield "sums", _spacing(result, sums, layout, target, home)


def _spacing(
    slice: Slice, itemsize: int, layout: SliceLayout, target: Target, home: Place | None
) -> Spacing:
    """How a slice of elements of so many bytes lies in a slot, or in the feature map that stays at `home`."""
    channels = 0 if slice.role == "lhs" else 1
    if home is None:
        strides = slot_strides(slice, itemsize, layout, target)
        return Spacing(strides[channels] * itemsize, strides[-2] * itemsize)
    offset, strides = home
    moves = [
        np.where(axis.size < size, move * stride, 0)
        for axis, size, stride in zip(slice.axes, shape(slice.value), strides, strict=True)
        for _, move in axis.steps
    ]
    channel = common_step([offset, strides[channels], *moves])
    return Spacing(channel * itemsize, strides[-2] * itemsize)


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


class Kinds(NamedTuple):
    """The kinds of blocks, whole or cut at an edge, in the grids of candidates: arrays of one element each."""

    number: int
    """Of candidates."""
    candidates: np.ndarray
    """In whose grid they are."""
    counts: np.ndarray
    """How many there are."""
    sizes: Domain

    def sums(self, values: Any) -> np.ndarray:
        """For each candidate, those of all its blocks."""
        return np.bincount(self.candidates, self.counts * values, self.number)


def kinds_of_blocks(domain: Domain, block: Domain) -> Kinds:
    """Those of candidates whose sizes are arrays."""
    table = np.array(block.sizes)
    candidates = np.arange(table.shape[1])
    counts = np.ones_like(candidates)
    sizes: list[Any] = []
    for size, parts in zip(domain.sizes, table, strict=True):
        part = parts[candidates]
        rest = size % part
        kinds = np.repeat(np.arange(len(part)), np.where(rest > 0, 2, 1))
        is_rest = np.append(False, kinds[1:] == kinds[:-1])
        candidates = candidates[kinds]
        counts = counts[kinds] * np.where(is_rest, 1, (size // part)[kinds])
        sizes = [each[kinds] for each in sizes]
        sizes.append(np.where(is_rest, rest[kinds], part[kinds]))
    return Kinds(table.shape[1], candidates, counts, Domain.of_sizes(sizes))
