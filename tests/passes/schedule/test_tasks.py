"""Tasks, and their time in an order: what a layer asks of the engines before it has addresses, channels, tokens."""

from collections import Counter

import pytest
from xdsl.ir import Block, SSAValue

from tests.runtime.random_networks import Network, random_network, random_settings
from xnn import compile
from xnn.dialects import dma
from xnn.dialects.diagnostics import UserError
from xnn.dialects.dma.layer_blocks import LayerBlocks
from xnn.dialects.dma.sequence import order_of, whole_layer
from xnn.dialects.dsa.program import program_of
from xnn.dialects.prim import Domain, Primitive, ScheduleAttr
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes import pass_named
from xnn.passes.lowering.blocks import Blocks, tensor_buffer
from xnn.passes.schedule.step_table import StepTable
from xnn.passes.schedule.tasks import LayerTasks
from xnn.tools.parsing import make_context


def test_the_tasks_of_a_candidate_that_stands_in_no_module():
    net = Network(0)
    x = net.conv(net.input(1, 8, 12, 12), 16, [3, 3], pads=[1, 1, 1, 1])
    module = compile(net.model(x), level="prim").module
    (node,) = (op for op in module.walk() if isinstance(op, Primitive))
    schedule = ScheduleAttr(block=Domain.of_sizes([1, 1, 16, 8, 4, 12]))  # three strips of rows
    values = (*node.operands, node.out)
    outside = Block(arg_types=[tensor_buffer(value.type) for value in values])
    buffers: dict[SSAValue, SSAValue] = dict(zip(values, outside.args, strict=True))
    blocks = Blocks(node, buffers, buffers[node.out], Target.of(module), schedule).build()
    layer = LayerBlocks(blocks)
    tasks = [
        (event, task)
        for event in whole_layer(blocks, layer, ahead=1).events.all()
        for task in LayerTasks(layer).of(event)
    ]
    assert [(type(op), block) for (op, block), _ in tasks] == [
        *((dma.LoadOp, 0), (dma.LoadOp, 0), (dma.LoadOp, 1)),  # weights, and two of three strips
        *((type(layer.node), 0), (dma.StoreOp, 0), (dma.LoadOp, 2)),
        *((type(layer.node), 1), (dma.StoreOp, 1), (type(layer.node), 2), (dma.StoreOp, 2)),
    ]
    assert Counter(task.engine for _, task in tasks) == {None: 7, "matmul": 3}
    moved = [task.bytes // 2 for _, task in tasks if task.engine is None]
    row = 4 * 8 * 12  # pads do not move: strips have 5, 6 and 5 rows
    assert moved == [4 * 16 * 8 * 9, 5 * row, 6 * row, 8 * row, 5 * row, 8 * row, 8 * row]
    *_, (_, last), _ = tasks
    (weights, slot), (strip, third) = last.reads
    assert (slot, third) == (0, 2 % 2) and weights is not strip
    assert [place.offset for place in last.places] == [0, 0, 0]


def test_an_order_takes_as_long_as_its_program():
    """The time of another order of the same tasks, at the same addresses, is known without a program for it."""
    checked = 0
    for seed in range(8):
        model, _ = random_network(seed)
        try:
            module = compile(model, settings=random_settings(seed), level="dma").module
            pass_named("plan-memory")().apply(make_context(), module)
        except UserError:  # no room
            continue
        main, table = main_function(module), StepTable(module)
        order = order_of(main)
        assert order is not None
        alike = table.cycles_in(order)
        pass_named("convert-to-instructions")().apply(make_context(), module)
        predicted = program_of(module).predicted_cycles
        assert predicted is not None
        # tasks that are alike share reservations here, those of one instruction there
        assert alike == pytest.approx(predicted.value.data, rel=0.05)
        checked += 1
    assert checked > 3
