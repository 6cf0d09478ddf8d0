"""Transposed convolutions against onnxruntime: all attributes, and no products with zeros between elements."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.samples import examples
from tests.tools.onnx.levels import agree, expected_of, floats, model_of, node


@examples(8)
@given(st.integers(1, 3), st.data())
def test_any_attributes(rank: int, data: Any):
    def draw(low: int, high: int, count: int = rank) -> list[int]:
        return [data.draw(st.integers(low, high)) for _ in range(count)]

    groups, (batch, per_group, rows) = data.draw(st.integers(1, 2)), draw(1, 2, 3)
    sizes, kernel, strides, dilations = draw(2, 5), draw(1, 3), draw(1, 3), draw(1, 2)
    spans = [(n - 1) * s + (k - 1) * d + 1 for n, k, s, d in zip(sizes, kernel, strides, dilations)]
    low = [data.draw(st.integers(0, min(2, span - 1))) for span in spans]
    high = [data.draw(st.integers(0, min(2, span - 1 - a))) for span, a in zip(spans, low)]
    added = [data.draw(st.integers(0, s - 1)) for s in strides]
    x, w = (
        floats(1, batch, groups * per_group, *sizes),
        floats(2, groups * per_group, rows, *kernel),
    )
    properties = {"strides": strides, "dilations": dilations, "pads": low + high, "group": groups}
    up = node("ConvTranspose", "xwb", **properties, output_padding=added)
    model = model_of([up], {"x": x}, ["y"], {"w": w, "b": floats(3, groups * rows)})
    agree(model, {"x": x}, rtol=1e-4, atol=1e-5, general=True)


@pytest.mark.parametrize(
    ("properties", "kernel"),
    [
        ({"strides": [2], "auto_pad": "SAME_UPPER"}, 3),
        ({"strides": [2], "auto_pad": "SAME_LOWER"}, 3),
        ({"strides": [2], "output_shape": [8]}, 4),
        ({"strides": [3], "output_shape": [15]}, 2),
        ({"strides": [2], "auto_pad": "VALID"}, 2),
    ],
)
def test_sizes_that_decide_the_pads(properties: dict[str, Any], kernel: int):
    x, w = floats(1, 1, 4, 5), floats(2, 4, 3, kernel)
    model = model_of([node("ConvTranspose", "xw", **properties)], {"x": x}, ["y"], {"w": w})
    agree(model, {"x": x}, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("kernel", "pads", "added", "layers"),
    [(2, 0, 0, 1), (4, 1, 0, 4), (3, 1, 1, 4)],
)
def test_every_tap_meets_every_element_once(kernel: int, pads: int, added: int, layers: int):
    x, w = floats(1, 1, 4, 6, 6), floats(2, 4, 3, kernel, kernel)
    properties: dict[str, Any] = {"strides": [2, 2], "pads": [pads] * 4}
    properties["output_padding"] = [added] * 2
    model = model_of([node("ConvTranspose", "xw", **properties)], {"x": x}, ["y"], {"w": w})
    report = agree(model, {"x": x}, rtol=1e-4, atol=1e-5)
    assert report.macs == w.size * 6 * 6
    assert sum(layer.op.startswith("conv") for layer in report.layers) == layers


def test_weights_that_are_computed_and_several_samples():
    inputs = {"x": floats(1, 2, 4, 3, 3), "w": floats(2, 4, 2, 3, 3)}
    model = model_of(
        [node("ConvTranspose", "xw", strides=[2, 2], pads=[1, 1, 1, 1])], inputs, ["y"]
    )
    agree(model, inputs, rtol=1e-4, atol=1e-5)


def test_a_quantised_network(tmp_path: Any):
    x, w = floats(1, 1, 4, 5, 5), floats(2, 4, 3, 2, 2)
    model = model_of([node("ConvTranspose", "xw", strides=[2, 2])], {"x": x}, ["y"], {"w": w})
    np.savez(tmp_path / "samples.npz", x=x)
    largest = float(np.abs(expected_of(model, {"x": x})[0]).max())
    samples = tmp_path / "samples.npz"
    agree(model, {"x": x}, atol=0.03 * largest, quantize="int8", calibrate=samples)
