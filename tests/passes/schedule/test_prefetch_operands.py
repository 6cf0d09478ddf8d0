"""Loads that are moved long before their layers, at addresses of their own.

Whatever the order of blocks before: same numbers, no race, exactly the predicted time, never slower.
"""

from collections.abc import Iterator
from random import Random

import numpy as np
import pytest
from onnx import helper
from xdsl.dialects.builtin import ModuleOp
from xdsl.utils.exceptions import VerifyException

from tests.passes.schedule.test_orders import random_order, reorder, run_op
from tests.runtime.random_networks import Network, random_network, random_settings
from tests.tools.onnx.levels import model_of
from xnn import compile
from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.line import Line
from xnn.dialects.dma.sequence import Cursor
from xnn.dialects.values import value_bytes
from xnn.dialects.xnn.operation import integer
from xnn.passes import pass_named
from xnn.passes.schedule.order_layers import ahead_of
from xnn.passes.schedule.step_table import StepTable
from xnn.tools.parsing import make_context
from xnn.tools.program import Program


def run_pass(module: ModuleOp, name: str) -> None:
    pass_named(name)().apply(make_context(), module)
    module.verify()


def ordered(seed: int) -> tuple[Program, dict[str, np.ndarray]] | None:
    """A random network at the memory level, before any load is moved; None if a layer does not fit."""
    model, inputs = random_network(seed)
    try:
        program = compile(model, settings=random_settings(seed), level="prim")
    except UserError:
        return None
    for name in ("convert-to-blocks", "order-layers"):
        run_pass(program.module, name)
    return program, inputs


def random_runs(name: str, layer: LayerBlocks, random: Random) -> Iterator[Line]:
    """A layer in random runs."""
    cursor, most = Cursor(layer), ahead_of(layer.op)
    while cursor.block < layer.count:
        count, ahead = random.randint(1, layer.count - cursor.block), random.randint(0, most)
        yield cursor.run(run_op(name, count, ahead, 0), count, ahead, 0)


def compiled(module: ModuleOp, effort: str = "default") -> Program | None:
    """The machine program; None if it does not fit. With effort fast no reservations are limited."""
    try:
        return compile(module.clone(), effort=effort)
    except UserError as error:
        assert "fit local memory" in str(error) or "bytes of local memory" in str(error)
        return None


def predicted(program: Program) -> int:
    machine = program.session.machine
    assert machine is not None and machine.program.predicted_cycles is not None
    return machine.program.predicted_cycles.value.data


def require_own_bytes(module: ModuleOp) -> int:
    """Every byte that is read, if it was ever written for its buffer, was last; how many nodes there are.

    A slice all of whose elements are pads is not loaded.
    """
    table = StepTable(module)
    owner = np.zeros(table.target.local.capacity_bytes, np.int64)
    numbers: dict[object, int] = {}
    written: dict[int, np.ndarray] = {}
    nodes = 0
    for step in table.steps():
        nodes += 1
        task, touched = step.task, []
        for place, access, at in zip(
            task.places, task.accesses, step.placed.addresses, strict=True
        ):
            if not access.local:
                continue
            root = dma.root_of(place.buffer)
            number = numbers.setdefault((root, place.slot), len(numbers) + 1)
            for offset, part in access.parts:
                starts, length = part.runs
                touched.append((number, access.writes, at + offset + starts, length))
        for number, writes, starts, length in sorted(touched, key=lambda each: each[1]):
            index = (starts[:, None] + np.arange(length)).ravel()
            own = written.setdefault(number, np.zeros(len(owner), bool))
            if writes:
                owner[index], own[index] = number, True
            else:
                assert (owner[index] == number)[own[index]].all(), task.op
    return nodes


def moves_loads(module: ModuleOp) -> bool:
    return any(isinstance(op, dma.PrefetchOp) for op in module.walk())


def check(seed: int, mixed: bool) -> bool:
    """Whether loads were moved."""
    if (found := ordered(seed)) is None:
        return False
    program, inputs = found
    random = Random(seed)
    if mixed:
        try:
            reorder(program.module, random_order(program.module, random, random_runs))
        except VerifyException:  # what two layers write keeps their order
            return False
    moved = program.module.clone()
    run_pass(moved, "prefetch-operands")
    text = str(moved)
    run_pass(moved, "prefetch-operands")
    assert str(moved) == text
    if not moves_loads(moved):
        return False
    before, after = compiled(program.module, "fast"), compiled(moved, "fast")
    assert after is not None
    assert before is None or predicted(after) < predicted(before)
    after = compiled(moved)
    assert after is not None
    expected = program.run(inputs)[0]
    outputs, report = after.run(inputs, sanitize=True)
    for name, value in expected.items():
        if value.dtype.kind == "f":
            np.testing.assert_allclose(outputs[name], value, rtol=1e-5, atol=1e-5)
        else:
            np.testing.assert_array_equal(outputs[name], value)
    assert report.cycles == report.predicted_cycles
    run_pass(moved, "plan-memory")
    require_own_bytes(moved)
    return True


@pytest.mark.parametrize("mixed", [False, True])
def test_moved_loads_compute_the_same_sooner(mixed: bool):
    assert sum(check(seed, mixed) for seed in range(4)) > 1


@pytest.mark.slow
@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize("seed", range(4, 120))
def test_moved_loads_of_many_networks_compute_the_same_sooner(seed: int, mixed: bool):
    check(seed, mixed)


def test_the_slices_of_an_operand_keep_their_order_whatever_their_channels():
    """A slice that has nothing to wait for is not loaded before one that has: it would be taken for that."""
    x = np.random.default_rng(6).standard_normal([2, 3, 5, 5, 1, 5]).astype(np.float32)
    node = helper.make_node("Softmax", ["x"], ["y"], axis=-3)
    model, small = model_of([node], {"x": x}, ["y"], opset=13), ["local.rows=8", "local.banks=8"]
    outputs, _ = compile(model, settings=small).run({"x": x}, sanitize=True)
    expected, _ = compile(model, level="xnn").run({"x": x})
    np.testing.assert_allclose(outputs["y"], expected["y"], rtol=1e-5)


def test_while_large_weights_wait_for_room_small_ones_of_a_later_layer_are_loaded():
    net = Network(0)
    x = net.conv(net.input(1, 64, 24, 24), 256, [1, 1])  # whose result takes most of the memory
    x = net.pool("MaxPool", x, [3, 3], [3, 3], [0, 0, 0, 0])
    large = net.conv(x, 16, [3, 3])
    small = net.conv(large, 16, [1, 1])
    program = compile(net.model(small), level="dma", settings=["local.rows=700"])
    fetched = [op.layer.data for op in program.module.walk() if isinstance(op, dma.PrefetchOp)]
    assert fetched.index(small) < fetched.index(large)


def chain() -> ModuleOp:
    """Three layers of one position, moved."""
    net = Network(0)
    x = net.input(1, 64, 16, 16)
    for _ in range(3):
        x = net.conv(x, 64, [1, 1])
    program = compile(net.model(x), level="dma")
    assert moves_loads(program.module)
    return program.module


def test_an_address_that_overwrites_what_is_needed_is_refused_with_names():
    module = chain()
    maps = [op for op in module.walk() if isinstance(op, dma.AllocOp) and dma.is_local(op.result)]
    maps[1].properties["address"] = maps[0].properties["address"]
    with pytest.raises(UserError) as caught:
        run_pass(module, "plan-memory")
    assert caught.value.message == (
        'feature map "conv0" is overwritten by feature map "conv1" before it is used'
    )


def test_an_address_outside_of_the_memory_is_refused():
    module = chain()
    load = next(op for op in module.walk() if isinstance(op, dma.LoadOp))
    load.properties["address"] = integer(2**20 - value_bytes(load.result) + 64)
    with pytest.raises(UserError) as caught:
        run_pass(module, "plan-memory")
    assert caught.value.message == (
        'slot 0 for "c0" of layer "conv0" lies at 1032256, whose last byte is 1048639 of 1048576 '
        "bytes of local memory"
    )


def test_addresses_that_are_missing_are_found_beside_those_given():
    module = chain()
    given = {}
    for number, op in enumerate(module.walk()):
        if isinstance(op, dma.AddressedBuffer) and dma.is_local(op.result):
            if number % 2:
                op.properties.pop("address")
                op.properties.pop("pitch", None)
            else:
                given[op] = op.address
    run_pass(module, "plan-memory")
    assert given and all(op.address == address for op, address in given.items())
    require_own_bytes(module)
