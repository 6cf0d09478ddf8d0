"""Chains of layers that run depth first where their feature maps have no room: same numbers, no race."""

from itertools import pairwise

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

import xnn
from tests.passes.schedule.test_rings import random_chain
from tests.programs import programs
from tests.runtime.random_networks import Network
from tests.samples import samples
from xnn.dialects.prim import Primitive
from xnn.passes.schedule import keep_feature_maps_local
from xnn.passes.schedule.exact_cost import ExactCost
from xnn.passes.schedule.strips import Chain, height_of
from xnn.tools.program import Program


def residual_network() -> tuple[bytes, dict[str, np.ndarray]]:
    """Blocks of convolutions whose maps are larger than local memory, with a sum and a pool."""
    net = Network(5)
    x = net.input(1, 8, 48, 32)
    a = net.conv(x, 32, [3, 3], pads=[1, 1, 1, 1], bias=True)
    b = net.conv(net.conv(a, 16, [1, 1]), 16, [3, 3], pads=[1, 1, 1, 1])
    c = net.add("Add", [net.conv(b, 32, [1, 1]), a], net.shapes[a])
    return net.model(
        net.conv(net.pool("MaxPool", c, [2, 2], [2, 2], [0] * 4), 8, [1, 1])
    ), net.sample()


def rings(program: Program) -> list[str]:
    found = (op for op in program.module.walk() if isinstance(op, Primitive))
    return [op.shown_name for op in found if op.rows is not None]


@pytest.mark.parametrize("rows", samples(1, [80, 32]))
def test_a_chain_has_the_numbers_that_it_has_otherwise(rows: int, monkeypatch: pytest.MonkeyPatch):
    model, inputs = residual_network()
    options = {
        "quantize": "int8",
        "settings": [f"local.rows={rows}", "local.banks=8", "matmul.n=16"],
    }
    at = programs(model, effort="default", **options)
    assert rings(at["prim"])
    outputs, report = at["dsa"].run(inputs, sanitize=True)
    assert report.cycles == report.predicted_cycles
    monkeypatch.setattr(keep_feature_maps_local.Cascades, "best", lambda self, least: [])
    expected = xnn.compile(model, **options).run(inputs)[0]
    for name, value in expected.items():
        np.testing.assert_array_equal(outputs[name], value)


def test_a_chain_is_faster_where_a_map_between_has_no_room(monkeypatch: pytest.MonkeyPatch):
    net = Network(5)
    x = net.input(1, 16, 64, 64)
    model = net.model(net.conv(net.conv(x, 64, [1, 1]), 16, [3, 3], pads=[1, 1, 1, 1]))

    def cycles() -> int:
        settings = ["local.banks=8", "local.rows=128"]
        program = xnn.compile(model, quantize="int8", settings=settings)
        cycles = program.run(net.sample())[1].cycles
        assert cycles is not None
        return cycles

    in_strips = cycles()
    monkeypatch.setattr(keep_feature_maps_local.Cascades, "best", lambda self, least: [])
    assert in_strips < 0.6 * cycles()


def test_rings_need_not_begin_strips_in_rows_of_memory():
    """No multiple of 55 bytes but the whole map's is one of rows of 64: the reader's addend is no window."""
    net = Network(5)
    x = net.input(1, 16, 55, 55)
    a = net.conv(x, 32, [3, 3], pads=[1, 1, 1, 1])
    b = net.add("LRN", [a], net.shapes[a], size=5)
    model = net.model(net.conv(net.pool("MaxPool", b, [3, 3], [2, 2], [0] * 4), 8, [1, 1]))
    settings = ["local.banks=8", "local.rows=128"]
    program = xnn.compile(model, quantize="int8", settings=settings)
    assert {a, b} <= {*rings(xnn.compile(model, quantize="int8", settings=settings, level="prim"))}
    report = program.run(net.sample(), sanitize=True)[1]
    assert report.cycles == report.predicted_cycles


@pytest.mark.parametrize("seed", range(4))
def test_the_rows_of_a_chain_are_enough(seed: int):
    """A last strip of all rows needs all; lower ones no more, and what a block reads is there."""
    module, _ = random_chain(seed)
    nodes = [op for op in module.walk() if isinstance(op, Primitive)]
    for made, last in pairwise(nodes):
        users = {use.operation for use in made.out.uses}
        if users != {last} or height_of(last) < 4:
            continue
        for rows in (1, 2, 3):
            chain = Chain(last, rows)
            strip = chain.add(made)
            high = max(
                min(each.high(1), height_of(made)) - each.low(1)
                for each in chain.strips[1].reads[made.out]
            )
            assert min(high, strip.height) <= strip.rows <= height_of(made)


@pytest.mark.parametrize("slower", [True, False])
def test_of_several_choices_the_one_whose_program_is_fastest_is_taken(
    slower: bool, monkeypatch: pytest.MonkeyPatch
):
    def cost(trial: ModuleOp, _: object) -> ExactCost:
        with_rings = any("rows" in op.properties for op in trial.walk())
        return ExactCost(1.0 + (with_rings == slower), 1)

    monkeypatch.setattr(keep_feature_maps_local, "exact_cost", cost)
    settings = ["local.rows=80", "local.banks=8", "matmul.n=16"]
    model, _ = residual_network()
    program = xnn.compile(model, quantize="int8", settings=settings, level="prim")
    assert bool(rings(program)) != slower


@pytest.mark.parametrize("slower", [True, False])
def test_sums_take_the_place_of_what_is_added_where_the_program_is_faster_so(
    slower: bool, monkeypatch: pytest.MonkeyPatch
):
    def cost(trial: ModuleOp, _: object) -> ExactCost:
        with_rings, in_place = (
            any(each in op.properties for op in trial.walk()) for each in ("rows", "in_place")
        )
        return ExactCost(1.0 + with_rings + (in_place == slower), 1)

    monkeypatch.setattr(keep_feature_maps_local, "exact_cost", cost)
    settings = ["local.rows=32", "local.banks=8", "matmul.n=16"]
    model, _ = residual_network()
    program = xnn.compile(model, quantize="int8", settings=settings, level="prim")
    nodes = [op for op in program.module.walk() if isinstance(op, Primitive)]
    assert any(op.in_place is not None for op in nodes) != slower
