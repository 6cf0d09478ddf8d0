"""Rings of rows: at level dma and on the machine a map in a ring is what it is whole."""

from io import BytesIO

import numpy as np
import pytest
from xdsl.dialects.builtin import ModuleOp

import xnn
from tests.programs import effort_of
from tests.runtime.random_rings import CONSUMERS, PRODUCERS, RandomRing
from tests.samples import grid
from xnn.runtime.io.weights import WeightStore
from xnn.runtime.machine.machine import Machine
from xnn.runtime.machine.sanitizer import sanitize
from xnn.runtime.session import Session
from xnn.runtime.targets import load_target
from xnn.tools.parsing import make_context, parse_module
from xnn.tools.program import Program

N = 16
"""Size of the default machine's matrices at 32 bits."""


def module_of(text: str) -> ModuleOp:
    return parse_module(BytesIO(text.encode()), make_context())


def wraps(machine: Machine) -> int:
    """How many operands wrap."""
    decoded = machine.decoded
    return sum(
        access.wrap is not None
        for op, addresses in machine.expansion.nodes
        for access in machine.accesses(decoded[op], addresses)
    )


def check(ring: RandomRing) -> int:
    """Runs a cascade at both levels; returns how many operands wrap."""
    text, inputs = ring.text(), ring.inputs()
    expected = ring.expected(inputs)
    program = xnn.compile(module_of(text), effort=effort_of(ring.seed))
    machine = program.session.machine
    assert machine is not None
    for outputs in (Session(module_of(text)).run(inputs), program.session.run(inputs)):
        np.testing.assert_allclose(outputs["y"], expected, rtol=1e-4, atol=1e-5)
    assert sanitize(machine) == []
    predicted = machine.program.predicted_cycles
    assert predicted is not None and predicted.value.data == machine.timeline.cycles
    again = Program(module_of(str(program.module))).session.run(inputs)
    np.testing.assert_array_equal(again["y"], program.session.run(inputs)["y"])
    return wraps(machine)


@pytest.mark.parametrize("seeds", [range(2, 4), pytest.param(range(4, 7), marks=pytest.mark.slow)])
@pytest.mark.parametrize("producer, consumer", grid(6, PRODUCERS, CONSUMERS))
def test_cascades(producer, consumer, seeds):
    assert sum(check(RandomRing(seed, N, producer, consumer)) for seed in seeds) > 0


@pytest.mark.slow
def test_many_cascades():
    assert sum(check(RandomRing(seed, N)) for seed in range(100, 300)) > 200


TEXT = """
dsa.program {
  dsa.buffer "x" input external at 0 : memref<1x2x8x4xf32>
  dsa.buffer "map" feature_map local at 0 ring [5, 16] : memref<1x2x5x4xf32>
  dsa.buffer "pool#0" slice local at 65536 slots 2 pitch 128 : memref<1x2x2x2xf32>
  dsa.buffer "y" feature_map external at 256 : memref<1x2x4x2xf32>
  dsa.output "y" of "y" at 0 : memref<1x2x4x2xf32>
  dsa.config @pool {
  ^bb0(%0: memref<1x2x5x5xf32, strided<[40, 20, 4, 1]>, #dma.local>, %1: memref<1x2x2x2xf32, #dma.local>):
    prim.sort "pool" "max_pool" ins(%0 : memref<1x2x5x5xf32, strided<[40, 20, 4, 1]>, #dma.local>)
      window <kernel = [3, 3], strides = [2, 2], pads = [1, 1, 1, 1]> outs(%1 : memref<1x2x2x2xf32, #dma.local>)
  }
  dsa.layer "pool" @pool
  dsa.transfer "pool" "dma0" load of ["x", "map"] at affine_map<() -> (0, 0)>
    sizes [1, 2, 5, 4] source [64, 32, 4, 1] target [40, 20, 4, 1] reservations [2] : f32
  dsa.sort "pool" [1, 2, 1, 1, 2, 2] pads [1, 0, 1, 0] first last of ["map", "pool#0"]
    at affine_map<() -> (0, 0)> reservations [6, 2] after <dma0 1>
  dsa.transfer "pool" "dma0" load of ["x", "map"] at affine_map<() -> (80, 0)>
    sizes [1, 2, 3, 4] source [64, 32, 4, 1] target [40, 20, 4, 1] reservations [2] after <sort 1> : f32
  dsa.sort "pool" [1, 2, 1, 1, 2, 2] pads [0, 0, 1, 0] first last of ["map", "pool#0"]
    at affine_map<() -> (48, 128)> reservations [6, 2] after <dma0 1>
  dsa.repeat 2 {
    dsa.transfer "pool" "dma1" store of ["pool#0", "y"] at affine_map<(d0) -> (d0 * 128, d0 * 16)>
      sizes [1, 2, 2, 2] source [8, 4, 2, 1] target [16, 8, 2, 1] reservations [2] after <sort 1> : f32
  }
}
"""
"""Two blocks of a pool, of which the second reads rows 3 and 4 of the buffer, then 0 to 2."""


LOAD = "target [40, 20, 4, 1] reservations [2]"


def program(text: str) -> Machine:
    module = module_of(text)
    load_target("edge").attach(module)
    module.verify()
    return Machine(module, WeightStore())


def test_a_program_with_a_ring():
    machine = program(TEXT)
    x = np.arange(64, dtype=np.float32).reshape(1, 2, 8, 4)[:, :, ::-1, ::-1].copy()
    padded = np.pad(x, [(0, 0), (0, 0), (1, 1), (1, 1)], constant_values=-np.inf)
    taps = [padded[:, :, i : i + 8 : 2, j : j + 4 : 2] for i in range(3) for j in range(3)]
    np.testing.assert_array_equal(machine.execute({"x": x})["y"], np.maximum.reduce(taps))
    assert sanitize(machine) == [] and wraps(machine) == 1


def test_the_sanitizer_sees_both_runs_of_a_slice_that_wraps():
    """The second pool reads row 4 of the buffer, which the first load may leave out, then rows that the second made."""
    early = TEXT.replace("target [40, 20, 4, 1] reservations [2] after <sort 1>", LOAD)
    (finding,) = sanitize(program(early))
    assert (finding.kind, finding.node, finding.other_node) == ("race", 2, 1)
    *before, after = TEXT.rpartition(" after <dma0 1>")[::2]
    (finding,) = sanitize(program("".join([*before, after])))
    assert (finding.kind, finding.node, finding.other_node) == ("race", 3, 2)
    assert (finding.start, finding.end) == (0, 80 + 48)
    (finding,) = sanitize(program(TEXT.replace("sizes [1, 2, 5, 4]", "sizes [1, 2, 4, 4]")))
    assert (finding.kind, finding.node) == ("uninitialised read", 3)
    assert (finding.start, finding.end) == (64, 160)
