"""What moves or relabels data, against onnxruntime at every level."""

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import helper

from tests.tools.onnx.levels import agree, model_of

node = helper.make_node
TYPES = (np.float32, np.float16, np.float64, np.int64, np.int32, np.uint8, np.int8, np.bool_)
SIZES = st.lists(st.integers(1, 5), min_size=1, max_size=4).map(tuple)
ROWS = st.sampled_from([8, 1024])


def values(shape: tuple[int, ...], dtype: Any = np.float32, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).integers(-100, 100, shape)
    return (drawn > 0) if dtype == np.bool_ else drawn.astype(dtype)


@settings(max_examples=6, deadline=None)
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
        assert [layer.name for layer in report.layers] == ["a", "b#part0", "c", "y"]
