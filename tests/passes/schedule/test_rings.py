"""Chains of layers whose feature maps lie in rings of rows: whatever the rings and blocks, the numbers are the same.

A ring that is too small is refused with the rows that would do, and those do.
"""

import re
from io import BytesIO
from math import prod
from random import Random

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp, UnitAttr

import xnn
from tests.programs import effort_of
from tests.runtime.random_networks import Network
from tests.samples import samples
from xnn.dialects.diagnostics import UserError
from xnn.dialects.prim import Domain, Outermost, Primitive, ScheduleAttr, shape
from xnn.dialects.prim.attributes import BATCH, POSITIONS, ROWS
from xnn.dialects.xnn.operation import integer
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.program import Program

TOO_SMALL = re.compile(r'ring too small: .* needs? (\d+) rows of buffer "([^"]+)"')


def _window(net: Network, size: int) -> tuple[int, int, int, int]:
    """Kernel, stride, dilation and pad of a window over so many elements."""
    choose = net.random.choice
    kernel, dilation = choose([(1, 1), (2, 1), (3, 1), (3, 1), (3, 2), (5, 1)])
    stride, pad = choose([1, 1, 1, 2, 3]), choose([0, 1, (kernel - 1) * dilation // 2])
    return (kernel, stride, dilation, pad) if size > 2 * kernel * dilation else (1, 1, 1, 0)


def _step(net: Network, x: str) -> str:
    choose, (_, channels, *spatial) = net.random.choice, net.shapes[x]
    kind = choose(["conv", "conv", "conv", "depthwise", "pool", "residual", "sigmoid"])
    if kind == "sigmoid":
        return net.add("Sigmoid", [x], net.shapes[x])
    if kind == "residual":
        ones = [1] * len(spatial)
        inner = net.conv(x, 3, [3] * len(spatial), pads=[1, 1] * len(spatial))
        return net.add("Add", [net.conv(inner, channels, ones), x], net.shapes[x])
    kernel, strides, dilations, pads = zip(*(_window(net, n) for n in spatial), strict=True)
    if kind == "pool":
        low = [min(pad, size - 1) for pad, size in zip(pads, kernel, strict=True)]
        return net.pool("MaxPool", x, kernel, strides, [*low, *low])
    more = {"strides": strides, "dilations": dilations, "pads": [*pads, *pads]}
    groups = channels if kind == "depthwise" else 1
    return net.conv(x, groups * choose([1, 2, 5]), kernel, groups=groups, bias=True, **more)


def random_chain(seed: int) -> tuple[ModuleOp, dict[str, np.ndarray]]:
    """A chain at the primitive level, in integers, and its inputs."""
    net = Network(seed)
    choose = net.random.choice
    spatial = choose([[33], [17, 9], [24, 10], [31, 7]])
    x = net.input(choose([1, 1, 1, 2]), choose([1, 3, 8]), *spatial)
    for _ in range(net.random.randint(2, 6)):
        x = _step(net, x)
    settings = [f"local.rows={choose([256, 1024])}", f"matmul.n={choose([8, 16])}"]
    program = xnn.compile(net.model(x), quantize="int8", settings=settings, level="prim")
    return program.module, net.sample()


def random_block(op: Primitive, random: Random) -> Domain:
    """A block of some rows, and of the rest all or half."""
    sizes = list(op.domain.sizes)
    sizes[POSITIONS] = min(sizes[POSITIONS], random.choice([1, 2, 2, 3, 4, 5, 7]))
    for dim in (BATCH, *([ROWS] if op.domain.groups == 1 else []), *range(6, len(sizes))):
        if random.random() < 0.3:
            sizes[dim] = -(-sizes[dim] // 2)
    return Domain.of_sizes(sizes)


def schedule(module: ModuleOp, random: Random) -> dict[str, Primitive]:
    """Gives all nodes random blocks, and maps between them rings, maybe too small, or rows first.

    Returns the nodes by name.
    """
    nodes = {op.shown_name: op for op in module.walk() if isinstance(op, Primitive)}
    for op in nodes.values():
        for each in ("local", "external", "rows_first", "pitch"):
            op.properties.pop(each, None)
        block, slots = random_block(op, random), random.randint(1, 3)
        op.properties["schedule"] = ScheduleAttr(
            block=block, outermost=Outermost.POSITIONS, slots=slots
        )
        height = shape(op.out)[2]
        if height > 1 and all(isinstance(use.operation, Primitive) for use in op.out.uses):
            if random.random() < 0.8:
                op.properties["local"] = UnitAttr()
                op.properties["rows"] = integer(random.randint(1, min(height - 1, 6)))
            elif random.random() < 0.8:
                op.properties |= {"local": UnitAttr(), "rows_first": UnitAttr()}
                if random.random() < 0.5:
                    row = prod(shape(op.out)[3:])
                    op.properties["pitch"] = integer(row + random.choice([0, 1, 7, 64 - row % 64]))
    return nodes


def compiled(module: ModuleOp, nodes: dict[str, Primitive], effort: str) -> Program:
    """The program; a ring that is too small gets the rows that the message says, or is a whole map."""
    while True:
        text = str(module)
        again = parse_module(BytesIO(text.encode()), make_context())
        assert str(again) == text
        try:
            return xnn.compile(again, effort=effort)
        except UserError as error:
            found = TOO_SMALL.search(error.message)
            assert found, error
            rows, op = int(found[1]), nodes[found[2]]
            assert op.ring_rows is not None and rows > op.ring_rows
            op.properties["rows"] = integer(rows)
            if rows == shape(op.out)[2]:
                del op.properties["rows"]


def check(seed: int) -> int:
    """Returns how many rings a random chain has in the end."""
    module, inputs = random_chain(seed)
    expected = Program(module.clone()).run(inputs)[0]
    nodes = schedule(module, Random(seed))
    outputs, report = compiled(module, nodes, effort_of(seed)).run(inputs, sanitize=True)
    for name, value in expected.items():
        np.testing.assert_array_equal(outputs[name], value)
    assert report.cycles == report.predicted_cycles
    return sum(op.rows is not None for op in nodes.values())


@pytest.mark.parametrize("seed", samples(3, range(12)))
def test_chains_through_rings_compute_the_same(seed: int):
    check(seed)


def test_bytes_of_a_ring_are_free_once_its_rows_are_used():
    check(189)  # its last reader comes after a load to where its first rows lay


@pytest.mark.slow
def test_many_chains_through_rings_compute_the_same():
    assert sum(map(check, range(100, 300))) > 300
