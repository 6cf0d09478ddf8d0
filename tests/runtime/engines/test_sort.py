"""The sort engine: window maxima against a loop, cycles against rows and vectors counted one by one."""

from itertools import product
from math import ceil, prod

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnn.dialects.prim import Domain
from xnn.dialects.windows import positions
from xnn.runtime.engines.sort import window_cycles, window_maximum


@st.composite
def windows(draw: st.DrawFn) -> list[tuple[int, int, int, int, tuple[int, int]]]:
    """Size, kernel, stride, dilation and pads per dimension; every window meets the maps."""
    axes = []
    for _ in range(draw(st.integers(1, 3))):
        kernel, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        extent = dilation * (kernel - 1) + 1
        pads = draw(st.integers(0, kernel - 1)), draw(st.integers(0, kernel - 1))
        size = draw(st.integers(extent, extent + 4))
        axes.append((size, kernel, draw(st.integers(1, 4)), dilation, pads))
    return axes


@settings(max_examples=60)
@given(windows(), st.sampled_from([np.float32, np.int8, np.int32]), st.integers(0, 99))
def test_maxima_are_those_of_the_explicit_loop(axes: list, dtype: type, seed: int):
    sizes, kernel, strides, dilations, pads = zip(*axes, strict=True)
    # below zero: pads must never win
    x = np.random.default_rng(seed).integers(-100, -1, (2, 2, *sizes)).astype(dtype)
    out = tuple(positions(*axis) for axis in axes)
    expected = np.empty((2, 2, *out), dtype)
    for position in product(*map(range, out)):
        taps = [
            [
                at * stride + tap * dilation - low
                for tap in range(k)
                if 0 <= at * stride + tap * dilation - low < size
            ]
            for at, (size, k, stride, dilation, (low, _)) in zip(position, axes, strict=True)
        ]
        inside = x[(slice(None), slice(None), *np.ix_(*taps))]
        expected[(slice(None), slice(None), *position)] = inside.max(axis=tuple(range(2, x.ndim)))
    actual = window_maximum(x, kernel=kernel, strides=strides, dilations=dilations, pads=pads)
    assert actual.dtype == x.dtype
    np.testing.assert_array_equal(actual, expected)


def test_not_a_number_wins():
    x = np.array([[[1.0, np.nan, 2.0, 3.0]]], np.float32)
    result = window_maximum(x, kernel=(2,), strides=(2,), dilations=(1,), pads=((0, 0),))
    np.testing.assert_array_equal(result, [[[np.nan, 3.0]]])


@given(
    st.integers(1, 3),
    st.integers(1, 5),
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4)), min_size=1, max_size=3
    ),
    st.sampled_from([1, 4, 16]),
)
def test_cycles_are_those_of_the_design_per_channel(
    batch: int, channels: int, axes: list, lanes: int
):
    positions, kernel, strides = zip(*axes, strict=True)
    block = Domain(batch=batch, groups=channels, rows=1, channels=1, positions=positions)
    rows, window_rows = prod(positions[:-1]), prod(kernel[:-1])
    # input columns, but for those that a stride larger than the window leaves out
    columns = min((positions[-1] - 1) * strides[-1] + kernel[-1], positions[-1] * kernel[-1])
    reads = ceil(rows * window_rows * columns / (2 * lanes))
    writes = ceil(rows * positions[-1] / lanes)
    assert window_cycles(block, kernel, strides, lanes) == batch * channels * max(reads, writes)


@pytest.mark.parametrize(
    ("positions", "kernel", "strides", "expected"),
    [
        ((56, 56), (3, 3), (2, 2), 64 * 594),  # 56 rows x 3 window rows x 113 columns, 32 a cycle
        ((8,), (2,), (2,), 64),  # 16 columns, 32 a cycle
        ((1, 1), (1, 1), (1, 1), 64),
        ((1, 64), (1, 1), (1, 3), 64 * 4),  # 64 columns of 190, written 16 a cycle
    ],
)
def test_cycles_by_hand(positions: tuple, kernel: tuple, strides: tuple, expected: int):
    block = Domain(batch=1, groups=64, rows=1, channels=1, positions=positions)
    assert window_cycles(block, kernel, strides, 16) == expected
