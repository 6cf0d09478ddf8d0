"""Strided layouts, against indices written out."""

from math import prod

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from xnn.dialects.strides import cover, divided, joined, refined, within
from xnn.dialects.values import dense_strides

SIZES = st.lists(st.integers(1, 4), max_size=4).map(tuple)
STRIDES = st.lists(st.integers(0, 6), min_size=4, max_size=4)


def elements(sizes: tuple[int, ...], strides: tuple[int, ...], offset: int = 0) -> np.ndarray:
    """The element at each index, in order."""
    index = np.indices(sizes).reshape(len(sizes), prod(sizes))
    return offset + np.array(strides, np.int64) @ index


@given(SIZES, STRIDES)
def test_joined_axes_have_the_same_elements(sizes: tuple, strides: list):
    axes = joined(zip(sizes, strides, strict=False))
    merged = elements(tuple(size for size, _ in axes), tuple(stride for _, stride in axes))
    np.testing.assert_array_equal(merged, elements(sizes, tuple(strides[: len(sizes)])))


@given(SIZES, STRIDES, st.data())
def test_divided_axes_have_the_same_elements_or_there_are_no_such_strides(sizes, strides, data):
    others = data.draw(st.permutations(sizes)) if data.draw(st.booleans()) else (prod(sizes),)
    whole = elements(sizes, tuple(strides[: len(sizes)]))
    found = divided(zip(sizes, strides, strict=False), others)
    steps = whole.reshape(others)
    if found is None:  # some index goes on by different steps
        different = [np.unique(np.diff(steps, axis=axis)) for axis in range(steps.ndim)]
        assert any(len(each) > 1 for each in different)
    else:
        np.testing.assert_array_equal(elements(tuple(others), found), whole)


def test_dense_axes_divide_into_dense_ones():
    assert divided([(24, 1)], (1, 2, 3, 1, 4)) == dense_strides((1, 2, 3, 1, 4))
    assert divided([(2, 20), (12, 1)], (1, 24)) is None


def test_refined_sizes_join_to_each_shape():
    assert refined((4, 6), (8, 3)) == (4, 2, 3)
    assert refined((2, 3), (3, 2)) is None
    assert refined((1, 1), ()) == (1,)


@given(SIZES, st.data())
def test_a_part_of_a_part_lies_in_the_whole(shape: tuple, data):
    starts = [data.draw(st.integers(0, size - 1)) for size in shape]
    counts = tuple(data.draw(st.integers(1, n - s)) for n, s in zip(shape, starts, strict=True))
    dense = dense_strides(shape)
    offset = sum(i * step for i, step in zip(starts, dense, strict=True))
    outer = 5, tuple(data.draw(st.integers(1, 99)) for _ in shape)
    found = within(counts, (offset, dense), shape, outer)
    assert found is not None
    where = elements(shape, outer[1], 5).reshape(shape)
    box = where[tuple(slice(s, s + n) for s, n in zip(starts, counts, strict=True))]
    np.testing.assert_array_equal(elements(counts, found[1], found[0]).ravel(), box.ravel())


def test_what_goes_on_in_the_next_row_has_no_strides_in_a_larger_whole():
    assert within((4,), (1, (1,)), (2, 3), (0, (10, 1))) is None
    assert within((2,), (1, (2,)), (2, 3), (0, (10, 1))) is None


@given(st.integers(1, 5), st.integers(1, 3))
def test_parts_cover_a_tensor_if_they_have_each_element_once(cut: int, inner: int):
    strides = (6 * inner, 1)
    parts = [((2, cut * inner), (0, strides)), ((2, (6 - cut) * inner), (cut * inner, strides))]
    assert cover(12 * inner, parts)
    assert not cover(12 * inner, parts[:1])
    assert not cover(12 * inner, [parts[0], parts[1], ((1,), (0, (1,)))])
    moved = [parts[0], (parts[1][0], (cut * inner - 1, strides))]
    assert not cover(12 * inner, moved)
    assert not cover(12 * inner, [parts[0], (parts[1][0], (cut * inner + 1, strides))])


def test_interleaved_parts_cover_a_tensor():
    assert cover(8, [((2, 2), (i, (4, 2))) for i in range(2)])
    assert not cover(8, [((2, 2), (0, (4, 2)))] * 2)
