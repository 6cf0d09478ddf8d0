"""Operators that onnxruntime fuses, against onnxruntime at every level."""

from typing import Any

import pytest
from onnx import helper

from tests.tools.onnx.levels import agree, floats, model_of

X, BIAS = floats(0, 3, 8), floats(1, 8)


def fused(operator: str, inputs: list[str], **attributes: Any) -> Any:
    return helper.make_node(operator, inputs, ["y"], domain="com.microsoft", **attributes)


@pytest.mark.parametrize(
    "operator, inputs",
    [
        ("Gelu", ["x"]),
        ("BiasGelu", ["x", "b"]),
        ("FastGelu", ["x"]),
        ("FastGelu", ["x", "b"]),
        ("QuickGelu", ["x"]),
    ],
)
def test_gelus(operator: str, inputs: list[str]):
    model = model_of([fused(operator, inputs)], {"x": X}, ["y"], {"b": BIAS})
    agree(model, {"x": X}, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("a, b", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_products_of_transposed_matrices(a: int, b: int):
    one = floats(2, 2, 5, 3) if a else floats(2, 2, 3, 5)
    other = floats(3, 2, 4, 5) if b else floats(3, 2, 5, 4)
    product = fused("FusedMatMul", ["a", "b"], transA=a, transB=b, alpha=0.5 if a else 1.0)
    inputs = {"a": one, "b": other}
    agree(model_of([product], inputs, ["y"]), inputs, rtol=1e-5, atol=1e-6)
