"""The sort engine: window maxima against a loop, cycles against rows of positions counted one by one."""

from itertools import product
from math import ceil, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.engines.nodes import EDGE, cost, node, region
from tests.samples import examples
from xnn.dialects.prim import Primitive
from xnn.dialects.prim.attributes import WindowAttr
from xnn.dialects.windows import positions
from xnn.runtime.engines.channel_streams import Channels
from xnn.runtime.engines.engine import Spacing, engine_named, primitive_engine
from xnn.runtime.engines.sort import sort_cycles, window_maximum


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


@examples(60)
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


# cost


@given(
    st.integers(1, 3),
    st.integers(1, 5),
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(1, 3)),
        max_size=3,
    ),
    st.sampled_from([1, 4, 16]),
)
def test_cycles_are_those_of_each_row_of_positions(
    batch: int, channels: int, axes: list, lanes: int
):
    positions, kernel, strides, dilations = (tuple(axis[i] for axis in axes) for i in range(4))
    window = WindowAttr(kernel=kernel, strides=strides, dilations=dilations)
    columns, spanned = 1, 1
    if axes:
        columns, taps, stride, dilation = axes[-1]
        spanned = 1 + max(c * stride + t * dilation for c in range(columns) for t in range(taps))
    cycles = 0
    for _ in product(range(batch * channels), *map(range, positions[:-1])):
        read = prod(kernel[:-1]) * spanned
        cycles += max(ceil(read / (2 * lanes)), ceil(columns / lanes))
    assert sort_cycles(Channels(lanes, batch, channels, positions, window)) == cycles


def pool(
    x: str, y: str, window: str, kind: str = "f32", regions: str = "", **types: str
) -> Primitive:
    text = f'prim.sort "y" "max_pool" ins(%x : {{x}}) window <{window}> {regions} outs(%y : {{y}})'
    return node(text, x=f"memref<{x}x{kind}>", y=f"memref<{y}x{kind}>", **types)


@pytest.mark.parametrize(
    ("x", "y", "window", "kind", "expected"),
    [
        # 56 rows by 3 rows of the kernel by 113 columns, 32 elements a cycle
        ("1x64x113x113", "1x64x56x56", "kernel = [3, 3], strides = [2, 2]", "f32", 64 * 56 * 11),
        ("1x64x113x113", "1x64x56x56", "kernel = [3, 3], strides = [2, 2]", "i8", 64 * 56 * 3),
        ("1x64x113x113", "1x64x56x56", "kernel = [3, 3], strides = [2, 2]", "f16", 64 * 56 * 6),
        ("1x64x16", "1x64x8", "kernel = [2], strides = [2]", "f32", 64),  # 16 columns
        ("1x64x1x1", "1x64x1x1", "kernel = [1, 1]", "f32", 64),
        ("1x64x1x190", "1x64x1x64", "kernel = [1, 1], strides = [1, 3]", "f32", 64 * 6),
        ("1x64x1x64", "1x64x1x64", "kernel = [1, 1]", "f32", 64 * 4),  # written 16 a cycle
    ],
)
def test_cycles_by_hand(x: str, y: str, window: str, kind: str, expected: int):
    op = pool(x, y, window, kind)
    assert cost(op).terms == {"merges": expected, "pre": 0, "post": 0}
    assert 0 <= cost(op).padding < expected
    assert engine_named("sort").least_cycles(op, EDGE) == expected


def test_padding_is_what_partial_vectors_waste():
    # 339 of 352 places of each of 64 * 56 rows of positions; 339 of 384
    window = "kernel = [3, 3], strides = [2, 2]"
    for kind, cycles, places in (("f32", 11, 352), ("i8", 3, 384)):
        result = cost(pool("1x64x113x113", "1x64x56x56", window, kind))
        assert result.padding == 64 * 56 * cycles * (places - 339) // places
    assert (
        cost(pool("1x64x1x64", "1x64x1x64", "kernel = [1, 1]")).padding == 0
    )  # writes fill theirs


SMALL = ("1x4x9x32", "1x4x4x30", "kernel = [3, 3], strides = [2, 1]")
"""4 channels of 4 rows of positions, for each of which 3 rows of 2 vectors; each is written as 2 vectors."""


def test_rows_and_operations_by_hand():
    result = cost(pool(*SMALL))
    # a line that is read is two rows of memory, which are never the one before; what is written is one run
    assert result.rows == (4 * 4 * 3 * 2, 4 * 4 * 30 * 4 // 64)
    assert result.read_rows == result.rows[0]
    assert result.operations == {"f32": 4 * 4 * 3 * 2 * 16}  # a comparison each
    assert (result.macs, result.idle_macs, result.drain, result.accumulator_bytes) == (0, 0, 0, 0)


def _estimate(op: Primitive, line: int) -> int:
    """Cycles, of a map whose lines begin so many bytes apart, and its channels anywhere."""
    engine = primitive_engine(op)
    (form,) = engine.forms(op, EDGE)
    spacing = Spacing(1, line)
    return int(engine.estimate(op, op.domain, form, EDGE, {"rhs": spacing, "out": spacing}))


@examples(60)
@given(
    st.lists(
        st.tuples(st.integers(1, 12), st.integers(1, 3), st.integers(1, 3), st.integers(1, 2)),
        min_size=2,
        max_size=2,
    )
)
def test_estimates_are_no_less_than_cycles_and_rows(axes: list):
    out, kernel, strides, dilations = zip(*axes, strict=True)
    height, width = (
        (o - 1) * s + d * (k - 1) + 1
        for o, k, s, d in zip(out, kernel, strides, dilations, strict=True)
    )
    window = f"kernel = {[*kernel]}, strides = {[*strides]}, dilations = {[*dilations]}"
    op = pool(f"1x8x{height}x{width}", f"1x8x{out[0]}x{out[1]}", window, "i8")
    real = cost(op)
    assert _estimate(op, width) >= max(real.cycles, *real.rows)


def test_rows_of_memory_that_lines_share_are_estimated_once():
    """Those of a pool with three lines of 27 columns for each row of positions; not those of its result."""
    op = pool("1x480x27x27", "1x480x13x13", "kernel = [3, 3], strides = [2, 2]", "i8")
    apart = 480 * 13 * 3 * 2  # each line may begin anywhere in a row
    assert cost(op).rows[0] <= _estimate(op, 27) < apart == _estimate(op, 2**16)


TANH = "%1 = math.tanh %0 : f32\nprim.yield %1 : f32"


def test_pre_and_post_are_priced_by_the_vectors_that_are_read_and_written():
    pre, post = (region(role, [], ":", "f32", TANH) for role in ("pre", "post"))
    read, written = 4 * 4 * 3 * 2, 4 * 4 * 2
    result = cost(pool(*SMALL, regions=f"{pre} {post}"))
    assert result.terms["pre"] == read * 8 // 4
    assert result.terms["post"] == written * 8 // 8
    assert result.cycles == 192
    assert result.operations == {"f32": 16 * (read * (1 + 8) + written * 8)}


def test_vectors_of_pads_are_not_there():
    pre = region("pre", [], ":", "f32", TANH)
    op = pool("1x1x2x16", "1x1x4x16", "kernel = [3, 1], pads = [2, 2, 0, 0]", regions=pre)
    # 4 rows of positions by 3 of the kernel, of which 6 lie in the pads
    assert cost(op).terms == {"merges": 4 * 2, "pre": 6 * 8 // 4, "post": 0}
    assert cost(op).rows == (1 + 2 + 2 + 1 - 2, 4)  # lines 0, 0 1, 0 1, 1: two of them are held
