"""The matrix multiplication engine: its product against explicit loops, the price of its nodes by hand."""

from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from xdsl.utils.exceptions import VerifyException

from tests.runtime.engines.nodes import EDGE, cost, node, region
from tests.samples import examples
from xnn.dialects.prim import Domain, MatmulOp, Order, Primitive, ScheduleAttr
from xnn.dialects.prim.tiling import Form
from xnn.dialects.target import Target
from xnn.dialects.windows import positions
from xnn.runtime.engines.matmul import ENGINE, contract

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


@examples(80)
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


# cost: a convolution of one tap, from 64 channels to 64 at 56 x 56 positions in f32. On edge, tiles are of
# 16 x 16, and a vector of 16 elements fills a row of memory: 4 x 4 x 196 tiles, 12,544 vectors of result.

W, X, Y = "memref<64x64x1x1xf32>", "memref<1x64x56x56xf32>", "memref<1x64x56x56xf32>"
ONE_TAP = "window <kernel = [1, 1]>"
TILES, VECTORS = 4 * 4 * 196, 64 * 196


def conv(pre: str = "", post: str = "", window: str = ONE_TAP, **types: str) -> Primitive:
    """A convolution of %w and %x, with operands of its regions as further types."""
    text = (
        f'prim.matmul "y" "conv" ins(%w, %x : {{w}}, {{x}}) {window} {pre} {post} outs(%y : {{y}})'
    )
    return node(text, **{"w": W, "x": X, "y": Y, **types})


def scheduled(op: Primitive, order: Order, per_tile: int = 1, phases: int = 1) -> Primitive:
    op.properties["schedule"] = ScheduleAttr(
        block=op.domain, order=order, groups_per_tile=per_tile, output_phases=phases
    )
    return op


EXPENSIVE = """%one = arith.constant 1.0 : f32
%1 = math.tanh %0 : f32
%2 = math.exp %1 : f32
%3 = arith.negf %2 : f32
%4 = math.exp %3 : f32
%5 = arith.addf %one, %4 : f32
%6 = arith.divf %one, %5 : f32
%7 = math.tanh %6 : f32
%8 = math.sqrt %7 : f32
prim.yield %8 : f32"""
UNITS = 8 + 8 + (1 + 8 + 1 + 4) + 8 + 4
"""Of price: tanh, exp, a sigmoid of four operations, tanh, a root; the constant costs nothing."""
ADD = "%2 = arith.addf %0, %1 : f32\nprim.yield %2 : f32"


def test_a_product_by_hand():
    result = cost(conv())
    assert result.terms == {"tiles": TILES * 16, "pre": 0, "post": 0}
    assert TILES * 16 == 50_176 == result.cycles
    assert (result.macs, result.idle_macs, result.drain) == (64 * 64 * 56 * 56, 0, 32)
    assert result.padding == 0 and result.parts(bus=0) == {"tiles": 50_176}
    # output-stationary: each tile of lhs and of rhs is read for each tile, as 16 vectors of a row
    assert result.rows == (TILES * 16, TILES * 16, VECTORS)
    assert result.read_rows == 2 * TILES * 16
    assert result.operations == {}


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        (Order.OUTPUT_STATIONARY, (16 * 4 * 196 * 4, 16 * 4 * 196 * 4, VECTORS)),
        (Order.LHS_STATIONARY, (16 * 4 * 4, 16 * 4 * 4 * 196, VECTORS)),
        (Order.RHS_STATIONARY, (16 * 196 * 4 * 4, 16 * 196 * 4, VECTORS)),
    ],
)
def test_a_kept_tile_is_read_once(order: Order, rows: tuple[int, ...]):
    assert cost(scheduled(conv(), order)).rows == rows


@pytest.mark.parametrize(
    ("order", "elements"),
    [
        (Order.OUTPUT_STATIONARY, 4 * 196 * 16 * 16),  # each tile of the result once
        (Order.LHS_STATIONARY, 4 * 4 * 3136 * 16 * 2),  # for each column of a kept tile, in and out
        (Order.RHS_STATIONARY, 4 * 196 * 64 * 16 * 2),
    ],
)
def test_accumulators_are_read_and_written(order: Order, elements: int):
    assert cost(scheduled(conv(), order)).accumulator_bytes == 4 * elements


def test_an_operand_that_begins_inside_a_row_takes_two_rows_for_each_vector():
    # but for a tile of rows of lhs and of the result, which begins in the row where the one before ended
    assert cost(conv(), starts=(4, 0, 0)).rows == (2 * TILES * 16 - 3, TILES * 16, VECTORS)
    assert cost(conv(), starts=(0, 60, 0)).rows == (TILES * 16, 2 * TILES * 16, VECTORS)
    assert cost(conv(), starts=(0, 0, 4)).rows == (TILES * 16, TILES * 16, 2 * VECTORS - 3)


def test_a_vector_of_elements_apart_from_each_other_takes_a_row_for_each():
    apart = "memref<1x64x56x56xf32, strided<[3211264, 50176, 896, 16]>>"  # 64 bytes from each to the next
    assert cost(conv(x=apart)).rows == (TILES * 16, 16 * TILES * 16, VECTORS)
    assert cost(conv(y=apart)).rows == (TILES * 16, TILES * 16, 16 * VECTORS)


def test_channels_that_lie_side_by_side_share_their_rows():
    last = "memref<1x64x56x56xf32, strided<[200704, 1, 3584, 64]>>"
    # the rows of 16 positions are held for all 16 channels of a tile
    assert cost(conv(x=last)).rows[1] == TILES * 16
    # the result is written along its channels
    assert cost(conv(y=last)).rows[2] == VECTORS


def test_nothing_is_held_when_a_node_starts():
    # two vectors of one row of memory, again and again: the second one is never read
    op = conv(w="memref<1x1x1x1xf32>", x="memref<1x1x1x8xf32>", y="memref<1x1x1x8xf32>")
    assert cost(op).rows == (1, 1, 1)


def test_pads_and_the_rest_of_a_tile_cost_cycles_but_no_rows():
    window = "window <kernel = [1, 3], pads = [0, 0, 1, 1]>"
    op = conv(
        window=window, w="memref<1x1x1x3xf32>", x="memref<1x1x1x8xf32>", y="memref<1x1x1x8xf32>"
    )
    result = cost(op)
    assert result.cycles == 16
    assert result.idle_macs == 16 * 16 * 16 - 24
    # taps before, at and after each of 8 positions: 7, 8 and 7 elements of one row
    assert result.rows == (1, 1, 1)
    # a window that lies in the pads alone reads nothing
    nothing = cost(op, sizes=Domain(1, 1, 1, 1, (1, 1)), pads=((0, 0), (3, 0)))
    assert nothing.rows == (1, 0, 1)


@pytest.mark.parametrize(
    ("first", "last", "written_and_read"), [(True, True, 1), (True, False, 1), (False, True, 2)]
)
def test_sums_of_blocks_of_channels_are_read_and_written(
    first: bool, last: bool, written_and_read: int
):
    sizes = Domain(1, 1, 64, 32, (56, 56))
    result = cost(conv(), sizes=sizes, first=first, last=last)
    assert result.rows[2] == written_and_read * VECTORS
    assert result.read_rows == sum(result.rows) - VECTORS


def test_sums_of_their_own_type_are_priced_at_it():
    text = (
        'prim.matmul "y" "conv" ins(%w, %x : {w}, {x}) window <kernel = [1, 1]> sums(%s : {s})'
        " post [] (:) {{\n^bb0(%0 : i32):\n%1 = prim.convert %0 : i32 to i8\nprim.yield %1 : i8\n}}"
        " outs(%y : {y})"
    )
    types = {"w": "memref<64x64x1x1xi8>", "x": "memref<1x64x8x8xi8>", "y": "memref<1x64x8x8xi8>"}
    op = node(text, **types, s="memref<1x64x8x8xi32>")
    sizes = Domain(1, 1, 64, 32, (8, 8))
    # 64 vectors of 64 elements: four rows each in i32, one in i8
    middle = cost(op, sizes=sizes, first=False, last=False)
    assert middle.rows[2:] == (2 * 256,) and middle.terms["post"] == 0
    end = cost(op, sizes=sizes, first=False, last=True)
    assert end.rows[2:] == (256, 64) and end.terms["post"] == 64 / 8
    assert cost(op).rows[2:] == (0, 64)  # one block: the sums stay in the accumulators


def test_post_by_hand():
    post = region("post", [], ":", "f32", EXPENSIVE)
    result = cost(conv(post=post))
    assert UNITS == 42
    assert result.terms == {"tiles": 50_176, "pre": 0, "post": 12_544 * 42 // 8}
    assert result.cycles == 65_856
    assert result.operations == {"f32": 12_544 * 16 * 42}
    # partial sums do not pass through it
    before = cost(conv(post=post), sizes=Domain(1, 1, 64, 32, (56, 56)), last=False)
    assert before.terms["post"] == 0 and before.operations == {}


def test_post_takes_partial_vectors_whole():
    post = region("post", [], ":", "f32", EXPENSIVE)
    op = conv(
        post=post, w="memref<1x64x1x1xf32>", x="memref<1x64x1x17xf32>", y="memref<1x1x1x17xf32>"
    )
    assert cost(op).terms["post"] == -(-2 * 42 // 8)


@pytest.mark.parametrize(
    ("order", "vectors"),
    [
        (Order.OUTPUT_STATIONARY, 4 * 196 * 64),  # again for each tile of rows
        (Order.LHS_STATIONARY, 4 * 196 * 64),
        (Order.RHS_STATIONARY, 196 * 64),
    ],
)
def test_pre_counts_the_vectors_that_are_read(order: Order, vectors: int):
    op = scheduled(conv(pre=region("pre", [], ":", "f32", EXPENSIVE)), order)
    result = cost(op)
    assert result.terms == {"tiles": 50_176, "pre": vectors * 42 // 4, "post": 0}
    assert result.operations == {"f32": vectors * 16 * 42}


def test_pre_does_not_count_vectors_of_pads():
    window = "window <kernel = [3, 1], pads = [1, 1, 0, 0]>"
    types = {"w": "memref<1x1x3x1xf32>", "x": "memref<1x1x4x16xf32>", "y": "memref<1x1x4x16xf32>"}
    op = conv(window=window, pre=region("pre", [], ":", "f32", EXPENSIVE), **types)
    # 4 rows of 16 positions by 3 taps, of which the first and the last row lack one
    assert cost(op).terms["pre"] == -(-(4 * 3 - 2) * 42 // 4)


def test_units_are_priced_and_formats_kept_apart():
    body = """%1 = prim.convert %0 : f32 to i32
%2 = arith.muli %1, %1 : i32
%3 = prim.convert %2 : i32 to f32
%4 = arith.divf %3, %3 : f32
prim.yield %4 : f32"""
    cycles = replace(EDGE.operation_cycles, cheap=3, divide=100)
    target = replace(EDGE, operation_cycles=cycles)
    result = cost(conv(post=region("post", [], ":", "f32", body)), target)
    assert result.terms["post"] == VECTORS * (3 * 3 + 100) // 8
    assert result.operations == {"i32": VECTORS * 16 * 6, "f32": VECTORS * 16 * 103}


@pytest.mark.parametrize(
    ("order", "rows"),
    [
        (Order.OUTPUT_STATIONARY, 4),  # held while the tiles of a row of tiles go by
        (Order.LHS_STATIONARY, 4),
        (Order.RHS_STATIONARY, 196 * 4),
    ],
)
def test_a_bias_is_read_once_for_each_tile_of_the_result(order: Order, rows: int):
    post = region("post", ["d1"], "%b : {b}", "f32 f32", ADD)
    op = scheduled(conv(post=post, b="memref<64xf32>"), order)
    assert cost(op).rows == (*cost(scheduled(conv(), order)).rows[:2], rows, VECTORS)


def test_other_operands_of_post_are_read_as_the_result_is_written():
    post = region("post", ["d0, d1, d2, d3"], "%r : {r}", "f32 f32", ADD)
    op = conv(post=post, r=Y)
    assert cost(op).rows[2:] == (VECTORS, VECTORS)
    assert cost(op, starts=(0, 0, 8, 0)).rows[2:] == (2 * VECTORS - 3, VECTORS)
    # 56 elements for all channels and lines of positions: 3 1/2 rows of memory, of which the 7 vectors
    # of two lines read 0 1 2 3-0 0-1 1-2 2-3, each once for the 16 channels of a tile
    row = conv(post=region("post", ["d3"], "%r : {r}", "f32 f32", ADD), r="memref<56xf32>")
    assert cost(row).rows[2] == 4 * 28 * (1 + 1 + 1 + 2 + 1 + 1 + 1)
    # a block that does not end its sums reads none
    part = cost(op, sizes=Domain(1, 1, 64, 32, (56, 56)), last=False)
    assert len(part.rows) == 3


def test_an_operand_of_pre_by_channel_is_read_once_for_each_tile_of_rhs():
    pre = region("pre", ["d1"], "%a : {a}", "f32 f32", ADD)
    op = conv(pre=pre, a="memref<64xf32>")
    assert cost(op).rows[2] == TILES  # 16 channels in a row
    assert cost(scheduled(op, Order.LHS_STATIONARY)).rows[2] == 4 * 4  # held by all columns
    assert cost(scheduled(op, Order.RHS_STATIONARY)).rows[2] == 4 * 196


def test_columns_of_groups_side_by_side_have_each_its_own_element_of_a_channel():
    # a mean over 7 x 7 of each of 40 channels: one tile of lhs, columns of 40 groups
    post = region("post", ["d1"], "%b : {b}", "f32 f32", ADD)
    pre = region("pre", ["d1"], "%a : {a}", "f32 f32", ADD)
    op = conv(
        pre,
        post,
        "window <kernel = [7, 7], groups = 40>",
        w="memref<1x1x7x7xf32>",
        x="memref<1x40x7x7xf32>",
        y="memref<1x40x1x1xf32>",
        a="memref<40xf32>",
        b="memref<40xf32>",
    )
    result = cost(scheduled(op, Order.OUTPUT_STATIONARY, per_tile=0))
    # 16 channels to a row of memory and to a tile: its row again for each of 49 taps, held in between
    assert result.rows[2:] == (3, 3, 3)


def test_packed_weights_are_read_as_they_lie():
    # 1152 taps of 4 bits: a vector of 64 is 32 bytes, two vectors lie in a row
    text = (
        'prim.matmul "y" "conv" ins(%w, %x : {w}, {x}) packed <format = i4, taps = 1152>'
        " window <kernel = [3, 3], pads = [1, 1, 1, 1]> outs(%y : {y})"
    )
    op = node(text, w="memref<64x576xui8>", x="memref<1x128x8x8xi8>", y="memref<1x64x8x8xi32>")
    assert cost(op).rows[0] == 18 * 64
    assert (
        cost(op, starts=(48, 0, 0)).rows[0] == 18 * 64 + 9 * 64
    )  # every second vector in two rows


# forms


GROUPED = {"w": "memref<12x2x1x3xf32>", "x": "memref<1x8x1x30xf32>", "y": "memref<1x12x1x28xf32>"}
"""4 groups of 3 rows and 2 channels."""
THREE_TAPS = "window <kernel = [1, 3], groups = 4>"


@pytest.mark.parametrize(
    ("order", "per_tile", "phases", "cycles"),
    [
        (Order.OUTPUT_STATIONARY, 1, 1, 4 * 2 * 16),  # 4 groups of 3 x 6 by 6 x 28
        (Order.OUTPUT_STATIONARY, 2, 1, 2 * 2 * 16),  # 2 of 6 x 12 by 12 x 28
        (Order.OUTPUT_STATIONARY, 1, 4, 4 * 1 * 16),  # 4 of 12 x 12 (6 taps) by 12 x 7
        (Order.LHS_STATIONARY, 1, 1, 4 * 28),
        (Order.LHS_STATIONARY, 2, 1, 2 * 28),
        (Order.RHS_STATIONARY, 1, 5, 4 * 16),  # 4 of 15 x 14 by 14 x 6
        (Order.LHS_STATIONARY, 2, 2, 2 * 16),  # 2 of 12 x 16 by 16 x 14
    ],
)
def test_cycles_of_forms_by_hand(order: Order, per_tile: int, phases: int, cycles: int):
    result = cost(scheduled(conv(window=THREE_TAPS, **GROUPED), order, per_tile, phases))
    assert result.terms["tiles"] == cycles
    assert result.macs == 12 * 6 * 28
    assert result.idle_macs == cycles * 256 - result.macs


def test_forms_to_choose_from_are_the_plain_and_the_fastest_one_of_each_order():
    op = conv(window=THREE_TAPS, **GROUPED)
    assert isinstance(op, MatmulOp)
    chosen = ENGINE.forms(op, EDGE)
    for order in Order:
        of_order = [form for form in chosen if form.order == order]
        best = min(cost(scheduled(op, *form)).terms["tiles"] for form in every_form(op))
        assert Form(order) in of_order
        assert min(cost(scheduled(op, *form)).terms["tiles"] for form in of_order) >= best
    fastest = min(cost(scheduled(op, *form)).terms["tiles"] for form in chosen)
    assert fastest == ENGINE.least_cycles(op, EDGE) == 2 * 16


def every_form(op: MatmulOp) -> list[Form]:
    """Those that a block of the whole node may have."""
    choices = product(Order, range(5), range(1, 29))
    return [form for each in choices if is_possible(op, form := Form(*each), EDGE)]


def is_possible(op: Primitive, form: Form, target: Target) -> bool:
    try:
        scheduled(op, *form).verify_block(op.domain, target)
    except VerifyException:
        return False
    return True


def test_what_a_search_may_choose_is_what_the_verifier_allows():
    op = conv(window=THREE_TAPS, **GROUPED)
    assert isinstance(op, MatmulOp)
    target = EDGE.with_field("matmul.accumulator_rows", "20")
    for each in product(Order, range(1, 5), range(1, 29)):
        form = Form(*each)
        assert ENGINE.allows(op, op.domain, form, target) == is_possible(op, form, target), form


@pytest.mark.parametrize(
    ("order", "per_tile", "phases", "message"),
    [
        (
            Order.OUTPUT_STATIONARY,
            3,
            1,
            "groups_per_tile 3 and output_phases 1 do not fit one tile",
        ),
        (Order.OUTPUT_STATIONARY, 1, 6, "16 x 16: a group of a block has 3 rows and 6 taps"),
        (Order.OUTPUT_STATIONARY, 1, 29, "output_phases 29 need as many positions in a row"),
        (Order.OUTPUT_STATIONARY, 0, 1, "groups_per_tile 0 needs one lhs that all groups share"),
        (Order.LHS_STATIONARY, 1, 1, "need 28 rows of accumulators, but the target has 20"),
    ],
)
def test_a_form_that_is_not_possible_is_refused(
    order: Order, per_tile: int, phases: int, message: str
):
    op = scheduled(conv(window=THREE_TAPS, **GROUPED), order, per_tile, phases)
    target = EDGE.with_field("matmul.accumulator_rows", "20")
    with pytest.raises(VerifyException, match=message):
        op.verify_block(op.domain, target)


def test_a_block_at_an_edge_may_have_fewer_positions_than_phases():
    op = scheduled(conv(window=THREE_TAPS, **GROUPED), Order.OUTPUT_STATIONARY, phases=4)
    edge = Domain(1, 4, 3, 2, (1, 2))
    op.verify_block(edge, EDGE)
    # 4 groups of 12 x 12 by 12 x 1
    result = cost(op, sizes=edge)
    assert result.terms["tiles"] == 4 * 16
    assert result.padding == 4 * 16 - -(-result.macs // 256)


def test_accumulators_that_just_suffice():
    op = scheduled(conv(window=THREE_TAPS, **GROUPED), Order.LHS_STATIONARY)
    op.verify_block(op.domain, EDGE.with_field("matmul.accumulator_rows", "28"))
    # sums of an output-stationary product stay in registers, those of the other one are rows
    op = scheduled(op, Order.OUTPUT_STATIONARY)
    op.verify_block(op.domain, EDGE.with_field("matmul.accumulator_rows", "1"))
    op = scheduled(op, Order.RHS_STATIONARY)
    op.verify_block(op.domain, EDGE.with_field("matmul.accumulator_rows", "3"))
