"""Short floats: what they can't hold."""

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import xnn

X = np.array([[1, -2, 3, 7e4]], np.float32)


@pytest.mark.parametrize("form", ["f16", "bf16"])
@pytest.mark.parametrize("level", ["xnn", "dsa"])
@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 3.4028235e38), (-3.4028235e38, 2), (0, np.inf), (7e4, 3e38)],
)
def test_bounds_beyond_the_format_do_not_bound(form: str, level: str, low: float, high: float):
    tensors = [
        numpy_helper.from_array(np.array(v, np.float32), n) for n, v in (("a", low), ("b", high))
    ]
    infos = [helper.make_tensor_value_info(n, TensorProto.FLOAT, X.shape) for n in "xy"]
    node = helper.make_node("Clip", ["x", "a", "b"], ["y"])
    graph = helper.make_graph([node], "g", infos[:1], infos[1:], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    outputs, _ = xnn.compile(model, quantize=form, level=level).run({"x": X})
    dtype = np.float16 if form == "f16" else np.float32
    with np.errstate(over="ignore"):
        expected = np.clip(X.astype(dtype), dtype(low), dtype(high))
    np.testing.assert_allclose(outputs["y"], expected, rtol=0.01)
