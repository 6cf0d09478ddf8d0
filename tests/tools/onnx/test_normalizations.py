"""Normalisations against onnxruntime, at every level."""

from collections.abc import Mapping, Sequence
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from tests.programs import programs
from tests.samples import examples, samples
from tests.tools.onnx.levels import agree, model_of
from xnn.tools.api import compile

TOLERANCE = {"f2": 1e-2, "f4": 2e-5, "f8": 1e-6}


def check(
    operator: str,
    x: np.ndarray,
    constants: Mapping[str, np.ndarray] | None = None,
    *,
    outputs: Sequence[str] = ("y",),
    opset: int = 17,
    rows: int = 1024,
    tolerance: float | None = None,
    domain: str = "",
    **attributes: Any,
) -> Any:
    names = ["x", *(constants or {})]
    node = helper.make_node(operator, names, outputs, domain=domain, **attributes)
    model = model_of([node], {"x": x}, [name for name in outputs if name], constants, opset)
    bound = tolerance or TOLERANCE[x.dtype.str[1:]]
    return agree(model, {"x": x}, rows=rows, rtol=bound, atol=bound)


def drawn(*sizes: int, kind: str = "f4") -> np.ndarray:
    """Elements that are far from a mean of zero, and some parameters of them."""
    rng = np.random.default_rng(len(sizes))
    return np.asarray(3 * rng.standard_normal(sizes) + 2).astype(kind)


@examples(15)
@given(
    st.lists(st.integers(1, 6), min_size=1, max_size=4),
    st.data(),
    st.sampled_from(["f4", "f2", "f8"]),
    st.sampled_from([("y",), ("y", "mean"), ("y", "mean", "inverse"), ("y", "", "inverse")]),
    st.sampled_from([8, 1024]),
)
def test_layer_normalization(
    sizes: list[int], data: Any, kind: str, outputs: tuple[str, ...], rows: int
):
    axis = data.draw(st.integers(-len(sizes), len(sizes) - 1))
    last = sizes[axis:]
    if kind == "f8":
        outputs = outputs[:1]  # onnxruntime has statistics of f32 then
    constants = {"scale": drawn(*last, kind=kind)}
    if data.draw(st.booleans()):
        constants["bias"] = drawn(*last, kind=kind)
    check(
        "LayerNormalization",
        drawn(*sizes, kind=kind),
        constants,
        axis=axis,
        outputs=outputs,
        rows=rows,
        epsilon=1e-2,
    )


@pytest.mark.parametrize("sizes", [(2, 3, 8), (1, 5), (6,)])
def test_rms_normalization(sizes: tuple[int, ...]):
    x, scale = drawn(*sizes), drawn(sizes[-1])
    wide = x.astype(float)
    expected = wide / np.sqrt((wide**2).mean(axis=-1, keepdims=True) + 1e-5) * scale
    node = helper.make_node("RMSNormalization", ["x", "scale"], ["y"])
    model = model_of([node], {"x": x}, ["y"], {"scale": scale}, 23)
    agree(model, {"x": x}, rtol=1e-5, atol=1e-5, expected=[expected.astype(np.float32)])


@pytest.mark.parametrize("with_bias", [False, True])
def test_sums_that_are_normalized(with_bias: bool):
    x = drawn(2, 3, 8)
    constants = {"skip": drawn(2, 3, 8), "gamma": drawn(8), "beta": -drawn(8)}
    if with_bias:
        constants["bias"] = drawn(8)
    options: dict[str, Any] = {"domain": "com.microsoft", "epsilon": 1e-5}
    check("SkipLayerNormalization", x, constants, outputs=("y", "", "", "sum"), **options)
    del constants["beta"]
    check("SkipSimplifiedLayerNormalization", x, constants, **options)


@pytest.mark.parametrize("sizes", [(2, 3, 7), (1, 4, 3, 5), (2, 2, 3, 2, 4)])
@pytest.mark.parametrize("kind", ["f4", "f2"])
def test_instance_normalization(sizes: tuple[int, ...], kind: str):
    constants = {name: drawn(sizes[1], kind=kind) for name in ("scale", "bias")}
    check("InstanceNormalization", drawn(*sizes, kind=kind), constants, epsilon=1e-3)


@pytest.mark.parametrize("opset", [18, 21])
@pytest.mark.parametrize("sizes", [(2, 6, 4), (1, 6, 3, 5)])
def test_group_normalization(sizes: tuple[int, ...], opset: int):
    count = 3 if opset == 18 else 6
    constants = {name: drawn(count) for name in ("scale", "bias")}
    check("GroupNormalization", drawn(*sizes), constants, opset=opset, num_groups=3)


@pytest.mark.parametrize("axes", [[0, 2, 3], [0, 1, 2, 3], [1], [2, 3]])
def test_mean_variance_normalization(axes: list[int]):
    check("MeanVarianceNormalization", drawn(2, 3, 4, 5), opset=13, axes=axes)


@pytest.mark.parametrize("p", [1, 2])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_norms(p: int, axis: int):
    x = drawn(3, 4, 5)
    x[:, :, 2] = x[1] = 0
    check("LpNormalization", x, p=p, axis=axis)


def test_a_norm_in_bf16():
    x = np.array([[3, 4], [0, 0]], ml_dtypes.bfloat16)
    normalized = helper.make_node("LpNormalization", ["x"], ["y"])
    expected = np.array([[0.6, 0.8], [0, 0]]).astype(x.dtype)
    agree(model_of([normalized], {"x": x}, ["y"], opset=22), {"x": x}, expected=[expected])


@pytest.mark.parametrize("sizes", samples(2, [(4, 3), (2, 3, 2, 4), (2, 3, 5), (1, 3, 2, 2, 3)]))
def test_batch_normalization_in_training(sizes: tuple[int, ...]):
    constants = {name: drawn(3) for name in ("scale", "bias", "mean")} | {"var": drawn(3) ** 2}
    options: dict[str, Any] = {"training_mode": 1, "momentum": 0.75, "opset": 15}
    check("BatchNormalization", drawn(*sizes), constants, outputs=("y", "m", "v"), **options)


def test_three_layers_for_a_layer_normalization_and_what_follows():
    x, constants = drawn(1, 16, 32), {"scale": drawn(32), "bias": drawn(32)}
    nodes = [
        helper.make_node("LayerNormalization", ["x", "scale", "bias"], ["n"]),
        helper.make_node("Relu", ["n"], ["r"]),
        helper.make_node("Mul", ["r", "x"], ["y"]),
    ]
    report = agree(model_of(nodes, {"x": x}, ["y"], constants), {"x": x}, rtol=1e-5, atol=1e-5)
    assert [layer.op for layer in report.layers] == ["normalize"] * 3


@pytest.mark.parametrize("form", ["int8", "f16"])
def test_quantised_networks_keep_their_normalizations(form: str):
    rng = np.random.default_rng(1)
    x = rng.standard_normal((4, 16)).astype(np.float32)
    constants = {name: rng.standard_normal((16, 16)).astype(np.float32) / 4 for name in "wv"}
    constants |= {"scale": drawn(16), "bias": drawn(16)}
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["a"]),
        helper.make_node("LayerNormalization", ["a", "scale", "bias"], ["n"]),
        helper.make_node("ReduceMax", ["n"], ["m"], axes=[1], keepdims=1),
        helper.make_node("Add", ["n", "m"], ["s"]),
        helper.make_node("MatMul", ["s", "v"], ["y"]),
    ]
    model = model_of(nodes, {"x": x}, ["y"], constants, 17)
    exact = compile(model, level="xnn").run({"x": x})[0]["y"]
    found = programs(model, quantize=form).values()
    results = [program.run({"x": x})[0]["y"] for program in found]
    for result in results:
        np.testing.assert_allclose(result, results[0], rtol=0, atol=1e-3 * np.abs(exact).max())
    np.testing.assert_allclose(results[0], exact, rtol=0, atol=0.05 * np.abs(exact).max())
