"""Nodes of the operator sets before 7, against what they say in NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper

import xnn

X = np.random.default_rng(0).standard_normal((2, 3, 4)).astype(np.float32)
C = np.array([1.0, 2.0, 3.0], np.float32)


@pytest.mark.parametrize(
    ("operator", "attributes", "expected"),
    [
        ("Add", {"broadcast": 1, "axis": 1}, X + C[:, None]),
        ("Mul", {"broadcast": 1, "axis": -2}, X * C[:, None]),
        ("PRelu", {}, np.where(X < 0, X * C[:, None], X)),
    ],
)
def test_an_operand_is_aligned_by_an_axis(operator, attributes, expected):
    node = helper.make_node(operator, ["x", "c"], ["y"])
    check(node, attributes, expected, opset=6, constants={"c": C})


@pytest.mark.parametrize(
    ("operator", "attributes", "expected", "opset"),
    [
        ("Reshape", {"shape": [4, 6]}, X.reshape(4, 6), 1),
        ("Cast", {"to": "DOUBLE"}, X.astype(np.float64), 1),
        ("Cast", {"to": TensorProto.INT32}, X.astype(np.int32), 6),
        ("Pad", {"paddings": [0, 0, 0, 0, 0, 1]}, np.pad(X, ((0, 0), (0, 0), (0, 1))), 1),
        ("Dropout", {"is_test": 1, "ratio": 0.5}, X, 6),
        ("Relu", {"consumed_inputs": [0]}, np.maximum(X, 0), 1),
    ],
)
def test_attributes_that_became_inputs_or_went(operator, attributes, expected, opset):
    check(helper.make_node(operator, ["x"], ["y"]), attributes, expected, opset=opset)


def check(node, attributes, expected, *, opset, constants=None) -> None:
    node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
    tensors = [
        helper.make_tensor(k, TensorProto.FLOAT, v.shape, v) for k, v in (constants or {}).items()
    ]
    graph = helper.make_graph(
        [node],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)],
        [helper.make_empty_tensor_value_info("y")],
        tensors,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    outputs, _ = xnn.compile(model).run({"x": X}, sanitize=True)
    np.testing.assert_allclose(outputs["y"], expected, rtol=1e-6)


def test_constants_are_evaluated_by_the_operators_of_their_set():
    """The reference implementation of ONNX has the newest ones alone."""
    nodes = [
        helper.make_node("Unsqueeze", ["c"], ["columns"], axes=[1]),
        helper.make_node("Add", ["x", "columns"], ["y"]),
    ]
    constants = [helper.make_tensor("c", TensorProto.FLOAT, C.shape, C)]
    x = helper.make_tensor_value_info("x", TensorProto.FLOAT, X.shape)
    y = helper.make_empty_tensor_value_info("y")
    graph = helper.make_graph(nodes, "g", [x], [y], constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 9)])
    outputs, _ = xnn.compile(model, level="xnn").run({"x": X})
    np.testing.assert_allclose(outputs["y"], X + C[:, None])
