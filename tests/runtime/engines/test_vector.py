"""The vector engine: reductions against an explicit loop, cycles by hand and against vectors counted one by one."""

from dataclasses import replace
from itertools import product
from math import ceil, log2, prod
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xdsl.parser import Parser

from tests.runtime.engines.test_sort import windows
from xnn.dialects.prim import Domain, Primitive, Reduction
from xnn.dialects.target import CyclesPerElement, Target, Vector
from xnn.dialects.windows import positions
from xnn.runtime.engines.vector import operations, reduced_windows, vector_cycles
from xnn.runtime.targets import load_target
from xnn.tools.parsing import make_context

EDGE = load_target("edge")
REDUCE = {
    Reduction.SUM: np.sum,
    Reduction.MAX: np.max,
    Reduction.MIN: np.min,
    Reduction.PRODUCT: np.prod,
}

# semantics


@settings(max_examples=80)
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
    prices = CyclesPerElement(cheap=1, divide=10, transcendental=100, gather=1000)
    general = replace(EDGE.general, cycles_per_element=prices)
    return replace(EDGE, vector=Vector(lanes), general=general)


def node(text: str) -> Primitive:
    module = Parser(make_context(), f'%x = "test.op"() : () -> tensor<{text}').parse_module()
    module.verify()
    op = module.body.block.last_op
    assert isinstance(op, Primitive)
    return op


def map_of(element: str, body: str, result: str = "", shape: str = "2x8x5x7") -> Primitive:
    kernel = [1] * (shape.count("x") - 1)
    result = result or element
    return node(
        f"{shape}x{element}>"
        f'\n%y = prim.map "y" "f" ins(%x : tensor<{shape}x{element}>) window <kernel = {kernel}>'
        f" post [](:) {{\n^bb0(%0 : {element}):\n{body}\n}} -> tensor<{shape}x{result}>"
    )


SIGMOID = """%1 = arith.constant 1.0 : f32
%2 = arith.negf %0 : f32
%3 = math.exp %2 : f32
%4 = arith.addf %1, %3 : f32
%5 = arith.divf %1, %4 : f32
prim.yield %5 : f32"""
NOTHING = "prim.yield %0 : f32"


@pytest.mark.parametrize(
    ("op", "lanes", "expected"),
    [
        # 2 samples x 8 channels, each ceil(35 / lanes) vectors
        (map_of("f32", NOTHING), 64, 2 * 8 * 3),
        (map_of("f32", NOTHING), 4, 2 * 8 * 35),
        (map_of("f32", NOTHING), 1, 2 * 8 * 35),
        (map_of("f32", SIGMOID), 64, 2 * 8 * 3 * (1 + 100 + 1 + 10)),
        (map_of("i8", "prim.yield %0 : i8"), 64, 2 * 8 * 1),
        (map_of("i16", "prim.yield %0 : i16"), 64, 2 * 8 * 2),
        # the widest of operands and result: 64 bits, 8 lanes; a conversion is cheap
        (map_of("i8", "%1 = prim.convert %0 : i8 to f64\nprim.yield %1 : f64", "f64"), 64, 80),
        # one position in each channel: vectors run along channels
        (map_of("f32", SIGMOID, shape="2x100x1x1"), 64, 2 * 7 * 112),
        (map_of("f32", NOTHING, shape="3x1000"), 64, 3 * 63),
    ],
)
def test_cycles_of_maps_by_hand(op: Primitive, lanes: int, expected: int):
    assert vector_cycles(op, op.domain, machine(lanes)) == expected


def reduce_of(shape: str, result: str, window: str) -> Primitive:
    return node(
        f"{shape}xf32>"
        f'\n%y = prim.reduce "y" "f" sum ins(%x : tensor<{shape}xf32>) window <{window}>'
        f" pre [](:) {{\n^bb0(%0 : f32):\n%1 = arith.mulf %0, %0 : f32\nprim.yield %1 : f32\n}}"
        f" post [](:) {{\n^bb0(%0 : f32):\n%1 = math.sqrt %0 : f32\nprim.yield %1 : f32\n}}"
        f" -> tensor<{result}xf32>"
    )


@pytest.mark.parametrize(
    ("op", "lanes", "expected"),
    [
        # read: 2 x 8 channels x 3 vectors of 35 positions, 1 + 1 each; written: 2 x 3 vectors, a root each
        (reduce_of("2x8x5x7", "2x1x5x7", "kernel = [1, 1]"), 64, 48 * 2 + 6 * 10),
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
def test_cycles_of_reductions_by_hand(op: Primitive, lanes: int, expected: int):
    assert vector_cycles(op, op.domain, machine(lanes)) == expected


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
    result = shape.replace("50", "1", 1)
    op = reduce_of(shape, result, f"kernel = {ones}" if ones else "")
    cycles = 0
    for _ in range(batch):
        if prod(sizes) == 1:
            cycles += sum(2 for _ in range(0, channels, vector)) + 10
            cycles += ceil(log2(min(channels, vector)))
        else:
            cycles += sum(2 for _ in range(channels) for _ in range(0, prod(sizes), vector))
            cycles += sum(10 for _ in range(0, prod(sizes), vector))
    assert vector_cycles(op, block, target) == cycles
    many: list[Any] = [np.array([size, size]) for size in block.sizes]
    assert vector_cycles(op, Domain.of_sizes(many), target).tolist() == [cycles, cycles]


def test_operations_count_what_is_done_to_each_element():
    assert operations(map_of("f32", NOTHING)) == 2 * 8 * 35
    assert operations(map_of("f32", SIGMOID)) == 2 * 8 * 35 * 4
    assert operations(reduce_of("1x4x5x7", "1x1x3x7", "kernel = [3, 1]")) == 4 * 21 * 3 * 2 + 21
