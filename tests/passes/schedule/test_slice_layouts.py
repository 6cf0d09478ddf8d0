"""Slices with a pitch: planes and rows begin in rows of local memory, the lines of a plane stay together."""

import numpy as np
from xdsl.dialects.builtin import MemRefType

import xnn
from tests.runtime.random_networks import Network
from xnn.dialects.dma import LoadOp
from xnn.dialects.prim import SliceLayout
from xnn.dialects.values import strides_of


def _addend(layout: SliceLayout) -> tuple[tuple[int, ...], np.ndarray]:
    """Strides of the addend [24, 6, 18] of a product in its slot, and the outputs."""
    net = Network(3)
    x = net.conv(net.input(1, 40, 6, 18), 24, [1, 1])
    model = net.model(net.add("Add", [x, net.weight(24, 6, 18)], net.shapes[x]))
    forced = {x: f"block=[1, 1, 24, 40, 3, 18], layout={layout}"}
    settings = ["local.rows=64"]  # else the addend is small enough to stay whole
    program = xnn.compile(model, schedules=forced, settings=settings, level="dma")
    loads = (op.result.type for op in program.module.walk() if isinstance(op, LoadOp))
    (found,) = (
        type for type in loads if isinstance(type, MemRefType) and type.get_shape() == (24, 3, 18)
    )
    (output,) = (
        xnn.compile(model, schedules=forced, settings=settings)
        .run(net.sample(), sanitize=True)[0]
        .values()
    )
    return strides_of(found), output


def test_an_operand_without_a_batch_has_a_pitch_between_its_planes():
    (dense, expected), (pitched, output) = (_addend(layout) for layout in SliceLayout)
    assert dense == (54, 18, 1)
    assert pitched == (64, 18, 1)
    np.testing.assert_array_equal(output, expected)
