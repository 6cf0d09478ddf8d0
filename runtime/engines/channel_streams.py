"""In which order an engine that works channel by channel reads and writes its operands, and their memory rows.

Samples, then channels; in a channel row by row of positions. Of what a window is read off, each row of
the kernel for each row of positions: all that it spans, pads included, as vectors of `lanes` elements.
The result as vectors of `lanes` positions of a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import prod

import numpy as np

from xnn.dialects.dsa.access import Access, NodeBlock
from xnn.dialects.indexing_maps import is_table
from xnn.dialects.prim import Primitive
from xnn.dialects.prim.attributes import WindowAttr
from xnn.dialects.target import Target
from xnn.runtime.engines.engine import layout_of, table_rows
from xnn.runtime.engines.matmul_streams import CACHED, Read
from xnn.runtime.engines.vectors import Array, Layout, chunks, grid_offsets, repeated_rows


@dataclass(frozen=True)
class Channels:
    """A block of an engine that works channel by channel."""

    lanes: int
    batch: int
    channels: int
    positions: tuple[int, ...]
    window: WindowAttr

    @property
    def rows(self) -> int:
        """Rows of positions of a channel."""
        return prod(self.positions[:-1])

    @property
    def columns(self) -> int:
        """Positions of a row."""
        return self.positions[-1] if self.positions else 1

    @property
    def spanned(self) -> int:
        """Elements of a row of what the window is read off that a row of positions spans."""
        return self.window.spans(self.positions)[-1] if self.positions else 1

    @property
    def kernel_rows(self) -> int:
        return prod(self.window.kernel[:-1])

    @property
    def spans(self) -> int:
        """Rows of the kernel for all rows of positions."""
        return self.batch * self.channels * self.rows * self.kernel_rows

    @property
    def result_vectors(self) -> int:
        """Vectors of the result."""
        return self.batch * self.channels * self.rows * -(-self.columns // self.lanes)


@lru_cache(CACHED)
def window_read(block: Channels, layout: Layout) -> Read:
    """What reading the operand takes that the window is read off."""
    return _read(block, layout, _spans(block, layout))


@lru_cache(CACHED)
def result_read(block: Channels, layout: Layout) -> Read:
    """What writing the result takes, or reading an operand that differs from position to position."""
    dimensions = range(2, 2 + len(block.positions))
    offsets = layout.grid(dimensions, block.positions).reshape(-1, block.columns)
    return _read(block, layout, chunks(offsets, block.lanes))


@lru_cache(CACHED)
def channel_read(block: Channels, layout: Layout) -> Read:
    """What reading an operand takes of which each channel needs one element."""
    return _read(block, layout, np.zeros((1, 1, 1), np.int64))


def _read(block: Channels, layout: Layout, offsets: Array) -> Read:
    places = grid_offsets((block.batch, block.channels), layout.strides[:2])
    flat = offsets.reshape(-1, offsets.shape[-1])
    vectors = int((flat >= 0).any(axis=1).sum()) * len(places)
    return Read(repeated_rows(layout.row, flat, layout.itemsize, places), vectors)


def _spans(block: Channels, layout: Layout) -> Array:
    """Bytes from a channel to what its rows of positions span: [rows, vectors, lanes], -1 for pads."""
    window = block.window
    if not block.positions:
        return np.zeros((1, 1, 1), np.int64)
    outer, kernel = block.positions[:-1], window.kernel[:-1]
    row = np.indices(outer).reshape(len(outer), block.rows, 1)
    tap = np.indices(kernel).reshape(len(outer), 1, block.kernel_rows)
    starts = np.zeros((block.rows, block.kernel_rows), np.int64)
    exists = np.ones(starts.shape, np.bool_)
    for axis, size in enumerate(layout.sizes[:-1]):
        at = row[axis] * window.strides[axis] - layout.before[axis]
        at = at + tap[axis] * window.dilations[axis]
        exists &= (at >= 0) & (at < size)
        starts += layout.along(2 + axis, at)
    at = np.arange(block.spanned) - layout.before[-1]
    exists = exists[..., None] & (at >= 0) & (at < layout.sizes[-1])
    offsets = starts[..., None] + layout.along(1 + len(block.positions), at)
    return chunks(np.where(exists, offsets, -1), block.lanes)


def channel_reads(
    node: Primitive,
    block: NodeBlock,
    channels: Channels,
    accesses: Sequence[Access],
    starts: Sequence[int],
    target: Target,
) -> list[Read]:
    """What each operand of a block takes, each time that it is read or written: `pre` as rhs, `post` as the result.

    An operand of a region that is the same for all positions is read once for each channel.
    """
    maps = iter(
        node.indexing_maps(node.pre_indexing_maps) + node.indexing_maps(node.post_indexing_maps)
    )
    before = tuple(low for low, _ in block.pads)
    sizes = accesses[0].sizes[2:]
    result: list[Read] = []
    for access, start in zip(accesses, starts, strict=True):
        in_region = access.role in ("pre", "post")
        indexing_map = next(maps).data if in_region else None
        if indexing_map is not None and is_table(indexing_map, access.sizes):
            result.append(Read(table_rows(access, start, target), 0))
            continue
        layout = layout_of(access, start, indexing_map, target)
        if 0 in access.sizes:
            result.append(Read(0, 0))
        elif in_region and not any(layout.strides[2:]):
            result.append(channel_read(channels, layout))
        elif access.role in ("rhs", "pre"):
            result.append(window_read(channels, replace(layout, sizes=sizes, before=before)))
        else:
            result.append(result_read(channels, layout))
    return result
