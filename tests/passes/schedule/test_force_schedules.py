"""Schedules that are forced on layers: what the network computes does not depend on them."""

from functools import cache
from random import Random

import numpy as np
import pytest
from xdsl.dialects.builtin import IntegerType, ModuleOp

import xnn
from tests.programs import compiled, programs
from tests.runtime.random_networks import Network
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Order, Outermost, Primitive, SliceLayout
from xnn.tools.program import Program

DIGITS = "tools/networks/digits.onnx"


@cache
def levels() -> dict[str, Program]:
    """A small network in integers, at each level."""
    net = Network(3)
    x = net.input(1, 3, 10, 9)
    a = net.conv(x, 12, [3, 3], pads=[1, 1, 1, 1], bias=True)
    b = net.conv(a, 12, [3, 3], groups=4, pads=[1, 1, 1, 1])
    c = net.pool("MaxPool", net.concat(a, b), [2, 2], [2, 2], [0, 0, 0, 0])
    return programs(net.model(net.conv(c, 5, [1, 1])), quantize="int8")


def primitives(module: ModuleOp) -> dict[str, Primitive]:
    return {op.shown_name: op for op in module.walk() if isinstance(op, Primitive)}


def integers(module: ModuleOp) -> dict[str, Primitive]:
    """Those that compute with integers: sums of floats depend on the blocks."""
    found = primitives(module).items()
    return {name: op for name, op in found if isinstance(op.arithmetic, IntegerType)}


def legal_schedule(op: Primitive, random: Random) -> str:
    """A schedule that the primitive can have, and that local memory has room for."""
    domain = op.domain
    whole = domain.groups > 1 or random.random() < 0.3
    sizes = [-(-size // random.randint(1, 3)) for size in domain.sizes]
    if whole:  # blocks of several groups have all rows and channels of each
        sizes[2:4] = domain.rows, domain.channels
    fields = [f"block={sizes}", f"slots={random.randint(1, 3)}"]
    fields += random.sample([f"outermost={random.choice([*Outermost])}", "external"], 1)
    if op.engine == "matmul" and random.random() < 0.5:
        fields.append(f"order={random.choice([*Order])}")
        fields.append(f"layout={random.choice([*SliceLayout])}")
    return ", ".join(random.sample(fields, len(fields)))


@pytest.mark.parametrize(("seed", "level"), [(0, "xnn"), (1, "prim"), (2, "xnn")])
def test_outputs_do_not_depend_on_forced_schedules(seed: int, level: str):
    random, at = Random(seed), levels()
    nodes = integers(at["prim"].module)
    assert len(nodes) >= 4
    forced = {name: legal_schedule(op, random) for name, op in nodes.items()}
    x = np.random.default_rng(seed).standard_normal((1, 3, 10, 9), np.float32)
    outputs, report = compiled(at[level].module, schedules=forced).run({"x0": x}, sanitize=True)
    expected, plain = at["dsa"].run({"x0": x})
    for name, value in expected.items():
        np.testing.assert_array_equal(outputs[name], value)
    assert report.predicted_cycles == report.cycles != plain.cycles


def test_a_forced_schedule_says_the_memory_of_a_result():
    found = {}
    for memory in ("local", "external"):
        program = xnn.compile(DIGITS, schedules={"conv2": memory}, level="prim")
        relu2 = primitives(program.module)["relu2"]
        found[memory] = relu2.local is not None, relu2.external is not None
    assert found == {"local": (True, False), "external": (False, True)}


@pytest.mark.parametrize(
    ("schedules", "message"),
    [
        ({"relu": "local"}, 'no layer is called "relu"'),
        ({"relu1": 3}, "layer \"relu1\": a schedule has no field '3'"),
        (
            {"logits": "local"},
            'layer "logits": its result cannot be local, for it leaves the network',
        ),
        ({"relu1": "block=[1, 1, 0, 1, 8, 8]"}, 'layer "relu1": .* block needs positive batch'),
        (
            {"relu1": "block=[1, 1, 16, 1, 8, 8], output_phases=9"},
            "need as many positions in a row",
        ),
    ],
)
def test_what_cannot_be_is_refused(schedules: dict, message: str):
    with pytest.raises(UserError, match=message):
        xnn.compile(DIGITS, schedules=schedules)
