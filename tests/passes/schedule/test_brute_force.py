"""Tiny networks against every choice of what stays in local memory and of the order of their branches."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest

import xnn
from tests.runtime.random_networks import Network
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Primitive
from xnn.tools.program import Program

NEAR = 1.05
"""How much slower than the best of all choices the compiler's own may be."""


def chain(net: Network, swapped: bool) -> str:
    """Three convolutions and a pool, one after the other."""
    x = net.conv(net.input(1, 16, 24, 24), 32, [3, 3], pads=[1] * 4)
    x = net.pool("MaxPool", net.conv(x, 64, [1, 1]), [2, 2], [2, 2], [0] * 4)
    return net.conv(x, 32, [3, 3], pads=[1] * 4)


def branches(net: Network, swapped: bool) -> str:
    """Two convolutions of one feature map, side by side, in either order."""
    x = net.conv(net.input(1, 32, 16, 16), 16, [1, 1])
    makers = [lambda: net.conv(x, 64, [1, 1]), lambda: net.conv(x, 64, [3, 3], pads=[1] * 4)]
    if swapped:
        second, first = makers[1](), makers[0]()
    else:
        first, second = (make() for make in makers)
    return net.conv(net.concat(first, second), 16, [1, 1])


def residual(net: Network, swapped: bool) -> str:
    """A sum of a feature map and of what two convolutions make of it, beside a pool of it."""
    x = net.conv(net.input(1, 16, 16, 16), 32, [1, 1])
    y = net.conv(net.conv(x, 64, [1, 1]), 32, [3, 3], pads=[1] * 4)
    return net.add("Add", [x, y] if swapped else [y, x], net.shapes[x])


def _cycles(program: Program, schedules: dict[str, str]) -> int:
    machine = xnn.compile(program.module, schedules=schedules).session.machine
    assert machine is not None
    cycles = machine.program.predicted_cycles
    assert cycles is not None
    return cycles.value.data


def _all_choices(program: Program) -> Iterator[int]:
    """Cycles of the network with every choice that its target has room for."""
    nodes = xnn.compile(program.module, level="prim").module.walk()
    maps = [op.shown_name for op in nodes if isinstance(op, Primitive)][:-1]
    for places in product(("local", "external"), repeat=len(maps)):
        try:
            yield _cycles(program, dict(zip(maps, places, strict=True)))
        except UserError:
            continue


@pytest.mark.parametrize(
    ("network", "rows"),
    [
        pytest.param(branches, 128, marks=pytest.mark.slow),
        pytest.param(branches, 1024, marks=pytest.mark.slow),
        (chain, 128),
        pytest.param(chain, 1024, marks=pytest.mark.slow),
        pytest.param(residual, 128, marks=pytest.mark.slow),
        pytest.param(residual, 1024, marks=pytest.mark.slow),
    ],
)
def test_the_choice_is_near_the_best_of_all(network: Callable[[Network, bool], str], rows: int):
    own: list[int] = []
    best: list[int] = []
    for swapped in (False, True):
        net = Network(0)
        model = net.model(network(net, swapped))
        program = xnn.compile(model, level="xnn", settings=[f"local.rows={rows}"])
        own.append(_cycles(program, {}))
        best += _all_choices(program)
    assert len(best) > 4
    assert max(own) <= NEAR * min(best)
