"""Offsets for buffers with known lifetimes, by backtracking.

Buffers are placed from the bottom up: next is the one whose least possible offset is lowest. It takes
that offset, or in all that is tried after that it lies above it, on another buffer; so every arrangement
that rests on what lies below it is met once, and no other. What makes the search short, as in MiniMalloc
(Moffitt, ASPLOS 2023): lifetimes are cut into *sections*, in each of which the same buffers are live; the
buffers that a section still needs, from the least offset of any of them on, must fit; and parts of time
that no buffer without an offset connects any more are solved one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

_SHAPES = (("total", "width", "area"), ("total", "area", "width"), ("width", "area", "total"))
ORDERS = tuple(order for shape in _SHAPES for order in (shape, ("blame", *shape)))
"""Which buffer is first among those of equal least offset: the one with the larger of each, in this order.

`total` is what is live with it at most, `width` the length of its life, `area` that times its size, `blame`
how often it was left over where buffers did not fit, in steps of an eighth of the most.
"""


@dataclass(frozen=True)
class Attempt:
    """What a search found in how many steps."""

    offsets: Integers | None
    steps: int
    is_complete: bool
    """Whether the search came to its end: then no offsets found means that there are none."""


@dataclass(frozen=True)
class _Part:
    """Buffers without an offset, of equal rank first, that overlap no others of the kind."""

    buffers: Integers
    placed: int
    """The placement that made the part what it is, to take back if the part cannot be solved; -1: none."""
    rest: _Part | None
    """What is to be solved after it."""


class OffsetSearch:
    """Buffers that live from `lower` to `upper`, which is not in it; sizes in any unit, at least 1."""

    def __init__(self, lower: Integers, upper: Integers, size: Integers):
        self._size, self._width = size, upper - lower
        # sections whose buffers are not all live in a neighbour: from a start up to an end
        starts, ends = np.unique(lower), np.unique(upper)
        end = ends[np.searchsorted(ends, starts, side="right")]
        starts = starts[end <= np.append(starts[1:], end[-1:])]
        self._first, self._end = np.searchsorted(starts, lower), np.searchsorted(starts, upper)
        counts = self._end - self._first
        sections = np.arange(counts.sum()) + np.repeat(
            self._first - counts.cumsum() + counts, counts
        )
        order = np.argsort(sections, kind="stable")
        self._members = np.repeat(np.arange(len(size)), counts)[order]
        """The buffers of each section, one section after the other, from `_start` on."""
        self._start = np.searchsorted(sections[order], np.arange(len(starts) + 1))
        self._overlaps = [self._overlapping(buffer) for buffer in range(len(size))]
        self._spans = list(zip(self._first.tolist(), self._end.tolist()))
        self._reach = [
            (int(self._first[each].min(initial=first)), int(self._end[each].max(initial=end)))
            for each, (first, end) in zip(self._overlaps, self._spans)
        ]

    def _overlapping(self, buffer: int) -> Integers:
        """The other buffers that are live at some time of this one."""
        meets = (self._first < self._end[buffer]) & (self._end > self._first[buffer])
        meets[buffer] = False
        return np.flatnonzero(meets)

    def attempt(
        self, limits: Integers, order: Sequence[str], steps: int, blame: NDArray[np.float64]
    ) -> Attempt:
        """Offsets no larger than `limits`, by buffer; in at most so many steps.

        `blame` of the buffers is what earlier attempts learned; this one adds to it.
        """
        if not len(limits):
            return Attempt(limits, 0, True)
        if limits.min() < 0:
            return Attempt(None, 0, True)
        return _Run(self, limits, order, blame).run(steps)


class _Run:
    """One search."""

    def __init__(
        self,
        search: OffsetSearch,
        limits: Integers,
        order: Sequence[str],
        blame: NDArray[np.float64],
    ):
        self._search, self._limits, self._order, self._blame = search, limits, order, blame
        size, first, end = search._size, search._first, search._end
        self._capacity = int((limits + size).max())
        self._bounds = np.zeros((2, len(size)), np.int64)
        self._least, self._support = self._bounds
        """By buffer its least offset, and the top of what is placed below it; of placed ones the capacity."""
        self._remaining = np.add.reduceat(size[search._members], search._start[:-1])
        """By section the sizes of the buffers without an offset."""
        crossing = np.zeros(len(search._start), np.int64)
        np.add.at(crossing, first, 1)
        np.add.at(crossing, end - 1, -1)
        self._crossing = crossing.cumsum()
        """By section the buffers without an offset that are live in the next one too."""
        self._offsets = np.full(len(size), -1, np.int64)
        self._changes: list[tuple[Integers, Any, Any]] = []
        """Old values, to restore."""

    def run(self, steps: int) -> Attempt:
        """Places buffers until all have offsets, or nothing is left to try, or in so many steps."""
        part = self._parts(np.arange(len(self._offsets)), -1, None)
        placed: list[tuple[_Part, int, int]] = []
        """Parts from which a buffer was placed, the buffer, and the changes before that."""
        for step in range(steps):
            if part is None:
                return Attempt(self._offsets, step, True)
            nearest = int(self._least[part.buffers].argmin())
            buffer, before = int(part.buffers[nearest]), len(self._changes)
            # without support it would hang in the air
            if self._support[buffer] == self._least[buffer]:
                if self._place(buffer):
                    placed.append((part, buffer, before))
                    left = np.delete(part.buffers, nearest)
                    part = self._parts(left, len(placed) - 1, part.rest)
                    continue
                self._restore(before)
            while not self._lift(buffer):
                if part.placed < 0:
                    return Attempt(None, step + 1, True)
                last = part.placed
                part, buffer, before = placed[last]
                del placed[last:]
                self._restore(before)
        return Attempt(self._offsets, steps, True) if part is None else Attempt(None, steps, False)

    def _parts(self, buffers: Integers, placed: int, rest: _Part | None) -> _Part | None:
        """The parts into which buffers without an offset fall, in the order of time."""
        if not len(buffers):
            return rest
        first, end = self._search._first[buffers], self._search._end[buffers]
        start = int(first.min())
        cuts = start + np.flatnonzero(self._crossing[start : int(end.max()) - 1] == 0)
        if not len(cuts) and placed >= 0:
            return _Part(buffers, placed, rest)  # they have their ranks
        part_of = np.searchsorted(cuts, first)
        for each in reversed(np.unique(part_of).tolist()):
            rest = _Part(self._ranked(buffers[part_of == each]), placed, rest)
        return rest

    def _ranked(self, buffers: Integers) -> Integers:
        """Buffers in the order of the search."""
        search = self._search
        spans = np.column_stack((search._first[buffers], search._end[buffers])).ravel()
        width, blame = search._width[buffers], self._blame[buffers]
        ranks = {
            "total": np.maximum.reduceat(np.append(self._remaining, 0), spans)[::2],
            "width": width,
            "area": width.astype(float) * search._size[buffers],
            "blame": np.round(8 * blame / max(1, blame.max())),
        }
        return buffers[np.lexsort([-ranks[each] for each in reversed(self._order)])]

    def _place(self, buffer: int) -> bool:
        """Places a buffer at its least offset; whether the others may still fit."""
        search = self._search
        offset, size = int(self._least[buffer]), int(search._size[buffer])
        self._offsets[buffer] = offset
        if offset > self._limits[buffer]:
            return False
        others = (slice(None), search._overlaps[buffer])
        self._set(self._bounds, others, np.maximum(self._bounds[others], offset + size))
        self._set(self._least, buffer, self._capacity)
        first, end = search._spans[buffer]
        self._set(self._remaining, slice(first, end), self._remaining[first:end] - size)
        self._set(self._crossing, slice(first, end - 1), self._crossing[first : end - 1] - 1)
        return self._fits(*search._reach[buffer])

    def _lift(self, buffer: int) -> bool:
        """Lays a buffer above its least offset, on another buffer; whether all may still fit."""
        search = self._search
        others = search._overlaps[buffer]
        least = int((self._least[others] + search._size[others]).min(initial=self._capacity))
        if least > self._limits[buffer]:
            return False
        self._set(self._least, buffer, least)
        return self._fits(*search._spans[buffer])

    def _fits(self, first: int, end: int) -> bool:
        """Whether the buffers of each of these sections fit from their lowest least offset on."""
        search, start = self._search, self._search._start
        members = search._members[start[first] : start[end]]
        lowest = np.minimum.reduceat(self._least[members], start[first:end] - start[first])
        needed = lowest + self._remaining[first:end]
        if needed.max() <= self._capacity:
            return True
        section = first + int((needed > self._capacity).argmax())
        left = search._members[start[section] : start[section + 1]]
        left = left[self._least[left] < self._capacity]
        self._blame[left] += 1 / len(left)
        return False

    def _set(self, array: Integers, where: Any, values: Any) -> None:
        self._changes.append((array, where, array[where].copy()))
        array[where] = values

    def _restore(self, count: int) -> None:
        """Takes back all changes but the first `count`."""
        while len(self._changes) > count:
            array, where, old = self._changes.pop()
            array[where] = old
