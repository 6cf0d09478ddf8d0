"""Local feature maps with their rows first: the numbers are the same, and the time is that which was predicted."""

import numpy as np
import pytest

import xnn
from tests.programs import effort_of
from tests.runtime.random_networks import Network, random_network, random_settings
from tests.samples import samples
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim.node import FeatureMapOp
from xnn.passes.schedule import put_rows_first


def check(seed: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """Returns how many maps of a random network have their rows first if all that may have."""
    monkeypatch.setattr(put_rows_first._Search, "_saves", lambda *_: 1.0)
    model, inputs = random_network(seed)
    settings = random_settings(seed)
    try:
        program = xnn.compile(model, quantize="int8", settings=settings, level="prim")
        found = [op for op in program.module.walk() if isinstance(op, FeatureMapOp)]
        machine = xnn.compile(program.module.clone(), effort=effort_of(seed))
    except UserError as error:
        assert "local memory" in str(error)
        return 0
    expected, _ = program.run(inputs)
    outputs, report = machine.run(inputs, sanitize=True)
    for name, value in expected.items():
        np.testing.assert_allclose(outputs[name], value, rtol=1e-5, atol=1e-6)  # what stays floats
    assert report.cycles == report.predicted_cycles
    return sum(op.rows_first is not None for op in found)


def test_maps_with_their_rows_first_compute_the_same(monkeypatch: pytest.MonkeyPatch):
    assert sum(check(seed, monkeypatch) for seed in range(8)) > 5


@pytest.mark.parametrize("seed", samples(2, range(8, 60)))
def test_maps_of_many_networks_compute_the_same(seed: int, monkeypatch: pytest.MonkeyPatch):
    check(seed, monkeypatch)


def stem_cycles() -> int:
    """Of a convolution, the pool after it, and what makes that small."""
    net = Network(0)
    x = net.conv(net.input(1, 3, 112, 112), 32, [5, 5], pads=[2, 2, 2, 2])
    x = net.pool("MaxPool", x, [3, 3], [2, 2], [1, 1, 1, 1])
    x = net.conv(x, 32, [1, 1])
    y = net.add("GlobalAveragePool", [x], (1, 32, 1, 1))
    cycles = xnn.compile(net.model(y), quantize="int8").report.cycles
    assert cycles is not None
    return cycles


def test_a_pool_runs_beside_the_convolution_before_it(monkeypatch: pytest.MonkeyPatch):
    first = stem_cycles()
    monkeypatch.setattr(put_rows_first._Search, "_saves", lambda *_: 0.0)
    assert stem_cycles() > 1.1 * first
