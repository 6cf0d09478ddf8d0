"""Tensors without elements: at every level, against onnxruntime."""

import numpy as np
import pytest

from tests.tools.onnx.levels import agree, floats, model_of, node
from xnn.tools.api import compile

EMPTY = floats(0, 0, 4)
X = floats(1, 3, 4)


def of(shape: list[int]) -> np.ndarray:
    return np.array(shape, np.int64)


@pytest.mark.parametrize(
    "operator",
    ["ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL2", "ReduceLogSum", "ReduceMean"],
)
def test_reductions_of_no_elements(operator: str):
    model = model_of([node(operator, "xa", keepdims=0)], {"x": EMPTY}, ["y"], {"a": of([0])})
    agree(model, {"x": EMPTY})


def test_a_cache_that_is_empty_adds_nothing():
    nodes = [node("Concat", "px", "n", axis=0), node("Relu", "n"), node("Relu", "p", "q")]
    model = model_of(nodes, {"p": EMPTY, "x": X}, ["n", "y", "q"])
    agree(model, {"p": EMPTY, "x": X})


def test_results_without_elements():
    nodes = [
        node("Slice", "xse", "n"),
        node("Transpose", "n", "t", perm=[1, 0]),
        node("MatMul", "tz", "m"),
        node("Gemm", "tnx", "g", beta=0.5),
        node("Add", "mx", "y"),
    ]
    constants = {"s": of([2]), "e": of([2]), "z": EMPTY}
    x = floats(2, 4, 4)
    agree(model_of(nodes, {"x": x}, ["n", "g", "y"], constants), {"x": x})


def test_only_the_type_of_a_tensor_without_elements():
    like = np.zeros(0, np.float16)
    nodes = [node("CastLike", "xl")]
    model = model_of(nodes, {"x": X, "l": like}, ["y"], opset=19)
    agree(model, {"x": X, "l": like}, expected=[X.astype(np.float16)])


def test_a_size_may_be_bound_to_0():
    model = model_of([node("Concat", "px", axis=0)], {"p": EMPTY, "x": X}, ["y"])
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "past"
    program = compile(model, bindings={"past": 0})
    outputs, _ = program.run({"p": EMPTY, "x": X})
    np.testing.assert_array_equal(outputs["y"], X)
