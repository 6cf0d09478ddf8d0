"""The matrix multiplication engine: its product against explicit loops, its cycles against tiles counted one by one."""

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xnn.dialects.prim import Domain, Order
from xnn.dialects.windows import positions
from xnn.runtime.engines.matmul import (
    Product,
    accumulator_rows,
    contract,
    groups_per_tile_choices,
    least_cycles,
    streamed_elements,
    tile_cycles,
)

# semantics


@st.composite
def windows(draw: st.DrawFn) -> dict:
    """Sizes, kernel, strides, dilations and pads of one to three spatial dimensions that fit."""
    rank = draw(st.integers(1, 3))
    axes = []
    for _ in range(rank):
        kernel, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 3))
        extent = dilation * (kernel - 1) + 1
        low, high = draw(st.integers(0, 4)), draw(st.integers(0, 4))  # larger than the window too
        size = draw(st.integers(max(1, extent - low - high), extent + 4))
        axes.append((size, kernel, draw(st.integers(1, 4)), dilation, (low, high)))
    sizes, kernel, strides, dilations, pads = zip(*axes, strict=True)
    return {
        "sizes": sizes,
        "kernel": kernel,
        "strides": strides,
        "dilations": dilations,
        "pads": pads,
    }


def loop(lhs: np.ndarray, rhs: np.ndarray, window: dict, groups: int, shared: bool) -> np.ndarray:
    """The definition, one multiplication after the other."""
    out = tuple(
        positions(s, k, stride, d, p) for s, k, stride, d, p in zip(*window.values(), strict=True)
    )
    batch, channels = rhs.shape[0], rhs.shape[1] // groups
    rows = lhs.shape[0] if shared else lhs.shape[0] // groups
    result = np.zeros((batch, groups * rows, *out), np.int64)
    taps = list(product(*map(range, window["kernel"])))
    for b, g, r in product(range(batch), range(groups), range(rows)):
        for position in product(*map(range, out)):
            for c, tap in product(range(channels), taps):
                place = [
                    at * stride + t * dilation - low
                    for at, stride, t, dilation, (low, _) in zip(
                        position,
                        window["strides"],
                        tap,
                        window["dilations"],
                        window["pads"],
                        strict=True,
                    )
                ]
                if all(0 <= at < size for at, size in zip(place, window["sizes"], strict=True)):
                    factor = lhs[(r if shared else g * rows + r, c, *tap)]
                    result[(b, g * rows + r, *position)] += (
                        int(factor) * rhs[(b, g * channels + c, *place)]
                    )
    return result


@settings(max_examples=80)
@given(
    windows(),
    st.integers(1, 2),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 2),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_product_is_the_explicit_loop(
    window: dict, batch: int, groups: int, rows: int, channels: int, shared: bool, seed: int
):
    rng = np.random.default_rng(seed)
    lhs = rng.integers(-9, 9, (rows if shared else groups * rows, channels, *window["kernel"]))
    rhs = rng.integers(-9, 9, (batch, groups * channels, *window["sizes"]))
    expected = loop(lhs, rhs, window, groups, shared)
    actual = contract(
        lhs,
        rhs,
        strides=window["strides"],
        dilations=window["dilations"],
        pads=window["pads"],
        groups=groups,
        shared=shared,
        sums=np.dtype(np.int64),
    )
    np.testing.assert_array_equal(actual, expected)


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("shared", [False, True])
def test_product_without_spatial_dimensions(groups: int, shared: bool):
    rng = np.random.default_rng(0)
    lhs = rng.integers(-9, 9, (4 if shared else 4 * groups, 5))
    rhs = rng.integers(-9, 9, (2, 5 * groups))
    pieces = [
        rhs[:, 5 * g : 5 * g + 5] @ lhs[0 if shared else 4 * g :][:4].T for g in range(groups)
    ]
    np.testing.assert_array_equal(
        contract(lhs, rhs, groups=groups, shared=shared, sums=np.dtype(np.int64)),
        np.concatenate(pieces, axis=1),
    )


def test_pads_alone_give_zeros():
    # a block whose window lies wholly in the pads reads rhs of no elements
    lhs, rhs = np.ones((2, 3, 2, 2), np.float32), np.ones((1, 3, 0, 4), np.float32)
    window = {"strides": (1, 1), "dilations": (1, 1), "pads": ((3, 0), (0, 0))}
    result = contract(lhs, rhs, **window, sums=np.dtype(np.float32))
    assert result.shape == (1, 2, 2, 3)
    assert not result.any()


def test_operands_that_are_not_contiguous():
    whole = np.random.default_rng(0).integers(-9, 9, (2, 6, 9, 10))
    part = whole[:, 1:5, 2:8:2, ::-1]
    lhs = np.random.default_rng(1).integers(-9, 9, (3, 4, 2, 2))
    options: dict[str, Any] = {"strides": (1, 2), "dilations": (1, 1), "pads": ((1, 0), (0, 1))}
    options["sums"] = np.dtype(np.int64)
    np.testing.assert_array_equal(
        contract(lhs, part, **options), contract(lhs, part.copy(), **options)
    )


@pytest.mark.parametrize("channels", [1, 7, 1023, 1025])
@pytest.mark.parametrize(
    ("dtype", "sums"),
    [("i1", "i4"), ("u1", "i4"), ("i2", "i8"), ("i4", "i4"), ("i4", "i8"), ("i8", "i8")],
)
def test_integers_at_their_limits_are_summed_exactly(dtype: str, sums: str, channels: int):
    # 1023, 1025: products of 8 bits that single precision can and cannot sum; i4: nor can double
    limits = np.iinfo(dtype)
    rng = np.random.default_rng(0)
    ends = [limits.min, limits.max, limits.max - 1]
    lhs = rng.choice(ends, (5, channels)).astype(dtype)
    rhs = rng.choice(ends, (4, channels)).astype(dtype)
    lhs[0], rhs[0] = limits.min, limits.min
    lhs[1], rhs[1] = limits.max, limits.max
    exact = rhs.astype(object) @ lhs.astype(object).T
    result = contract(lhs, rhs, sums=np.dtype(sums))
    bits = 8 * result.itemsize
    wrapped = (exact + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)
    assert result.tolist() == wrapped.tolist()


def test_sums_of_integers_wrap_around():
    lhs, rhs = np.full((1, 2**18), -128, np.int8), np.full((1, 2**18), -128, np.int8)
    assert contract(lhs, rhs, sums=np.dtype(np.int32)).tolist() == [[0]]  # 2^32


def test_half_precision_is_summed_in_single():
    lhs, rhs = np.full((1, 4096), 1, np.float16), np.full((1, 4096), 1, np.float16)
    result = contract(lhs, rhs, sums=np.dtype(np.float32))
    assert result.tolist() == [[4096]]  # in half precision sums stop at 2048


# cost


def tiles_of(product: Product, per_tile: int, n: int) -> Iterator[tuple[int, int, int]]:
    """Each matrix product that the engine sees, as sizes [m, k] x [k, columns]."""
    if per_tile == 0:
        yield product.m, product.k, product.groups * product.columns
        return
    for _ in range(0, product.groups, per_tile):
        yield per_tile * product.m, per_tile * product.k, product.columns


def counted(product: Product, order: Order, per_tile: int, n: int) -> tuple[int, int, int]:
    """Cycles, and elements of both sides that are read, one tile at a time."""
    cycles = lhs = rhs = 0
    for m, k, columns in tiles_of(product, per_tile, n):
        kept, streamed = {
            Order.OUTPUT_STATIONARY: ((m, columns), k),
            Order.RHS_STATIONARY: ((k, columns), m),
            Order.LHS_STATIONARY: ((k, m), columns),
        }[order]
        for _ in product_of_ranges(*(range(0, size, n) for size in kept)):
            each = max(streamed, n)  # a tile stays at least until the next one is read
            cycles += each
            lhs += n * n if order == Order.LHS_STATIONARY else each * n
            rhs += n * n if order == Order.RHS_STATIONARY else each * n
    return cycles, lhs, rhs


product_of_ranges = product


@given(
    st.builds(
        Product,
        groups=st.integers(1, 9),
        m=st.integers(1, 40),
        k=st.integers(1, 40),
        columns=st.integers(1, 40),
    ),
    st.sampled_from(list(Order)),
    st.integers(0, 9),
    st.sampled_from([1, 2, 4, 16]),
)
def test_cycles_are_those_of_the_tiles_counted_one_by_one(
    product: Product, order: Order, per_tile: int, n: int
):
    cycles, lhs, rhs = counted(product, order, per_tile, n)
    assert tile_cycles(product, order, per_tile, n) == cycles
    assert streamed_elements(product, order, per_tile, n) == (lhs, rhs)


@given(
    st.integers(1, 300), st.integers(1, 50), st.integers(1, 50), st.integers(1, 50), st.booleans()
)
def test_the_least_cycles_are_no_more_than_any_and_no_less_than_the_products_need(
    groups: int, m: int, k: int, columns: int, shared: bool
):
    sizes, n = Product(groups, m, k, columns, shared), 8
    least = least_cycles(sizes, n)
    every = [
        tile_cycles(sizes, order, per_tile, n)
        for order in Order
        for per_tile in groups_per_tile_choices(groups, shared, n)
    ]
    assert least == min(every)
    assert least * n * n >= sizes.macs


def test_cycles_of_many_candidates_at_once():
    sizes = Product(2, np.array([3, 17]), np.array([40, 5]), np.array([9, 33]))
    for order, per_tile in product(tuple(Order), (1, 2)):
        each = [
            int(tile_cycles(Product(2, m, k, c), order, per_tile, 16))
            for m, k, c in ((3, 40, 9), (17, 5, 33))
        ]
        assert tile_cycles(sizes, order, per_tile, 16).tolist() == each


@pytest.mark.parametrize(
    ("order", "rows"),
    [(Order.OUTPUT_STATIONARY, 1), (Order.RHS_STATIONARY, 20), (Order.LHS_STATIONARY, 300)],
)
def test_rows_of_accumulators_are_what_streams_past_a_kept_tile(order: Order, rows: int):
    assert accumulator_rows(Product(1, 20, 50, 300), order, 1) == rows


def test_a_block_with_its_taps_is_a_product():
    block = Domain(batch=2, groups=3, rows=4, channels=5, positions=(6, 7))
    assert Product.of(block, 9, False) == Product(3, 4, 45, 84)
    assert Product.of(block, 9, False).macs == 2 * 3 * 4 * 5 * 9 * 42


INTEGERS = [np.int8, np.uint8, np.int16, np.uint16, np.int32]


@pytest.mark.parametrize("lhs", INTEGERS)
@pytest.mark.parametrize("rhs", INTEGERS)
@pytest.mark.parametrize("taps", [3, 300, 1500])
def test_integer_products_are_exact(lhs, rhs, taps):
    """Against Python's integers, at the ends of the types, where a float would round."""
    rng = np.random.default_rng(taps)

    def drawn(kind, rows):
        ends = np.iinfo(kind)
        values = rng.integers(ends.min, ends.max, (rows, taps), kind, endpoint=True)
        return np.where(rng.random((rows, taps)) < 0.5, values, ends.max).astype(kind)

    a, b = drawn(lhs, 3), drawn(rhs, 2)
    sums = np.dtype(np.int64)
    expected = [[sum(map(lambda x, y: int(x) * int(y), row, column)) for row in a] for column in b]
    wrapped = [[(value + 2**63) % 2**64 - 2**63 for value in row] for row in expected]
    np.testing.assert_array_equal(contract(a, b, sums=sums), wrapped)
    narrow = [[(value + 2**31) % 2**32 - 2**31 for value in row] for row in expected]
    np.testing.assert_array_equal(contract(a, b, sums=np.dtype(np.int32)), narrow)
