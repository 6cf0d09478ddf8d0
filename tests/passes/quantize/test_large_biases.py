"""Biases and masks far beyond the sums that they are added to: they act, and never wrap around."""

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.programs import programs
from tests.samples import grid
from xnn.dialects.diagnostics import UserError
from xnn.passes.quantize.quantize import COMPUTE_SCALES
from xnn.runtime.io.npz import write_arrays

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((2, 6)).astype(np.float32)
W = RANDOM.standard_normal((6, 3)).astype(np.float32)
NODE = helper.make_node


def model(nodes: list, result: list[int], **constants: np.ndarray) -> bytes:
    tensors = [numpy_helper.from_array(np.asarray(a), name) for name, a in constants.items()]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, result)
    graph = helper.make_graph(nodes, "g", [given], [made], tensors)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def outputs(data: bytes, folder, options: str) -> dict[str, np.ndarray]:
    """The result at the first and the last level."""
    path = folder / "x.npz"
    write_arrays(path, {"x": X})
    at = programs(data, quantize=options, calibrate=path)
    return {level: at[level].run({"x": X})[0]["y"] for level in ("xnn", "dsa")}


KINDS = ["int8", "int16", "int8 per-channel=false"]
BIASES = [3e7, -3e7, 1e9, -1e9, 3e38, -3e38]


@pytest.mark.parametrize("scale, kind, bias", grid(10, COMPUTE_SCALES, KINDS, BIASES))
def test_a_mask_acts_at_all_levels(tmp_path, scale: str, kind: str, bias: float):
    mask = np.array([0, bias, 0], np.float32)
    data = model([NODE("Gemm", ["x", "w", "k"], ["y"])], [2, 3], w=W, k=mask)
    expected = X @ W + mask
    for found in outputs(data, tmp_path, f"{kind} compute-scale={scale}").values():
        assert np.abs(found - expected)[:, ::2].max() < 0.1
        np.testing.assert_allclose(found[:, 1], expected[:, 1], rtol=1e-5)


@pytest.mark.parametrize("scale", COMPUTE_SCALES)
@pytest.mark.parametrize("kind", ["int8", "int16"])
def test_a_mask_acts_before_a_narrow_map(tmp_path, scale: str, kind: str):
    mask, v = (
        np.array([0.5, -1e9, 0.5], np.float32),
        RANDOM.standard_normal((3, 2)).astype(np.float32),
    )
    nodes = [NODE("MatMul", ["x", "w"], ["p"]), NODE("Add", ["p", "k"], ["a"]),
             NODE("Relu", ["a"], ["r"]), NODE("MatMul", ["r", "v"], ["y"])]  # fmt: skip
    expected = np.maximum(X @ W + mask, 0) @ v
    data = model(nodes, [2, 2], w=W, k=mask, v=v)
    for found in outputs(data, tmp_path, f"{kind} compute-scale={scale}").values():
        assert np.abs(found - expected).max() < 0.1 * np.abs(expected).max()


def test_weights_far_smaller_than_their_bias(tmp_path):
    w, k = W * np.array([1, 1e-6, 1e-12], np.float32), np.ones(3, np.float32)
    data = model([NODE("Gemm", ["x", "w", "k"], ["y"])], [2, 3], w=w, k=k)
    assert np.abs(outputs(data, tmp_path, "int8")["dsa"] - (X @ w + k)).max() < 0.1


@pytest.mark.parametrize("what", ["weights", "bias"])
@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_weights_that_are_not_finite_are_refused(tmp_path, what: str, number: float):
    constants: dict[str, Any] = {"weights": W.copy(), "bias": np.ones(3, np.float32)}
    constants[what].flat[1] = number
    data = model([NODE("Gemm", ["x", "weights", "bias"], ["y"])], [2, 3], **constants)
    with pytest.raises(UserError, match=f'the {what} of layer "y" must be finite'):
        outputs(data, tmp_path, "int8")
