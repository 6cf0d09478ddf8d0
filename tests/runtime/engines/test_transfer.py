"""The transfer engines: bursts and rows against elements moved one by one, cycles by hand."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import examples
from xnn.dialects.dsa.access import Access, gather_accesses
from xnn.runtime.engines.transfer import (
    bus_bytes,
    bus_cycles,
    gather,
    move,
    transfer_cost,
    units,
)
from xnn.runtime.targets import load_target

EDGE = load_target("edge")


@st.composite
def slices(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Sizes and strides, in elements, of a slice of a dense array, in the order of its dimensions or not."""
    whole = [draw(st.integers(1, 6)) for _ in range(draw(st.integers(1, 4)))]
    sizes = tuple(draw(st.sampled_from([size, draw(st.integers(1, size))])) for size in whole)
    strides = tuple(int(np.prod(whole[axis + 1 :])) for axis in range(len(whole)))
    order = draw(st.sampled_from([range(len(whole)), draw(st.permutations(range(len(whole))))]))
    return tuple(sizes[axis] for axis in order), tuple(strides[axis] for axis in order)


def counted(offset: int, sizes: tuple, strides: tuple, item: int, unit: int) -> int:
    """Units by the rule: one counts again only if the element before lay in another."""
    total, held = 0, set[int]()
    for index in product(*map(range, sizes)):
        start = offset + item * sum(i * stride for i, stride in zip(index, strides, strict=True))
        touched = {byte // unit for byte in range(start, start + item)}
        total, held = total + len(touched - held), touched
    return total


@examples(300)
@given(slices(), st.integers(0, 200), st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 3, 8, 64]))
def test_units_are_those_of_the_elements_moved_one_by_one(
    part: tuple, offset: int, item: int, unit: int
):
    sizes, strides = part
    assert units(offset, sizes, strides, item, unit) == counted(offset, sizes, strides, item, unit)


@pytest.mark.parametrize(
    ("offset", "sizes", "strides", "expected"),
    [
        (0, (16,), (1,), 1),
        (4, (16,), (1,), 2),  # misaligned
        (0, (1, 1), (1, 1), 1),  # a short one wastes the rest
        (0, (4, 4), (16, 1), 4),  # four runs of a quarter of a burst
        (0, (4, 4), (8, 1), 2),  # two of them in one burst: held from the first to the second
        (0, (4, 16), (16, 1), 4),  # all one run
        (60, (2, 1, 1), (256, 16, 1), 2),
        (0, (3, 2), (1, 64), 6),  # columns: no element lies where the one before did
        (0, (4, 1, 4), (2, 99, 8), 8),  # columns of two bursts each, one after the other
        (0, (2, 3), (0, 1), 1),  # the same elements again
    ],
)
def test_units_by_hand(offset: int, sizes: tuple, strides: tuple, expected: int):
    assert units(offset, sizes, strides, 4, 64) == expected


def access(local: bool, reads: bool, sizes: Sequence[int], strides: Sequence[int]) -> Access:
    dtype = np.dtype(np.float32)
    return Access("", local, reads, not reads, tuple(sizes), tuple(strides), dtype)


@given(slices(), st.integers(0, 99))
def test_the_bus_moves_whole_bursts(part: tuple, place: int):
    sizes, strides = part
    there, bursts = access(False, True, sizes, strides), counted(4 * place, sizes, strides, 4, 64)
    assert bus_bytes(4 * place, there, EDGE) == 64 * bursts
    assert bus_bytes(4 * place + 64 * 1000, there, EDGE) == 64 * bursts


@pytest.mark.parametrize(
    ("bytes_per_cycle", "expected"), [(16, 8), (64, 2), (3, 43), (0.3, 427), (7.5, 18), (1000, 1)]
)
def test_cycles_are_exact_for_any_bandwidth(bytes_per_cycle: float, expected: int):
    target = replace(EDGE, external=replace(EDGE.external, bytes_per_cycle=bytes_per_cycle))
    assert bus_cycles(128, target) == expected
    assert bus_cycles(0, target) == 0


@given(slices(), slices(), st.integers(0, 63), st.booleans())
def test_a_transfer_reads_or_writes_the_rows_of_its_local_side(
    here: tuple, there: tuple, start: int, load: bool
):
    sizes, strides = here
    local, external = access(True, not load, sizes, strides), access(False, load, *there)
    pair = (external, local) if load else (local, external)
    cost = transfer_cost(pair, [start], EDGE)
    rows = counted(start, sizes, strides, 4, 64)
    assert cost.rows == (rows,) and cost.read_rows == (0 if load else rows)
    assert cost.cycles == 1 and not cost.drain  # the bus is priced apart, by addresses


@pytest.mark.parametrize(("elements", "cycles"), [(1, 1), (16, 1), (17, 2), (1600, 100)])
def test_a_transfer_within_local_memory(elements: int, cycles: int):
    pair = access(True, True, [elements], [1]), access(True, False, [elements], [2])
    cost = transfer_cost(pair, [0, 4], EDGE)
    assert cost.terms == {"copy": cycles}
    assert cost.rows == tuple(
        counted(start, (elements,), (stride,), 4, 64) for start, stride in ((0, 1), (4, 2))
    )
    assert cost.read_rows == cost.rows[0]


def test_moving_gathers_and_scatters():
    source, target = np.arange(60).reshape(3, 4, 5), np.zeros((2, 6, 5), int)
    move(source[1:, ::3, 1:4], target[:, 2::3, ::2])
    np.testing.assert_array_equal(target[:, 2::3, ::2], source[1:, ::3, 1:4])
    assert np.count_nonzero(target) == 12


def gathered(
    table: int,
    indices: int,
    sizes: tuple[int, int, int],
    rows: int,
    strides: tuple[int, ...],
    items: tuple[int, int],
) -> int:
    """Bytes of bursts of a gather from addresses of its table and indices; `items`: bytes of an element, an index."""
    dtypes = np.dtype(f"V{items[0]}"), np.dtype(f"V{items[1]}")
    read = gather_accesses(sizes, rows, (strides, strides), dtypes)
    return sum(bus_bytes(*each, EDGE) for each in zip((table, indices), read, strict=False))


@pytest.mark.parametrize(
    ("table", "indices", "read", "expected"),
    [
        # 5 indices of 8 bytes in one burst; rows of 64 bytes, whole bursts
        (0, 64, ((1, 5, 16), 9, (144, 16, 1), (4, 8)), 1 + 5),
        (4, 64, ((1, 5, 16), 9, (144, 16, 1), (4, 8)), 1 + 5 * 2),
        (0, 60, ((1, 5, 16), 9, (144, 16, 1), (4, 8)), 2 + 5),
        # rows of 12 bytes: the one from byte 60 on crosses a burst, if there are so many
        (0, 0, ((1, 1, 3), 5, (15, 3, 1), (4, 8)), 1 + 1),
        (0, 0, ((1, 1, 3), 6, (18, 3, 1), (4, 8)), 1 + 2),
        # the outer part from byte 20 on has a row from byte 56 on
        (0, 0, ((2, 3, 3), 4, (5, 3, 1), (4, 4)), 1 + 3 * (1 + 2)),
        # 3 of rows of 256 bytes
        (0, 0, ((1, 2, 3), 100, (6400, 64, 1), (4, 4)), 1 + 2),
    ],
)
def test_a_gather_costs_what_its_worst_indices_cost(table, indices, read, expected):
    assert gathered(table, indices, *read) == expected * 64


@given(st.integers(0, 200), st.integers(1, 40), st.integers(1, 30), st.integers(1, 3))
def test_a_gather_costs_its_worst_row_of_each_outer_part(table, rows, inner, outer):
    read = (outer, 1, inner), rows, (rows * inner, inner, 1), (2, 4)
    starts = [[table + 2 * inner * (i * rows + row) for row in range(rows)] for i in range(outer)]
    costs = [[units(start % 64, (inner,), (1,), 2, 64) for start in part] for part in starts]
    assert gathered(table, 0, *read) == 64 * (1 + sum(map(max, costs)))


def test_rows_by_indices():
    """Negative ones count from the end, those outside are the nearest."""
    table, target = np.arange(12).reshape(1, 4, 3), np.zeros((1, 6, 2), int)
    gather(table[:, :, 1:], np.array([0, -1, 3, 4, -4, -5], np.int32), target)
    assert target[0, :, 0].tolist() == [1, 10, 10, 10, 1, 1]
