"""Quantised networks with activations of every shape: fused, tabulated, and the same integers at every level."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

import xnn
from tests.programs import programs
from tests.samples import samples
from xnn.dialects import LEVELS
from xnn.dialects.scalar import LookupOp


class Builder:
    """A network of QuantizeLinear and DequantizeLinear pairs around every operator."""

    def __init__(self, seed: int):
        self.rng = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: np.ndarray | np.generic) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def operator(self, kind: str, inputs: list[str], output: str) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output]))
        return output

    def rounded(self, value: str, scale: float) -> str:
        kind = self.rng.choice(np.array([np.int8, np.uint8], object))
        zero = int(self.rng.integers(np.iinfo(kind).min, np.iinfo(kind).max) // 4)
        parameters = [
            self.constant(f"{value}_s", np.float32(scale)),
            self.constant(f"{value}_z", kind(zero)),
        ]
        self.operator("QuantizeLinear", [value, *parameters], f"{value}_q")
        return self.operator("DequantizeLinear", [f"{value}_q", *parameters], f"{value}_d")

    def weights(self, name: str, shape: tuple[int, ...]) -> str:
        inputs = [
            self.constant(f"{name}_q", self.rng.integers(-90, 90, shape).astype(np.int8)),
            self.constant(f"{name}_s", np.float32(0.02)),
            self.constant(f"{name}_z", np.int8(0)),
        ]
        return self.operator("DequantizeLinear", inputs, name)

    def activation(self, value: str, tag: str) -> str:
        """A function of one value: one operator, or a diamond, with roundings between or without."""
        between = self.rng.random() < 0.5
        chosen = self.rng.integers(4)
        if chosen == 0:
            kind = str(self.rng.choice(["Tanh", "Sigmoid", "HardSwish", "Relu"]))
            return self.rounded(self.operator(kind, [value], f"{tag}_a"), 1 / 64)
        kind = ["Sigmoid", "HardSigmoid", "Tanh"][chosen - 1]
        gate = self.operator(kind, [value], f"{tag}_g")
        gate = self.rounded(gate, 1 / 128) if between else gate
        return self.rounded(self.operator("Mul", [value, gate], f"{tag}_m"), 1 / 32)

    def network(self) -> bytes:
        value = self.rounded("x", 0.03)
        for i in range(self.rng.integers(1, 4)):
            w = self.weights(f"w{i}", (8, 8, 1, 1))
            new = self.rounded(self.operator("Conv", [value, w], f"c{i}"), 0.05)
            if self.rng.random() < 0.7:
                new = self.activation(new, f"t{i}")
            if self.rng.random() < 0.4:
                new = self.rounded(self.operator("Add", [new, value], f"r{i}"), 0.06)
            value = new
        if self.rng.random() < 0.5:
            value = self.activation(value, "end")
        self.operator("Identity", [value], "y")
        graph = helper.make_graph(
            self.nodes,
            "quantized",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, 12, 40])],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
            self.constants,
        )
        opset = [helper.make_opsetid("", 17)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


@pytest.mark.parametrize("seed", samples(2, range(10)))
def test_levels_compute_the_same_integers(seed: int):
    model = Builder(seed).network()
    inputs = {"x": np.random.default_rng(seed).standard_normal((1, 8, 12, 40), np.float32)}
    options = onnxruntime.SessionOptions()  # its own fusion rounds in another place
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    theirs = np.asarray(onnxruntime.InferenceSession(model, options).run(["y"], inputs)[0])
    at = programs(model)
    judge = at[LEVELS[0]].run(inputs)[0]["y"]
    assert np.mean(judge != theirs) < 0.01  # sums of floats near the middle of two integers
    for level in LEVELS[1:]:
        actual, report = at[level].run(inputs, sanitize=level == "dsa")
        np.testing.assert_array_equal(actual["y"], judge, level)
    cycles = report.json()
    assert cycles["cycles"] == cycles["predicted_cycles"]


def test_a_gate_with_roundings_between_is_one_lookup():
    builder = Builder(0)
    value = builder.rounded("x", 0.03)
    conv = builder.operator("Conv", [value, builder.weights("w", (8, 8, 1, 1))], "c")
    value = builder.rounded(conv, 0.05)
    gate = builder.rounded(builder.operator("Sigmoid", [value], "s"), 1 / 256)
    value = builder.rounded(builder.operator("Mul", [value, gate], "m"), 0.03)
    builder.operator("Identity", [value], "y")
    graph = helper.make_graph(
        builder.nodes,
        "gate",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 8, 64, 64])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        builder.constants,
    )
    opset = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()
    module = xnn.compile(model, level="prim").module
    text = str(module)
    assert sum(isinstance(op, LookupOp) for op in module.walk()) == 1
    assert "math.exp" not in text and "prim.map" not in text
