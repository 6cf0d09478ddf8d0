"""The first k keys of each column on the sort engine: runs of sorted keys, merged two and two.

Semantics: `first_keys`. Cost: vectors read and sorted, vectors of each pass of merges.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.prim import Domain, First, TopKOp
from xnn.dialects.prim.attributes import WindowAttr
from xnn.dialects.prim.tiling import Form, tiles
from xnn.dialects.target import Target
from xnn.dialects.values import element_bytes, item_bytes
from xnn.dialects.windows import Pads
from xnn.runtime.engines.engine import (
    Compute,
    NodeCost,
    PrimitiveEngine,
    RegionWork,
    Spacings,
    format_of,
    merged,
    region_operations,
    throughput_cycles,
    vector_rows,
    weight,
)
from xnn.runtime.engines.matmul_streams import Tiling
from xnn.runtime.engines.operands import Operands


def first_keys(keys: np.ndarray, count: int, first: First) -> np.ndarray:
    """The first `count` along axis 1, in order; NaN is larger than all numbers."""
    ordered = np.sort(keys, axis=1)
    if first == First.LARGEST:
        ordered = np.flip(ordered, axis=1)
    return ordered[:, :count]


def merge_vectors(channels: Any, rows: Any, lanes: int) -> Any:
    """Vectors of keys that all passes of merges of a column make; of a run no more is kept than `rows` keys.

    Sizes may be arrays of candidates.
    """
    vectors, kept = tiles(channels, lanes), tiles(rows, lanes)
    total, length = np.zeros_like(np.asarray(vectors * kept)), 1
    while length < np.max(vectors):
        merging, length = vectors > length, 2 * length
        made = np.minimum(vectors, tiles(vectors, length) * np.minimum(length, kept))
        total = total + np.where(merging, made, 0)
    return total


class TopKEngine(PrimitiveEngine[TopKOp]):
    """What the sort engine does with columns of keys.

    Two vectors of `lanes` keys are merged in a cycle, or one is read and sorted.
    """

    def semantics(self, node: TopKOp) -> Compute:
        first = node.first.data

        def compute(
            factors: Sequence[np.ndarray], pads: Pads, partial: np.ndarray | None
        ) -> np.ndarray:
            (keys,) = factors
            count = node.domain.rows
            if partial is not None:
                keys = np.concatenate([partial, keys], axis=1)
            return first_keys(keys, count, first)

        return compute

    def cost(
        self,
        node: TopKOp,
        block: NodeBlock | None,
        accesses: Sequence[Access],
        starts: Sequence[int],
        target: Target,
    ) -> NodeCost:
        assert block is not None
        lanes = target.sort_lanes(node.precision)
        read, written = (
            Operands.of(node, block, tiling, accesses, starts, target)
            for tiling in _tilings(block.sizes, lanes)
        )
        rows = [
            (before if access.role in ("rhs", "pre") else after, access)
            for access, before, after in zip(accesses, read.rows, written.rows, strict=True)
        ]
        made = int(_merged(node, block.sizes, not block.first, lanes))
        regions = RegionWork.of(node, block, read.rhs_vectors, written.out_vectors, target)
        assert target.sort is not None
        return NodeCost(
            terms={"merges": read.rhs_vectors + made, **regions.terms(target.sort)},
            rows=tuple(count for count, _ in rows),
            read_rows=sum(
                count * each.reads // max(1, each.reads + each.writes) for count, each in rows
            ),
            accumulator_bytes=2 * made * lanes * element_bytes(node.streamed_type),
            operations=merged(
                {format_of(node.streamed_type): (read.rhs_vectors + made) * lanes},
                regions.operations(lanes),
            ),
        )

    def least_cycles(self, node: TopKOp, target: Target) -> int:
        # blocks of one position are read along the channels
        domain, lanes = node.domain, target.sort_lanes(node.precision)
        columns = Domain(domain.columns, 1, domain.rows, domain.channels, ())
        read = min(int(_read(each, lanes)) for each in (domain, columns))
        return read + int(_merged(node, domain, False, lanes))

    def operations(self, node: TopKOp) -> int:
        """Comparisons of as many passes as a full sort of the columns has."""
        domain = node.domain
        passes = int(np.ceil(np.log2(max(2, domain.channels))))
        return domain.columns * domain.channels * passes

    def allows(self, node: TopKOp, block: Domain, form: Form, target: Target) -> Any:
        assert target.sort is not None
        held = node.held_rows(block, target.sort_lanes(node.precision))
        whole = (block.rows == node.domain.rows) & (block.channels >= node.domain.rows)
        return whole & (held <= (target.sort.key_rows or 0))

    def computation(self, node: TopKOp, block: Domain, form: Form, target: Target) -> Any:
        lanes, table = target.sort_lanes(node.precision), target.sort
        assert table is not None
        pre, post = (weight(region_operations(each, target)) for each in (node.pre, node.post))
        read, written = _read(block, lanes), block.columns * tiles(block.rows, lanes)
        several = block.channels < node.domain.channels
        return np.maximum.reduce(
            np.broadcast_arrays(
                read + _merged(node, block, several, lanes),
                throughput_cycles(read, pre, table.pre_operations),
                throughput_cycles(written, post, table.post_operations),
            )
        )

    def estimate(
        self, node: TopKOp, block: Domain, form: Form, target: Target, spacings: Spacings
    ) -> Any:
        item, lanes = item_bytes(node.rhs), target.sort_lanes(node.precision)
        whole = vector_rows(block.batch * block.channels * item, 1, target)
        apart = _read(block, lanes) * vector_rows(lanes * item, item, target)
        rows = np.where(prod(block.positions) == 1, whole, apart)
        return np.maximum(self.computation(node, block, form, target), rows)


TOP_K = TopKEngine()


def _read(block: Domain, lanes: int) -> Any:
    """Vectors of rhs: along the channels where there is one position, else of `lanes` columns."""
    along = block.batch * tiles(block.channels, lanes)
    across = tiles(block.columns, lanes) * block.channels
    return np.where(prod(block.positions) == 1, along, across)


def _merged(node: TopKOp, block: Domain, several: Any, lanes: int) -> Any:
    """Vectors that merges make in all columns, those with the keys of the blocks before (`several`) among them."""
    each = merge_vectors(block.channels, block.rows, lanes)
    return block.columns * (each + np.where(several, tiles(block.rows, lanes), 0))


def _tilings(block: Domain, lanes: int) -> tuple[Tiling, Tiling]:
    """How rhs is read, as that of a product with one row; how the result is written, as that of one with a channel."""
    flat = prod(block.positions) == 1
    window = WindowAttr(kernel=() if flat else (1,) * len(block.positions))
    positions = () if flat else block.positions
    one, first = (
        Tiling(lanes, Form(), block.batch, 1, rows, channels, positions, window)
        for rows, channels in ((1, block.channels), (block.rows, 1))
    )
    return one, first
