"""Orders other than the compiler's own: layers interleaved, operands loaded long before, results stored late.

Whatever order the verifier accepts computes the same numbers at the memory level and on the machine,
without a race, in exactly the predicted time.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view
from xdsl.dialects.builtin import ModuleOp, StringAttr
from xdsl.ir import Block, Operation, Region
from xdsl.parser import Parser

from tests.runtime.random_networks import random_network, random_settings
from tests.samples import samples
from xnn import compile
from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.line import Line
from xnn.dialects.dma.order import LineOp
from xnn.dialects.dma.sequence import Cursor, expand_order, layers_of, order_of
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes import pass_named
from xnn.passes.schedule.order_layers import ahead_of
from xnn.passes.schedule.parts import Part, parts_of
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.sanitizer import sanitize
from xnn.runtime.session import Session
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.verification import verify


def run_op(name: str, blocks: int, ahead: int, behind: int) -> LineOp:
    fields = {"blocks": blocks, "ahead": ahead, "behind": behind}
    properties = {key: integer(value) for key, value in fields.items()}
    return dma.RunOp.create(properties={"layer": StringAttr(name), **properties})


def line_op(kind: type[LineOp], name: str, **fields: int) -> LineOp:
    properties = {key: integer(value) for key, value in fields.items()}
    return kind.create(properties={"layer": StringAttr(name), **properties})


def random_lines(name: str, layer: LayerBlocks, random: Random) -> Iterator[Line]:
    """A layer in random runs, with loads long before and stores long after."""
    cursor, most = Cursor(layer), ahead_of(layer.op)
    stores = 0
    for operand, load in enumerate(layer.loads):
        count = sum(load.slice(number) < load.slots for number in range(len(load.blocks)))
        if count and random.random() < 0.5:
            op = line_op(dma.PrefetchOp, name, operand=operand, count=count)
            yield cursor.prefetch(op, operand, count)
    while cursor.block < layer.count:
        count, ahead = random.randint(1, layer.count - cursor.block), random.randint(0, most)
        shared = ahead if layer.node is None else 0  # the results of a copy are its slices
        results = layer.result_slots - shared
        behind = random.randint(0, max(results - 1, 0)) if layer.stores else 0
        line = cursor.run(run_op(name, count, ahead, behind), count, ahead, behind)
        stores += sum(op is layer.stores.op for op, _ in line.events.all()) if layer.stores else 0
        yield line
        left = 0
        if layer.stores is not None:
            left = sum(block < cursor.block for block in layer.stores.blocks) - stores
        if left:
            yield cursor.write_back(line_op(dma.WriteBackOp, name, count=left), left)
            stores += left


def _parts(line: Line) -> list[Part]:
    touched = ((line.layer.touches(op), blocks) for op, blocks in line.events.operations.items())
    return [part for each in touched for part in parts_of(*each)]


def random_order(
    module: ModuleOp,
    random: Random,
    lines_of: Callable[[str, LayerBlocks, Random], Iterator[Line]] = random_lines,
) -> list[Operation]:
    """Lines of all layers, so that all that is read has been written."""
    layers = layers_of(main_function(module))
    lines = [list(lines_of(n, LayerBlocks(op), random)) for n, op in layers.items()]
    parts = {id(line): _parts(line) for each in lines for line in each}
    order: list[Operation] = []

    def written_later(line: Line) -> bool:
        """Whether it reads what a line that is left writes."""
        return any(
            part.root == other.root and other.writes and part.meets(other)
            for part in parts[id(line)]
            if not part.writes
            for each in lines
            for left in each
            if left is not line
            for other in parts[id(left)]
        )

    while any(lines):
        ready = [each for each in lines if each and not written_later(each[0])]
        order.append(random.choice(ready).pop(0).op)
    return order


def forget_addresses(module: ModuleOp) -> None:
    """Leaves the addresses of local buffers, which hold for one order, to `plan-memory`."""
    for op in module.walk():
        if isinstance(op, dma.AddressedBuffer) and dma.is_local(op.result):
            op.properties.pop("address", None)
            op.properties.pop("pitch", None)
            op.properties.pop("slot_offsets", None)


def reorder(module: ModuleOp, lines: list[Operation]) -> None:
    main = main_function(module)
    forget_addresses(module)
    order = order_of(main)
    assert order is not None
    order.detach_region(0)
    order.add_region(Region(Block(lines)))
    expand_order(main, order)
    module.verify()


def check_orders(seed: int) -> bool:
    """Whether a network fits its target in a random order; then all levels agree."""
    random = Random(seed)
    model, inputs = random_network(seed)
    try:  # at an effort that looks for no cascades: rings do not allow every order
        program = compile(model, settings=random_settings(seed), level="dma", effort="fast")
    except UserError:
        return False
    expected = program.run(inputs)[0]
    reorder(program.module, random_order(program.module, random))
    text = str(program.module)
    again = Parser(make_context(), text).parse_module()
    assert str(again) == text
    reordered = program.run(inputs)[0]
    try:
        compiled = compile(program.module)
    except UserError as error:
        assert "does not fit local memory" in str(error) or "bytes of local memory" in str(error)
        return False
    outputs, report = compiled.run(inputs, sanitize=True)
    for name, value in expected.items():
        np.testing.assert_array_equal(reordered[name], value)
        np.testing.assert_allclose(outputs[name], value, rtol=1e-5, atol=1e-5)
    assert report.bounds is not None and report.predicted_cycles is not None
    assert report.cycles == report.predicted_cycles
    assert report.bounds.network <= report.predicted_cycles
    return True


@pytest.mark.parametrize("seed", samples(6, range(12)))
def test_any_order_that_can_be_computes_the_same(seed: int):
    check_orders(seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12, 160))
def test_any_of_many_orders_that_can_be_computes_the_same(seed: int):
    check_orders(seed)


CASCADE = (Path(__file__).parents[2] / "filecheck" / "dialects" / "dma" / "orders.mlir").read_text()
"""Strips of two layers, interleaved: "z" reads three rows of the map "y" for each of its own."""


def in_ring(rows: int) -> ModuleOp:
    """The cascade, with so many rows of "y" in local memory."""
    whole = "memref<1x4x8x8xf32, #dma.local>"
    mapped = f"memref<1x4x8x8xf32, strided<[{32 * rows}, {8 * rows}, 8, 1]>, #dma.local>"
    alloc = f'%y = dma.alloc "y" : {whole}'
    held = f"memref<1x4x{rows}x8xf32, #dma.local>"
    ring = f'%b = dma.alloc "y" : {held}\n    %y = dma.ring %b dim 2 : {held} to {mapped}'
    text = CASCADE.replace(alloc, ring).replace(whole, mapped)
    text = text.replace("strided<[256, 64, 8, 1]>", f"strided<[{32 * rows}, {8 * rows}, 8, 1]>")
    return parse_module(BytesIO(text.encode()), make_context(), name="cascade.mlir")


@pytest.mark.parametrize("rows", [3, 4, 5, 7])
def test_a_cascade_through_a_ring_computes_the_same(rows: int):
    x = np.random.default_rng(0).standard_normal((1, 4, 8, 8)).astype(np.float32)
    expected = np.zeros((1, 1, 10, 10), np.float32)
    expected[..., 1:-1, 1:-1] = x.sum(axis=1) / 2  # weights are 0.5, then 0.25
    expected = sliding_window_view(expected, (3, 3), (2, 3)).sum(axis=(4, 5))
    module = in_ring(rows)
    verify(module)
    for step in ("xnn-target", "plan-memory", "convert-to-instructions"):
        (z,) = Session(module).run({"x": x}).values()
        np.testing.assert_allclose(z, np.broadcast_to(expected, (1, 4, 8, 8)), 1e-5, 1e-6)
        pass_named(step)().apply(make_context(), module)
    machine = Machine(module, WeightStore())
    np.testing.assert_allclose(machine.execute({"x": x})["z"], z, 1e-5, 1e-6)
    assert not sanitize(machine)
    predicted = machine.program.predicted_cycles
    assert predicted is not None and predicted.value.data == machine.timeline.cycles


def test_a_ring_too_small_for_the_order_is_refused_with_layer_buffer_and_bytes():
    with pytest.raises(UserError) as caught:
        module = in_ring(3)
        text = str(module).replace('"y" blocks 2 ahead', '"y" blocks 3 ahead')
        text = text.replace("dma.repeat 6", "dma.repeat 5")
        verify(parse_module(BytesIO(text.encode()), make_context(), name="cascade.mlir"))
    assert caught.value.message == (
        'dma.run "z": ring too small: block 1 reads row 0 of "y", which row 3 has overwritten; '
        "it has 3 rows, 384 bytes, and needs 4, 512 bytes"
    )
