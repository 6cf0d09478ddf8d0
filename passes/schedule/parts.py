"""The parts of feature maps that lines of the order read and write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects.dma import RingOp, offset_of
from xnn.dialects.dma.layer_blocks import Touch
from xnn.dialects.values import item_bytes, shape, strides_of, value_bytes

Box = tuple[tuple[int, int], ...]
"""From and to, per dimension."""


@dataclass(frozen=True)
class Part:
    """A part of a buffer that outlives its layers."""

    root: SSAValue
    start: int
    """Bytes from the beginning of the buffer to the first of its own."""
    end: int
    box: Box | None
    """The part, if it is one range of each dimension of the buffer; else None, and it may be anything
    from `start` to `end`."""
    writes: bool

    def meets(self, other: Part) -> bool:
        """Whether two parts of one buffer may have bytes in common."""
        if self.end <= other.start or other.end <= self.start:
            return False
        if self.box is None or other.box is None:
            return True
        for (low, high), (low2, high2) in zip(self.box, other.box, strict=True):
            if high <= low2 or high2 <= low:
                return False
        return True


def part_of_map(touch: Touch, block: int) -> Part:
    """What a block reads or writes of the map that lies in a ring, by rows of the map; anywhere in the buffer."""
    low, high = _bounds(touch, [block])
    box = tuple(zip(low.tolist(), high.tolist(), strict=True))
    return Part(touch.root, 0, value_bytes(touch.root), box, touch.writes)


def parts_of(touches: Iterable[Touch], blocks: Sequence[int]) -> list[Part]:
    """What blocks read and write of each buffer that outlives their layer."""
    return [part for touch in touches for part in _parts(touch, blocks)]


def _parts(touch: Touch, blocks: Sequence[int]) -> Iterator[Part]:
    """One part, or two of a ring that wraps."""
    low, high = _bounds(touch, blocks)
    ring = touch.value.owner
    if not isinstance(ring, RingOp):
        yield _part(touch, low, high)
        return
    dim, rows = ring.dim.value.data, ring.rows
    first, count = int(low[dim]) % rows, min(int(high[dim] - low[dim]), rows)
    for start, end in ((first, min(first + count, rows)), (0, first + count - rows)):
        if start < end:
            low[dim], high[dim] = start, end
            yield _part(touch, low, high)


def _bounds(touch: Touch, blocks: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """From and to which elements of each dimension of a value blocks touch it."""
    sizes = np.array(shape(touch.value), np.int64)
    if touch.slice is None:
        return np.zeros_like(sizes), sizes
    starts = touch.slice.starts[blocks]
    low, high = starts.min(axis=0), (starts + touch.slice.sizes[blocks]).max(axis=0)
    return low, np.maximum(high, low + 1)


def _part(touch: Touch, low: np.ndarray, high: np.ndarray) -> Part:
    """The part of a buffer from and to so many elements of each dimension of a value in it."""
    value, root, item = touch.value, touch.root, item_bytes(touch.value)
    strides = np.array(strides_of(value.type), np.int64)
    start = offset_of(value) + int(low @ strides)
    end = start + int((high - low - 1) @ strides) + 1
    box = _box(start, (high - low).tolist(), strides.tolist(), root)
    return Part(root, start * item, end * item, box, touch.writes)


def _box(start: int, sizes: list[int], strides: list[int], root: SSAValue) -> Box | None:
    """A strided part as ranges of a buffer's dimensions; None if it is none."""
    result: list[tuple[int, int]] = []
    extents = {stride: size for size, stride in zip(sizes, strides, strict=True) if size > 1}
    if len(extents) < sum(size > 1 for size in sizes):
        return None
    for size, stride in zip(shape(root), strides_of(root.type), strict=True):
        first, start = divmod(start, stride)
        extent = extents.pop(stride, 1) if size > 1 else 1
        if first + extent > size:
            return None
        result.append((first, first + extent))
    return tuple(result) if not extents else None
