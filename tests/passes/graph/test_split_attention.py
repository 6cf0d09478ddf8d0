"""The pass `split-attention`: in groups of heads attention computes the same, and less is in local memory."""

import numpy as np
import onnx
import onnxruntime
import pytest

from tests.networks.graph import Graph, inputs_of
from tests.programs import compiled, programs
from tests.samples import grid
from xnn.dialects.prim import Primitive
from xnn.tools.agreement import relative_error
from xnn.tools.program import Program

TOKENS, SIZE = 24, 8


def _attention(heads: int, mask: bool, shared: bool) -> onnx.ModelProto:
    """A layer, with a mask that is an input, or whose keys are used otherwise too."""
    g, hidden = Graph(), heads * SIZE
    x = g.input("x", 1, TOKENS, hidden)
    linear = [g.linear(x, hidden, hidden) for _ in "qkv"]
    q, k, v = (g.heads(each, TOKENS, heads, SIZE) for each in linear)
    seen = g.input("mask", 1, 1, 1, TOKENS) if mask else None
    out = g.joined(g.attend(q, k, v, SIZE, seen), TOKENS, hidden)
    y = g.Add(linear[1] if shared else x, g.linear(out, hidden, hidden))
    return g.model(g.named("y", y))


def _groups(program: Program) -> int:
    """How many groups of heads there are, by names."""
    layers = (op for op in program.module.walk() if isinstance(op, Primitive))
    return len({op.result_name.data.partition("#heads")[2][:1] for op in layers} - {""})


def _settings(rows: int) -> list[str]:
    return [f"local.rows={rows}", "local.banks=8", f"matmul.n={SIZE}"]


@pytest.mark.parametrize(
    ("heads", "mask", "shared", "quantize"),
    grid(3, [4, 6, 7], [False, True], [False, True], [None, "int8", "int8 dynamic=true"]),
)
def test_groups_of_heads(heads: int, mask: bool, shared: bool, quantize: str | None):
    model = _attention(heads, mask, shared)
    inputs = inputs_of(model, {})
    (expected,) = onnxruntime.InferenceSession(model.SerializeToString()).run(None, inputs)
    whole = compiled(model, quantize=quantize, settings=_settings(1024))
    split = programs(model, quantize=quantize, settings=_settings(64))
    assert _groups(whole) == 0
    assert _groups(split["prim"]) > 1
    wanted, report = whole.run(inputs)
    for level, program in split.items():
        outputs, other = program.run(inputs, sanitize=level == "dsa")
        assert relative_error(outputs["y"], np.asarray(expected)) < (0.1 if quantize else 1e-5)
        if quantize == "int8":
            np.testing.assert_array_equal(outputs["y"], wanted["y"])
    assert other.macs == report.macs
