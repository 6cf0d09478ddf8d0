"""Slices as transfers of few enough dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from xnn.dialects.dsa.instructions import MAX_DIMENSIONS

Place = tuple[int, tuple[int, ...]]
"""An address in bytes, and strides in elements."""


def pieces(
    sizes: tuple[int, ...], leading: Place, other: Place, item: int, *, both_lead: bool = False
) -> Iterator[tuple[tuple[int, ...], Place, Place]]:
    """The transfers of a slice, as sizes, and the places on both sides.

    Dimensions stand in the order of the strides of the `leading` side, whose runs are to be long; if both lead,
    of the larger of their strides, so that neither jumps far from one element to the next. If they are too many,
    they are joined where they are contiguous, and what is left outermost is split.
    """
    axes = list(zip(sizes, leading[1], other[1], strict=True))
    if both_lead:
        axes.sort(key=lambda axis: -max(axis[1:]))
    else:
        axes.sort(
            key=lambda axis: (axis[1] > 0, -axis[1])
        )  # repetitions of what follows come first
    if len(axes) > MAX_DIMENSIONS:
        axes = _joined(axes)
    outer, inner = axes[:-MAX_DIMENSIONS], axes[-MAX_DIMENSIONS:]
    inner_sizes, one, two = zip(*inner, strict=True) if inner else ((), (), ())
    for index in np.ndindex(*(size for size, _, _ in outer)):
        steps = list(zip(index, outer, strict=True))
        start = leading[0] + item * sum(i * stride for i, (_, stride, _) in steps)
        end = other[0] + item * sum(i * stride for i, (_, _, stride) in steps)
        yield inner_sizes, (start, one), (end, two)


def _joined(axes: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    result: list[tuple[int, int, int]] = []
    for size, one, two in axes:
        if result and result[-1][1:] == (size * one, size * two):
            result[-1] = (result[-1][0] * size, one, two)
        elif size > 1:
            result.append((size, one, two))
    return result
