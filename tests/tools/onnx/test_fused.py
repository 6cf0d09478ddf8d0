"""Operators that onnxruntime fuses, against onnxruntime at every level."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from onnx import helper

from tests.tools.onnx.levels import agree, floats, model_of

X, BIAS = floats(0, 3, 8), floats(1, 8)


def fused(operator: str, inputs: list[str], **attributes: Any) -> Any:
    return helper.make_node(operator, inputs, ["y"], domain="com.microsoft", **attributes)


@pytest.mark.parametrize(
    "operator, inputs",
    [
        ("Gelu", ["x"]),
        ("BiasGelu", ["x", "b"]),
        ("FastGelu", ["x"]),
        ("FastGelu", ["x", "b"]),
        ("QuickGelu", ["x"]),
    ],
)
def test_gelus(operator: str, inputs: list[str]):
    model = model_of([fused(operator, inputs)], {"x": X}, ["y"], {"b": BIAS})
    agree(model, {"x": X}, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("a, b", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_products_of_transposed_matrices(a: int, b: int):
    one = floats(2, 2, 5, 3) if a else floats(2, 2, 3, 5)
    other = floats(3, 2, 4, 5) if b else floats(3, 2, 5, 4)
    product = fused("FusedMatMul", ["a", "b"], transA=a, transB=b, alpha=0.5 if a else 1.0)
    inputs = {"a": one, "b": other}
    agree(model_of([product], inputs, ["y"]), inputs, rtol=1e-5, atol=1e-6)


def check(
    operator: str,
    given: Mapping[str, Any],
    constants: Mapping[str, Any],
    *,
    inputs: Sequence[str] = (),
    outputs: Sequence[str] = ("y",),
    **attributes: Any,
) -> None:
    names = inputs or [*given, *constants]
    one = helper.make_node(operator, names, outputs, domain="com.microsoft", **attributes)
    agree(model_of([one], given, [*outputs], constants), given, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "activation, parameters",
    [("LeakyRelu", [0.3]), ("HardSigmoid", [0.3, 0.4]), ("Clip", [-0.5, 0.7])],
)
def test_convolutions_with_an_activation(activation: str, parameters: list[float]):
    weights = {"w": floats(1, 3, 2, 3, 3), "b": floats(2, 3)}
    given: dict[str, Any] = {"activation": activation, "pads": [1, 1, 1, 1]}
    if parameters:
        given["activation_params"] = parameters
    check("FusedConv", {"x": floats(0, 1, 2, 4, 4)}, weights, **given)


def test_a_convolution_plus_a_tensor():
    given = {"x": floats(0, 1, 2, 4, 4), "z": floats(3, 1, 3, 2, 2)}
    weights = {"w": floats(1, 3, 2, 3, 3), "b": floats(2, 3)}
    check("FusedConv", given, weights, inputs="xwbz", activation="Tanh")


def test_a_matrix_product_with_an_activation():
    weights = {"w": floats(1, 4, 8), "b": floats(2, 4)}
    check("FusedGemm", {"x": X}, weights, transB=1, alpha=0.5, activation="Relu")
    given: dict[str, Any] = {"activation": "LeakyRelu", "activation_alpha": 0.2}
    check("FusedGemm", {"x": X}, weights, transB=1, **given)


@pytest.mark.parametrize("masked", [False, True])
def test_embeddings(masked: bool):
    given = {"i": np.array([[1, 3, 2], [0, 5, 1]], np.int32)}
    given |= {"s": np.array([[0, 0, 1], [0, 1, 1]], np.int32)}
    tables = {name: floats(n, rows, 8) for n, (name, rows) in enumerate(zip("wpt", (6, 4, 2)))}
    tables |= {"g": floats(5, 8), "b": floats(6, 8)}
    inputs, outputs = [*"iswptgb"], ["y", "m"]
    if masked:
        given["k"] = np.array([[1, 1, 0], [1, 1, 1]], np.int32)
        given["j"] = np.array([[0, 2, 1], [3, 1, 2]], np.int32)
        inputs += ["k", "j"]
        outputs.append("z")
    check("EmbedLayerNormalization", given, tables, inputs=inputs, outputs=outputs)


@pytest.mark.parametrize(
    "bits, zeros",
    [(2, "none"), (2, "packed"), (4, "packed"), (4, "real"), (8, "none"), (8, "packed")],
)
def test_weights_in_blocks_of_few_bits(bits: int, zeros: str):
    rng, rows, length, size = np.random.default_rng(bits), 5, 40, 16
    blocks = -(-length // size)
    weights = {
        "w": rng.integers(0, 256, (rows, blocks, size * bits // 8)).astype(np.uint8),
        "s": floats(2, rows * blocks) / 2**bits,
    }
    if zeros == "packed":
        weights["z"] = rng.integers(0, 256, rows * -(-blocks * bits // 8)).astype(np.uint8)
    elif zeros == "real":
        weights["z"] = floats(3, rows, blocks) * 2
    given: dict[str, Any] = {"K": length, "N": rows, "bits": bits, "block_size": size}
    check("MatMulNBits", {"x": floats(0, 2, 3, length)}, weights, **given)
    if zeros == "none":
        inputs = ["x", "w", "s", "", "", "b"]
        weights["b"] = floats(4, rows)
        check("MatMulNBits", {"x": floats(0, 2, 3, length)}, weights, inputs=inputs, **given)


def test_rows_of_a_table_in_blocks_of_few_bits():
    rng = np.random.default_rng(0)
    table = {
        "t": rng.integers(0, 256, (6, 16)).astype(np.uint8),
        "s": floats(1, 6, 2),
        "z": rng.integers(0, 256, (6, 1)).astype(np.uint8),
    }
    given = {"i": np.array([[1, 5], [0, 2]])}
    axes: dict[str, Any] = {"gather_axis": 0, "quantize_axis": 1, "block_size": 16, "bits": 4}
    check("GatherBlockQuantized", given, table, inputs="tisz", **axes)


def test_channels_last():
    pixels = np.random.default_rng(0).integers(0, 255, (1, 5, 5, 3)).astype(np.uint8)
    check("NhwcMaxPool", {"x": pixels}, {}, kernel_shape=[2, 2], strides=[2, 2])
    parameters = {
        "sx": np.float32(0.1),
        "zx": np.uint8(100),
        "w": np.random.default_rng(1).integers(-60, 60, (4, 3, 2, 2)).astype(np.int8),
        "sw": np.float32(0.02),
        "zw": np.int8(0),
        "sy": np.float32(0.2),
        "zy": np.uint8(90),
    }
    check("QLinearConv", {"x": pixels}, parameters, channels_last=1)


@pytest.mark.slow
def test_operators_that_onnx_has_as_well():
    check("Trilu", {"x": floats(0, 4, 4)}, {})
    check("GridSample", {"x": floats(0, 1, 2, 4, 4), "g": floats(1, 1, 3, 3, 2) / 2}, {})
