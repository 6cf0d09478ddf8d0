"""From where to where in an order buffers are in use."""

from tests.passes.schedule.test_prefetch_operands import run_pass
from tests.runtime.random_networks import Network
from xnn import compile
from xnn.dialects import dma
from xnn.dialects.dma.sequence import order_of
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.ordered_blocks import OrderedBlocks


def test_parts_of_a_concatenation_are_in_use_from_their_own_layers_on():
    net = Network(0)
    x = net.conv(net.input(1, 8, 16, 16), 8, [3, 3], pads=[1] * 4)
    parts = [net.conv(x, rows, [1, 1]) for rows in (16, 8, 24)]
    joined = net.add("Concat", parts, (1, 48, 16, 16), axis=1)
    module = compile(
        net.model(net.pool("MaxPool", joined, [2, 2], [2, 2], [0] * 4)), level="prim"
    ).module
    for name in ("convert-to-blocks", "order-layers"):
        run_pass(module, name)
    main = main_function(module)
    order = order_of(main)
    assert order is not None
    blocks = OrderedBlocks(main, order, Target.of(module).local.alignment)
    (held,) = (
        each
        for each in blocks.held(0)
        if isinstance(each.op, dma.AllocOp) and each.op.shown_name == joined
    )
    first = [blocks.layers[part].positions[0] for part in parts]
    assert [(stay.end - stay.start, stay.first) for stay in held.stays] == [
        (4 * rows * 16 * 16, position) for rows, position in zip((16, 8, 24), first, strict=True)
    ]
    assert {stay.last for stay in held.stays} == {held.last}
    assert held.first == min(first) < max(first)
