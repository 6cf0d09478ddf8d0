"""Windows: which part of each operand a block of a primitive's domain touches.

A window has, per dimension of its operand, a size and an offset: a constant plus a step for each
index of the grid of blocks that moves it. Block sizes may be integers or NumPy arrays of candidates
(schedule search), so everything here is plain arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from xdsl.ir import SSAValue
from xdsl.ir.affine import AffineDimExpr, AffineMap

from xnn.dialects.prim import Domain, MatmulOp, Outermost, Primitive
from xnn.dialects.target import Target
from xnn.dialects.values import element_type, value_bytes

BATCH, GROUPS, ROWS, CHANNELS, POSITIONS = range(5)
"""Dimensions of the domain; positions are POSITIONS, POSITIONS + 1, ..."""


@dataclass(frozen=True)
class Axis:
    """A window along one dimension: `size` elements from `base` + sum of step * block index."""

    size: Any
    base: int = 0
    steps: tuple[tuple[int, Any], ...] = ()
    """Pairs of a dimension of the domain and the elements that its next block is away."""


@dataclass(frozen=True)
class Window:
    """The window of one operand, `kind`: coefficients, maps, pre, post or out."""

    kind: str
    value: SSAValue
    axes: tuple[Axis, ...]

    @property
    def elements(self) -> Any:
        """Elements of a whole window."""
        result: Any = 1
        for axis in self.axes:
            result = result * axis.size
        return result

    @property
    def moving(self) -> frozenset[int]:
        """Dimensions of the domain whose blocks have different windows."""
        return frozenset(dim for axis in self.axes for dim, _ in axis.steps)


def stays_whole(window: Window, target: Target) -> bool:
    """Whether an operand of a region is brought to local memory once, whole, and used in place.

    Biases and scales are small; a transfer for each of their windows would be all latency.
    """
    size = 16 * value_bytes(window.value)
    return window.kind in ("pre", "post") and size <= target.local.capacity_bytes


def needs_sums(op: Primitive) -> bool:
    """Whether partial sums of blocks of channels need a buffer beside the result's."""
    return isinstance(op, MatmulOp) and op.accumulator_type != element_type(op.out)


def nest_order(outermost: Outermost, rank: int) -> tuple[int, ...]:
    """Dimensions of the domain from the outermost loop to the innermost, which is channels."""
    positions = tuple(range(POSITIONS, POSITIONS + rank))
    if outermost == Outermost.ROWS:
        return (GROUPS, ROWS, BATCH, *positions, CHANNELS)
    return (BATCH, *positions, GROUPS, ROWS, CHANNELS)


def operand_windows(op: Primitive, domain: Domain, block: Domain) -> list[Window]:
    """Windows of all operands of a primitive on whole tensors, in order, the result's last."""
    window = op.filter
    maps = (
        Axis(block.batch, 0, ((BATCH, block.batch),)),
        Axis(
            block.groups * block.channels,
            0,
            ((GROUPS, block.groups * domain.channels), (CHANNELS, block.channels)),
        ),
        *(
            Axis((size - 1) * stride + extent, -low, ((POSITIONS + i, size * stride),))
            for i, (size, stride, extent, (low, _)) in enumerate(
                zip(block.positions, window.strides, window.extents, window.pads, strict=True)
            )
        ),
    )
    group_step = (GROUPS, block.groups * domain.rows)
    out = (
        maps[0],
        Axis(block.groups * block.rows, 0, (group_step, (ROWS, block.rows))),
        *(Axis(size, 0, ((POSITIONS + i, size),)) for i, size in enumerate(block.positions)),
    )
    windows: list[Window] = []
    if isinstance(op, MatmulOp):
        rows = Axis(block.rows, 0, ((ROWS, block.rows),)) if op.shared else out[1]
        windows.append(Window("coefficients", op.coefficients, (rows, *_row(op, block))))
    windows.append(Window("maps", op.maps, maps))
    for value, index_map in zip(op.pre_operands, op.index_maps(op.pre_maps), strict=True):
        windows.append(Window("pre", value, _through(index_map.data, maps)))
    for value, index_map in zip(op.post_operands, op.index_maps(op.post_maps), strict=True):
        windows.append(Window("post", value, _through(index_map.data, out)))
    windows.append(Window("out", op.out, out))
    return windows


def _row(op: MatmulOp, block: Domain) -> tuple[Axis, ...]:
    """The window along a row of coefficients: channels and kernel, or the bytes that hold them."""
    if op.packed is not None:
        size = op.packed.bytes(block.channels * prod(op.filter.kernel))
        return (Axis(size, 0, ((CHANNELS, size),)),)
    channels = Axis(block.channels, 0, ((CHANNELS, block.channels),))
    return (channels, *(Axis(size) for size in op.filter.kernel))


def _through(index_map: AffineMap, axes: Sequence[Axis]) -> tuple[Axis, ...]:
    """Axes of an operand that an index map relates to the axes of the streamed element."""
    return tuple(
        axes[result.position] if isinstance(result, AffineDimExpr) else Axis(1)
        for result in index_map.results
    )
