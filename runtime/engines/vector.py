"""The vector engine: elements one by one, or reduced along the channels and the taps of a window.

Semantics: a map leaves its elements to `post`; a reduction is `reduced_windows`.
Cost: vectors of `lanes` elements, each a cycle per unit of weight of what is done to its elements.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np

from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.indexing_maps import is_table
from xnn.dialects.prim import Domain, ReduceOp, Reduction, WindowAttr
from xnn.dialects.prim.tiling import Form
from xnn.dialects.prim.vector import VectorPrimitive
from xnn.dialects.scalar import price_class
from xnn.dialects.target import Target
from xnn.dialects.values import item_bytes
from xnn.dialects.windows import Pads
from xnn.runtime.engines.engine import (
    Compute,
    NodeCost,
    PrimitiveEngine,
    RegionWork,
    Spacings,
    format_of,
    layout_of,
    merged,
    padding_cycles,
    region_operations,
    scaled,
    table_rows,
    vector_rows,
    weight,
)
from xnn.runtime.engines.matmul import combined_taps, pad, windows
from xnn.runtime.engines.matmul_streams import CACHED, Tiling
from xnn.runtime.engines.operands import Operands
from xnn.runtime.engines.sort import lowest
from xnn.runtime.engines.vectors import Layout, chunks, interval_rows, repeated_rows

COMBINE: dict[Reduction, np.ufunc] = {
    Reduction.SUM: np.add,
    Reduction.MAX: np.maximum,
    Reduction.MIN: np.minimum,
    Reduction.PRODUCT: np.multiply,
}


def highest(dtype: np.dtype) -> float | int:
    """The value that never wins a minimum."""
    return int(np.iinfo(dtype).max) if dtype.kind in "iu" else np.inf


def neutral(reduction: Reduction, dtype: np.dtype) -> float | int:
    """The element that leaves every other one as it is."""
    if reduction == Reduction.MAX:
        return lowest(dtype)
    if reduction == Reduction.MIN:
        return highest(dtype)
    return int(reduction == Reduction.PRODUCT)


def reduced_windows(
    x: np.ndarray,
    reduction: Reduction,
    *,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Pads,
) -> np.ndarray:
    """All channels and taps of every window made one: [B, C, *spatial] -> [B, 1, *out], in the type of `x`.

    Integers wrap around; pads are neutral.
    """
    combine = COMBINE[reduction]
    with np.errstate(all="ignore"):
        channels = combine.reduce(x, axis=1, keepdims=True, dtype=x.dtype)
        padded = pad(channels, pads, neutral(reduction, x.dtype))
        return combined_taps(combine, windows(padded, kernel, strides, dilations), kernel)


def reduced(op: ReduceOp) -> Compute:
    """The reduction of a block, combined with what the blocks before have made."""
    window, reduction = op.window, op.reduction.data
    options = {"kernel": window.kernel, "strides": window.strides, "dilations": window.dilations}

    def compute(
        factors: Sequence[np.ndarray], pads: Pads, partial: np.ndarray | None
    ) -> np.ndarray:
        result = reduced_windows(factors[0], reduction, pads=pads, **options)
        if partial is None:
            return result
        with np.errstate(all="ignore"):
            return COMBINE[reduction](result, partial)

    return compute


class VectorEngine(PrimitiveEngine[VectorPrimitive]):
    """Maps and reductions."""

    def semantics(self, node: VectorPrimitive) -> Compute:
        if isinstance(node, ReduceOp):
            return reduced(node)
        return lambda factors, pads, partial: factors[0]

    def cost(
        self,
        node: VectorPrimitive,
        block: NodeBlock | None,
        accesses: Sequence[Access],
        starts: Sequence[int],
        target: Target,
    ) -> NodeCost:
        assert block is not None
        lanes = target.vector_lanes(node.precision)
        if isinstance(node, ReduceOp):
            operands = Operands.of(
                node, block, _columns(node, block.sizes, lanes), accesses, starts, target
            )
        else:
            operands = _elements(node, block, lanes, accesses, starts, target)
        regions = RegionWork.of(node, block, operands.rhs_vectors, operands.out_vectors, target)
        combined = {format_of(node.streamed_type): 1} if isinstance(node, ReduceOp) else {}
        cycles = int(_cycles(node, block.sizes, block.last, target))
        return NodeCost(
            terms={"operations": cycles},
            padding=padding_cycles(cycles, *_places(node, block.sizes, lanes)),
            rows=operands.rows,
            read_rows=operands.read_rows,
            operations=merged(
                scaled(combined, operands.rhs_vectors * lanes), regions.operations(lanes)
            ),
        )

    def least_cycles(self, node: VectorPrimitive, target: Target) -> int:
        domain = node.domain
        cycles = int(_cycles(node, domain, True, target))
        if not isinstance(node, ReduceOp) or node.window.taps > 1:
            return cycles
        # blocks of one position are reduced along the channels
        results = replace(domain, batch=domain.batch * prod(domain.positions), positions=())
        return min(cycles, int(_cycles(node, results, True, target)))

    def operations(self, node: VectorPrimitive) -> int:
        """An element that nothing is done to counts as one."""
        pre, post = (
            sum(price_class(op) is not None for op in region.block.ops) if region.blocks else 0
            for region in (node.pre, node.post)
        )
        results = prod(node.domain.sizes) // node.domain.channels
        if not isinstance(node, ReduceOp):
            return results * max(1, pre + post)
        return prod(node.domain.sizes) * node.window.taps * (1 + pre) + results * post

    def computation(self, node: VectorPrimitive, block: Domain, form: Form, target: Target) -> Any:
        return _cycles(node, block, True, target)

    def estimate(
        self,
        node: VectorPrimitive,
        block: Domain,
        form: Form,
        target: Target,
        spacings: Spacings,
    ) -> Any:
        lanes, item = target.vector_lanes(node.precision), item_bytes(node.rhs)
        sample = block.groups * block.channels * prod(block.positions)
        whole = block.batch * vector_rows(sample * max(item, node.precision // 8), 1, target)
        rows = whole  # a sample is one run
        if isinstance(node, ReduceOp):
            read = _read(node, block, lanes)
            apart = read * vector_rows(lanes * item, item, target)
            rows = np.where(_along_channels(node, block), whole, apart)
        return np.maximum(_cycles(node, block, True, target), rows)


ENGINE = VectorEngine()


def _cycles(node: VectorPrimitive, block: Domain, last: bool, target: Target) -> Any:
    """Cycles of a block; its sizes may be arrays of candidates.

    A map takes the elements of a sample in memory order. A reduction keeps a vector of columns (samples
    times positions) while channels and taps stream by; where there is one position, its vectors run
    along the channels, and a tree reduces the lanes of the last one.
    """
    lanes = target.vector_lanes(node.precision)
    pre, post = (weight(region_operations(region, target)) for region in (node.pre, node.post))
    post = post if last else 0
    positions = prod(block.positions)
    if not isinstance(node, ReduceOp):
        elements = block.groups * positions
        return block.batch * -(-elements // lanes) * max(1, pre + post)
    columns = -(-block.batch * positions // lanes)
    read = _read(node, block, lanes)
    written = np.where(_along_channels(node, block), block.batch, columns)
    tree = np.ceil(np.log2(np.minimum(block.channels, lanes))).astype(np.int64)
    return (
        read * (1 + pre)
        + written * post
        + np.where(_along_channels(node, block), block.batch * tree, 0)
    )


def _places(node: VectorPrimitive, block: Domain, lanes: int) -> tuple[int, int]:
    """Places in the vectors that a block reads, and the elements in them."""
    elements = prod(block.sizes) * node.window.taps
    if isinstance(node, ReduceOp):
        return int(_read(node, block, lanes)) * lanes, elements
    sample = elements // block.batch
    return block.batch * -(-sample // lanes) * lanes, elements


def _read(node: ReduceOp, block: Domain, lanes: int) -> Any:
    """Vectors of rhs that a reduction reads."""
    return np.where(
        _along_channels(node, block),
        block.batch * -(-block.channels // lanes),
        -(-block.batch * prod(block.positions) // lanes) * block.channels * node.window.taps,
    )


def _along_channels(node: VectorPrimitive, block: Domain) -> Any:
    """Whether the vectors of a reduction run along the channels."""
    return (prod(block.positions) == 1) & (node.window.taps == 1)


def _columns(node: ReduceOp, block: Domain, lanes: int) -> Tiling:
    """A reduction as the rhs of a product with one row."""
    flat = bool(_along_channels(node, block))
    return Tiling(
        n=lanes,
        form=Form(),
        batch=block.batch,
        groups=1,
        rows=1,
        channels=block.channels,
        positions=() if flat else block.positions,
        window=WindowAttr() if flat else node.window,
    )


def _elements(
    node: VectorPrimitive,
    block: NodeBlock,
    lanes: int,
    accesses: Sequence[Access],
    starts: Sequence[int],
    target: Target,
) -> Operands:
    """The operands of a map: each element of a sample in memory order of the result."""
    sizes = block.sizes
    shape = (sizes.groups, *sizes.positions)
    maps = iter(
        node.indexing_maps(node.pre_indexing_maps) + node.indexing_maps(node.post_indexing_maps)
    )
    rows: list[int] = []
    for access, start in zip(accesses, starts, strict=True):
        indexing_map = next(maps).data if access.role in ("pre", "post") else None
        if indexing_map is not None and is_table(indexing_map, access.sizes):
            rows.append(table_rows(access, start, target))
            continue
        layout = layout_of(access, start, indexing_map, target)
        rows.append(element_rows(layout, sizes.batch, shape, lanes))
    vectors = sizes.batch * -(-prod(shape) // lanes)
    return Operands(tuple(rows), sum(rows[:-1]), vectors, vectors)


@lru_cache(CACHED)
def element_rows(layout: Layout, batch: int, sizes: tuple[int, ...], lanes: int) -> int:
    """Rows of an operand whose elements are read in vectors; `sizes`: of channels and positions."""
    row, itemsize, steps = layout.row, layout.itemsize, layout.strides
    run, axes = itemsize, list(zip(sizes, steps[1:], strict=True))
    while axes and (axes[-1][0] == 1 or axes[-1][1] == run):
        run *= axes.pop()[0]
    if not axes and layout.wrap is None:  # a sample is one run
        vectors = -(-run // (lanes * itemsize))
        low = np.arange(vectors) * lanes * itemsize
        low = low + np.arange(batch)[:, None] * steps[0]
        ends = np.arange(batch)[:, None] * steps[0] + run
        high = np.minimum(low + lanes * itemsize, ends)
        return interval_rows(row, low.reshape(1, -1), high.reshape(1, -1))
    offsets = chunks(layout.grid(range(1, len(steps)), sizes), lanes)
    return repeated_rows(row, offsets, itemsize, np.arange(batch) * steps[0])
