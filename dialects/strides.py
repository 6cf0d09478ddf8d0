"""Strided layouts: axes (size, stride), outermost first, of which an index goes through the elements in order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from math import gcd, prod
from operator import mul

import numpy as np
from numpy.lib.stride_tricks import as_strided

from xnn.dialects.values import dense_strides


def joined(axes: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Axes with the same elements in the same order: neighbours joined, those of size 1 dropped."""
    result: list[tuple[int, int]] = []
    for size, stride in axes:
        if result and result[-1][1] == size * stride:
            result[-1] = (result[-1][0] * size, stride)
        elif size > 1:
            result.append((size, stride))
    return result


def divided(axes: Iterable[tuple[int, int]], sizes: Sequence[int]) -> tuple[int, ...] | None:
    """Strides with which an index of `sizes` goes through the elements of `axes` in order; None if there are none."""
    left = joined(axes)
    size, stride = 1, 1
    result: list[int] = []
    for each in reversed(sizes):
        if size == 1 and each > 1 and left:
            size, stride = left.pop()
        result.append(stride)
        if size % each:
            return None
        size, stride = size // each, stride * each
    return tuple(reversed(result))


def refined(*shapes: Sequence[int]) -> tuple[int, ...] | None:
    """The coarsest sizes of which each of several shapes of as many elements joins neighbours; None if none do."""
    steps = {step for sizes in shapes for step in accumulate(reversed(sizes), mul, initial=1)}
    ordered = sorted(steps)
    if any(large % small for small, large in pairwise(ordered)):
        return None
    return tuple(large // small for small, large in reversed(list(pairwise(ordered)))) or (1,)


Place = tuple[int, tuple[int, ...]]
"""Where a tensor lies in another: its first element, and its strides, in elements of the other, counted in order."""


def within(sizes: Sequence[int], place: Place, whole: Sequence[int], outer: Place) -> Place | None:
    """Where a tensor of these `sizes` lies that has a place in one of shape `whole`, whose place is `outer`.

    None if no strides say so.
    """
    steps, offset = dense_strides(whole), outer[0]
    reach = [place[0] // step % size for step, size in zip(steps, whole, strict=True)]
    offset += sum(i * stride for i, stride in zip(reach, outer[1], strict=True))
    strides: list[int] = []
    for size, stride in zip(sizes, place[1], strict=True):
        axis = next((i for i, n in enumerate(whole) if n > 1 and stride % steps[i] == 0), None)
        if size == 1 or axis is None:
            strides.append(1)
            continue
        reach[axis] += (size - 1) * (stride // steps[axis])
        strides.append(stride // steps[axis] * outer[1][axis])
    if any(last >= size for last, size in zip(reach, whole, strict=True)):
        return None
    return offset, tuple(strides)


def cover(total: int, parts: Iterable[tuple[Sequence[int], Place]]) -> bool:
    """Whether parts, as sizes and places, have each of `total` elements, and none twice."""
    found = [(place[0], joined(zip(sizes, place[1], strict=True))) for sizes, place in parts]
    if any(offset + sum((n - 1) * step for n, step in axes) >= total for offset, axes in found):
        return False
    if sum(prod(size for size, _ in axes) for _, axes in found) != total:
        return False
    unit = total
    for offset, axes in found:  # what all have runs of is one element
        run = axes[-1][0] if axes and axes[-1][1] == 1 else 1
        unit = gcd(unit, offset, run, *(step for _, step in axes if step != 1))
    seen = np.zeros(total // unit, np.bool_)
    for offset, axes in found:
        counts = [n // unit if step == 1 else n for n, step in axes]
        steps = [1 if step == 1 else step // unit for _, step in axes]
        as_strided(seen[offset // unit :], counts, steps)[...] = True
    return bool(seen.all())
