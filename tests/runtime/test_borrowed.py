"""Borrowed tensors: a run reads and writes the caller's arrays; values and cycles are those of copies."""

from collections.abc import Callable
from random import Random

import numpy as np
import onnx.parser
import pytest

import xnn
from tests.programs import compiled
from tests.runtime.random_networks import random_network, random_settings
from tests.runtime.test_dynamic import ONES, SUMS
from tests.samples import samples
from xnn.dialects.diagnostics import UserError
from xnn.runtime.machine.sanitizer import sanitize


@pytest.mark.parametrize("seed", samples(2, range(12)))
def test_values_and_cycles_do_not_depend_on_who_owns_the_bytes(seed: int):
    random, (model, inputs) = Random(seed), random_network(seed)
    settings = [each for each in random_settings(seed) if random.random() < 0.5]
    try:
        copied = compiled(model, settings=settings)
    except UserError as error:
        assert "local memory" in str(error)
        return
    names = [port.name for port in (*copied.inputs, *copied.outputs)]
    chosen = random.sample(names, random.randint(1, len(names)))
    try:
        program = compiled(model, settings=settings, borrowed=chosen)
    except UserError as error:
        assert "is part of a larger buffer" in str(error)
        return
    expected, report = copied.run(inputs)
    assert program.run(inputs)[1].cycles == report.cycles  # in bytes of the session
    ports = {port.name: port for port in (*program.inputs, *program.outputs)}
    for _ in range(2):
        arrays = {name: np.zeros(ports[name].shape, ports[name].dtype) for name in chosen}
        program.bind(arrays)
        for name in inputs.keys() & chosen:
            arrays[name][...] = inputs[name]
            arrays[name].flags.writeable = False
        given = {name: value for name, value in inputs.items() if name not in chosen}
        outputs, found = program.run(given, sanitize=True)
        assert found.cycles == found.predicted_cycles == report.cycles
        for name, value in expected.items():
            np.testing.assert_array_equal(outputs[name], value)
            assert name not in arrays or np.shares_memory(outputs[name], arrays[name])
            np.testing.assert_array_equal(arrays.get(name, value), value)


def test_nothing_is_copied():
    program = xnn.compile(SUMS, borrowed=["x", "past", "y"], ties=["past=next"])
    x, past, y = np.ones_like(ONES), np.full_like(ONES, 5), np.zeros_like(ONES)
    program.bind({"x": x, "past": past, "y": y})
    assert (machine := program.session.machine) is not None
    machine.initialise()
    for name, array in (("x", x), ("past", past), ("y", y)):
        assert np.shares_memory(machine.view_of(machine.expansion.buffers[name]), array)
    outputs, _ = program.run({})
    assert (past == 6).all() and (y == 6 * np.arange(40)).all()
    assert np.shares_memory(outputs["y"], y) and np.shares_memory(outputs["next"], past)
    x[...] = 2
    program.run({}, sanitize=True)
    assert (past == 8).all() and (y == 8 * np.arange(40)).all() and (outputs["y"] == y).all()
    assert (program.state["past"] == 8).all()
    program.reset_state()
    assert (past == 0).all() and not sanitize(machine)


def test_binding_again():
    program = xnn.compile(SUMS, borrowed=["x", "past"], ties=["past=next"])
    program.run({"x": ONES})
    first, second = np.full_like(ONES, 10), np.full_like(ONES, 20)
    program.bind({"next": first})  # the array has the state
    program.run({"x": ONES})
    assert (first == 11).all()
    program.bind({"past": second})
    program.run({"x": ONES})
    assert (first == 11).all() and (second == 21).all()
    program.bind({"past": 4096})  # in bytes of the session, which go on from there
    outputs, _ = program.run({"x": ONES})
    assert (second == 21).all() and (outputs["next"] == 22).all()
    assert program.dynamic["past"] == 4096
    with pytest.raises(UserError, match="input 'x' is missing"):
        program.run({})


def _read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


WHOLE = np.zeros((2, 40), np.float32)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((1, 40))}, r"'x' is float64\[1, 40\], expected float32\[1, 40\]"),
        ({"x": np.zeros((1, 40), ">f4")}, r"'x' is >f4\[1, 40\], expected float32"),
        ({"x": np.zeros((40,), np.float32)}, r"'x' is float32\[40\], expected float32\[1, 40\]"),
        ({"x": np.zeros((1, 80), np.float32)[:, ::2]}, "the array for 'x' is not contiguous"),
        ({"y": _read_only(np.zeros_like(ONES))}, "'y' is read-only, but a run writes it"),
        ({"next": _read_only(np.zeros_like(ONES))}, "'next' is read-only, but a run writes it"),
        ({"x": WHOLE[:1], "y": WHOLE[:1]}, "the arrays for 'x' and 'y' share bytes"),
        ({"w": np.zeros_like(ONES)}, "'w' cannot lie in an array: no whole buffer there is borrowed"),
        ({"z": np.zeros_like(ONES)}, "no dynamic tensor is called 'z'"),
        ({"x": [1.0]}, "'x' needs an address or an array, not list"),
    ],
)  # fmt: skip
def test_arrays_that_do_not_fit(arrays: dict[str, np.ndarray], message: str):
    borrowed = ["x", "y", "past"]
    program = xnn.compile(SUMS, borrowed=borrowed, dynamic=["w"], ties=["past=next"])
    with pytest.raises(UserError, match=message):
        program.bind(arrays)
    program.bind({"x": WHOLE[:1], "y": WHOLE[1:]})


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"x": ONES}, "'x' is bound to an array of yours"),
        ({"past": np.ones((3, 40), np.float32)}, "an array that is bound holds one sample, not 3"),
    ],
)
def test_inputs_beside_arrays(inputs: dict[str, np.ndarray], message: str):
    program = xnn.compile(SUMS, borrowed=["x"])
    program.bind({"x": np.ones_like(ONES)})
    with pytest.raises(UserError, match=message):
        program.run(inputs)


PARTS = """<ir_version: 8, opset_import: ["" : 17]>
    parts (float[1,16] x, float[1,16] z) => (float[1,16] a, float[1,32] both)
    { a = Relu(x) b = Relu(z) both = Concat<axis = 1>(a, b) }"""

CONSTANT = """<ir_version: 8, opset_import: ["" : 17]>
    constant (float[2] x) => (float[2] y, float[2] c) <float[2] w = {1, 2}>
    { y = Relu(x) c = Relu(w) }"""


def test_an_output_in_another():
    program = xnn.compile(onnx.parser.parse_model(PARTS), borrowed=["both"])
    with pytest.raises(UserError, match="'a' cannot lie in an array: no whole buffer there is"):
        program.bind({"a": np.zeros((1, 16), np.float32)})
    program.bind({"both": (both := np.zeros((1, 32), np.float32))})
    outputs, _ = program.run(dict.fromkeys("xz", np.ones((1, 16), np.float32)), sanitize=True)
    assert (both == 1).all() and np.shares_memory(outputs["a"], both[:, :16])


@pytest.mark.parametrize(
    ("compiled", "message"),
    [
        (lambda: xnn.compile(SUMS, borrowed=["w"]), "'w' is a parameter"),
        (
            lambda: xnn.compile(onnx.parser.parse_model(CONSTANT), borrowed=["c"]),
            "'c' is a parameter",
        ),
        (lambda: xnn.compile(SUMS, borrowed=["v"]), "no input, output or parameter is called 'v'"),
        (
            lambda: xnn.compile(onnx.parser.parse_model(PARTS), borrowed=["a"]),
            "'a' is part of a larger buffer",
        ),
    ],
)
def test_what_cannot_be_borrowed(compiled: Callable[[], object], message: str):
    with pytest.raises(UserError, match=message):
        compiled()
