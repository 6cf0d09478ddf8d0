"""The transfer engines: bursts against lines that each run of bytes touches, one byte at a time."""

from dataclasses import replace
from itertools import product
from math import ceil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from xnn.runtime.engines.transfer import (
    IndexedRows,
    bursts,
    bytes_of_gather,
    external_cycles,
    gather,
    local_cycles,
    move,
)
from xnn.runtime.targets import load_target

EDGE = load_target("edge")


@st.composite
def slices(draw: st.DrawFn) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Sizes and strides, in elements, of a slice of a dense array, which it may fill."""
    whole = [draw(st.integers(1, 6)) for _ in range(draw(st.integers(1, 4)))]
    sizes = tuple(draw(st.sampled_from([size, draw(st.integers(1, size))])) for size in whole)
    return sizes, tuple(int(np.prod(whole[axis + 1 :])) for axis in range(len(whole)))


def touched(offset: int, sizes: tuple, strides: tuple, item: int, burst: int) -> int:
    """Bursts that the runs touch: bytes that follow each other are one run, in memory order."""
    total, run = 0, []
    for index in product(*map(range, sizes)):
        start = offset + item * sum(i * stride for i, stride in zip(index, strides, strict=True))
        if run and start == run[-1] + 1:
            run += range(start, start + item)
        else:
            total += len({byte // burst for byte in run})
            run = list(range(start, start + item))
    return total + len({byte // burst for byte in run})


@given(
    slices(), st.integers(0, 200), st.sampled_from([1, 2, 4, 8]), st.sampled_from([1, 8, 32, 64])
)
def test_bursts_are_the_lines_that_each_run_touches(part: tuple, place: int, item: int, burst: int):
    sizes, strides = part
    offset = place * item
    assert bursts(offset, sizes, strides, item, burst) == touched(
        offset, sizes, strides, item, burst
    )


@pytest.mark.parametrize(
    ("offset", "sizes", "strides", "expected"),
    [
        (0, (16,), (1,), 1),
        (4, (16,), (1,), 2),  # misaligned
        (0, (1, 1), (1, 1), 1),  # a short one wastes the rest
        (0, (4, 4), (16, 1), 4),  # four runs of a quarter of a burst
        (0, (4, 16), (16, 1), 4),  # all one run
        (60, (2, 1, 1), (256, 16, 1), 2),
        (0, (3, 2), (1, 64), 6),  # columns: no two elements follow each other
    ],
)
def test_bursts_by_hand(offset: int, sizes: tuple, strides: tuple, expected: int):
    assert bursts(offset, sizes, strides, 4, 64) == expected


@pytest.mark.parametrize(
    ("bytes_per_cycle", "expected"), [(16, 8), (64, 2), (3, 43), (0.3, 427), (7.5, 18), (1000, 1)]
)
def test_cycles_are_exact_for_any_bandwidth(bytes_per_cycle: float, expected: int):
    target = replace(EDGE, external=replace(EDGE.external, bytes_per_cycle=bytes_per_cycle))
    assert external_cycles(target, 0, (32,), (1,), 4) == expected  # 128 bytes


@given(slices(), st.integers(0, 99))
def test_a_transfer_takes_the_place_of_its_bursts_only_from_its_offset(part: tuple, place: int):
    sizes, strides = part
    burst = EDGE.external.burst_bytes
    near = external_cycles(EDGE, 4 * place, sizes, strides, 4)
    assert near == external_cycles(EDGE, 4 * place + 1000 * burst, sizes, strides, 4)
    assert near == ceil(bursts(4 * place % burst, sizes, strides, 4, burst) * burst / 16)


def test_cycles_within_local_memory():
    assert [local_cycles(EDGE, size) for size in (1, 64, 65, 6400)] == [1, 1, 2, 100]


def test_moving_gathers_and_scatters():
    source, target = np.arange(60).reshape(3, 4, 5), np.zeros((2, 6, 5), int)
    move(source[1:, ::3, 1:4], target[:, 2::3, ::2])
    np.testing.assert_array_equal(target[:, 2::3, ::2], source[1:, ::3, 1:4])
    assert np.count_nonzero(target) == 12


@pytest.mark.parametrize(
    ("table", "indices", "read", "expected"),
    [
        # 5 indices of 8 bytes in one burst; rows of 64 bytes, whole bursts
        (0, 64, IndexedRows((1, 5, 16), 9, (144, 16, 1), 4, 8), 1 + 5),
        (4, 64, IndexedRows((1, 5, 16), 9, (144, 16, 1), 4, 8), 1 + 5 * 2),
        (0, 60, IndexedRows((1, 5, 16), 9, (144, 16, 1), 4, 8), 2 + 5),
        # rows of 12 bytes: the one from byte 60 on crosses a burst, if there are so many
        (0, 0, IndexedRows((1, 1, 3), 5, (15, 3, 1), 4, 8), 1 + 1),
        (0, 0, IndexedRows((1, 1, 3), 6, (18, 3, 1), 4, 8), 1 + 2),
        # the outer part from byte 20 on has a row from byte 56 on
        (0, 0, IndexedRows((2, 3, 3), 4, (5, 3, 1), 4, 4), 1 + 3 * (1 + 2)),
        # 3 of rows of 256 bytes
        (0, 0, IndexedRows((1, 2, 3), 100, (6400, 64, 1), 4, 4), 1 + 2),
    ],
)
def test_a_gather_costs_what_its_worst_indices_cost(table, indices, read, expected):
    assert bytes_of_gather(EDGE, table, indices, read) == expected * 64


@given(st.integers(0, 200), st.integers(1, 40), st.integers(1, 30), st.integers(1, 3))
def test_a_gather_costs_its_worst_row_of_each_outer_part(table, rows, inner, outer):
    read = IndexedRows((outer, 1, inner), rows, (rows * inner, inner, 1), 2, 4)
    starts = [[table + 2 * inner * (i * rows + row) for row in range(rows)] for i in range(outer)]
    costs = [[bursts(start % 64, (inner,), (1,), 2, 64) for start in part] for part in starts]
    assert bytes_of_gather(EDGE, table, 0, read) == 64 * (1 + sum(map(max, costs)))


def test_rows_by_indices():
    """Negative ones count from the end, those outside are the nearest."""
    table, target = np.arange(12).reshape(1, 4, 3), np.zeros((1, 6, 2), int)
    gather(table[:, :, 1:], np.array([0, -1, 3, 4, -4, -5], np.int32), target)
    assert target[0, :, 0].tolist() == [1, 10, 10, 10, 1, 1]
