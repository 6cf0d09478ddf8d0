"""What passes find out about layers stays known for those after them, and changes where a layer does."""

from dataclasses import replace

from xdsl.dialects.func import FuncOp

import xnn
from tests.runtime.random_networks import Network
from xnn.dialects import dma
from xnn.dialects.dma.layer_blocks import layer_blocks
from xnn.dialects.dma.sequence import layers_of
from xnn.dialects.prim import Primitive
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.dialects.xnn.operation import integer
from xnn.passes.schedule.all_strategies import AllStrategies
from xnn.passes.schedule.effort import EFFORTS
from xnn.passes.schedule.known_tasks import forget_tasks, known_tasks


def chain(level: str) -> tuple[FuncOp, Target]:
    """Four convolutions, of which two in the middle are equal."""
    net = Network(0)
    x = net.input(1, 8, 12, 12)
    for _ in range(4):
        x = net.conv(x, 8, [3, 3], pads=[1] * 4)
    module = xnn.compile(net.model(x), level=level).module
    return main_function(module), Target.of(module)


def strategies(main: FuncOp, target: Target, effort: str = "default") -> AllStrategies:
    return AllStrategies(main, target, EFFORTS[effort], transfer_price=0.0)


def test_equal_layers_share_strategies_from_pass_to_pass():
    main, target = chain("prim")
    nodes = [op for op in main.walk() if isinstance(op, Primitive)]
    for node in nodes:
        node.properties.pop("schedule")
    first, then = (strategies(main, target) for _ in range(2))
    known = [first.of(node, {}) for node in nodes]
    assert known[1] is known[2]
    assert [then.of(node, {}) for node in nodes] == known
    assert strategies(main, target, "fast").of(nodes[1], {}) is not known[1]
    first.forget()
    assert strategies(main, target).of(nodes[1], {}) is not known[1]


def test_a_layer_that_gets_a_schedule_has_other_strategies():
    main, target = chain("prim")
    node = next(op for op in main.walk() if isinstance(op, Primitive))
    schedule = node.properties.pop("schedule")
    free = strategies(main, target).of(node, {})
    node.properties["schedule"] = schedule
    given = strategies(main, target).of(node, {})
    assert len(free.front.memory) > len(given.front.memory) == 1


def test_tasks_stay_known_until_a_layer_changes():
    main, target = chain("dma")
    known = known_tasks(main, target)
    assert known_tasks(main, target) is known
    layer = next(iter(layers_of(main).values()))
    assert isinstance(layer, dma.BlocksOp)
    tasks = known.of(layer_blocks(layer))
    assert known.of(layer_blocks(layer)) is tasks
    buffer = layer_blocks(layer).buffers()[0]
    buffer.properties["slots"] = integer(buffer.slots.value.data + 1)
    assert known.of(layer_blocks(layer)) is not tasks


def test_tasks_are_known_of_one_target_and_may_be_forgotten():
    main, target = chain("dma")
    known = known_tasks(main, target)
    other = replace(target, name="other")
    assert known_tasks(main, other) is not known
    known = known_tasks(main, other)
    forget_tasks(main)
    assert known_tasks(main, other) is not known
