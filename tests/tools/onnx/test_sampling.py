"""GridSample and RoiAlign against onnxruntime, at every level, without general compute."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tests.samples import examples, samples
from tests.tools.onnx.levels import agree, floats, model_of, node


def sample(x: np.ndarray, out: tuple[int, ...], mode: str, opset: int, **options: Any) -> None:
    axes = x.ndim - 2
    grid = np.random.default_rng(1).random((len(x), *out, axes)) * 3 - 1.5  # some are outside
    inputs = {"x": x, "g": grid.astype(np.float32)}
    one = node("GridSample", "xg", mode=mode, **options)
    agree(model_of([one], inputs, ["y"], opset=opset), inputs, rtol=1e-4, atol=1e-5)


@examples(4)
@given(
    st.sampled_from(["bilinear", "nearest", "bicubic"]),
    st.sampled_from(["zeros", "border", "reflection"]),
    st.integers(0, 1),
    st.sampled_from([(2, 3, 4, 5), (1, 1, 1, 7), (1, 4, 6, 2)]),
)
def test_places_of_a_grid(mode: str, padding: str, aligned: int, sizes: tuple[int, ...]):
    x = floats(0, *sizes)
    sample(x, (3, 2), mode, 16, padding_mode=padding, align_corners=aligned)


@pytest.mark.parametrize("mode", samples(1, ["linear", "nearest"]))
def test_places_in_a_volume(mode: str):
    sample(floats(0, 1, 2, 3, 4, 5), (2, 2, 2), mode, 20, padding_mode="reflection")


def test_nothing_of_what_is_outside():
    x = floats(0, 1, 1, 3, 3)
    x[0, 0, 0, 0] = np.inf  # 0 times it would be no number
    inputs = {"x": x, "g": np.full((1, 1, 1, 2), 0.9, np.float32)}
    agree(model_of([node("GridSample", "xg")], inputs, ["y"]), inputs, rtol=1e-5)


@pytest.mark.parametrize(
    "form",
    samples(
        3,
        [
            (10, {"sampling_ratio": 2}),
            (16, {"sampling_ratio": 1, "mode": "max"}),
            (16, {}),  # as many samples as the regions are large: general compute
            (16, {"sampling_ratio": 3, "mode": "avg"}),
            (16, {"sampling_ratio": 2, "coordinate_transformation_mode": "output_half_pixel"}),
        ],
    ),
)
def test_regions(form: tuple[int, dict[str, Any]]):
    opset, options = form
    rng = np.random.default_rng(1)
    corner = rng.random((4, 2)) * 8 - 1
    regions = np.concatenate([corner, corner + rng.random((4, 2)) * 6], axis=1)
    inputs = {
        "x": floats(0, 2, 3, 6, 5),
        "r": regions.astype(np.float32),
        "b": np.array([0, 1, 1, 0]),
    }
    one = helper.make_node(
        "RoiAlign",
        ["x", "r", "b"],
        ["y"],
        output_height=3,
        output_width=2,
        spatial_scale=0.6,
        **options,
    )
    model = model_of([one], inputs, ["y"], opset=opset)
    agree(model, inputs, rtol=1e-4, atol=1e-5, general=not options)
