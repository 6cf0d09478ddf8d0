"""Sequences and optionals: lists of tensors while a model is imported; against onnxruntime."""

from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnx import TensorProto, helper
from onnx.parser import parse_graph

from tests.tools.onnx.levels import agree, floats, model_of, node
from xnn.dialects.diagnostics import UserError
from xnn.tools.onnx import backend
from xnn.tools.onnx.importer import import_bytes

X, Y = floats(0, 4, 6), floats(1, 3, 6)
SEQUENCE = helper.make_sequence_type_proto(helper.make_tensor_type_proto(TensorProto.FLOAT, None))


def number(value: int) -> np.ndarray:
    return np.array(value, np.int64)


def test_a_sequence_that_is_made_and_joined():
    nodes = [
        node("SplitToSequence", "xc", "s", axis=0),
        node("SequenceInsert", "syp", "t"),
        node("SequenceErase", "tq", "u"),
        node("ConcatFromSequence", "u", "y", axis=0),
        node("SequenceAt", "uq", "a"),
        node("SequenceLength", "u", "n"),
        node("Gather", "xn", "z"),
    ]
    nodes[3].output[0], nodes[3].input[0] = "j", "u"
    constants = {"c": number(3), "p": number(-1), "q": number(1)}
    agree(model_of(nodes, {"x": X, "y": Y}, ["j", "a", "z"], constants), {"x": X, "y": Y})


@pytest.mark.parametrize("keepdims", [0, 1])
def test_parts_of_size_1(keepdims: int):
    nodes = [
        node("SplitToSequence", "x", "s", axis=1, keepdims=keepdims),
        node("ConcatFromSequence", "s", axis=1, new_axis=1 - keepdims),
        node("Identity", "s", "t"),
        node("SequenceAt", "tp", "a"),
    ]
    agree(model_of(nodes, {"x": X}, ["y", "a"], {"p": number(-2)}), {"x": X})


def of_sequences(nodes: list[Any], outputs: list[str]) -> Any:
    model = model_of(nodes, {"y": Y}, outputs, {"p": number(0)})
    model.graph.input.append(helper.make_value_info("s", SEQUENCE))
    for output in model.graph.output:
        output.type.CopyFrom(SEQUENCE)
    return model


def test_sequences_that_a_model_takes_and_returns():
    body = parse_graph("body (float[N, 6] a, float[3, 6] b) => (float[N, 6] c) { c = Relu (a) }")
    inserted = node("SequenceInsert", "syp", "t")
    model = of_sequences([inserted, node("SequenceMap", "ty", "u", body=body)], ["t", "u"])
    prepared = backend.prepare(model)
    for given in ([X], [X, Y]):
        plain = of_sequences([inserted], ["t"]).SerializeToString()
        wanted: Any = onnxruntime.InferenceSession(plain).run(None, {"y": Y, "s": given})[0]
        t, u = prepared.run({"y": Y, "s": given})
        for actual, mapped, expected in zip(t, u, wanted, strict=True):
            np.testing.assert_array_equal(actual, expected)
            np.testing.assert_array_equal(mapped, np.maximum(expected, 0))


def test_what_an_optional_holds_decides_a_branch():
    yes = parse_graph("yes () => (float[4, 6] b) { b = OptionalGetElement (o) }")
    no = parse_graph("no () => (float[4, 6] b) { b = Neg (x) }")
    nodes = [
        node("OptionalHasElement", "o", "h"),
        node("If", "h", then_branch=yes, else_branch=no),
    ]
    model = model_of(nodes, {"x": X}, ["y"])
    model.graph.output[0].type.CopyFrom(helper.make_tensor_type_proto(TensorProto.FLOAT, [4, 6]))
    tensor = helper.make_tensor_type_proto(TensorProto.FLOAT, [4, 6])
    optional = helper.make_optional_type_proto(tensor)
    model.graph.input.append(helper.make_value_info("o", optional))
    prepared = backend.prepare(model)
    np.testing.assert_array_equal(prepared.run({"x": X, "o": None})[0], -X)
    np.testing.assert_array_equal(prepared.run({"x": X, "o": 2 * X})[0], 2 * X)


def test_a_scan_of_the_first_versions_has_a_batch():
    body = parse_graph(
        "b (float[2] s, float[2] x) => (float[2] t, float[2] y) { t = Add (s, x) y = Neg (t) }"
    )
    x, start = floats(2, 3, 5, 2), floats(3, 3, 2)
    model = model_of(
        [node("Scan", "_sx", "ty", num_scan_inputs=1, body=body)],
        {"s": start, "x": x},
        ["t", "y"],
        opset=8,
    )
    sums = start[:, None] + np.cumsum(x, 1)
    agree(model, {"s": start, "x": x}, expected=[sums[:, -1], -sums], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    "nodes, reason",
    [
        ([node("SequenceConstruct", "xx", "s"), node("Relu", "s")], "s is no tensor"),
        ([node("SequenceAt", "xp")], "x is no sequence"),
        ([node("SequenceConstruct", "xx", "s"), node("SequenceAt", "sp")], "position 2 in a seq"),
        ([node("SequenceConstruct", "xx", "s"), node("SequenceAt", "si")], "depends on data"),
        ([node("SequenceEmpty", "", "s"), node("ConcatFromSequence", "s", axis=0)], "without tens"),
        ([node("Optional", "", "o"), node("OptionalGetElement", "o")], "o holds nothing"),
    ],
)
def test_what_is_refused(nodes: list[Any], reason: str):
    model = model_of(nodes, {"x": X, "i": number(0)}, ["y"], {"p": number(2)})
    with pytest.raises(UserError, match=reason):
        import_bytes(model.SerializeToString())
