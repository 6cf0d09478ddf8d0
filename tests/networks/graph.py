"""A growing ONNX graph with seeded random weights."""

from collections.abc import Mapping, Sequence
from math import prod, sqrt
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 18


class Graph:
    """Values are names. `graph.MatMul(x, w, ...)` adds a node and returns its output's name.

    Weights depend on the seed and on how many were drawn before.
    """

    def __init__(self, seed: int = 0):
        self.rng = np.random.default_rng(seed)
        self.nodes: list[onnx.NodeProto] = []
        self.tensors: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []

    def input(self, name: str, *shape: int, kind: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, kind, shape))
        return name

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        name = f"w{len(self.tensors)}"
        self.tensors.append(numpy_helper.from_array(np.asarray(value, dtype), name))
        return name

    def integers(self, *values: int) -> str:
        return self.constant(values, np.int64)

    def weight(self, *shape: int, fan: int | None = None) -> str:
        """Sums of `fan` products with it are about as large as the other factors; by default all but axis 0."""
        values = self.rng.standard_normal(shape, np.float32)
        values *= np.float32(1 / sqrt(fan or prod(shape[1:])))
        return self.constant(values)

    def vector(self, size: int, mean: float = 0) -> str:
        """A bias, or with `mean` 1 a scale."""
        return self.constant(mean + 0.1 * self.rng.standard_normal(size, np.float32))

    def add(
        self, operator: str, inputs: Sequence[str], outputs: int, **attributes: Any
    ) -> list[str]:
        names = [f"{operator.lower()}{len(self.nodes)}" + f"_{i}" * (i > 0) for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        return names

    def __getattr__(self, operator: str):
        """The function that adds nodes of an operator."""
        if not operator[0].isupper():
            raise AttributeError(operator)
        return lambda *inputs, **attributes: self.add(operator, inputs, 1, **attributes)[0]

    def named(self, name: str, value: str) -> str:
        """The value by another name, for an output."""
        self.nodes.append(helper.make_node("Identity", [value], [name]))
        return name

    def linear(self, x: str, inputs: int, outputs: int, *, bias: bool = True) -> str:
        y = self.MatMul(x, self.weight(inputs, outputs, fan=inputs))
        return self.Add(y, self.vector(outputs)) if bias else y

    def conv(
        self,
        x: str,
        inputs: int,
        outputs: int,
        kernel: int,
        *,
        stride: int = 1,
        rank: int = 2,
        bias: bool = True,
    ) -> str:
        """A convolution with pads that keep the size, divided by the stride."""
        operands = [x, self.weight(outputs, inputs, *[kernel] * rank)]
        operands += [self.vector(outputs)] if bias else []
        strides, pads = [stride] * rank, [(kernel - 1) // 2] * (2 * rank)
        return self.Conv(*operands, kernel_shape=[kernel] * rank, strides=strides, pads=pads)

    def batch_norm(self, x: str, channels: int) -> str:
        variance = self.constant(self.rng.uniform(0.5, 1.5, channels))
        statistics = (self.vector(channels, 1), self.vector(channels), self.vector(channels))
        return self.BatchNormalization(x, *statistics, variance)

    def layer_norm(self, x: str, size: int) -> str:
        return self.LayerNormalization(x, self.vector(size, 1), self.vector(size), axis=-1)

    def silu(self, x: str) -> str:
        return self.Mul(x, self.Sigmoid(x))

    def gelu(self, x: str) -> str:
        """As exporters write it."""
        erf = self.Erf(self.Div(x, self.constant(sqrt(2))))
        return self.Mul(self.Mul(x, self.Add(erf, self.constant(1))), self.constant(0.5))

    def heads(self, x: str, tokens: int, heads: int, size: int) -> str:
        """[1, tokens, heads * size] as [1, heads, tokens, size]."""
        split = self.Reshape(x, self.integers(1, tokens, heads, size))
        return self.Transpose(split, perm=[0, 2, 1, 3])

    def attend(self, q: str, k: str, v: str, size: int, mask: str | None = None) -> str:
        """Softmax(q k^T / sqrt(size) + mask) v, all as `heads` makes them."""
        scores = self.MatMul(q, self.Transpose(k, perm=[0, 1, 3, 2]))
        scores = self.Mul(scores, self.constant(1 / sqrt(size)))
        scores = self.Add(scores, mask) if mask else scores
        return self.MatMul(self.Softmax(scores, axis=-1), v)

    def joined(self, x: str, tokens: int, hidden: int) -> str:
        """[1, heads, tokens, size] as [1, tokens, hidden]."""
        return self.Reshape(self.Transpose(x, perm=[0, 2, 1, 3]), self.integers(1, tokens, hidden))

    def model(self, *outputs: str) -> onnx.ModelProto:
        infos = [onnx.ValueInfoProto(name=name) for name in outputs]
        graph = helper.make_graph(self.nodes, "network", self.inputs, infos, self.tensors)
        opset = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opset, ir_version=8)


def inputs_of(
    model: onnx.ModelProto, limits: Mapping[str, int], seed: int = 0
) -> dict[str, np.ndarray]:
    """Random inputs; those of integers are below `limits`."""
    rng, result = np.random.default_rng(seed), {}
    for info in model.graph.input:
        shape = [dim.dim_value for dim in info.type.tensor_type.shape.dim]
        if info.type.tensor_type.elem_type == TensorProto.INT64:
            result[info.name] = rng.integers(0, limits[info.name], shape)
        else:
            result[info.name] = rng.standard_normal(shape, np.float32)
    return result
