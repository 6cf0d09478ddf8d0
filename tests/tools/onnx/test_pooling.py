"""Pooling in all its forms against onnxruntime."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import examples
from tests.tools.onnx.levels import agree, expected_of, floats, model_of, node
from xnn.tools.api import compile


@examples(8)
@given(st.integers(1, 3), st.sampled_from(["MaxPool", "AveragePool", "LpPool"]), st.data())
def test_any_attributes(rank: int, operator: str, data: Any):
    def draw(low: int, high: int, count: int = rank) -> list[int]:
        return [data.draw(st.integers(low, high)) for _ in range(count)]

    sizes, kernel, strides = draw(4, 7), draw(1, 3), draw(1, 3)
    low = [data.draw(st.integers(0, k - 1)) for k in kernel]
    high = [data.draw(st.integers(0, k - 1)) for k in kernel]
    properties: dict[str, Any] = {"kernel_shape": kernel, "strides": strides, "pads": low + high}
    properties["ceil_mode"] = data.draw(st.integers(0, 1)) if operator != "LpPool" else 0
    if operator == "LpPool":
        properties["p"] = data.draw(st.integers(1, 3))
    if operator == "AveragePool":
        properties["count_include_pad"] = data.draw(st.integers(0, 1))
    x = floats(rank, *draw(1, 2, 2), *sizes)
    model = model_of([node(operator, "x", **properties)], {"x": x}, ["y"], opset=19)
    agree(model, {"x": x}, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("sizes", "properties"),
    [
        ((9,), {"kernel_shape": [3], "strides": [2], "dilations": [2]}),
        ((6, 7), {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
        ((6, 7), {"kernel_shape": [3, 2], "pads": [1, 0, 1, 1], "storage_order": 1}),
        ((4, 5, 3), {"kernel_shape": [2, 2, 2], "strides": [1, 2, 1]}),
    ],
)
def test_indices_of_the_largest(sizes: tuple[int, ...], properties: dict[str, Any]):
    x = (
        np.random.default_rng(1).integers(-3, 3, (2, 2, *sizes)).astype(np.float32)
    )  # ties: the first
    model = model_of([node("MaxPool", "x", "yi", **properties)], {"x": x}, ["y", "i"])
    agree(model, {"x": x})


@pytest.mark.parametrize("auto_pad", ["SAME_UPPER", "SAME_LOWER"])
@pytest.mark.parametrize(("kernel", "stride"), [(1, 3), (1, 5), (2, 6), (1, 4)])
@pytest.mark.parametrize("operator", ["AveragePool", "LpPool"])
def test_windows_that_leave_elements_out(operator: str, kernel: int, stride: int, auto_pad: str):
    x = np.arange(1, 25, dtype=np.float32).reshape(1, 1, 2, 12)
    properties = {"kernel_shape": [1, kernel], "strides": [1, stride], "auto_pad": auto_pad}
    model = model_of([node(operator, "x", **properties)], {"x": x}, ["y"], opset=22)
    outputs, _ = compile(model, level="xnn").run({"x": x})
    np.testing.assert_allclose(outputs["y"], expected_of(model, {"x": x})[0], rtol=1e-6)


def test_the_end_of_a_window_that_sticks_out_of_an_unpadded_input_does_not_count():
    properties = {"kernel_shape": [3], "strides": [3], "ceil_mode": 1, "count_include_pad": 1}
    mean = node("AveragePool", "x", auto_pad="VALID", **properties)
    x = np.ones((1, 1, 8), np.float32)
    agree(model_of([mean], {"x": x}, ["y"], opset=19), {"x": x}, rtol=1e-6)


@pytest.mark.parametrize("p", [1, 2, 3])
def test_global_norms(p: int):
    x = floats(1, 2, 3, 4, 5)
    model = model_of([node("GlobalLpPool", "x", p=p)], {"x": x}, ["y"])
    agree(model, {"x": x}, rtol=1e-4)
