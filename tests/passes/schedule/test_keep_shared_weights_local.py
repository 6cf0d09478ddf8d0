"""Recurrent networks load their weights once, where local memory has room for them."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.programs import compiled
from tests.samples import grid, samples
from xnn.runtime.report.report import Report
from xnn.tools.agreement import relative_error

STEPS, INPUTS = 3, 12
KINDS = {"LSTM": 4, "GRU": 3, "RNN": 1}
"""Of recurrent operators: matrices for each step."""


def recurrent(kind: str, hidden: int) -> tuple[bytes, dict[str, np.ndarray]]:
    """A recurrent operator on a sequence."""
    rng, rows = np.random.default_rng(hidden), KINDS[kind] * hidden
    shapes = {"W": (1, rows, INPUTS), "R": (1, rows, hidden), "B": (1, 2 * rows)}
    weights = [
        numpy_helper.from_array(
            (rng.standard_normal(shape) / shape[-1] ** 0.5).astype(np.float32), name
        )
        for name, shape in shapes.items()
    ]
    node = helper.make_node(kind, ["x", *shapes], ["y"], hidden_size=hidden)
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, (STEPS, 1, INPUTS))
    y = helper.make_tensor_value_info("y", TensorProto.FLOAT, (STEPS, 1, 1, hidden))
    graph = helper.make_graph([node], "recurrent", [x], [y], weights)
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
    onnx.checker.check_model(model)
    return model.SerializeToString(), {
        "x": rng.standard_normal((STEPS, 1, INPUTS)).astype(np.float32)
    }


def run(model: bytes, inputs: dict[str, np.ndarray], settings: list[str], **options) -> Report:
    """The report; the outputs are those of onnxruntime, in the predicted time."""
    outputs, report = compiled(model, settings=settings, **options).run(inputs, sanitize=True)
    expected = np.asarray(onnxruntime.InferenceSession(model).run(None, inputs)[0])
    assert relative_error(outputs["y"], expected) < (0.2 if options else 1e-5)
    assert report.cycles == report.predicted_cycles
    return report


@pytest.mark.parametrize("kind", KINDS)
def test_weights_are_loaded_once(kind: str):
    report = run(*recurrent(kind, 64), [])
    assert report.external_bytes is not None and report.compulsory_bytes is not None
    assert report.external_bytes.total < 1.2 * report.compulsory_bytes


@pytest.mark.parametrize("kind, rows", grid(3, KINDS, [4, 16, 64]))
def test_a_memory_without_room_for_all_of_them_loads_some_each_time(kind: str, rows: int):
    report = run(*recurrent(kind, 32), [f"local.rows={rows}", "local.banks=4", "matmul.n=16"])
    assert report.external_bytes is not None and report.compulsory_bytes is not None
    if rows < 64:
        assert report.external_bytes.total > 1.2 * report.compulsory_bytes


def test_integers_are_loaded_once_as_well():
    report = run(*recurrent("LSTM", 64), [], quantize="int8")
    assert report.external_bytes is not None and report.compulsory_bytes is not None
    assert report.external_bytes.total < 1.4 * report.compulsory_bytes


@pytest.fixture(scope="module")
def eight_bits() -> int:
    """Bytes that a recurrence moves whose weights are of 8 bits."""
    report = run(*recurrent("RNN", 100), [], quantize="int8")
    assert report.external_bytes is not None
    return report.external_bytes.total


@pytest.mark.parametrize("quantize", samples(1, ["int8-ternary", "int8w4", "int8-binary"]))
def test_weights_packed_into_fewer_bits_are_one_parameter_of_all_steps(quantize, eight_bits):
    model, inputs = recurrent("RNN", 100)
    _, report = compiled(model, quantize=quantize).run(inputs, sanitize=True)
    assert report.external_bytes is not None
    assert report.external_bytes.total < 0.8 * eight_bits


def test_a_matrix_that_layers_share_is_transposed_and_loaded_once():
    width, layers = 64, 4
    rng = np.random.default_rng(0)
    shared = (rng.standard_normal((width, width)) / width**0.5).astype(np.float32)
    names = ["x", *(f"h{i}" for i in range(layers - 1)), "y"]
    nodes = []
    for i, (source, result) in enumerate(zip(names, names[1:])):
        nodes.append(helper.make_node("MatMul", [source, "w"], [f"m{i}"]))
        nodes.append(helper.make_node("Tanh", [f"m{i}"], [result]))
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (8, width)) for name in "xy"]
    graph = helper.make_graph(
        nodes, "tied", ends[:1], ends[1:], [numpy_helper.from_array(shared, "w")]
    )
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()
    report = run(model, {"x": rng.standard_normal((8, width)).astype(np.float32)}, [])
    assert report.weight_bytes == shared.nbytes
