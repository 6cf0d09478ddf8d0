"""What the machine makes of instructions, on a program small enough to count by hand.

Target edge: matrices of 16 x 16 in 32 bits, 16 bytes a cycle after 200 cycles. An operand here is one
of them, 1024 bytes, and so is a row of local memory.
"""

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp
from xdsl.parser import Parser

from tests.runtime.random_networks import Network, general
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dsa import TransferOp
from xnn.dialects.dsa.instructions import Instruction, PrimitiveInstruction
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.machine.kept_maps import kept_buffers
from xnn.runtime.machine.machine import Machine, program_of
from xnn.runtime.targets import load_target
from xnn.tools.api import compile
from xnn.tools.parsing import make_context
from xnn.tools.program import Program


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


def nodes(machine: Machine, kind: type[Instruction]) -> list[int]:
    """Numbers of the nodes of a kind of instruction."""
    ops = machine.expansion.op_index.tolist()
    return [i for i, op in enumerate(ops) if isinstance(machine.decoded[op].op, kind)]


def test_a_product(machine):
    (product,) = nodes(machine, PrimitiveInstruction)
    cost, decoded = machine.costs[product], machine.decoded[machine.expansion.op_index[product]]
    assert (cost.macs, cost.cycles, cost.drain) == (16**3, 16, 2 * 16)
    assert (cost.rows, cost.read_rows) == ((1, 1, 1), 2)
    assert machine.bus_bytes[product] == machine.nodes.bus[product] == 0
    assert decoded.external_bytes == (0, 0)


def test_transfers(machine):
    *loads, store = nodes(machine, TransferOp)
    decoded = [machine.decoded[op] for op in machine.expansion.op_index]
    assert len(loads) == 2
    assert [decoded[load].external_bytes for load in loads] == [(1024, 0)] * 2
    assert decoded[store].external_bytes == (0, 1024)
    assert [machine.costs[load].read_rows for load in loads] == [0, 0]
    assert machine.costs[store].read_rows == 1
    for each in (*loads, store):
        cost = machine.costs[each]
        assert cost.rows == (1,) and not cost.macs and not cost.drain and not cost.operations
        assert machine.bus_bytes[each] == 1024
        assert machine.nodes.bus[each] == machine.nodes.cycles[each] == 64


PROGRAM = """dsa.program {{
  dsa.buffer "x" input external at {far} : memref<1x1x1x16xf32>
  dsa.buffer "a" slice local at {near} : memref<1x1x1x16xf32>
  dsa.buffer "b" slice local at 256 : memref<1x1x1x16xf32>
  dsa.layer "y" @y
  dsa.config @y {{
  ^bb0(%0: memref<1x1x1x16xf32, #dma.local>, %1: memref<1x1x1x16xf32, #dma.local>):
    prim.sort "y" "max_pool" ins(%0 : memref<1x1x1x16xf32, #dma.local>) window <kernel = [1, 1]>
      outs(%1 : memref<1x1x1x16xf32, #dma.local>)
  }}
  dsa.transfer "y" "dma0" load of ["x", "a"] at affine_map<() -> (0, 0)> sizes [16]
    source [1] target [1] reservations [8] : f32
  dsa.sort "y" [1, 1, 1, 1, 1, 16] pads [0, 0, 0, 0] first last of ["a", "b"]
    at affine_map<() -> (0, 0)> reservations [4, 4] after <dma0 1>
}}"""


@pytest.mark.parametrize(
    ("far", "near", "bursts", "rows", "bank"),
    [
        (0, 0, 1, 1, 0),
        (4, 0, 2, 1, 0),
        (64, 60, 1, 2, 0),
        (60, 65536, 2, 1, 1),
        (0, 65540, 1, 2, 1),
    ],
)
def test_bursts_rows_and_banks_go_by_addresses(
    far: int, near: int, bursts: int, rows: int, bank: int
):
    module = Parser(make_context(), PROGRAM.format(far=far, near=near)).parse_module()
    assert isinstance(module, ModuleOp)
    load_target("edge").attach(module)
    machine = Machine(module, WeightStore())
    assert [cost.rows for cost in machine.costs] == [(rows,), (rows, 1)]
    assert machine.bus_bytes == [64 * bursts, 0]
    assert machine.nodes.bus.tolist() == [4 * bursts, 0]
    # the sort reads at half of a bank
    assert machine.nodes.cycles.tolist() == [4 * bursts, 2 * rows]
    together = ((0, 8),) if bank == 0 else ((0, 4), (1, 4))
    assert machine.nodes.demand == [((bank, 8),), together]


@pytest.mark.parametrize(("lanes", "cycles"), [(1000, 56), (1, 105 * 18)])
def test_general_compute(lanes: int, cycles: int):
    """Of 105 elements in f32, 18 units of price each: 420 bytes in and out, 448 in whole bursts."""
    machine = compile(general(), settings=[f"general.lanes={lanes}"]).session.machine
    assert machine is not None
    assert machine.decoded[0].external_bytes == (420, 420)
    assert machine.bus_bytes == [2 * 448] and machine.costs[0].rows == ()
    assert machine.nodes.cycles.tolist() == [cycles]
    assert machine.nodes.bus.tolist() == [56] and machine.nodes.demand == [()]
    assert machine.timeline.cycles == 200 + cycles


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
    assert set(kept_buffers(machine)) == {"conv0"}


def test_a_module_without_a_program():
    net = Network(0)
    module = compile(net.model(net.conv(net.input(1, 4, 2, 2), 8, [1, 1])), level="dma").module
    with pytest.raises(UserError, match=r"the module holds no dsa\.program"):
        program_of(module)
