"""The ONNX backend interface; its suite of cases is in tests/suite."""

from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper
from onnx.parser import parse_model

from xnn.dialects.diagnostics import UserError
from xnn.tools.onnx import backend


def floats(values) -> np.ndarray:
    return np.array(values, np.float32)


MODEL = parse_model("""
    <ir_version: 8, opset_import: ["" : 13]>
    g (float[n, 2] x, float[2] b) => (float[n, 2] y, float[n, 2] z) { y = Add(x, b)  z = Relu(y) }
""")
X, B = floats([[1, -2], [3, -4]]), floats([0.5, 1])


def test_outputs_have_names_and_inputs_may_have():
    outputs: Any = backend.run_model(MODEL, {"b": B, "x": X}, level="xnn")
    np.testing.assert_array_equal(outputs[0], X + B)
    np.testing.assert_array_equal(outputs.z, np.maximum(X + B, 0))


def test_sizes_come_from_the_inputs_and_each_is_compiled_once():
    prepared = backend.prepare(MODEL, level="xnn")
    for rows in (1, 2, 1):
        (y, _) = prepared.run([np.repeat(X[:1], rows, 0), B])
        assert y.shape == (rows, 2)
    programs = {id(prepared.program({"x": np.repeat(X[:1], n, 0), "b": B})) for n in (1, 2, 1)}
    assert len(programs) == 2


def test_a_single_node():
    node = onnx.helper.make_node("Relu", ["x"], ["y"])
    (y,) = backend.run_node(node, [X], level="xnn")
    np.testing.assert_array_equal(y, np.maximum(X, 0))


def test_what_is_compatible():
    assert backend.is_compatible(MODEL)
    assert backend.supports_device("CPU") and backend.supports_device("XNN:0")
    assert not backend.supports_device("CUDA")
    unknown = parse_model("""
        <ir_version: 8, opset_import: ["" : 13]> g (float[2] x) => (float[2] y) { y = Det(x) }
    """)
    assert not backend.is_compatible(unknown)
    with pytest.raises(UserError, match="Det"):
        backend.run_model(unknown, [B])
    with pytest.raises(UserError, match="there is no device CUDA"):
        backend.prepare(MODEL, "CUDA")


def test_inputs_that_do_not_fit():
    prepared = backend.prepare(MODEL, level="xnn")
    with pytest.raises(UserError, match="the model has 2 inputs, not 1"):
        prepared.run([X])
    with pytest.raises(UserError, match="input 'b' is missing"):
        prepared.run({"x": X})
    with pytest.raises(UserError, match="input 'x' is not a tensor"):
        prepared.run([[X, X], B])
    with pytest.raises(UserError, match=r"input 'b' is float64\[2\], expected float32\[2\]"):
        prepared.run([X, B.astype(float)])


def test_values_that_decide_what_is_compiled_are_taken_from_a_run():
    graph = helper.make_graph(
        [
            helper.make_node("Range", ["start", "end", "step"], ["r"]),
            helper.make_node("Mul", ["r", "x"], ["y"]),
        ],
        "g",
        [helper.make_tensor_value_info(name, 1, []) for name in ("start", "end", "step")]
        + [helper.make_tensor_value_info("x", 1, ["N"])],
        [helper.make_tensor_value_info("y", 1, ["N"])],
    )
    prepared = backend.prepare(helper.make_model(graph))
    for end in (3.0, 5.0):
        x = np.arange(end, dtype=np.float32)
        bounds = [np.float32(v) for v in (0.0, end, 1.0)]
        np.testing.assert_array_equal(prepared.run([*map(np.asarray, bounds), x])[0], x * x)


def test_space_to_depth_keeps_channels_together_in_mode_crd():
    node = helper.make_node("SpaceToDepth", ["x"], ["y"], blocksize=2, mode="CRD")
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", 1, [1, 2, 4, 6])],
        [helper.make_empty_tensor_value_info("y")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 28)])
    x = np.arange(48, dtype=np.float32).reshape(1, 2, 4, 6)
    expected = x.reshape(1, 2, 2, 2, 3, 2).transpose(0, 1, 3, 5, 2, 4).reshape(1, 8, 2, 3)
    np.testing.assert_array_equal(backend.prepare(model).run([x])[0], expected)
