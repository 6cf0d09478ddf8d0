"""The vector engine: reductions against an explicit loop, cycles by hand and against vectors counted one by one."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from math import ceil, log2, prod

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.runtime.engines.nodes import EDGE, cost, node, region
from tests.runtime.engines.rows import Vector, read, rows_of_memory
from tests.runtime.engines.test_sort import windows
from tests.samples import examples
from xnn.dialects.prim import Domain, Primitive, Reduction
from xnn.dialects.prim.vector import VectorPrimitive
from xnn.dialects.target import General, OperationCycles, Target
from xnn.dialects.target import Vector as VectorSection
from xnn.dialects.windows import positions
from xnn.runtime.engines.vector import ENGINE, element_rows, reduced_windows
from xnn.runtime.engines.vectors import Layout, Row

REDUCE = {
    Reduction.SUM: np.sum,
    Reduction.MAX: np.max,
    Reduction.MIN: np.min,
    Reduction.PRODUCT: np.prod,
}

# semantics


@examples(80)
@given(
    windows(),
    st.sampled_from(list(Reduction)),
    st.sampled_from([np.float32, np.float64, np.int8, np.uint8, np.int16, np.int32, np.int64]),
    st.integers(0, 99),
)
def test_reductions_are_those_of_the_explicit_loop(
    axes: list, reduction: Reduction, dtype: type, seed: int
):
    sizes, kernel, strides, dilations, pads = zip(*axes, strict=True)
    # neither zero nor one, so that pads show; integers wrap around
    low, high = (2, 4) if np.dtype(dtype).kind == "u" else (-4, -1)
    x = np.random.default_rng(seed).integers(low, high, (2, 3, *sizes)).astype(dtype)
    out = tuple(positions(*axis) for axis in axes)
    expected = np.empty((2, 1, *out), dtype)
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
        value = REDUCE[reduction](inside, axis=tuple(range(1, x.ndim)))
        expected[(slice(None), 0, *position)] = value.astype(dtype)  # integers wrap here as well
    actual = reduced_windows(
        x, reduction, kernel=kernel, strides=strides, dilations=dilations, pads=pads
    )
    assert actual.dtype == dtype
    np.testing.assert_allclose(actual, expected, rtol=1e-6)


@pytest.mark.parametrize("dtype", [np.float16, ml_dtypes.bfloat16])
def test_short_floats_are_reduced_in_their_own_type(dtype: type):
    x = np.array([[[1.0], [2.0], [-3.5]]], dtype)
    for reduction, expected in zip(Reduction, [-0.5, 2.0, -3.5, -7.0], strict=True):
        window = {"kernel": (1,), "strides": (1,), "dilations": (1,), "pads": ((1, 0),)}
        result = reduced_windows(x, reduction, **window)
        assert result.dtype == dtype
        assert result[0, 0, 1] == expected


def test_not_a_number_wins():
    x = np.array([[1.0, np.nan, 2.0]], np.float32)
    for reduction in Reduction:
        result = reduced_windows(x, reduction, kernel=(), strides=(), dilations=(), pads=())
        assert np.isnan(result).all()


# cost


def machine(lanes: int) -> Target:
    """A machine with prices that tell the classes of operations apart."""
    prices = OperationCycles(cheap=1, divide=10, transcendental=100)
    return replace(EDGE, vector=VectorSection(lanes), general=General(1), operation_cycles=prices)


def vector_node(text: str, **types: str) -> VectorPrimitive:
    op = node(text, **types)
    assert isinstance(op, VectorPrimitive)
    return op


def map_of(
    element: str, body: str, result: str = "", shape: str = "2x8x5x7", **types: str
) -> VectorPrimitive:
    kernel = [1] * (shape.count("x") - 1)
    return vector_node(
        f'prim.map "y" "f" ins(%x : {{x}}) window <kernel = {kernel}>'
        f" post [](:) {{{{\n^bb0(%0 : {element}):\n{body}\n}}}} outs(%y : {{y}})",
        x=f"memref<{shape}x{element}>",
        y=f"memref<{shape}x{result or element}>",
        **types,
    )


SIGMOID = """%1 = arith.constant 1.0 : f32
%2 = arith.negf %0 : f32
%3 = math.exp %2 : f32
%4 = arith.addf %1, %3 : f32
%5 = arith.divf %1, %4 : f32
prim.yield %5 : f32"""
NOTHING = "prim.yield %0 : f32"
WIDER = "%1 = prim.convert %0 : i8 to f64\nprim.yield %1 : f64"


@pytest.mark.parametrize(
    ("op", "lanes", "expected"),
    [
        # 2 samples of 280 elements in memory order, 16 a vector
        (map_of("f32", NOTHING), 64, 2 * 18),
        (map_of("f32", NOTHING), 4, 2 * 280),
        (map_of("f32", NOTHING), 1, 2 * 280),
        (map_of("f32", SIGMOID), 64, 2 * 18 * (1 + 100 + 1 + 10)),
        (map_of("i8", "prim.yield %0 : i8"), 64, 2 * 5),
        (map_of("i16", "prim.yield %0 : i16"), 64, 2 * 9),
        # the widest of operands and result: 64 bits, 8 lanes; a conversion is cheap
        (map_of("i8", WIDER, "f64"), 64, 2 * 35),
        (map_of("f32", SIGMOID, shape="2x100x1x1"), 64, 2 * 7 * 112),
        (map_of("f32", NOTHING, shape="3x1000"), 64, 3 * 63),
    ],
)
def test_cycles_of_maps_by_hand(op: VectorPrimitive, lanes: int, expected: int):
    assert cost(op, machine(lanes)).terms == {"operations": expected}
    assert ENGINE.least_cycles(op, machine(lanes)) == expected


SQUARE = "%1 = arith.mulf %0, %0 : f32\nprim.yield %1 : f32"
ROOT = "%1 = math.sqrt %0 : f32\nprim.yield %1 : f32"


def reduce_of(shape: str, result: str, window: str) -> VectorPrimitive:
    regions = " ".join(
        region(role, [], ":", "f32", body) for role, body in (("pre", SQUARE), ("post", ROOT))
    )
    return vector_node(
        f'prim.reduce "y" "f" sum ins(%x : {{x}}) window <{window}> {regions} outs(%y : {{y}})',
        x=f"memref<{shape}xf32>",
        y=f"memref<{result}xf32>",
    )


@pytest.mark.parametrize(
    ("op", "lanes", "expected"),
    [
        # read: 8 channels x 5 vectors of 2 x 35 columns, 1 + 1 each; written: 5 vectors, a root each
        (reduce_of("2x8x5x7", "2x1x5x7", "kernel = [1, 1]"), 64, 40 * 2 + 5 * 10),
        # 5 channels' planes seen as one channel: 3 taps read each position anew
        (
            reduce_of("1x1x5x33", "1x1x5x33", "kernel = [3, 1], pads = [1, 1, 0, 0]"),
            64,
            11 * 3 * 2 + 11 * 10,
        ),
        # one position: ceil(1000 / 16) vectors, then a tree of 16 lanes, then a root
        (reduce_of("3x1000", "3x1", ""), 64, 3 * (63 * 2 + 4 + 10)),
        (reduce_of("3x5", "3x1", ""), 64, 3 * (1 * 2 + 3 + 10)),
        (reduce_of("3x1", "3x1", ""), 64, 3 * (1 * 2 + 0 + 10)),
    ],
)
def test_cycles_of_reductions_by_hand(op: VectorPrimitive, lanes: int, expected: int):
    assert cost(op, machine(lanes)).terms == {"operations": expected}
    assert ENGINE.least_cycles(op, machine(lanes)) <= expected


def test_padding_of_partial_vectors():
    # 105 elements in 7 vectors of 16
    assert cost(map_of("f32", NOTHING, shape="1x105x1x1"), machine(64)).padding == 7 * 7 // 112
    assert cost(map_of("f32", NOTHING, shape="1x8x1x1"), machine(64)).padding == 0
    half = map_of("f32", SIGMOID, shape="3x8x1x1")  # half of a vector each
    assert cost(half, machine(64)).padding == 3 * 112 // 2
    assert cost(reduce_of("3x5", "3x1", ""), machine(64)).padding == 45 * 11 // 16


def test_partial_reductions_are_not_finished():
    op = reduce_of("2x8x5x7", "2x1x5x7", "kernel = [1, 1]")
    result = cost(op, machine(64), sizes=Domain(2, 1, 1, 4, (5, 7)), last=False)
    assert result.terms == {"operations": 4 * 5 * 2}


@given(
    st.integers(1, 3),
    st.integers(1, 40),
    st.lists(st.integers(1, 9), max_size=2),
    st.sampled_from([1, 16, 64]),
)
def test_cycles_of_blocks_are_those_of_vectors_one_by_one(
    batch: int, channels: int, sizes: list[int], lanes: int
):
    target, vector = machine(lanes), max(1, lanes // 4)
    block = Domain(batch, 1, 1, channels, tuple(sizes))
    shape, ones = "x".join(map(str, (3, 50, *[9] * len(sizes)))), [1] * len(sizes)
    op = reduce_of(shape, shape.replace("50", "1", 1), f"kernel = {ones}" if ones else "")
    cycles = 0
    if prod(sizes) == 1:
        for _ in range(batch):
            cycles += sum(2 for _ in range(0, channels, vector)) + 10
            cycles += ceil(log2(min(channels, vector)))
    else:
        for _ in range(0, batch * prod(sizes), vector):
            cycles += sum(2 for _ in range(channels)) + 10
    assert cost(op, target, sizes=block).terms == {"operations": cycles}


def test_the_least_of_a_reduction_is_that_of_its_best_blocks():
    # 1000 channels at 2 positions: two vectors of positions would be almost empty
    op = reduce_of("1x1000x1x2", "1x1x1x2", "kernel = [1, 1]")
    together = cost(op, machine(64)).cycles
    apart = cost(op, machine(64), sizes=Domain(1, 1, 1, 1000, (1, 1))).cycles
    assert (together, apart) == (1000 * 2 + 10, 63 * 2 + 4 + 10)
    assert ENGINE.least_cycles(op, machine(64)) == 2 * apart


def test_operations_count_what_is_done_to_each_element():
    assert ENGINE.operations(map_of("f32", NOTHING)) == 2 * 8 * 35
    assert ENGINE.operations(map_of("f32", SIGMOID)) == 2 * 8 * 35 * 4
    op = reduce_of("1x4x5x7", "1x1x3x7", "kernel = [3, 1]")
    assert ENGINE.operations(op) == 4 * 21 * 3 * 2 + 21


# memory rows


@examples(150)
@given(
    rows_of_memory,
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=1, max_size=3),
    st.sampled_from([1, 2, 4]),
    st.sampled_from([1, 2, 4, 16]),
    st.booleans(),
)
def test_rows_of_elements_in_the_order_of_the_result(
    row: Row, batch: int, axes: list, itemsize: int, lanes: int, repeats: bool
):
    """Each operand in its own layout: dense, with gaps, or without some of the dimensions."""
    steps, step = list[int](), itemsize
    for size, gap in reversed(axes):
        steps.insert(0, 0 if gap == 3 else step)
        step *= size + gap % 3
    sizes, steps = tuple(size for size, _ in axes), (0 if repeats else step, *steps)

    def vectors() -> Iterator[Vector]:
        for sample in range(batch):
            places = list(product([sample], *map(range, sizes)))
            for low in range(0, len(places), lanes):
                yield [
                    (sum(at * step for at, step in zip(place, steps, strict=True)), itemsize)
                    for place in places[low : low + lanes]
                ]

    assert (
        element_rows(Layout(row, itemsize, steps), batch, sizes, lanes) == read(vectors(), row).rows
    )


def test_rows_and_operations_of_a_map_by_hand():
    # 2 samples of 8 channels by 32 elements, all dense: 64 bytes are a row and a vector
    add = "%2 = arith.addf %0, %1 : f32\nprim.yield %2 : f32"

    def added(indexing: str, operand: str) -> Primitive:
        text = 'prim.map "y" "add" ins(%x : {x}) window <kernel = [1, 1]> '
        text += region("post", [indexing], "%a : {a}", "f32 f32", add) + " outs(%y : {y})"
        return node(text, x="memref<2x8x1x32xf32>", y="memref<2x8x1x32xf32>", a=operand)

    whole = cost(added("d0, d1, d2, d3", "memref<2x8x1x32xf32>"))
    assert whole.rows == (32, 32, 32) and whole.read_rows == 64
    assert whole.operations == {"f32": 32 * 16}
    assert cost(added("d1", "memref<8xf32>")).rows == (32, 1, 32)
    assert cost(added("d3", "memref<32xf32>")).rows == (32, 32, 32)
    assert cost(added("", "memref<f32>"), starts=(4, 60, 0)).rows == (33, 1, 32)


def test_rows_and_operations_of_a_reduction_by_hand():
    # 2 samples of 8 channels by 32 positions: 4 vectors of columns, each through all channels
    op = reduce_of("2x8x1x32", "2x1x1x32", "kernel = [1, 1]")
    result = cost(op)
    assert result.rows == (32, 4) and result.read_rows == 32
    assert result.operations == {"f32": 16 * (32 * (1 + 1) + 4 * 4)}
    part = cost(op, sizes=Domain(2, 1, 1, 4, (1, 32)), first=False, last=False)
    assert part.rows == (16, 2 * 4) and part.read_rows == 16 + 4


@pytest.mark.parametrize(
    ("shape", "result", "window"),
    [("1x40", "1x1", ""), ("1x40x1x1", "1x1x1x1", "kernel = [1, 1]")],
)
def test_one_position_is_read_along_the_channels(shape: str, result: str, window: str):
    assert cost(reduce_of(shape, result, window)).rows == (3, 1)
