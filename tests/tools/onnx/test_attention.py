"""Attention, as an operator and as PyTorch writes it: two products, and a softmax on the vector engine."""

from typing import Any

import numpy as np
import pytest

from tests.tools.onnx.levels import agree, floats, model_of, node

HEADS = {"q": (2, 3, 4, 8), "k": (2, 3, 6, 8), "v": (2, 3, 6, 8)}


@pytest.mark.parametrize(
    ("sizes", "properties", "products"),
    [
        (HEADS, {}, 2 * 3 * 4 * 6 * 16),
        (HEADS | {"m": (4, 6)}, {"scale": 0.3}, 2 * 3 * 4 * 6 * 16),
        (HEADS | {"q": (2, 6, 4, 8)}, {}, 2 * 6 * 4 * 6 * 16),
        (
            {"q": (2, 4, 24), "k": (2, 6, 24), "v": (2, 6, 24)},
            {"q_num_heads": 3, "kv_num_heads": 3},
            2 * 3 * 4 * 6 * 16,
        ),
    ],
)
def test_the_operator(sizes: dict[str, Any], properties: dict[str, Any], products: int):
    inputs = {name: floats(i, *shape) for i, (name, shape) in enumerate(sizes.items())}
    nodes = [node("Attention", "".join(inputs), **properties)]
    report = agree(model_of(nodes, inputs, ["y"], opset=23), inputs, rtol=1e-4, atol=1e-5)
    assert report.macs == products


def test_a_layer_as_pytorch_writes_it():
    sequence, heads, depth = 8, 2, 16
    width = heads * depth
    mask = np.where(np.tril(np.ones((sequence, sequence))), 0, -1e9).astype(np.float32)
    constants: dict[str, Any] = {x: floats(i, width, width) for i, x in enumerate("qkvo")}
    constants |= {x: floats(i, width) for i, x in enumerate("QKVO")}
    constants |= {"4": np.array([1, sequence, heads, depth]), "3": np.array([1, sequence, width])}
    constants |= {"c": np.array(4.0, np.float32), "m": mask[None, None]}
    nodes, names = [], iter("abdefghijlnp")
    turned = []
    for x, perm in zip("qkv", ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3])):
        one, two, three, four = (next(names) for _ in range(4))
        nodes += [node("MatMul", "x" + x, one), node("Add", x.upper() + one, two)]
        nodes += [node("Reshape", two + "4", three), node("Transpose", three, four, perm=perm)]
        turned.append(four)
    q, k, v = turned
    nodes += [node("MatMul", q + k, "s"), node("Div", "sc", "t"), node("Add", "tm", "u")]
    nodes += [node("Softmax", "u", "w", axis=-1), node("MatMul", "w" + v, "r")]
    nodes += [node("Transpose", "r", "z", perm=[0, 2, 1, 3]), node("Reshape", "z3", "A")]
    nodes += [node("MatMul", "Ao", "B"), node("Add", "BO", "y")]
    x = floats(9, 1, sequence, width)
    report = agree(model_of(nodes, {"x": x}, ["y"], constants), {"x": x}, rtol=1e-3, atol=1e-4)
    assert report.macs == 4 * sequence * width * width + 2 * sequence * sequence * width
    assert {layer.op for layer in report.layers} >= {"gemm", "einsum", "softmax"}
