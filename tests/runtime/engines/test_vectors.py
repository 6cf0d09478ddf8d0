"""Memory rows of vectors, against their bytes looked at one by one."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.engines.rows import read, rows_of_memory
from tests.samples import examples
from xnn.runtime.engines.vectors import (
    Row,
    Vectors,
    chunks,
    grid_offsets,
    interval_rows,
    repeated_rows,
)

Interval = tuple[int, int]

intervals = st.tuples(st.integers(0, 40), st.integers(0, 20)).map(lambda i: (i[0], i[0] + i[1]))


@given(
    rows_of_memory,
    st.integers(1, 4).flatmap(
        lambda width: st.lists(st.lists(intervals, min_size=width, max_size=width), min_size=1)
    ),
    st.integers(1, 3),
)
def test_runs_of_bytes_whose_sequences_repeat(
    row: Row, sequences: list[list[Interval]], repeats: int
):
    order = [run for sequence in sequences for _ in range(repeats) for run in sequence]
    expected = read(([(low, high - low)] for low, high in order), row)
    low, high = np.moveaxis(np.array(sequences, np.int64), 2, 0)
    assert interval_rows(row, low, high, repeats) == expected.rows


@pytest.mark.parametrize(
    ("runs", "repeats", "expected"),
    [
        ([(0, 64)], 1, 1),
        ([(1, 65)], 1, 2),
        ([(0, 1), (63, 64)], 1, 1),  # the row is held
        ([(0, 1), (64, 65), (0, 1)], 1, 3),  # by the vector before alone
        ([(0, 64), (32, 96)], 1, 2),
        ([(0, 64), (64, 128)], 3, 6),
        ([(0, 64), (10, 20)], 3, 1),  # a repeat holds what the one before ended with
        ([(0, 64), (5, 5), (0, 64)], 1, 1),  # no bytes: what is held stays
        ([(5, 5)], 2, 0),
    ],
)
def test_runs_by_hand(runs: list[Interval], repeats: int, expected: int):
    low, high = np.array(runs, np.int64).T
    assert interval_rows(Row(64, 0), low[None], high[None], repeats) == expected


def test_where_an_operand_begins_in_a_row_decides():
    low, high = np.array([[0]]), np.array([[64]])
    assert [interval_rows(Row(64, start), low, high) for start in (0, 1, 63)] == [1, 2, 2]
    assert interval_rows(Row(16, 8), low, high) == 5


@st.composite
def offset_arrays(draw: st.DrawFn) -> np.ndarray:
    """Offsets [vectors, elements] in any order, some of them -1: nothing there."""
    width = draw(st.integers(1, 5))
    element = st.one_of(st.just(-1), st.integers(0, 60))
    vector = st.lists(element, min_size=width, max_size=width)
    return np.array(draw(st.lists(vector, min_size=1, max_size=6)), np.int64)


def elements(offsets: Sequence[int], place: int, itemsize: int) -> list[tuple[int, int]]:
    return [(place + offset, itemsize) for offset in offsets if offset >= 0]


places = st.lists(st.integers(0, 200), min_size=1, max_size=6)
itemsizes = st.sampled_from([1, 2, 4])


@examples(200)
@given(rows_of_memory, offset_arrays(), itemsizes, places)
def test_vectors_at_several_places(row: Row, offsets: np.ndarray, itemsize: int, where: list[int]):
    order = (elements(vector, place, itemsize) for place in where for vector in offsets.tolist())
    assert repeated_rows(row, offsets, itemsize, np.array(where)) == read(order, row).rows


@given(rows_of_memory, offset_arrays(), itemsizes, places, st.data())
def test_rows_of_pairs_of_vectors(
    row: Row, offsets: np.ndarray, itemsize: int, where: list[int], data: st.DataObject
):
    """Of any vector at any place after any other, counted so many times."""
    vectors = Vectors(row, offsets, itemsize, np.array(where))
    assert vectors.exists.tolist() == [any(each >= 0 for each in v) for v in offsets.tolist()]
    there = st.sampled_from(range(len(where)))
    number = st.sampled_from(range(len(offsets)))
    pair = st.tuples(there, number, there, number, st.integers(0, 3))
    pairs = data.draw(st.lists(pair, min_size=1, max_size=5))
    expected = 0
    for place, vector, next_place, next_vector, times in pairs:
        one = elements(offsets[vector].tolist(), where[place], itemsize)
        other = elements(offsets[next_vector].tolist(), where[next_place], itemsize)
        both, alone = read([one, other], row).rows, read([one], row).rows
        assert vectors.touched(place, vector) == alone
        expected += times * (both - alone)
    assert vectors.fresh(*np.array(pairs).T) == expected


@given(rows_of_memory, places, st.booleans())
def test_one_place_of_each_kind_stands_for_all_that_are_like_it(
    row: Row, where: list[int], in_pairs: bool
):
    offsets = np.array([[0, 9], [20, 3]])
    vectors = Vectors(row, offsets, 1, np.array(where))
    place = np.arange(len(where) - 1 if in_pairs else len(where))
    following = place + 1 if in_pairs else place
    kinds, counts = vectors.kinds(place, *([following] if in_pairs else []))
    assert counts.sum() == len(place)
    first, second = np.array(0), np.array(1)
    every = vectors.fresh(place, first, following, second)
    assert vectors.fresh(kinds, first, kinds + in_pairs, second, counts) == every


def test_chunks_are_filled_up_with_nothing():
    assert chunks(np.arange(5), 2).tolist() == [[0, 1], [2, 3], [4, -1]]
    assert chunks(np.arange(6).reshape(2, 3), 2).tolist() == [[[0, 1], [2, -1]], [[3, 4], [5, -1]]]


def test_a_grid_has_its_last_dimension_fastest():
    assert grid_offsets((2, 3), (10, 1)).tolist() == [0, 1, 2, 10, 11, 12]
    assert grid_offsets((), ()).tolist() == [0]
