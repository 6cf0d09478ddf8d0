"""In which order a matrix product reads and writes its operands, and the memory rows that it takes.

Loops over tiles, outermost first: groups (as many as share a tile); output-stationary: rows, columns, k;
lhs-stationary: rows, k, columns; rhs-stationary: columns, k, rows. A kept tile is read once for each
iteration of the loops around it, one that streams in each iteration. In a tile:

* lhs is read row by row, as vectors along k, where the taps of a row lie side by side.
* rhs through a window is read tap by tap, as vectors of n consecutive columns: positions, last dimension
  fastest, then samples (then groups, side by side). Without a kernel it is a matrix, which is read
  along its dimension of smaller stride.
* The result is written row by row, as vectors of n consecutive columns, or column by column along the
  rows, whichever dimension has the smaller stride. Output phases are interleaved.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import prod

import numpy as np

from xnn.dialects.prim.attributes import Domain, Order, WindowAttr
from xnn.dialects.prim.tiling import Form, Product, phase_window, tiles
from xnn.runtime.engines.vectors import (
    Array,
    Layout,
    Row,
    Vectors,
    chunks,
    grid_offsets,
    interval_rows,
    summed,
)

CACHED = 1 << 14
"""Streams whose rows are remembered: blocks of a network are alike."""


@dataclass(frozen=True)
class Tiling:
    """A block of a product in tiles: what the order of its streams follows from."""

    n: int
    form: Form
    batch: int
    groups: int
    rows: int
    channels: int
    positions: tuple[int, ...]
    window: WindowAttr
    shared: bool = False
    lhs_bits: int = 0

    @property
    def order(self) -> Order:
        return self.form.order

    @cached_property
    def product(self) -> Product:
        """Its sizes in tiles."""
        sizes = (self.batch, self.groups, self.rows, self.channels, *self.positions)
        return Product.of(Domain.of_sizes(sizes), self.window, self.form)

    @cached_property
    def taps(self) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
        """Kernel, strides and dilations, those of the last dimension for all output phases at once."""
        window = self.window
        if self.form.output_phases == 1:
            return window.kernel, window.strides, window.dilations
        kernel, stride = phase_window(window, self.form.output_phases)
        return (
            (*window.kernel[:-1], int(kernel)),
            (*window.strides[:-1], int(stride)),
            (*window.dilations[:-1], 1),
        )

    @property
    def together(self) -> int:
        """Groups that stand block-diagonally in a tile."""
        return max(1, self.form.groups_per_tile)

    @property
    def side_by_side(self) -> bool:
        """Whether the columns of all groups stand side by side."""
        return self.form.groups_per_tile == 0

    @property
    def sets(self) -> int:
        """Sets of groups that share tiles."""
        return int(self.product.groups)

    @property
    def column_sizes(self) -> tuple[int, ...]:
        """Columns of rhs: samples, then positions, as many together as there are output phases."""
        if not self.positions:
            return (self.batch,)
        *outer, last = self.positions
        return (self.batch, *outer, tiles(last, self.form.output_phases))

    @property
    def column_tiles(self) -> int:
        return int(tiles(self.product.columns, self.n))

    @property
    def set_rows(self) -> int:
        """Rows of a set, without those that output phases add."""
        return self.together * self.rows

    @property
    def row_tiles(self) -> int:
        return int(tiles(self.product.m, self.n))

    @property
    def k(self) -> int:
        return int(self.product.k)

    @property
    def k_tiles(self) -> int:
        return tiles(self.k, self.n)


@dataclass(frozen=True)
class Read:
    """What a stream takes."""

    rows: int
    vectors: int
    """Vectors that have bytes."""


@lru_cache(CACHED)
def lhs_rows(tiling: Tiling, row: Row, row_bytes: int, bits: int) -> int:
    """Rows that reading lhs takes: `row_bytes` from one of its rows to the next, elements of `bits`."""
    phases, per_set = tiling.form.output_phases, tiling.set_rows
    number = np.arange(tiling.sets * per_set).reshape(tiling.sets, per_set)
    exists = number < (tiling.rows if tiling.side_by_side else tiling.groups * tiling.rows)
    if tiling.shared:
        number = number % tiling.rows
    base = np.repeat(np.where(exists, number, -1), phases, axis=1)
    padded = np.full((tiling.sets, tiling.row_tiles * tiling.n), -1, np.int64)
    padded[:, : base.shape[1]] = base
    base = padded.reshape(tiling.sets, tiling.row_tiles, 1, tiling.n)
    phase = (
        np.arange(tiling.row_tiles * tiling.n).reshape(1, tiling.row_tiles, 1, tiling.n) % phases
    )
    first, end = _kept_taps(tiling, phase)
    low, high = ((base * row_bytes * 8 + each * bits) for each in (first, end))
    low, high = low // 8, -(-high // 8)
    high = np.where((base < 0) | (end <= first), low, high)  # packed: not part of a byte either
    columns = tiling.column_tiles
    if tiling.order == Order.OUTPUT_STATIONARY:
        shape, times = (tiling.sets * tiling.row_tiles, -1), columns
    elif tiling.order == Order.LHS_STATIONARY:
        shape, times = (tiling.sets, -1), 1
    else:
        low, high = low.swapaxes(1, 2), high.swapaxes(1, 2)
        shape, times = (tiling.sets, -1), columns
    return interval_rows(row, low.reshape(shape), high.reshape(shape), times)


def _kept_taps(tiling: Tiling, phase: Array) -> tuple[Array, Array]:
    """Per tile of k and row of a phase, the range of a row's taps that stand there."""
    bounds = (np.arange(tiling.k_tiles + 1) * tiling.n).reshape(1, 1, -1, 1)
    if tiling.form.output_phases == 1:
        whole = tiling.channels * tiling.window.taps
        before = np.broadcast_to(
            np.minimum(bounds, whole), (1, *phase.shape[1:2], bounds.size, phase.shape[3])
        )
    else:
        window, (kernel, _, _) = tiling.window, tiling.taps
        rows, rest = bounds // kernel[-1], bounds % kernel[-1]
        inside = -(-(rest - phase * window.strides[-1]) // window.dilations[-1])
        before = rows * window.kernel[-1] + np.clip(inside, 0, window.kernel[-1])
        before = np.minimum(before, tiling.channels * window.taps)
    if tiling.together > 1:  # one tile has all taps of each of its groups
        return np.zeros_like(before[:, :, :1]), np.full_like(
            before[:, :, :1], tiling.channels * tiling.window.taps
        )
    return before[:, :, :-1], before[:, :, 1:]


@lru_cache(CACHED)
def rhs_read(tiling: Tiling, layout: Layout) -> Read:
    """What reading rhs takes, or an operand of `pre` that differs from position to position."""
    if not tiling.window.kernel and layout.strides[1] <= layout.strides[0]:
        return _matrix(tiling, layout)
    return _Window(tiling, layout).read()


def _matrix(tiling: Tiling, layout: Layout) -> Read:
    """rhs as a matrix without a window, along k."""
    groups = tiling.groups if tiling.side_by_side else 1
    group = tiling.channels * layout.strides[1]
    columns = grid_offsets((groups, tiling.batch), (group, layout.strides[0]))
    bases = np.arange(tiling.sets) * tiling.together * group
    last = tiling.groups - (tiling.sets - 1) * tiling.together
    last = tiling.channels * (1 if tiling.side_by_side else last)  # channels of the last set
    taps = np.arange(tiling.k) * layout.strides[1]
    both = np.stack([taps, np.where(np.arange(tiling.k) < last, taps, -1)])
    vectors = Vectors(
        layout.row,
        chunks(both, tiling.n).reshape(-1, tiling.n),
        layout.itemsize,
        (bases[:, None] + columns).ravel(),
    )
    tile, column = (each.ravel() for each in np.indices((tiling.k_tiles, len(columns))))
    outer = [] if tiling.order == Order.LHS_STATIONARY else [column // tiling.n]
    order = np.lexsort([column, tile, *outer])
    number = np.arange(tiling.sets)[:, None]
    place = number * len(columns) + column[order]
    vector = tile[order] + np.where(number == tiling.sets - 1, tiling.k_tiles, 0)
    exists = vectors.exists[vector]
    times = 1 if tiling.order == Order.RHS_STATIONARY else tiling.row_tiles
    rows, before = 0, None
    for places, each, here in zip(place, vector, exists, strict=True):
        places, each = places[here], each[here]
        ends = places[-1:], each[-1:]
        rows += times * vectors.fresh(places[:-1], each[:-1], places[1:], each[1:])
        rows += (times - 1) * vectors.fresh(*ends, places[:1], each[:1])
        entry = vectors.touched(int(places[0]), int(each[0]))
        rows += entry if before is None else vectors.fresh(*before, places[:1], each[:1])
        before = ends
    return Read(rows, times * int(exists.sum()))


class _Window:
    """rhs through a window: a vector for each channel, tap and n columns."""

    def __init__(self, tiling: Tiling, layout: Layout):
        self.tiling = tiling
        offsets = _window_offsets(tiling, layout)
        self.taps, self.columns = offsets.shape[:2]
        self.channels = tiling.channels * (1 if tiling.side_by_side else tiling.groups)
        places = np.arange(self.channels) * layout.strides[1]
        flat = offsets.reshape(-1, offsets.shape[2])
        self.vectors = Vectors(layout.row, flat, layout.itemsize, places)
        self.exists = self.vectors.exists.reshape(self.taps, self.columns)
        self.set_channels = tiling.channels * tiling.together

    def read(self) -> Read:
        tiling = self.tiling
        if not self.exists.any():
            return Read(0, 0)
        times = 1 if tiling.order == Order.RHS_STATIONARY else tiling.row_tiles
        first = np.arange(0, self.channels, self.set_channels)
        last = np.minimum(first + self.set_channels, self.channels) - 1
        runs = self._tap_runs()
        by_tile = tiling.order == Order.LHS_STATIONARY and tiling.k_tiles > 1
        if by_tile:
            inside, start, end = self._by_tiles(first, runs)
        else:
            inside = runs + self._columns(first, last)
            here = np.flatnonzero(self.exists.any(axis=0))
            low, high = self._ends()
            start = first, self._vector(low[here[0]], here[0])
            end = last, self._vector(high[here[-1]], here[-1])
        rows = self.vectors.touched(int(np.atleast_1d(start[0])[0]), int(start[1]))
        rows += times * inside
        rows += (times - 1) * self.vectors.fresh(*end, *start)
        rows += self.vectors.fresh(end[0][:-1], end[1], start[0][1:], start[1])
        return Read(rows, times * self.channels * int(self.exists.sum()))

    def _vector(self, tap: Array, column: Array) -> Array:
        return tap * self.columns + column

    def _ends(self) -> tuple[Array, Array]:
        """The first and the last tap with bytes of each tile of columns."""
        first = self.exists.argmax(axis=0)
        return first, self.taps - 1 - self.exists[::-1].argmax(axis=0)

    def _tap_runs(self) -> int:
        """From tap to tap of a channel, then to the next channel of the set, in each tile of columns."""
        tap = np.where(self.exists, np.arange(self.taps)[:, None], -1)
        before = np.maximum.accumulate(tap, axis=0)[:-1]
        at = np.nonzero(self.exists[1:] & (before >= 0))
        previous, following = self._vector(before[at], at[1]), self._vector(at[0] + 1, at[1])
        places, counts = self.vectors.kinds(np.arange(self.channels))
        total = self.vectors.fresh(
            places[:, None], previous, places[:, None], following, counts[:, None]
        )
        channel = np.arange(self.channels - 1)
        channel = channel[(channel + 1) % self.set_channels != 0]
        place, counts = self.vectors.kinds(channel, channel + 1)
        here = np.flatnonzero(self.exists.any(axis=0))
        first, last = self._ends()
        return total + self.vectors.fresh(
            place[:, None],
            self._vector(last[here], here),
            place[:, None] + 1,
            self._vector(first[here], here),
            counts[:, None],
        )

    def _columns(self, first: Array, last: Array) -> int:
        """From the last tap of each tile of columns to the first of the next one."""
        here = np.flatnonzero(self.exists.any(axis=0))
        low, high = self._ends()
        return self.vectors.fresh(
            last[:, None],
            self._vector(high[here[:-1]], here[:-1]),
            first[:, None],
            self._vector(low[here[1:]], here[1:]),
        )

    def _by_tiles(
        self, sets: Array, runs: int
    ) -> tuple[int, tuple[Array, Array], tuple[Array, Array]]:
        """Lhs-stationary: all columns of a tile of k before the next one.

        Returns the rows of a pass, and the vectors with which it begins and ends.
        """
        tiling, n = self.tiling, self.tiling.n
        k = np.arange(tiling.k_tiles * n)
        exists = np.zeros((tiling.k_tiles * n, self.columns), np.bool_)
        exists[: tiling.k] = self.exists[k[: tiling.k] % self.taps]
        exists = exists.reshape(tiling.k_tiles, n, self.columns)
        some = exists.any(axis=1)
        start = np.arange(tiling.k_tiles)[:, None] * n
        low = start + exists.argmax(axis=1)
        high = start + n - 1 - exists[:, ::-1].argmax(axis=1)
        tile, column = np.nonzero(some)
        entries, exits = low[tile, column], high[tile, column]
        order = np.lexsort((tile, column))  # by columns: what `runs` counted across tiles is not so
        same = np.flatnonzero(column[order][1:] == column[order][:-1])
        here, there = order[:-1][same], order[1:][same]
        crossed = self._between(sets, exits[here], column[here], entries[there], column[there])
        linked = self._between(sets, exits[:-1], column[:-1], entries[1:], column[1:])
        ends = [
            (sets + at // self.taps, self._vector(at % self.taps, where))
            for at, where in ((entries[0], column[0]), (exits[-1], column[-1]))
        ]
        return runs - crossed + linked, ends[0], ends[1]

    def _between(
        self, sets: Array, k: Array, column: Array, next_k: Array, next_column: Array
    ) -> int:
        return self.vectors.fresh(
            sets[:, None] + k // self.taps,
            self._vector(k % self.taps, column),
            sets[:, None] + next_k // self.taps,
            self._vector(next_k % self.taps, next_column),
        )


def _window_offsets(tiling: Tiling, layout: Layout) -> Array:
    """Bytes from a channel to its elements: [taps, tiles of columns, n], -1 where there is none."""
    kernel, strides, dilations = tiling.taps
    samples, *positions = tiling.column_sizes
    tap = np.indices(kernel).reshape(len(kernel), prod(kernel))
    at = np.indices(positions).reshape(len(kernel), prod(positions))
    offsets = np.zeros((tap.shape[1], at.shape[1]), np.int64)
    exists = np.ones(offsets.shape, np.bool_)
    for axis, size in enumerate(layout.sizes):
        place = (
            at[axis] * strides[axis] - layout.before[axis] + tap[axis][:, None] * dilations[axis]
        )
        exists &= (place >= 0) & (place < size)
        offsets += layout.along(2 + axis, place)
    groups = tiling.groups if tiling.side_by_side else 1
    outer = grid_offsets(
        (groups, samples), (tiling.channels * layout.strides[1], layout.strides[0])
    )
    offsets = offsets[:, None, :] + outer[:, None]
    offsets[~np.broadcast_to(exists[:, None, :], offsets.shape)] = -1
    return chunks(offsets.reshape(len(offsets), -1), tiling.n)


@lru_cache(CACHED)
def out_read(tiling: Tiling, layout: Layout) -> Read:
    """What writing the result takes, or reading an operand of `post` that differs from column to column."""
    along = _along_rows if _rows_are_closer(tiling, layout) else _along_columns
    vectors, place, number = along(tiling, layout)
    exists = vectors.exists[number]
    place, number = place[exists], number[exists]
    first = vectors.touched(int(place[0]), int(number[0]))
    rows = first + vectors.fresh(place[:-1], number[:-1], place[1:], number[1:])
    return Read(rows, len(number))


Sequence = tuple[Vectors, Array, Array]
"""Vectors, and in the order of use the place and the number of each."""


def _rows_are_closer(tiling: Tiling, layout: Layout) -> bool:
    """Whether rows of the result have a smaller stride than its columns."""
    samples, channels, *spatial = layout.strides
    groups = [(tiling.groups, tiling.rows * channels)] if tiling.side_by_side else []
    axes = [*groups, (tiling.batch, samples), *zip(tiling.positions, spatial, strict=True)]
    steps = [step for size, step in axes if size > 1]
    return tiling.set_rows > 1 and (not steps or channels < steps[-1])


def _set_rows(tiling: Tiling) -> list[Array]:
    """Rows of the result in each set of groups that share tiles."""
    last = tiling.rows if tiling.side_by_side else tiling.groups * tiling.rows
    starts = range(0, tiling.sets * tiling.set_rows, tiling.set_rows)
    return [np.arange(start, min(start + tiling.set_rows, last)) for start in starts]


def _along_columns(tiling: Tiling, layout: Layout) -> Sequence:
    """Vectors of n columns, a row at a time."""
    columns = _column_offsets(tiling, layout)
    numbers = np.arange(columns.shape[0] * columns.shape[1]).reshape(columns.shape[0], 1, -1)
    rows = np.concatenate(_set_rows(tiling))
    flat = columns.reshape(-1, tiling.n)
    vectors = Vectors(layout.row, flat, layout.itemsize, rows * layout.strides[1])
    streams = tiling.order == Order.RHS_STATIONARY or tiling.form.output_phases > 1
    places: list[Array] = []
    order: list[Array] = []
    for rows in _set_rows(tiling):
        height = len(rows) if streams else tiling.n
        for low in range(0, len(rows), height):
            tile = rows[low : low + height, None]
            shape = (len(columns), len(tile), columns.shape[1])
            places.append(np.broadcast_to(tile, shape).ravel())
            order.append(np.broadcast_to(numbers, shape).ravel())
    return vectors, np.concatenate(places), np.concatenate(order)


def _along_rows(tiling: Tiling, layout: Layout) -> Sequence:
    """Vectors of the rows of a tile, a column at a time."""
    columns = _column_offsets(tiling, layout).reshape(tiling.column_tiles, -1)
    tile_of = np.nonzero(columns >= 0)[0]
    columns = columns[columns >= 0]
    height = tiling.n // tiling.form.output_phases
    sets = _set_rows(tiling)
    rows = np.concatenate([chunks((each - each[0]) * layout.strides[1], height) for each in sets])
    bases = np.array([each[0] for each in sets]) * layout.strides[1]
    vectors = Vectors(layout.row, rows, layout.itemsize, (bases[:, None] + columns).ravel())
    places: list[Array] = []
    order: list[Array] = []
    begin = 0
    together = tile_of if tiling.order == Order.RHS_STATIONARY else np.zeros_like(tile_of)
    for number, each in enumerate(sets):
        tiles_here = begin + np.arange(tiles(len(each), height))
        begin = int(tiles_here[-1]) + 1
        for tile in np.unique(together):
            mine = number * len(columns) + np.flatnonzero(together == tile)
            places.append(np.tile(mine, len(tiles_here)))
            order.append(np.repeat(tiles_here, len(mine)))
    return vectors, np.concatenate(places), np.concatenate(order)


def _column_offsets(tiling: Tiling, layout: Layout) -> Array:
    """Bytes from a row to its elements: [tiles of columns, vectors, n], -1 where there is none."""
    groups = tiling.groups if tiling.side_by_side else 1
    samples, channels, *_ = layout.strides
    start = grid_offsets((groups, tiling.batch), (tiling.rows * channels, samples))
    if not tiling.positions:
        return chunks(start, tiling.n)[:, None]
    *outer, last = tiling.positions
    phases, inner = tiling.form.output_phases, 1 + len(tiling.positions)
    start = summed([start, layout.grid(range(2, inner), outer)])
    along = np.full(tiles(last, phases) * phases, -1, np.int64)
    along[:last] = layout.along(inner, np.arange(last))
    offsets = np.where(along < 0, -1, start[:, None] + along)
    tile = chunks(offsets.ravel(), tiling.n * phases)
    if last % phases:  # a tile has no holes
        absent = np.argsort(tile < 0, axis=1, kind="stable")
        tile = np.take_along_axis(tile, absent, axis=1)
    return chunks(tile, tiling.n)


@lru_cache(CACHED)
def channel_rows(tiling: Tiling, row: Row, stride: int, itemsize: int) -> int:
    """Rows of an operand of `post` that is the same for all columns: read once for each tile of the result."""
    height = tiling.n if tiling.form.output_phases == 1 else tiling.set_rows
    first = (
        np.arange(0, tiling.set_rows, height) + np.arange(tiling.sets)[:, None] * tiling.set_rows
    )
    last = tiling.rows if tiling.side_by_side else tiling.groups * tiling.rows
    end = np.minimum(np.minimum(first + height, first[:, :1] + tiling.set_rows), last)
    times = tiling.column_tiles if tiling.order == Order.RHS_STATIONARY else 1
    low, high = first * stride, (end - 1) * stride + itemsize
    return interval_rows(row, low, np.where(end > first, high, low), times)


@lru_cache(CACHED)
def pre_channel_rows(tiling: Tiling, row: Row, stride: int, itemsize: int) -> int:
    """Rows of an operand of `pre` that is the same for all positions: read once for each tile of rhs."""
    taps = prod(tiling.taps[0])
    edges = np.minimum(np.arange(tiling.k_tiles + 1) * tiling.n, tiling.k)
    low, high = edges[:-1] // taps, -(-edges[1:] // taps)
    base = np.arange(tiling.sets)[:, None] * tiling.channels * tiling.together
    end = tiling.channels * (1 if tiling.side_by_side else tiling.groups)
    low, high = np.minimum(base + low, end), np.minimum(base + high, end)
    first, last = low * stride, (high - 1) * stride + itemsize
    last = np.where(high > low, last, first)
    times = tiling.column_tiles if tiling.order != Order.LHS_STATIONARY else 1
    times *= 1 if tiling.order == Order.RHS_STATIONARY else tiling.row_tiles
    return interval_rows(row, first, last, times)
