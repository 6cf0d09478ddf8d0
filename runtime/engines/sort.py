"""The sort engine: a sorting network that merges vectors, of as many stages as needed.

Semantics: `window_maximum` (max pooling), and what `top_k` has. Cost: vectors read, merged and written.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np

from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.prim import Domain, SortOp, TopKOp
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.dialects.values import item_bytes, shape
from xnn.dialects.windows import Pads
from xnn.runtime.engines.channel_streams import Channels, channel_reads
from xnn.runtime.engines.engine import (
    Compute,
    NodeCost,
    PrimitiveEngine,
    RegionWork,
    Spacings,
    format_of,
    merged,
    padding_cycles,
    region_operations,
    throughput_cycles,
    vector_rows,
    weight,
)
from xnn.runtime.engines.matmul import combined_taps, pad, windows
from xnn.runtime.engines.top_k import TOP_K


def lowest(dtype: np.dtype) -> float | int:
    """The value that never wins a maximum."""
    return int(np.iinfo(dtype).min) if dtype.kind in "iu" else -np.inf


def window_maximum(
    feature_map: np.ndarray,
    *,
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Pads,
) -> np.ndarray:
    """Largest element of every window: [B, C, *spatial] -> [B, C, *out]; pads never win."""
    padded = pad(feature_map, pads, lowest(feature_map.dtype))
    return combined_taps(np.maximum, windows(padded, kernel, strides, dilations), kernel)


class WindowEngine(PrimitiveEngine[SortOp]):
    """Window operations.

    Two vectors of `lanes` elements are read a cycle and merged; one vector of results leaves a cycle.
    """

    def semantics(self, node: SortOp) -> Compute:
        window = node.window
        taps = {"kernel": window.kernel, "strides": window.strides, "dilations": window.dilations}
        return lambda factors, pads, partial: window_maximum(factors[0], pads=pads, **taps)

    def cost(
        self,
        node: SortOp,
        block: NodeBlock | None,
        accesses: Sequence[Access],
        starts: Sequence[int],
        target: Target,
    ) -> NodeCost:
        assert block is not None
        sizes, lanes = block.sizes, target.sort_lanes(node.precision)
        channels = Channels(lanes, sizes.batch, sizes.groups, sizes.positions, node.window)
        reads = channel_reads(node, block, channels, accesses, starts, target)
        read = reads[0]
        regions = RegionWork.of(node, block, read.vectors, channels.result_vectors, target)
        assert target.sort is not None
        cycles = int(sort_cycles(channels))
        return NodeCost(
            terms={"merges": cycles, **regions.terms(target.sort)},
            padding=padding_cycles(cycles, 2 * lanes * cycles, _used_lanes(channels)),
            rows=tuple(each.rows for each in reads),
            read_rows=sum(each.rows for each in reads[:-1]),
            operations=merged(
                {format_of(node.streamed_type): read.vectors * lanes}, regions.operations(lanes)
            ),
        )

    def least_cycles(self, node: SortOp, target: Target) -> int:
        return int(sort_cycles(_channels(node, node.domain, target)))

    def operations(self, node: SortOp) -> int:
        return prod(shape(node.out)) * node.window.taps

    def computation(self, node: SortOp, block: Domain, form: Form, target: Target) -> Any:
        channels = _channels(node, block, target)
        vectors = channels.spans * -(-channels.spanned // channels.lanes)
        pre, post = (weight(region_operations(each, target)) for each in (node.pre, node.post))
        table = target.sort
        assert table is not None
        return np.maximum.reduce(
            np.broadcast_arrays(
                sort_cycles(channels),
                throughput_cycles(vectors, pre, table.pre_operations),
                throughput_cycles(channels.result_vectors, post, table.post_operations),
            )
        )

    def estimate(
        self, node: SortOp, block: Domain, form: Form, target: Target, spacings: Spacings
    ) -> Any:
        item, channels = item_bytes(node.rhs), _channels(node, block, target)
        each = block.batch * block.groups * channels.rows
        rows = _read_rows(node, channels, item, spacings["rhs"].line, target)
        written = each * vector_rows(channels.columns * item_bytes(node.out), 1, target)
        computation = self.computation(node, block, form, target)
        return np.maximum.reduce(np.broadcast_arrays(computation, rows, written))


WINDOWS = WindowEngine()


class SortEngine(PrimitiveEngine[SortOp | TopKOp]):
    """The engine of both, each with its own price."""

    def semantics(self, node: SortOp | TopKOp) -> Compute:
        return _use(node).semantics(node)

    def cost(
        self,
        node: SortOp | TopKOp,
        block: NodeBlock | None,
        accesses: Sequence[Access],
        starts: Sequence[int],
        target: Target,
    ) -> NodeCost:
        return _use(node).cost(node, block, accesses, starts, target)

    def least_cycles(self, node: SortOp | TopKOp, target: Target) -> int:
        return _use(node).least_cycles(node, target)

    def operations(self, node: SortOp | TopKOp) -> int:
        return _use(node).operations(node)

    def allows(self, node: SortOp | TopKOp, block: Domain, form: Form, target: Target) -> Any:
        return _use(node).allows(node, block, form, target)

    def computation(self, node: SortOp | TopKOp, block: Domain, form: Form, target: Target) -> Any:
        return _use(node).computation(node, block, form, target)

    def estimate(
        self,
        node: SortOp | TopKOp,
        block: Domain,
        form: Form,
        target: Target,
        spacings: Spacings,
    ) -> Any:
        return _use(node).estimate(node, block, form, target, spacings)


ENGINE = SortEngine()


def _use(node: SortOp | TopKOp) -> PrimitiveEngine[Any]:
    """What a node uses the engine for."""
    return TOP_K if isinstance(node, TopKOp) else WINDOWS


def _channels(node: SortOp, block: Domain, target: Target) -> Channels:
    """A block of a node, as the engine reads and writes it."""
    lanes = target.sort_lanes(node.precision)
    return Channels(lanes, block.batch, block.groups, block.positions, node.window)


def _read_rows(node: SortOp, block: Channels, item: int, line: Any, target: Target) -> Any:
    """About the rows of memory of all that is read, whose lines begin so many bytes apart."""
    apart = block.spans * vector_rows(block.spanned * item, item, target)
    if len(block.positions) != 2:
        return apart
    # A row of memory that holds several lines is read once for those that are read one after the other.
    (taps, _), (step, _), (reach, _) = (
        node.window.kernel,
        node.window.strides,
        node.window.dilations,
    )
    lines = 1 + reach * (taps - 1)
    swept = block.rows * vector_rows((lines - 1) * line + block.spanned * item, item, target)
    if step >= lines - 1:  # from one row of positions to the next, none is passed again
        lines += (block.rows - 1) * step
        swept = vector_rows((lines - 1) * line + block.spanned * item, item, target)
    together = block.batch * block.channels * swept
    return np.where(block.spanned <= block.lanes, np.minimum(apart, together), apart)


def _used_lanes(block: Channels) -> int:
    """Lanes of two vectors that elements take in all cycles, those that are read or those that are written."""
    each = max(block.kernel_rows * block.spanned, 2 * block.columns)
    return block.batch * block.channels * block.rows * each


def sort_cycles(block: Channels) -> Any:
    """Cycles in which the vectors of all rows of positions are read and merged, or written, if that takes longer."""
    reads = -(-block.kernel_rows * block.spanned // (2 * block.lanes))
    writes = -(-block.columns // block.lanes)
    return block.batch * block.channels * block.rows * np.maximum(reads, writes)
