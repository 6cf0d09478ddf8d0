"""The parts of feature maps that lines of the order read and write."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from xdsl.ir import SSAValue

from xnn.dialects.dma import RingOp
from xnn.dialects.dma.layer_blocks import Touch
from xnn.dialects.values import shape, value_bytes

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
    """The least ranges of the buffer's dimensions that hold the part; None: it may be anything from `start` to
    `end`."""
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
    box = tuple(zip(low, high, strict=True))
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
    first, count = low[dim] % rows, min(high[dim] - low[dim], rows)
    for start, end in ((first, min(first + count, rows)), (0, first + count - rows)):
        if start < end:
            low[dim], high[dim] = start, end
            yield _part(touch, low, high)


def _bounds(touch: Touch, blocks: Sequence[int]) -> tuple[list[int], list[int]]:
    """From and to which elements of each dimension of a value blocks touch it."""
    if touch.slice is None:
        sizes = list(shape(touch.value))
        return [0] * len(sizes), sizes
    starts, sizes = touch.slice.starts[blocks], touch.slice.sizes[blocks]
    low, high = starts.min(axis=0).tolist(), (starts + sizes).max(axis=0).tolist()
    return low, [max(end, start + 1) for start, end in zip(low, high, strict=True)]


def _part(touch: Touch, low: Sequence[int], high: Sequence[int]) -> Part:
    """The part of a buffer from and to so many elements of each dimension of a value in it."""
    item, strides, start = touch.item_bytes, touch.strides, touch.offset
    sizes = [to - at for at, to in zip(low, high, strict=True)]
    start += sum(at * stride for at, stride in zip(low, strides, strict=True))
    end = start + sum((n - 1) * stride for n, stride in zip(sizes, strides, strict=True)) + 1
    box = part_box(touch, start, sizes)
    return Part(touch.root, start * item, end * item, box, touch.writes)


def part_box(touch: Touch, start: int, sizes: Sequence[int]) -> Box | None:
    """The least ranges of a buffer's dimensions that hold a strided part; None if its strides are not theirs."""
    dimensions = touch.root_dimensions
    counts = [1] * len(dimensions)
    for count, stride in zip(sizes, touch.strides, strict=True):
        if count > 1:
            steps = [
                (i, stride // s)
                for i, (n, s) in enumerate(dimensions)
                if n > 1 and stride % s == 0 < s <= stride
            ]
            if not steps:
                return None
            axis, step = steps[0]
            counts[axis] += (count - 1) * step
    firsts: list[int] = []
    for _, stride in dimensions:
        first, start = divmod(start, stride)
        firsts.append(first)
    result: list[tuple[int, int]] = []
    for axis in reversed(range(len(dimensions))):
        (size, stride), end = dimensions[axis], firsts[axis] + counts[axis]
        if end <= size:
            result.append((firsts[axis], end))
            continue
        # A view that joins dimensions goes on in the one before.
        if axis == 0 or dimensions[axis - 1][1] != size * stride:
            return None
        counts[axis - 1] += (end - 1) // size
        result.append((0, size))
    return tuple(reversed(result))
