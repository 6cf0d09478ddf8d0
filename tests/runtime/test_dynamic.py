"""Dynamic tensors: values and cycles are those of a static program, wherever a session ties them."""

from random import Random

import numpy as np
import onnx.parser
import pytest

import xnn
from tests.programs import compiled
from tests.recount.recount import Recount
from tests.runtime.random_networks import random_network, random_settings
from tests.samples import samples
from xnn.dialects.diagnostics import UserError
from xnn.runtime.machine.sanitizer import sanitize
from xnn.tools.program import Program

SUMS = onnx.parser.parse_model("""
    <ir_version: 8, opset_import: ["" : 17]>
    sums (float[1,40] x, float[1,40] past) => (float[1,40] y, float[1,40] next)
    <float[1,40] w = {WEIGHTS}> { next = Add(x, past) y = Mul(next, w) }
""".replace("WEIGHTS", ", ".join(map(str, range(40)))))  # fmt: skip
ONES = np.ones((1, 40), np.float32)


def places(program: Program, random: Random) -> dict[str, int]:
    """Random addresses for dynamic tensors in the upper half of external memory, where nothing else is."""
    assert (machine := program.session.machine) is not None
    memory = machine.target.external
    end, result = memory.capacity_bytes // 2, {}
    for name in random.sample(list(program.dynamic), len(program.dynamic)):
        (size,) = (b.bytes for b in machine.buffers if b.shown_name == name)
        result[name] = -(-end // memory.alignment) * memory.alignment
        end = result[name] + size + random.choice([0, 1000, 12345])
    return result


@pytest.mark.parametrize("seed", samples(2, range(12)))
def test_values_and_cycles_do_not_depend_on_the_place(seed: int):
    random, (model, inputs) = Random(seed), random_network(seed)
    settings = ["external.capacity_bytes=10000000"]
    settings += random.choice([[], ["external.burst_bytes=24"], ["external.burst_bytes=1"]])
    settings += [each for each in random_settings(seed) if random.random() < 0.5]
    try:
        fixed = compiled(model, settings=settings)
    except UserError as error:
        assert "local memory" in str(error)
        return
    assert (machine := fixed.session.machine) is not None
    names = {b.shown_name for b in machine.buffers if b.role.data in ("input", "parameter")}
    names |= {port.name for port in fixed.outputs}
    chosen = random.sample(sorted(names), random.randint(1, len(names)))
    program = compiled(model, settings=settings, dynamic=chosen)
    expected, report = fixed.run(inputs)
    for _ in range(3):  # first where the session chooses
        outputs, found = program.run(inputs)
        for name, value in expected.items():
            np.testing.assert_array_equal(outputs[name], value)
        assert found.cycles == found.predicted_cycles == report.cycles
        assert found.bounds == report.bounds
        assert (machine := program.session.machine) is not None and not sanitize(machine)
        program.bind(addresses := places(program, random))
        assert program.dynamic == addresses and program.dynamic
    again = xnn.compile(program.module)  # its cycles are found from the place anew
    again.bind(addresses)
    assert again.run(inputs)[1].cycles == report.cycles == Recount(str(program.module)).cycles


def test_state_moves_with_its_buffer():
    program = xnn.compile(SUMS, ties=["past=next"], dynamic=["past", "y", "w"])
    assert set(program.dynamic) == {"past", "y", "w"}
    for number in (1, 2, 3):
        outputs, _ = program.run({"x": ONES})
        np.testing.assert_array_equal(outputs["y"], number * np.arange(40, dtype=np.float32)[None])
        program.bind({"next": 4096 * number, "w": 64 * 1000})
        assert program.dynamic["past"] == 4096 * number and program.dynamic["w"] == 64000
    with pytest.raises(UserError):
        program.bind({"past": 1})
    assert program.dynamic["past"] == 3 * 4096 and program.state["past"][0, 0] == 3


@pytest.mark.parametrize(
    ("addresses", "message"),
    [
        ({"z": 0}, "no dynamic tensor is called 'z'"),
        ({"x": 0}, "no dynamic tensor is called 'x'"),
        ({"past": 1000}, "'past' needs bytes 0x3e8 to 0x488 .* must be a multiple of 64"),
        ({"past": -64}, "'past' needs bytes -0x40 to 0x60 of external memory, which has 0x10000"),
        ({"past": 65536 - 128}, "'past' needs bytes 0xff80 to 0x10020 .*, which has 0x10000"),
        ({"past": 64}, "'past' needs bytes 0x40 to 0xe0 .*, where bytes 0x0 to 0xa0 are those of 'x'"),
        ({"past": 4096, "y": 4096 + 128}, "'past' needs .*, where bytes 0x1080 .* of 'y'"),
    ],
)  # fmt: skip
def test_places_that_do_not_fit(addresses: dict[str, int], message: str):
    settings = ["external.capacity_bytes=65536"]
    program = xnn.compile(SUMS, dynamic=["past", "y"], ties=["past=next"], settings=settings)
    with pytest.raises(UserError, match=message):
        program.bind(addresses)


def test_names_of_no_tensor():
    with pytest.raises(UserError, match="no input, output or parameter is called 'pas'") as error:
        xnn.compile(SUMS, dynamic=["pas"])
    assert error.value.hint == "did you mean past?"
    with pytest.raises(UserError, match="only a program at level dsa has addresses"):
        xnn.compile(SUMS, dynamic=["past"], level="dma").bind({})
