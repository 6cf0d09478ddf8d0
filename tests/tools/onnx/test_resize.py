"""Resize and Upsample against onnxruntime, at every level."""

from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.tools.onnx.levels import agree, expected_of, model_of
from xnn.tools.api import compile

node = helper.make_node
COORDINATES = ("asymmetric", "half_pixel", "pytorch_half_pixel", "align_corners")
NEAREST = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")
X = np.random.default_rng(0).standard_normal((1, 2, 5, 7)).astype(np.float32)
SIZES = ([1.0, 1.0, 2.0, 2.0], [1.0, 1.0, 1.7, 0.5], [1, 2, 9, 3], [1, 2, 1, 13])


def resize(size: list[Any], roi: Any = (), **attributes: Any):
    given = np.array(size, np.float32 if isinstance(size[0], float) else np.int64)
    names = ["x", "roi", *(["s"] if given.dtype == np.float32 else ["", "s"])]
    constants = {"roi": np.array(roi, np.float32), "s": given}
    return model_of([node("Resize", names, ["y"], **attributes)], {"x": X}, ["y"], constants, 19)


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("mode", COORDINATES)
@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        *(("nearest", {"nearest_mode": each}) for each in NEAREST),
        *(("linear", {"antialias": each}) for each in (0, 1)),
        *(("cubic", {name: 1}) for name in ("antialias", "exclude_outside")),
        ("cubic", {"cubic_coeff_a": -0.5}),
    ],
    ids=str,
)
def test_all_modes(size: list, mode: str, kind: str, attributes: dict):
    model = resize(size, mode=kind, coordinate_transformation_mode=mode, **attributes)
    outputs, _ = compile(model, level="xnn").run({"x": X})
    (expected,) = expected_of(model, {"x": X})
    np.testing.assert_allclose(outputs["y"], expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["nearest", "linear", "cubic"])
def test_crops_have_a_value_outside(kind: str):
    roi = (0, 0, 0.1, -0.2, 1, 1, 0.8, 1.2)
    model = resize(
        [1, 2, 9, 3],
        roi,
        mode=kind,
        coordinate_transformation_mode="tf_crop_and_resize",
        extrapolation_value=3.0,
    )
    agree(model, {"x": X}, atol=1e-5, rows=8)


@pytest.mark.parametrize("policy", ["stretch", "not_larger", "not_smaller"])
def test_some_axes_and_aspect_ratios(policy: str):
    model = resize([8, 8], mode="linear", axes=[3, 2], keep_aspect_ratio_policy=policy)
    agree(model, {"x": X}, atol=1e-5)


@pytest.mark.parametrize("size", SIZES[:2], ids=str)
def test_nearest_elements_are_transfers(size: list):
    mode = {"coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"}
    for rows in (8, 1024):
        report = agree(resize(size, **mode), {"x": X}, rows=rows)
        assert not any(layer.macs for layer in report.layers)


@pytest.mark.parametrize("kind", ["nearest", "linear"])
def test_earlier_opsets(kind: str):
    scales = np.array([1, 1, 2, 3], np.float32)
    for opset, operator in [(7, "Upsample"), (9, "Upsample"), (10, "Resize")]:
        attributes: dict[str, Any] = {"mode": kind}
        names, constants = ["x", "s"], {"s": scales}
        if opset == 7:
            names, constants = ["x"], {}
            attributes["scales"] = scales.tolist()
        one = node(operator, names, ["y"], **attributes)
        agree(model_of([one], {"x": X}, ["y"], constants, opset), {"x": X}, atol=1e-5)
