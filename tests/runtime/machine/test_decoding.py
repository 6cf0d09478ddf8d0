"""What the machine makes of instructions, on a program small enough to count by hand.

Target edge: matrices of 16 x 16 in 32 bits, 16 bytes a cycle after 200 cycles. An operand here is one
of them, 1024 bytes, and so is a row of local memory.
"""

import numpy as np
import pytest

from tests.runtime.random_networks import Network
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import TransferOp
from xnn.dialects.dsa.operations import PrimitiveInstruction
from xnn.runtime.machine.machine import Decoded, Machine, program_of
from xnn.tools.api import Program, compile


@pytest.fixture(scope="module")
def program() -> Program:
    """16 channels from 16, at 4 x 4 positions."""
    net = Network(0)
    model = net.model(net.conv(net.input(1, 16, 4, 4), 16, [1, 1]))
    return compile(model, settings=["local.row_bytes=1024"])


@pytest.fixture
def machine(program) -> Machine:
    assert program.session.machine is not None
    return program.session.machine


def transfers(machine: Machine, direction: str) -> list[Decoded]:
    return [
        each
        for each in machine.decoded
        if isinstance(each.op, TransferOp) and each.op.direction.data == direction
    ]


def test_a_product(machine):
    (product,) = (e for e in machine.decoded if isinstance(e.op, PrimitiveInstruction))
    assert (product.cost.macs, product.cost.cycles, product.cost.drain) == (16**3, 16, 2 * 16)
    assert product.moved(local=True) == (2 * 1024, 1024)
    assert product.cost.rows == (1, 1, 1)
    assert not product.external and product.moved(local=False) == (0, 0)


def test_transfers(machine):
    loads, (store,) = transfers(machine, "load"), transfers(machine, "store")
    for load in loads:
        assert (load.moved(local=False), load.moved(local=True)) == ((1024, 0), (0, 1024))
    assert (store.moved(local=True), store.moved(local=False)) == ((1024, 0), (0, 1024))
    for each in (*loads, store):
        assert each.external and not each.cost.macs and not each.cost.drain


def test_times(machine):
    """Both loads pass the bus one after the other, then the product, its drain, the store."""
    times = machine.timeline
    assert machine.nodes.cycles.tolist() == [64, 64, 16, 64]
    assert times.end.tolist()[:2] == [264, 328]
    assert times.token[2] == 328 + 16 + 32
    assert times.cycles == times.token[2] + 200 + 64


def test_values_come_from_memory(machine, program):
    """The same input again, after another, has the same outputs."""
    one, other = (np.full((1, 16, 4, 4), value, np.float32) for value in (1, 2))
    first = program.run({"x0": one})[0]
    assert not np.array_equal(program.run({"x0": other})[0]["conv0"], first["conv0"])
    np.testing.assert_array_equal(program.run({"x0": one})[0]["conv0"], first["conv0"])
    assert set(machine.external_feature_maps()) == {"conv0"}


def test_a_module_without_a_program():
    net = Network(0)
    module = compile(net.model(net.conv(net.input(1, 4, 2, 2), 8, [1, 1])), level="dma").module
    with pytest.raises(UserError, match=r"the module holds no dsa\.program"):
        program_of(module)
