"""Memory rows of a product's operands, against its tiles and vectors read one by one, byte by byte."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.engines.rows import Vector, read, rows_of_memory
from tests.samples import examples
from xnn.dialects.prim.attributes import Domain, Order, WindowAttr
from xnn.dialects.prim.tiling import Form, fits_tile
from xnn.runtime.engines.matmul_streams import (
    Tiling,
    channel_rows,
    lhs_rows,
    out_read,
    pre_channel_rows,
    rhs_read,
)
from xnn.runtime.engines.vectors import Layout, Row

Sizes = tuple[int, ...]


class RowOfLhs(NamedTuple):
    """A row of a tile of lhs, and of the result: of one group, for one of its output phases."""

    group: int
    row: int
    phase: int


class K(NamedTuple):
    group: int
    channel: int
    tap: Sizes


class Column(NamedTuple):
    group: int | None
    """None: those of all groups in the tile."""
    sample: int
    position: Sizes


@dataclass(frozen=True)
class Tile:
    """One step of the array: which rows, k and columns it multiplies, and what it moves."""

    rows: Sequence[RowOfLhs]
    ks: Sequence[K]
    columns: Sequence[Column]
    reads_lhs: bool
    reads_rhs: bool
    writes_out: bool


def tiles(t: Tiling) -> Iterator[Tile]:
    """All tiles in the order in which they are computed."""
    window, phases, r, n = t.window, t.form.output_phases, t.form.groups_per_tile, t.n
    kernel, positions = list(window.kernel), list(t.positions)
    if phases > 1:  # a kernel that spans all phases, without dilation
        stride, dilation = window.strides[-1], window.dilations[-1]
        kernel[-1] = (phases - 1) * stride + dilation * (window.kernel[-1] - 1) + 1
        positions[-1] = ceil(positions[-1] / phases)
    taps = list(product(*map(range, kernel)))
    places = list(product(range(t.batch), product(*map(range, positions))))
    sets = [[0]] if r == 0 else [range(g, min(g + r, t.groups)) for g in range(0, t.groups, r)]
    for groups in sets:
        rows = [RowOfLhs(*each) for each in product(groups, range(t.rows), range(phases))]
        ks = [K(*each) for each in product(groups, range(t.channels), taps)]
        seen = range(t.groups) if r == 0 else [None]
        columns = [Column(group, *place) for group in seen for place in places]
        cuts = [
            [range(low, low + n) for low in range(0, size, n)]
            for size in (
                max(1, r) * t.rows * phases,  # the last set may have fewer groups
                max(1, r) * t.channels * len(taps),
                len(columns),
            )
        ]
        for i, k, j in nest(t.order, *(len(cut) for cut in cuts)):
            yield Tile(
                rows[i * n : i * n + n],
                ks[k * n : k * n + n],
                columns[j * n : j * n + n],
                reads_lhs=t.order != Order.LHS_STATIONARY or j == 0,
                reads_rhs=t.order != Order.RHS_STATIONARY or i == 0,
                writes_out=k == len(cuts[1]) - 1,
            )


def nest(order: Order, rows: int, ks: int, columns: int) -> Iterator[tuple[int, int, int]]:
    """Row, k and column of each tile, in the order of the loops."""
    if order == Order.OUTPUT_STATIONARY:
        yield from ((i, k, j) for i in range(rows) for j in range(columns) for k in range(ks))
    elif order == Order.LHS_STATIONARY:
        yield from ((i, k, j) for i in range(rows) for k in range(ks) for j in range(columns))
    else:
        yield from ((i, k, j) for j in range(columns) for k in range(ks) for i in range(rows))


def lhs_vectors(t: Tiling, row_bytes: int, bits: int) -> Iterator[Vector]:
    """Row by row along k: only the taps of a row's own group, and of its phase, are there."""
    window, phases = t.window, t.form.output_phases

    def original(tap: Sizes, phase: int) -> Sizes | None:
        """The tap of the kernel of one phase that stands at a tap of the kernel of all."""
        if phases == 1:
            return tap
        last, rest = divmod(tap[-1] - phase * window.strides[-1], window.dilations[-1])
        there = not rest and 0 <= last < window.kernel[-1]
        return (*tap[:-1], last) if there else None

    for tile in tiles(t):
        for group, row, phase in tile.rows if tile.reads_lhs else ():
            vector: list[tuple[int, int]] = []
            for k in tile.ks:
                tap = original(k.tap, phase)
                if k.group == group and tap is not None:
                    index = k.channel
                    for size, at in zip(window.kernel, tap, strict=True):
                        index = index * size + at
                    at = row if t.shared else group * t.rows + row
                    low = 8 * at * row_bytes + index * bits
                    first, end = low // 8, ceil((low + bits) / 8)
                    vector.append((first, end - first))
            yield vector


def rhs_vectors(t: Tiling, layout: Layout) -> Iterator[Vector]:
    """Tap by tap along the columns; a matrix along its dimension of smaller stride."""
    window, phases = t.window, t.form.output_phases

    def element(k: K, column: Column) -> int | None:
        group = k.group if column.group is None else column.group
        offset = column.sample * layout.strides[0]
        offset += (group * t.channels + k.channel) * layout.strides[1]
        for axis, at in enumerate(column.position):
            last = phases > 1 and axis == len(window.kernel) - 1
            step = window.strides[axis] * (phases if last else 1)
            place = at * step + k.tap[axis] * (1 if last else window.dilations[axis])
            place -= layout.before[axis]
            if not 0 <= place < layout.sizes[axis]:
                return None
            offset += place * layout.strides[2 + axis]
        return offset

    along_k = not window.kernel and layout.strides[1] <= layout.strides[0]
    for tile in tiles(t):
        if tile.reads_rhs:
            pairs: Iterator[list[tuple[K, Column]]] = (
                ([(k, column) for k in tile.ks] for column in tile.columns)
                if along_k
                else ([(k, column) for column in tile.columns] for k in tile.ks)
            )
            for vector in pairs:
                offsets = (element(*pair) for pair in vector)
                yield [(offset, layout.itemsize) for offset in offsets if offset is not None]


def out_vectors(t: Tiling, layout: Layout) -> Iterator[Vector]:
    """Row by row along n columns, or column by column along the rows if these lie closer."""
    phases = t.form.output_phases
    side_by_side = t.form.groups_per_tile == 0
    samples, channels, *spatial = layout.strides
    axes = [(t.batch, samples), *zip(t.positions, spatial, strict=True)]
    if side_by_side:
        axes.insert(0, (t.groups, t.rows * channels))
    steps = [step for size, step in axes if size > 1]
    several_rows = max(1, t.form.groups_per_tile) * t.rows > 1
    along_rows = several_rows and (not steps or channels < steps[-1])

    def element(row: tuple[int, int], column: Column) -> tuple[int, int]:
        group = row[0] if column.group is None else column.group
        offset = column.sample * samples + (group * t.rows + row[1]) * channels
        offset += sum(at * step for at, step in zip(column.position, spatial, strict=True))
        return offset, layout.itemsize

    for tile in tiles(t):
        if tile.writes_out:
            rows = list(dict.fromkeys((group, row) for group, row, _ in tile.rows))
            columns = [
                Column(group, sample, position)
                for group, sample, first in tile.columns
                for position in interleaved(first, phases, t.positions)
            ]
            if along_rows:
                yield from ([element(row, column) for row in rows] for column in columns)
            else:
                for row, low in product(rows, range(0, len(columns), t.n)):
                    yield [element(row, column) for column in columns[low : low + t.n]]


def interleaved(first: Sizes, phases: int, positions: Sizes) -> list[Sizes]:
    """The positions that a column has the phases of."""
    if not first:
        return [first]
    *outer, last = first
    numbers = range(last * phases, min((last + 1) * phases, positions[-1]))
    return [(*outer, number) for number in numbers]


def post_channel_vectors(t: Tiling, stride: int, itemsize: int) -> Iterator[Vector]:
    """An element for each row of a tile of the result."""
    for tile in tiles(t):
        if tile.writes_out:
            channels = {group * t.rows + row for group, row, _ in tile.rows}
            yield [(channel * stride, itemsize) for channel in channels]


def pre_channel_vectors(t: Tiling, stride: int, itemsize: int) -> Iterator[Vector]:
    """An element for each channel of a tile of rhs."""
    for tile in tiles(t):
        if tile.reads_rhs:
            channels = {k.group * t.channels + k.channel for k in tile.ks}
            yield [(channel * stride, itemsize) for channel in channels]


# cases


@st.composite
def tilings(draw: st.DrawFn) -> Tiling:
    """Blocks of products of up to two spatial dimensions, in any form that fits their tiles."""
    rank = draw(st.sampled_from([0, 1, 2, 2]))

    def each(*sizes: int) -> Sizes:
        return tuple(draw(st.sampled_from(sizes)) for _ in range(rank))

    groups = draw(st.sampled_from([1, 1, 2, 3, 5]))
    window = WindowAttr(
        kernel=each(1, 2, 3), strides=each(1, 2, 3), dilations=each(1, 1, 2), groups=groups
    )
    block = Domain(
        batch=draw(st.integers(1, 2)),
        groups=groups,
        rows=draw(st.sampled_from([1, 1, 2, 3, 5, 9])),
        channels=draw(st.sampled_from([1, 2, 3, 7])),
        positions=each(1, 2, 3, 4, 5, 6),
    )
    n, shared = draw(st.sampled_from([1, 2, 4, 8, 16])), groups > 1 and draw(st.booleans())
    phases = (
        draw(st.integers(1, block.positions[-1] + 1)) if rank else 1
    )  # more in a block at an edge
    per_tile = draw(st.integers(0 if shared else 1, groups))
    choices = (Form(draw(st.sampled_from(list(Order))), per_tile, phases), Form())
    form = next(form for form in choices if fits_tile(block, window, form, n))
    sizes = block.batch, groups, block.rows, block.channels, block.positions
    return Tiling(n, form, *sizes, window, shared)


@st.composite
def layouts(draw: st.DrawFn, sizes: Sizes, constant: bool = False) -> Layout:
    """An array in memory, from anywhere in a row on, whose dimensions may have gaps after them."""
    itemsize = draw(st.sampled_from([1, 2, 4]))
    strides, step = [0] * len(sizes), itemsize
    order = draw(st.permutations(range(len(sizes)))) if draw(st.booleans()) else range(len(sizes))
    for axis in reversed(order):
        strides[axis] = step
        step *= sizes[axis] + draw(st.sampled_from([0, 0, 1, 3]))
    if constant:  # as an operand of a region may be along some dimensions
        strides = [stride * draw(st.integers(0, 1)) for stride in strides]
    return Layout(draw(rows_of_memory), itemsize, tuple(strides))


@st.composite
def windowed(draw: st.DrawFn, t: Tiling, constant: bool) -> Layout:
    """A layout of what a window is read off, of which pads before and after do not exist."""
    spans = t.window.spans(t.positions)
    before = tuple(draw(st.integers(0, 2)) for _ in spans)
    sizes = tuple(
        max(1, span - low - draw(st.integers(0, 2)))
        for span, low in zip(spans, before, strict=True)
    )
    layout = draw(layouts((t.batch, t.groups * t.channels, *sizes), constant))
    return Layout(layout.row, layout.itemsize, layout.strides, sizes, before)


many = examples(120)


@many
@given(st.data(), tilings(), rows_of_memory, st.sampled_from([1, 2, 4, 8, 16, 32]))
def test_rows_of_lhs(data: st.DataObject, t: Tiling, row: Row, bits: int):
    taps = ceil(t.channels * t.window.taps * bits / 8)
    row_bytes = taps + data.draw(st.sampled_from([0, 0, 3]))
    assert lhs_rows(t, row, row_bytes, bits) == read(lhs_vectors(t, row_bytes, bits), row).rows


@many
@given(st.data(), tilings(), st.booleans())
def test_rows_of_rhs_and_of_operands_of_pre_that_differ_by_position(
    data: st.DataObject, t: Tiling, constant: bool
):
    layout = data.draw(windowed(t, constant))
    assert rhs_read(t, layout) == read(rhs_vectors(t, layout), layout.row)


@many
@given(st.data(), tilings(), st.booleans())
def test_rows_of_the_result_and_of_operands_of_post_that_differ_by_column(
    data: st.DataObject, t: Tiling, constant: bool
):
    layout = data.draw(layouts((t.batch, t.groups * t.rows, *t.positions), constant))
    assert out_read(t, layout) == read(out_vectors(t, layout), layout.row)


Vectors = Callable[[Tiling, int, int], Iterator[Vector]]
Rows = Callable[[Tiling, Row, int, int], int]


@pytest.mark.parametrize(
    ("rows", "vectors"),
    [(channel_rows, post_channel_vectors), (pre_channel_rows, pre_channel_vectors)],
    ids=["post", "pre"],
)
@many
@given(
    tilings().filter(lambda t: t.form.groups_per_tile),
    rows_of_memory,
    st.sampled_from([1, 2, 4]),
    st.sampled_from([0, 1, 2]),
)
def test_rows_of_an_operand_that_is_the_same_for_all_columns(
    rows: Rows, vectors: Vectors, t: Tiling, row: Row, itemsize: int, step: int
):
    if row.bytes >= itemsize * step:  # or it would leave out rows
        stride = itemsize * step
        assert rows(t, row, stride, itemsize) == read(vectors(t, stride, itemsize), row).rows
