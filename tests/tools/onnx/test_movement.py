"""What moves or relabels data, against onnxruntime at every level."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tests.samples import examples
from tests.tools.onnx.levels import agree, model_of

node = helper.make_node
TYPES = (np.float32, np.float16, np.float64, np.int64, np.int32, np.uint8, np.int8, np.bool_)
SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
ROWS = st.sampled_from([8, 1024])


def values(shape: tuple[int, ...], dtype: Any = np.float32, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).integers(-100, 100, shape)
    return (drawn > 0) if dtype == np.bool_ else drawn.astype(dtype)


@examples(6)
@given(SIZES, st.data(), ROWS)
def test_concatenations(sizes: tuple, data: Any, rows: int):
    """Along any axis: of what is given, computed, constant, concatenated before, and what comes twice."""
    axis = data.draw(st.integers(0, len(sizes) - 1))
    dtype = data.draw(st.sampled_from(TYPES))

    def shape() -> tuple[int, ...]:
        return (*sizes[:axis], data.draw(st.integers(1, 4)), *sizes[axis + 1 :])

    inputs = {"x": values(shape(), dtype), "z": values(shape(), dtype, 1)}
    parts = data.draw(st.lists(st.sampled_from(["x", "z", "c", "t"]), min_size=1, max_size=4))
    again = data.draw(st.lists(st.sampled_from(["x", "a", "t"]), min_size=1, max_size=3))
    order = list(reversed(range(len(sizes))))
    nodes = [
        node("Transpose", ["x"], ["s"], perm=order),
        node("Transpose", ["s"], ["t"], perm=order),
        node("Concat", parts, ["a"], axis=axis),
        node("Concat", ["a", *again], ["y"], axis=axis - len(sizes)),
    ]
    outputs = data.draw(st.sampled_from([["y"], ["y", "a"], ["y", "s"]]))
    agree(model_of(nodes, inputs, outputs, {"c": values(shape(), dtype, 2)}), inputs, rows=rows)


def test_products_write_and_read_concatenations_of_several_samples_where_they_lie():
    rng = np.random.default_rng(0)
    shapes = {"w": (3, 4, 3, 3), "v": (2, 7, 1, 1)}
    weights = {k: rng.standard_normal(s).astype(np.float32) for k, s in shapes.items()}
    nodes = [
        node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
        node("Concat", ["x", "a"], ["b"], axis=1),
        node("Conv", ["b", "v"], ["c"]),
        node("Concat", ["b", "c"], ["d"], axis=1),
        node("Relu", ["d"], ["y"]),
    ]
    inputs = {"x": rng.standard_normal((2, 4, 6, 6)).astype(np.float32)}
    for rows in (8, 1024):
        report = agree(model_of(nodes, inputs, ["y"], weights), inputs, rows=rows, atol=1e-5)
        assert sorted(each.name for each in report.layers) == ["a", "b#copy0", "c", "y"]


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


@examples(8)
@given(SIZES, st.data(), ROWS, st.sampled_from(TYPES))
def test_slices(sizes: tuple, data: Any, rows: int, dtype: Any):
    rank = len(sizes)
    axes = data.draw(st.lists(st.integers(0, rank - 1), unique=True, min_size=1, max_size=rank))
    bounds = []
    for axis in axes:
        n, step = sizes[axis], data.draw(st.sampled_from([-3, -2, -1, 1, 2, 4]))
        start = data.draw(st.integers(-n, n - 1))
        at = start % n
        span = at + 2 if step < 0 else n - at + 1
        count = data.draw(st.integers(1, span))
        end = at + count if step > 0 else at - count
        end = end - n - n if end < 0 else end  # before the first one
        bounds.append((start, end, step))
    starts, ends, steps = zip(*bounds, strict=True)
    given_axes = [axis - rank * data.draw(st.booleans()) for axis in axes]
    inputs = {"x": values(sizes, dtype)}
    constants = {"s": ints(*starts), "e": ints(*ends), "a": ints(*given_axes), "t": ints(*steps)}
    nodes = [node("Slice", ["x", *constants], ["y"])]
    agree(model_of(nodes, inputs, ["y"], constants), inputs, rows=rows)


@pytest.mark.parametrize("opset", [9, 11, 13, 18])
def test_splits_are_views_where_parts_are_contiguous(opset: int):
    inputs, constants = {"x": values((1, 7, 4))}, {"s": ints(2, 1, 4)}
    first = node("Split", ["x", *constants], ["a", "b", "c"], axis=1)
    if opset < 13:
        first, constants = node("Split", ["x"], ["a", "b", "c"], axis=1, split=[2, 1, 4]), {}
    if opset == 18:
        first, constants = node("Split", ["x"], ["a", "b", "c"], axis=1, num_outputs=3), {}
    nodes = [first, node("Split", ["c"], ["d", "e"], axis=2), node("Neg", ["a"], ["f"])]
    if opset == 18:
        nodes[1] = node("Split", ["c"], ["d", "e"], axis=2, num_outputs=2)
    outputs = ["f", "b", "d", "e"]
    report = agree(model_of(nodes, inputs, outputs, constants, opset), inputs)
    inner = [] if opset == 18 else ["d", "e"]  # the last of three equal ones has one row
    assert {layer.name for layer in report.layers} == {*inner, "f"}


@examples(8)
@given(SIZES, st.data(), ROWS, st.sampled_from(TYPES))
def test_pads(sizes: tuple, data: Any, rows: int, dtype: Any):
    rank, inputs = len(sizes), {"x": values(sizes, dtype)}
    mode = data.draw(st.sampled_from(["constant", "constant", "edge", "reflect", "wrap"]))
    most = {"constant": [3] * rank, "edge": [3] * rank, "wrap": sizes}
    limits = most.get(mode, [size - 1 for size in sizes])
    least = [-((size - 1) // 2) if mode == "constant" else 0 for size in sizes]
    pads = [data.draw(st.integers(low, high)) for low, high in [*zip(least, limits)] * 2]
    constants: dict[str, Any] = {"p": ints(*pads)}
    if mode == "constant" and data.draw(st.booleans()):
        constants["v"] = values((), dtype, 5)
    elif mode == "constant" and data.draw(st.booleans()):
        inputs["v"] = values((), dtype, 5)
    names = ["x", "p", *({"v"} & (inputs.keys() | constants.keys()))]
    nodes = [node("Pad", names, ["y"], mode=mode)]
    agree(model_of(nodes, inputs, ["y"], constants, 19), inputs, rows=rows)


@pytest.mark.parametrize("mode", ["edge", "reflect"])
def test_pads_are_of_what_negative_ones_leave(mode: str):
    constants = {"p": np.array([0, 2, 0, -1])}
    inputs = {"x": values((2, 6))}
    agree(model_of([node("Pad", ["x", "p"], ["y"], mode=mode)], inputs, ["y"], constants), inputs)


def test_a_part_of_a_pad_that_is_as_large_as_its_operand():
    inputs, constants = {"x": values((2, 3, 4))}, {"p": ints(1, 0, 0, 0, 0, 1)}
    agree(model_of([node("Pad", ["x", "p"], ["y"], mode="edge")], inputs, ["y"], constants), inputs)


def test_pads_of_some_axes_and_as_attributes():
    inputs = {"x": values((2, 3, 4))}
    constants = {"p": ints(1, 2, 0, 1), "a": ints(-1, 0)}
    agree(model_of([node("Pad", ["x", "p", "", "a"], ["y"])], inputs, ["y"], constants), inputs)
    old = node("Pad", ["x"], ["y"], pads=[0, 1, 0, 0, 0, 2], value=2.5)
    agree(model_of([old], inputs, ["y"], opset=9), inputs)


@examples(6)
@given(SIZES, st.data(), ROWS, st.sampled_from(TYPES))
def test_expansions_and_repetitions(sizes: tuple, data: Any, rows: int, dtype: Any):
    inputs, rank = {"x": values(sizes, dtype)}, len(sizes)
    repeats = [data.draw(st.integers(1, 3)) for _ in sizes]
    target = [data.draw(st.sampled_from([1, n])) if n > 1 else 2 for n in sizes]
    target = [*data.draw(st.lists(st.integers(1, 3), max_size=2)), *target]
    constants = {"r": ints(*repeats), "s": ints(*target)}
    nodes = [node("Tile", ["x", "r"], ["t"]), node("Expand", ["x", "s"], ["e"])]
    assert rank == len(repeats)
    agree(model_of(nodes, inputs, ["t", "e"], constants), inputs, rows=rows)


@pytest.mark.parametrize("rows", [8, 1024])
def test_channels_and_positions(rows: int):
    inputs = {"x": values((2, 12, 4, 6))}
    nodes = [
        node("DepthToSpace", ["x"], ["a"], blocksize=2, mode="DCR"),
        node("DepthToSpace", ["x"], ["b"], blocksize=2, mode="CRD"),
        node("SpaceToDepth", ["x"], ["c"], blocksize=2),
        node("DepthToSpace", ["c"], ["d"], blocksize=2),
    ]
    agree(model_of(nodes, inputs, ["a", "b", "d"]), inputs, rows=rows)
