"""Elementwise operators at every level, after a convolution or alone: their scalar forms, against onnxruntime."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

import xnn
from xnn.dialects import LEVELS

RNG = np.random.default_rng(3)


def agree(nodes: list[onnx.NodeProto], inputs: dict[str, np.ndarray], fused: str = "") -> None:
    constants = [numpy_helper.from_array(RNG.standard_normal((3, 4, 1, 1), np.float32), "w")]
    kind = helper.np_dtype_to_tensor_dtype(next(iter(inputs.values())).dtype)
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info(name, kind, x.shape) for name, x in inputs.items()],
        [helper.make_tensor_value_info("y", kind, None)],
        constants,
    )
    opset = [helper.make_opsetid("", 17)]
    data = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    theirs = np.asarray(onnxruntime.InferenceSession(data).run(["y"], inputs)[0])
    for level in LEVELS:
        program = xnn.compile(data, level=level)
        ours, _ = program.run(inputs)
        np.testing.assert_allclose(ours["y"], theirs, rtol=1e-5, atol=1e-5, err_msg=level)
        if level == "prim" and fused:
            assert fused not in str(program.module)


@pytest.mark.parametrize(
    "operator", ["HardSwish", "HardSigmoid", "LeakyRelu", "Sigmoid", "Neg", "Tanh"]
)
def test_after_a_convolution_it_is_fused(operator):
    nodes = [helper.make_node("Conv", ["x", "w"], ["c"]), helper.make_node(operator, ["c"], ["y"])]
    names = {"HardSwish": "hard_swish", "HardSigmoid": "hard_sigmoid", "LeakyRelu": "leaky_relu"}
    fused = f"xnn.{names.get(operator, operator.lower())}"
    agree(nodes, {"x": 30 * RNG.standard_normal((1, 4, 5, 5), np.float32)}, fused)


def test_division_and_negation_of_integers():
    a, b = np.array([7, -7, 7, -7, 6, 0], np.int32), np.array([2, 2, -2, -2, -3, 5], np.int32)
    divide = [helper.make_node("Div", ["a", "b"], ["q"]), helper.make_node("Neg", ["q"], ["y"])]
    agree(divide, {"a": a, "b": b})
