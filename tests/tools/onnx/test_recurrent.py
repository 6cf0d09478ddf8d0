"""LSTM, GRU and RNN in all directions and forms, compared with onnxruntime at every level."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import xnn
from tests.programs import compiled, programs
from tests.samples import grid, samples
from tests.tools.onnx.levels import agree, floats, model_of
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError

STEPS, BATCH, SIZE, HIDDEN = 2, 2, 4, 5
GATES = {"RNN": 1, "GRU": 3, "LSTM": 4}


def check(
    operator: str,
    *,
    given: tuple[str, ...] = ("x", "w", "r", "b", "", "h", "c", "p"),
    levels: tuple[str, ...] = ("xnn", "dsa"),
    **attributes: Any,
) -> None:
    """`given`: the inputs of the node; those of an LSTM alone are left out of others."""
    directions = 2 if attributes.get("direction") == "bidirectional" else 1
    rng = np.random.default_rng(0)
    sizes = {
        "x": (STEPS, BATCH, SIZE),
        "w": (directions, GATES[operator] * HIDDEN, SIZE),
        "r": (directions, GATES[operator] * HIDDEN, HIDDEN),
        "b": (directions, 2 * GATES[operator] * HIDDEN),
        "h": (directions, BATCH, HIDDEN),
        "c": (directions, BATCH, HIDDEN),
        "p": (directions, 3 * HIDDEN),
    }
    arrays = {k: rng.standard_normal(v).astype(np.float32) for k, v in sizes.items()}
    arrays["lengths"] = np.array([STEPS, 1], np.int32)
    inputs = given if operator == "LSTM" else given[:6]
    outputs = ["y", "yh", "yc"][: 3 if operator == "LSTM" else 2]
    node = helper.make_node(operator, inputs, outputs, hidden_size=HIDDEN)
    node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
    data = [n for n in ("x", "h", "c") if n in inputs]
    weights = [numpy_helper.from_array(arrays[n], n) for n in inputs if n and n not in data]
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, sizes[n]) for n in data],
        [helper.make_empty_tensor_value_info(n) for n in outputs],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=9)
    feed = {name: arrays[name] for name in data}
    session = onnxruntime.InferenceSession(model.SerializeToString())
    expected = dict(zip(outputs, session.run(outputs, feed), strict=True))
    at = programs(model, level=levels[-1])
    for level in levels:
        got, report = at[level].run(feed, sanitize=level == "dsa")
        for name, array in expected.items():
            assert isinstance(array, np.ndarray)
            np.testing.assert_allclose(got[name], array, rtol=1e-4, atol=1e-5)
        if level == "dsa":
            assert report.json()["general_share"]["operations"] == 0


@pytest.mark.parametrize("operator", GATES)
def test_every_level(operator):
    check(operator, levels=LEVELS)


@pytest.mark.parametrize("operator, direction", grid(2, GATES, ["reverse", "bidirectional"]))
def test_directions_and_lengths(operator, direction):
    given = ("x", "w", "r", "b", "lengths", "h", "c", "")
    check(operator, given=given, direction=direction)


@pytest.mark.parametrize("operator", samples(1, ["GRU", "LSTM", "RNN"]))
def test_what_may_be_left_out(operator):
    check(operator, given=("x", "w", "r"))


AFFINE = {"activations": ["Affine"], "activation_alpha": [0.5], "activation_beta": [0.1]}


@pytest.mark.parametrize(
    "form",
    samples(
        4,
        [
            ("GRU", {"linear_before_reset": 1}),
            ("LSTM", {"input_forget": 1}),
            ("LSTM", {"clip": 0.5}),
            (
                "LSTM",
                {
                    "activations": ["HardSigmoid", "Relu", "ScaledTanh"],
                    "activation_alpha": [0.3, 0.5],
                    "activation_beta": [0.4, 0.7],
                },
            ),
            ("RNN", {"activations": ["LeakyRelu"], "activation_alpha": [0.2]}),
            ("RNN", AFFINE),
            ("GRU", {"activations": ["HardSigmoid", "Softsign"]}),
        ],
    ),
)
def test_forms(form):
    operator, attributes = form
    check(operator, **attributes)


def test_halves():
    """onnxruntime has no LSTM of halves: that of floats is near."""
    rng = np.random.default_rng(0)
    sizes = {"x": (STEPS, 2, 4), "w": (1, 20, 4), "r": (1, 20, 5)}
    arrays = {name: rng.standard_normal(size).astype(np.float16) for name, size in sizes.items()}
    results = []
    for kind, dtype in ((TensorProto.FLOAT16, np.float16), (TensorProto.FLOAT, np.float32)):
        node = helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=5)
        weights = [numpy_helper.from_array(arrays[name].astype(dtype), name) for name in ("w", "r")]
        x, y = (
            helper.make_tensor_value_info("x", kind, sizes["x"]),
            helper.make_empty_tensor_value_info("y"),
        )
        graph = helper.make_graph([node], "g", [x], [y], weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)])
        results.append(compiled(model).run({"x": arrays["x"].astype(dtype)})[0]["y"])
    assert results[0].dtype == np.float16
    np.testing.assert_allclose(results[0].astype(np.float32), results[1], atol=5e-3)


@pytest.mark.parametrize("direction", samples(1, ["reverse", "forward"]))
def test_lstm_with_weights_of_8_bits(direction):
    """Weights that are small enough for onnxruntime's sums of pairs; rounding of a state may differ by a step."""
    rng = np.random.default_rng(0)
    hidden, inputs = 4, {"x": floats(0, STEPS, 1, 5)}
    constants = {
        "w": rng.integers(-60, 60, (1, 5, 4 * hidden)).astype(np.int8),
        "r": rng.integers(-60, 60, (1, hidden, 4 * hidden)).astype(np.int8),
        "b": floats(1, 1, 8 * hidden),
        "s": np.array([0.01], np.float32),
        "z": np.array([3], np.int8),
    }
    names = ["x", "w", "r", "b", "", "", "", "", "s", "z", "s", "z"]
    made = helper.make_node(
        "DynamicQuantizeLSTM", names, ["y", "h"],
        domain="com.microsoft", hidden_size=hidden, direction=direction,
    )  # fmt: skip
    agree(model_of([made], inputs, ["y", "h"], constants), inputs, atol=0.01)


def test_a_sequence_of_another_rank_is_refused():
    constants = {"w": floats(1, 1, 16, 5), "r": floats(2, 1, 16, 4)}
    made = helper.make_node("LSTM", ["x", "w", "r"], ["y"], hidden_size=4)
    with pytest.raises(UserError, match=r"a sequence of shape \[3, 1, 1, 5\]"):
        xnn.compile(model_of([made], {"x": floats(0, 3, 1, 1, 5)}, ["y"], constants), level="xnn")
