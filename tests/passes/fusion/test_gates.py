"""Squeeze and excitation: factors of channels or rows that are computed from the map that they scale."""

from random import Random

import numpy as np
import onnxruntime
import pytest

from tests.programs import programs
from tests.runtime.random_networks import Network
from tests.samples import samples
from xnn.dialects.prim import MatmulOp
from xnn.tools.agreement import relative_error
from xnn.tools.api import compile

SIZE = 9
SMALL = ["local.rows=32", "matmul.n=16"]
"""A target on which layers fall into blocks."""


def gated(seed: int) -> tuple[bytes, dict[str, np.ndarray]]:
    """A product of a map that has a gate."""
    random, net = Random(seed), Network(seed)
    batch, channels = random.choice([1, 1, 3]), random.choice([8, 24, 70])
    x = net.conv(net.input(batch, channels, SIZE, SIZE), channels, [3, 3], pads=[1, 1, 1, 1])
    kernel = random.choice([[SIZE, SIZE], [1, SIZE]])
    small = net.pool("AveragePool", x, kernel, [1, 1], [0, 0, 0, 0])
    small = net.conv(small, channels, [1, 1], bias=True)
    gate = net.add("Sigmoid", [small], net.shapes[small])
    factors = [gate, x] if random.random() < 0.5 else [x, gate]
    product = net.add("Mul", factors, net.shapes[x])
    return net.model(net.conv(product, 12, [1, 1])), net.sample()


@pytest.mark.parametrize("seed", samples(3, range(24)))
def test_levels_agree_with_onnxruntime(seed: int):
    model, inputs = gated(seed)
    expected = np.asarray(onnxruntime.InferenceSession(model).run(None, inputs)[0])
    for level, program in programs(model, settings=SMALL).items():
        (value,) = program.run(inputs, sanitize=level == "dsa")[0].values()
        assert relative_error(value, expected) < 1e-5, level


@pytest.mark.parametrize("seed", samples(2, range(24)))
def test_integers_are_the_same_below_the_graph(seed: int):
    model, inputs = gated(seed)
    found = programs(model, settings=SMALL, quantize="int8")
    (first,) = found["prim"].run(inputs)[0].values()
    for level in ("dma", "dsa"):
        (value,) = found[level].run(inputs)[0].values()
        np.testing.assert_array_equal(value, first)
    (graph,) = found["xnn"].run(inputs)[0].values()
    assert (
        relative_error(first, graph) < 0.02
    )  # a step of the last feature map: exponentials differ in the last place


def test_a_gate_is_no_layer_of_its_own():
    module = compile(gated(0)[0], level="prim", quantize="int8").module
    names = {op.shown_name for op in module.walk() if isinstance(op, MatmulOp)}
    assert not any("mul" in name for name in names)
    (last,) = (op for op in module.walk() if isinstance(op, MatmulOp) and "mul4" in op.layer_names)
    assert last.pre_operands
