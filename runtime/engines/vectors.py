"""Rows of local memory that an operand's vectors touch, in the order in which they are read or written.

A vector costs the rows of its bytes that the vector before it, of the same node and operand, did not
touch; nothing is held when a node starts. What does not exist (pads, the rest of a tile) costs nothing,
and a vector without bytes leaves what is held.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from xnn.dialects.dsa.access import Wrap

Array = np.ndarray


@dataclass(frozen=True)
class Row:
    """Rows of local memory: their bytes, and where in its first row an operand begins."""

    bytes: int
    start: int

    def of(self, offset: Array) -> Array:
        """The rows, counted from the operand's first, that bytes at offsets from the operand lie in."""
        return (self.start + offset) // self.bytes


def interval_rows(row: Row, low: Array, high: Array, repeats: int = 1) -> int:
    """Rows of vectors that are one run of bytes [low, high) each.

    Arrays [sequences, vectors]: each sequence of vectors is read `repeats` times before the next one
    begins. A vector with high <= low has no bytes.
    """
    sequence, vector = np.nonzero(high > low)
    if not len(sequence):
        return 0
    first, last = row.of(low[sequence, vector]), row.of(high[sequence, vector] - 1)
    steps = _fresh(first[:-1], last[:-1], first[1:], last[1:])
    same = sequence[1:] == sequence[:-1]
    starts = np.concatenate([[0], np.flatnonzero(~same) + 1])
    ends = np.concatenate([np.flatnonzero(~same), [len(sequence) - 1]])
    again = _fresh(first[ends], last[ends], first[starts], last[starts])
    total = last[0] - first[0] + 1 + steps[~same].sum()
    return int(total + repeats * steps[same].sum() + (repeats - 1) * again.sum())


def _fresh(first: Array, last: Array, next_first: Array, next_last: Array) -> Array:
    """How many rows of the second of two ranges are not in the first."""
    shared = np.minimum(last, next_last) - np.maximum(first, next_first) + 1
    return next_last - next_first + 1 - np.maximum(shared, 0)


class Vectors:
    """Vectors of elements at offsets from a base, which may lie at several places of memory.

    `offsets` [vectors, elements] in bytes, negative where there is no element; `places`: the bytes from
    the operand's first row to each place of the base. Vectors at a place are numbered together: see `at`.
    """

    def __init__(self, row: Row, offsets: Array, itemsize: int, places: Array):
        self.count = len(offsets)
        self.exists = np.any(offsets >= 0, axis=1)
        starts = row.start + places
        self.base_rows = starts // row.bytes
        phases, self._phase = np.unique(starts % row.bytes, return_inverse=True)
        vector, low, high = _runs(offsets, itemsize, row.bytes)
        first = (phases[:, None] + low) // row.bytes
        lengths = (phases[:, None] + high - 1) // row.bytes - first + 1
        self._span = int((first + lengths).max(initial=0)) + 1
        numbers = (np.arange(len(phases))[:, None] * self.count + vector).ravel()
        steps = lengths.ravel()
        ends = np.cumsum(steps)
        within = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - steps, steps)
        rows = np.repeat(first.ravel(), steps) + within
        self._keys = np.unique(np.repeat(numbers, steps) * self._span + rows)
        """Vector and row of each row that a vector touches, sorted."""
        bounds = np.searchsorted(self._keys, np.arange(len(phases) * self.count + 1) * self._span)
        self._begin, self._length = bounds[:-1], np.diff(bounds)

    def at(self, place: Array, vector: Array) -> Array:
        """The numbers of vectors at places."""
        return self._phase[place] * self.count + vector

    def kinds(self, place: Array, following: Array | None = None) -> tuple[Array, Array]:
        """One of each kind of places, or of pairs of places, and how many there are of it.

        Places are of a kind if they are alike within their row; pairs also need the same distance.
        """
        kinds = [self._phase[place]]
        if following is not None:
            distance = self.base_rows[following] - self.base_rows[place]
            kinds += [self._phase[following], distance]
        _, index, counts = np.unique(np.stack(kinds), axis=1, return_index=True, return_counts=True)
        return place[index], counts

    def touched(self, place: int, vector: int) -> int:
        """Rows of a vector of which nothing is held."""
        return int(self._length[self.at(np.array(place), np.array(vector))])

    def fresh(
        self,
        place: Array,
        vector: Array,
        next_place: Array,
        next_vector: Array,
        times: Array | int = 1,
    ) -> int:
        """Rows of the second vectors of pairs that the first ones did not touch, each counted `times`."""
        shift = self.base_rows[next_place] - self.base_rows[place]
        pairs = np.broadcast_arrays(
            self.at(place, vector), self.at(next_place, next_vector), shift, times
        )
        before, after, shift, times = (each.ravel() for each in pairs)
        lengths = self._length[after]
        ends = np.cumsum(lengths)
        if not len(ends) or not ends[-1]:
            return 0
        pair = np.repeat(np.arange(len(after)), lengths)
        entry = np.arange(ends[-1]) - np.repeat(ends - lengths, lengths) + self._begin[after][pair]
        rows = self._keys[entry] % self._span + shift[pair]
        sought = before[pair] * self._span + rows
        found = self._keys[np.minimum(np.searchsorted(self._keys, sought), len(self._keys) - 1)]
        held = (found == sought) & (rows >= 0) & (rows < self._span)
        return int(times[pair][~held].sum())


def _runs(offsets: Array, itemsize: int, row_bytes: int) -> tuple[Array, Array, Array]:
    """Vector, first byte and end of the runs whose elements leave out no row."""
    vector = np.repeat(np.arange(len(offsets)), offsets.shape[1])
    flat = offsets.ravel()
    there = flat >= 0
    vector, flat = vector[there], flat[there]
    if not len(flat):
        return vector, flat, flat
    step = np.diff(flat)
    starts = np.concatenate([[True], (np.diff(vector) != 0) | (step < 0) | (step > row_bytes)])
    ends = np.concatenate([starts[1:], [True]])
    return vector[starts], flat[starts], flat[ends] + itemsize


def repeated_rows(row: Row, offsets: Array, itemsize: int, places: Array) -> int:
    """Rows of vectors that are read in order at each of several places, one place after the other."""
    vectors = Vectors(row, offsets, itemsize, places)
    order = np.flatnonzero(vectors.exists)
    if not len(order):
        return 0
    every = np.arange(len(places))
    kinds, counts = vectors.kinds(every)
    kinds, counts = kinds[:, None], counts[:, None]
    inside = vectors.fresh(kinds, order[:-1], kinds, order[1:], counts)
    here, counts = vectors.kinds(every[:-1], every[1:])
    between = vectors.fresh(here, order[-1], here + 1, order[0], counts)
    return vectors.touched(0, int(order[0])) + inside + between


def chunks(offsets: Array, size: int) -> Array:
    """Elements [..., count] as vectors [..., vectors, size] of so many; -1 fills up the last."""
    count = offsets.shape[-1]
    vectors = -(-count // size)
    padded = np.full((*offsets.shape[:-1], vectors * size), -1, np.int64)
    padded[..., :count] = offsets
    return padded.reshape(*offsets.shape[:-1], vectors, size)


def grid_offsets(sizes: Sequence[int], strides: Sequence[int]) -> Array:
    """Offsets of the elements of a grid, last dimension fastest, flattened."""
    steps = zip(sizes, strides, strict=True)
    return summed([np.arange(size, dtype=np.int64) * stride for size, stride in steps])


def summed(axes: Sequence[Array]) -> Array:
    """Sums of one offset of each axis, those of the last one fastest, flattened."""
    result = np.zeros(1, np.int64)
    for each in axes:
        result = np.add.outer(result, each).ravel()
    return result


@dataclass(frozen=True)
class Layout:
    """An operand in memory: strides in bytes by dimension of the streamed element, and what exists of it.

    Offsets count from its first row of memory on; where it wraps, from that of its ring.
    """

    row: Row
    itemsize: int
    strides: tuple[int, ...]
    """Of samples, channels, then each spatial dimension; 0 where the operand does not depend on one."""
    sizes: tuple[int, ...] = ()
    """Spatial sizes, of what a window is read off."""
    before: tuple[int, ...] = ()
    """Pads before it."""
    wrap: Wrap | None = None
    """By dimension of the streamed element."""

    def along(self, dimension: int, place: Array) -> Array:
        """Offsets of places along a dimension."""
        if self.wrap is not None and self.wrap.axis == dimension:
            place = (place + self.wrap.rows - self.wrap.at) % self.wrap.rows
        return place * self.strides[dimension]

    def grid(self, dimensions: Sequence[int], sizes: Sequence[int]) -> Array:
        """Offsets of the first places along dimensions, the last one fastest, flattened."""
        axes = zip(dimensions, sizes, strict=True)
        return summed([self.along(each, np.arange(size, dtype=np.int64)) for each, size in axes])
