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
    box = _box(touch, start, sizes)
    return Part(touch.root, start * item, end * item, box, touch.writes)


def _box(touch: Touch, start: int, sizes: Sequence[int]) -> Box | None:
    """A strided part as ranges of a buffer's dimensions; None if it is none."""
    result: list[tuple[int, int]] = []
    extents = {stride: size for size, stride in zip(sizes, touch.strides, strict=True) if size > 1}
    if len(extents) < sum(size > 1 for size in sizes):
        return None
    for size, stride in touch.root_dimensions:
        first, start = divmod(start, stride)
        extent = extents.pop(stride, 1) if size > 1 else 1
        if first + extent > size:
            return None
        result.append((first, first + extent))
    return tuple(result) if not extents else None
