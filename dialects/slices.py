"""Slices: what a block of a layer needs of a buffer.

A slice has, per dimension of its buffer, an offset that is affine in the indices of the block, and a
size. What lies outside the buffer is clipped off; of the rhs of a primitive, that becomes the
block's pads. A primitive says which slices a block of its domain needs (`Primitive.slices`); a
`dma.blocks` writes them down, and `xnn.dialects.dma.slices` evaluates them for all of its blocks.

Sizes and offsets may be integers or NumPy arrays, of candidates or of blocks: all is plain arithmetic.
A slice is one range of each dimension. It wraps around only in the memory of a ring of rows
(`dma.ring`): of the map that lies there it is one range all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, NamedTuple

import numpy as np
from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineConstantExpr, AffineDimExpr, AffineExpr, AffineMap


@dataclass(frozen=True)
class Axis:
    """A slice along one dimension: `size` elements from `base` + sum of step * block index."""

    size: Any
    base: int = 0
    steps: tuple[tuple[int, Any], ...] = ()
    """Pairs of a dimension of the domain and the elements from one of its blocks to the next."""

    def offset(self, loops: Sequence[int]) -> AffineExpr:
        """The offset as a function of the indices of the `loops` over dimensions of the domain."""
        result: AffineExpr = AffineConstantExpr(self.base)
        for dim, step in self.steps:
            if dim in loops:
                result = result + AffineExpr.dimension(loops.index(dim)) * int(step)
        return result


Axes = Sequence[Axis]
"""One for each dimension of a buffer."""


@dataclass(frozen=True)
class Slice:
    """The slice of one operand, whose `role` is lhs, rhs, pre, post, sums or out."""

    role: str
    value: SSAValue
    axes: tuple[Axis, ...]
    pitch_axis: int | None = None
    """The dimension whose elements, rows of lhs or planes of feature maps, the engine reads or writes vector by vector:
    with a pitch between them vectors begin in rows of local memory. None: vectors begin anywhere."""

    @property
    def sizes(self) -> tuple[Any, ...]:
        return tuple(axis.size for axis in self.axes)

    @property
    def elements(self) -> Any:
        """Elements of the whole slice."""
        return prod(self.sizes)

    @property
    def moving(self) -> frozenset[int]:
        """Dimensions of the domain whose blocks have different slices."""
        return frozenset(dim for axis in self.axes for dim, _ in axis.steps)


def through(indexing_map: AffineMap, axes: Axes, operand: Sequence[int]) -> Axes:
    """Axes of an operand of this shape that an indexing map relates to the axes of the streamed element."""
    return tuple(
        axes[result.position] if isinstance(result, AffineDimExpr) else Axis(size)
        for result, size in zip(indexing_map.results, operand, strict=True)
    )


class Clipped(NamedTuple):
    """The part of slices inside their buffers; the last dimension of the arrays is the buffer's dimensions."""

    starts: np.ndarray
    sizes: np.ndarray
    before: np.ndarray
    """Elements clipped off before the start."""


def clip(offsets: np.ndarray, sizes: Sequence[int], extents: Sequence[int]) -> Clipped:
    """Slices of the given sizes, in buffers of the given extents."""
    whole = np.array(sizes, np.int64)
    before = np.clip(-offsets, 0, whole)
    starts = offsets + before
    return Clipped(starts, np.clip(np.array(extents, np.int64) - starts, 0, whole - before), before)
