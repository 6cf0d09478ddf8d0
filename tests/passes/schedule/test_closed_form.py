"""The closed form against exact times: never below, and for chosen schedules at most a tenth above."""

from collections.abc import Iterator
from dataclasses import replace
from math import prod
from random import Random
from unittest.mock import patch

import pytest

import xnn
from tests.passes.schedule.alone import cycles_alone
from tests.runtime.random_networks import Network, random_network, random_settings
from tests.samples import grid
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Domain, Outermost, Primitive, ScheduleAttr, SliceLayout
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.closed_form import cycles_at_most
from xnn.runtime.engines.engine import primitive_engine

MOST_BLOCKS = 400
"""Of a random schedule: exact times take as long as there are blocks."""


def primitives(model: bytes, **options) -> Iterator[tuple[Primitive, ScheduleAttr, Target]]:
    """The primitives of a network with their schedules."""
    module = xnn.compile(model, level="prim", **options).module
    for node in main_function(module).body.block.ops:
        if isinstance(node, Primitive):
            assert node.schedule is not None
            yield node, node.schedule, Target.of(module)


def random_schedule(node: Primitive, target: Target, random: Random) -> ScheduleAttr | None:
    """A schedule in up to so many blocks; None if it is not a possible one."""
    domain, engine = node.domain, primitive_engine(node)
    sizes = [random.choice([size, -(-size // random.randint(1, size))]) for size in domain.sizes]
    block = Domain.of_sizes(sizes)
    form = random.choice(engine.forms(node, target))
    counts = domain.counts(block)
    whole = block.groups == 1 or (block.rows, block.channels) == (domain.rows, domain.channels)
    even = domain.groups == 1 or not (domain.rows % block.rows or domain.channels % block.channels)
    possible = whole and even and block.channels % node.channels_multiple == 0
    if prod(counts) > MOST_BLOCKS or not possible or not engine.allows(node, block, form, target):
        return None
    outermost, slots = random.choice([*Outermost]), random.choice([1, 2, 2, 2, 3])
    layout, eighths = random.choice([*SliceLayout]), random.choice([8, 8, 8, random.randint(1, 8)])
    return ScheduleAttr(
        block=block,
        outermost=outermost,
        **form._asdict(),
        slots=slots,
        layout=layout,
        eighths=eighths,
    )


def check(node: Primitive, schedule: ScheduleAttr, target: Target) -> float:
    """How far the closed form lies above the exact time; 1 where neither has room."""
    exact, bound = cycles_alone(node, schedule, target), cycles_at_most(node, schedule, target)
    assert (exact is None) == (bound is None), (node, schedule)
    if exact is None or bound is None:
        return 1
    assert bound >= exact, (str(node), str(schedule), target.local, bound, exact)
    return bound / exact


def layers(seed: int) -> bytes:
    """Layers of the sizes of known networks, one after the other."""
    net = Network(seed)
    choose, size = net.random.choice, net.random.choice([13, 14, 27, 28, 55, 56])
    x = net.input(1, choose([3, 64, 128]), size, size)
    for kernel, rows in ((1, choose([32, 96])), (3, choose([64, 160])), (1, choose([24, 256]))):
        x = net.conv(x, rows, [kernel] * 2, pads=[kernel // 2] * 4, bias=True)
        x = net.add("Relu", [x], net.shapes[x])
    x = net.conv(x, net.shapes[x][1], [3, 3], pads=[1] * 4, groups=choose([8, net.shapes[x][1]]))
    x = net.pool("MaxPool", x, [3, 3], [2, 2], [0] * 4)
    x = net.flat(net.add("GlobalAveragePool", [x], (1, net.shapes[x][1], 1, 1)))
    x = net.add("Gemm", [x, net.weight(1000, net.shapes[x][1])], (1, 1000), transB=1)
    return net.model(net.add("Softmax", [x], (1, 1000), axis=1))


TARGETS = ["edge", "edge-4m", "array256", "micro16", "micro16-384k"]


@pytest.mark.parametrize("target, form", grid(3, TARGETS, [None, "int8"]))
def test_chosen_schedules_are_at_most_a_tenth_above(target: str, form: str | None):
    seed = 2 * len(target) + (form is None)
    for found in primitives(layers(seed), quantize=form, target=target):
        assert check(*found) <= 1.1


def test_nothing_is_left_that_uses_the_operands():
    net = Network(0)
    x = net.input(1, 4, 8, 8)
    ((node, schedule, target),) = primitives(net.model(net.conv(x, 4, [3, 3], pads=[1] * 4)))
    for rows in (target.local.rows, 1):
        local = replace(target.local, rows=rows)
        bound = cycles_at_most(node, schedule, replace(target, local=local))
        assert (bound is None) == (rows == 1)  # which is too small
        assert {use.operation for value in node.operands for use in value.uses} == {node}


@pytest.mark.parametrize("networks", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_random_schedules_are_never_below(networks: int):
    """Of random layers on machines with banks, bursts, queues and channels of any number."""
    random, checked = Random(0), 0
    for seed in range(networks):
        model, _ = random_network(seed)
        settings = [*random_settings(seed), f"local.rows={random.choice([64, 256, 1024])}"]
        try:
            found = [
                *primitives(
                    model, quantize=random.choice([None, "int8"]), settings=settings, effort="fast"
                )
            ]
        except UserError:  # no room
            continue
        for node, _, target in found:
            for schedule in (random_schedule(node, target, random) for _ in range(4)):
                if schedule is not None:
                    check(node, schedule, target)
                    checked += 1
    assert checked * 15 > 100 * networks


def test_a_loop_costs_as_much_as_its_kinds_of_blocks():
    """Not as its blocks: the costs of a few stand for all."""
    net, costs = Network(0), list[int]()
    x = net.input(1, 4, 2000, 8)
    ((node, chosen, target),) = primitives(net.model(net.conv(x, 4, [3, 3], pads=[1] * 4)))
    for rows in (100, 10, 1):
        schedule = replace(chosen, block=replace(node.domain, positions=(rows, 8)))
        engine = primitive_engine(node)
        with patch.object(
            type(engine), "cost", autospec=True, side_effect=type(engine).cost
        ) as cost:
            bound = cycles_at_most(node, schedule, target)
        costs.append(cost.call_count)
        assert bound == cycles_alone(node, schedule, target)
    assert costs == [3, 3, 3]
