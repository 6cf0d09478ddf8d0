"""The softmax family against onnxruntime, at every level."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tests.samples import examples
from tests.tools.onnx.levels import agree, model_of


@examples(15)
@given(
    st.sampled_from(["Softmax", "LogSoftmax"]),
    st.lists(st.sampled_from([1, 2, 3, 5]), min_size=1, max_size=6),
    st.data(),
    st.sampled_from([11, 13]),
    st.sampled_from(["f4", "f2"]),
    st.sampled_from([8, 1024]),
)
def test_any_axis(operator: str, sizes: list, data: Any, opset: int, kind: str, rows: int):
    axis = data.draw(st.integers(-len(sizes), len(sizes) - 1))
    x = (5 * np.random.default_rng(len(sizes)).standard_normal(sizes)).astype(kind)
    node = helper.make_node(operator, ["x"], ["y"], axis=axis)
    tolerance = 1e-5 if kind == "f4" else 2e-2
    model = model_of([node], {"x": x}, ["y"], opset=opset)
    agree(model, {"x": x}, rows=rows, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("operator", ["Softmax", "LogSoftmax"])
def test_rows_that_are_masked(operator: str):
    inf = np.inf
    x = np.array([[1, -inf, 2], [-1e9, -1e9, -1e9], [-1e9, 3, 4], [-inf, -inf, -inf]], np.float32)
    node = helper.make_node(operator, ["x"], ["y"], axis=1)
    agree(model_of([node], {"x": x}, ["y"]), {"x": x}, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize(("opset", "axis"), [(11, 1), (13, 0), (13, 1), (13, -1)])
def test_hardmax(opset: int, axis: int):
    x = np.random.default_rng(1).integers(0, 3, (2, 3, 4)).astype(np.float32)
    node = helper.make_node("Hardmax", ["x"], ["y"], axis=axis)
    agree(model_of([node], {"x": x}, ["y"], opset=opset), {"x": x})
