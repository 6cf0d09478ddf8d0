"""How much is tried: the same numbers, and no time lost by trying more."""

import numpy as np
import pytest
from xdsl.dialects.builtin import IntegerAttr, StringAttr, i64

from tests.runtime.random_networks import Network
from tests.samples import samples
from xnn import compile
from xnn.dialects.diagnostics import UserError
from xnn.dialects.xnn.interface import EFFORT
from xnn.passes.schedule.effort import EFFORTS
from xnn.tools.program import Program

DIGITS = "tools/networks/digits.onnx"
SETTINGS = ["local.banks=4", "local.rows=64"]
"""A memory in which not all loads find room at once."""


def cycles(program: Program) -> int:
    machine = program.session.machine
    assert machine is not None and machine.program.predicted_cycles is not None
    return machine.program.predicted_cycles.value.data


def check(model: bytes | str, inputs: dict[str, np.ndarray], settings: list[str]) -> None:
    programs = {name: compile(model, settings=settings, effort=name) for name in EFFORTS}
    results = {name: program.run(inputs, sanitize=True) for name, program in programs.items()}
    for outputs, report in results.values():
        assert report.cycles == report.predicted_cycles
        for name, value in outputs.items():
            np.testing.assert_allclose(value, results["default"][0][name], rtol=1e-5, atol=1e-6)
    assert cycles(programs["thorough"]) <= cycles(programs["default"])


@pytest.mark.parametrize("settings", samples(1, [SETTINGS, []]))
def test_efforts_compute_the_same_and_trying_more_costs_no_time(settings: list[str]):
    net = Network(0)
    x = net.conv(net.input(1, 4, 12, 12), 16, [3, 3], pads=[1] * 4, bias=True)
    x = net.pool("MaxPool", x, [2, 2], [2, 2], [0] * 4)
    check(net.model(net.conv(x, 24, [3, 3], pads=[1] * 4)), net.sample(), settings)


@pytest.mark.slow
@pytest.mark.parametrize("settings", [[], SETTINGS])
def test_the_same_of_a_whole_network(settings: list[str]):
    image = np.random.default_rng(0).random((1, 1, 8, 8), np.float32)
    check(DIGITS, {"image": image}, settings)


def test_without_a_word_the_effort_is_default():
    module = compile(DIGITS, level="dma", effort="default").module
    assert module.attributes.pop(EFFORT) == StringAttr("default")
    assert str(compile(DIGITS, level="dma").module) == str(module)


def test_an_unknown_effort_is_refused():
    with pytest.raises(UserError, match="there is no effort 'best'"):
        compile(DIGITS, effort="best")
    module = compile(DIGITS, level="xnn").module
    module.attributes[EFFORT] = IntegerAttr(3, i64)
    with pytest.raises(UserError, match="there is no effort '3 : i64'"):
        compile(module)
