"""Outputs that no layer makes, at all levels: constants, inputs, one value several times."""

from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

import xnn

N = helper.make_node
X = np.array([[1, -2, 3]], np.float32)
C, LARGE = X[0], np.arange(4900, dtype=np.float32).reshape(70, 70)
RELU, A = N("Relu", ["x"], ["y"]), N("Relu", ["x"], ["a"])
SHAPE = np.array([1, 3])

CASES: dict[str, tuple[list, dict[str, Any], dict[str, np.ndarray]]] = {
    "a constant": ([], {"c": C}, {"c": C}),
    "of constants": ([N("Relu", ["c"], ["y"])], {"c": LARGE}, {"y": LARGE}),
    "a number": (
        [N("Neg", ["c"], ["y"])],
        {"c": np.array(2, np.float32)},
        {"y": np.array(-2, np.float32)},
    ),
    "a constant in use": (
        [N("Add", ["x", "c"], ["y"])],
        {"c": np.array(2, np.float32)},
        {"y": X + 2, "c": np.array(2, np.float32)},
    ),
    "a constant beside": ([RELU], {"c": C}, {"y": np.maximum(X, 0), "c": C}),
    "a view of one": ([N("Reshape", ["c", "s"], ["y"])], {"c": C, "s": SHAPE}, {"y": X}),
    "a product": ([N("MatMul", ["c", "d"], ["y"])], {"c": X, "d": X.T}, {"y": X @ X.T}),
    "the input": ([], {}, {"x": X}),
    "an identity": ([N("Identity", ["x"], ["y"])], {}, {"y": X}),
    "two of one input": ([N("Identity", ["x"], [n]) for n in "yz"], {}, {"y": X, "z": X}),
    "two of one value": (
        [A, N("Identity", ["a"], ["y"]), N("Identity", ["a"], ["z"])],
        {},
        dict.fromkeys("yza", np.maximum(X, 0)),
    ),
    "a view of the input": ([N("Flatten", ["x"], ["y"], axis=2)], {}, {"y": X.T}),
    "the input twice": ([N("Concat", ["x", "x"], ["y"], axis=0)], {}, {"y": np.vstack([X, X])}),
    "a part": (
        [A, N("Concat", ["a", "x"], ["y"], axis=0)],
        {},
        {"y": np.vstack([np.maximum(X, 0), X]), "a": np.maximum(X, 0)},
    ),
}


@pytest.mark.parametrize("level", ["xnn", "prim", "dma", "dsa"])
@pytest.mark.parametrize("case", CASES)
def test_outputs_that_no_layer_makes(case: str, level: str):
    nodes, constants, expected = CASES[case]

    def info(name: str, array: np.ndarray):
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, array.shape)

    tensors = [numpy_helper.from_array(np.asarray(a), name) for name, a in constants.items()]
    results = [info(name, array) for name, array in expected.items()]
    graph = helper.make_graph(nodes, "g", [info("x", X)], results, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    outputs, _ = xnn.compile(model, level=level).run({"x": X}, sanitize=level == "dsa")
    for name, array in expected.items():
        np.testing.assert_array_equal(outputs[name], array)
