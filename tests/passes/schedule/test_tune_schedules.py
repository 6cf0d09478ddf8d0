"""Tuning by the exact time: never slower, the same numbers, and nothing that is given changes."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp, StringAttr

from tests.runtime.random_networks import Network, random_network, random_settings
from tests.samples import samples
from xnn import compile
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Primitive
from xnn.dialects.xnn.interface import EFFORT
from xnn.passes import PASSES
from xnn.passes.pipelines import passes_to
from xnn.tools.parsing import make_context
from xnn.tools.program import Program


def without_tuning(module: ModuleOp) -> Program:
    """The program of a network at the graph level, whose schedules are not tuned."""
    module, context = module.clone(), make_context()
    module.attributes[EFFORT] = StringAttr("thorough")
    for name in passes_to("prim"):
        if name != "tune-schedules":
            PASSES[name]()().apply(context, module)
    return compile(module)


def cycles(program: Program) -> int:
    machine = program.session.machine
    assert machine is not None and machine.program.predicted_cycles is not None
    return machine.program.predicted_cycles.value.data


@pytest.mark.parametrize("seed", samples(1, [1, 0, *range(2, 40)]))
def test_random_networks_compute_the_same_and_are_no_slower(seed: int):
    model, inputs = random_network(seed)
    graph = compile(model, settings=random_settings(seed), level="xnn").module
    try:
        before = without_tuning(graph)
    except UserError as error:  # it does not fit its target
        with pytest.raises(UserError, match=re.escape(error.message)):
            compile(graph, effort="thorough")
        return
    tuned = compile(graph, effort="thorough")
    outputs, report = tuned.run(inputs, sanitize=True)
    assert report.cycles == report.predicted_cycles
    assert cycles(tuned) <= cycles(before)
    for name, value in before.run(inputs)[0].items():
        np.testing.assert_allclose(outputs[name], value, rtol=1e-4, atol=1e-5)


def fire(net: Network) -> str:
    x = net.conv(net.input(1, 32, 16, 16), 8, [1, 1], bias=True)
    return net.concat(net.conv(x, 32, [1, 1]), net.conv(x, 32, [3, 3], pads=[1] * 4))


def convolution(net: Network) -> str:
    x = net.conv(net.input(1, 3, 32, 32), 24, [5, 5], strides=[2, 2], pads=[2] * 4)
    return net.conv(x, 40, [3, 3], pads=[1] * 4)


@pytest.mark.parametrize("network", samples(1, [convolution, fire]))
def test_small_networks_gain_by_it(network: Callable[[Network], str]):
    net = Network(0)
    graph = compile(net.model(network(net)), target="edge", level="xnn").module
    assert cycles(compile(graph, effort="thorough")) < 0.95 * cycles(without_tuning(graph))


def test_given_schedules_and_places_stay():
    net = Network(0)
    model = net.model(convolution(net))
    forced = {
        "conv0": "block=[1, 1, 24, 3, 16, 16], external",
        "conv1": "block=[1, 1, 40, 24, 8, 16], slots=3",
    }
    nodes = compile(model, schedules=forced, level="prim", effort="thorough").module.walk()
    first, second = [op for op in nodes if isinstance(op, Primitive)]
    assert first.schedule is not None and second.schedule is not None
    assert first.schedule.block.sizes == (1, 1, 24, 3, 16, 16)
    assert first.external is not None
    assert second.schedule.slots == 3
