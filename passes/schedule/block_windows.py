"""Windows of a layer block by block: where each lies, how large it is, in which transfers it moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from xdsl.ir import SSAValue

from xnn.dialects.dma import WindowOp
from xnn.dialects.dsa.expansion import evaluate_affine
from xnn.dialects.dsa.operations import MAX_DIMENSIONS
from xnn.dialects.prim import shape
from xnn.dialects.values import item_bytes, strides_of

Place = tuple[int, tuple[int, ...]]
"""An address in bytes, and strides in elements."""


class BlockWindows:
    """Offsets, sizes and slots of one window in all blocks of a grid."""

    def __init__(self, op: WindowOp, whole: SSAValue, grid: Sequence[np.ndarray], blocks: int):
        self.op = op
        self.extents = shape(whole)
        offsets = np.zeros((blocks, len(self.extents)), np.int64)
        for axis, expr in enumerate(op.map.results):
            offsets[:, axis] = evaluate_affine(expr, grid)
        sizes = np.array(op.window_sizes, np.int64)
        extents = np.array(self.extents, np.int64)
        self.low = np.minimum(np.maximum(-offsets, 0), sizes)
        starts = offsets + self.low
        self.sizes = np.maximum(np.minimum(offsets + sizes, extents) - starts, 0)
        starts = np.minimum(np.maximum(starts, 0), extents - 1)  # of what lies outside, anywhere
        self.empty = (self.sizes == 0).any(axis=1)
        self.strides = strides_of(whole.type)
        self.bytes = starts @ np.array(self.strides, np.int64) * item_bytes(whole)
        moved = (offsets[1:] != offsets[:-1]).any(axis=1)
        self.changed = np.concatenate([[True], moved])
        self.turn = np.cumsum(self.changed) - 1


def pieces(
    sizes: tuple[int, ...], source: Place, target: Place, item: int
) -> Iterator[tuple[tuple[int, ...], Place, Place]]:
    """A window in transfers of few enough dimensions: joined where they are one run, else in parts."""
    if len(sizes) <= MAX_DIMENSIONS:
        yield sizes, source, target
        return
    axes: list[tuple[int, int, int]] = []
    for size, one, other in zip(sizes, source[1], target[1], strict=True):
        if axes and axes[-1][1:] == (size * one, size * other):
            axes[-1] = (axes[-1][0] * size, one, other)
        elif size > 1:
            axes.append((size, one, other))
    outer, inner = axes[:-MAX_DIMENSIONS], axes[-MAX_DIMENSIONS:]
    inner_sizes, one, other = zip(*inner or [(1, 1, 1)], strict=True)
    for index in np.ndindex(*(size for size, _, _ in outer)):
        steps = list(zip(index, outer, strict=True))
        start = source[0] + item * sum(i * stride for i, (_, stride, _) in steps)
        end = target[0] + item * sum(i * stride for i, (_, _, stride) in steps)
        yield inner_sizes, (start, one), (end, other)
