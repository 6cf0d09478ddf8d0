"""Slices as transfers of few enough dimensions."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from xnn.dialects.dsa.operations import MAX_DIMENSIONS

Place = tuple[int, tuple[int, ...]]
"""An address in bytes, and strides in elements."""


def pieces(
    sizes: tuple[int, ...], source: Place, target: Place, item: int
) -> Iterator[tuple[tuple[int, ...], Place, Place]]:
    """The transfers of a slice: dimensions are joined where they are contiguous, else it is split."""
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
