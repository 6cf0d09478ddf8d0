"""Floats of a byte or less: stored, moved and converted at every level, as onnxruntime or ml_dtypes do."""

import ml_dtypes
import numpy as np
import pytest
from onnx import TensorProto, helper

from tests.tools.onnx.levels import agree, expected_of, model_of, node

BYTES = ("FLOAT8E4M3FN", "FLOAT8E4M3FNUZ", "FLOAT8E5M2", "FLOAT8E5M2FNUZ")
X = np.random.default_rng(0).normal(0, 300, (4, 64)).astype(np.float32)
X[0, :6] = np.inf, -np.inf, 1e6, -1e6, 1e-9, -0.0


@pytest.mark.parametrize("saturate", [0, 1])
@pytest.mark.parametrize("kind", BYTES)
def test_casts_and_transfers(kind: str, saturate: int):
    narrow = node("Cast", "x", "a", to=TensorProto.DataType.Value(kind), saturate=saturate)
    transposed = [node("Transpose", "a", "b"), node("Cast", "b", to=TensorProto.FLOAT)]
    model = model_of([narrow, *transposed], {"x": X}, ["y"], opset=19)
    expected = X.astype(helper.tensor_dtype_to_np_dtype(TensorProto.DataType.Value(kind)))
    if saturate:  # otherwise onnxruntime has NaN for what rounds to the largest
        wide = node("Cast", "a", to=TensorProto.FLOAT)
        (expected,) = expected_of(model_of([narrow, wide], {"x": X}, ["y"], opset=19), {"x": X})
    agree(model, {"x": X}, expected=[expected.T.astype(np.float32)])


@pytest.mark.parametrize("kind", [ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2])
def test_real_values_with_scales(kind: type):
    scale, zero = np.array([1.0, 0.5, 2.0, 4.0], np.float32), np.zeros(4, kind)
    nodes = [
        node("QuantizeLinear", "xsz", "q", axis=0),
        node("DequantizeLinear", "qsz", axis=0),
    ]
    agree(model_of(nodes, {"x": X}, ["y"], {"s": scale, "z": zero}, opset=19), {"x": X})


def test_weights_of_4_bits_are_packed():
    weights = np.linspace(-7, 7, 256).reshape(X.shape).astype(ml_dtypes.float4_e2m1fn)
    nodes = [node("Cast", "w", "a", to=TensorProto.FLOAT), node("Mul", "xa")]
    x = np.clip(X, -9, 9)
    model = model_of(nodes, {"x": x}, ["y"], {"w": weights}, opset=23)
    agree(model, {"x": x}, expected=[x * weights.astype(np.float32)])
