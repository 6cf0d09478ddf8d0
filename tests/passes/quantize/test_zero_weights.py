"""Channels whose weights are all zero, as pruning leaves them: they add nothing to the bias, in any format."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.programs import programs
from tests.samples import grid
from xnn.passes.quantize.quantize import COMPUTE_SCALES
from xnn.runtime.io.npz import write_arrays

RANDOM = np.random.default_rng(0)
X = RANDOM.standard_normal((1, 3, 6, 6)).astype(np.float32)
W = RANDOM.choice([-0.5, 0.5], (4, 3, 1, 1)).astype(np.float32)


def model(weights: np.ndarray, bias: np.ndarray) -> bytes:
    tensors = [numpy_helper.from_array(weights, "w"), numpy_helper.from_array(bias, "b")]
    nodes = [
        helper.make_node("Conv", ["x", "w", "b"], ["c"]),
        helper.make_node("Relu", ["c"], ["r"]),
        helper.make_node("MaxPool", ["r"], ["y"], kernel_shape=[1, 1]),
    ]
    given = helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)
    made = helper.make_tensor_value_info("y", TensorProto.FLOAT, X.shape[:1] + (4, 6, 6))
    graph = helper.make_graph(nodes, "g", [given], [made], tensors)
    opset = [helper.make_opsetid("", 17)]
    return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


FORMS = [
    f"int8-{levels} {option}"
    for levels in ("binary", "ternary", "power-of-two")
    for option in (
        *(f"compute-scale={each}" for each in COMPUTE_SCALES),
        "rounding=gptq",
        "dynamic",
    )
] + ["int8-binary per-channel=false"]


@pytest.mark.parametrize("form, zero", grid(8, FORMS, [slice(None), slice(1, 2)]))
def test_zero_weights_add_nothing(tmp_path, form: str, zero: slice):
    weights, bias = W.copy(), np.array([1, 2, 3, 0], np.float32)
    weights[slice(None) if "per-channel=false" in form else zero] = 0
    write_arrays(path := tmp_path / "x.npz", {"x": X})
    at = programs(model(weights, bias), quantize=form, calibrate=path)
    for level in ("xnn", "dsa"):
        found = at[level].run({"x": X})[0]["y"][:, zero]
        expected = np.broadcast_to(bias[:, None, None], (1, 4, 6, 6))[:, zero]
        np.testing.assert_allclose(found, expected, rtol=0, atol=0.02)
