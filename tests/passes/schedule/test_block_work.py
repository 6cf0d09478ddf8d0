"""What blocks need wherever their buffers lie, against the tasks of buffers that have addresses."""

import numpy as np
import pytest
from xdsl.ir import SSAValue

from tests.passes.schedule.test_prefetch_operands import ordered
from xnn.dialects import dma
from xnn.dialects.dma.sequence import order_of
from xnn.dialects.target import Target
from xnn.dialects.xnn.interface import main_function
from xnn.passes.schedule.block_work import OrderWork, eighths_of
from xnn.passes.schedule.holes import place_held
from xnn.passes.schedule.known_tasks import KnownTasks
from xnn.passes.schedule.local_ranges import LocalRanges
from xnn.passes.schedule.ordered_blocks import OrderedBlocks
from xnn.passes.schedule.placed_tasks import PlacedTasks
from xnn.passes.schedule.prefetch_operands import write
from xnn.passes.schedule.program_items import lines_of_items


@pytest.mark.parametrize("seed", range(3))
def test_cycles_and_banks_are_those_of_placed_tasks(seed: int):
    found = ordered(seed)
    assert found is not None
    module = found[0].module
    main, target = main_function(module), Target.of(module)
    order = order_of(main)
    assert order is not None
    blocks = OrderedBlocks(main, order, target.local.alignment)
    layers = {name: each.layer for name, each in blocks.layers.items()}
    lines = lines_of_items(blocks.runs(), layers, order, fine=True)
    held = list(blocks.leaving(layers).held(0))
    local = target.local
    assert place_held(held, {}, lambda each: (each.first,), local.capacity_bytes, 1)

    work = OrderWork(lines, PlacedTasks(KnownTasks(target), lambda value: 0))
    write(held)
    places: dict[SSAValue, int] = {each.op.result: each.address for each in held}
    tasks = PlacedTasks(KnownTasks(target), lambda value: places.get(value, 0))
    expected = np.zeros((local.banks, len(work.blocks) + 1), np.int64)
    for position, each in enumerate(each for line in lines for each in tasks.of(line).blocks):
        demands = [task.demand for task in each if task.task.engine is not None]
        assert work.blocks[position].cycles == sum(demand.cycles for demand in demands)
        stores = [task.demand for task in each if isinstance(task.task.op, dma.StoreOp)]
        for demand, at in [*((d, position) for d in demands), *((d, position + 1) for d in stores)]:
            for rows, (first, last) in zip(demand.rows, demand.spans, strict=True):
                expected[first : last + 1, at] += eighths_of(demand.cycles, rows)
    np.testing.assert_array_equal(work.taken(held), expected)


def test_bytes_belong_to_the_last_who_claimed_them():
    ranges = LocalRanges[str]()
    assert ranges.claim(0, 8, "x") == []
    assert ranges.claim(2, 6, "y") == [(2, 6, "x")]
    assert ranges.claim(0, 4, "z") == [(0, 2, "x"), (2, 4, "y")]
    assert ranges.claim(1, 3, "z") == []
    assert ranges.claim(3, 10, "w") == [(3, 4, "z"), (4, 6, "y"), (6, 8, "x")]
