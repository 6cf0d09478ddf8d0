"""Results in place of an operand: the same numbers at each level, no race, wherever the buffer is."""

from io import BytesIO
from random import Random
from typing import Any

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp, UnitAttr
from xdsl.dialects.func import FuncOp

import xnn
from tests.passes.schedule.test_rings import random_block
from tests.programs import effort_of, programs
from tests.runtime.random_networks import Network
from tests.samples import samples
from xnn.dialects import LEVELS
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Outermost, Primitive, ScheduleAttr
from xnn.dialects.prim.node import FeatureMapOp
from xnn.dialects.xnn.interface import main_function
from xnn.passes.lowering.homes import homes, may_lie_in_place
from xnn.runtime.machine.sanitizer import sanitize
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.program import Program


def residual_chain(seed: int, form: str) -> tuple[ModuleOp, dict[str, np.ndarray]]:
    """Convolutions with a sum every other one, at the primitive level, and its inputs."""
    net = Network(seed)
    choose = net.random.choice
    x = net.conv(net.input(1, 4, *choose([[9, 16], [12, 7]])), 24, [1, 1])
    for _ in range(net.random.randint(1, 4)):
        inner = net.add("Relu", [net.conv(x, choose([8, 24]), [3, 3], pads=[1] * 4)], ())
        net.shapes[inner] = (1, net.shapes[net.nodes[-1].input[0]][1], *net.shapes[x][2:])
        x = net.add("Add", [net.conv(inner, 24, [1, 1]), x], net.shapes[x])
        if net.random.random() < 0.5:
            x = net.add("Relu", [x], net.shapes[x])
    settings = [f"local.rows={choose([256, 1024])}", f"matmul.n={choose([8, 16])}"]
    model = net.model(net.conv(x, 4, [1, 1]))
    program = xnn.compile(
        model, quantize=None if form == "f32" else form, settings=settings, level="prim"
    )
    return program.module, net.sample()


def put_in_place(module: ModuleOp, random: Random) -> int:
    """Gives nodes random blocks and memories, and puts the results that may be in place of operands; how many."""
    main = main_function(module)
    for op in main.body.block.ops:
        if isinstance(op, FeatureMapOp):
            for each in op.PLACEMENT:
                op.properties.pop(each, None)
        if isinstance(op, Primitive):
            op.properties["schedule"] = ScheduleAttr(
                block=random_block(op, random),
                outermost=random.choice(list(Outermost)),
                slots=random.randint(1, 3),
            )
    found = may_lie_in_place(main)
    for op in found:
        op.properties["in_place"] = UnitAttr()
    for old in found.values():
        if isinstance(old.owner, Primitive) and old.owner.in_place is None:
            old.owner.properties[random.choice(["local", "external"])] = UnitAttr()
    return len(found)


@pytest.mark.parametrize("form", ["int8", "int8w4"])
@pytest.mark.parametrize("seed", samples(2, range(12)))
def test_results_in_place_of_operands_are_the_same(seed: int, form: str):
    module, inputs = residual_chain(seed, form)
    expected = Program(module.clone()).run(inputs)[0]
    assert put_in_place(module, Random(seed))
    text = str(module)
    again = parse_module(BytesIO(text.encode()), make_context())
    assert str(again) == text
    for level in LEVELS[LEVELS.index("dma") :]:
        program = xnn.compile(again.clone(), effort=effort_of(seed), level=level)
        outputs, report = program.run(inputs, sanitize=level == LEVELS[-1])
        for name, value in expected.items():
            np.testing.assert_array_equal(outputs[name], value)
    assert report.cycles == report.predicted_cycles


def test_maps_are_kept_before_others_take_their_place():
    """At level dma, whose buffers are read in the end, those that are there then."""
    net = Network(3)
    x = net.conv(net.input(1, 4, 8, 8), 8, [1, 1])
    inner = net.conv(x, 16, [3, 3], pads=[1] * 4)
    y = net.add("Relu", [net.add("Add", [net.conv(inner, 8, [1, 1]), x], net.shapes[x])], ())
    net.shapes[y] = net.shapes[x]
    at = programs(
        net.model(net.conv(y, 4, [1, 1])), quantize="int8", schedules={x: "local", y: "in_place"}
    )
    inputs = net.sample()
    expected = at["prim"].run(inputs, keep=[x, inner, y])[0]
    assert {x, inner, y} <= {*at["dsa"].feature_maps}
    assert {x, inner, y} & {*at["dma"].feature_maps} == {inner, y}
    for level in ("dma", "dsa"):
        kept = at[level].run(inputs, keep=at[level].feature_maps)[0]
        for name in {x, inner, y} & {*kept}:
            np.testing.assert_array_equal(kept[name], expected[name])
    with pytest.raises(UserError, match=f"'{x}' has no feature map of its own"):
        at["dma"].run(inputs, keep=[x])


def test_partial_sums_leave_no_operand_where_they_lie():
    """Those of f32 lie in the result until the last block of channels, which reads the operand."""
    module, _ = residual_chain(0, "f32")
    assert not may_lie_in_place(main_function(module))


def test_what_is_used_later_keeps_its_place():
    net = Network(3)
    x = net.conv(net.input(1, 4, 8, 8), 8, [1, 1])
    y = net.add("Add", [net.conv(x, 8, [3, 3], pads=[1] * 4), x], net.shapes[x])
    z = net.add("Add", [net.conv(y, 8, [1, 1]), x], net.shapes[x])
    program = xnn.compile(net.model(net.conv(z, 4, [1, 1])), quantize="int8", level="prim")
    main = main_function(program.module)
    assert isinstance(main, FuncOp)
    named = {op.shown_name: op for op in main.body.block.ops if isinstance(op, Primitive)}
    # Only the second sum is the last that reads "x"; the first one may lie nowhere but there.
    assert {op.shown_name for op in may_lie_in_place(main)} == {z}
    named[y].properties.pop("local", None)
    named[y].properties["in_place"] = UnitAttr()
    with pytest.raises(UserError, match=f'"{y}": its result cannot take the place of an operand'):
        homes(main)


def test_what_is_state_takes_the_place_of_no_operand():
    net = Network(3)
    x = net.conv(net.input(1, 4, 8, 8), 8, [1, 1])
    state = net.input(*net.shapes[x])
    y = net.add("Mul", [net.conv(x, 8, [3, 3], pads=[1] * 4), state], net.shapes[x])
    z = net.add("Add", [net.conv(net.conv(y, 16, [1, 1]), 8, [1, 1]), y], net.shapes[x])

    def in_place(**options: Any) -> set[str]:
        program = xnn.compile(net.model(z), quantize="f16", level="prim", **options)
        return {op.shown_name for op in may_lie_in_place(main_function(program.module))}

    assert in_place(ties=[f"{state}={z}"]) == set()
    again = net.conv(z, 8, [1, 1])
    z = net.conv(again, 8, [1, 1])
    assert len(in_place()) == 1


def test_the_sanitizer_finds_an_operand_that_is_overwritten_before_it_is_read():
    """Only the element at the position that is written may lie there, not that of its row and column swapped."""
    net = Network(3)
    x = net.conv(net.input(1, 4, 8, 8), 8, [1, 1])
    inner = net.conv(x, 16, [3, 3], pads=[1] * 4)
    y = net.add("Add", [net.conv(inner, 8, [1, 1]), x], net.shapes[x])
    model = net.model(net.conv(y, 4, [1, 1]))
    schedules = {x: "local", y: "in_place"}
    text = str(xnn.compile(model, quantize="int8", schedules=schedules).module)
    same, swapped = "(d0, d1, d2, d3) -> (d0, d1, d2, d3)", "(d0, d1, d2, d3) -> (d0, d1, d3, d2)"
    assert same in text

    def findings(text: str) -> list[str]:
        module = parse_module(BytesIO(text.encode()), make_context())
        machine = Program(module).session.machine
        assert machine is not None
        return [each.kind for each in sanitize(machine)]

    assert not findings(text)
    assert "race" in findings(text.replace(same, swapped))
