"""Elementwise operators at every level, after a convolution or alone: their scalar forms, against onnxruntime."""

from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import helper, numpy_helper

from tests.programs import programs

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
    for level, program in programs(data).items():
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


def node(operator: str, inputs: str, output: str, **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(operator, inputs.split(), [output], **attributes)


DIAMONDS = {
    "swish": [node("Sigmoid", "c", "s"), node("Mul", "c s", "y")],
    "hard swish": [
        node("HardSigmoid", "c", "h", alpha=1 / 6, beta=0.5),
        node("Mul", "h c", "y"),
    ],
    "leaky ReLU": [
        node("Relu", "c", "a"),
        node("Neg", "c", "n"),
        node("Relu", "n", "m"),
        node("HardSigmoid", "m", "k", alpha=0.1, beta=0.0),
        node("Sub", "a k", "y"),
    ],
    "GELU": [
        node("Mul", "c c", "q"),
        node("Mul", "q c", "r"),
        node("Add", "r c", "t"),
        node("Tanh", "t", "h"),
        node("Add", "h h", "i"),
        node("Mul", "i c", "y"),
    ],
    "mish": [
        node("Exp", "c", "e"),
        node("Mul", "e e", "f"),
        node("Add", "f e", "g"),
        node("Tanh", "g", "t"),
        node("Mul", "c t", "y"),
    ],
}


@pytest.mark.parametrize("nodes", DIAMONDS.values(), ids=DIAMONDS)
def test_a_diamond_after_a_convolution_is_fused_whole(nodes):
    conv = node("Conv", "x w", "c")
    agree([conv, *nodes], {"x": RNG.standard_normal((1, 4, 5, 5), np.float32)}, "prim.general")


@pytest.mark.parametrize("seed", range(12))
def test_operators_in_any_order_agree(seed):
    """Some use the convolution's result, some its input through another one; the last collects what is unused."""
    rng = np.random.default_rng(seed)
    nodes = [node("Conv", "x w", "c"), node("Conv", "x w", "d")]
    values = ["c", "d"]
    for i in range(rng.integers(2, 9)):
        operator = str(rng.choice(["Relu", "Sigmoid", "Tanh", "Add", "Sub", "Mul"]))
        count = 1 if operator in ("Relu", "Sigmoid", "Tanh") else 2
        # mostly of the last few, so that there are single exits on the way
        inputs = [values[-1 - int(rng.geometric(0.5)) % len(values)] for _ in range(count)]
        nodes.append(node(operator, " ".join(inputs), f"v{i}"))
        values.append(f"v{i}")
    used = {name for each in nodes for name in each.input}
    total = values[-1]
    for i, value in enumerate(v for v in values[:-1] if v not in used):
        nodes.append(node("Add", f"{total} {value}", total := f"t{i}"))
    nodes.append(node("Tanh", total, "y"))
    agree(nodes, {"x": rng.standard_normal((1, 4, 5, 5), np.float32)})
